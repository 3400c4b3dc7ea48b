"""CSV: one row a case, for spreadsheets and statistics programs.

Text cells that a spreadsheet could run as a formula (they begin, after spaces
or quotation marks, with ``= + - @``, a tab, a line end or a full-width
``＝＋－＠``) get a leading apostrophe, as OWASP advises; plain negative numbers
do not.  :func:`unguarded` takes it off again, for every text.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tagger.case import Choice, Decision
from tagger.writing.durable import output_error
from tagger.writing.packed import open_part
from tagger.writing.record import as_record

_FORMULA = re.compile("[\\s\"'\ufeff\u200b]*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TOP = 5


COLUMNS = (
    "id", "title",
    "economy", "economy_label", "economy_probability", "economy_status", "economy_set",
    "model", "model_label", "model_probability", "model_status", "model_set",
    "roles", "cues", "economy_why", "model_why", "notes",
    "tagger_version", "codebook_version", "rules_version", "model_version",
)  # fmt: skip


def _dangerous(text: str) -> bool:
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula (`unguarded` undoes it)."""
    return "'" + text if _dangerous(text) else text


def unguarded(cell: str) -> str:
    """Return the text that :func:`guarded` was given: a leading apostrophe goes if what follows it would have needed one."""
    return cell[1:] if cell.startswith("'") and _dangerous(cell[1:]) else cell


class CsvSheet:
    """What a decision is in CSV, before all columns are known; `labels` by (facet, code)."""

    def __init__(self, labels: Mapping[tuple[str, str], str] | None = None):
        self._labels = labels or {}

    def piece(self, decision: Decision) -> bytes:
        row, cues, fields = table_row(decision, self._labels)
        return json.dumps([list(row.values()), cues, fields]).encode() + b"\n"


class CsvWriter:
    """Writes decisions as CSV (UTF-8, comma, CRLF as RFC 4180 has it), durably.

    Rows wait in a temporary file until all columns of the input are known: records of one input need not have the same ones.

    Parameters
    ----------
    path : str or Path
    labels : mapping of (facet, code) to str
    """

    def __init__(self, path: str | Path, labels: Mapping[tuple[str, str], str] | None = None):
        self._sheet = CsvSheet(labels)
        self._part = open_part(path)
        self._columns: dict[str, None] = {}  # the input's, in the order first seen
        self._cues: dict[str, None] = {}  # a column for each cue that the model codes
        try:
            self._rows = tempfile.TemporaryFile(dir=Path(path).parent)  # noqa: SIM115 - lives as long as the writer
        except OSError as problem:
            self._part.abort()
            raise output_error(Path(path), problem) from problem

    def write(self, decision: Decision) -> None:
        self.add(self._sheet.piece(decision))

    def add(self, piece: bytes) -> None:
        _, cues, fields = json.loads(piece)
        self._cues.update(dict.fromkeys(cues))
        self._columns.update(dict.fromkeys(fields))
        try:
            self._rows.write(piece)
        except OSError as problem:
            self.abort()
            raise output_error(self._part.path, problem) from problem

    def commit(self, summary: dict[str, Any]) -> None:
        self._assemble()
        self._part.commit()

    def abort(self) -> None:
        self._rows.close()
        self._part.abort()

    def keep_partial(self) -> Path | None:
        if self._rows.closed:
            return None
        self._assemble()
        return self._part.keep_partial()

    def _assemble(self) -> None:
        header = [*COLUMNS, *self._cues]
        for name in self._columns:
            while name in header:  # the input may have a column "economy" of its own
                name = f"input_{name}"
            header.append(name)
        self._line(header)
        try:
            self._rows.seek(0)
            for line in self._rows:
                if not line.endswith(b"\n"):
                    break  # Ctrl-C cut this one
                row, cues, fields = json.loads(line)
                self._line([*row, *(cues.get(name, "") for name in self._cues), *(fields.get(name, "") for name in self._columns)])
        except OSError as problem:
            self.abort()
            raise output_error(self._part.path, problem) from problem
        self._rows.close()

    def _line(self, cells: list[Any]) -> None:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
        self._part.write(out.getvalue())


def table_row(decision: Decision, labels: Mapping[tuple[str, str], str]) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    """Return a decision as one flat row (keys are `COLUMNS`), its coded cues (``cue_payment``, ...), and the input's other columns."""
    record = as_record(decision, text=False)
    row: dict[str, Any] = {"id": record["id"], "title": record["title"]}
    for facet in ("economy", "model"):
        proposal = record[facet]
        row[facet] = proposal["code"]
        row[f"{facet}_label"] = labels.get((facet, proposal["code"]), "")
        row[f"{facet}_probability"] = round(proposal["probability"], 4)
        row[f"{facet}_status"] = proposal["status"]
        row[f"{facet}_set"] = " ".join(proposal["set"])
    row["roles"] = " ".join(role["role"] for role in record["roles"])
    row["cues"] = "; ".join(_cue_words(cue) for cue in record["cues"])
    row["economy_why"] = why(decision.economy)
    row["model_why"] = why(decision.model)
    row["notes"] = "; ".join(record.get("notes", ()))
    row |= {f"{name}_version": version for name, version in record["provenance"].items()}
    cues = {f"cue_{code['cue']}": code["value"] for code in record["cue_codes"]}
    return {name: row[name] for name in COLUMNS}, cues, {name: _cell(value) for name, value in record["fields"].items()}


def why(choice: Choice) -> str:
    """Return the heaviest lines for the best code in words, such as ``rule copyleft +1.25; word wiki +0.75``."""
    lines = sorted(choice.ledgers.get(choice.code, ()), key=lambda line: -abs(line.weight))
    words = [f"{line.source} {line.name} {line.weight:+.2f}" for line in lines[:_TOP]]
    return "; ".join(words + ([f"and {len(lines) - _TOP} more"] if len(lines) > _TOP else []))


def _cue_words(cue: Mapping[str, Any]) -> str:
    marks = [mark for mark, usual in ((cue["status"], "affirmed"), (cue["voice"], "page")) if mark != usual]
    text = " ".join(cue.get("plain", cue["text"]).split())
    return f'{cue["cue"]}={cue["value"]} "{text}"' + (f" ({', '.join(marks)})" if marks else "")


def _cell(value: Any) -> Any:
    """Return a field as one cell: numbers and texts as they are, nothing as empty, lists and objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value
