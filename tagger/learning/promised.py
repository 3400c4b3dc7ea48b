"""What an evaluation may promise about cases to come, gathered: calibration, the auto-accept band, conformal sets, and where it decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS
from tagger.errors import InputError
from tagger.learning.autoaccept import auto_accept
from tagger.learning.calibration import calibration
from tagger.learning.conformal import conformal
from tagger.learning.decided import decided
from tagger.learning.evaluation import GATE, REPLICATES
from tagger.learning.outcomes import Outcomes
from tagger.learning.promises import halves

FIT = 100  # cases that were not drawn at random, from which on the thresholds of the band are laid out on them


def promised(outcomes: Outcomes, *, replicates: int = REPLICATES, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Return by title what can be promised: `sentence`, for readers (why not, where it cannot), and `figures`, for machines (None then)."""
    parts: dict[str, Callable[[], Any]] = {f"Calibration, {name}": _calibration(outcomes, name, replicates, seed) for name in (*FACETS, GATE)}
    parts["Where it decides"] = lambda: decided(outcomes, replicates=replicates, seed=seed)
    parts["Auto-accept"] = lambda: auto_accept(*_apart(outcomes, seed), seed=seed)
    parts["Conformal sets"] = lambda: conformal(*halves(outcomes, seed), seed=seed)
    return {title: _said(part) for title, part in parts.items()}


def _calibration(outcomes: Outcomes, name: str, replicates: int, seed: int) -> Callable[[], Any]:
    return lambda: calibration(outcomes, name, replicates=replicates, seed=seed)


def _said(part: Callable[[], Any]) -> dict[str, Any]:
    try:
        found = part()
    except InputError as why:  # too few cases for a promise, or a package that is not there: no reason to withhold the other figures
        return {"sentence": str(why), "figures": None}
    return {"sentence": found.sentence(), "figures": found.as_dict()}


def _apart(outcomes: Outcomes, seed: int) -> tuple[Outcomes, Outcomes]:
    """Cases to lay out thresholds on and cases to check on, which are those drawn at random where there are any: only they are drawn as cases to come."""
    drawn = np.array([bool(r) for r in outcomes.random])
    if not drawn.any():
        return halves(outcomes, seed)
    checked = {group for group, r in zip(outcomes.groups, drawn, strict=True) if r}
    rest = np.array([group not in checked for group in outcomes.groups])
    return (outcomes.take(rest), outcomes.take(drawn)) if rest.sum() >= FIT else halves(outcomes.take(drawn), seed)
