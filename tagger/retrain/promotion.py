"""May the candidate take over? What holds it back, and taking over itself, which leaves the model in use whole at every moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.coding.classifier import Weights
from tagger.coding.decide import FACETS
from tagger.coding.model_manifest import in_use
from tagger.learning.model_folder import save_model
from tagger.registry.promote import promote
from tagger.registry.verify import Loaded
from tagger.retrain.compare import Comparison, Pair
from tagger.retrain.held_out import LEAST

ENOUGH = 20  # cases that a code must have for its F1 to hold a candidate back
MOST_LOSS = 0.10  # of F1
OVERALL = {"alpha": "alpha", "macro_f1": "macro-F1"}
BY = "tagger retrain"


@dataclass(frozen=True, slots=True)
class Taken:
    """Where the candidate is, and whether it is in use now."""

    folder: Path
    promoted: bool


def held_back(comparisons: Sequence[Comparison], most_loss: float = MOST_LOSS) -> tuple[str, ...]:
    """Return what holds a candidate back, a phrase each; nothing where it may take over.

    The first comparison must have enough initiatives to tell anything. In none of them may alpha or macro-F1 of a facet be lower with an interval of the
    difference that stays below 0, nor may a code that at least `ENOUGH` cases have lose more than `most_loss` of F1.
    """
    first = comparisons[0]
    found = []
    if first.groups < LEAST:
        found.append(f"{first.title}: {first.groups} initiatives are too few to tell (at least {LEAST}); code more, drawn at random")
    for comparison in comparisons:
        for facet in FACETS:
            for name, words in OVERALL.items():
                if worse(pair := comparison.facets[facet].overall[name]):
                    found.append(f"{facet}: {words} is lower by {_loss(pair)} on {comparison.title}")
    for comparison in comparisons:
        for facet in FACETS:
            for code in comparison.facets[facet].codes:
                if code.cases >= ENOUGH and (change := code.f1.difference.value) is not None and change < -most_loss:
                    where = f"on {code.cases} cases of {comparison.title}"
                    found.append(f"{facet} {code.code}: F1 is lower by {-change:.2f}, which is over {most_loss:.2f}, {where}")
    return tuple(dict.fromkeys(found))


def worse(pair: Pair) -> bool:
    """Tell whether the candidate is worse beyond the reach of the interval; without an interval any loss is."""
    change = pair.difference
    return change.value is not None and change.value < 0 and (change.high is None or change.high < 0)


def _loss(pair: Pair) -> str:
    change = pair.difference
    assert change.value is not None
    return f"{-change.value:.3f}" + ("" if change.low is None or change.high is None else f" ({-change.high:.3f} to {-change.low:.3f})")


def summary(comparison: Comparison) -> str:
    """Say how the candidate did, for the history."""
    told = []
    for facet in FACETS:
        change = comparison.facets[facet].overall["alpha"].difference
        if change.value is not None:
            told.append(f"{facet} {change.value:+.3f}" + ("" if change.low is None else f" ({change.low:+.3f} to {change.high:+.3f})"))
    return f"alpha on {comparison.title} ({comparison.groups} initiatives): {', '.join(told) or 'undefined'}"


def take_over(
    models: Path,
    name: str,
    weights: Weights,
    data: bytes,
    manifest: Mapping[str, Any],
    parts: Mapping[str, bytes],
    *,
    instead_of: str | None,
    why: str | None,
    loaded: Loaded,
) -> Taken:
    """Write the candidate (`data`: its weights as bytes) into `models`, and promote it where `why` says for what reason (None: it is kept aside).

    Until ``CURRENT`` is renamed in one step, after the candidate was written whole and verified, the model in use is the one that was in use; the same call
    after a crash finishes what was begun. Where another model than `instead_of` (what ``CURRENT`` said) was put in use meanwhile, the candidate was compared
    with the wrong one, and is kept aside.

    Raises
    ------
    OutputError, ModelError
    """
    folder = save_model(models, name, weights, manifest, data, parts, use=False, by=BY)
    if why is None or in_use(models) not in (instead_of, folder.name):
        return Taken(folder, False)
    promote(models, folder.name, loaded=loaded, why=why, by=BY)
    return Taken(folder, True)
