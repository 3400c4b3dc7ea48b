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
from tagger.codings.splits import fold_of, joined
from tagger.cues import CueFinder
from tagger.learning.labelled import Labelled
from tagger.learning.vectors import Vectors
from tagger.learning.weighting import case_weights


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    `C`: inverse strength of the penalty. `balance`: 0 leaves the codes' frequencies, 1 gives every pair the same total weight; `balance_texts`: the same for
    cases seen as text, which may come from anywhere, with other frequencies than the pages of one wiki. `sources`: the same for the sets that cases were
    drawn in, so that thousands of pages of one wiki do not drown other registers. `pages`: share of a case's weight in [0, 1] that its pages have where it is
    seen as text, too. `certainty`: power to which the coders' certainty counts. `topics`: dimensions of the latent topics whose weights are folded into the
    words'. `places`, `marks`, `topic`: scale of each block against the words; `structure`: that of the marks of a page's structure. `vectors`, `head`: scale
    of the word vectors of the text and of its first sentences, where vectors are given. `spread`: how far labels may move a rule from its author's weight, in
    log-odds. `least`: cases that a term must occur in. `most`: terms kept per block. `folds`: for calibration. `with_rules`: whether the rules enter.
    """

    C: float = 1.0
    balance: float = 0.8
    balance_texts: float = 0.9
    sources: float = 0.4
    pages: float = 0.667
    certainty: float = 2.0
    topics: int = 150
    topic: float = 3.0
    places: float = 1.0
    marks: float = 0.35
    structure: float = 0.875
    vectors: float = 1.0
    head: float = 0.7
    spread: float = 2.0
    least: int = 3
    most: int = 25_000
    folds: int = 4
    iterations: int = 60
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


@dataclass(frozen=True, slots=True)
class Design:
    """The training matrix and what its columns are.

    `X` (n, F) is scaled by block: words, places, marks, then the columns of each of `maps`, which are those of block 0 (words) or 1 (places) times a matrix
    (topics, word vectors). `ends` are the blocks' ends. `offset` (n, P) is what the rules' authors gave; `held` (n, R) tells which rules hold and `acts`
    (R, P) on which pairs.
    """

    X: sparse.csr_matrix
    offset: np.ndarray
    held: sparse.csr_matrix
    acts: np.ndarray
    rules: tuple[str, ...]
    words: tuple[tuple[str, ...], np.ndarray]
    places: tuple[tuple[str, ...], np.ndarray]
    marks: tuple[str, ...]
    maps: tuple[tuple[int, np.ndarray], ...]
    ends: tuple[int, ...]


def train(
    labelled: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    settings: Settings | None = None,
    vectors: Sequence[Vectors] = (),
    prepared: tuple[Design, np.ndarray] | None = None,
) -> Weights:
    """Return weights trained on `labelled`, calibrated on folds cut by initiative (those that near-duplicates tie together in one).

    Parameters
    ----------
    labelled : sequence of Labelled, length n
    seen : sequence of Seen, length n
        The same cases with their features.
    codebook : Codebook
    settings : Settings, optional
    vectors : sequence of Vectors
        What words mean, learned elsewhere.
    prepared : (Design, folds), optional
        What :func:`prepare` made of the same cases, where others need it, too.
    """
    settings = settings or Settings()
    return trained(labelled, codebook, settings, *(prepared or prepare(labelled, seen, codebook, settings, vectors)))[0]


def trained(labelled: Sequence[Labelled], codebook: Codebook, settings: Settings, built: Design, folds: np.ndarray) -> tuple[Weights, np.ndarray]:
    """Return the weights, and the scores (n, P) of each case by a model that has not seen its fold, uncalibrated."""
    pairs = tuple(codebook.pairs)
    y = np.array([pairs.index(x.pair) for x in labelled])
    weights = case_weights(labelled, settings)
    held_out = held_out_scores(built, y, weights, folds, settings)
    model = OffsetLogistic(settings.C, settings.iterations, settings.spread).fit(built.X, y, built.offset, weights, built.held, built.acts)
    return weights_of(built, model, pairs, settings, temperature(held_out, y)), held_out


def prepare(
    labelled: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    settings: Settings,
    vectors: Sequence[Vectors] = (),
    groups: Sequence[str] | None = None,
) -> tuple[Design, np.ndarray]:
    """Return the training matrix and the fold of each case (n,); `groups` (n,), where known, are as :func:`tagger.codings.splits.joined` makes them."""
    groups = joined([x.group for x in labelled], [x.case.text for x in labelled]) if groups is None else groups
    return design(seen, tuple(codebook.pairs), settings, vectors), np.array([fold_of(group, settings.folds) for group in groups])


def held_out_scores(built: Design, y: np.ndarray, weights: np.ndarray, folds: np.ndarray, settings: Settings) -> np.ndarray:
    """Return the scores (n, P) that each case gets from a model that has not seen its fold (a fold with no others gets its offset alone)."""
    from joblib import Parallel, delayed

    scores = built.offset.copy()
    parts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(settings.folds)]
    parts = [(inside, outside) for inside, outside in parts if len(inside) and len(outside)]
    found = Parallel(n_jobs=2)(
        delayed(_fold)(built.X[a], y[a], built.offset[a], weights[a], built.held[a], built.acts, built.X[b], built.held[b], settings) for a, b in parts
    )
    for (_, outside), added in zip(parts, found, strict=True):
        scores[outside] += added
    return scores


def _fold(X, y, offset, weights, held, acts, X_out, held_out, settings: Settings) -> np.ndarray:
    model = OffsetLogistic(settings.C, settings.iterations, settings.spread).fit(X, y, offset, weights, held, acts)
    return X_out @ model.coef_ + model.intercept_ + held_out @ (model.moved_[:, None] * acts)


def mark_scales(marks: Sequence[str], settings: Settings) -> np.ndarray:
    """Return the scale of each mark (M,): that of a page's structure, or of the other marks."""
    return np.array([settings.structure if mark.startswith("page:") else settings.marks for mark in marks])


