"""How a pattern is written: a compact phrase, or spaCy token patterns, both read into the same few items.

Phrase notation: items separated by spaces; ``a|b|<list>`` are alternatives; ``volunteer*`` stands for any ending; a trailing ``?`` makes the
item optional; ``~3`` is a gap of up to three words; a hyphenated word is also matched joined and with a space; every word also with ``'s`` or a
closing apostrophe, so that ``workers'`` and ``workers`` say the same.  A mark (``$ % &`` ...) stands by itself, spaced or not: ``5 %`` finds "5%".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LITERAL, PREFIX, REGEX, MARK = "literal", "prefix", "regex", "mark"
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
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_MARKS = "$€£%©&+#"
# What a REGEX token may hold: both engines must read it alike, and it must not leave its word.
_REGEX = re.compile(r"(?:[a-z0-9]|(?<=[a-z0-9])(?:[.'-]|[-']\?)(?=[a-z0-9])|\(\?:|[)|?*+]|\[(?:[a-z0-9](?:-[a-z0-9])?)+\]|\{\d(?:,\d)?\})+")


def fold(text: str) -> str:
    """Return `text` with case folded letter by letter: as long as before, and no letter crosses the border of ASCII."""
    return text.lower() if text.isascii() else "".join(_fold(c) for c in text)


def _fold(character: str) -> str:
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1 and folded.isascii() == character.isascii():
            return folded
    return character


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
    if not isinstance(phrase, str):
        raise ValueError(f"phrase = {phrase!r} is not a string")
    return _checked(_parse_item(raw, lists) for raw in phrase.split())


def _parse_item(raw: str, lists: Mapping[str, Sequence[str]]) -> Item:
    if raw.startswith("~"):
        if not re.fullmatch("[0-9]+", raw[1:]) or not 1 <= int(raw[1:]) <= MAX_GAP:
            raise ValueError(f"gap {raw!r}: write ~1 to ~{MAX_GAP}")
        return Gap(0, int(raw[1:]))
    low = 0 if raw.endswith("?") else 1
    alternatives: list[tuple[str, str]] = []
    for part in (raw[:-1] if low == 0 else raw).split("|"):
        if part.startswith("<") and part.endswith(">"):
            if part[1:-1] not in lists:
                raise ValueError(f"list {part} is not defined; there are: {', '.join(sorted(lists)) or 'none'}")
            alternatives += [_alternative(word, raw) for word in lists[part[1:-1]]]
        else:
            alternatives.append(_alternative(part, raw))
    return Word(tuple(dict.fromkeys(alternatives)), low)


def _alternative(text: str, raw: str) -> tuple[str, str]:
    text = fold(text.replace("’", "'"))
    if len(text) == 1 and text in _MARKS:
        return MARK, text
    kind, stem = (PREFIX, text[:-1]) if text.endswith("*") else (LITERAL, text.removesuffix("'"))
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
    if not isinstance(tokens, Sequence) or not all(isinstance(token, Mapping) for token in tokens):
        raise ValueError(f"tokens = {tokens!r} is not an array of tables")
    return _checked(_parse_token(token) for token in tokens)


def _parse_token(token: Mapping[str, Any]) -> Item:
    if unknown := set(token) - {"LOWER", "OP"}:
        raise ValueError(f"token attribute {', '.join(sorted(unknown))} is not supported; use LOWER and OP")
    low, high = _times(token.get("OP", "1"))
    if "LOWER" not in token:
        return Gap(low, high)
    lower = token["LOWER"]
    if isinstance(lower, str):
        return Word((_alternative(lower, lower),), low, high)
    if isinstance(lower, Mapping) and set(lower) == {"IN"} and _are_strings(lower["IN"]):
        return Word(tuple(dict.fromkeys(_alternative(word, word) for word in lower["IN"])), low, high)
    if isinstance(lower, Mapping) and set(lower) == {"REGEX"} and isinstance(lower["REGEX"], str):
        return Word(((REGEX, _regex(lower["REGEX"])),), low, high)
    raise ValueError(f"LOWER = {lower!r}: a string, {{IN = [...]}} or {{REGEX = '...'}}")


def _are_strings(words: Any) -> bool:
    return isinstance(words, list | tuple) and bool(words) and all(isinstance(word, str) for word in words)


def _regex(text: str) -> str:
    try:
        good = _REGEX.fullmatch(text) and not re.fullmatch(text, "")
    except re.error as error:
        raise ValueError(f"REGEX {text!r}: {error}") from None
    if not good:
        raise ValueError(
            f"REGEX {text!r}: may hold a-z, 0-9, [...], (?:...), |, ?, *, + and {{n,m}}, and . - ' between two letters or digits; "
            "it must not match the empty word"
        )
    return text


def _times(op: Any) -> tuple[int, int]:
    if op == "1":
        return 1, 1
    if op == "?":
        return 0, 1
    if isinstance(op, str) and (found := re.fullmatch(r"\{([0-9]+)(?:,([0-9]+))?\}", op)):
        low = int(found[1])
        high = int(found[2] or low)
        if low <= high <= MAX_GAP and high > 0:
            return low, high
    raise ValueError(f"OP = {op!r}: '?', '{{n}}' or '{{n,m}}' with m up to {MAX_GAP}")


def _checked(parsed: Iterable[Item]) -> tuple[Item, ...]:
    """Join neighbouring gaps, and refuse what the two engines could not read alike."""
    items: list[Item] = []
    for item in parsed:
        if isinstance(item, Gap) and items and isinstance(items[-1], Gap):
            items[-1] = Gap(items[-1].low + item.low, items[-1].high + item.high)
        else:
            items.append(item)
    if not items:
        raise ValueError("the pattern is empty")
    for item, side in ((items[0], "begin"), (items[-1], "end")):
        if isinstance(item, Gap) or item.low == 0:
            raise ValueError(f"a pattern must {side} with a word that is not optional")
    for before, item in zip((None, *items), items, strict=False):
        _check_marks(before, item)
    return tuple(items)


def _check_marks(before: Item | None, item: Item) -> None:
    if isinstance(before, Word) and before.alternatives[0][0] == MARK and isinstance(item, Word) and item.low == 0:
        raise ValueError(f"the mark {before.alternatives[0][1]!r} must not stand before an optional word")
    marks = [text for kind, text in item.alternatives if kind == MARK] if isinstance(item, Word) else []
    if not marks:
        return
    if len(marks) < len(item.alternatives) or (item.low, item.high) != (1, 1):
        raise ValueError(f"the mark {marks[0]!r} must stand by itself: not among words, not optional, not repeated")
    if isinstance(before, Gap) or (before is not None and before.low == 0):
        raise ValueError(f"the mark {marks[0]!r} must not follow a gap or an optional word")
