"""What a worker does: read one shard, tag it, leave its parts in the folder of the run. The same function, wherever it is run."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from tagger.batch.folder import WorkFolder
from tagger.batch.heart import Heart
from tagger.batch.kept import Kept, Outcome, key_of
from tagger.batch.limit import TimeLimit, TooSlow
from tagger.batch.tagging import failed
from tagger.batch.tally import Tally
from tagger.case import Case, Origin, Provenance, Quarantined, Record, Skipped
from tagger.errors import OutputError, PlaceError
from tagger.pipeline import Tagger
from tagger.reading.inputs import Unread
from tagger.reading.shards import Shard, ShardReader
from tagger.reading.sources import Source
from tagger.writing import Sheet
from tagger.writing.durable import Part

WHOLE = -1  # in `avoid`: the shard cannot be read at all


@dataclass(frozen=True)
class Job:
    """All that a worker must know of a run, small enough to be sent with every shard.

    Parameters
    ----------
    folder : Path
        Of the run's parts, on a file system that all workers see.
    source : Source
    models, codebook : Path or None
        As for `Tagger.load`; `neural`, too.
    provenance : Provenance
        Of the run: a worker that loads anything else stops.
    sheets : callable
        Given a `Tagger`, returns the sheets, one for each part; importable where the workers are.
    seconds : float
        Time limit of a record; 0: none.
    kept : Path, optional
        Folder of an earlier run's results, from which those of records that have not changed are taken.
    run : str
        Another for every run: workers that outlive one must not take its open files for those of the next.
    """

    folder: Path
    source: Source
    models: Path | None
    codebook: Path | None
    provenance: Provenance
    sheets: Callable[[Tagger], Sequence[Sheet]]
    seconds: float = 0.0
    kept: Path | None = None
    neural: bool = False
    run: str = field(default_factory=lambda: uuid4().hex)


def made_by(job: Job, tagger: Tagger) -> dict[str, Any]:
    """Return what the pieces of a record depend on beside the record."""
    source = {"encoding": job.source.encoding, "text_column": job.source.text_column, "format": job.source.format}
    return {"provenance": asdict(tagger.provenance), "thresholds": asdict(tagger.thresholds), "sheets": repr(job.sheets), "read_as": source}


class _State(threading.local):
    """What a worker keeps from shard to shard."""

    job: Job | None = None
    tagger: Tagger
    sheets: Sequence[Sheet]
    places: bool
    reader: ShardReader
    kept: Kept | None

    def find(self, key: str) -> Outcome | None:
        """Return what an earlier run has made of the same."""
        return self.kept.find(key) if self.kept is not None else None


_state = _State()


def tag_shard(job: Job, shard: Shard, avoid: Mapping[int, str] | None = None, patience: float = 0.0) -> int:
    """Tag one shard into its parts; return its number.

    Parameters
    ----------
    job : Job
    shard : Shard
    avoid : mapping of int to str, optional
        Records (from 0, within the shard) that are not to be touched, and why: "worker-died" or "too-slow". They are quarantined.
    patience : float
        See `Heart`.

    Raises
    ------
    TaggerError
        Where a part cannot be written, or something else than the run's model was loaded.
    """
    state = ready(job)
    folder = WorkFolder(job.folder)
    tally, parts = Tally(), [_Hashed(folder.part(shard.number, i)) for i in range(len(state.sheets) + 1)]
    heart = Heart(job.folder, shard.number, patience)
    try:
        with TimeLimit(job.seconds) as limit:
            for number, found in enumerate(_tagged(state, shard, avoid or {}, limit, heart)):
                if isinstance(found, Outcome):
                    for part, piece in zip(parts, (*found.pieces, found.line()), strict=True):
                        part.write_bytes(piece)
                    tally.count_written(*found[:3])
                    tally.reused += found.reused
                else:
                    tally.count(found)
                heart.beat(number + 1, len(tally.quarantined))
        folder.refuse_stray(job.run)
        folder.finish(shard.number, tally, [part.close() for part in parts], job.seconds)
    except BaseException:
        for part in parts:
            part.abort()
        raise
    finally:
        heart.end()  # a worker that dies does not come here: so it is told what it died of
    return shard.number


def _tagged(state: _State, shard: Shard, avoid: Mapping[int, str], limit: TimeLimit, heart: Heart) -> Iterator[Outcome | Skipped | Quarantined]:
    """Yield what becomes of each record of a shard; the time in which others are passed over is no time of a record."""
    if WHOLE in avoid:
        yield _left_out(avoid[WHOLE], _origin(shard))
        return

    def passing(on: bool) -> None:
        heart.passing(on)
        limit.stop() if on else limit.start()

    records = state.reader.records(shard, passing)
    for number in count():
        item = None
        limit.start()
        try:
            item = next(records, None)
            if item is not None:
                tagged = _left_out(avoid[number], item.origin) if number in avoid else _one(state, item)
                limit.check()
            limit.stop()  # in here: it may ring until it is off
            if item is None:
                return
        except TooSlow:
            tagged = _left_out("too-slow", _origin(shard) if item is None else item.origin)
        yield tagged
        if item is None:  # it was the reader that found no end, and it cannot go on
            return


def _one(state: _State, item: Record | Unread) -> Outcome | Skipped | Quarantined:
    doing, key = "read", ""
    try:
        if isinstance(item, Unread) and (key := key_of(item, state.places)) and (found := state.find(key)):
            return found
        record = item.read() if isinstance(item, Unread) else item
        if not isinstance(record, Case):
            return record
        if not key and (found := state.find(key := key_of(record, state.places))):
            return found
        doing = "tagged"
        decision = state.tagger.tag(record)
        pieces = [sheet.piece(decision) for sheet in state.sheets]
        return Outcome(decision.economy.status, decision.model.status, bool(record.notes), pieces, key)
    except PlaceError:
        raise
    except OSError as error:
        return Quarantined("unreadable", f"{item.origin.file} cannot be read: {error.strerror or error}.", item.origin)
    except Exception as error:
        return failed(item.origin, doing, error)


def _origin(shard: Shard) -> Origin:
    return Origin(shard.files[0], f"bytes {shard.start} to {shard.end if shard.end is not None else 'the end'}")


def _left_out(why: str, origin: Origin) -> Quarantined:
    messages = {
        "too-slow": "took longer than a record may (--time-limit); it was left out, and the run went on.",
        "worker-died": "ended the process that worked on it, twice; it was left out, and the run went on. Please report it with the text.",
    }
    return Quarantined(why, f"This record {messages[why]}", origin)


class _Hashed(Part):
    """A part with its size and SHA-256."""

    def __init__(self, path: Path):
        super().__init__(path, f"{socket.gethostname()}.")
        self._sha256, self._size = hashlib.sha256(), 0

    def write_bytes(self, data: bytes) -> None:
        self._sha256.update(data)
        self._size += len(data)
        super().write_bytes(data)

    def close(self) -> tuple[int, str]:
        self.commit()
        return self._size, self._sha256.hexdigest()


def ready(job: Job, tagger: Tagger | None = None) -> _State:
    """Have all at hand that the shards of a job need, in this thread; `tagger` if it was loaded already."""
    if _state.job != job:
        _state.tagger = tagger or Tagger.load(job.models, job.codebook, job.neural)
        if _state.tagger.provenance != job.provenance:
            raise OutputError(f"{job.folder.parent}: model, codebook or version of tagger changed while the run was at work; give the command again")
        _state.sheets, _state.reader = job.sheets(_state.tagger), ShardReader(job.source)
        _state.places = any(getattr(sheet, "tells_place", False) for sheet in _state.sheets)
        _state.kept = Kept.open(job.kept, made_by(job, _state.tagger)) if job.kept is not None else None
        _state.job = job
    return _state


def forget() -> None:
    """Let go of what `ready` put at hand in this thread."""
    vars(_state).clear()