def design(seen: Sequence[Seen], pairs: Sequence[tuple[str, str]], settings: Settings, vectors: Sequence[Vectors] = ()) -> Design:
    """Return the training matrix: words, places, marks, topics and word vectors side by side, each scaled by its block's setting."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import TfidfVectorizer

    def vectorizer(most: int) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer=lambda terms: terms, sublinear_tf=True, min_df=min(settings.least, max(1, len(seen) // 20)), max_features=most)

    words, places, marks = vectorizer(settings.most), vectorizer(settings.most // 2), DictVectorizer()
    X_words = words.fit_transform([s.words for s in seen])
    X_places = places.fit_transform([s.places for s in seen]) * settings.places
    common = Counter(mark for s in seen for mark in s.marks)
    kept = {m for m, n in common.items() if n >= settings.least and not m.startswith("rule:")}  # a rule has one number, not one for each pair
    X_marks = marks.fit_transform([{m: 1.0 for m in s.marks if m in kept} or {"page:none": 0.0} for s in seen])
    X_marks = X_marks @ sparse.diags(mark_scales(marks.get_feature_names_out(), settings))
    blocks, maps = [X_words, X_places, X_marks], []
    if 0 < settings.topics < min(X_words.shape):
        svd = TruncatedSVD(settings.topics, random_state=settings.seed, n_iter=3).fit(X_words)
        maps.append((0, svd.components_.T * settings.topic))
    for known in vectors:
        for block, prefix, terms, scale in ((0, "", words, settings.vectors), (1, "head:", places, settings.head)):
            matrix = known.of_terms(terms.get_feature_names_out(), prefix)
            size = np.sqrt(((blocks[block] @ matrix) ** 2).sum(axis=1).mean())
            if scale and size > 0:
                maps.append((block, matrix * (scale / size)))
    blocks += [sparse.csr_matrix(blocks[block] @ matrix) for block, matrix in maps]
    rules = {rule.id: rule for s in seen for rule, _ in s.held}
    number = {key: i for i, key in enumerate(rules)}
    at = [(row, number[rule.id]) for row, s in enumerate(seen) for rule, _ in s.held]
    held = sparse.csr_matrix((np.ones(len(at)), tuple(zip(*at, strict=True)) or ((), ())), shape=(len(seen), len(rules)))
    weighted = np.array([rule_row(rule, pairs) for rule in rules.values()]).reshape(len(rules), len(pairs))
    return Design(
        X=sparse.hstack(blocks).tocsr(),
        offset=held @ weighted,
        held=held,
        acts=(weighted != 0).astype(float),
        rules=tuple(rules),
        words=(tuple(words.get_feature_names_out()), words.idf_),
        places=(tuple(places.get_feature_names_out()), places.idf_),
        marks=tuple(marks.get_feature_names_out()),
        maps=tuple(maps),
        ends=tuple(int(e) for e in np.cumsum([block.shape[1] for block in blocks])),
    )


def weights_of(built: Design, model: OffsetLogistic, pairs: Sequence[tuple[str, str]], settings: Settings, temperature: float) -> Weights:
    """Return the fitted coefficients as weights of words, places and marks; maps are linear in words or places, so theirs are folded into these."""
    coef_words, coef_places, coef_marks = folded(built, model.coef_, settings)
    return Weights(
        pairs=tuple(pairs),
        base=model.intercept_,
        words=Block(*built.words, coef_words.astype(np.float32)),
        places=Block(*built.places, coef_places.astype(np.float32)),
        marks=built.marks + tuple(f"rule:{key}" for key in built.rules),
        mark_coef=np.vstack([coef_marks, model.moved_[:, None] * built.acts]).astype(np.float32),
        temperature=temperature,
        with_rules=settings.with_rules,
    )


def folded(built: Design, coef: np.ndarray, settings: Settings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coefficients (F, K) over the columns of `built` as those of words, places and marks themselves."""
    coef_words, coef_places, coef_marks, *rest = np.split(coef, built.ends[:-1])
    blocks = [coef_words, coef_places]
    for (block, matrix), mapped in zip(built.maps, rest, strict=True):
        blocks[block] = blocks[block] + matrix @ mapped
    return blocks[0], blocks[1] * settings.places, coef_marks * mark_scales(built.marks, settings)[:, None]


def temperature(scores: np.ndarray, y: np.ndarray) -> float:
    """Return the temperature in [0.2, 5] that minimises the log loss of held-out scores (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    def loss(log_t: float) -> float:
        scaled = scores / np.exp(log_t)
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(y)), y]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded").x))
