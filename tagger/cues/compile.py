"""One pattern, two engines: re2 expressions over raw text, and token patterns for spaCy's ``Matcher``.

Both see the same tokens.  A word is letters or digits with inner hyphens or apostrophes and perhaps a closing apostrophe (:data:`WORD`); every
other visible character stands alone; two line breaks are a token of their own, so that nothing matches across a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Any

from tagger.cues.notation import LITERAL, PREFIX, Gap, Item, Word

LETTER = r"[\pL\pN_]"
HYPHEN = "[-\u2010\u2011]"
APOSTROPHE = "['\u2019]"
BLANK = "[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_JOIN = "[-\u2010\u2011'\u2019]"
WORD = rf"{LETTER}+(?:{_JOIN}{LETTER}+)*{APOSTROPHE}?"
SPACE = rf"(?:{BLANK}+(?:\n{BLANK}*)?|\n{BLANK}*)"
# The end of a word: nothing that would carry it on. One or two characters after it are read, since re2 has no lookahead.
WORD_END = rf"(?:[^\pL\pN_\-\x{{2010}}\x{{2011}}'\x{{2019}}]|{_JOIN}(?:[^\pL\pN_]|$)|$)"


def to_re2(items: Sequence[Item]) -> str:
    """Return the re2 expression of a pattern; group 1 is the mention. The caller checks that the mention begins at the start of a word."""
    source = ""
    for i, item in enumerate(items):
        one = rf"(?:,?{SPACE}{WORD})" if isinstance(item, Gap) else _word(item)
        if i == 0:
            source += one if item.high == 1 else rf"{one}(?:{SPACE}{one}){{{item.low - 1},{item.high - 1}}}"
        elif isinstance(item, Gap):
            source += f"{one}{{{item.low},{item.high}}},?"
        else:
            source += SPACE + one if (item.low, item.high) == (1, 1) else f"(?:{SPACE}{one}){{{item.low},{item.high}}}"
    boundary = r"\b" if _ascii_start(items[0]) else ""
    return f"{boundary}({source}){WORD_END}"


def _word(item: Word) -> str:
    return f"(?:{'|'.join(_alternative(kind, text) for kind, text in item.alternatives)})"


def _alternative(kind: str, text: str) -> str:
    if kind == "regex":
        return f"(?:{text})"
    if not text[0].isalnum():
        return re.escape(text)
    body = re.escape(text).replace(r"\-", "-").replace("'", APOSTROPHE).replace("-", rf"(?:{HYPHEN}|{SPACE})?")
    if kind == PREFIX:
        return rf"{body}{LETTER}*(?:{_JOIN}{LETTER}+)*{APOSTROPHE}?"
    return body if "'" in text else rf"{body}(?:{APOSTROPHE}s?)?"


# In the gate, bytes stand for themselves and every byte outside ASCII may be a blank: it lets too much through, never too little.
_LOOSE_SPACE = r"[\x00-\x20\x80-\xff]+"
_LOOSE_APOSTROPHE = r"(?:'|\xe2\x80\x99)"
_LOOSE_HYPHEN = r"(?:-|\xe2\x80[\x90\x91]|" + _LOOSE_SPACE + ")?"


def segments(items: Sequence[Item]) -> list[tuple[Word, ...]]:
    """Return the runs of required words of a pattern, cut at gaps and optional words: a text that lacks one of them cannot match."""
    runs: list[list[Word]] = [[]]
    for item in items:
        if isinstance(item, Gap) or item.low == 0:
            runs.append([])
        else:
            runs[-1].append(item)
    return [tuple(run) for run in runs if run]


def to_gate(segment: Sequence[Word]) -> str:
    """Return a byte expression (re2 in Latin-1 mode) that matches wherever `segment` does, and sometimes where it does not."""
    return r"\b" * _ascii_start(segment[0]) + _LOOSE_SPACE.join(f"(?:{'|'.join(_loose(*a) for a in word.alternatives)})" for word in segment)


def _loose(kind: str, text: str) -> str:
    if kind == "regex":
        return f"(?:{text})"
    source = "".join(
        _LOOSE_HYPHEN if c == "-" else _LOOSE_APOSTROPHE if c == "'" else re.escape(c) if c.isascii() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in text
    )
    return source + (r"[^\x00-\x20,]*" if kind == PREFIX else rf"(?:{_LOOSE_APOSTROPHE}s?)?")


def _ascii_start(word: Word) -> bool:
    return all(kind != "regex" and text[0].isascii() and text[0].isalnum() for kind, text in word.alternatives)


_COMMA = {"ORTH": ",", "OP": "?"}


def to_matcher(items: Sequence[Item]) -> list[list[dict[str, Any]]]:
    """Return the token patterns of a pattern for spaCy's ``Matcher`` (several, since a hyphenated word may be one token or two)."""
    variants: list[list[list[dict[str, Any]]]] = []
    for item in items:
        if isinstance(item, Gap):
            variants.append([[*_gap(item.low), *({**token, "OP": "?"} for token in _gap(item.high - item.low)), _COMMA]])
        else:
            spellings = _spellings(item)
            runs = [run for n in range(item.low, item.high + 1) for run in ([sum(p, []) for p in product(spellings, repeat=n)] if n else [[]])]
            variants.append(runs)
    unique = {repr(p): p for p in (sum(parts, []) for parts in product(*variants))}
    return list(unique.values())


def _gap(words: int) -> list[dict[str, Any]]:
    return [_COMMA, {"TEXT": {"REGEX": r"^\w"}}] * words


def _spellings(item: Word) -> list[list[dict[str, Any]]]:
    """Each way to write the word as tokens: whole, or cut at hyphens."""
    by_length: dict[int, list[str]] = {}
    runs: list[list[dict[str, Any]]] = []
    for kind, text in item.alternatives:
        if kind == "regex":
            by_length.setdefault(1, []).append(f"(?:{text})")
            continue
        for cuts in product(("-", " "), repeat=text.count("-")):
            parts = text.split("-")
            spelled = parts[0] + "".join(cut + part for cut, part in zip(cuts, parts[1:], strict=True))
            pieces = spelled.split(" ")
            expressions = [_token_expression(LITERAL if i < len(pieces) - 1 else kind, piece, i == len(pieces) - 1) for i, piece in enumerate(pieces)]
            if len(expressions) == 1:
                by_length.setdefault(1, []).append(expressions[0])
            else:
                runs.append([{"LOWER": {"REGEX": f"^(?:{e})$"}} for e in expressions])
    if 1 in by_length:
        runs.insert(0, [{"LOWER": {"REGEX": f"^(?:{'|'.join(by_length[1])})$"}}])
    return runs


def _token_expression(kind: str, text: str, last: bool) -> str:
    body = re.escape(text).replace(r"\-", "-").replace("'", APOSTROPHE).replace("-", f"{HYPHEN}?")
    if not text[0].isalnum() or not last:
        return body
    if kind == PREFIX:
        return rf"{body}\w*(?:{_JOIN}\w+)*{APOSTROPHE}?"
    return body if "'" in text else f"{body}(?:{APOSTROPHE}s?)?"
