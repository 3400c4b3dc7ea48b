"""The one place for durable writes: a file is there whole, or not at all.

Data go to ``.<name>.<pid>.tmp`` beside the target, are flushed and synced, then
renamed over the target, then the folder is synced.  A failed fsync is fatal for
the file: a retried one may succeed without the data (PostgreSQL's "fsyncgate").
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from tagger.errors import OutputError

PACKED = (".gz", ".zst")  # suffixes after that of the format; what packs them is in packed.py
_BUFFER = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM}
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}  # some network mounts cannot sync a folder; nothing that a user could mend


def output_error(path: Path, problem: OSError) -> OutputError:
    """Return what an `OSError` on `path` means for the user, with the way out."""
    if problem.errno in _FULL:
        return OutputError(f"{path}: the disk (or your quota) is full; nothing was left under this name. Free some space or choose another folder.")
    if problem.errno == errno.ENOENT and not path.parent.exists():
        missing = next(folder for folder in (path.parent, *path.parent.parents) if folder.parent.exists())
        return OutputError(f"{path}: there is no folder {missing}. Make it (mkdir -p '{path.parent}') or choose another.")
    if problem.errno == errno.ENOTDIR:
        return OutputError(f"{path}: a part of this path is a file, not a folder. Choose another folder.")
    if problem.errno == errno.EISDIR:
        return OutputError(f"{path}: this is a folder. Give the name of a file in it.")
    if problem.errno in _DENIED:
        return OutputError(f"{path}: no permission to write in {path.parent}. Choose a folder of your own, or change its permissions.")
    if problem.errno == errno.EROFS:
        return OutputError(f"{path}: {path.parent} is read-only. Choose another folder.")
    return OutputError(f"{path}: could not be written ({problem.strerror or problem}); nothing was left under this name. Try again, or choose another folder.")


def sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder for syncing; its rename is journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def remove_left(path: str | Path) -> None:
    """Remove what killed processes of this machine have left of `path` in the making. Only for whoever knows that nobody else is writing it."""
    target = Path(os.path.realpath(path))
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        process = left.name[len(target.name) + 2 : -len(".tmp")]
        if process.isdecimal() and not _lives(int(process)):
            with contextlib.suppress(OSError):
                left.unlink()


def _lives(process: int) -> bool:
    if os.name == "nt":  # where signal 0 is no question
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def partial_path(path: Path) -> Path:
    """Return the name of a file that is not whole: ``results.partial.jsonl``, ``results.partial.jsonl.gz``."""
    first, suffix = path.with_suffix(""), path.suffix
    if suffix.lower() in PACKED:
        first, suffix = first.with_suffix(""), first.suffix + suffix
    return path.with_name(f"{first.name}.partial{suffix}")


class Part:
    """A text file in the making, that gets its name only when it is whole.

    As a context manager it commits at the end, keeps a partial file on Ctrl-C and removes everything on any other exception.

    Parameters
    ----------
    path : str or Path
        The final name.  A symbolic link is followed: the file that it points to is replaced.
    mark : str
        What else than the number of this process is in the temporary name: on a file system of many machines another process may have the same.

    Raises
    ------
    OutputError
        If the file cannot be made (no folder, no permission, a folder of that name, disk full).
    """

    def __init__(self, path: str | Path, mark: str = ""):
        self.path = Path(path)
        self._target = Path(os.path.realpath(self.path))
        self._temporary = self._target.with_name(f".{self._target.name}.{mark}{os.getpid()}.tmp")
        self._buffer = bytearray()
        self._offset = 0
        self._handle: int | None = None
        if self._target.is_dir():
            raise output_error(self.path, OSError(errno.EISDIR, os.strerror(errno.EISDIR)))
        try:
            self._temporary.unlink(missing_ok=True)  # left by a killed process that had our number
            self._handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as problem:
            raise output_error(self.path, problem) from problem

    @property
    def finished(self) -> bool:
        """Whether the file was committed, kept or aborted already."""
        return not self._temporary.exists()

    def write(self, text: str) -> None:
        """Append `text` as UTF-8; a lone surrogate is written as the escape ``\\udXXX``, which is what JSON calls it too."""
        self.write_bytes(text.encode("utf-8", errors="backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Append `data` as it is."""
        if self._handle is None:
            raise ValueError(f"{self.path} is closed already")
        self._buffer += data
        if len(self._buffer) >= _BUFFER:
            with self._cleaning_up():
                self._flush()

    def commit(self) -> Path:
        """Sync, rename to the final name, sync the folder; return the final name.

        Raises
        ------
        OutputError
            If any step fails; before the rename nothing is left under the final name but what was there before.
        """
        self._finish(self._target)
        return self.path

    def abort(self) -> None:
        """Remove what was written; harmless when done already."""
        self._close()
        with contextlib.suppress(OSError):
            os.unlink(self._temporary)

    def keep_partial(self) -> Path | None:
        """Finish the file as :func:`partial_path` says, which nobody takes for the whole.

        Returns
        -------
        Path or None
            That name; None if the file was committed or aborted before.
        """
        if self.finished:
            return None
        self._finish(partial_path(self._target))
        return partial_path(self._target if self.path.is_symlink() else self.path)

    def _finish(self, target: Path) -> None:
        if self.finished:
            raise ValueError(f"{self.path} is finished already")
        with self._cleaning_up():
            if self._handle is not None:
                self._flush()
                os.fsync(self._handle)
                self._close()  # so without a handle the data are synced: Ctrl-C from here on may still keep_partial()
            if target.exists():  # a file that was private stays private; where there are no modes there is nothing to keep
                with contextlib.suppress(OSError):
                    os.chmod(self._temporary, target.stat().st_mode & 0o777)
            os.replace(self._temporary, target)
        try:
            sync_folder(target.parent)
        except OSError as problem:
            message = f"{target}: written, but its folder could not be synced ({problem.strerror}); a power cut may lose it. Write it again."
            raise OutputError(message) from problem

    def _flush(self) -> None:
        """Write the buffer out; after Ctrl-C at any point it can be called again (it seeks, and both marks move in one step)."""
        while self._buffer:
            os.lseek(self._handle, self._offset, os.SEEK_SET)
            count = os.write(self._handle, self._buffer)
            rest, offset = self._buffer[count:], self._offset + count
            self._buffer, self._offset = rest, offset

    @contextlib.contextmanager
    def _cleaning_up(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            self.abort()
            raise output_error(self.path, problem) from problem

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):  # the data are synced by now, or given up
                os.close(handle)

    def __enter__(self) -> Part:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        elif issubclass(kind, KeyboardInterrupt):
            self.keep_partial()
        else:
            self.abort()


def replace_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path` durably: readers see the old file or the new one, never a mixture.

    Raises
    ------
    OutputError
        If it cannot be written; then `path` is as it was.
    """
    part = Part(path)
    try:
        part.write_bytes(data)
        part.commit()
    except BaseException:
        part.abort()
        raise
