"""A time limit for one record: what takes longer is broken off, wherever the interpreter is in it, or where that cannot be, left out once it ends."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType


class TooSlow(BaseException):
    """A record took longer than it may; no `except Exception` on the way may swallow that."""


class TimeLimit:
    """Raises `TooSlow` in its block `seconds` after the last `start`, in the main thread of a process on POSIX.

    Elsewhere no alarm is heard: there `check` raises it once the record ends, and what never ends only a supervisor can end, with the process.

    Parameters
    ----------
    seconds : float
        0: no limit.
    """

    def __init__(self, seconds: float):
        self._seconds, self._since = seconds, 0.0
        self._on = seconds > 0 and hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> TimeLimit:
        if self._on:
            self._before = signal.signal(signal.SIGALRM, self._ring)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._on:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)

    def start(self) -> None:
        """The time of the next record begins."""
        self._since = time.monotonic()
        if self._on:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def check(self) -> None:
        """Raise `TooSlow` where the record has ended, too late, and no alarm could break it off."""
        if self._seconds and not self._on and time.monotonic() - self._since > self._seconds:
            raise TooSlow

    def stop(self) -> None:
        """Nothing is timed until the next `start`."""
        if self._on:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise TooSlow
