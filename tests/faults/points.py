"""Points tried: what a fault leaves behind, and what an undisturbed second run makes of it. Two processes share them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from bad_jobs import BAD
from harness import FAULTS, KILL, Ended, Point, inject, points_of, traced, undisturbed
from jobs import JOBS, Job, hidden, made, warm

_PATH = re.compile(r"^\d+\s+\w+\(\d+<([^>]*)>")
_benches: dict[str, Bench] = {}
_place = Path()


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a point: whether the fault was met, the exit status (negative: the signal), and everything that was wrong."""

    point: Point
    met: bool
    status: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.point}: status {self.status}; {'; '.join(self.wrong)}"


class Bench:
    """A job, with what is there before it and after it where nothing disturbs it."""

    def __init__(self, job: type[Job], place: Path):
        self.place = place
        self.job = made(job, place)
        self.old = self.job.look()
        for _ in range(2):  # the first has everything imported in this process, so that children have it
            self._restore()
            self._here()
            self.new = self.job.look()
        self._restore()
        ended = self._again()
        assert self.job.look() == self.new, f"{self.job.name} does not do twice the same: {differences(self.job.look(), self.new)}"
        assert ended.status == self.job.normal, ended

    def _here(self) -> None:
        printed = [os.dup(1), os.dup(2)]
        with open(self.place / "scratch" / "here", "w") as sink:
            os.dup2(sink.fileno(), 1), os.dup2(sink.fileno(), 2)
            try:
                self.job.act()
            except SystemExit:
                pass
            finally:
                for number, handle in enumerate(printed, 1):
                    os.dup2(handle, number), os.close(handle)

    def _restore(self) -> None:
        shutil.rmtree(self.job.folder)
        shutil.copytree(self.place / "before", self.job.folder)

    def _again(self) -> Ended:
        return undisturbed(self.job.act, self.place / "scratch")

    def points(self) -> list[Point]:
        """Return all points of the job."""
        self._restore()
        ended = traced(self.job.act, self.place / "scratch", tuple(FAULTS))
        assert ended.status == self.job.normal, ended.printed
        return points_of(self.job.name, ended.trace, self.job.touches)

    def tried(self, point: Point) -> Tried:
        """Try a point."""
        self._restore()
        ended = traced(self.job.act, self.place / "scratch", (point.call,), inject(point))
        hit = [line for line in ended.trace if "(INJECTED)" in line]
        if hit and point.fault != KILL and not any(map(self.job.touches, hit)):
            return Tried(point, False, ended.status, ())  # on another file than in the first run: the garbage collector closes files, too
        met = ended.status == -9 or bool(hit)
        wrong = [*self._told(point, ended), *retried(ended.trace)]
        now = self._look(wrong, "afterwards")
        wrong += self.job.partial(now, self.old, self.new, ended)
        if ended.status == self.job.normal:
            wrong += [f"ended well without {name}" for name in sorted(self.new) if not hidden(name) and now.get(name) != self.new[name]]
        again = self._again()
        if again.status != self.job.normal:
            wrong.append(f"the second run ended with {again.status}: {again.printed[-300:]}")
        last = self._look(wrong, "after the second run")
        left = re.compile(rf"(.*/)?{self.job.leaves}[^/]*\.tmp")
        last = {name: data for name, data in last.items() if name in self.new or not left.fullmatch(name)}
        wrong += [f"after the second run {text}" for text in differences(last, self.new)]
        return Tried(point, met, ended.status, tuple(wrong))

    def _look(self, wrong: list[str], when: str) -> dict[str, bytes]:
        try:
            return self.job.look()
        except Exception as error:
            wrong.append(f"{when} it cannot be read: {error!r}")
            return self.old

    def _told(self, point: Point, ended: Ended) -> list[str]:
        if point.fault == KILL or ended.status == self.job.normal:
            return [] if ended.status in (-9, self.job.normal) else [f"ended with {ended.status}: {ended.printed[-300:]}"]
        lines = ended.printed.strip().splitlines()
        if ended.status in (2, 4) and "Traceback" not in ended.printed and any(line.startswith("tagger: ") for line in lines):
            return []
        return [f"status {ended.status}, told in {len(lines)} lines: {ended.printed[-600:]}"]


def retried(trace: Sequence[str]) -> list[str]:
    """Return the temporary files on which fsync was called once more after it had failed."""
    failed: set[str] = set()
    found = []
    for line in trace:
        path = _PATH.match(line)
        if path and " fsync(" in line and path[1].endswith(".tmp"):
            if path[1] in failed:
                found.append(f"fsync of {path[1]} was tried again")
            if "(INJECTED)" in line:
                failed.add(path[1])
    return found


def differences(now: dict[str, bytes], new: dict[str, bytes]) -> list[str]:
    """Return how two folders differ."""
    names = [name for name in sorted({*now, *new}) if now.get(name) != new.get(name)]
    return [f"{name} {'is missing' if name not in now else 'is left' if name not in new else 'is another'}" for name in names]


def _begin(place: str) -> None:
    global _place
    _place = Path(tempfile.mkdtemp(dir=place))
    warm()


def _bench(name: str) -> Bench:
    if name not in _benches:
        _benches[name] = Bench((JOBS | BAD)[name], _place / name)
    return _benches[name]


def _points(name: str) -> list[Point]:
    return _bench(name).points()


def _try(points: list[Point]) -> list[Tried]:
    return [_bench(point.job).tried(point) for point in points]


class Bank:
    """Two processes that try points."""

    def __init__(self, pool: ProcessPoolExecutor):
        self._pool = pool

    def points(self, *jobs: str) -> list[Point]:
        """Return all points of the jobs."""
        return [point for points in self._pool.map(_points, jobs) for point in points]

    def each(self, function: Callable, name: str, items: Sequence, at_a_time: int = 10) -> list:
        """Do `function` to a job's items, some at a time; return what comes back, in their order."""
        batches = [list(items[i : i + at_a_time]) for i in range(0, len(items), at_a_time)]
        return [found for batch in self._pool.map(function, [name] * len(batches), batches) for found in batch]

    def one(self, function: Callable, *given: object) -> object:
        """Do `function` in one of the processes."""
        return self._pool.submit(function, *given).result()

    def tried(self, points: Sequence[Point], at_a_time: int = 10) -> list[Tried]:
        """Try them all."""
        batches = [list(points[i : i + at_a_time]) for i in range(0, len(points), at_a_time)]
        return [tried for batch in self._pool.map(_try, batches) for tried in batch]


@contextmanager
def bank() -> Iterator[Bank]:
    """Give a `Bank`; its folders, in memory where that can be had, are gone afterwards."""
    place = tempfile.mkdtemp(prefix="tagger-faults-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)  # noqa: S108
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # children are forked: no threads before that
    try:
        with ProcessPoolExecutor(2, get_context("spawn"), _begin, (place,)) as pool:
            yield Bank(pool)
    finally:
        os.environ.pop("OPENBLAS_NUM_THREADS") if before is None else os.environ.update(OPENBLAS_NUM_THREADS=before)
        shutil.rmtree(place, ignore_errors=True)


def summary(tried: Sequence[Tried]) -> str:
    """Return how many points of which kind were tried."""
    kinds = Counter((t.point.job, t.point.fault) for t in tried if t.met)
    jobs = sorted({job for job, _ in kinds})
    return "\n".join(f"{job}: " + ", ".join(f"{fault} {number}" for (of, fault), number in sorted(kinds.items()) if of == job) for job in jobs)
