"""Taking a sheet back: what people changed in it, as events."""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagger.case import UNSTATED
from tagger.codebook import FACETS, Codebook, quoted
from tagger.codings.table import code_faults
from tagger.errors import InputError
from tagger.review.events import Event, event_from
from tagger.review.verdicts import Verdict, Verdicts
from tagger.review.workbook.answers import CUE, SURENESS, answer_of, columns_of, digest, edition, state_of
from tagger.review.workbook.cells import bare, fitting
from tagger.review.workbook.table_in import Row, read_table

if TYPE_CHECKING:
    from tagger.review.heads import Head

_NAMESPACE = uuid.UUID("5d1b6a0e-6d6f-5b43-9a51-6f0d5d1f8a77")  # of the ids of events that come from sheets
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?([eE]\+?[0-9]+)?")
_ANEW = "write the sheet anew and code it there, or code it in `tagger review`"
_NEEDED = ("id", *FACETS, "sha256", "written")


@dataclass(frozen=True)
class Imported:
    """What a sheet brought: `events` to add all at once (none where there are `faults`), rows that say nothing new, and what is wrong, by row and column."""

    events: list[Event] = field(default_factory=list)
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)


def read_sheet(path: str | Path, heads: Iterable[Head], verdicts: Verdicts, coder: str, codebook: Codebook, *, at: str) -> Imported:
    """Return what a sheet says that was filled in: rows that changed since it was written become codings of the coder (a note alone becomes a note).

    An event's id follows from what it says and from what it replaces, so that a sheet that is read twice says nothing new the second time. Empty rows, rows
    that are gone, columns in another order and columns of people's own do not matter; an answer whose column is gone stays as it was.

    Parameters
    ----------
    path : str or Path
        .xlsx or .csv, as :func:`write_sheet` wrote it and people changed it.
    heads : iterable of Head
        The cases of the review.
    verdicts : Verdicts
    coder : str
    codebook : Codebook
    at : str
        The moment that the events bear (UTC).

    Raises
    ------
    InputError
        Where the file cannot be read as a whole. What is wrong with rows is in `faults`.
    """
    reader = _Reader({head.id: head for head in heads}, verdicts, coder, codebook, at)
    states = [(row, state_of(row.cells.get("written", ""))) for row in read_table(path, _NEEDED)]
    foreign = [(row.number, state["coder"]) for row, state in states if state and state["coder"] != coder]
    if foreign:
        number, name = foreign[0]
        more = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
        return Imported(faults=[f"row {number}{more}: was written for coder {quoted(name)}, not for {quoted(coder)}; name that coder, or write another sheet"])
    for row, state in states:
        reader.take(row, state)
    return Imported([] if reader.faults else reader.events, reader.unchanged, reader.faults)


