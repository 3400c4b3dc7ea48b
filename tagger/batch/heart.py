"""Which record a worker is at: a few bytes in a file, so that whoever looks after it knows how far it is, and after its death which record it died of."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tagger.writing.durable import output_error

SUFFIX = ".at"
_FORM = struct.Struct("<QQQ64s??")  # record within the shard, quarantined so far, process, machine, whether it gave up, whether it passes over


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker told last: the `record` (from 0) of a shard that it is at, how many it had `quarantined`, its process and machine, whether it
    ended itself because that record took too long (`gave_up`), and whether it still passes over what stands before that record (`passing`).
    """

    shard: int
    record: int
    quarantined: int
    process: int
    machine: str
    path: Path
    gave_up: bool = False
    passing: bool = False


class Heart:
    """The file in which a worker tells where it is; gone once the shard is done, there still after the worker died.

    Parameters
    ----------
    folder : Path
    shard : int
    patience : float
        Seconds at one record after which the process ends itself, where nobody else can end it: on another machine, or in a thread, which no alarm reaches.
        0: never. A call into C that holds the interpreter all the time is not ended so.

    Raises
    ------
    OutputError
        Where it cannot be made, or written to.
    """

    def __init__(self, folder: Path, shard: int, patience: float = 0.0):
        self._path = folder / f"{shard:06}.{socket.gethostname()}.{os.getpid()}{SUFFIX}"
        try:
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as problem:
            raise output_error(self._path, problem) from problem
        self._who = (os.getpid(), socket.gethostname().encode()[:64])
        self._ended = threading.Event()
        self.beat(0, 0)
        if patience:
            threading.Thread(target=self._give_up, args=(patience,), daemon=True).start()

    def beat(self, record: int, quarantined: int) -> None:
        """Tell that `record` comes now."""
        self._tell(record, quarantined, False)

    def passing(self, on: bool) -> None:
        """Tell that what stands before the record is passed over, or that it has been: however long that takes, it is not given up."""
        self._tell(*self._last[:2], on)

    def _tell(self, record: int, quarantined: int, passing: bool) -> None:
        self._last = (record, quarantined, passing)
        try:
            os.pwrite(self._handle, _FORM.pack(record, quarantined, *self._who, False, passing), 0)
        except OSError as problem:
            raise output_error(self._path, problem) from problem

    def _give_up(self, patience: float) -> None:
        """End the process once it is at one record for longer than `patience`."""
        last, since = self._last, time.monotonic()
        while not self._ended.wait(patience / 4):
            if self._last != last or last[2]:
                last, since = self._last, time.monotonic()
            elif time.monotonic() - since > patience:
                with contextlib.suppress(OSError):
                    os.pwrite(self._handle, _FORM.pack(*last[:2], *self._who, True, False), 0)
                os._exit(1)

    def end(self) -> None:
        """There is nothing more to tell."""
        self._ended.set()
        with contextlib.suppress(OSError):
            os.close(self._handle)
        with contextlib.suppress(OSError):  # one that stays is removed by the next run
            self._path.unlink()


def forget(folder: Path, shard: int) -> None:
    """Remove what workers that are no more have left of a shard."""
    for path in folder.glob(f"{shard:06}.*{SUFFIX}"):
        path.unlink(missing_ok=True)


def beats(folder: Path) -> Iterator[Beat]:
    """Yield what the workers of a folder told last: of each shard the newest beat, since one that died may have left its own beside that of the next."""
    newest: dict[int, tuple[int, Path, bytes]] = {}
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            found = path.stat().st_mtime_ns, path, path.read_bytes()
        except FileNotFoundError:  # done meanwhile
            continue
        shard = int(path.name.split(".", 1)[0])
        newest[shard] = max(found, newest.get(shard, found))
    for shard, (_, path, data) in sorted(newest.items()):
        if len(data) == _FORM.size:
            record, quarantined, process, machine, gave_up, passing = _FORM.unpack(data)
            yield Beat(shard, record, quarantined, process, machine.rstrip(b"\0").decode(), path, gave_up, passing)
