"""One pattern, two engines: re2 expressions over the bytes of an alphabet, and token patterns for spaCy's ``Matcher``.

Both see the same tokens.  A word is letters or digits with inner hyphens or apostrophes and perhaps a closing apostrophe (:data:`WORD`); every
other visible character stands alone; two line breaks are a token of their own, so that nothing matches across a paragraph.  Case is folded letter
by letter and never across the border of ASCII (:func:`tagger.cues.notation.fold`): "K" is k, the Kelvin sign is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, product, takewhile
from typing import Any

from tagger.cues.alphabet import APOSTROPHE, HYPHEN, LETTERS
from tagger.cues.notation import MARK, PREFIX, REGEX, Gap, Item, Word

HYPHENS, APOSTROPHES = "[-\u2010\u2011]", "['\u2019]"  # in a text; in the bytes of an alphabet:
_HYPHEN, _APOSTROPHE, _JOIN = f"[-{HYPHEN}]", f"['{APOSTROPHE}]", f"[-{HYPHEN}'{APOSTROPHE}]"
WORD = f"{LETTERS}+(?:{_JOIN}{LETTERS}+)*{_APOSTROPHE}?"
_SPACE = "(?: +(?:\n *)?|\n *)"
_BETWEEN = f"(?:{_SPACE}(?:,{_SPACE}?)?|,{_SPACE}?)"  # two words, perhaps with a comma
# The end of a word: nothing that would carry it on. One or two characters after it are read, since re2 has no lookahead.
_WORD_END = f"(?:[^{LETTERS[1:-1]}\\-{HYPHEN}'{APOSTROPHE}]|{_JOIN}(?:[^{LETTERS[1:-1]}]|$)|$)"


def to_re2(items: Sequence[Item]) -> str:
    """Return the re2 expression of a pattern as :meth:`Alphabet.spelled` gives it; group 1 is the mention.

    It is for bytes, each written as the character of its number.  The caller checks that the mention begins at the start of a word.
    """
    source, joined = "", True  # joined: what stands before the next word is written already
    i = 0
    while i < len(items):
        item = items[i]
        before, after = (items[i - 1] if i else None), (items[i + 1] if i + 1 < len(items) else None)
        if isinstance(item, Gap):
            source += "" if joined else _BETWEEN + "?" * _is_mark(before)
            source += f"(?:{WORD}{_BETWEEN}){{{item.low},{item.high}}}"
            joined = True
        elif _is_mark(item):
            source += ("" if joined else f"{_SPACE}?") + _word(item, False)
            joined = isinstance(after, Word)
            source += f"{_SPACE}?" * joined
        elif item.low == 0 and joined:
            run = list(takewhile(lambda one: isinstance(one, Word) and one.low == 0, items[i:]))
            i += len(run) - 1
            source += f"(?:{_some(run)}{_BETWEEN if isinstance(items[i + 1], Gap) else _SPACE})?"
        else:
            source += ("" if joined or item.low == 0 else _SPACE) + _times(item, after is not None)
            joined = False
        i += 1
    return rf"{_boundary(items[0])}({source}){'' if _is_mark(items[-1]) else _WORD_END}"


def _times(item: Word, more: bool) -> str:
    """Return a word as often as it may stand; with the space before it where that is not at all."""
    if item.low == 0:
        return f"(?:{_SPACE}{_word(item, True)}){{0,{item.high}}}"
    again = f"(?:{_SPACE}{_word(item, True)}){{{item.low - 1},{item.high - 1}}}" if item.high > 1 else ""
    return _word(item, more or item.high > 1) + again


def _some(run: Sequence[Word]) -> str:
    """Return at least one of a run of optional words, in order."""
    first, rest = replace(run[0], low=1), run[1:]
    if not rest:
        return _times(first, True)
    return f"(?:{_times(first, True)}(?:{_SPACE}{_some(rest)})?|{_some(rest)})"


def _is_mark(item: Item | None) -> bool:
    return isinstance(item, Word) and item.alternatives[0][0] == MARK


def _boundary(word: Word) -> str:
    r"""``\b`` of re2 knows ASCII alone: only for words that begin so. It is there for speed, the caller checks."""
    return r"\b" * all(kind not in (REGEX, MARK) and text[0].isascii() for kind, text in word.alternatives)


def _word(item: Word, more: bool) -> str:
    """`more`: other words follow, so that a closing apostrophe belongs to the mention."""
    closing = f"{_APOSTROPHE}?" if more and not _is_mark(item) else ""
    return f"(?:{'|'.join(_alternative(kind, text) for kind, text in item.alternatives)}){closing}"


def _alternative(kind: str, text: str) -> str:
    if kind == REGEX:
        return f"(?:{text.replace('.', f'(?:{LETTERS}|{_JOIN})')})"
    if kind == MARK:
        return re.escape(text)
    body = "".join(_spelled(c) for c in text)
    if kind == PREFIX:
        return rf"{body}{LETTERS}*(?:{_JOIN}{LETTERS}+)*"
    return body if "'" in text else rf"{body}(?:{_APOSTROPHE}s)?"


def _spelled(character: str) -> str:
    if character == "-":
        return f"(?:{_HYPHEN}|{_SPACE})?"
    if character == "'":
        return _APOSTROPHE
    return re.escape(character)


_COMMA = {"ORTH": ",", "OP": "?"}


def to_matcher(items: Sequence[Item]) -> list[list[dict[str, Any]]]:
    """Return the token patterns of a pattern for spaCy's ``Matcher`` (several, since a hyphenated word may be one token or two)."""
    variants: list[list[list[dict[str, Any]]]] = []
    for item in items:
        if isinstance(item, Gap):
            variants.append([[*_gap(item.low), *({**token, "OP": "?"} for token in _gap(item.high - item.low)), _COMMA]])
        else:
            spellings = _spellings(item)
            runs = [run for n in range(item.low, item.high + 1) for run in ([list(chain(*p)) for p in product(spellings, repeat=n)] if n else [[]])]
            variants.append(runs)
    unique = {repr(p): p for p in (list(chain(*parts)) for parts in product(*variants))}
    return list(unique.values())


