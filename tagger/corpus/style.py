"""Do a text's length, punctuation and register give its code away?

A corpus whose texts carry their codes in their *style* teaches a classifier the style of its writers.  So a classifier that sees nothing but style is
trained on other initiatives than it is tested on, and must not do better than chance by more than a margin.

*Two classifiers*, a logistic regression (what adds up) and a random forest (what does not); the better one counts.  *Chance* is the larger of two
accuracies: that of always answering the most frequent code, and that of the better of the same two classifiers on labels shuffled over the cases (mean of
some shuffles).  The first is what a skewed facet gives for nothing ("other" holds half of the economies), and a classifier that learns nothing may come near it
from below; the second is what picking the better of two classifiers gives for nothing where codes are balanced.

Accuracy sees little of a rare code: were `none`, a twelfth of the cases, told by its brackets without fail, economy would gain less than the margin.  So
beside it stand the *mean recall* of the codes with a logistic regression that weighs every code alike (chance: one over the number of codes, or what shuffled
labels give), and the AUC of each code against the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from sklearn.base import ClassifierMixin

    from tagger.corpus.authored import AuthoredCase

FOLDS = 5
REPEATS = 3  # of the cross-validation, each with other folds: one alone moves the accuracy by 0.01 to 0.02
SHUFFLES = 5
REGISTER = "register"
PLAIN = ("logistic regression", "random forest")
WEIGHTED = "weighted logistic regression"
MINIMUM = 50  # cases under which nothing can be said
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|\Z)")
_LIST = re.compile(r"^[ \t]*(?:[-*+•–]|\d{1,3}[.)])[ \t]", re.M)
_MARKS = {  # counted for each 100 words
    "commas": re.compile(","),
    "semicolons": re.compile(";"),
    "colons": re.compile(":"),
    "hyphens": re.compile(r"(?<=\w)-(?=\w)"),
    "dashes": re.compile(r"[—–]|(?<=\S) --?(?=\s)"),
    "brackets": re.compile(r"\("),
    "double quotes": re.compile(r"[\"“”„«»]"),
    "apostrophes": re.compile(r"['’‘]"),
    "question marks": re.compile(r"\?"),
    "exclamation marks": re.compile("!"),
    "numbers": re.compile(r"\d+"),
    "capitals": re.compile(r"\b[A-Z]"),
    "abbreviations in capitals": re.compile(r"\b[A-Z]{2,}\b"),
}


@dataclass(frozen=True, slots=True)
class StyleResult:
    """How well style alone predicts a facet; accuracies in [0, 1], cross-validated over initiatives.

    `accuracy` is that of the better `classifier`, `constant` that of the most frequent code, `recall` the mean over the codes; the `shuffled` ones are on
    shuffled labels. `importance` gives, for each feature (all registers are one), by how much the accuracy falls when it is shuffled in the held-out folds,
    greatest first. `by_code` gives each code's AUC against the rest (0.5: style does not tell it), and `marks` its features that differ most from those of the
    rest, as (feature, difference in standard deviations).
    """

    facet: str
    accuracy: float
    constant: float
    shuffled: float
    recall: float
    recall_shuffled: float
    classifier: str
    importance: tuple[tuple[str, float], ...]
    by_code: dict[str, float]
    marks: dict[str, tuple[tuple[str, float], ...]]

    @property
    def chance(self) -> float:
        """The accuracy that takes no knowledge of style."""
        return max(self.constant, self.shuffled)

    @property
    def recall_chance(self) -> float:
        """The mean recall that takes no knowledge of style."""
        return max(1 / len(self.by_code), self.recall_shuffled)

    @property
    def excess(self) -> float:
        """By how much style does better than chance, in accuracy."""
        return self.accuracy - self.chance

    @property
    def recall_excess(self) -> float:
        """By how much style does better than chance, in mean recall."""
        return self.recall - self.recall_chance


def style_features(text: str) -> dict[str, float]:
    """Return what a text looks like: lengths (words, sentences, paragraphs), and marks for each 100 words."""
    words = max(1, len(_WORD.findall(text)))
    sentences = max(1, len(_SENTENCE.findall(text)))
    paragraphs = [p for p in re.split(r"\n\s*\n", text) if p.strip()]
    return {
        "words": float(words),
        "sentences": float(sentences),
        "words a sentence": words / sentences,
        "paragraphs": float(len(paragraphs)),
        "lines": float(sum(bool(line.strip()) for line in text.split("\n"))),
        "list items": float(len(_LIST.findall(text))),
        **{name: 100 * len(mark.findall(text)) / words for name, mark in _MARKS.items()},
    }


def style_table(cases: Sequence[AuthoredCase]) -> tuple[np.ndarray, list[str]]:
    """Return the features of cases, shape (cases, columns), and the columns' names; each register is one ("register press")."""
    import numpy as np

    rows = [style_features(case.text) for case in cases]
    registers = sorted({case.register for case in cases})
    table = [[*row.values(), *(float(case.register == r) for r in registers)] for row, case in zip(rows, cases, strict=True)]
    return np.array(table), [*rows[0], *(f"{REGISTER} {r}" for r in registers)]


