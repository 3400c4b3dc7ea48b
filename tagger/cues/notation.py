"""How a pattern is written: a compact phrase, or spaCy token patterns, both read into the same few items.

Phrase notation: items separated by spaces; ``a|b|<list>`` are alternatives; ``volunteer*`` stands for any ending; a trailing ``?`` makes the
item optional; ``~3`` is a gap of up to three words; a hyphenated word is also matched joined and with a space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LITERAL, PREFIX, REGEX = "literal", "prefix", "regex"
MAX_GAP = 12


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern: (kind, text) alternatives, text in lower case; `low`..`high` times (0..1 is optional)."""

    alternatives: tuple[tuple[str, str], ...]
    low: int = 1
    high: int = 1


@dataclass(frozen=True, slots=True)
class Gap:
    """`low` to `high` arbitrary words, each perhaps after a comma."""

    low: int
    high: int


Item = Word | Gap
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*'?|[$€£%©&+#]")


def parse_phrase(phrase: str, lists: Mapping[str, Sequence[str]]) -> tuple[Item, ...]:
    """Read a phrase.

    Parameters
    ----------
    phrase : str
    lists : mapping of list name to words

    Raises
    ------
    ValueError
        Names the item and what is wrong with it.
    """
    items = tuple(_parse_item(raw, lists) for raw in phrase.split())
    _check_ends(items)
    return items


def _parse_item(raw: str, lists: Mapping[str, Sequence[str]]) -> Item:
    if raw.startswith("~"):
        if not raw[1:].isdigit() or not 1 <= int(raw[1:]) <= MAX_GAP:
            raise ValueError(f"gap {raw!r}: write ~1 to ~{MAX_GAP}")
        return Gap(0, int(raw[1:]))
    low = 0 if raw.endswith("?") else 1
    alternatives: list[tuple[str, str]] = []
    for part in (raw[:-1] if low == 0 else raw).lower().replace("’", "'").split("|"):
        if part.startswith("<") and part.endswith(">"):
            if part[1:-1] not in lists:
                raise ValueError(f"list {part} is not defined; there are: {', '.join(sorted(lists)) or 'none'}")
            alternatives += [_alternative(word, raw) for word in lists[part[1:-1]]]
        else:
            alternatives.append(_alternative(part, raw))
    return Word(tuple(dict.fromkeys(alternatives)), low)


def _alternative(text: str, raw: str) -> tuple[str, str]:
    text = text.lower().replace("’", "'")
    kind, stem = (PREFIX, text[:-1]) if text.endswith("*") else (LITERAL, text)
    if not _WORD.fullmatch(stem):
        raise ValueError(f"{text!r} in {raw!r} is not one word (letters, digits, inner hyphens or apostrophes; * only at its end, ? only at the item's)")
    return kind, stem


def parse_tokens(tokens: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Read a spaCy token pattern: LOWER (str, IN or REGEX) and OP (``?``, ``{n}``, ``{n,m}``); an empty token is any word.

    Raises
    ------
    ValueError
        Names the token and what is wrong with it.
    """
    items = tuple(_parse_token(token) for token in tokens)
    _check_ends(items)
    return items


def _parse_token(token: Mapping[str, Any]) -> Item:
    if unknown := set(token) - {"LOWER", "OP"}:
        raise ValueError(f"token attribute {', '.join(sorted(unknown))} is not supported; use LOWER and OP")
    low, high = _times(token.get("OP", "1"))
    if "LOWER" not in token:
        return Gap(low, high)
    lower = token["LOWER"]
    if isinstance(lower, str):
        return Word((_alternative(lower, lower),), low, high)
    if isinstance(lower, Mapping) and set(lower) == {"IN"}:
        return Word(tuple(_alternative(word, word) for word in lower["IN"]), low, high)
    if isinstance(lower, Mapping) and set(lower) == {"REGEX"}:
        return Word(((REGEX, lower["REGEX"]),), low, high)
    raise ValueError(f"LOWER = {lower!r}: a string, {{IN = [...]}} or {{REGEX = '...'}}")


def _times(op: str) -> tuple[int, int]:
    if op == "1":
        return 1, 1
    if op == "?":
        return 0, 1
    if found := re.fullmatch(r"\{(\d+)(?:,(\d+))?\}", op):
        low = int(found[1])
        high = int(found[2] or low)
        if low <= high <= MAX_GAP and high > 0:
            return low, high
    raise ValueError(f"OP = {op!r}: '?', '{{n}}' or '{{n,m}}' with m up to {MAX_GAP}")


def _check_ends(items: Sequence[Item]) -> None:
    if not items:
        raise ValueError("the pattern is empty")
    for item, side in ((items[0], "begin"), (items[-1], "end")):
        if isinstance(item, Gap) or item.low == 0:
            raise ValueError(f"a pattern must {side} with a word that is not optional")
