"""Who says it: the page's own text, a quoted third party, or the initiative about itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FIRST_PERSON = re.compile(r"(?<![\w'’])(?:we|our|ours|us)(?![\w])(?!\.)", re.IGNORECASE)
_US_COUNTRY = re.compile(r"(?<!\w)US(?!\w)")
# A quotation long enough to say something; short quoted words are names or irony.
_QUOTED = re.compile(r"(?:(?<=\s)|(?<=[(\[])|^)[\"“](?=\w)([^\"“”]{40,4000}?)[\"”](?=\W|$)", re.MULTILINE)


def quoted_spans(text: str, known: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return the spans of quotations: those that the page's structure gives, and those between quotation marks (at least 40 characters)."""
    return [*known, *(found.span(1) for found in _QUOTED.finditer(text))]


def speaks_of_itself(sentence: str) -> bool:
    """Return whether a sentence speaks in the first person plural ("we", "our", "us"; not the country)."""
    return _FIRST_PERSON.search(_US_COUNTRY.sub("  ", sentence)) is not None


def voice_of(mention: tuple[int, int], sentence: str, quotes: Sequence[tuple[int, int]]) -> str:
    """Return self, quoted or page; an initiative that is quoted about itself ("we are ...") is self."""
    if speaks_of_itself(sentence):
        return "self"
    return "quoted" if any(start <= mention[0] and mention[1] <= end for start, end in quotes) else "page"
