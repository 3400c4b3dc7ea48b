"""What to label next: how each code's F1 grows with its labels, and how many more a gain would take.

The curve is an inverse power law, ``F1 = a - b * cases ** -c``, fitted by weighted least squares and extrapolated (Figueroa, R. L., Zeng-Treitler, Q.,
Kandula, S., Ngo, L. H. (2012), "Predicting sample size required for classification performance", BMC Medical Informatics and Decision Making 12, 8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.codebook import FACETS, Codebook
from tagger.codings.coincidence import percentile_interval
from tagger.errors import InputError
from tagger.learning.folds import CrossFitted
from tagger.learning.labelled import Labelled
from tagger.learning.resampled import Draws, Figure, code_figures, figure, macro_f1s

EXPONENTS = np.linspace(0.1, 2.0, 39)  # of the power law; each gives a and b in closed form
POINTS = 4  # of a curve, below which three numbers cannot be fitted and tested
POOR = 0.7  # share of the weighted variance along the curve that the fit must explain
FARTHEST = 3.0  # times the labels at hand, beyond which nothing is told
FEWEST = 10  # cases of a code in the largest share, below which its F1 is a matter of luck
REPLICATES = 300
ALL = ""  # in place of a code: macro-F1 over the codes of a facet


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a learning curve: `cases` of the code (all, for macro-F1) that models learned from, on average over folds, and F1."""

    cases: float
    f1: Figure


@dataclass(frozen=True, slots=True)
class Next:
    """What more labels of a code would bring.

    `more` is how many more of them `gain` takes, with its 95 % interval (`high` None: more than `FARTHEST` times those at hand); None with the reason in `why`.
    The other codes are taken to grow alike: a curve learned from shares of all labels tells no more. `fit` is the share of variance explained.
    """

    facet: str
    code: str
    points: tuple[Point, ...]
    gain: float
    more: Figure | None
    fit: float | None
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)

    def sentence(self, called: str = "") -> str:
        """Say it; `called` is what the code is called."""
        what = f"{self.facet} {called or self.code}" if self.code else f"{self.facet}, macro-F1"
        if self.more is None or self.more.value is None:
            return f"{what}: {self.why}"
        reach = FARTHEST * self.points[-1].cases
        high = f"more than {_round(reach)}" if self.more.high is None else f"{_round(self.more.high)}"
        interval = f" (95% interval {_round(self.more.low)} to {high})" if self.more.low is not None else ""
        return f"{what}: about {_round(self.more.value)} more cases{interval} for +{self.gain:.2f}"


@dataclass(frozen=True)
class Step:
    """What models said that learned from a share of the initiatives.

    Parameters
    ----------
    share : float in (0, 1]
    truth, found : sequence of (economy, model), length n
        Label and proposal of each case; the same cases, in the same order, in every step.
    groups : sequence of str, length n
        The unit of the bootstrap.
    learned : mapping of (facet, code) to float
        Cases of each code that a model learned from, on average over folds; code `ALL` for all cases.
    """

    share: float
    truth: Sequence[tuple[str, str]]
    found: Sequence[tuple[str, str]]
    groups: Sequence[str]
    learned: Mapping[tuple[str, str], float]


def step(labelled: Sequence[Labelled], fitted: CrossFitted, codebook: Codebook, share: float) -> Step:
    """Return what models said that learned from a share of the initiatives, as `fitted` gives it."""
    pairs, learned = tuple(codebook.pairs), {}
    for side, facet in enumerate(FACETS):
        learned[facet, ALL] = fitted.learned_per_fold()
        for code in {x.pair[side] for x in labelled}:
            learned[facet, code] = fitted.learned_per_fold(np.array([x.pair[side] == code for x in labelled]))
    return Step(share, [x.pair for x in labelled], [pairs[i] for i in fitted.scores.argmax(axis=1)], fitted.groups, learned)


def label_next(steps: Sequence[Step], *, gain: float = 0.05, replicates: int = REPLICATES, seed: int = 0) -> list[Next]:
    """Return what more labels would bring: macro-F1 of each facet and F1 of each of its codes.

    Parameters
    ----------
    steps : sequence of Step
        From ever larger shares.
    gain : float
        In F1, in (0, 1).
    replicates, seed : int
        Of the bootstrap over groups, the same draws for every step.

    Raises
    ------
    InputError
        Where there are fewer than `POINTS` steps.
    """
    if len(steps) < POINTS:
        raise InputError(f"learning curve: {len(steps)} shares could be learned from; a curve takes at least {POINTS}, so give more labelled cases")
    draws, found = Draws(steps[0].groups, replicates, seed), []
    for side, facet in enumerate(FACETS):
        codes = sorted({pair[side] for step in steps for pair in (*step.truth, *step.found)})
        number = {code: i for i, code in enumerate(codes)}
        tables = [draws.confusions(*(np.array([number[pair[side]] for pair in of]) for of in (step.truth, step.found)), len(codes)) for step in steps]
        f1s = {ALL: np.stack([macro_f1s(t) for t in tables], axis=1)}
        f1s |= {code: np.stack([code_figures(t)[2][:, i] for t in tables], axis=1) for code, i in number.items()}
        for code, values in f1s.items():
            cases = np.array([step.learned.get((facet, code), 0.0) for step in steps])
            if cases[-1] > 0:
                found.append(_next(facet, code, cases, values, gain, draws.groups))
    return found


