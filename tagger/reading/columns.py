"""Which column or key holds the text, the id and the title."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TEXT = ("text", "wikitext", "html", "description", "content", "body", "abstract", "summary")  # the first that is there; the others are carried through
ID = ("id", "case", "case_id", "key", "identifier")
TITLE = ("title", "name", "initiative", "label", "heading")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names, as written in the input, of the columns with a meaning; '' where there is none."""

    text: str
    id: str
    title: str

    @property
    def kind(self) -> str:
        """How the text is to be read: wikitext, html or text."""
        folded = fold(self.text)
        return folded if folded in ("wikitext", "html") else "text"


def fold(name: str) -> str:
    """Return a column name as it is compared."""
    return name.strip().casefold()


def can_name(value: object) -> bool:
    """Whether a value of a typed format can be an id or a title: a text or a number."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def find_columns(names: Iterable[str], text_column: str | None = None) -> Columns | str:
    """Find the columns with a meaning among `names`; return a sentence on what is wrong if that fails."""
    names = list(names)
    by_name: dict[str, list[str]] = {}
    for name in names:
        by_name.setdefault(fold(name), []).append(name)
    found = "columns found: " + (", ".join(repr(n) for n in names[:30]) or "none") + (f" and {len(names) - 30} more" if len(names) > 30 else "")
    double = next((same for same in by_name.values() if len(same) > 1), None)
    if double:
        return f"two columns have the same name ({', '.join(map(repr, double))}): rename one ({found})"
    if text_column is not None and fold(text_column) not in by_name:
        return f"there is no column {text_column!r} ({found})"
    text = by_name[fold(text_column)][0] if text_column is not None else _first(by_name, TEXT)
    if not text:
        return f"no column holds the text ({found}); name one of them with --text-column, or call it {', '.join(TEXT)}"
    return Columns(text, *(name if name != text else "" for name in (_first(by_name, ID), _first(by_name, TITLE))))


def _first(by_name: dict[str, list[str]], aliases: tuple[str, ...]) -> str:
    return next((by_name[alias][0] for alias in aliases if alias in by_name), "")