def measurable(cases: Sequence[AuthoredCase], facet: str) -> bool:
    """Tell whether there are enough cases to measure a facet: `MINIMUM` in all, and two codes in as many initiatives as there are folds."""
    initiatives: dict[str, set[str]] = {}
    for case in cases:
        initiatives.setdefault(getattr(case, facet), set()).add(case.initiative.casefold())
    return len(cases) >= MINIMUM and sum(len(names) >= FOLDS for names in initiatives.values()) >= 2


def style_leak(cases: Sequence[AuthoredCase], facet: str, *, seed: int = 0, repeats: int = REPEATS, shuffles: int = SHUFFLES) -> StyleResult:
    """Measure how well style alone predicts a facet.

    Parameters
    ----------
    cases : sequence of AuthoredCase
        Enough by :func:`measurable`.
    facet : {"economy", "model"}
    seed : int
        For folds, forest and shuffling.
    repeats : int
        How many times the cases are cut into folds anew.
    shuffles : int
        At least 1: how many times labels are shuffled to see what chance gives.
    """
    import numpy as np

    x, names = style_table(cases)
    y = np.array([getattr(case, facet) for case in cases])
    groups = [case.initiative.casefold() for case in cases]
    made = _classifiers(seed)
    splits = [_folds(y, groups, seed + i) for i in range(repeats)]
    right = {name: np.mean([_hits(make, x, y, folds) for folds in splits], axis=0) for name, make in made.items()}
    best = max(PLAIN, key=lambda name: right[name].mean())
    generator = np.random.default_rng(seed)
    by_chance = []
    for _ in range(shuffles):
        mixed = generator.permutation(y)
        folds = _folds(mixed, groups, seed)
        hits = {name: _hits(make, x, mixed, folds) for name, make in made.items()}
        by_chance.append((max(hits[name].mean() for name in PLAIN), _mean_recall(hits[WEIGHTED], mixed)))
    shuffled, recall_shuffled = (float(v) for v in np.mean(by_chance, axis=0))
    constant = float(np.unique(y, return_counts=True)[1].max() / len(y))
    recall = _mean_recall(right[WEIGHTED], y)
    importance, by_code = _look_closer(made[best], x, y, names, splits[0], seed)
    return StyleResult(facet, float(right[best].mean()), constant, shuffled, recall, recall_shuffled, best, importance, by_code, _marks(x, y, names))


def _classifiers(seed: int) -> dict[str, Callable[[], ClassifierMixin]]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000)),
        WEIGHTED: lambda: make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=1000, class_weight="balanced")),
        "random forest": lambda: RandomForestClassifier(100, min_samples_leaf=3, random_state=seed),
    }


def _folds(y: np.ndarray, groups: Sequence[Hashable], seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    from sklearn.model_selection import StratifiedGroupKFold

    return list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(y, y, groups))


def _hits(make: Callable[[], ClassifierMixin], x: np.ndarray, y: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return 1.0 for each case that is predicted right where it is held out, else 0.0."""
    import numpy as np

    right = np.zeros(len(y))
    for train, test in folds:
        right[test] = make().fit(x[train], y[train]).predict(x[test]) == y[test]
    return right


def _mean_recall(right: np.ndarray, y: np.ndarray) -> float:
    import numpy as np

    return float(np.mean([right[y == code].mean() for code in np.unique(y)]))


def _look_closer(make, x, y, names, folds, seed):
    """Return the features by what shuffling them costs, and the AUC of each code against the rest."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    generator = np.random.default_rng(seed)
    codes = np.unique(y)
    probability = np.zeros((len(y), len(codes)))
    columns: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        columns.setdefault(REGISTER if name.startswith(REGISTER) else name, []).append(i)
    lost = dict.fromkeys(columns, 0.0)
    for train, test in folds:
        model = make().fit(x[train], y[train])
        probability[np.ix_(test, np.searchsorted(codes, model.classes_))] = model.predict_proba(x[test])
        right = (model.predict(x[test]) == y[test]).sum()
        for name in lost:
            for _ in range(3):
                mixed = x[test].copy()
                mixed[:, columns[name]] = mixed[generator.permutation(len(test))][:, columns[name]]
                lost[name] += (right - (model.predict(mixed) == y[test]).sum()) / 3 / len(y)
    importance = tuple(sorted(((name, float(drop)) for name, drop in lost.items()), key=lambda item: -item[1]))
    return importance, {str(c): float(roc_auc_score(y == c, probability[:, i])) for i, c in enumerate(codes)}


def _marks(x, y, names, most: int = 4):
    import numpy as np

    found = {}
    for code in np.unique(y):
        inside, outside = x[y == code], x[y != code]
        deviation = x.std(axis=0)
        difference = (inside.mean(axis=0) - outside.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
        order = np.argsort(-abs(difference))[:most]
        found[str(code)] = tuple((names[i], float(difference[i])) for i in order)
    return found
