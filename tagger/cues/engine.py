"""The fast engine: one re2 set says which runs of words occur at all; only patterns that have all of theirs are then located in the raw text.

Offsets are code points of the text as it is; nothing is lower-cased or rewritten on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tagger.cues.compile import WORD, segments, to_gate, to_re2
from tagger.cues.notation import Item, Word
from tagger.errors import CodebookError

MAX_MEMORY = 256 << 20  # bytes for the set's automaton; re2's default of 8 MB is too small for a thousand runs of words
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
        If re2 refuses a pattern (too large, or a REGEX token it cannot read); from :meth:`find` where only the whole of it is too large.
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
        numbers: dict[tuple[Word, ...], int] = {}
        self._needs = [frozenset(numbers.setdefault(segment, len(numbers)) for segment in segments(items)) for _, items in patterns]
        # by the segment that is rarest among patterns, so that few patterns are asked about each text
        shared = Counter(number for needs in self._needs for number in needs)
        self._by_segment: dict[int, list[int]] = {}
        for i, needs in enumerate(self._needs):
            self._by_segment.setdefault(min(needs, key=lambda n: (shared[n], n)), []).append(i)
        self._gate = _gate(list(numbers), patterns)

    def find(self, text: str) -> list[Hit]:
        """Return all hits, leftmost-longest per pattern, ordered by pattern id and start."""
        data = text.encode(errors="replace")  # a lone surrogate becomes "?": still one character
        hits = [Hit(self._ids[i], start, end) for i in self._possible(data) for start, end in _spans(self._pattern(i), data)]
        return sorted(hits if len(data) == len(text) else _in_characters(hits, data))

    def _possible(self, data: bytes) -> list[int]:
        """Return the patterns of which every required run of words occurs."""
        there = set(self._gate.Match(data) or ()) if self._ids else ()
        return [i for number in there for i in self._by_segment.get(number, ()) if self._needs[i] <= there]

    def _pattern(self, i: int):
        if self._compiled[i] is None:
            import re2

            try:
                self._compiled[i] = re2.compile(self._sources[i], self._options)
            except re2.error as error:
                raise CodebookError([f"cues.toml: {self._ids[i]}: re2 refuses the pattern ({error})"]) from None
        return self._compiled[i]


def _gate(needed: Sequence[tuple[Word, ...]], patterns: Sequence[tuple[str, tuple[Item, ...]]]):
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    options.encoding = re2.Options.Encoding.LATIN1
    gate = re2.Set.SearchSet(options)
    for segment in needed:
        try:
            gate.Add(to_gate(segment).encode("ascii"))
        except re2.error as error:
            keys = [key for key, items in patterns if segment in segments(items)]
            raise CodebookError([f"cues.toml: {', '.join(keys)}: re2 refuses the pattern ({error})"]) from None
    gate.Compile()
    return gate


def _spans(pattern, data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the byte spans of a pattern, without overlap."""
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


def _in_characters(hits: Sequence[Hit], data: bytes) -> list[Hit]:
    """Turn byte offsets into code points, in one pass over the text."""
    points, last, count = {}, 0, 0
    for byte in sorted({offset for hit in hits for offset in hit[1:]}):
        count += len(data[last:byte].decode())
        points[byte] = count
        last = byte
    return [Hit(hit.pattern, points[hit.start], points[hit.end]) for hit in hits]
