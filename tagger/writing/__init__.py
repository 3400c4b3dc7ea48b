"""Formats out: decisions as JSON Lines (canonical), CSV, Parquet or an HTML report, each file whole or not there at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tagger.case import Decision
from tagger.errors import OutputError
from tagger.places import is_url, place
from tagger.writing.packed import format_of

_JSONL, _CSV = (".jsonl", ".jsonl.gz", ".jsonl.zst"), (".csv", ".csv.gz", ".csv.zst")
SUFFIXES = (_JSONL[0], _CSV[0], ".html", ".parquet", *_JSONL[1:], *_CSV[1:])


class Sheet(Protocol):
    """What a format makes of one decision, wherever that happens: a worker keeps pieces, a `Writer` puts them together."""

    def piece(self, decision: Decision) -> bytes:
        """Return all that an output holds of a decision, on one line."""


class Writer(Protocol):
    """What takes decisions one by one; ends with exactly one of `commit`, `abort` and `keep_partial`."""

    def write(self, decision: Decision) -> None:
        """Add one decision."""

    def add(self, piece: bytes) -> None:
        """Add one decision, as the format's sheet has made it."""

    def commit(self, summary: dict[str, Any]) -> None:
        """Finish the output under its name; `summary` (counts of the run) is shown in the HTML report."""

    def abort(self) -> None:
        """Leave nothing behind."""

    def keep_partial(self) -> Path | None:
        """Finish what there is as :func:`tagger.writing.durable.partial_path` says (after Ctrl-C) and return that path; None for standard output."""


def open_sheet(path: str | Path | None, *, labels: Mapping[tuple[str, str], str] | None = None, text: bool = True) -> Sheet:
    """Return what makes the pieces that the writer of `path` puts together; parameters and errors as of `open_writer`."""
    suffix = ".jsonl" if path is None or str(path) == "-" else format_of(path)
    if suffix in _JSONL:
        from tagger.writing.jsonl import JsonlSheet

        return JsonlSheet(text=text)
    if suffix in _CSV:
        from tagger.writing.table import CsvSheet

        return CsvSheet(labels)
    if suffix == ".html":
        from tagger.writing.report import ReportSheet

        return ReportSheet()
    if suffix == ".parquet":
        from tagger.writing.parquet import ParquetSheet

        return ParquetSheet(text=text)
    raise _unknown(path, suffix)


def open_writer(
    path: str | Path | None,
    *,
    labels: Mapping[tuple[str, str], str] | None = None,
    criteria: Mapping[str, str] | None = None,
    title: str = "Tagged cases",
    text: bool = True,
) -> Writer:
    """Return the writer that the suffix of `path` asks for.

    Parameters
    ----------
    path : str, Path or None
        A file, or the URL of one, ending in one of `SUFFIXES`; None or "-" is JSON Lines on standard output.
    labels : mapping of (facet, code) to str
        What codes are called, as in ``("model", "9")``.
    criteria : mapping of str to str
        The text of each criterion, by its id.
    title : str
        Heading of the HTML report.
    text : bool
        Whether JSON Lines and Parquet hold the texts.

    Raises
    ------
    OutputError
        For a suffix that is none of these, a file that cannot be made, or a package that is not installed.
    """
    if path is None or str(path) == "-":
        from tagger.writing.jsonl import StdoutWriter

        return StdoutWriter(text=text)
    path = place(path)
    suffix = format_of(str(path))
    if suffix not in SUFFIXES:  # told before anything is made in the folder for temporary files, whose name nobody knows
        raise _unknown(path, suffix)
    if is_url(path):
        from tagger.writing.remote import RemoteWriter

        return RemoteWriter(str(path), lambda local: open_writer(local, labels=labels, criteria=criteria, title=title, text=text))
    if suffix in _JSONL:
        from tagger.writing.jsonl import JsonlWriter

        return JsonlWriter(path, text=text)
    if suffix in _CSV:
        from tagger.writing.table import CsvWriter

        return CsvWriter(path, labels)
    if suffix == ".html":
        from tagger.writing.report import ReportWriter

        return ReportWriter(path, labels or {}, criteria or {}, title)
    from tagger.writing.parquet import ParquetWriter

    return ParquetWriter(path, text=text)


def _unknown(path: str | Path | None, suffix: str) -> OutputError:
    known = ", ".join(SUFFIXES)
    what = f"the format {suffix!r} cannot be written" if suffix else "the name has no suffix to choose a format by"
    return OutputError(f"{path}: {what}. Choose a name that ends in {known}, or - for JSON Lines on standard output.")
