"""How much a verdict on a case would tell, and the order that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tagger.review.blinding import chance

if TYPE_CHECKING:
    from tagger.review.store import Head

DISAGREEMENT = 0.25  # what a disagreement of rules and classifier adds: half of what the smallest margin gives
LEAST = 0.01  # so that codes of which the tagger is sure have their turn as well
_FARTHEST = 700.0  # of a margin; exp of more overflows


def usefulness(head: Head) -> float:
    """Return how much a verdict on a case would tell, in [0.01, 0.76].

    It is the runner-up's share against the best code, 1 / (1 + exp(margin)), in (0, 0.5], and 0.25 more where rules and classifier disagree, over 0.01.
    """
    margin = min(abs(head.margin), _FARTHEST) if math.isfinite(head.margin) else _FARTHEST
    return LEAST + 1 / (1 + math.exp(margin)) + DISAGREEMENT * bool(head.disagree)


def by_usefulness(heads: Iterable[Head], seed: int) -> list[Head]:
    """Return the cases as they are best coded: within a suggested model the most useful first, and the models in turn.

    A model's turns come by the square root of its cases' added usefulness: what is frequent and doubtful comes often, nothing waits for ever, and the first
    case of every model comes before the second of any.
    """
    models: dict[str, list[tuple[float, float, Head]]] = {}
    for head in heads:
        # among equals the hash decides, not the order of the file
        models.setdefault(head.suggestion.get("model", ""), []).append((-usefulness(head), chance(seed, "order", head.id), head))
    turns = []
    for found in models.values():
        found.sort(key=lambda item: item[:2])
        often = math.sqrt(-sum(item[0] for item in found))
        turns += [(turn / often, *item) for turn, item in enumerate(found)]
    return [head for *_, head in sorted(turns, key=lambda item: item[:3])]


def spread(drawn: list[Head], rest: list[Head]) -> list[Head]:
    """Return both in one list, each in its order and evenly spread."""
    placed = [((i + 0.5) / len(some), which, head) for which, some in enumerate((rest, drawn)) for i, head in enumerate(some)]
    return [head for *_, head in sorted(placed, key=lambda item: item[:2])]
