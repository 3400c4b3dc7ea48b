"""Progress on standard error: how many, how fast, how long still where that can be known."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.batch import Tally

EVERY = 0.2  # seconds between updates: drawing must not cost more than tagging
BY_LINE = (".jsonl", ".ndjson", ".csv", ".tsv")
BY_PAGE = (".xml",)


class Progress:
    """Shows a tally while a run goes on; silent where `quiet` or standard error is no terminal.

    Parameters
    ----------
    quiet : bool
    total : int, optional
        Records to come, about; None where nobody knows.
    size : int, optional
        Bytes to come, by which time left is told where `total` is not known; None for standard input: then there is none to tell.
    """

    def __init__(self, quiet: bool = False, total: int | None = None, size: int | None = None):
        self._on = not quiet and sys.stderr.isatty()
        self._by_bytes = total is None and size is not None
        self._total = size if self._by_bytes else total
        self._bytes = 0
        self._next = 0.0

    def read(self, count: int) -> None:
        """Take note that so many more bytes have been read."""
        self._bytes += count

    def __enter__(self) -> Progress:
        if self._on:
            from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            from tagger.cli.screen import console

            columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
            if self._total:
                columns += [BarColumn(bar_width=20), TextColumn("left"), TimeRemainingColumn()]
            self._bar = Bar(*columns, console=console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("loading", total=self._total)
            self._began: float | None = None
        return self

    def show(self, tally: Tally) -> None:
        """Update what is shown, at most a few times a second."""
        now = time.monotonic() if self._on else 0.0
        if self._on and now >= self._next:
            self._next = now + EVERY
            self._began = self._began or now  # the rate is that of the work, without the time to load
            rate = (tally.seen - 1) / (now - self._began) if now > self._began else 0.0
            bad = f", {len(tally.quarantined)} quarantined" if tally.quarantined else ""
            shown = f"{tally.written} tagged{bad}" + (f", {rate:.0f}/s" if rate else "")
            self._bar.update(self._task, completed=self._bytes if self._by_bytes else tally.seen, description=shown)

    def __exit__(self, *exc: object) -> None:
        if self._on:
            self._bar.stop()


def expected(inputs: list[str], format: str | None = None, limit: int | None = None) -> int | None:
    """Return about how many records are to come: one a file, a line, or a page; `limit` at most. None for standard input and what is packed."""
    counts = [_records_in(file, format) for path in inputs for file in _files(path)]
    if any(number is None for number in counts):
        return limit
    return min(sum(counts), limit) if limit is not None else sum(counts)


def size_of(inputs: list[str]) -> int | None:
    """Return how many bytes the inputs hold on disk; None where standard input is among them."""
    files = [file for path in inputs for file in _files(path)]
    if None in files:
        return None
    return sum(file.stat().st_size for file in files if file is not None and file.is_file())


def _files(path: str) -> list[Path | None]:
    from tagger.places import is_url

    if path == "-" or is_url(path):
        return [None]
    given = Path(path)
    return [file for file in given.rglob("*") if file.is_file() and not file.name.startswith(".")] if given.is_dir() else [given]


def _records_in(file: Path | None, format: str | None) -> int | None:
    suffix = "." + format.lower().lstrip(".") if format else file.suffix.lower() if file is not None else ""
    from tagger.reading.paths import PACKED

    if file is None or file.suffix.lower() in PACKED or suffix == ".parquet" or not file.is_file():
        return None
    mark = b"\n" if suffix in BY_LINE else b"<page>" if suffix in BY_PAGE else None
    if mark is None:
        return 1
    try:
        with file.open("rb") as stream:  # a gigabyte a second: nothing against what tagging takes
            return sum(chunk.count(mark) for chunk in iter(lambda: stream.read(1 << 20), b""))
    except OSError:
        return None
