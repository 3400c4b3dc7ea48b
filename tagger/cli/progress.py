"""Progress on standard error: how many, how fast, how long still where that can be known."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.batch import Tally

EVERY = 0.2  # seconds between updates: drawing must not cost more than tagging


class Progress:
    """Shows a tally while a run goes on; silent where `quiet` or standard error is no terminal."""

    def __init__(self, quiet: bool = False, total: int | None = None):
        self._on = not quiet and sys.stderr.isatty()
        self._total = total
        self._next = 0.0

    def __enter__(self) -> Progress:
        if self._on:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = [SpinnerColumn(), TextColumn("{task.fields[written]} tagged"), TextColumn("{task.fields[rate]:.0f}/s"), TextColumn("{task.fields[bad]}"), TimeElapsedColumn()]
            if self._total:
                columns = [*columns, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total, written=0, rate=0.0, bad="")
            self._began = time.monotonic()
        return self

    def show(self, tally: Tally) -> None:
        """Update what is shown, at most a few times a second."""
        now = time.monotonic() if self._on else 0.0
        if self._on and now >= self._next:
            self._next = now + EVERY
            bad = f"{len(tally.quarantined)} quarantined" if tally.quarantined else ""
            self._bar.update(self._task, completed=tally.written, written=tally.written, rate=tally.seen / max(now - self._began, 1e-9), bad=bad)

    def __exit__(self, *exc: object) -> None:
        if self._on:
            self._bar.stop()
