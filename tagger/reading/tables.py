"""CSV and TSV, strictly: every row has the header's number of fields, every quote is closed, and everything stays a string."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from tagger.case import Quarantined, Record, Skipped
from tagger.errors import InputError
from tagger.reading.cases import make_case
from tagger.reading.columns import ID, TEXT, TITLE, Columns, find_columns, fold
from tagger.reading.decode import decode, mend
from tagger.reading.inputs import Input, Line, Unread, line_encoding, lines
from tagger.reading.streams import RECORD_LIMIT, Damage

DELIMITERS = ",;\t|"
BARE_CR = "holds bare carriage returns outside quotes, which end no row here: save the file with LF or CRLF at the ends of lines"
LOOKAHEAD = 8 * RECORD_LIMIT  # characters read again, in all, after quotes that were never closed: keeps hostile files linear


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's text as it stands in the file, its first line and how many lines it has; `fault` is what is wrong with it."""

    text: str
    line: int
    lines: int
    notes: tuple[str, ...] = ()
    fault: str = ""
    damage: Damage | None = None


class _Rows:
    """Puts lines together to rows: a row goes on while a quoted field is open."""

    def __init__(self, given: Input) -> None:
        self.given = given
        self.encoding = line_encoding(given)
        self.source = lines(given)
        self.waiting: deque[Line | Damage] = deque()  # lines read ahead and given back
        self.ahead: list[Line | Damage] = []  # lines of the last row after its first
        self.budget = LOOKAHEAD
        self.delimiter = ","

    def next_line(self) -> Line | Damage | None:
        return self.waiting.popleft() if self.waiting else next(self.source, None)

    def next_row(self) -> _Row | None:
        """Return the next row; one with a fault has only its opening line, the lines after it are read again as rows of their own."""
        line = self.next_line()
        if line is None:
            return None
        if isinstance(line, Damage):
            return _Row("", 0, 0, damage=line)
        if line.too_long:
            return _Row("", line.number, 1, fault=f"is over {RECORD_LIMIT >> 20} MiB")
        text, notes = decode(line.data, self.encoding)
        opened, fault = _scan(text, self.delimiter, False)
        parts, ahead, size = [text], [], len(text)
        while opened and not fault:
            more = self.next_line()
            if more is None or isinstance(more, Damage) or more.too_long or size > RECORD_LIMIT or self.budget < 0:
                fault = "opens a quote that is never closed"
                ahead += [more] if more is not None else []
                break
            ahead.append(more)
            more_text, more_notes = decode(more.data, self.encoding)
            opened, fault = _scan(more_text, self.delimiter, True)
            parts.append(more_text)
            notes += more_notes
            size += len(more_text)
        if fault:
            return self.give_back(_Row(text, line.number, 1, fault=fault), ahead)
        row = _Row("\n".join(parts), line.number, len(parts), tuple(dict.fromkeys(notes)))
        self.ahead = ahead
        return row

    def give_back(self, row: _Row, ahead: list[Line | Damage]) -> _Row:
        self.budget -= sum(len(line.data) for line in ahead if isinstance(line, Line))
        self.waiting.extendleft(reversed(ahead))
        return row


def _scan(line: str, delimiter: str, opened: bool) -> tuple[bool, str]:
    """Return whether a quoted field is open at the line's end, and what is wrong with its quotes."""
    if not opened and '"' not in line:
        return False, ""
    i, size = 0, len(line)
    while True:
        if not opened:
            if not line.startswith('"', i):
                i = line.find(delimiter, i) + 1
                if not i:
                    return False, ""
                continue
            i += 1
        i = line.find('"', i)
        if i < 0:
            return True, ""
        if line.startswith('"', i + 1):
            opened, i = True, i + 2
            continue
        opened, i = False, i + 1
        if i >= size or (line[i] == "\r" and i + 1 == size):
            return False, ""
        if line[i] != delimiter:
            return False, f"has {line[i]!r} after a closing quote, where {delimiter!r} or the line's end must stand"
        i += 1


def _parse(text: str, delimiter: str) -> list[str] | str:
    """Return a row's fields, or what is wrong with it."""
    csv.field_size_limit(RECORD_LIMIT)
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return BARE_CR if "\r" in text.rstrip("\r") and "new-line" in str(error) else f"is not CSV: {error}"
    return rows[0] if len(rows) == 1 else BARE_CR


def sniff_delimiter(header: str, tabs: bool = False) -> str:
    """Return the delimiter of a header line: the one that yields most columns with a known name, then most columns."""

    def worth(delimiter: str) -> tuple[int, int, bool]:
        names = _parse(header, delimiter)
        if isinstance(names, str):
            return (0, 0, False)
        return (sum(fold(n) in (*TEXT, *ID, *TITLE) for n in names), len(names), tabs and delimiter == "\t")

    return max(DELIMITERS, key=worth)


