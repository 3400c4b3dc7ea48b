"""How good are the tags? Every figure of an evaluation, each with its interval, read off the outcomes of labelled cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS, NONE
from tagger.learning.outcomes import Outcomes
from tagger.learning.resampled import Draws, Figure, accuracies, alphas, code_figures, figure, macro_f1s, ratio

REPLICATES = 1000
GATE, INITIATIVE = "gate", "initiative"  # the third question: is an initiative described at all?
BINS = 10  # of equal width, in the reliability diagram
STEPS = 20  # points of the curve of coverage against precision
RANDOM = "drawn at random"


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one facet over some cases: `decided` is the share not abstained, the last two count those cases alone."""

    cases: int
    groups: int
    accuracy: Figure
    macro_f1: Figure
    alpha: Figure
    decided: Figure
    accuracy_decided: Figure
    alpha_decided: Figure


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """The figures of one code; `support` counts the cases that it is true of, `found` those that it was proposed for."""

    code: str
    support: int
    found: int
    precision: Figure
    recall: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class Confusion:
    """Cases by true code (rows) and proposed code (columns), both in the order of `codes`."""

    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the curve of coverage against precision: the share of cases that are at least `threshold` probable, and the accuracy among them."""

    threshold: float
    coverage: float
    precision: Figure


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of the reliability diagram: the cases whose proposed code is from `low` to `high` probable, how probable on average, and how often right."""

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: Figure


