"""The fast engine: the words of a text say which patterns may begin where; only there re2 looks at the raw text.

Offsets are code points of the text as it is; nothing is lower-cased or rewritten on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tagger.cues.alphabet import ROOM, Alphabet
from tagger.cues.compile import WORD, to_re2
from tagger.cues.gate import WordGate
from tagger.cues.notation import Item
from tagger.errors import CodebookError

MEMORY = (1 << 16, 8 << 20)  # bytes a pattern's automaton may take; the second, re2's own, for patterns that do not fit into the first
RENEWED = 4096  # texts, after which automata are made anew where they are needed: so the rare ones do not gather, and memory stays flat


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

        self._options = [_options(re2.Options(), memory) for memory in MEMORY]
        self._ids = [key for key, _ in patterns]
        self._items = [items for _, items in patterns]
        own = [Alphabet.of(items) for items in self._items]
        for key, letters in zip(self._ids, own, strict=True):
            if len(letters) > ROOM:
                message = f"cues.toml: {key}: names {len(letters)} different letters that are not of Latin-1, more than {ROOM}; make two patterns of it"
                raise CodebookError([message])
        alphabets = {letters: Alphabet(letters) for letters in own}
        self._alphabets = [alphabets[letters] for letters in own]
        self._compiled: list[object | None] = [None] * len(self._ids)
        self._gate = WordGate(self._items)
        self._texts = 0

    def find(self, text: str) -> list[Hit]:
        """Return all hits, leftmost-longest per pattern, ordered by pattern id and start."""
        self._texts += 1
        if self._texts % RENEWED == 0:
            self._compiled = [None] * len(self._ids)
        hits, encoded = [], {}
        for i, starts in self._possible(text).items():
            alphabet = self._alphabets[i]
            data = encoded.get(alphabet)
            if data is None:
                data = encoded[alphabet] = alphabet.encode(text)
            spans = _spans_at(self._pattern(i), data, starts) if starts else _spans(self._pattern(i), data, text)
            hits += [Hit(self._ids[i], start, end) for start, end in spans]
        return sorted(hits)

    def _possible(self, text: str) -> dict[int, Sequence[int]]:
        """Return the patterns that may occur, each with the characters where it may begin; with none where it may begin anywhere."""
        return self._gate.possible(text) if self._ids else {}

    def _pattern(self, i: int):
        compiled = self._compiled  # another thread may begin a new list
        if compiled[i] is None:
            compiled[i] = self._compile(i)
        return compiled[i]

    def _compile(self, i: int):
        import re2

        source = to_re2(self._alphabets[i].spelled(self._items[i])).encode("latin-1")
        for options in self._options:
            try:
                return re2.compile(source, options)
            except re2.error as error:
                why = error
        raise CodebookError([f"cues.toml: {self._ids[i]}: re2 refuses the pattern ({why})"])


def _options(options, memory: int):
    options.encoding = options.Encoding.LATIN1
    options.longest_match = True
    options.log_errors = False
    options.max_mem = memory
    return options


def _spans_at(pattern, data: bytes, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the spans of a pattern that begin at some of `starts` (ascending), without overlap."""
    position = 0
    for start in starts:
        if start >= position and (found := pattern.match(data, start)):
            position = found.end(1)
            yield start, position


def _spans(pattern, data: bytes, text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a pattern, wherever they begin, without overlap."""
    import re2

    word = re2.compile(WORD.encode("latin-1"), _options(re2.Options(), MEMORY[-1]))
    position = 0
    while found := pattern.search(data, position):
        start, position = found.span(1)
        if _begins(text, start):
            yield start, position
        else:  # to the end of the word that it lies in: nothing begins there, and a search for each of its parts would be quadratic
            position = word.match(data, start).end()


def _begins(text: str, start: int) -> bool:
    """Tell whether a token begins at `start`."""
    if start == 0 or not _is_letter(text[start]):
        return True
    before = text[start - 1]
    return not (_is_letter(before) or (before in "-\u2010\u2011'\u2019" and start > 1 and _is_letter(text[start - 2])))


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"