def looks_like_table(head: str) -> bool:
    """Whether a text begins with a header row: several columns with names like names, among them one for the text and one more that is known."""
    line, ended, _ = head.partition("\n")
    names = _parse(line.rstrip("\r"), sniff_delimiter(line.rstrip("\r"))) if ended else ""
    if isinstance(names, str) or any(len(name.split()) > 4 for name in names):
        return False
    known = {fold(name) for name in names}
    return bool(known & set(TEXT)) and len(known & {*TEXT, *ID, *TITLE}) > 1


def header(given: Input) -> tuple[_Rows, list[str], Columns]:
    """Read the header row.

    Raises
    ------
    InputError
        If no column can be taken for the text, or two have the same name; the message names the columns found and the names known.
    """
    rows = _Rows(given)
    line = rows.next_line()
    while isinstance(line, Line) and not line.data.strip() and not line.too_long:
        line = rows.next_line()
    if line is None:
        raise InputError(f"{given.name} is empty: there is no header row.")
    if isinstance(line, Damage):
        raise InputError(f"{given.name}: {line.message}")
    text, _ = decode(line.data, rows.encoding)
    rows.delimiter = sniff_delimiter(text, tabs=".tsv" in given.name.lower())
    names = "is over 16 MiB" if line.too_long else _parse(text, rows.delimiter)
    if isinstance(names, str):
        raise InputError(f"{given.name}: the header row (line {line.number}) {names}.")
    names = [mend(name)[0].strip() for name in names]
    columns = find_columns(names, given.text_column)
    if isinstance(columns, str):
        guess = {"\t": "tab"}.get(rows.delimiter, repr(rows.delimiter))
        raise InputError(f"{given.name}: {columns}. The columns were split at {guess}.")
    return rows, names, columns


def read_table(given: Input) -> Iterator[Record | Unread]:
    """Yield one record for each row; a faulty row costs its own line, and the reader goes on where a row has the right number of fields."""
    rows, names, columns = header(given)
    broken: tuple[int, int, str] | None = None  # first line, last line, fault: lines that make no row are one record with the opening line
    while (row := rows.next_row()) is not None:
        if row.damage is None and not row.fault and not row.text.strip():
            continue
        fault, values = row.fault, []
        if not fault and row.damage is None:
            parsed = _parse(row.text, rows.delimiter)
            fault, values = (parsed, []) if isinstance(parsed, str) else ("", parsed)
            if not fault and len(values) != len(names):
                fault = f"has {len(values)} field{'s' * (len(values) != 1)} where the header has {len(names)}"
                if row.lines > 1:  # rather an open quote that swallowed rows than a long field
                    fault = f"opens a quote that swallows {row.lines - 1} further line{'s' * (row.lines > 2)}, or {fault}"
                    rows.give_back(row, rows.ahead)
        if broken and "quote" in broken[2] and fault and not row.fault and row.lines == 1 and len(values) < len(names):  # more of the broken row's text
            broken = (broken[0], row.line, broken[2])
            continue
        if broken:
            yield _quarantined(given, *broken)
            broken = None
        if row.damage is not None:
            yield given.damaged(row.damage)
        elif fault:
            broken = (row.line, row.line, fault)
        else:
            yield Unread(given.origin(f"line {row.line}"), partial(_record, given, row, dict(zip(names, values, strict=True)), columns))
    if broken:
        yield _quarantined(given, *broken)


def _quarantined(given: Input, first: int, last: int, fault: str) -> Quarantined:
    span = f"line {first}" if first == last else f"lines {first} to {last}"
    reason = "too-large" if "MiB" in fault else "open-quote" if "quote" in fault else "field-count" if "field" in fault else "bad-row"
    message = f"The row at line {first} {fault}." + (f" Lines {first} to {last} were left out." if last > first else "") + " Mend it and read the file again."
    return given.quarantined(reason, message, span)


def _record(given: Input, row: _Row, values: dict[str, str], columns: Columns) -> Record:
    place = given.origin(f"line {row.line}")
    if all(fold(value) == fold(name) for name, value in values.items()):
        return Skipped("header", place)
    text = values.pop(columns.text)
    id, title = (mend(values.pop(name, ""))[0].strip() if name else "" for name in (columns.id, columns.title))
    fields = {name: mend(value)[0] for name, value in values.items()}
    return make_case(columns.kind, id or f"{given.stem}:{row.line}", title, text, place, fields, row.notes)
