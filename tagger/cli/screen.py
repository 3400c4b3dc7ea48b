"""The terminal: consoles that take a closed pipe calmly, and what is said on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from tagger.codebook import Codebook


def console(**options) -> Console:
    """Return a rich console on which a closed pipe (``tagger ... | head``) is a ``BrokenPipeError``, as everywhere else; rich alone would end with status 1."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Screen(**options)


def say(text: str) -> None:
    """Print on standard error, with nothing in it that a terminal would obey."""
    from tagger.cli import printable

    print(printable(text), file=sys.stderr)


def count(number: int, one: str) -> str:
    """Return a number with its noun: ``1 text``, ``2 texts``."""
    return f"{number} {one}" + ("" if number == 1 else "s")


def labels_of(book: Codebook) -> dict[tuple[str, str], str]:
    """Return what each code is called, by (facet, code)."""
    return {(c.facet, c.id): c.label.replace("_", " ") for c in (*book.economies, *book.models)}


def criteria_of(book: Codebook) -> dict[str, str]:
    """Return the text of each criterion, by its id."""
    return {k.id: k.text for c in (*book.economies, *book.models) for k in c.criteria}
