"""Packed outputs: what is written comes out gzipped or as zstd, the same bytes for the same text.

The header holds neither time nor name, the level is fixed, and one thread packs.  Levels are the fast ones, so that packing keeps up with several
workers (results of long pages: gzip 1 some 9,000 a second to 22 % of their size, zstd 3 18,000 to 17 %; gzip 6 3,000 to 17 %).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tagger.errors import OutputError
from tagger.writing.durable import PACKED, Part

GZIP_LEVEL, ZSTD_LEVEL = 1, 3


class _Packer(Protocol):
    def compress(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


def _gzip() -> _Packer:
    return zlib.compressobj(GZIP_LEVEL, wbits=31)  # 31: with the header and checksum of gzip; its time is 0


def _zstd() -> _Packer:
    try:
        import zstandard
    except ImportError:
        raise OutputError(".zst needs the package zstandard, which is not installed: pip install 'case-tagger[zstd]', or write .gz") from None
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True).compressobj()


PACKERS: dict[str, Callable[[], _Packer]] = dict(zip(PACKED, (_gzip, _zstd), strict=True))


def format_of(path: str | Path) -> str:
    """Return the suffix that chooses a format: the last one in lower case, with the one before it where it only says how the file is packed."""
    *before, last = ["", *Path(path).suffixes][-2:]
    return (before[0] + last).lower() if before and last.lower() in PACKERS else last.lower()


def open_part(path: str | Path) -> Part:
    """Return a file in the making that is packed as its suffix says; errors as of `Part`, and OutputError where a package is missing."""
    new = PACKERS.get(Path(path).suffix.lower())
    return Part(path) if new is None else _PackedPart(path, new())


class _PackedPart(Part):
    """A `Part` that packs what it is given; a partial one is a whole packed file, too."""

    def __init__(self, path: str | Path, packer: _Packer):
        super().__init__(path)
        self._packer: _Packer | None = packer

    def write_bytes(self, data: bytes) -> None:
        if self._packer is None:
            raise ValueError(f"{self.path} is closed already")
        super().write_bytes(self._packer.compress(data))

    def _finish(self, target: Path) -> None:
        if not self.finished and self._packer is not None:  # a second time, after a failed one, there is nothing left to pack
            packer, self._packer = self._packer, None
            super().write_bytes(packer.flush())
        super()._finish(target)
