"""Where sentences begin and end: offsets into the text, by punctuation and line structure alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

# Abbreviations after which a full stop does not end a sentence (common English ones; a single capital is an initial).
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|etc|cf|vs|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|Corp|No|approx|ca|est|al|fig|Jr|Sr|U\.S|U\.K)|\b[A-Z])\.$")
# Begins with a set of characters, which `re` looks for fast. Possessive, and only at the first of several marks: linear in runs of marks, quotes or blanks.
_END = re.compile(
    r"[.!?\n](?:(?<=[.!?])(?<![.!?][.!?])[.!?]*+[\"'”’)\]]*+(?=\s++[\"'“‘(\[]*+[^\W_a-z])|(?<=\n)(?:[^\S\n]*+\n|(?=[^\S\n]*+(?:[*•·–-]|\d++[.)])\s)))"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text`, in order, without gaps: each ends where the next begins.

    A sentence ends at ``.``, ``!`` or ``?`` before a space and a capital, digit or bracket, at a blank line, and before a list item.  White space
    alone is no sentence: it belongs to the one before it, at the start of the text to the one after it.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*_ends(text), len(text)):
        if end == start and spans:
            continue
        if spans and not text[start:end].strip():
            spans[-1] = (spans[-1][0], end)
        elif end == len(text) or text[start:end].strip():
            spans.append((start, end))
        else:
            continue
        start = end
    return spans


def _ends(text: str) -> Iterator[int]:
    for found in _END.finditer(text):
        if not (found[0].startswith(".") and _ABBREVIATED.search(text, max(0, found.start() - 8), found.start() + 1)):
            yield found.end()


def sentence_at(spans: list[tuple[int, int]], position: int) -> int:
    """Return the index of the sentence that holds `position`."""
    return max(0, bisect_right(spans, (position, float("inf"))) - 1)
