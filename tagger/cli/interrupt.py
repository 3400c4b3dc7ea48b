"""Ctrl-C between two records, never in the middle of one: what is counted as written is written, in every output."""

from __future__ import annotations

import signal
import threading
from types import FrameType

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]  # the user, a scheduler, a closed terminal


class CtrlC:
    """Context in which Ctrl-C raises ``KeyboardInterrupt`` at once, or, while held, at the next `release`; pressed twice, at once in any case.

    A scheduler's SIGTERM and the SIGHUP of a closed terminal do the same: what was finished is kept.
    """

    def __init__(self) -> None:
        self._held = self._pressed = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> CtrlC:
        # a run that was told to ignore one (nohup, a shell's background job) goes on ignoring it; only a main thread may set a handler
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._press) for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

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
