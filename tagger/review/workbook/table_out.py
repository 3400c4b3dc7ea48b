"""Writing a table for people to fill in, as a workbook or CSV in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tagger.errors import OutputError
from tagger.review.workbook.cells import Column, cell_text, checked_path, fitting
from tagger.writing.durable import replace_bytes
from tagger.writing.table import guarded

_HEAD = 30  # points
_HEIGHT = (30, 260)  # points; a row of a spreadsheet can have 409
_CHARACTER = 1.15  # characters of prose that fit into one unit of width
_LINE = 13.5  # points
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as "A"


def write_table(path: str | Path, columns: Sequence[Column], rows: Iterable[Sequence[str]], lists: Sequence[Sequence[str]], about: Sequence[str]) -> int:
    """Write a table, whole or not at all; return the number of its rows.

    Parameters
    ----------
    path : str or Path
        .xlsx (sheets "Cases", "Codes", "How to") or .csv (the table alone; UTF-8 with a mark, by which Excel knows it).
    columns : sequence of Column
    rows : iterable of sequence of str
        As many texts as there are columns, each at most `CELL_LIMIT` long (:func:`fitting`).
    lists : sequence of sequence of str
        The sheet "Codes", a header first. Rows that begin with the name of a drop-down list stand together; the list is their second cells.
    about : sequence of str
        The sheet "How to", a line each.

    Raises
    ------
    OutputError
        Another suffix, a file that cannot be written, or no openpyxl.
    """
    path = checked_path(path, OutputError)
    if path.suffix.lower() == ".csv":
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\r\n")
        table.writerow([column.name for column in columns])
        written = [table.writerow([guarded(cell_text(cell)) for cell in row]) for row in rows]
        data, count = out.getvalue().encode("utf-8-sig"), len(written)
    else:
        data, count = _workbook(columns, rows, lists, about)
    replace_bytes(path, data)
    return count


def _workbook(columns: Sequence[Column], rows: Iterable[Sequence[str]], lists: Sequence[Sequence[str]], about: Sequence[str]) -> tuple[bytes, int]:
    try:
        from openpyxl import Workbook
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.datavalidation import DataValidation
    except ImportError:
        raise OutputError("a workbook needs openpyxl, which is not installed: pip install 'case-tagger[xlsx]', or write a .csv") from None
    book = Workbook(write_only=True)  # streams, so that 40,000 long texts need no more memory than one
    book.properties.creator = "tagger"
    styles = _styles(book)
    sheet, letters = book.create_sheet("Cases"), [get_column_letter(i) for i in range(1, len(columns) + 1)]
    for letter, column in zip(letters, columns, strict=True):
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].hidden = column.hidden
    sheet.freeze_panes = "B2"
    _protect(sheet)
    sheet.row_dimensions[1].height = _HEAD
    sheet.append([_cell(sheet, column.name, "tagger answer head" if column.answer else "tagger head") for column in columns])
    count = 1
    for count, row in enumerate(rows, 2):
        sheet.row_dimensions[count].height = _height(columns, row)
        sheet.append([_cell(sheet, cell, styles[column.answer]) for column, cell in zip(columns, row, strict=True)])
    sheet.auto_filter.ref = f"A1:{letters[-1]}{count}"
    places = _places(lists)
    for letter, column in zip(letters, columns, strict=True):
        if column.choices and count > 1:
            first, last = places[column.choices]
            check = DataValidation("list", formula1=f"Codes!$B${first}:$B${last}", allow_blank=True, showErrorMessage=True)
            check.errorTitle, check.error = column.name[:32], "This is none of the list. The sheet Codes says what there is."
            check.add(f"{letter}2:{letter}{count}")
            sheet.data_validations.append(check)
    _page(book, "Codes", lists, (14, 16, 34, 70, 60, 60, 60))
    _page(book, "How to", [["How to fill this in"], *([line] for line in about)], (110,))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), count - 1


def _styles(book) -> tuple[str, str]:
    """Add the named styles; return those of a locked cell and of one to be filled in."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

    line = Side("thin", color="BFBFBF")
    border, wrapped = Border(line, line, line, line), Alignment(vertical="top", wrap_text=True)
    fills = {"tagger locked": None, "tagger answer": "FFF8DC", "tagger head": "DDE3EA", "tagger answer head": "F2DC8C"}
    for name, fill in fills.items():
        style = NamedStyle(name, Font(name="Calibri", size=10, bold="head" in name, color="000000"), border=border, alignment=wrapped, number_format="@")
        style.protection = Protection(locked=name != "tagger answer")
        if fill:
            style.fill = PatternFill("solid", start_color=fill)
        book.add_named_style(style)
    return "tagger locked", "tagger answer"


def _protect(sheet) -> None:
    """Lock the sheet without a password: it keeps from slips, not from people. True means that the act is *not* allowed."""
    sheet.protection.sheet = True
    sheet.protection.autoFilter = sheet.protection.sort = sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = "landscape", 0, True


def _page(book, title: str, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width
    sheet.freeze_panes = "A2"
    _protect(sheet)
    for number, row in enumerate(rows, 1):
        sheet.row_dimensions[number].height = _height([Column("", width) for width in widths], row, least=15)
        sheet.append([_cell(sheet, fitting(cell)[0], "tagger locked" if number > 1 else "tagger head") for cell in row])


def _places(lists: Sequence[Sequence[str]]) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    for number, row in enumerate(lists, 1):
        places[row[0]] = (places.get(row[0], (number,))[0], number)
    return places


def _cell(sheet, text: str, style: str):
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, None)
    cell.style = style
    cell.quotePrefix = True  # so that it stays a text when somebody edits it
    cell.value = _ESCAPED.sub("_x005F_", cell_text(text))
    cell.data_type = "s"  # whatever it looks like: =1+1, #N/A
    return cell


def _height(columns: Sequence[Column], row: Sequence[str], least: float = _HEIGHT[0]) -> float:
    """Return a height (points) that shows the row, or the beginning of what is too long for one screen."""
    lines = max(
        sum(1 + int(len(line) / (column.width * _CHARACTER)) for line in cell[:5000].split("\n"))
        for column, cell in zip(columns, row, strict=False)
        if not column.hidden
    )
    return min(max(_LINE * lines + 3, least), _HEIGHT[1])
