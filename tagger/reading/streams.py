"""Bytes out of files, plain or packed, in which no damage passes unseen.

`bz2.open` ends without a word when what follows a stream is not a stream; gzip and a
plain `BZ2Decompressor` leave the rest to the caller.  Here whatever follows the end of
a stream must be nothing, zeros, or the head of another stream: anything else is a
:class:`Damage` with its byte offset, and reading goes on at the next head.

What damage within a stream can be seen depends on the packing.  bz2 has a checksum a
block, so no text of a damaged block comes out.  gzip and zstd have one at the end of a
stream: text of a damaged stream may come out before its damage is told.  A zstd frame
may have none (the program ``zstd`` writes it, libraries often do not): then damage
that leaves the frame readable is seen by nobody.
"""

from __future__ import annotations

import bz2
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tagger.errors import InputError

RECORD_LIMIT = 16 * 1024 * 1024  # bytes; one record, whatever the size of its file
PIECE = 16 * 1024  # packed bytes fed at a time: so small that a block and its checksum come out in one call, before anybody sees the text
OPEN_LIMIT = 64 * 1024 * 1024  # unpacked bytes a call: more than one block can hold (46 MB), so only bombs meet it
ZSTD_PIECE = 1024  # packed bytes a call: a block of 128 KiB takes at least 4, so 32 MiB come out at most
PLAIN_PIECE = 256 * 1024
RECENT = 256  # pieces fed again after damage, at most (4 MiB; a block of bz2 is under 1 MiB)


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a packed file that could not be read; `start` and `end` are byte offsets in the packed file."""

    reason: str
    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Packing:
    name: str
    head: re.Pattern[bytes]  # how a stream begins: used to accept what follows, and to find the way back after damage
    resume: re.Pattern[bytes]
    reach: int  # bytes of the longest head
    new: Callable[[], object]
    errors: tuple[type[Exception], ...]


_ZSTD_HEAD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")  # of a frame, or of one to be skipped
PACKINGS = {
    "bz2": _Packing("bz2", re.compile(rb"BZh[1-9]"), re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), 10, bz2.BZ2Decompressor, (OSError, ValueError, EOFError)),
    "gz": _Packing("gzip", re.compile(rb"\x1f\x8b\x08"), re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"), 4, lambda: _Gunzip(), (zlib.error,)),
    "zst": _Packing("zstd", _ZSTD_HEAD, _ZSTD_HEAD, 4, lambda: _Unzstd(), (ValueError,)),
}


class _Gunzip:
    """zlib with the face of `BZ2Decompressor`."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    eof = property(lambda self: self._inner.eof)
    unused_data = property(lambda self: self._inner.unused_data)
    needs_input = property(lambda self: not self._inner.unconsumed_tail)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Unzstd:
    """One frame of zstd (or one to be skipped) with the face of `BZ2Decompressor`.

    Raises
    ------
    InputError
        Where the package zstandard is not installed.
    """

    def __init__(self) -> None:
        try:
            import zstandard
        except ImportError:
            raise InputError(".zst needs the package zstandard, which is not installed: pip install 'case-tagger[zstd]', or unpack the file first") from None
        self._error = zstandard.ZstdError
        self._inner = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = b""

    eof = property(lambda self: self._inner.eof)
    unused_data = property(lambda self: self._inner.unused_data + self._waiting)
    needs_input = property(lambda self: not self._waiting)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._waiting += data
        try:
            while self._waiting and not self.eof:
                piece, self._waiting = self._waiting[:ZSTD_PIECE], self._waiting[ZSTD_PIECE:]
                if out := self._inner.decompress(piece):
                    return out
        except self._error as error:
            why = str(error).rpartition(": ")[2]
            hint = "; over 128 MiB: unpack it with zstd -d --long=31" if "too much memory" in why else ""
            raise ValueError(why + hint) from None
        return b""


def check_packing(packing: str) -> None:
    """Raise InputError where a packing takes a package that is not installed."""
    PACKINGS[packing].new()


def packing_of(head: bytes) -> str:
    """Return "bz2", "gz", "zst" or "" from a file's first bytes."""
    return next((name for name, p in PACKINGS.items() if p.head.match(head)), "")


