"""What an appendix is made of: plain texts and figures, free of any format, so that the three renderings cannot say different things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tagger.writing.charts import Axis, Point, Series


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is a section, 2 a part of it."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure that cannot be given: what, and how to come by it."""

    what: str
    way_out: str

    @property
    def text(self) -> str:
        """The whole sentence."""
        return f"Missing: {self.what}. {self.way_out}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain texts; the first `words` columns hold words, the others numbers. A `dense` one has many narrow columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    dense: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart as data; `name` is for the name of a file."""

    name: str
    title: str
    caption: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    lines: tuple[tuple[Point, Point, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Text that is shown letter by letter, such as a BibTeX entry."""

    text: str
    language: str


Block = Heading | Paragraph | Missing | Table | Plot | Listing


@dataclass(frozen=True, slots=True)
class Document:
    """An appendix."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What could not be given."""
        return tuple(block.what for block in self.blocks if isinstance(block, Missing))


def shown(figure: Mapping[str, Any]) -> str:
    """Return a figure of an evaluation with its interval: ``0.685 (0.650 to 0.720)``."""
    return "undefined" if figure["value"] is None else f"{figure['value']:.3f}" + between(figure["low"], figure["high"])


def between(low: float | None, high: float | None) -> str:
    """Return an interval in brackets, '' where there is none."""
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"


def called(facet: str, code: str, labels: Mapping[tuple[str, str], str]) -> str:
    """Return a code with what it is called, where the code alone says nothing."""
    label = labels.get((facet, code), "")
    return f"{code} {label}" if label and not code[:1].isalpha() else code
