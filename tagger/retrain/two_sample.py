"""Can a classifier tell a batch from the training texts? If it can, by which words, and which texts give the batch away?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tagger.case import Case
from tagger.coding.features import words_of
from tagger.codings.splits import fold_of, joined
from tagger.errors import InputError

MOST = 2_000  # texts of each side that are looked at
LEAST = 50
FOLDS = 5
SHOWN = 10
WORDS = 15
COPIES = 0.9  # cosine over which two texts are copies of each other


@dataclass(frozen=True, slots=True)
class ToldApart:
    """What a two-sample classifier found.

    `auc` in [0, 1] is the chance that of a text of either side it finds the right one (0.5: it cannot tell them apart), `low` and `high` its 95 % interval;
    `texts` are the (id, title, probability) of the batch's texts that it is surest of, `words` those that speak most for the batch, and `usual` those for the
    training data. `cases` are the numbers of texts looked at (batch, training).
    """

    auc: float
    low: float
    high: float
    cases: tuple[int, int]
    texts: tuple[tuple[str, str, float], ...]
    words: tuple[str, ...]
    usual: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the two can be told apart better than by chance."""
        return self.low > 0.5


def two_sample(batch: Sequence[Case], training: Sequence[Case], seed: int = 0) -> ToldApart:
    """Train a classifier to tell a batch from training texts and measure it on texts that it has not seen.

    Copies of a text fall into one fold, so that nothing is recognised by heart. Of more than `MOST` texts of a side as many are drawn.

    Raises
    ------
    InputError
        For fewer than `LEAST` texts of a side, or where nearly all are copies of each other.

    Notes
    -----
    Sources: Lopez-Paz, D., Oquab, M. (2017), "Revisiting classifier two-sample tests", ICLR; the interval of the area under the curve: Hanley, J. A., McNeil,
    B. J. (1982), "The meaning and use of the area under a receiver operating characteristic (ROC) curve", Radiology 143, 29-36.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    for side, cases in (("batch", batch), ("training data", training)):
        if len(cases) < LEAST:
            raise InputError(f"{len(cases)} texts of the {side}: it takes {LEAST} to tell two samples apart")
    rng = np.random.default_rng(seed)
    chosen = [_drawn(cases, rng) for cases in (batch, training)]
    cases = [*chosen[0], *chosen[1]]
    y = np.array([1] * len(chosen[0]) + [0] * len(chosen[1]))
    groups = joined([f"{i} {case.id}" for i, case in enumerate(cases)], [case.text for case in cases], COPIES)
    folds = np.array([fold_of(group, FOLDS) for group in groups])
    vectors = TfidfVectorizer(analyzer=lambda case: words_of(case.text), sublinear_tf=True, min_df=2, max_features=20_000)
    X = vectors.fit_transform(cases)
    probability = np.full(len(cases), np.nan)
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        if outside.any() and len(set(y[inside])) == 2:
            model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=200).fit(X[inside], y[inside])
            probability[outside] = model.predict_proba(X[outside])[:, 1]
    told = np.isfinite(probability)
    counts = int(y[told].sum()), int((1 - y[told]).sum())
    if min(counts) < LEAST / 2:
        sizes = f"{len(chosen[0])} texts of the batch and {len(chosen[1])} of the training data"
        raise InputError(f"of {sizes} too many are copies of each other to tell the two apart")
    auc = float(roc_auc_score(y[told], probability[told]))
    spread = 1.96 * _standard_error(auc, *counts)
    weights = LogisticRegression(C=1.0, class_weight="balanced", max_iter=200).fit(X, y).coef_[0]
    names, order = vectors.get_feature_names_out(), np.argsort(weights, kind="stable")
    surest = sorted((i for i in range(len(chosen[0])) if told[i]), key=lambda i: (-probability[i], i))[:SHOWN]
    return ToldApart(
        auc=auc,
        low=max(0.0, auc - spread),
        high=min(1.0, auc + spread),
        cases=counts,
        texts=tuple((cases[i].id, cases[i].title, float(probability[i])) for i in surest),
        words=tuple(str(names[i]) for i in order[::-1][:WORDS]),
        usual=tuple(str(names[i]) for i in order[:WORDS]),
    )


def _drawn(cases: Sequence[Case], rng: np.random.Generator) -> list[Case]:
    if len(cases) <= MOST:
        return list(cases)
    return [cases[i] for i in sorted(rng.choice(len(cases), MOST, replace=False))]


def _standard_error(auc: float, first: int, second: int) -> float:
    """Hanley and McNeil (1982), formula 1."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return float(np.sqrt(max(0.0, auc * (1 - auc) + (first - 1) * (q1 - auc**2) + (second - 1) * (q2 - auc**2)) / (first * second)))
