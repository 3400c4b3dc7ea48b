"""The fast engine: the words of a text say which patterns may begin where; only there re2 looks at the raw text.

Offsets are code points of the text as it is; nothing is lower-cased or rewritten on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tagger.cues.compile import WORD, to_re2
from tagger.cues.gate import WordGate
from tagger.cues.notation import Item
from tagger.errors import CodebookError

_APART = frozenset(b'\t\n\r !"#$%&()*+,./:;<=>?@[]{|}~')  # what stands between tokens or is one: a quick answer for nearly every hit


class Hit(NamedTuple):
    """A pattern found at ``[start, end)``."""

    pattern: str
    start: int
    end: int


class FastEngine:
    """Finds patterns with re2.

    Parameters
    ----------
    patterns : sequence of (id, items)

    Raises
    ------
    CodebookError
        If re2 refuses a pattern (too large, or a REGEX token it cannot read); from :meth:`find`.
    """

    def __init__(self, patterns: Sequence[tuple[str, tuple[Item, ...]]]):
        import re2

        self._options = re2.Options()
        self._options.case_sensitive = False
        self._options.longest_match = True
        self._options.log_errors = False
        self._ids = [key for key, _ in patterns]
        self._sources = [to_re2(items).encode() for _, items in patterns]
        self._compiled: list[object | None] = [None] * len(self._ids)
        self._gate = WordGate([items for _, items in patterns])

    def find(self, text: str) -> list[Hit]:
        """Return all hits, leftmost-longest per pattern, ordered by pattern id and start."""
        data = text.encode(errors="replace")  # a lone surrogate becomes "?": still one character
        possible = self._possible(data)
        if not possible:
            return []
        plain = len(data) == len(text)
        bytes_of = None if plain else _byte_offsets(text, possible.values())
        hits = []
        for i, starts in possible.items():
            spans = _spans_at(self._pattern(i), data, starts, bytes_of) if starts else _spans(self._pattern(i), data)
            hits += [Hit(self._ids[i], start, end) for start, end in spans]
        return sorted(hits if plain else _in_characters(hits, data))

    def _possible(self, data: bytes) -> dict[int, Sequence[int]]:
        """Return the patterns that may occur, each with the characters where it may begin; with none where it may begin anywhere."""
        return self._gate.possible(data.decode()) if self._ids else {}

    def _pattern(self, i: int):
        if self._compiled[i] is None:
            import re2

            try:
                self._compiled[i] = re2.compile(self._sources[i], self._options)
            except re2.error as error:
                raise CodebookError([f"cues.toml: {self._ids[i]}: re2 refuses the pattern ({error})"]) from None
        return self._compiled[i]


def _spans_at(pattern, data: bytes, starts: Sequence[int], bytes_of: Mapping[int, int] | None) -> Iterator[tuple[int, int]]:
    """Yield the byte spans of a pattern that begin at some of `starts` (characters, ascending), without overlap."""
    position = 0
    for start in starts if bytes_of is None else map(bytes_of.__getitem__, starts):
        if start >= position and (found := pattern.match(data, start)):
            position = found.end(1)
            yield start, position


def _spans(pattern, data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the byte spans of a pattern, wherever they begin, without overlap."""
    import re2

    word = re2.compile(WORD)
    position = 0
    while found := pattern.search(data, position):
        start, position = found.span(1)
        if _begins(data, start):
            yield start, position
        else:  # to the end of the word that it lies in: nothing begins there, and a search for each of its parts would be quadratic
            position = word.match(data, start).end()


def _begins(data: bytes, start: int) -> bool:
    """Tell whether a token begins at `start`."""
    if start == 0 or data[start - 1] in _APART:
        return True
    here = data[start : start + 4].decode(errors="ignore")[:1]
    before = data[max(0, start - 8) : start].decode(errors="ignore")[-2:]
    if not _is_letter(here) or not before:
        return True
    return not (_is_letter(before[-1]) or (before[-1] in "-\u2010\u2011'\u2019" and _is_letter(before[:-1])))


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _byte_offsets(text: str, wanted: Iterable[Sequence[int]]) -> dict[int, int]:
    """Return the byte offset of each wanted character, in one pass over the text."""
    offsets, last, count = {}, 0, 0
    for character in sorted({start for starts in wanted for start in starts}):
        count += len(text[last:character].encode(errors="replace"))
        offsets[character] = count
        last = character
    return offsets


def _in_characters(hits: Sequence[Hit], data: bytes) -> list[Hit]:
    """Turn byte offsets into code points, in one pass over the text."""
    points, last, count = {}, 0, 0
    for byte in sorted({offset for hit in hits for offset in hit[1:]}):
        count += len(data[last:byte].decode())
        points[byte] = count
        last = byte
    return [Hit(hit.pattern, points[hit.start], points[hit.end]) for hit in hits]
