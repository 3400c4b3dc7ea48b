"""A lock between processes, on a file that is there for nothing else. The kernel frees it when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tagger.errors import OutputError

_PAUSE = 0.002  # seconds


class FileLock:
    """An exclusive lock on `path`, which is made (mode 0600) and never removed: a removed one could be held by two."""

    def __init__(self, path: str | Path):
        self._path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0), 0o600)

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Hold the lock. Not for two threads at once: they share it.

        Raises
        ------
        TimeoutError
            Where another process holds it for `patience` seconds.
        OutputError
            Where the file system knows no locks.
        """
        end = time.monotonic() + patience
        while not self._tried():
            if time.monotonic() >= end:
                raise TimeoutError
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # what was done under it is done; the kernel frees it with the file
                _free(self._handle)

    def _tried(self) -> bool:
        try:
            return _try(self._handle)
        except OSError as problem:
            message = f"{self._path}: cannot be locked ({problem.strerror}); choose a folder on a file system with locks, or try again"
            raise OutputError(message) from problem

    @property
    def stands(self) -> bool:
        """Whether the file is still under its name: one in a folder that was removed or renamed since locks nobody out."""
        try:
            return os.path.samestat(os.fstat(self._handle), os.stat(self._path))
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Give the file back."""
        with contextlib.suppress(OSError):  # closed all the same
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
