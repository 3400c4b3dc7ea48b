"""Where files are: on this machine, or under a URL of a file system that fsspec knows (``s3://``, ``gs://``), with the face of `pathlib.Path` either way.

URLs come from the command line only: nothing that stands in a text or a table is ever opened.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tagger.errors import InputError, PlaceError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: C:// is a disk
_HERE = re.compile(r"(?:file|local)://(?:localhost(?=/))?(.*)", re.IGNORECASE | re.DOTALL)
_READ, _AHEAD = 1 << 20, 4 << 20  # bytes: asked for at a time, and fetched beyond them (s3fs would hold 50 MB a file)
_LIBRARIES = {"aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "s3fs", "urllib3"}


def is_url(name: str | Path) -> bool:
    """Whether a name is a URL; ``file://`` too, until `plain` or `place` has made a path of it."""
    return _URL.match(str(name)) is not None


def plain(name: str) -> str:
    """Return a name with the URL of a file of this machine (``file:///a%20b``) as the path that it stands for (``/a b``); any other name as it is.

    Raises
    ------
    InputError
        Where such a URL names a file of another machine, or none.
    """
    found = _HERE.fullmatch(name)
    if found is None:
        return name
    from urllib.parse import unquote

    path = unquote(found[1], errors="surrogateescape")
    if not path.startswith("/") or "\0" in path:
        raise InputError(f"{name}: this is no file of this machine; write file:///folder/name (with three slashes), or the path alone")
    return path[1:] if os.name == "nt" else path  # /C:/folder


def place(name: str | Path, base: str = "") -> Path:
    """Return a name as a path (a `upath.UPath` for a URL, but of ``file://`` that of this machine); relative ones count from `base`.

    Raises
    ------
    InputError
        Where a package is missing, or nobody knows such URLs.
    """
    name = plain(name) if isinstance(name, str) else name
    if not is_url(name):
        return Path(base, name)
    protocol = str(name).partition("://")[0]
    try:
        from upath import UPath

        path = UPath(str(name))
        path.fs  # noqa: B018 - made now, so that what is missing is told now
    except ImportError:
        extra = "gcs" if protocol in ("gs", "gcs") else "remote"
        raise InputError(f"{name}: {protocol}:// needs packages that are not installed: pip install 'case-tagger[{extra}]' (others: see fsspec)") from None
    except ValueError as error:
        raise InputError(f"{name}: no file system is known for {protocol}:// ({error}); local paths, s3:// and gs:// are") from None
    return path


def key_of(name: str | Path) -> str:
    """Return by what two names of one file are the same."""
    path = place(name)
    return str(path if is_url(path) else path.resolve())


def version_of(path: Path) -> list[Any]:
    """Return size in bytes, and what changes with the content: an object's etag, else the time of change."""
    told = path.stat()
    etag = path.fs.info(path.path).get("ETag") if is_url(path) else None  # type: ignore[attr-defined]
    return [told.st_size, etag or told.st_mtime_ns]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files under a folder that is a URL, as a walk through it in sorted order has them; hidden ones left out."""
    fs, root = folder.fs, folder.path.rstrip("/")  # type: ignore[attr-defined]
    found = sorted(name[len(root) + 1 :].split("/") for name in fs.find(root))
    for parts in found:
        if not any(part.startswith(".") for part in parts):
            yield folder.joinpath(*parts)


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading; that of a URL can be looked into, and tells a lost connection as a `PlaceError`."""
    if not is_url(path):
        return path.open("rb")
    with reached(path):
        return io.BufferedReader(_Remote(path), _READ)


def is_there(path: Path) -> bool:
    """Whether there is a file or folder.

    Raises
    ------
    PlaceError
        Where nobody can tell, since the file system cannot be reached: some (``http://``) then say that there is nothing, and their reason only below that.
    """
    with reached(path):
        if path.exists():
            return True
        if is_url(path):
            try:
                path.fs.info(path.path)  # type: ignore[attr-defined]
            except FileNotFoundError as error:
                why = error.__cause__
                if isinstance(why, OSError) and not isinstance(why, FileNotFoundError):
                    raise why from None
        return False


@contextmanager
def reached(name: str | Path) -> Iterator[None]:
    """Tell what goes wrong between here and a URL as a `PlaceError`, in one sentence; the errors of a local file system pass as they are."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise
    except Exception as error:
        if not is_url(name) or (type(error).__module__.split(".")[0] not in _LIBRARIES and not isinstance(error, OSError)):
            raise
        why = f"{error}".strip().partition("\n")[0].rstrip(".") or type(error).__name__
        if isinstance(error, PermissionError) or "credentials" in why.lower():
            raise PlaceError(f"{name}: access denied ({why}); check the credentials of this file system and what they allow") from error
        raise PlaceError(f"{name}: the connection failed ({why}); what is done is kept, and the same command goes on from there") from error


class _Remote(io.RawIOBase):
    """The bytes of a URL."""

    def __init__(self, path: Path):
        self._path = path
        self._file = path.open("rb", block_size=_AHEAD)

    def readinto(self, buffer: Any) -> int:
        with reached(self._path):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
