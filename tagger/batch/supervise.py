"""Seeing a batch through: shards go to workers until all are done, and a record that a worker dies of is found, left out and told, instead of the batch."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from tagger.batch.backends import Backend
from tagger.batch.folder import WorkFolder
from tagger.batch.heart import Beat, beats, forget
from tagger.batch.work import WHOLE, Job, tag_shard
from tagger.errors import OutputError, TaggerError
from tagger.places import is_url
from tagger.reading.shards import Shard

LOOK = 0.2  # seconds between looks at what the workers tell
PATIENCE = 2.0  # times the time limit: then a worker that cannot break off by itself is ended
MOST_DEATHS = 100
MOST_SILENT = 2  # failures that no record is to blame for (a cluster that lost a machine), one after the other
WINDOW = 256  # shards are given out in order: only the first that are left can be done since the last look


@dataclass(frozen=True, slots=True)
class State:
    """How far a run is, over all workers: `records` seen, of them `quarantined`; bytes done of all, about (`share`, in [0, 1]; None: nobody knows); `shards`
    done of `of`; `resumed`: the records that an earlier run had done.
    """

    records: int
    quarantined: int
    share: float | None
    shards: int
    of: int
    resumed: int


def run(job: Job, shards: Sequence[Shard], backend: Backend, tell: Callable[[State], None] = lambda state: None) -> None:
    """Work on all shards that are not done yet, until all are.

    Parameters
    ----------
    job : Job
        Its folder is begun.
    shards : sequence of Shard
    backend : Backend
    tell : callable
        Is told a few times a second how far the run is, from a thread of its own; and once at the end.

    Raises
    ------
    TaggerError
        What ended a worker that a user can mend (a full disk), or workers that die again and again whatever they work on. What is done stays done.
    """
    folder = WorkFolder(job.folder)
    todo = [shard for shard in shards if not folder.is_done(shard.number)]
    watcher = Watcher(job, folder, shards, tell)
    with watcher:
        if backend.in_process:
            for shard in todo:
                tag_shard(job, shard)
        elif todo:
            with backend.running():
                _until_done(job, folder, todo, watcher, backend.elsewhere)


def _until_done(job: Job, folder: WorkFolder, todo: Sequence[Shard], watcher: Watcher, elsewhere: bool) -> None:
    suspects: list[Shard] = []  # were at work when a worker died: one of them is to blame
    avoid: dict[int, dict[int, str]] = {}
    deaths: Counter[tuple[int, int]] = Counter()
    silent = 0
    rest = list(todo)
    while rest:
        given = suspects[:1] or rest
        try:
            _work(job, given, avoid, elsewhere)
        except TaggerError:
            raise
        except Exception as error:
            fallen = {beat.shard: beat for beat in beats(job.folder) if not folder.is_done(beat.shard)}
            silent += not fallen
            if silent > MOST_SILENT:  # not at any record: something else is wrong than what is worked on
                if not elsewhere:
                    raise
                needed = "They need this version of tagger and of Python."
                raise OutputError(f"the workers of the cluster fail before they are at any record ({_first_line(error)}). {needed}") from error
            stalled = watcher.ended | {n for n, beat in fallen.items() if beat.gave_up}
            blamed = [n for n in fallen if n in stalled] or (list(fallen) if len(fallen) == 1 else [])
            for number in blamed:
                record = fallen[number].record
                deaths[number, record] += 1
                slow = number in stalled
                if deaths[number, record] > 1 or slow:
                    found = avoid.setdefault(number, {})
                    found[WHOLE if record in found else record] = "too-slow" if slow else "worker-died"
            silent = silent if not fallen else 0
            for number in fallen:
                forget(job.folder, number)
            watcher.ended.clear()
            if deaths.total() >= MOST_DEATHS:
                message = f"workers died {MOST_DEATHS} times ({_first_line(error)}); what is done is kept, and the same command goes on. Try fewer --jobs."
                raise OutputError(message) from error
            suspects = [shard for shard in rest if shard.number in fallen]
        rest = [shard for shard in rest if not folder.is_done(shard.number)]
        suspects = [shard for shard in suspects if not folder.is_done(shard.number)]


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _work(job: Job, shards: Sequence[Shard], avoid: dict[int, dict[int, str]], elsewhere: bool) -> None:
    from joblib import Parallel, delayed

    Parallel(batch_size=1, pre_dispatch="2*n_jobs")(delayed(_in_worker)(job, shard, avoid.get(shard.number, {}), elsewhere) for shard in shards)


def _in_worker(job: Job, shard: Shard, avoid: dict[int, str], elsewhere: bool) -> int:
    """`tag_shard` where Ctrl-C is for somebody else: the terminal sends it to all processes, and the first one ends the workers."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if elsewhere:
        _refuse_unseen(job, shard)
    return tag_shard(job, shard, avoid, PATIENCE * job.seconds if elsewhere else 0.0)


