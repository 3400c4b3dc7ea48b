"""Do probabilities mean what they say? The expected calibration error of the proposed code's probability, and the bins that show where it comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.codings.coincidence import CONFIDENCE
from tagger.errors import InputError
from tagger.learning.evaluation import REPLICATES, answers
from tagger.learning.outcomes import Outcomes
from tagger.learning.promises import clopper_pearson, percent
from tagger.learning.resampled import Draws

BINS = 15  # as in Guo et al. (2017)
TARGET = 0.05


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases whose probability lies in [`low`, `high`): its mean, the share that is right, and the exact 95 % interval of that share."""

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """Mean gap between probability and share right over the bins, weighted by cases, in [0, 1].

    `low`, `high` : 95 % interval of the gap. `by_chance` : the gap that perfect probabilities would show on average on as many cases with these
    probabilities; `by_chance_high` : what they stay under in 97.5 %; over it, probabilities are certainly off.
    """

    value: float
    low: float | None
    high: float | None
    by_chance: float
    by_chance_high: float
    bins: tuple[ReliabilityBin, ...]

    @property
    def told_from_perfect(self) -> bool:
        """Whether the gap is larger than perfect probabilities would show."""
        return self.value > self.by_chance_high


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of one facet (or the gate): with bins of equal width, and with bins of about as many cases each.

    `confidence` and `accuracy` are means over all cases, in [0, 1].
    """

    facet: str
    cases: int
    groups: int
    confidence: float
    accuracy: float
    equal_width: CalibrationError
    equal_mass: CalibrationError

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded."""
        return asdict(self)

    def sentence(self) -> str:
        """Say it for a model card."""
        e, gap = self.equal_width, self.confidence - self.accuracy
        spread = f"; 95 % interval {e.low:.3f} to {e.high:.3f}" if e.low is not None else ""
        lean = "" if abs(gap) < 0.005 else f", {'too sure' if gap > 0 else 'not sure enough'} by {percent(abs(gap))} points".replace(" % points", " points")
        if e.told_from_perfect:
            verdict = f"more than chance makes of perfect probabilities (at most {e.by_chance_high:.3f} on as many cases)"
        else:
            verdict = f"no more than chance makes of perfect probabilities on as many cases ({e.by_chance:.3f} on average, up to {e.by_chance_high:.3f})"
        few = f" With so few cases even perfect probabilities would miss {TARGET:.2f} on average." if e.by_chance > TARGET else ""
        return (
            f"{self.facet.capitalize()}: over {self.cases} held-out cases the tool claims to be right in {percent(self.confidence)} and is right in "
            f"{percent(self.accuracy)}{lean}. A stated probability is off by {e.value:.3f} on average (expected calibration error{spread}), {verdict}.{few}"
        )


def calibration(outcomes: Outcomes, facet: str, *, bins: int = BINS, replicates: int = REPLICATES, seed: int = 0) -> Calibration:
    """Return how well the probability of the proposed code is calibrated.

    Parameters
    ----------
    outcomes : Outcomes
        Of held-out cases, at least one.
    facet : {"economy", "model", "gate"}
    bins : int
    replicates : int
        Draws of groups for the interval, and of made outcomes for what chance gives.
    seed : int

    Raises
    ------
    InputError
        Where there is no case.

    Notes
    -----
    ECE = sum over bins of |bin| / n · |share right - mean probability| (Guo, C. et al. 2017, "On Calibration of Modern Neural Networks"; equal-mass bins:
    Nixon, J. et al. 2019, "Measuring Calibration in Deep Learning"). A mean of absolute gaps cannot be negative, so noise adds to it, the more the fewer
    the cases, and a percentile bootstrap adds the noise twice over: at 225 cases of a perfect model its interval never holds the truth, 0. Hence what
    chance alone gives (consistency resampling: Bröcker, J., Smith, L. A. 2007, "Increasing the reliability of reliability diagrams"; cases taken as
    independent) is told beside it, and the interval is the basic bootstrap's (Davison, Hinkley 1997, section 5.2), its lower end 0 where perfect
    probabilities are not ruled out, its upper end no less than the estimate. In simulations of 225 to 4,000 cases it held the truth in 84 to 98 %.
    """
    if not len(outcomes):
        raise InputError(f"calibration of {facet}: there is no case to measure on; give labelled cases that the model was not trained on")
    given, draws = answers(outcomes, facet), Draws(outcomes.groups, replicates, seed)
    width = np.linspace(0, 1, bins + 1)
    mass = np.unique(np.concatenate([[0.0], np.quantile(given.confidence, np.linspace(0, 1, bins + 1)[1:-1]), [1.0]]))  # ties stay in one bin
    found = [_error(given.confidence, given.right.astype(float), edges, draws, replicates, seed) for edges in (width, mass)]
    return Calibration(facet, len(outcomes), draws.groups, float(given.confidence.mean()), float(given.right.mean()), *found)


def _error(confidence: np.ndarray, right: np.ndarray, edges: np.ndarray, draws: Draws, replicates: int, seed: int) -> CalibrationError:
    of = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, len(edges) - 2)
    member = np.eye(len(edges) - 1)[of]
    sums = draws.totals(np.hstack([member * (right - confidence)[:, None], np.ones((len(of), 1))]))
    values = np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1]
    made = np.random.default_rng(seed).random((replicates, len(of))) < confidence
    chance = np.abs((made - confidence) @ member).sum(axis=1) / len(of)
    by_chance, by_chance_high = float(chance.mean()), float(np.quantile(chance, (1 + CONFIDENCE) / 2))
    return CalibrationError(float(values[0]), *_interval(values, by_chance_high, draws.groups), by_chance, by_chance_high, _bins(confidence, right, of, edges))


def _interval(values: np.ndarray, by_chance_high: float, groups: int) -> tuple[float | None, float | None]:
    if groups < 2 or len(values) < 2:
        return None, None
    value, (low, high) = values[0], np.quantile(values[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return 0.0 if value <= by_chance_high else float(max(0.0, 2 * value - high)), float(min(1.0, max(value, 2 * value - low)))


def _bins(confidence: np.ndarray, right: np.ndarray, of: np.ndarray, edges: np.ndarray) -> tuple[ReliabilityBin, ...]:
    found = []
    for k in np.unique(of):
        inside = of == k
        n, hits = int(inside.sum()), int(right[inside].sum())
        mean = float(confidence[inside].mean())
        found.append(ReliabilityBin(float(edges[k]), float(edges[k + 1]), n, mean, hits / n, *clopper_pearson(hits, n)))
    return tuple(found)
