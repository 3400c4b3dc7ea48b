"""The one table of codings: a row is what one coder gave one case."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tagger.case import UNSTATED
from tagger.codebook import FACETS, Codebook
from tagger.codebook.faults import did_you_mean, listed, quoted
from tagger.codings.rows import csv_rows
from tagger.codings.text import FINGERPRINT, Place
from tagger.errors import InputError
from tagger.writing.durable import replace_bytes
from tagger.writing.table import guarded

ROLES = ("coder", "author", "adjudicator")
CONFIDENCES = ("high", "medium", "low")
_BEFORE = ("case", "title", "coder", "role", *FACETS)
_AFTER = ("confidence", "note", "codebook", "date", "blind", "shown", "random", "set", "sha256", "place")
_NEEDED = ("case", "coder", *FACETS)
_YES_NO = {"yes": True, "no": False, "": None}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{5,8}Z)?")
_SHOWN_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Coding:
    """What one coder gave one case.

    `codes` maps facets (economy, model) and cues to codes; what is not in it was not coded. `role` is coder, author (of the text: knew what was meant) or
    adjudicator (decided where coders differ). `blind` tells whether the coder saw no suggestion and nobody else's codes (None: not recorded), `shown` what was
    seen instead; `random` whether the case was drawn at random (None: not recorded). `date` is that of the coding (UTC). `sha256` is the fingerprint of
    the text that was coded and `place` where it stands on the page `title` (see :mod:`tagger.codings.text`); '' and None where nobody recorded it.
    """

    case: str
    coder: str
    codes: Mapping[str, str]
    title: str = ""
    role: str = "coder"
    confidence: str = ""
    note: str = ""
    codebook: str = ""
    date: str = ""
    blind: bool | None = None
    shown: str = ""
    random: bool | None = None
    set: str = ""
    sha256: str = ""
    place: Place | None = None

    def long(self) -> Iterable[tuple[str, str, str, str]]:
        """Yield (case, coder, facet or cue, code) for everything that was coded."""
        for name, code in self.codes.items():
            yield self.case, self.coder, name, code


def columns_of(codebook: Codebook) -> tuple[str, ...]:
    """Return the table's columns: the facets and cues are the codebook's."""
    return (*_BEFORE, *(cue.id for cue in codebook.cues), *_AFTER)


def read_codings(paths: Path | Iterable[Path], codebook: Codebook) -> list[Coding]:
    """Read codings from CSV files; a folder stands for its ``*.csv`` that hold codings (those with a column ``case``).

    Raises
    ------
    InputError
        With every fault found in all files, a line each: file, row (the header is row 1), column, the value and what is allowed.
    """
    faults: list[str] = []
    found: list[Coding] = []
    first: dict[str, tuple[Coding, Path]] = {}
    files = list(coding_files([paths] if isinstance(paths, str | Path) else paths))
    for path in files:
        read = _read_one(path, codebook, faults)
        for coding in read:
            one = first.setdefault(coding.case, (coding, path))[0]
            if coding.sha256 != one.sha256 and coding.title != one.title and all((coding.sha256, one.sha256, coding.title, one.title)):
                faults.append(
                    f"{path}, case {coding.case}: another title and text ({quoted(coding.title)}) than under this id in {first[coding.case][1]} "
                    f"({quoted(one.title)}); give one of the two cases another id"
                )
        found += read
    if faults:
        rest = f"\n  ... and {len(faults) - _SHOWN_FAULTS} more" if len(faults) > _SHOWN_FAULTS else ""
        raise InputError(f"{len(faults)} fault{'s' * (len(faults) != 1)} in the codings:\n  " + "\n  ".join(faults[:_SHOWN_FAULTS]) + rest)
    return found


def coding_files(paths: Iterable[Path]) -> Iterable[Path]:
    """Yield the files of codings that `paths` stand for.

    Raises
    ------
    InputError
        Where a path does not exist, or a folder holds no such file.
    """
    for path in map(Path, paths):
        if path.is_dir():
            inside = [p for p in sorted(path.glob("*.csv")) if "case" in _header(p)]
            if not inside:
                raise InputError(f"{path}: holds no .csv of codings (with the columns {', '.join(_NEEDED)})")
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise InputError(f"{path}: no such file or folder; give a .csv of codings or a folder of them")


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        return next(csv.reader(stream), [])


def _read_one(path: Path, codebook: Codebook, faults: list[str]) -> list[Coding]:
    known = set(columns_of(codebook))
    rows = csv_rows(path, _NEEDED)
    unknown = [name for name in (rows[0][1] if rows else ()) if name not in known]
    faults += [
        f"{path}: column {quoted(name)} is none of the table's{did_you_mean(name, known)}; there are: {', '.join(columns_of(codebook))}" for name in unknown
    ]
    found = []
    for number, row in rows:
        wrong = list(faults_of(row, codebook))
        faults += [f"{path}, row {number}, column {column}: {text}" for column, text in wrong]
        if not wrong:
            found.append(_coding(row, codebook))
    return found


def faults_of(row: Mapping[str, str], codebook: Codebook) -> Iterable[tuple[str, str]]:
    """Yield (column, what is wrong and what is allowed) for a row of the table; columns that are missing count as empty."""
    for column in ("case", "coder"):
        if not row.get(column):
            yield column, "is empty; every coding names its case and its coder"
    yield from code_faults(row, codebook)
    for column, allowed in (("role", ROLES), ("confidence", CONFIDENCES), ("blind", ("yes", "no")), ("random", ("yes", "no"))):
        if row.get(column) and row[column] not in allowed:
            yield column, f"{quoted(row[column])} is none of {', '.join(allowed)}{did_you_mean(row[column], allowed)}"
    for column, valid, want in (
        ("date", _DATE.fullmatch, "a date such as 2026-11-23"),
        ("sha256", FINGERPRINT.fullmatch, "64 hexadecimal digits"),
        ("place", Place.parse, "a place such as 0+212"),
    ):
        if row.get(column) and not valid(row[column]):
            yield column, f"{quoted(row[column])} is not {want}"


def code_faults(row: Mapping[str, str], codebook: Codebook) -> Iterable[tuple[str, str]]:
    """Yield (column, what is wrong) for the facets and cues of a row: unknown codes, and a pair that the codebook calls a contradiction."""
    allowed = {facet: [c.id for c in codebook.codes(facet)] for facet in FACETS} | {cue.id: [*cue.value_ids, UNSTATED] for cue in codebook.cues}
    wrong = False
    for column, codes in allowed.items():
        if row.get(column) and row[column] not in codes:
            wrong = wrong or column in FACETS
            yield column, f"{quoted(row[column])} is not a code of {column}{did_you_mean(row[column], codes)}; there are: {listed(codes)}"
    economy, model = (row.get(facet) or "" for facet in FACETS)
    if not economy and not model:
        yield FACETS[1], "neither economy nor model is given; leave out what was not coded, but not both"
    elif economy and model and not wrong and not codebook.allowed(economy, model):
        with_it = [e.id for e in codebook.economies if codebook.allowed(e.id, model)]
        yield FACETS[0], f"{quoted(economy)} contradicts model {quoted(model)}; with that model go: {listed(with_it)}"


def _coding(row: Mapping[str, str], codebook: Codebook) -> Coding:
    names = (*FACETS, *(cue.id for cue in codebook.cues))
    plain = {name: row.get(name, "") for name in ("case", "coder", "title", "confidence", "note", "codebook", "date", "shown", "set", "sha256")}
    codes = {name: row[name] for name in names if row.get(name)}
    flags = {name: _YES_NO[row.get(name, "")] for name in ("blind", "random")}
    return Coding(**plain, **flags, codes=codes, role=row.get("role") or "coder", place=Place.parse(row.get("place", "")))


def write_codings(path: Path, codings: Iterable[Coding], codebook: Codebook) -> None:
    """Write codings as CSV (UTF-8, LF), whole or not at all, cells that a spreadsheet would run guarded.

    Raises
    ------
    OutputError
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    header = columns_of(codebook)
    table.writerow(header)
    for coding in codings:
        table.writerow([guarded(_cell(coding, name)) for name in header])
    replace_bytes(path, out.getvalue().encode("utf-8", errors="backslashreplace"))


def _cell(coding: Coding, column: str) -> str:
    if not hasattr(coding, column):
        return coding.codes.get(column, "")
    value = getattr(coding, column)
    return {True: "yes", False: "no", None: ""}[value] if value is None or isinstance(value, bool) else str(value)
