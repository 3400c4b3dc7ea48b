"""A lock between processes, on a file that is there for nothing else. The kernel frees it when its holder dies, however it dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.002  # seconds


class FileLock:
    """An exclusive lock on `path`, which is made (mode 0600) and never removed: a removed one could be held by two."""

    def __init__(self, path: str | Path):
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0), 0o600)

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Hold the lock. Not for two threads at once: they share it.

        Raises
        ------
        TimeoutError
            Where another process holds it for `patience` seconds.
        """
        end = time.monotonic() + patience
        while not _try(self._handle):
            if time.monotonic() >= end:
                raise TimeoutError
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _free(self._handle)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._handle)


if os.name == "nt":
    import msvcrt

    def _try(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _free(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _free(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
