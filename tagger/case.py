"""The records that flow through the house: case in, mentions found, decision out.

Offsets count Unicode code points.  Inside the house they point into
:attr:`Case.text`; what is written out points into the text as the user gave it
(:meth:`Case.given`), which differs for HTML and wikitext.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNSTATED = "unstated"  # the code of a cue that the text affirms no value of


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Where each stretch of the plain text stood in the source.

    Parameters
    ----------
    plain, source : tuple of int, same length, ascending, `plain[0] == 0`
        From `plain[i]` on (up to `plain[i + 1]`), the character at plain position ``p`` stands at ``source[i] + p - plain[i]``.
    """

    plain: tuple[int, ...]
    source: tuple[int, ...]

    def at(self, position: int) -> int:
        """Return the place in the source of the character at a plain `position`."""
        i = bisect_right(self.plain, position) - 1
        return self.source[i] + position - self.plain[i]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source span that holds the plain span ``[start, end)`` (empty spans stay empty)."""
        first = self.at(start)
        return (first, self.at(end - 1) + 1) if end > start else (first, first)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: `record` is a line, row or page number from 1, or a byte offset said as such."""

    file: str
    record: str = ""

    def __str__(self) -> str:
        return f"{self.file}, {self.record}" if self.record else self.file


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted passage, in offsets of the case text, and the link given as its source ('' if none)."""

    start: int
    end: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What a wiki page's structure says, beside its text."""

    definition: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One text about one initiative, ready to be coded.

    `text` is the plain text that is coded.  `source` is the text as given where it differs (HTML, wikitext), with `offsets` leading
    back into it.  `fields` are the input's other columns, carried through.  `notes` say what the reader had to mend ("1 lone surrogate replaced").
    """

    id: str
    title: str
    text: str
    origin: Origin
    source: str | None = None
    offsets: OffsetMap | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    page: Page | None = None
    notes: tuple[str, ...] = ()

    def given(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the text as the user gave it for a span ``[start, end)`` of `text`."""
        return self.offsets.span(start, end) if self.offsets is not None else (start, end)

    @property
    def as_given(self) -> str:
        """The text as the user gave it."""
        return self.text if self.source is None else self.source


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record left out by rule; `reason` is one word: redirect, namespace, empty, format, header, output."""

    reason: str
    origin: Origin
    title: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that could not be read: `reason` is a short code ("bz2-damaged"), `message` a sentence with the way out."""

    reason: str
    message: str
    origin: Origin
    title: str = ""


Record = Case | Skipped | Quarantined  # what every reader yields: exactly one item for each record seen


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a case's text that says something about a cue.

    `status` is affirmed, negated, past, planned or other (said of somebody else); `voice` is page, quoted or self;
    `start` and `end` are offsets into `Case.text`; `pattern` is the id of the lexicon entry.
    """

    cue: str
    value: str
    status: str
    voice: str
    start: int
    end: int
    text: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Line:
    """One named piece of evidence in a ledger.

    `source` is base, rule, word, cue, fit or neural; `weight` is in log-odds (natural logarithm); `criterion` is the codebook criterion
    that it speaks to ('' where none); `start` and `end` are offsets into `Case.text` of what fired it (None where nothing in the text did).
    """

    source: str
    name: str
    weight: float
    criterion: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision on one facet.

    `status` is decided, abstained or gated; `code` is the best code also when abstained; `set` holds the codes that the evidence cannot
    tell apart (only `code` when decided); `probability` in [0, 1]; `scores` gives every code its log-odds score; `ledgers` gives the
    winner's and the runner-up's lines, which add up to their scores within 1e-9.
    """

    code: str
    probability: float
    status: str
    set: tuple[str, ...]
    scores: Mapping[str, float]
    ledgers: Mapping[str, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the source (produser, end-maker) with the mentions that show it."""

    role: str
    evidence: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class CueCode:
    """The value that a coder would give a cue, or `UNSTATED`.

    `probability` in [0, 1] is that of the value; `start` and `end` are offsets into `Case.text` of the mention or sentence that shows it best (None where there
    is none, or nothing is stated).
    """

    cue: str
    value: str
    probability: float
    start: int | None = None
    end: int | None = None

    @property
    def stated(self) -> bool:
        """Whether a value is stated."""
        return self.value != UNSTATED


@dataclass(frozen=True, slots=True)
class Provenance:
    """Versions that made a decision; `model` is '' when rules alone decided."""

    tagger: str
    codebook: str
    rules: str
    model: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the tool proposes for one case, and why."""

    case: Case
    economy: Choice
    model: Choice
    roles: tuple[Role, ...]
    mentions: tuple[Mention, ...]
    provenance: Provenance
    cue_codes: tuple[CueCode, ...] = ()
