"""A store as files: all of it as JSON Lines, which another store takes in again to the last byte, and the codings as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from tagger.codings.rows import json_rows
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.review.cases import ReviewCase
from tagger.review.codings_out import Exported, export_codings
from tagger.review.events import event_from
from tagger.review.store import coder_rows
from tagger.review.store.case_rows import add_cases, all_cases, case_fields, get_meta, put_meta
from tagger.review.store.coder_rows import Coder
from tagger.review.store.event_rows import add_events, numbered
from tagger.writing.durable import Part

if TYPE_CHECKING:
    from tagger.review.store import Store

__all__ = ["Exported", "Imported", "export_codings", "export_events", "import_events"]

VERSION = 1
_SECTIONS = ("review", "meta", "case", "coder", "assignment", "event", "end")  # in the order in which they stand
_COUNTED = _SECTIONS[2:-1]
_AT_ONCE = 5000  # events taken in at a time


@dataclass(frozen=True, slots=True)
class Imported:
    """How much was new. `kept` counts the cases that are in the store with another text or suggestion, and stayed so."""

    cases: int
    coders: int
    assignments: int
    events: int
    kept: int


def export_events(store: Store, path: str | Path) -> dict[str, int]:
    """Write all of a store, as it is at this moment, as JSONL (without tokens), whole or not at all; return how many lines of each kind.

    Raises
    ------
    OutputError, StoreError
    """
    counts = dict.fromkeys(_COUNTED, 0)
    with Part(path) as part, store.reading() as connection:
        for section, content in _lines(connection):
            if section in counts:
                counts[section] += 1
            part.write(json.dumps({section: content}, ensure_ascii=False) + "\n")
        part.write(json.dumps({"end": counts}) + "\n")  # a file that was cut has none
    return counts


def _lines(connection: Connection) -> Iterator[tuple[str, Any]]:
    yield "review", {"version": VERSION}
    yield "meta", get_meta(connection)
    yield from (("case", case_fields(case)) for case in all_cases(connection))
    yield from (("coder", asdict(coder)) for coder in coder_rows.all_coders(connection))
    yield from (("assignment", {"case": case, "coder": coder}) for case, coder in coder_rows.all_assignments(connection))
    yield from (("event", event.as_dict()) for _, event in numbered(connection))


def import_events(path: str | Path, store: Store) -> Imported:
    """Take in what :func:`export_events` wrote: what is not in the store yet, and all of that or nothing.

    Cases, coders and notes on the review that are there already stay as they are. Coders come without a token (``tagger store coders add`` gives one).

    Raises
    ------
    InputError
        Where the file is not such an export, or not whole.
    ConflictError
        Where an id holds another event in the store than in the file.
    """
    with store.writing() as connection:
        return _Intake(connection, Path(path)).run()


class _Intake:
    """Takes in a file, section by section; whoever calls ends the transaction."""

    def __init__(self, connection: Connection, path: Path):
        self._connection, self._path, self._line = connection, path, 0
        self._seen, self._new = dict.fromkeys(_COUNTED, 0), dict.fromkeys(_COUNTED, 0)
        self._kept = 0

    def run(self) -> Imported:
        last = -1
        for section, rows in groupby(self._rows(), key=lambda row: row[0]):
            place = _SECTIONS.index(section)
            if place <= last or (last < 1 and place != last + 1):  # the first two are always there
                raise self._fault(f"{section!r} stands where it may not; give a file that `tagger store export` wrote")
            last = place
            try:
                getattr(self, f"_take_{section}")(content for _, content in rows)
            except InputError as fault:
                raise (fault if str(fault).startswith(str(self._path)) else self._fault(str(fault))) from None
            except (KeyError, TypeError, AttributeError, ValueError) as fault:
                raise self._fault(f"{section!r} is not as `tagger store export` writes it ({type(fault).__name__}: {fault})") from None
        if last < _SECTIONS.index("end"):
            raise InputError(f"{self._path}: ends in the middle; nothing was taken in. Export it again.")
        return Imported(self._new["case"], self._new["coder"], self._new["assignment"], self._new["event"], self._kept)

    def _rows(self) -> Iterator[tuple[str, Any]]:
        for line, row in json_rows(self._path):
            self._line = line
            section, content = next(iter(row.items()), ("", None))
            if len(row) != 1 or section not in _SECTIONS:
                raise self._fault("is no line of an export; give a file that `tagger store export` wrote")
            if section in self._seen:
                self._seen[section] += 1
            yield section, content

    def _fault(self, text: str) -> InputError:
        return InputError(f"{self._path}, line {self._line}: {text}. Nothing was taken in.")

    def _take_review(self, rows: Iterator[Any]) -> None:
        version = next(rows)["version"]
        if version != VERSION:
            raise self._fault(f"an export of version {version!r}; this tagger reads version {VERSION}")

    def _take_meta(self, rows: Iterator[Any]) -> None:
        there = get_meta(self._connection)
        put_meta(self._connection, {key: value for key, value in next(rows).items() if key not in there})

    def _take_case(self, rows: Iterator[Any]) -> None:
        added = add_cases(self._connection, map(self._case, rows), replace=False)
        self._new["case"], self._kept = added.new, added.changed

    def _case(self, row: Mapping[str, Any]) -> ReviewCase:
        case = ReviewCase(**row)
        if case.sha256 != fingerprint(case.text):
            raise self._fault(f"case {case.id!r}: the text is not the one of its fingerprint; the file was changed")
        return case

    def _take_coder(self, rows: Iterator[Any]) -> None:
        self._new["coder"] = coder_rows.add_without_token(self._connection, (Coder(**row) for row in rows))

    def _take_assignment(self, rows: Iterator[Any]) -> None:
        self._new["assignment"] = coder_rows.assign(self._connection, ((row["case"], row["coder"]) for row in rows))

    def _take_event(self, rows: Iterator[Any]) -> None:
        while some := [event_from(row) for row in islice(rows, _AT_ONCE)]:
            self._new["event"] += add_events(self._connection, some)

    def _take_end(self, rows: Iterator[Any]) -> None:
        told = next(rows)
        if told != self._seen:
            raise self._fault(f"tells other numbers ({told}) than came before it ({self._seen}); the file is not whole, export it again")
