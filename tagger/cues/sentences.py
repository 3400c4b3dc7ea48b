"""Where sentences begin and end: offsets into the text, by punctuation and line structure alone."""

from __future__ import annotations

import re
from bisect import bisect_right

# Abbreviations after which a full stop does not end a sentence (common English ones; a single capital is an initial).
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|etc|cf|vs|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|Corp|No|approx|ca|est|al|fig|Jr|Sr|U\.S|U\.K)|\b[A-Z])\.$")
_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[^\W_a-z])|\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[*•·–-]|\d+[.)])\s)")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text`, in order, without gaps: each ends where the next begins.

    A sentence ends at ``.``, ``!`` or ``?`` before a space and a capital, digit or bracket, at a blank line, and before a list item.
    """
    spans, start = [], 0
    for found in _END.finditer(text):
        end = found.end()
        if found[0].startswith(".") and _ABBREVIATED.search(text, max(start, found.start() - 8), found.start() + 1):
            continue
        if end > start:
            spans.append((start, end))
            start = end
    if start < len(text) or not spans:
        spans.append((start, len(text)))
    return spans


def sentence_at(spans: list[tuple[int, int]], position: int) -> int:
    """Return the index of the sentence that holds `position`."""
    return max(0, bisect_right(spans, (position, float("inf"))) - 1)
