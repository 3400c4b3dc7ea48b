"""A job after a power cut: every state that its calls may leave, and what a second run makes of it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass

import points
from disk import CALLS, OPTIONS, Disk, calls_of
from harness import traced
from jobs import hidden

_states: dict[str, list[Loss]] = {}


@dataclass(frozen=True)
class Loss:
    """A state of the folder after the `call`-th change; `ended`: the command had said that all was done."""

    job: str
    call: int
    ended: bool
    tree: dict[str, bytes | None]


def states(name: str) -> list[Loss]:
    """Return all states that a power cut during a job, or right after it, may leave; each once."""
    bench = points._bench(name)
    bench._restore()
    folder = bench.job.folder
    folders = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_dir())
    disk = Disk(folder, bench.job.look(), folders)
    ended = traced(bench.job.act, bench.place / "scratch", CALLS, options=OPTIONS)
    assert ended.status == bench.job.normal, ended.printed
    found: dict[bytes, Loss] = {}
    number = 0
    for call, given, result in calls_of(ended.trace):
        if disk.do(call, given, result):
            number += 1
            for tree in disk.losses():
                found.setdefault(_key(tree), Loss(name, number, False, tree))
    (last,) = [dict(tree) for tree in list(disk.losses())[:1]]
    there = {name: data for name, data in last.items() if data is not None}
    assert there == bench.job.look(), f"the model of the disk is not as the disk: {points.differences(there, bench.job.look())}"
    for tree in disk.losses():
        found[_key(tree)] = Loss(name, number, True, tree)
    return list(found.values())


def _key(tree: dict[str, bytes | None]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, data in sorted(tree.items()):
        digest.update(repr((name, data)).encode())
    return digest.digest()


def after(loss: Loss) -> list[str]:
    """Return what is wrong with a state, and after a second run in it."""
    bench = points._bench(loss.job)
    bench._restore()
    folder, there = bench.job.folder, bench.place / "before"
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, data in sorted(loss.tree.items()):
        if data is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(data)
            if (there / name).is_file() and (there / name).read_bytes() == data:
                shutil.copystat(there / name, folder / name)  # an input that was not touched has its time
    wrong = [
        f"{name} is neither as before nor as it ought to be" if not loss.ended else f"{name} was told to be there"
        for name in sorted({*bench.old, *bench.new, *loss.tree})
        if not hidden(name)
        and (folder / name).is_dir() is False
        and loss.tree.get(name) not in ((bench.new.get(name),) if loss.ended else (bench.old.get(name), bench.new.get(name)))
    ]
    again = bench._again()
    if again.status != bench.job.normal:
        wrong.append(f"the second run ended with {again.status}: {again.printed[-500:]}")
    now = bench.job.look()
    left = {name for name in now if name.endswith(".tmp") and hidden(name)}
    return [*wrong, *(f"after the second run {text}" for text in points.differences({n: now[n] for n in now if n not in left}, bench.new))]


def number_of(name: str) -> int:
    """Return how many states there are."""
    if name not in _states:
        _states[name] = states(name)
    return len(_states[name])


def after_all(name: str, numbers: list[int]) -> list[tuple[int, int, list[str]]]:
    """Return (state, change, what is wrong) of the states with these numbers."""
    number_of(name)
    return [(number, _states[name][number].call, after(_states[name][number])) for number in numbers]
