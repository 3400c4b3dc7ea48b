"""Collecting the faults of a data file, so that all of them are reported at once.

The loaders of ``codebook.toml``, ``cues.toml`` and ``rules.toml`` use the same collector and so complain in the same words:
``file: key path: what was found; what is allowed``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from tagger.errors import CodebookError

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # no "=", "@", "~": these divide the parts of a condition
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false", list: "an array", dict: "a table"}
_MISSING = object()


def quoted(value: Any, limit: int = 60) -> str:
    """Show a value out of a data file on one line: in double quotes, shortened to `limit` characters, nothing unprintable."""
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= limit else text[: limit - 3] + "..."
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f'"{text}"' if isinstance(value, str) else text


def listed(values: Iterable[Any], limit: int = 20) -> str:
    """Join allowed values for a message, the first `limit` of them."""
    shown = [str(v) for v in values]
    return ", ".join(shown[:limit]) + (f", ... ({len(shown)} in all)" if len(shown) > limit else "")


def did_you_mean(value: Any, allowed: Iterable[str]) -> str:
    """Return ``; did you mean "..."?`` for the allowed value nearest to `value`, or '' where none is near."""
    near = get_close_matches(value, list(allowed), n=1, cutoff=0.6) if isinstance(value, str) else []
    return f"; did you mean {quoted(near[0])}?" if near else ""


def join(at: str, key: str | int) -> str:
    """Return the key path one step below `at`: ``join("model[3]", "label")`` is ``model[3].label``."""
    if isinstance(key, int):
        return f"{at}[{key}]"
    step = key if BARE_KEY.fullmatch(key) else quoted(key)
    return f"{at}.{step}" if at else step


def _control(text: str) -> bool:
    return any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in text)


class Faults:
    """Collects what is wrong with one data file; :meth:`check` raises it all together.

    Parameters
    ----------
    file : str
        Name of the file as the messages should give it.
    """

    def __init__(self, file: str):
        self.file = file
        self.lines: list[str] = []

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, at: str, text: str) -> None:
        """Note a fault at a key path ('' for the file as a whole)."""
        self.lines.append(f"{self.file}: {at}: {text}" if at else f"{self.file}: {text}")

    def check(self) -> None:
        """Raise :class:`CodebookError` with every fault noted; do nothing where there is none."""
        if self.lines:
            raise CodebookError(self.lines)

    def unknown(self, table: Mapping[str, Any], allowed: Collection[str], at: str = "") -> None:
        """Note every key of `table` that is not among `allowed`."""
        for key in table:
            if key not in allowed:
                self.add(join(at, key), f"unknown key{did_you_mean(key, allowed)}; allowed: {listed(allowed)}")

    def require(self, table: Mapping[str, Any], key: str, kind: type, at: str = "", default: Any = _MISSING) -> Any:
        """Return ``table[key]`` when it is there and of type `kind`.

        A missing key is a fault, unless a `default` is given, which is then returned.  A wrong type is a fault; then None is returned, or the
        default.  Strings must hold something other than white space, and no control characters.  `float` takes finite whole numbers too.
        """
        fallback = None if default is _MISSING else default
        if key not in table:
            if default is _MISSING:
                self.add(join(at, key), f"missing; {NAMES[kind]} is needed")
            return fallback
        return table[key] if self._typed(table[key], kind, join(at, key)) else fallback

    def strings(self, table: Mapping[str, Any], key: str, at: str = "", required: bool = True, least: int = 0) -> tuple[str, ...]:
        """Return the strings of an array; items of another type are faults and left out."""
        return tuple(value for _, value in self.placed(table, key, at, required, least))

    def placed(self, table: Mapping[str, Any], key: str, at: str = "", required: bool = True, least: int = 0) -> list[tuple[str, str]]:
        """Return key path and string for each item of an array of strings, as :meth:`strings` does without the paths."""
        return self._items(table, key, str, at, required, least)

    def tables(self, table: Mapping[str, Any], key: str, at: str = "", required: bool = True, least: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Return key path and table for each item of an array of tables; items of another type are faults and left out."""
        return self._items(table, key, dict, at, required, least)

    def entries(self, table: Mapping[str, Any], key: str, required: bool = True, least: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Return the same with each item's own id in its path, ``pattern[951] (own-members)``: among a thousand entries nobody counts to 951."""
        found = self.tables(table, key, required=required, least=least)
        return [(f"{at} ({entry['id']})" if isinstance(entry.get("id"), str) and IDENTIFIER.fullmatch(entry["id"]) else at, entry) for at, entry in found]

    def identifier(self, table: Mapping[str, Any], key: str, at: str = "", seen: dict[str, str] | None = None) -> str | None:
        """Return ``table[key]`` as an id (letters, digits, ``.``, ``_``, ``-``; up to 64), noting one already in `seen`, which it joins."""
        value = self.require(table, key, str, at)
        if value is None:
            return None
        if not IDENTIFIER.fullmatch(value):
            self.add(join(at, key), f"{quoted(value)} is no id; use letters, digits, '.', '_' and '-', up to 64, a letter or digit first")
            return None
        if seen is not None:
            if value in seen:
                self.add(join(at, key), f"{quoted(value)} is there already, at {seen[value]}; ids must differ")
                return None
            seen[value] = at or key
        return value

    def member(self, value: str | None, allowed: Collection[str], at: str, what: str) -> bool:
        """Tell whether `value` is among `allowed`, noting it where not ("... is not `what`").

        A value of None, or nothing allowed at all, stems from a fault noted before: False, and nothing more is noted.
        """
        if value is None or not allowed:
            return False
        if value in allowed:
            return True
        self.add(at, f"{quoted(value)} is not {what}{did_you_mean(value, allowed)}; allowed: {listed(allowed)}")
        return False

    def _items(self, table: Mapping[str, Any], key: str, kind: type, at: str, required: bool, least: int) -> list[tuple[str, Any]]:
        place = join(at, key)
        values = self.require(table, key, list, at, **({} if required else {"default": []}))
        if isinstance(table.get(key), list) and len(values) < least:
            self.add(place, f"holds {len(values)}; at least {least} needed")
        return [(join(place, i), v) for i, v in enumerate(values or []) if self._typed(v, kind, join(place, i))]

    def _typed(self, value: Any, kind: type, at: str) -> bool:
        wanted = (int, float) if kind is float else kind
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
            self.add(at, f"{quoted(value)} is not {NAMES[kind]}")
            return False
        if kind is float and not abs(value) < float("inf"):
            self.add(at, f"{value} is not a finite number")
            return False
        if kind is str and not value.strip():
            self.add(at, "is empty; a text is needed")
            return False
        if kind is str and _control(value):
            self.add(at, f"{quoted(value)} holds a control character; take it out")
            return False
        return True
