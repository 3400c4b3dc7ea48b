"""Cases and sheets made up for the tests of the workbook, and a hand that fills them in as a spreadsheet program would."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from tagger.codebook import load_codebook
from tagger.codings.text import fingerprint
from tagger.review.cases import ReviewCase
from tagger.review.events import Event, new_id
from tagger.review.heads import head_of
from tagger.review.verdicts import Verdicts
from tagger.review.workbook import Imported, read_sheet, write_sheet
from tagger.writing.table import guarded, unguarded

BOTH = pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
AT = "2026-11-23T10:00:00.000Z"
CODEBOOK = load_codebook()
TEXT = "Volunteers keep the bird counts of a whole coast.\n\nAnybody may use them."


def made_case(id: str, *, title: str = "A case", text: str = TEXT, label: str = "commons", evidence=None) -> ReviewCase:
    criterion = CODEBOOK.code("economy", "commons").use_when[0].id
    lines = [
        {"source": "base", "name": "base rate", "weight": -2.0, "criterion": "", "start": None, "end": None},
        {"source": "word", "name": "keep", "weight": -0.4, "criterion": "", "start": 11, "end": 15},
        {"source": "rule", "name": "r-made", "weight": 1.5, "criterion": criterion, "start": 0, "end": 10},
        {"source": "fit", "name": "r-made", "weight": -0.3, "criterion": criterion, "start": 0, "end": 10},
    ]
    both = [{"facet": facet, "code": code, **line} for facet, code in (("economy", label), ("model", "8")) for line in lines]
    record = {
        "id": id, "title": title,
        "economy": {"code": label, "probability": 0.912, "status": "decided", "set": [label]},
        "model": {"code": "8", "probability": 0.5, "status": "abstained", "set": ["8", "6"]},
        "cues": [], "evidence": both if evidence is None else evidence, "scores": {"economy": {label: -1.2}, "model": {"8": -1.2}},
        "cue_codes": [
            {"cue": "payment", "value": "unpaid", "probability": 0.9, "start": 0, "end": 10},
            {"cue": "ownership", "value": "unstated", "probability": 0.9, "start": None, "end": None},
        ],
        "provenance": {"tagger": "0.1.0", "codebook": CODEBOOK.version, "rules": "1.0.0", "model": "made"},
    }  # fmt: skip
    return ReviewCase(id, title, text, fingerprint(text), record)


CASES = [made_case("heron"), made_case("0012", title="Tool shed"), made_case("tern", text="Tern sells seats on boats.\r\nMembers own it.")]


def coding(case: ReviewCase, codes: dict[str, str], *, coder: str = "anna", **more) -> Event:
    return Event(id=new_id(), at=AT, coder=coder, kind="coding", case=case.id, **{"sha256": case.sha256, "codes": codes, **more})


def write(path: Path, cases, verdicts: Verdicts | None = None, **more) -> Path:
    write_sheet(path, cases, Verdicts() if verdicts is None else verdicts, "anna", CODEBOOK, **more)
    return path


def taken(path: Path, cases=None, verdicts: Verdicts | None = None, coder: str = "anna", codebook=CODEBOOK) -> Imported:
    return read_sheet(path, map(head_of, CASES if cases is None else cases), Verdicts() if verdicts is None else verdicts, coder, codebook, at=AT)


def header(sheet) -> dict[str, str]:
    return {cell.value: cell.column_letter for cell in sheet[1] if cell.value}


def table(path: Path) -> list[list]:
    """Return the cells as they stand in the file, header first."""
    if path.suffix == ".csv":
        return [[unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))]
    from openpyxl import load_workbook

    return [["" if cell is None else cell for cell in row] for row in load_workbook(path)["Cases"].iter_rows(values_only=True)]


def read(path: Path) -> list[dict[str, str]]:
    names, *rows = table(path)
    shown = [[str(cell).replace("_x005F_", "_") if path.suffix == ".xlsx" else cell for cell in row] for row in rows]
    return [dict(zip(names, row, strict=True)) for row in shown]


def change(path: Path, cells: dict[tuple[str, str], object], *, rows=list, columns=list, as_typed: bool = False) -> None:
    """Fill in cells by (id, column); `rows` and `columns` put the rows and the columns' names in another order or leave some out.

    A text stays a text, as in cells of the format "text"; `as_typed` makes formulas and errors of what looks so.
    """
    names, *body = table(path)
    names += sorted({column for _, column in cells} - set(names))
    body = [row + [""] * (len(names) - len(row)) for row in body]
    place = {row[names.index("id")]: row for row in body}
    for (id, column), value in cells.items():
        place[id][names.index(column)] = value
    kept = columns(names)
    made = [kept, *([row[names.index(name)] for name in kept] for row in rows(body))]
    if path.suffix == ".csv":
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerows([guarded(str(cell)) for cell in row] for row in made)
        path.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
        return
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book["Cases"]
    sheet.delete_rows(1, sheet.max_row)
    for i, row in enumerate(made, 1):
        for j, value in enumerate(row, 1):
            cell = sheet.cell(i, j)
            cell.value = value
            if isinstance(value, str) and not (as_typed and value in cells.values()):
                cell.data_type = "s"
            elif isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
    book.save(path)
