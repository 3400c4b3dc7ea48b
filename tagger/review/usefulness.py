"""How much a verdict on a case would tell, and the order that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tagger.codebook import FACETS
from tagger.review.blinding import chance

if TYPE_CHECKING:
    from tagger.review.store import Head

_FARTHEST = 700.0  # of a margin; exp of more overflows


def usefulness(head: Head) -> float:
    """Return how much a verdict on a case would tell, in (0, 0.5].

    It is the share of the runner-up of the two best pairs of codes, 1 / (1 + exp(margin)): margin sampling (Scheffer, T., Decomain, C., Wrobel, S. (2001),
    "Active Hidden Markov Models for Information Extraction", IDA 2001).  Whether rules and classifier disagree adds nothing: the margin holds the rules'
    weight already, and in replays (``tagger simulate``) putting such cases first cost labels.
    """
    margin = min(abs(head.margin), _FARTHEST) if math.isfinite(head.margin) else _FARTHEST
    return 1 / (1 + math.exp(margin))


def by_usefulness(heads: Iterable[Head], seed: int) -> list[Head]:
    """Return the cases as they are best coded: the suggested pairs of economy and model in turn, each time the most doubtful case of the pair.

    The turns are equal, whatever the number of a pair's cases: a rare code teaches as much to a mean over codes as a frequent one, and of the frequent ones
    there is enough.  The second case of any pair comes after the first of every pair.
    """
    pairs: dict[tuple[str, ...], list[tuple[float, float, Head]]] = {}
    for head in heads:
        # among equals the hash decides, not the order of the file
        pair = tuple(head.suggestion.get(facet, "") for facet in FACETS)
        pairs.setdefault(pair, []).append((-usefulness(head), chance(seed, "order", head.id), head))
    turns = []
    for found in pairs.values():
        found.sort(key=lambda item: item[:2])
        turns += [(turn, *item) for turn, item in enumerate(found)]
    return [head for *_, head in sorted(turns, key=lambda item: item[:3])]


def spread(drawn: list[Head], rest: list[Head]) -> list[Head]:
    """Return both in one list, each in its order and evenly spread."""
    placed = [((i + 0.5) / len(some), which, head) for which, some in enumerate((rest, drawn)) for i, head in enumerate(some)]
    return [head for *_, head in sorted(placed, key=lambda item: item[:2])]
