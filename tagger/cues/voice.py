"""Who says it: the page's own text, a quoted third party, or the initiative about itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

# Each begins with a set of characters, which `re` looks for fast.
# not within an address ("about-us", "us.example.org")
_FIRST_PERSON = re.compile(r"[wWoOuU](?<![\w'’/.-].)(?i:(?<=w)e|(?<=o)urs?|(?<=u)s)(?![\w/-]|\.\w)")
_US_COUNTRY = re.compile(r"(?<!\w)US(?!\w)")
# A quotation long enough to say something; short quoted words are names or irony.
_QUOTED = re.compile(r"[\"“](?:(?<=\s.)|(?<=[(\[].)|(?<=^.))(?=\w)([^\"“”]{40,4000}?)[\"”](?=\W|$)", re.MULTILINE)


def quoted_spans(text: str, known: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return the spans of quotations: those that the page's structure gives, and those between quotation marks (at least 40 characters)."""
    return [*known, *(found.span(1) for found in _QUOTED.finditer(text))]


def speaks_of_itself(sentence: str) -> bool:
    """Return whether a sentence speaks in the first person plural ("we", "our", "us"; not the country)."""
    return _FIRST_PERSON.search(_US_COUNTRY.sub("  ", sentence) if "US" in sentence else sentence) is not None


class Quotes:
    """Tells fast whether a span lies within a quotation.

    Parameters
    ----------
    spans : sequence of (start, end)
        In any order; they may overlap.
    """

    def __init__(self, spans: Sequence[tuple[int, int]]):
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def hold(self, start: int, end: int) -> bool:
        """Return whether one quotation holds ``[start, end)``."""
        i = bisect_right(self._starts, start) - 1
        return i >= 0 and self._furthest[i] >= end


def voice_of(mention: tuple[int, int], of_itself: bool, quotes: Quotes) -> str:
    """Return self, quoted or page; an initiative that is quoted about itself ("we are ...") is self."""
    if of_itself:
        return "self"
    return "quoted" if quotes.hold(*mention) else "page"
