"""Cutting a text at the ends of its highlights, so that no offset need leave Python (JavaScript counts UTF-16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise


def segments(length: int, spans: Sequence[tuple[int, int] | None]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Cut ``[0, length)`` at the ends of `spans`, which may overlap.

    Parameters
    ----------
    length : int
        Length of the text in code points.
    spans : sequence of (start, end) or None
        Spans in code points; None and empty spans highlight nothing, and what lies outside the text is cut off.

    Returns
    -------
    list of (start, end, indices)
        In order, without gaps; `indices` are the places in `spans` of those that cover the segment, ascending.
    """
    opening, closing = defaultdict(list), defaultdict(list)
    for index, span in enumerate(spans):
        start, end = (max(span[0], 0), min(span[1], length)) if span else (0, 0)
        if start < end:
            opening[start].append(index)
            closing[end].append(index)
    cuts = sorted({0, length, *opening, *closing}) if length else []
    open_now: set[int] = set()
    pieces = []
    for start, end in pairwise(cuts):
        open_now.difference_update(closing.get(start, ()))
        open_now.update(opening.get(start, ()))
        pieces.append((start, end, tuple(sorted(open_now))))
    return pieces
