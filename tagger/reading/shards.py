"""Any input as shards: parts that are read apart from each other and together give every record once, in the order of the input.

A shard is a row of whole small files, or a stretch of one large file.  A record belongs to the stretch in which its last byte was read, counted in bytes of
the file as it lies on disk (packed or not): so a file of known size has a known number of shards, whatever is in it.  Numbers of lines and pages
stay those of the whole file, so a reader must go through what comes before its stretch; it only cuts records there and does not read them,
and one that has its stretches in order goes through the file once.  Of Parquet, row groups before a stretch are not even opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tagger.case import Record, Skipped
from tagger.places import place
from tagger.reading.inputs import Unread
from tagger.reading.paths import PACKED
from tagger.reading.sources import MANY, Source, open_file

PLAIN_BYTES = 4 << 20  # of a shard: some 2,000 short texts
PACKED_BYTES = 1 << 20
MOST_FILES = 256
LEAST_SCALE = 1 / 16


@dataclass(frozen=True, slots=True)
class Shard:
    """The `number`-th part of an input: `files`, or of the only one the bytes after `start` up to `end` (None: all the rest).

    `skipped` are records that are known to be left out before anything is read; they come first.
    """

    number: int
    files: tuple[str, ...]
    start: int = 0
    end: int | None = None
    skipped: tuple[Skipped, ...] = ()
    size: int = 0  # bytes on disk, for progress


def plan(source: Source, leave_out: Callable[[str], bool] = lambda name: False, scale: float = 1.0) -> list[Shard]:
    """Cut an input into shards.

    Parameters
    ----------
    source : Source
        Without standard input.
    leave_out : callable
        Tells which files are not to be read (this run's own outputs); they are skipped as "output".
    scale : float
        By what the usual size of a shard is multiplied.
    """
    shards: list[Shard] = []
    files: list[str] = []
    skipped: list[Skipped] = []
    size = 0

    def close() -> None:
        nonlocal size
        if files or skipped:
            shards.append(Shard(len(shards), tuple(files), skipped=tuple(skipped), size=size))
            files.clear()
            skipped.clear()
            size = 0

    for name in source.files():
        if isinstance(name, Skipped):
            skipped.append(name)
            continue
        if leave_out(name):
            skipped.append(Skipped("output", source.input(name).origin()))
            continue
        bytes_, step = _size(place(name, source.base)), int(scale * (PACKED_BYTES if Path(name).suffix.lower() in (*PACKED, ".parquet") else PLAIN_BYTES))
        if source.reader_of(name) in MANY and bytes_ > 1.5 * step:
            close()
            ends = [*range(step, bytes_ - step // 2, step), None]
            for start, end in zip([0, *ends[:-1]], ends, strict=True):
                shards.append(Shard(len(shards), (name,), start, end, size=(end or bytes_) - start))
            continue
        if files and (size + bytes_ > scale * PLAIN_BYTES or len(files) >= MOST_FILES):
            close()
        files.append(name)
        size += bytes_
    close()
    return shards


def scale_for(shards: Sequence[Shard], jobs: int) -> float:
    """Return the scale with which `plan` cuts an input so that `jobs` workers have four shards each, if it is large enough for that."""
    if jobs == 1 or len(shards) >= 4 * jobs:
        return 1.0
    return max(LEAST_SCALE, min(1.0, len(shards) / (4 * jobs)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # the reader says why
        return 0


class ShardReader:
    """Reads shards of one source; from one stretch of a file to a later one it goes on where it stands."""

    def __init__(self, source: Source):
        self._source = source
        self._open: _Place | None = None

    def records(self, shard: Shard, passing: Callable[[bool], None] = lambda on: None) -> Iterator[Record | Unread]:
        """Yield the records of a shard, unread where reading can wait.

        Parameters
        ----------
        shard : Shard
        passing : callable
            Is told True before a stretch, whose reader may have to pass over all of the file that stands before it, and False once it has: what comes then is
            time of the records that are wanted.
        """
        yield from shard.skipped
        if shard.start == 0 and shard.end is None:
            for name in shard.files:
                yield from open_file(self._source.input(name), self._source.reader_of(name))
            return
        place, self._open = self._open, None  # what stops in the middle leaves nothing half read behind
        if place is None or place.name != shard.files[0] or place.position > shard.start:
            place = _Place(self._source, shard.files[0])
        yield from place.between(shard.start, shard.end, passing)
        self._open = place


class _Place:
    """How far a file has been read; the record that was read too far waits."""

    def __init__(self, source: Source, name: str):
        self.name, self.position = name, 0
        self._start = 0
        given = replace(source.input(name, self._moved), wanted_from=lambda: self._start)
        self._records = open_file(given, source.reader_of(name))
        self._waiting: tuple[int, Record | Unread] | None = None
        self._read = 0
        self._passing: Callable[[bool], None] | None = None  # to be told once we are past what stands before the stretch

    def _moved(self, count: int) -> None:
        self._read += count
        self._tell_past()

    def _tell_past(self) -> None:
        if self._passing is not None and self._read > self._start:
            passing, self._passing = self._passing, None
            passing(False)

    def between(self, start: int, end: int | None, passing: Callable[[bool], None]) -> Iterator[Record | Unread]:
        """Yield the records whose last byte was read in the bytes after `start` up to `end`; those before are passed over."""
        self._start, self._passing = start, passing
        passing(True)
        self._tell_past()  # where it goes on, it may be past it already
        while (found := self._next()) is not None:
            at, record = found
            if end is not None and at > end:
                self._waiting = found
                break
            if at > start or not start:
                yield record
        self.position = end if end is not None else self._read

    def _next(self) -> tuple[int, Record | Unread] | None:
        if self._waiting is not None:
            found, self._waiting = self._waiting, None
            return found
        record = next(self._records, None)
        return None if record is None else (self._read, record)