class _Reader:
    def __init__(self, heads: Mapping[str, Head], verdicts: Verdicts, coder: str, codebook: Codebook, at: str):
        self._heads, self._verdicts, self._coder, self._codebook, self._at = heads, verdicts, coder, codebook, at
        self._names = [column.name for column in columns_of(codebook) if column.answer]
        self._codes = {facet: [code.id for code in codebook.codes(facet)] for facet in FACETS}  # by column
        self._codes |= {CUE + cue.id: [*cue.value_ids, UNSTATED] for cue in codebook.cues}
        self._columns = {facet: facet for facet in FACETS} | {cue.id: CUE + cue.id for cue in codebook.cues}
        self._rows: dict[str, int] = {}
        self.events: list[Event] = []
        self.unchanged = 0
        self.faults: list[str] = []

    def take(self, row: Row, state: Mapping[str, Any]) -> None:
        """Take one row with what it was written with."""
        faults = list(self._faults_of_row(row, state)) or self._change(row, state)
        self.faults += [f"row {row.number}, column {column}: {text}" if column else f"row {row.number}: {text}" for column, text in faults]

    def _faults_of_row(self, row: Row, state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield (column, why) of what keeps a row from being understood at all."""
        yield from ((name, text) for name, text in row.wrong.items() if name in ("", *_NEEDED, *self._names))
        id = row.cells.get("id", "")
        if not state:
            yield "written", "what the row was written with is gone or damaged; take the row out, or write the sheet anew"
        elif state["case"] not in self._heads:
            yield "id", f"{quoted(state['case'])} is no case of this review; take the row out"
        elif not _same_id(id, state["case"]):
            yield "id", f"{quoted(id)} stands where {quoted(state['case'])} was written; put it back (or the row, if single cells were moved)"
        elif state["case"] in self._rows:
            yield "id", f"{quoted(state['case'])} stands already in row {self._rows[state['case']]}; take one of the two out"
        else:
            self._rows[state["case"]] = row.number

    def _change(self, row: Row, state: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Make the row's event, if it says something new; return what is wrong with it."""
        verdict, sha256 = self._verdicts.get(state["case"], self._coder), row.cells.get("sha256", "")
        held = answer_of(verdict, self._verdicts, state["case"], self._coder, sha256, self._names)
        answer = {name: self._meant(name, row.cells[name]) if name in row.cells else held[name] for name in self._names}
        if digest(answer) in (state["answer"], digest(held)):
            self.unchanged += 1
            return []
        faults = [*self._conflicts(row, state, verdict), *self._faults_of(answer, state)]
        if not faults:
            event = self._event(answer, state, sha256, verdict)
            if self._verdicts.undone(event.id):
                return [("", f"{quoted(state['case'])}: this very coding was taken in before and then undone; {_ANEW}")]
            try:
                self.events.append(event_from(event.as_dict()))
            except InputError as error:
                return [("", str(error).partition(": ")[2])]  # without the id that we made up
        return faults

    def _conflicts(self, row: Row, state: Mapping[str, Any], verdict: Verdict | None) -> Iterator[tuple[str, str]]:
        """Yield what has changed in the review since the sheet was written."""
        case = quoted(state["case"])
        if row.cells.get("sha256", "") != self._heads[state["case"]].sha256:
            yield "sha256", f"the text of {case} is another one than when the sheet was written; {_ANEW}"
        if (verdict.event if verdict else "") != state["event"]:
            codes = ", ".join(f"{name} {verdict.codes[name]}" for name in FACETS if name in verdict.codes) if verdict else ""
            yield "", f"{case} was coded meanwhile: {codes} ({verdict.at}); {_ANEW}" if verdict else f"the coding of {case} was undone meanwhile; {_ANEW}"
        if state["codebook"] != edition(self._codebook):
            yield "", f"written with codebook {quoted(state['codebook'])}, where this review has {self._codebook.name}; {_ANEW}"

    def _faults_of(self, answer: Mapping[str, str], state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield (column, why) of an answer that cannot be taken in."""
        if answer["unsure"] not in SURENESS:
            yield "unsure", f"{quoted(answer['unsure'])} is neither yes nor no"
        given = {name: answer[column] for name, column in self._columns.items()}
        if any(given[facet] for facet in FACETS):
            yield from ((self._columns[name], text) for name, text in code_faults(given, self._codebook))
        elif state["event"]:
            yield FACETS[0], "the codes were taken out; put them back, or undo the coding in `tagger review`"
        elif answer["unsure"] or any(given.values()):
            yield FACETS[0], "neither economy nor model is given; give at least one of them"

    def _event(self, answer: Mapping[str, str], state: Mapping[str, Any], sha256: str, verdict: Verdict | None) -> Event:
        kept = {name: code for name, code in (verdict.codes if verdict else {}).items() if name not in self._columns}  # the sheet has no column for it
        codes = kept | {name: answer[column] for name, column in self._columns.items() if answer[column]}
        said = [self._coder, state["case"], sorted(codes.items()), answer["unsure"], answer["note"], sha256, state["event"]]
        return Event(
            str(uuid.uuid5(_NAMESPACE, json.dumps(said))),
            self._at,
            self._coder,
            "coding" if codes else "note",
            state["case"],
            sha256,
            codes,
            SURENESS[answer["unsure"]],
            answer["note"],
            blind=state["blind"],
            shown=state["shown"],
            versions=state["versions"],
        )

    def _meant(self, name: str, cell: str) -> str:
        """Return the answer that a cell means: a code that became a number is found by its value, ``1.0`` for ``1``."""
        if name == "note":
            return bare(cell)
        if name == "unsure":
            return cell.casefold()
        codes = self._codes[name]
        if cell in codes or not _NUMBER.fullmatch(cell):
            return cell
        equal = [code for code in codes if _NUMBER.fullmatch(code) and _float(code) == _float(cell)]
        return equal[0] if len(equal) == 1 else cell


def _same_id(cell: str, id: str) -> bool:
    """Tell whether a cell is the id that was written, if need be as the number that a spreadsheet program made of it."""
    if bare(cell) == bare(fitting(id)[0]):
        return True
    return bool(_NUMBER.fullmatch(cell) and _NUMBER.fullmatch(id)) and math.isclose(_float(cell), _float(id), rel_tol=1e-5)


def _float(text: str) -> float:
    return float(text.replace(",", "."))
