"""One byte for each character: what patterns are matched against, so that their automata stay small and an offset in bytes is one in characters.

Case is folded (:func:`tagger.cues.notation.fold`), white space but the line feed is one byte, and so are all letters that no pattern names.  Written over
UTF-8, the letters of all scripts alone make an automaton of some hundred states wherever any word may stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tagger.cues.notation import Item, Word, fold

LETTER, HYPHEN, APOSTROPHE, OTHER = "\x80", "\x81", "\x82", "\x83"  # characters beyond ASCII that no pattern names
LETTERS = "[0-9_a-z\x80\x90-\xff]"
_MARKS, _LETTERS = "€£©", "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
ROOM = 0x100 - 0x90 - len(_LETTERS)
_ASCII = bytes(range(0x80)).lower().translate(bytes.maketrans(b"\t\v\f\r\x1c\x1d\x1e\x1f", b" " * 8)) + bytes(range(0x80, 0x100))
_beyond = re.compile("[^\x00-\x7f]").sub


class Alphabet:
    """The bytes of characters.

    Parameters
    ----------
    own : str
        Letters beyond ASCII, folded, that patterns name, at most `ROOM`; the accented ones of Latin-1 are there anyway.
    """

    def __init__(self, own: str = ""):
        self._bytes = {c: chr(first + n) for first, some in ((0x84, _MARKS), (0x90, _LETTERS + own)) for n, c in enumerate(some)}
        self._known: dict[str, str] = {}

    @classmethod
    def of(cls, items: Sequence[Item]) -> str:
        """Return the letters that an alphabet must be given for a pattern."""
        texts = {c for item in items if isinstance(item, Word) for _, text in item.alternatives for c in text if not c.isascii()}
        return "".join(sorted(texts.difference(_MARKS, _LETTERS)))

    def spelled(self, items: Sequence[Item]) -> list[Item]:
        """Return a pattern with each character of its words as the one whose number is its byte."""
        return [replace(item, alternatives=tuple((k, self._spelled(t)) for k, t in item.alternatives)) if isinstance(item, Word) else item for item in items]

    def _spelled(self, text: str) -> str:
        return "".join(c if c.isascii() else self._bytes[c] for c in text)

    def encode(self, text: str) -> bytes:
        """Return a text, a byte for each character."""
        data = text.encode() if text.isascii() else _beyond(self._byte, text).encode("latin-1")
        return data.translate(_ASCII)

    def _byte(self, found: re.Match[str]) -> str:
        character = found[0]
        known = self._known.get(character)
        if known is None:
            known = self._known[character] = self._bytes.get(fold(character)) or _kind(character)
        return known


def _kind(character: str) -> str:
    if character.isspace():
        return " "
    if character in "\u2010\u2011":
        return HYPHEN
    if character == "\u2019":
        return APOSTROPHE
    return LETTER if character.isalnum() else OTHER
