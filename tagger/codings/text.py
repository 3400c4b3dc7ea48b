"""What was coded, without its words: the fingerprint of a text, and its place on a page.

A text is taken as its words (runs of letters, digits and underscores, lower case, one space between).  So new line ends, markup or punctuation do not make
a coded text another one, a changed word does.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from tagger.case import Case

WORD = re.compile(r"\w+")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def words_of(text: str) -> list[str]:
    """Return the words of a text in the form in which texts are compared."""
    return [w.casefold() for w in WORD.findall(text)]


def fingerprint(text: str) -> str:
    """Return the SHA-256 (64 hexadecimal digits) of the words of a text."""
    return _digest(words_of(text))


def _digest(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode("utf-8", errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a coded text stands on its page: stretches of (first word, number of words), words counted from 0; written ``0+212 220+15``.

    `source` tells that the words are those of the page's source (wikitext), not of its plain text; written ``source 0+212``.
    """

    stretches: tuple[tuple[int, int], ...]
    source: bool = False

    def __str__(self) -> str:
        return " ".join(["source"] * self.source + [f"{start}+{count}" for start, count in self.stretches])

    @classmethod
    def parse(cls, written: str) -> Place | None:
        """Return the place that `written` means; None where it is not one (or empty)."""
        head, _, rest = written.strip().partition(" ")
        parts = [re.fullmatch(r"([0-9]{1,9})\+([1-9][0-9]{0,8})", part) for part in (rest if head == "source" else written).split()]
        return cls(tuple((int(m[1]), int(m[2])) for m in parts if m), head == "source") if parts and all(parts) else None


class Words:
    """A text by words, in which coded texts are looked for.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str):
        self.text = text
        self._spans = [m.span() for m in WORD.finditer(text)]
        self._words = [text[a:b].casefold() for a, b in self._spans]

    def stretches_of(self, wanted: list[str]) -> tuple[tuple[int, int], ...]:
        """Return where these words stand: in one stretch, else in several in the same order; empty where some word is missing."""
        size = len(wanted)
        for start in (i for i, word in enumerate(self._words) if word == wanted[0]):
            if self._words[start : start + size] == wanted:
                return ((start, size),)
        blocks = [b for b in SequenceMatcher(None, wanted, self._words, autojunk=False).get_matching_blocks() if b.size]
        return tuple((b.b, b.size) for b in blocks) if sum(b.size for b in blocks) == size else ()

    def holds(self, stretches: tuple[tuple[int, int], ...], sha256: str) -> bool:
        """Tell whether the words of the stretches have this fingerprint."""
        return _digest([w for start, count in stretches for w in self._words[start : start + count]]) == sha256

    def find(self, stretches: tuple[tuple[int, int], ...], sha256: str) -> tuple[tuple[int, int], ...]:
        """Return where the text with this fingerprint stands: where it was, or moved as a whole by words put in or taken out before it; empty if nowhere."""
        if self.holds(stretches, sha256):
            return stretches
        last = max(start + count for start, count in stretches)
        for shift in range(-stretches[0][0], len(self._words) - last + 1):
            moved = tuple((start + shift, count) for start, count in stretches)
            if self.holds(moved, sha256):
                return moved
        return ()

    def cut(self, stretches: tuple[tuple[int, int], ...]) -> str:
        """Return the text of the stretches as it stands (with the marks that hug its first and last word), one line a stretch.

        Raises
        ------
        IndexError
            Where the text has fewer words; look with :meth:`find` first.
        """
        return "\n".join(self._stretch(start, count) for start, count in stretches)

    def _stretch(self, start: int, count: int) -> str:
        first, last = self._spans[start][0], self._spans[start + count - 1][1]
        while first and not self.text[first - 1].isspace() and not self.text[first - 1].isalnum():
            first -= 1
        while last < len(self.text) and not self.text[last].isspace() and not self.text[last].isalnum():
            last += 1
        return self.text[first:last]


def place_on(page: Case, coded: str) -> Place | None:
    """Return where a coded text stands on a page: in its plain text, else in its source; None where it is in neither."""
    wanted = words_of(coded)
    for source in (False, True):
        if wanted and (stretches := Words(page.as_given if source else page.text).stretches_of(wanted)):
            return Place(stretches, source)
    return None


def text_at(page: Case, place: Place, sha256: str) -> str | None:
    """Return the text with this fingerprint as it stands on a page, looked for at its place and then elsewhere; None where the page no longer holds it."""
    words = Words(page.as_given if place.source else page.text)
    stretches = words.find(place.stretches, sha256)
    return words.cut(stretches) if stretches else None