def plain_chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's bytes."""
    while data := file.read(PLAIN_PIECE):
        yield data


class _Window:
    """A file seen from `offset` on, without seeking (standard input has no way back)."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.offset, self.data = file, 0, b""

    def fill(self, size: int) -> bytes:
        """Have at least `size` bytes in `data` where the file still has them."""
        while len(self.data) < size and (more := self.file.read(PIECE)):
            self.data += more
        return self.data

    def take(self, size: int) -> bytes:
        out, self.data = self.data[:size], self.data[size:]
        self.offset += len(out)
        return out

    def give_back(self, data: bytes) -> None:
        self.data = data + self.data
        self.offset -= len(data)


def unpack(file: BinaryIO, packing: str) -> Iterator[bytes | Damage]:
    """Yield the unpacked bytes of `file`, and a `Damage` for each stretch that could not be read.

    Parameters
    ----------
    file : binary file, read from where it stands
    packing : {"bz2", "gz", "zst"}

    Raises
    ------
    InputError
        Where it takes a package that is not installed.
    """
    kind = PACKINGS[packing]
    window = _Window(file)
    streams = 0
    while True:
        zeros = 0
        while window.fill(kind.reach):  # zeros after a stream are padding
            rest = window.data.lstrip(b"\0")
            zeros += len(window.data) - len(rest)
            window.take(len(window.data) - len(rest))
            if rest and window.fill(kind.reach):
                break
        if not window.data:
            if not streams:
                yield Damage("empty", f"The file is empty: there is no {kind.name} stream in it.", 0, window.offset)
            return
        start = window.offset
        if (zeros and not kind.resume.match(window.data)) or not kind.head.match(window.data):
            what = f"after stream {streams} stands something that is no {kind.name} stream" if streams else f"this is not a {kind.name} file"
            end = _resume(window, kind)
            yield Damage(f"{packing}-damaged", f"At byte {start} {what}; bytes {start} to {end} were left out. Fetch the file again.", start, end)
            if not window.data:
                return
            continue
        streams += 1
        damage = yield from _stream(window, kind, packing, streams)
        if damage:
            yield damage
            if not window.data:
                return


def _stream(window: _Window, kind: _Packing, packing: str, number: int) -> Iterator[bytes]:
    """Yield one stream's bytes; return its `Damage` or None."""
    start = window.offset
    machine = kind.new()
    recent: list[bytes] = []  # fed since text last came out: a decoder runs on past a damaged block, into the next stream, before it notices
    while True:
        window.fill(kind.reach)
        data = window.take(PIECE)
        if not data:
            message = f"The file ends in the middle of {kind.name} stream {number} (which starts at byte {start}): it was cut. Fetch it again."
            return Damage(f"{packing}-cut", message, start, window.offset)
        recent.append(data)
        del recent[:-RECENT]  # what is skipped gives no text however long it is
        try:
            out = machine.decompress(data, OPEN_LIMIT)
            if out:
                recent = [data]
            while out or not (machine.eof or machine.needs_input):
                if out:
                    yield out
                out = b"" if machine.eof or machine.needs_input else machine.decompress(b"", OPEN_LIMIT)
        except kind.errors as error:
            window.give_back(b"".join(recent))
            if window.offset == start:
                window.take(1)  # not to find this stream's own head again
            end = _resume(window, kind)
            message = f"{kind.name} stream {number} (from byte {start}) is damaged ({error}); bytes up to {end} were left out. Fetch the file again."
            return Damage(f"{packing}-damaged", message, start, end)
        if machine.eof:
            window.give_back(machine.unused_data)
            return None


def _resume(window: _Window, kind: _Packing) -> int:
    """Move `window` to the next head of a stream, or the end; return the byte offset reached."""
    while True:
        found = kind.resume.search(window.data)
        if found:
            window.take(found.start())
            return window.offset
        window.take(max(0, len(window.data) - kind.reach + 1))
        before = len(window.data)
        if len(window.fill(before + PIECE)) == before:
            window.take(before)
            return window.offset
