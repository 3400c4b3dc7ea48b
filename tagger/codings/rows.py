"""Rows of the files that coded cases and codings come in: CSV and JSON Lines, strictly, each row with the number that a fault is told with."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tagger.errors import InputError
from tagger.reading.inputs import Input
from tagger.reading.streams import Damage
from tagger.writing.table import unguarded


def csv_rows(path: Path, needed: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a UTF-8 CSV as (row number, dict), guards against formulas taken off; the header is row 1.

    Raises
    ------
    InputError
        Where it is not UTF-8 or not CSV, lacks a column of `needed`, or a row has not as many fields as the header.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.reader(stream, strict=True)
            header = next(table, [])
            missing = [name for name in needed if name not in header]
            if missing:
                raise InputError(f"{path}: no column {' and no '.join(missing)}; there are: {', '.join(header) or 'none'}")
            rows = []
            for number, row in enumerate(table, 2):
                if row and len(row) != len(header):
                    raise InputError(f"{path}, row {number}: {len(row)} fields where the header has {len(header)}; put fields that hold commas in quotes")
                if row:
                    rows.append((number, {name: unguarded(cell.strip()) for name, cell in zip(header, row, strict=True)}))
            return rows
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{path}, line {table.line_num} or before: no valid CSV ({error}); mend what follows") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def json_rows(path: Path, faults: list[str] | None = None) -> Iterator[tuple[int, dict]]:
    """Read a UTF-8 JSON Lines file, packed (.bz2, .gz, .zst) or not, as (line number, object), blank lines passed over.

    Parameters
    ----------
    path : Path
    faults : list of str, optional
        Takes what is wrong, so that the other lines are read all the same; without it the first fault is raised.

    Raises
    ------
    InputError
        Where the file cannot be read, or (without `faults`) a line is not UTF-8, not JSON or not an object.
    """
    for line, data in enumerate(_lines(path, faults), 1):
        if not data.strip():
            continue
        try:
            row = json.loads(data.decode("utf-8-sig" if line == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            wrong = f"line {line}: not UTF-8 ({error.reason}); save the file as UTF-8"
        except (ValueError, RecursionError) as error:
            wrong = f"line {line}: not JSON ({error}); mend or take out the line"
        else:
            if isinstance(row, dict):
                yield line, row
                continue
            wrong = f"line {line}: {type(row).__name__} in place of an object; one JSON object a line is needed"
        if faults is None:
            raise InputError(f"{path}, {wrong}")
        faults.append(wrong)


def _lines(path: Path, faults: list[str] | None) -> Iterator[bytes]:
    """Yield a file's lines; damage of a packed one ends the line that it stands in, and is raised or goes to `faults`."""
    parts: list[bytes] = []
    try:
        for chunk in Input(str(path), path.stem, path).chunks():
            if isinstance(chunk, Damage):
                if faults is None:
                    raise InputError(f"{path}: {chunk.message}")
                faults.append(chunk.message)
                chunk = b"\n"
            if not parts and chunk.startswith(b"PAR1"):
                raise InputError(f"{path}: Parquet, where JSON Lines are needed; give the .jsonl (or .jsonl.gz, .jsonl.zst) of the same run")
            first, *others = chunk.split(b"\n")
            parts.append(first)
            for other in others:
                yield b"".join(parts)
                parts = [other]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a .jsonl file, one JSON object a line") from None
    yield b"".join(parts)