@dataclass(frozen=True, slots=True)
class FacetFigures:
    """All figures of a facet (economy, model, or the gate)."""

    summary: Summary
    codes: tuple[CodeFigures, ...]
    confusion: Confusion
    curve: tuple[Step, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """A point of the learning curve: models that learned from `share` of the initiatives (`cases` on average), by facet."""

    share: float
    cases: int
    facets: Mapping[str, Summary]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation.

    `sources` gives the summaries of each source, by facet. `about` says what was evaluated, in words. `promises` is what
    :func:`tagger.learning.promised.promised` gives, `learning` the learning curve, both empty where not asked for.
    """

    cases: int
    groups: int
    facets: Mapping[str, FacetFigures]
    sources: Mapping[str, Mapping[str, Summary]]
    replicates: int
    seed: int
    about: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Any] = field(default_factory=dict)
    learning: tuple[Learned, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded; None is undefined."""
        return asdict(self)


def evaluate(outcomes: Outcomes, *, replicates: int = REPLICATES, seed: int = 0, **more: Any) -> Evaluation:
    """Return all figures of some outcomes.

    Parameters
    ----------
    outcomes : Outcomes
        At least one.
    replicates : int
        Draws of the bootstrap over groups.
    seed : int
    **more
        `about`, `promises` and `learning` of :class:`Evaluation`.
    """
    draws = Draws(outcomes.groups, replicates, seed)
    found = {name: _facet(answers(outcomes, name), draws) for name in (*FACETS, GATE)}
    return Evaluation(len(outcomes), draws.groups, found, _sources(outcomes, replicates, seed), replicates, seed, **more)


def summaries(outcomes: Outcomes, *, replicates: int = REPLICATES, seed: int = 0) -> dict[str, Summary]:
    """Return the summary of each facet and of the gate."""
    draws = Draws(outcomes.groups, replicates, seed)
    return {name: _summary(answers(outcomes, name), draws) for name in (*FACETS, GATE)}


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and proposal of one question: `truth` and `found` (n,) are numbers of `codes`, `confidence` (n,) is that of the proposal, `decided` (n,) bool.

    `enough` (n,) tells whose text says enough to decide on at all.
    """

    codes: tuple[str, ...]
    truth: np.ndarray
    found: np.ndarray
    confidence: np.ndarray
    decided: np.ndarray
    enough: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each proposal is the true code, shape (n,)."""
        return self.truth == self.found


def answers(outcomes: Outcomes, name: str) -> Answers:
    """Return truth and proposals of a facet or of the gate (initiative or none; a case counts as decided there where its economy is)."""
    at = FACETS.index(name) if name != GATE else 0
    truth, found, confidence = outcomes.labels(at), outcomes.best(at), outcomes.confidence(at)
    codes = outcomes.codes(at)
    if name == GATE:
        order, shares = outcomes.facet(at)
        gated = shares[:, order.index(NONE)] if NONE in order else np.zeros(len(outcomes))
        confidence = np.where(found == NONE, gated, 1 - gated)
        truth, found = (np.where(given == NONE, NONE, INITIATIVE) for given in (truth, found))
        codes = (INITIATIVE, NONE)
    codes += tuple(sorted(set(truth.tolist()) - set(codes)))
    number = {code: i for i, code in enumerate(codes)}
    enough = np.ones(len(outcomes), dtype=bool) if outcomes.enough is None else outcomes.enough
    return Answers(codes, *(np.array([number[c] for c in given.tolist()], dtype=int) for given in (truth, found)), confidence, outcomes.decided(at), enough)


def _summary(given: Answers, draws: Draws) -> Summary:
    every = draws.confusions(given.truth, given.found, len(given.codes))
    sure = draws.confusions(given.truth, given.found, len(given.codes), given.decided)
    values = (accuracies(every), macro_f1s(every), alphas(every), ratio(sure.sum(axis=(1, 2)), every.sum(axis=(1, 2))), accuracies(sure), alphas(sure))
    return Summary(len(given.truth), draws.groups, *(figure(v, draws.groups) for v in values))


def _facet(given: Answers, draws: Draws) -> FacetFigures:
    tables = draws.confusions(given.truth, given.found, len(given.codes))
    precision, recall, f1 = code_figures(tables)
    counts = tables[0].astype(int)
    codes = tuple(
        CodeFigures(code, int(counts[i].sum()), int(counts[:, i].sum()), *(figure(v[:, i], draws.groups) for v in (precision, recall, f1)))
        for i, code in enumerate(given.codes)
    )
    confusion = Confusion(given.codes, tuple(tuple(row) for row in counts.tolist()))
    return FacetFigures(_summary(given, draws), codes, confusion, _curve(given, draws), _bins(given, draws))


def _curve(given: Answers, draws: Draws) -> tuple[Step, ...]:
    """Thresholds between which about as many cases lie each; a case that says too little to decide on is never covered."""
    confidence = np.where(given.enough, given.confidence, -1.0)
    places = np.unique(np.ceil(np.arange(1, STEPS + 1) * len(confidence) / STEPS).astype(int)) - 1
    thresholds = np.unique(-np.sort(-confidence)[places])[::-1]
    thresholds = thresholds[thresholds >= 0]
    over = confidence[:, None] >= thresholds
    covered, right = draws.totals(over.astype(float)), draws.totals((over & given.right[:, None]).astype(float))
    return tuple(Step(float(t), float(over[:, k].mean()), figure(ratio(right[:, k], covered[:, k]), draws.groups)) for k, t in enumerate(thresholds))


def _bins(given: Answers, draws: Draws) -> tuple[Bin, ...]:
    of = np.minimum((given.confidence * BINS).astype(int), BINS - 1)
    cases, right = draws.sums(of, BINS), draws.sums(of, BINS, given.right)
    return tuple(
        Bin(k / BINS, (k + 1) / BINS, int(cases[0, k]), float(given.confidence[of == k].mean()), figure(ratio(right[:, k], cases[:, k]), draws.groups))
        for k in range(BINS)
        if cases[0, k]
    )


def _sources(outcomes: Outcomes, replicates: int, seed: int) -> dict[str, dict[str, Summary]]:
    """Summaries of each source, the largest first, and of all cases drawn at random where these are several sources or part of one."""
    parts: dict[str, list[int]] = {}
    for i, source in enumerate(outcomes.sources):
        parts.setdefault(source, []).append(i)
    ordered = dict(sorted(parts.items(), key=lambda part: (-len(part[1]), part[0])))
    random = [i for i, drawn in enumerate(outcomes.random) if drawn]
    if random and random not in ordered.values():
        ordered[RANDOM] = random
    return {name: summaries(outcomes.take(index), replicates=replicates, seed=seed) for name, index in ordered.items()}


def learning_curve(parts: Sequence[tuple[float, int, Outcomes]], *, replicates: int = REPLICATES, seed: int = 0) -> tuple[Learned, ...]:
    """Return the learning curve of outcomes whose models learned from ever larger shares: (share, cases learned from, outcomes) each."""
    return tuple(Learned(share, cases, summaries(outcomes, replicates=replicates, seed=seed)) for share, cases, outcomes in parts)
