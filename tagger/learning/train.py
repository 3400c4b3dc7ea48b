"""Training: labelled cases in, weights out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tagger.case import Case, Mention
from tagger.codebook import Codebook
from tagger.coding.classifier import Block, OffsetLogistic, Weights, rule_row, with_marks
from tagger.coding.features import place_terms, word_terms
from tagger.coding.rules import Rule, RuleBook, fired
from tagger.cues import CueFinder
from tagger.learning.labelled import Labelled, fold_of


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    `C`: inverse strength of the penalty. `balance`: 0 leaves the codes' frequencies, 1 gives every pair the same total weight. `topics`: dimensions of the
    latent topics whose weights are folded into the words'. `places`, `marks`, `topic`: scale of each block against the words. `least`: cases that a term
    must occur in. `most`: terms kept per block. `folds`: for calibration. `with_rules`: whether the rules enter.
    """

    C: float = 2.0
    balance: float = 0.5
    topics: int = 100
    topic: float = 1.5
    places: float = 0.7
    marks: float = 0.35
    least: int = 3
    most: int = 25_000
    folds: int = 4
    iterations: int = 120
    with_rules: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as training needs it: its features found once."""

    case: Case
    words: list[str]
    places: list[str]
    marks: dict
    held: list[tuple[Rule, tuple[Mention, ...]]]


def look_at(case: Case, finder: CueFinder, rulebook: RuleBook, codebook: Codebook, with_rules: bool = True) -> Seen:
    """Return a case with its terms, marks and the rules that hold."""
    mentions = finder.find_in(case)
    held = fired(rulebook.rules, mentions, codebook.opposites) if with_rules else []
    return Seen(case, word_terms(case), place_terms(case), with_marks(case, mentions, held, codebook.opposites), held)


def train(labelled: Sequence[Labelled], seen: Sequence[Seen], codebook: Codebook, settings: Settings | None = None) -> Weights:
    """Return weights trained on `labelled`, calibrated on folds cut by initiative.

    Parameters
    ----------
    labelled : sequence of Labelled, length n
    seen : sequence of Seen, length n
        The same cases with their features.
    """
    settings = settings or Settings()
    pairs = tuple(codebook.pairs)
    y = np.array([pairs.index(x.pair) for x in labelled])
    weights = case_weights(labelled, settings.balance)
    folds = np.array([fold_of(x.group, settings.folds) for x in labelled])
    held_out = np.zeros((len(labelled), len(pairs)))
    for fold in range(settings.folds):
        inside = np.flatnonzero(folds != fold)
        outside = np.flatnonzero(folds == fold)
        if len(inside) and len(outside):
            part = fit([seen[i] for i in inside], y[inside], weights[inside], pairs, settings)
            held_out[outside] = score_all(part, [seen[i] for i in outside])
    fitted = fit(seen, y, weights, pairs, settings)
    return Weights(**{**vars_of(fitted), "temperature": temperature(held_out, y)})


def vars_of(weights: Weights) -> dict:
    """Return the fields of weights."""
    return {name: getattr(weights, name) for name in Weights.__dataclass_fields__}


def case_weights(labelled: Sequence[Labelled], balance: float) -> np.ndarray:
    """Return a weight for each case, mean 1: rarer pairs weigh more by `balance`, and the texts of one initiative share one weight."""
    per_pair = Counter(x.pair for x in labelled)
    per_id = Counter((x.group, x.case.id) for x in labelled)
    weights = np.array([per_pair[x.pair] ** -balance / per_id[x.group, x.case.id] for x in labelled])
    return weights / weights.mean()


def fit(seen: Sequence[Seen], y: np.ndarray, weights: np.ndarray, pairs: Sequence[tuple[str, str]], settings: Settings) -> Weights:
    """Fit once, without calibration."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import TfidfVectorizer

    def vectorizer(most: int) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer=lambda terms: terms, sublinear_tf=True, min_df=min(settings.least, max(1, len(seen) // 20)), max_features=most)

    words, places = vectorizer(settings.most), vectorizer(settings.most // 2)
    X_words = words.fit_transform([s.words for s in seen])
    X_places = places.fit_transform([s.places for s in seen]) * settings.places
    common = Counter(mark for s in seen for mark in s.marks)
    names = DictVectorizer()
    X_marks = names.fit_transform([{m: 1.0 for m in s.marks if common[m] >= 3} or {"page:none": 0.0} for s in seen]) * settings.marks
    svd = None
    blocks = [X_words, X_places, X_marks]
    if 0 < settings.topics < min(X_words.shape):
        svd = TruncatedSVD(settings.topics, random_state=settings.seed, n_iter=3)
        blocks.append(sparse.csr_matrix(svd.fit_transform(X_words) * settings.topic))
    X = sparse.hstack(blocks).tocsr()
    offset = np.array([sum((rule_row(rule, pairs) for rule, _ in s.held), np.zeros(len(pairs))) for s in seen])
    model = OffsetLogistic(settings.C, settings.iterations).fit(X, y, offset, weights)
    ends = np.cumsum([block.shape[1] for block in blocks])
    coef_words, coef_places, coef_marks, *rest = np.split(model.coef_, ends[:-1])
    if svd is not None:  # topics are linear in the words, so their weights are folded into the words' and the ledger stays one of words
        coef_words = coef_words + settings.topic * (svd.components_.T @ rest[0])
    return Weights(
        pairs=tuple(pairs),
        base=model.intercept_,
        words=Block(tuple(words.get_feature_names_out()), words.idf_, coef_words.astype(np.float32)),
        places=Block(tuple(places.get_feature_names_out()), places.idf_, (coef_places * settings.places).astype(np.float32)),
        marks=tuple(names.get_feature_names_out()),
        mark_coef=(coef_marks * settings.marks).astype(np.float32),
        with_rules=settings.with_rules,
    )


def score_all(weights: Weights, seen: Sequence[Seen]) -> np.ndarray:
    """Return the uncalibrated scores (n, P) of cases already looked at."""
    table = np.tile(np.asarray(weights.base, float), (len(seen), 1))
    index = {name: i for i, name in enumerate(weights.marks)}
    for row, s in enumerate(seen):
        for block, terms in ((weights.words, s.words), (weights.places, s.places)):
            columns, values = block.values(terms)
            table[row] += values @ block.coef[columns]
        table[row] += weights.mark_coef[[index[m] for m in s.marks if m in index]].sum(axis=0)
        if weights.with_rules:
            for rule, _ in s.held:
                table[row] += rule_row(rule, weights.pairs)
    return table


def temperature(scores: np.ndarray, y: np.ndarray) -> float:
    """Return the temperature in [0.2, 5] that minimises the log loss of held-out scores (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    def loss(log_t: float) -> float:
        scaled = scores / np.exp(log_t)
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(y)), y]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded").x))
