"""What the order of reviewing is worth: the labelled set replayed as if it were reviewed in the order of the queue, against random order.

A part of the initiatives is kept apart to measure on; the others are the pool.  In the order of the queue the rules alone suggest first, then after each
round of labels a model that has learned from all labels so far suggests codes for the rest and the queue is made anew, as in tag, review, retrain.  (Its
scores are not calibrated, which would take a cross-validation in every round; the order within a code does not depend on that.)  This is pool-based active
learning, replayed: Settles, B. (2009), "Active Learning Literature Survey", Computer Sciences Technical Report 1648, University of Wisconsin-Madison.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.codebook import FACETS, Codebook
from tagger.coding.classifier import OffsetLogistic
from tagger.coding.decide import probabilities
from tagger.coding.ledger import best_pairs
from tagger.coding.rules import RuleBook
from tagger.codings.splits import fold_of, joined
from tagger.errors import InputError
from tagger.learning.labelled import Labelled
from tagger.learning.metrics import macro_f1
from tagger.learning.train import Design, Seen, Settings, design
from tagger.learning.weighting import case_weights
from tagger.review.heads import Head
from tagger.review.queue import Queue

QUEUE, RANDOM = "queue", "random"
APART = 4  # every fourth initiative is measured on
FIRST, MORE = 40, 0.35  # labels of the first round; how many more each further round brings, as a share of those before
FEWEST = 200  # cases of the pool, below which rounds are too few to tell anything
QUICK = Settings(topics=60, most=6000, iterations=30)  # many models are fitted; what is compared is the order, with the same settings for both
LEVELS = (0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Curve:
    """Macro-F1 of each facet on the cases kept apart, after each round: `labels` (rounds,) given by then, `scores` facet to (rounds,), in [0, 1]."""

    seed: int
    order: str
    labels: tuple[int, ...]
    scores: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Needed:
    """Labels that each order needs, on average over the seeds, until macro-F1 reaches `level` of what the whole pool gives (`f1`, on average).

    `ratio` is the first over the second; `ratios` that of each seed.
    """

    facet: str
    level: float
    f1: float
    queue: float
    random: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Labels in the order of the queue for each label in random order."""
        return self.queue / self.random


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay: cases of pool and kept apart (of the first seed), the curves of each seed and order, and what they need."""

    pool: int
    apart: int
    curves: tuple[Curve, ...]
    needed: tuple[Needed, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self) | {"needed": [asdict(n) | {"ratio": n.ratio} for n in self.needed]}


def replay(
    labelled: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    rulebook: RuleBook,
    *,
    seeds: int = 5,
    audit: float = 0.1,
    more: float = MORE,
    settings: Settings = QUICK,
    told: Callable[[str], None] = lambda _: None,
) -> Replay:
    """Replay the labelled set in both orders.

    Parameters
    ----------
    labelled : sequence of Labelled, length n
        With pairs that the codebook allows.
    seen : sequence of Seen, length n
        The same cases with their features.
    codebook : Codebook
    rulebook : RuleBook
    seeds : int
        Replays, each with other initiatives kept apart and other draws.
    audit : float
        Share of the queue that is drawn at random (see :class:`tagger.review.queue.Queue`), in [0, 1].
    more : float
        After how many more labels, as a share of those before, a model learns from them and the queue is made anew: at least 0.05.
    settings : Settings
    told : callable
        Told of each replay that is done, in words.

    Raises
    ------
    InputError
        Where there are too few cases.
    """
    groups = joined([x.group for x in labelled], [x.case.text for x in labelled]) if labelled else []
    bench = Bench(labelled, design(seen, tuple(codebook.pairs), settings), tuple(codebook.pairs), rulebook, settings) if labelled else None
    curves, sizes = [], (0, 0)
    for seed in range(seeds):
        apart = np.array([fold_of(f"replay {seed}: {group}", APART) == 0 for group in groups], dtype=bool)
        if len(apart) - apart.sum() < FEWEST or not apart.any():
            few = f"replay: {len(apart) - apart.sum()} cases to draw from and {apart.sum()} to measure on"
            raise InputError(f"{few}; at least {FEWEST} to draw from are needed: give more labelled cases")
        sizes = sizes if seed else (int((~apart).sum()), int(apart.sum()))
        for order in (QUEUE, RANDOM):
            curves.append(bench.run(order, np.flatnonzero(~apart), np.flatnonzero(apart), seed, audit, more))
        told(f"replay {seed + 1} of {seeds} done")
    return Replay(*sizes, tuple(curves), needed(curves))


def rounds(pool: int, more: float = MORE) -> list[int]:
    """Return how many labels there are after each round, all of them at the end."""
    sizes, next_size = [], float(FIRST)
    while next_size < pool:
        sizes.append(round(next_size))
        next_size *= 1 + more
    return [*sizes, pool]


def needed(curves: Sequence[Curve], levels: Sequence[float] = LEVELS) -> tuple[Needed, ...]:
    """Return what each order needs to reach each level, by facet."""
    by_seed: dict[int, dict[str, Curve]] = {}
    for curve in curves:
        by_seed.setdefault(curve.seed, {})[curve.order] = curve
    found = []
    for facet in FACETS:
        for level in levels:
            wanted = [level * both[RANDOM].scores[facet][-1] for both in by_seed.values()]  # with the whole pool both orders have learned the same
            at = np.array(
                [[reached(both[o].labels, both[o].scores[facet], w) for o in (QUEUE, RANDOM)] for both, w in zip(by_seed.values(), wanted, strict=True)]
            )
            found.append(Needed(facet, level, float(np.mean(wanted)), *at.mean(axis=0).tolist(), tuple((at[:, 0] / at[:, 1]).tolist())))
    return tuple(found)


def reached(labels: Sequence[int], scores: Sequence[float], wanted: float) -> float:
    """Return the labels at which a curve reaches a score, on the line between two rounds; the first round's where that is enough, the last's for never.

    Macro-F1 over rare codes goes up and down with single cases, so the curve is made to rise first (isotonic regression: Barlow, R. E. et al. (1972),
    Statistical Inference under Order Restrictions); else the first lucky round would count.
    """
    from sklearn.isotonic import IsotonicRegression

    rising = IsotonicRegression().fit_transform(np.arange(len(scores)), np.asarray(scores, dtype=float))
    above = np.flatnonzero(rising >= wanted)
    if not len(above):
        return float(labels[-1])
    i = int(above[0])
    if i == 0:
        return float(labels[0])
    return float(labels[i - 1] + (labels[i] - labels[i - 1]) * (wanted - rising[i - 1]) / (rising[i] - rising[i - 1]))


@dataclass(frozen=True)
class Bench:
    """All cases in one matrix: terms and topics need no labels, so they are those of all texts; only the fit is repeated."""

    labelled: Sequence[Labelled]
    built: Design
    pairs: tuple[tuple[str, str], ...]
    rulebook: RuleBook
    settings: Settings

    def run(self, order: str, pool: np.ndarray, apart: np.ndarray, seed: int, audit: float, more: float) -> Curve:
        """Replay one order; `pool` and `apart` are places of cases."""
        shuffled = np.random.default_rng(seed).permutation(pool)
        base = np.array([self.rulebook.base["economy", e] + self.rulebook.base["model", m] for e, m in self.pairs])
        scores = base + self.built.offset
        done, points, f1s = np.zeros(0, dtype=int), rounds(len(pool), more), []
        for size in points:
            if order == RANDOM:
                done = shuffled[:size]
            else:
                left = np.setdiff1d(pool, done)
                done = np.concatenate([done, left[self.queued(left, scores[left], seed, audit)[: size - len(done)]]])
            scores = self.scores(np.sort(done))  # sorted, so that the same labels give the same model to the last bit
            f1s.append(self.f1(scores, apart))
        return Curve(seed, order, tuple(points), {facet: tuple(f1[i] for f1 in f1s) for i, facet in enumerate(FACETS)})

    def scores(self, done: np.ndarray) -> np.ndarray:
        """Return the scores (n, P) of all cases by a model that learned from some."""
        b, s = self.built, self.settings
        y = np.array([self.pairs.index(self.labelled[i].pair) for i in done])
        weights = case_weights([self.labelled[i] for i in done], s)
        model = OffsetLogistic(s.C, s.iterations, s.spread).fit(b.X[done], y, b.offset[done], weights, b.held[done], b.acts)
        return b.offset + b.X @ model.coef_ + model.intercept_ + b.held @ (model.moved_[:, None] * b.acts)

    def f1(self, scores: np.ndarray, at: np.ndarray) -> tuple[float, float]:
        """Return macro-F1 of both facets on some cases."""
        best = scores[at].argmax(axis=1)
        return tuple(macro_f1([self.labelled[i].pair[f] for i in at], [self.pairs[p][f] for p in best]) for f in (0, 1))

    def queued(self, left: np.ndarray, scores: np.ndarray, seed: int, audit: float) -> list[int]:
        """Return the rows of `left` in the order in which the review queue brings them."""
        place = {str(i): row for row, i in enumerate(left)}
        return [place[head.id] for head in Queue(self.heads(left, scores), seed, audit).heads]

    def heads(self, left: np.ndarray, scores: np.ndarray) -> list[Head]:
        """Return what the queue knows of each case, as :func:`tagger.review.heads.head_of` reads it off a suggestion."""
        scores = np.round(scores, 9)  # so that of pairs with equal evidence the first wins, whatever order the sums were made in
        offsets, fired = self.built.offset[left], self.built.held[left]
        touched = np.asarray(fired @ self.built.acts) > 0
        return [self._head(str(i), scores[row], offsets[row], touched[row]) for row, i in enumerate(left)]

    def _head(self, id: str, scores: np.ndarray, by_rules: np.ndarray, touched: np.ndarray) -> Head:
        winner = self.pairs[int(scores.argmax())]
        disagree = False
        for facet in (0, 1):
            two = sorted(best_pairs(self.pairs, scores, facet).values(), key=lambda pair: -scores[pair])[:2]
            rules, others = by_rules[two], (scores - by_rules)[two]
            if touched[two].any():
                disagree |= not (np.isclose(rules, rules.max()) & np.isclose(others, others.max())).any()
        best, second = np.sort(scores)[:-3:-1]
        share = float(probabilities(scores).max())
        suggestion, probability, status = dict(zip(FACETS, winner, strict=True)), dict.fromkeys(FACETS, share), dict.fromkeys(FACETS, "decided")
        return Head(id, "", "", 0, suggestion, probability, status, (), float(best - second), disagree)
