"""What a cell of a spreadsheet can hold, and what a column is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tagger.errors import InputError, OutputError
from tagger.writing.table import unguarded

CELL_LIMIT = 32_767  # UTF-16 units that a cell of Excel holds; the rest would be gone
SUFFIXES = (".xlsx", ".csv")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its `width` (characters), whether people write in it (`answer`), whether it is `hidden`, and the name of its drop-down list ('' for none)."""

    name: str
    width: float = 12
    answer: bool = False
    hidden: bool = False
    choices: str = ""


def cell_text(text: str) -> str:
    """Return `text` as a cell can hold it: line ends as LF, a control character as its picture (``␀``), a lone surrogate as U+FFFD."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_XML.sub(lambda m: chr(0x2400 + ord(m[0])) if m[0] < " " else "\ufffd", text)


def bare(text: str) -> str:
    """Return `text` as it comes back from a cell: without the space around it, and without guards (a CSV may have been saved as a workbook since)."""
    text = cell_text(text).strip()
    while (inner := unguarded(text).strip()) != text:
        text = inner
    return text


def fitting(text: str, rest: str = " … (cut)") -> tuple[str, bool]:
    """Return `text` as a cell can hold it and whether it is whole; where it is too long it is cut and `rest` (where the rest is) put at its end."""
    text = cell_text(text)
    if _units(text) <= CELL_LIMIT:
        return text, True
    room = CELL_LIMIT - _units(rest)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", errors="ignore") + rest, False


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)


def checked_path(path: str | Path, error: type[InputError] | type[OutputError]) -> Path:
    """Return `path` as one; raises `error` where its suffix is neither .xlsx nor .csv."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise error(f"{path}: the suffix {path.suffix!r} is neither {' nor '.join(SUFFIXES)}; save or name it as one of these")
    return path
