"""How good the codes are where the tool decides, and from which probability on they are as good as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS, Thresholds
from tagger.errors import InputError
from tagger.learning.evaluation import GATE, REPLICATES, Answers, Summary, answers, summaries
from tagger.learning.outcomes import Outcomes
from tagger.learning.promises import percent
from tagger.learning.resampled import Draws, Figure, alphas, figure, ratio

LEAST = 30  # cases decided, below which an alpha is too shaky to choose a threshold by
STEPS = 100  # of the probability


@dataclass(frozen=True, slots=True)
class Reach:
    """The least probability, in steps of 0.01, from which on alpha is at least `target`: the share decided and alpha there.

    `threshold` is None where no threshold gets there (with 30 cases decided or more). It is chosen on the cases that it is told of: a description.
    """

    target: float
    threshold: float | None
    decided: Figure
    alpha: Figure


@dataclass(frozen=True, slots=True)
class Decided:
    """Economy, model and gate at the thresholds given (`summaries`), and where alpha reaches its target (`reach`)."""

    thresholds: Thresholds
    summaries: Mapping[str, Summary]
    reach: Mapping[str, Reach]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded."""
        return asdict(self)

    def sentence(self) -> str:
        """Say it for a model card, a line a facet."""
        return "\n".join([*(self._facet(name) for name in FACETS), self._gate()])

    def _facet(self, name: str) -> str:
        s, reach = self.summaries[name], self.reach[name]
        said = f"{name.capitalize()}: decided in {_share(s.decided)} of {s.cases} cases; alpha there {_alpha(s.alpha_decided)}, over all {_alpha(s.alpha)}."
        if reach.threshold is None:
            return f"{said} No probability brings alpha to {reach.target:.2f} on {LEAST} cases or more."
        return (
            f"{said} Decided from a probability of {reach.threshold:.2f} on, alpha is {_alpha(reach.alpha)} on {_share(reach.decided)} of the cases "
            f"(the least threshold to reach {reach.target:.2f}, found on these cases)."
        )

    def _gate(self) -> str:
        s = self.summaries[GATE]
        return f"Is there an initiative? Right in {_share(s.accuracy)} of {s.cases} cases; alpha {_alpha(s.alpha)}, where decided {_alpha(s.alpha_decided)}."


def decided(outcomes: Outcomes, thresholds: Thresholds | None = None, *, target: float = 0.80, replicates: int = REPLICATES, seed: int = 0) -> Decided:
    """Return how good the codes are where the tool decides.

    Parameters
    ----------
    outcomes : Outcomes
        At least one.
    thresholds : Thresholds, optional
        In place of those of the outcomes. `words` cannot be changed after the fact: whose text says enough is told by the outcomes.
    target : float
        Alpha that is wanted where the tool decides.
    replicates, seed : int
        Of the bootstrap over groups.

    Raises
    ------
    InputError
        Where there is no case.
    """
    if not len(outcomes):
        raise InputError("decided cases: there is no case to measure on; give labelled cases that the model was not trained on")
    outcomes = outcomes if thresholds is None else replace(outcomes, thresholds=thresholds)
    draws = Draws(outcomes.groups, replicates, seed)
    reach = {name: _reach(answers(outcomes, name), draws, target) for name in FACETS}
    return Decided(outcomes.thresholds, summaries(outcomes, replicates=replicates, seed=seed), reach)


def _reach(given: Answers, draws: Draws, target: float) -> Reach:
    size = len(given.codes)
    thresholds = np.arange(STEPS) / STEPS
    over = (given.confidence >= thresholds[:, None]) & given.enough
    cells = given.truth * size + given.found
    tables = np.array([np.bincount(cells[mask], minlength=size * size) for mask in over], dtype=float).reshape(-1, size, size)
    good = (np.nan_to_num(alphas(tables), nan=-1.0) >= target) & (over.sum(axis=1) >= LEAST)
    if not good.any():
        return Reach(target, None, Figure(None), Figure(None))
    at = int(good.argmax())
    drawn = draws.confusions(given.truth, given.found, size, over[at])
    cases = draws.totals(np.ones((len(cells), 1)))[:, 0]
    shares, there = ratio(drawn.sum(axis=(1, 2)), cases), alphas(drawn)
    return Reach(target, float(thresholds[at]), figure(shares, draws.groups), figure(there, draws.groups))


def _share(f: Figure) -> str:
    return "no share" if f.value is None else percent(f.value) + ("" if f.low is None else f" ({percent(f.low)} to {percent(f.high)})")


def _alpha(f: Figure) -> str:
    return "undefined" if f.value is None else f"{f.value:.2f}" + ("" if f.low is None else f" ({f.low:.2f} to {f.high:.2f})")
