"""Where bytes come from: a file or standard input, packed or not, with the reader's options."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from tagger.case import Origin, Quarantined, Record
from tagger.places import open_bytes
from tagger.reading.decode import bom_of
from tagger.reading.streams import PACKINGS, RECORD_LIMIT, Damage, packing_of, plain_chunks, unpack


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that was cut out of its file; `read` makes it a case (or what else it turns out to be), which is the expensive part.

    `raw` are the bytes that all of it is made from, whatever stands before them in the file; empty where there are none that tell it all.
    """

    origin: Origin
    read: Callable[[], Record]
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read: `name` as the user wrote it, `stem` for ids, `path` None for standard input; `on_bytes` is told how many bytes of it were read."""

    name: str
    stem: str
    path: Path | None
    encoding: str | None = None
    text_column: str | None = None
    started: Iterator[bytes | Damage] | None = None  # chunks that somebody began to read
    on_bytes: Callable[[int], None] | None = None
    wanted_from: Callable[[], int] = lambda: 0  # no record that ends at this byte or before it is wanted now: a reader that can may pass over them unread

    def open(self) -> BinaryIO:
        """Open for reading bytes; standard input can be looked into before it is read."""
        if self.path is not None:
            return open_bytes(self.path)
        raw = sys.stdin.buffer
        return raw if hasattr(raw, "peek") else io.BufferedReader(raw)  # type: ignore[arg-type]

    def origin(self, record: str = "") -> Origin:
        """Return where a record of this file stands."""
        return Origin(self.name, record)

    def quarantined(self, reason: str, message: str, record: str = "", title: str = "") -> Quarantined:
        """Return what stands for a record of this file that could not be read."""
        return Quarantined(reason, message, self.origin(record), title)

    def damaged(self, damage: Damage) -> Quarantined:
        """Return what stands for a damaged stretch of a packed file."""
        return self.quarantined(damage.reason, damage.message, f"byte {damage.start}")

    def chunks(self) -> Iterator[bytes | Damage]:
        """Yield the file's bytes, unpacked by what its first bytes say (a suffix may lie), and the damage met."""
        if self.started is not None:
            yield from self.started
            return
        with self.open() as file:
            head = file.peek(4)[:4] if hasattr(file, "peek") else b""  # type: ignore[attr-defined]
            suffix = self.path.suffix[1:].lower() if self.path is not None else ""
            packing = packing_of(head) or (suffix if suffix in PACKINGS else "")
            before = 0
            for chunk in unpack(file, packing) if packing else plain_chunks(file):
                if self.on_bytes is not None and self.path is not None:
                    before, now = file.tell(), before
                    self.on_bytes(before - now)
                yield chunk

    def peeked(self) -> tuple[bytes | Damage | None, Input]:
        """Return the first chunk, and this input again with nothing of it used up."""
        stream = self.chunks()
        first = next(stream, None)
        return first, replace(self, started=chain([] if first is None else [first], stream))

    def whole(self) -> bytes | Quarantined:
        """Return all bytes of a file that is one record."""
        parts, size = [], 0
        for chunk in self.chunks():
            if isinstance(chunk, Damage):
                return self.damaged(chunk)
            size += len(chunk)
            if size > RECORD_LIMIT:
                message = f"{self.name} is over {RECORD_LIMIT >> 20} MiB; one text may not be. Split it, or say what it is with --format."
                return self.quarantined("too-large", message)
            parts.append(chunk)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: `number` from 1, `data` without its newline, `ended` whether it had one; `too_long` lines come without data."""

    number: int
    data: bytes
    ended: bool = True
    too_long: bool = False


def lines(given: Input) -> Iterator[Line | Damage]:
    r"""Yield lines split at ``\n`` bytes only (U+2028 and lone CR are text), with flat memory."""
    number, parts, size = 1, [], 0
    for chunk in _utf8(given):
        if isinstance(chunk, Damage):
            yield chunk  # with the half line before it, which is part of what was lost
            parts, size = [], 0
            number += 1
            continue
        *done, rest = chunk.split(b"\n")
        for data in done:
            size += len(data)
            yield Line(number, b"".join([*parts, data])) if size <= RECORD_LIMIT else Line(number, b"", too_long=True)
            number, parts, size = number + 1, [], 0
        size += len(rest)
        if size > RECORD_LIMIT:
            parts = []
        elif rest:
            parts.append(rest)
    if size:
        yield Line(number, b"".join(parts), ended=False, too_long=size > RECORD_LIMIT)


def _utf8(given: Input) -> Iterator[bytes | Damage]:
    """Yield chunks without byte-order mark, UTF-16 and UTF-32 turned into UTF-8: in these a newline is no single byte."""
    stream = given.chunks()
    head, damage = b"", None
    for chunk in stream:
        if isinstance(chunk, Damage):
            damage = chunk
            break
        head += chunk
        if len(head) >= 4:  # the longest mark
            break
    told, mark = bom_of(head)
    name = told or codecs.lookup(given.encoding or "utf-8").name
    wide = codecs.getincrementaldecoder(name)(errors="replace") if name.startswith(("utf-16", "utf-32")) else None
    for chunk in chain([head[mark:]], [damage] if damage else [], stream):
        yield chunk if wide is None or isinstance(chunk, Damage) else wide.decode(chunk).encode("utf-8", "surrogatepass")
    if wide is not None:
        yield wide.decode(b"", final=True).encode()


def line_encoding(given: Input) -> str | None:
    """Return how a single line is to be decoded: as the user said, unless :func:`lines` has turned it into UTF-8 already."""
    wide = given.encoding is not None and codecs.lookup(given.encoding).name.startswith(("utf-16", "utf-32"))
    return None if wide else given.encoding
