"""Progress of a run in shards, true over all its workers: a bar on a terminal, or JSON lines for schedulers."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tagger.batch import Tally
    from tagger.batch.supervise import State

EVERY = 1.0  # seconds between JSON lines


@dataclass(frozen=True, slots=True)
class Pace:
    """A state with what follows from it: `per_second` records by this run, `left` seconds (None while nobody knows)."""

    state: State
    per_second: float
    left: float | None

    def as_dict(self) -> dict[str, Any]:
        state = self.state
        return {
            "records": state.records,
            "quarantined": state.quarantined,
            "share": None if state.share is None else round(state.share, 4),
            "parts": state.shards,
            "parts_of": state.of,
            "per_second": round(self.per_second, 1),
            "seconds_left": None if self.left is None else round(self.left, 1),
        }


class Clock:
    """Tells the pace: by the records and the share of bytes done since the first state."""

    def __init__(self) -> None:
        self._first: tuple[float, State] | None = None

    def pace(self, state: State) -> Pace:
        """Return the pace at `state`, now."""
        now = time.monotonic()
        if self._first is None:
            self._first = now, state
        began, first = self._first
        spent = now - began
        rate = (state.records - first.records) / spent if spent > 0 else 0.0
        if state.share is None or first.share is None or state.share <= first.share:
            return Pace(state, rate, None)
        return Pace(state, rate, spent * (1 - state.share) / (state.share - first.share))


class Shown(Protocol):
    """What tells progress."""

    def tell(self, state: State) -> None:
        """Tell how far the run is."""

    def resumed(self, done: int, of: int) -> None:
        """Tell that `done` of `of` parts were there already."""


class _Silent:
    def tell(self, state: State) -> None:
        """Say nothing."""

    def resumed(self, done: int, of: int) -> None:
        """Say nothing."""


class _Lines:
    """One JSON object a second, and one at the end."""

    def __init__(self) -> None:
        self._clock, self._next, self._last = Clock(), 0.0, ""
        self._untold: Pace | None = None

    def tell(self, state: State) -> None:
        self._untold = self._clock.pace(state)
        if time.monotonic() >= self._next or state.shards == state.of:
            self._next = time.monotonic() + EVERY
            self.end()

    def end(self) -> None:
        """Tell the last state, if that was within a second of the one before: also of a run that was stopped."""
        told, self._untold = self._untold, None
        if told is not None:
            self._print(told.as_dict())

    def resumed(self, done: int, of: int) -> None:
        self._print({"resumed_parts": done, "parts_of": of})

    def _print(self, told: dict[str, Any]) -> None:
        line = json.dumps(told)
        if line != self._last:
            print(line, file=sys.stderr, flush=True)
            self._last = line


class LinesOfStream:
    """Tells a stream as JSON lines: it is one part, and nobody knows how long it is, so the share is null until it is at its end."""

    def __init__(self) -> None:
        self._lines = _Lines()

    def show(self, tally: Tally) -> None:
        """Tell the counts, at most once a second."""
        self._tell(tally, None, 0)

    def end(self, tally: Tally, whole: bool) -> None:
        """Tell the last counts; `whole` where the stream was not stopped before its end."""
        self._tell(tally, 1.0 if whole else None, int(whole))
        self._lines.end()

    def _tell(self, tally: Tally, share: float | None, parts: int) -> None:
        from tagger.batch.supervise import State

        self._lines.tell(State(tally.seen, len(tally.quarantined), share, parts, 1, 0))


class _Bar:
    def __init__(self, bar: Any, task: Any):
        self._bar, self._task, self._clock = bar, task, Clock()

    def tell(self, state: State) -> None:
        pace = self._clock.pace(state)
        bad = f", {state.quarantined} quarantined" if state.quarantined else ""
        rate = f", {pace.per_second:.0f}/s" if pace.per_second else ""
        left = f", {_time(pace.left)} left" if pace.left is not None else ""
        self._bar.update(self._task, completed=state.share, description=f"{state.records} records{bad}{rate}{left}")

    def resumed(self, done: int, of: int) -> None:
        _say_resumed(done, of)


class _Said(_Silent):
    def resumed(self, done: int, of: int) -> None:
        _say_resumed(done, of)


def _say_resumed(done: int, of: int) -> None:
    from tagger.cli.screen import say

    say(f"Going on: {done} of {of} parts were done by an earlier run of this command.")


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def shard_progress(how: str, quiet: bool) -> Iterator[Shown]:
    """Give what tells progress."""
    if how == "json":  # also where `quiet`: whoever asks for them has something that reads them
        lines = _Lines()
        try:
            yield lines
        finally:
            lines.end()
    elif quiet:
        yield _Silent()
    elif not sys.stderr.isatty():
        yield _Said()
    else:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

        from tagger.cli.screen import console

        columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TaskProgressColumn(), TimeElapsedColumn()]
        with Progress(*columns, console=console(stderr=True), transient=True) as bar:
            yield _Bar(bar, bar.add_task("loading", total=1.0))