def _next(facet: str, code: str, cases: np.ndarray, values: np.ndarray, gain: float, groups: int) -> Next:
    """`values` (1 + R, S): F1 at each step, on the data and on each draw."""
    points = tuple(Point(float(n), figure(values[:, i], groups)) for i, n in enumerate(cases))
    usable = (cases > 0) & ~np.isnan(values[0])
    whole = values[~np.isnan(values[:, usable]).any(axis=1)][:, usable]
    cases = cases[usable]
    if usable.sum() < POINTS or cases[-1] < FEWEST or len(whole) < len(values) / 2:
        return Next(facet, code, points, gain, None, None, f"too few cases ({points[-1].cases:.0f}) for a curve; at least {FEWEST} are needed")
    risen = whole[:, -1] - whole[:, min(int(np.searchsorted(cases, cases[-1] / 4)), len(cases) - 2)]
    if np.percentile(risen[1:], 10) <= 0:
        told = f"F1 {whole[0, -1]:.2f}; flat, or too shaky to tell (+{max(0.0, risen[0]):.2f} over the last quadrupling of labels)"
        return Next(facet, code, points, gain, None, None, told)
    weight = 1 / np.maximum(whole[1:].var(axis=0), 1e-6)
    a, b, c, fit = power_law(cases, whole, weight)
    if fit[0] < POOR:
        return Next(facet, code, points, gain, None, float(fit[0]), f"F1 {whole[0, -1]:.2f}; no power law fits the curve ({fit[0]:.0%} explained)")
    more = wanted(cases[-1], a, b, c, gain)
    if more[0] > FARTHEST * cases[-1]:
        short = f"the curve levels off at {a[0]:.2f}" if np.isinf(more[0]) else f"it takes about {_round(more[0])} more cases, too far past those at hand"
        told = f"F1 {whole[0, -1]:.2f}; +{gain:.2f} is out of reach: {short}"
        return Next(facet, code, points, gain, None, float(fit[0]), told)
    low, high = percentile_interval(np.minimum(more[1:], 1e9))
    return Next(facet, code, points, gain, Figure(float(more[0]), low, high if high <= FARTHEST * cases[-1] else None), float(fit[0]))


def power_law(cases: np.ndarray, values: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a, b, c of ``a - b * cases ** -c`` and the share of the weighted variance that it explains, each of shape (R,).

    For each c of a grid a and b are a weighted regression; the c with the least residual is taken (variable projection: Golub, G. H., Pereyra, V. (1973),
    SIAM Journal on Numerical Analysis 10(2), 413-432). b is at least 0 and a at most 1, as F1 can only grow, and no farther.

    Parameters
    ----------
    cases : array (S,)
    values : array (R, S)
    weight : array (S,)
        Inverse variances.
    """
    weight = weight / weight.sum()
    best = tuple(np.full(len(values), np.inf if i == 3 else np.nan) for i in range(4))
    mean = values @ weight
    for c in EXPONENTS:
        x = -((cases / cases[-1]) ** -c)  # scaled, so that b is of the order of F1
        centred = x - weight @ x
        b = np.maximum(0.0, (values * weight) @ centred / (weight @ centred**2))
        a = mean - b * (weight @ x)
        over = a > 1  # then a = 1, and b alone is fitted
        b = np.where(over, np.maximum(0.0, ((values - 1) * weight) @ x / (weight @ x**2)), b)
        a = np.minimum(a, 1.0)
        loss = ((values - a[:, None] - b[:, None] * x) ** 2) @ weight
        better = loss < best[3]
        for kept, new in zip(best, (a, b * cases[-1] ** c, np.full(len(a), c), loss), strict=True):
            kept[better] = new[better]
    total = ((values - mean[:, None]) ** 2) @ weight
    return *best[:3], 1 - np.divide(best[3], total, out=np.ones_like(total), where=total > 0)


def wanted(now: float, a: np.ndarray, b: np.ndarray, c: np.ndarray, gain: float) -> np.ndarray:
    """Return how many more cases than `now` the fitted F1 takes to be higher by `gain`, shape (R,); infinite where the curve levels off below."""
    left = b * now**-c - gain  # what the curve would then still be below its limit
    return np.where(left > 0, (b / np.where(left > 0, left, 1.0)) ** (1 / c) - now, np.inf)


def _round(n: float) -> str:
    return f"{round(n, -1 if n >= 20 else 0):,.0f}"
