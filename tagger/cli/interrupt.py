"""Ctrl-C between two records, never in the middle of one: what is counted as written is written, in every output."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class CtrlC:
    """Context in which Ctrl-C raises ``KeyboardInterrupt`` at once, or, while held, at the next `release`; pressed twice, at once in any case."""

    def __init__(self) -> None:
        self._held = self._pressed = False
        self._before = None

    def __enter__(self) -> CtrlC:
        # a run that was told to ignore it (nohup, a shell's background job) goes on ignoring it; only a main thread may set a handler
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _press(self, number: int, frame: FrameType | None) -> None:
        if self._pressed or not self._held:
            raise KeyboardInterrupt
        self._pressed = True

    def hold(self) -> None:
        """From here on Ctrl-C waits."""
        self._held = True

    def release(self) -> None:
        """Raise ``KeyboardInterrupt`` if Ctrl-C was pressed meanwhile; from here on it does not wait."""
        self._held = False
        if self._pressed:
            raise KeyboardInterrupt
