"""A time limit for one record: what takes longer is broken off, wherever the interpreter is in it."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class TooSlow(BaseException):
    """A record took longer than it may; no `except Exception` on the way may swallow that."""


class TimeLimit:
    """Raises `TooSlow` in its block `seconds` after the last `start`, in the main thread of a process on POSIX; elsewhere a supervisor has to end the process.

    Parameters
    ----------
    seconds : float
        0: no limit.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
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
        if self._on:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def stop(self) -> None:
        """Nothing is timed until the next `start`."""
        if self._on:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise TooSlow
