"""Reading a table back that went through a spreadsheet program: .xlsx or .csv, columns in any order, rows gone, numbers where texts were."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tagger.errors import InputError
from tagger.review.workbook.cells import checked_path
from tagger.writing.table import unguarded

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MOST_COLUMNS = 1000  # a cell somewhere far out makes a row of 16,384
_MOST_BYTES = 1 << 30  # of a workbook, unpacked
_WRONG = {"f": "holds a formula; put what it gives there", "e": "holds an error value; take it out", "d": "was turned into a date; type it again"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number in the sheet (the header is 1), texts by column without the space around them, and what is wrong with a cell by column."""

    number: int
    cells: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)


def read_table(path: str | Path, needed: Sequence[str]) -> list[Row]:
    """Read a table that has the columns `needed`; of a workbook, the first sheet that has them. Empty rows are left out.

    Raises
    ------
    InputError
        Another suffix; a file that cannot be opened or is something else than its suffix says; a column that is missing or there twice.
    """
    path = checked_path(path, InputError)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    rows = _csv(path, data, needed) if path.suffix.lower() == ".csv" else _xlsx(path, data, needed)
    return [row for row in rows if any(row.cells.values()) or row.wrong]


def _columns(header: Iterable[str], needed: Sequence[str], path: Path) -> list[str]:
    names = list(header)
    missing = [name for name in needed if name not in names]
    if missing:
        shown = ", ".join(name for name in names if name) or "none"
        raise InputError(f"{path}: no column {' and no '.join(missing)}; there are: {shown}. Put the header's row back, or write the sheet anew")
    double = sorted({name for name in names if name and names.count(name) > 1})
    if double:
        raise InputError(f"{path}: two columns are called {' and two '.join(double)}; take one out")
    return names


def _csv(path: Path, data: bytes, needed: Sequence[str]) -> Iterator[Row]:
    if data[:4] == b"PK\x03\x04":
        raise InputError(f"{path}: a workbook, not CSV; give it the suffix .xlsx")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f'{path}: not UTF-8 ({error.reason} at byte {error.start}); save it as "CSV UTF-8"') from None
    if mark := re.match(r"sep=(.)\r?\n", text):  # Excel's own
        text = text[mark.end() :]
    head = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        names = _columns([unguarded(cell.strip()) for cell in next(table, [])], needed, path)
        for number, cells in enumerate(table, 2):
            wrong = {"": f"{len(cells)} cells where the header has {len(names)}"} if any(cells[len(names) :]) else {}
            yield Row(number, {name: unguarded(cell.strip()).strip() for name, cell in zip(names, cells, strict=False) if name}, wrong)
    except csv.Error as error:
        raise InputError(f"{path}, line {table.line_num} or before: no valid CSV ({error}); mend what follows") from None


def _xlsx(path: Path, data: bytes, needed: Sequence[str]) -> list[Row]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError("a workbook needs openpyxl, which is not installed: pip install 'case-tagger[xlsx]', or save it as .csv") from None
    try:
        _check_package(path, data)
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        found = None
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=_MOST_COLUMNS)
            names = [_text(cell)[0] for cell in next(rows, ())]
            if found is None or set(needed) <= set(names):
                found = names, rows
            if set(needed) <= set(names):
                break
        names, rows = found or ([], iter(()))
        names = _columns(_shortened(names), needed, path)
        return [_row(n, names, cells) for n, cells in enumerate(rows, 2) if any(cell.value is not None for cell in cells[: len(names)])]
    except InputError:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise whatever comes first
        raise InputError(f"{path}: damaged, or no workbook ({type(error).__name__}: {error}); open it in a spreadsheet program and save it anew") from None


def _check_package(path: Path, data: bytes) -> None:
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{path}: has a password, or is an old .xls; save it as .xlsx without a password")
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise InputError(f"{path}: no workbook; save it as .xlsx, or give it the suffix .csv if it is CSV") from None
    if sum(member.file_size for member in package.infolist()) > _MOST_BYTES:
        raise InputError(f"{path}: unpacks to more than {_MOST_BYTES >> 30} GB; take out what is not needed")
    for member in package.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with package.open(member) as stream:
                start = stream.read(1000)
            if b"<!DOCTYPE" in start:
                raise InputError(f"{path}: {member.filename} declares a document type, which no spreadsheet program writes; it is not read")


def _shortened(names: Sequence[str]) -> list[str]:
    last = max((i for i, name in enumerate(names) if name), default=-1)
    return list(names[: last + 1])


def _row(number: int, names: Sequence[str], cells: Sequence) -> Row:
    texts, wrong = {}, {}
    for name, cell in zip(names, cells, strict=False):
        if name:
            texts[name], fault = _text(cell)
            if fault:
                wrong[name] = fault
    return Row(number, texts, wrong)


def _text(cell) -> tuple[str, str]:
    """Return a cell as text, and what is wrong with it."""
    value, kind = cell.value, cell.data_type
    if value is None:
        return "", ""
    if kind in _WRONG:
        return str(value), _WRONG[kind]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = value if isinstance(value, str) else ("yes" if value else "no") if isinstance(value, bool) else repr(value)
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text).strip(), ""