def _refuse_unseen(job: Job, shard: Shard) -> None:
    """Raise OutputError in a worker that does not see what the client sees: else all that is to be read there would be quarantined."""
    files = [job.source.input(name).path for name in shard.files[:1]]
    for path in (job.folder, job.models, job.codebook, *files):
        if path is not None and not is_url(path) and not path.exists():
            raise OutputError(f"{path}: the worker on {socket.gethostname()} does not see it; inputs, models, codebook and --work must be seen by all workers")


def _key(beat: Beat) -> tuple[int, int, int]:
    return beat.shard, beat.record, beat.process


class Watcher:
    """Looks at what workers tell, passes it on, and ends a worker of this machine that has been at one record for far too long.

    `ended` holds the shards whose workers it ended.
    """

    def __init__(self, job: Job, folder: WorkFolder, shards: Sequence[Shard], tell: Callable[[State], None]):
        self._job, self._folder, self._shards, self._tell = job, folder, shards, tell
        self._left = {shard.number: shard for shard in shards}
        self._records = self._quarantined = self._bytes = 0
        self._all = sum(shard.size for shard in shards)
        self._since: dict[tuple[int, int, int], float] = {}  # (shard, record, process): when it was first seen there
        self.ended: set[int] = set()
        self._gone: set[tuple[int, int, int]] = set()  # as in `_since`: beats that a process left which is no more
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Watcher:
        self._take_done(all=True)
        self._resumed = self._records
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        self._take_done(all=True)
        self._look()

    def _go_on(self) -> None:
        while not self._stop.wait(LOOK):
            self._look()

    def _look(self) -> None:
        self._take_done()
        at_work = [beat for beat in beats(self._job.folder) if beat.shard in self._left and _key(beat) not in self._gone]
        records = self._records + sum(beat.record for beat in at_work)
        quarantined = self._quarantined + sum(beat.quarantined for beat in at_work)
        self._tell(State(records, quarantined, self._share(at_work), len(self._shards) - len(self._left), len(self._shards), self._resumed))
        if self._job.seconds:
            self._end_stalled([beat for beat in at_work if not beat.passing])

    def _end_stalled(self, timed: Sequence[Beat]) -> None:
        now = time.monotonic()
        self._since = {key: self._since.get(key, now) for key in map(_key, timed)}
        for beat in timed:
            stalled = now - self._since[_key(beat)] > PATIENCE * self._job.seconds
            if stalled and beat.machine == socket.gethostname()[:64] and beat.process != os.getpid():
                self._since.pop(_key(beat))
                by_itself = beat.shard not in self.ended
                self.ended.add(beat.shard)  # before its end is heard of
                try:
                    os.kill(beat.process, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):  # it died by itself; its number may be another's by now
                    self.ended -= {beat.shard} if by_itself else set()
                    self._gone.add(_key(beat))

    def _share(self, at_work: Sequence[Beat]) -> float:
        """Return the share of bytes done; of the shards at work as many as their records are usually of, and never all."""
        if not self._all:
            return float(not self._left)
        usual = self._bytes / self._records if self._records else 0.0
        more = sum(min(0.95 * self._left[beat.shard].size, beat.record * usual) for beat in at_work)
        return min(1.0, (self._bytes + more) / self._all)

    def _take_done(self, all: bool = False) -> None:
        for number in list(self._left if all else islice(self._left, WINDOW)):
            if (tally := self._folder.tally(number)) is not None:
                self._records += tally.seen
                self._quarantined += len(tally.quarantined)
                self._bytes += self._left.pop(number).size