def _gap(words: int) -> list[dict[str, Any]]:
    return [_COMMA, {"TEXT": {"REGEX": r"^\w"}}] * words


def _spellings(item: Word) -> list[list[dict[str, Any]]]:
    """Each way to write the word as tokens: whole, or cut at hyphens."""
    whole: list[str] = []
    runs: list[list[dict[str, Any]]] = []
    for kind, text in item.alternatives:
        if kind in (REGEX, MARK):
            whole.append(rf"(?:{text}){APOSTROPHES}?" if kind == REGEX else re.escape(text))
            continue
        for cuts in product(("-", " "), repeat=text.count("-")):
            parts = text.split("-")
            pieces = (parts[0] + "".join(cut + part for cut, part in zip(cuts, parts[1:], strict=True))).split(" ")
            expressions = [*(_piece(piece) for piece in pieces[:-1]), _piece(pieces[-1]) + _ending(kind, text)]
            if len(expressions) == 1:
                whole += expressions
            else:
                runs.append([_token([e]) for e in expressions])
    return [[_token(whole)], *runs] if whole else runs


_ENDING = f"(?:{APOSTROPHES}s)?{APOSTROPHES}?"


def _token(expressions: Sequence[str]) -> dict[str, Any]:
    """Plain words as a set, which spaCy looks up far faster than it tries an expression."""
    words = [e.removesuffix(_ENDING) for e in expressions]
    if all(e.endswith(_ENDING) and word.isalnum() for e, word in zip(expressions, words, strict=True)):
        endings = ["".join(pair) for pair in product(("", "'s", "\u2019s"), ("", "'", "\u2019"))]
        return {"LOWER": {"IN": [word + ending for word in words for ending in endings]}}
    return {"LOWER": {"REGEX": rf"^(?:{'|'.join(expressions)})\Z"}}


def _piece(text: str) -> str:
    return re.escape(text).replace(r"\-", "-").replace("'", APOSTROPHES).replace("-", f"{HYPHENS}?")


def _ending(kind: str, text: str) -> str:
    if kind == PREFIX:
        return rf"\w*(?:[-\u2010\u2011'\u2019]\w+)*{APOSTROPHES}?"
    return f"{APOSTROPHES}?" if "'" in text else _ENDING
