"""Outputs under a URL: written here, and put there once they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagger.errors import OutputError
from tagger.places import place, reached
from tagger.writing.durable import partial_path

if TYPE_CHECKING:
    from tagger.case import Decision
    from tagger.writing import Writer

# An object is there once it is whole, also where it is sent in pieces; elsewhere a file grows under the eyes of its readers.
_WHOLE = {"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"}


def put_file(local: Path, url: str | Path) -> None:
    """Copy a file to a URL, where it is there whole or not at all.

    Raises
    ------
    PlaceError
        Where it cannot be put there.
    """
    target = place(url)
    fs, name = target.fs, target.path  # type: ignore[attr-defined]
    with reached(url):
        if target.protocol in _WHOLE:  # type: ignore[attr-defined]
            fs.put_file(str(local), name)
            return
        aside = place(target.parent / f".{target.name}.{os.getpid()}.tmp").path  # type: ignore[attr-defined]
        try:
            fs.put_file(str(local), aside)
            fs.mv(aside, name)
        except BaseException:
            if fs.exists(aside):
                fs.rm_file(aside)
            raise


def put_bytes(url: str | Path, data: bytes) -> None:
    """Write `data` to a URL as `put_file` does."""
    with tempfile.TemporaryDirectory(prefix="tagger-") as folder:
        local = Path(folder, "data")
        local.write_bytes(data)
        put_file(local, url)


class RemoteWriter:
    """A writer whose output goes to a URL once it is whole; until then it is in the folder for temporary files (``TMPDIR``).

    Parameters
    ----------
    url : str
    open : callable
        Given a path of this machine, returns the format's writer.

    Raises
    ------
    OutputError
        Where the bucket (or the folder) does not exist.
    PlaceError
        Where it cannot be reached.
    """

    def __init__(self, url: str, open: Callable[[Path], Writer]):
        self._target = place(url)
        _check_root(self._target)
        self._folder = tempfile.TemporaryDirectory(prefix="tagger-")
        self._local = Path(self._folder.name, self._target.name)
        try:
            self._inner = open(self._local)
        except BaseException:
            self._folder.cleanup()
            raise

    def write(self, decision: Decision) -> None:
        self._inner.write(decision)

    def add(self, piece: bytes) -> None:
        self._inner.add(piece)

    def commit(self, summary: dict[str, Any]) -> None:
        self._inner.commit(summary)
        put_file(self._local, self._target)
        self._folder.cleanup()

    def abort(self) -> None:
        self._inner.abort()
        self._folder.cleanup()

    def keep_partial(self) -> Path | None:
        local = self._inner.keep_partial()
        if local is None:
            return None
        put_file(local, partial_path(self._target))
        self._folder.cleanup()
        return partial_path(self._target)


def _check_root(target: Path) -> None:
    """Raise OutputError for a bucket that is not there, before the work and not after it; one that may not be looked into passes."""
    root = target.parent if target.protocol not in _WHOLE else place(f"{target.protocol}://{target.path.split('/')[0]}")  # type: ignore[attr-defined]
    with reached(target):
        try:
            there = root.exists()
        except PermissionError:
            return
    if not there:
        raise OutputError(f"{target}: there is no {root}; make it, or choose another place")
