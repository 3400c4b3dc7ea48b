"""Batches: what a second process costs, memory for few and many pages, and a re-run where 1 % of the pages changed.

    python -m benchmarks.batch [--dump ../shared/p2pwiki/p2pwiki-pages-articles.xml.bz2] [--few 2000] [--some 20000] [--rounds 1]

Each run is `tagger tag` in a process of its own, start-up included; processor seconds and peak memory are what the kernel counted for it and its workers
(memory: of the largest process).  Wall seconds are printed, too, and judge nothing: other work on the machine slows them.
"""

from __future__ import annotations

import argparse
import bz2
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE_END = b"</page>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dump", type=Path, default=ROOT.parent / "shared/p2pwiki/p2pwiki-pages-articles.xml.bz2")
    parser.add_argument("--few", type=int, default=2_000, help="pages for the small run of memory")
    parser.add_argument("--some", type=int, default=20_000, help="pages for one process beside two")
    parser.add_argument("--rounds", type=int, default=1, help="of one process and two, in turns; medians are judged")
    arguments = parser.parse_args()
    if not arguments.dump.exists():
        sys.exit(f"{arguments.dump}: not there; name the packed dump of a MediaWiki with --dump")
    with tempfile.TemporaryDirectory(prefix="batch-") as name:
        folder = Path(name)
        few, some = folder / "few.xml.bz2", folder / "some.xml.bz2"
        first_pages(arguments.dump, arguments.few, few)
        first_pages(arguments.dump, arguments.some, some)
        one, two = [], []
        for _ in range(arguments.rounds):
            one.append(tag(folder, some, 1))
            two.append(tag(folder, some, 2))
        judge("CPU seconds of two processes beside one's", median(two) / median(one), 1.15, f"{median(two):.1f} s, {median(one):.1f} s")
        small = tag(folder, few, 1)
        whole = tag(folder, arguments.dump, 1, keep=True)
        judge("peak memory in MB, the whole dump", whole.megabytes, 450)
        judge(f"peak memory of the whole dump beside that of {arguments.few:,} pages", whole.megabytes / small.megabytes, 1.1, f"{small.megabytes:.0f} MB")
        same = tag(folder, arguments.dump, 1, keep=True)
        judge("CPU seconds of a re-run, nothing changed, beside the first", same.cpu / whole.cpu, 0.05, f"{same.cpu:.1f} s, {whole.cpu:.1f} s")
        changed = folder / "changed.xml.bz2"
        change_pages(arguments.dump, changed, 100)
        again = tag(folder, changed, 1, keep=True)
        judge("CPU seconds of a re-run, 1 % changed, beside the first", again.cpu / whole.cpu, 0.05, f"{again.cpu:.1f} s, {whole.cpu:.1f} s")


class Run(NamedTuple):
    """What a run took."""

    cpu: float
    wall: float
    megabytes: float


def tag(folder: Path, given: Path, jobs: int, keep: bool = False) -> Run:
    """Run `tagger tag` once."""
    command = [sys.executable, "-m", "tagger", "tag", str(given), "-o", str(folder / "out.jsonl"), "-j", str(jobs), "--keep" if keep else "--no-keep"]
    started = time.perf_counter()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=log)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if status:
        sys.exit((folder / "log").read_text())
    run = Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
    print(f"{given.name}, {jobs} at work{', kept' if keep else ''}: {run.cpu:.1f} CPU s, {run.wall:.1f} wall s, {run.megabytes:.0f} MB", flush=True)
    return run


def median(runs: list[Run]) -> float:
    return statistics.median(run.cpu for run in runs)


def judge(what: str, ratio: float, goal: float, figures: str = "") -> None:
    print(f"  {what}: {ratio:.3g} (goal: at most {goal:g}){'; ' if figures else ''}{figures}", flush=True)


def pages(dump: Path) -> Iterator[bytes]:
    """Yield what stands before the first page, each page, and what stands after the last."""
    with bz2.open(dump) as file:
        left = b""
        while block := file.read(1 << 20):
            *whole, left = (left + block).split(PAGE_END)
            for page in whole:
                yield page + PAGE_END
        yield left


def first_pages(dump: Path, number: int, to: Path) -> None:
    with bz2.open(to, "wb") as out:
        for n, page in enumerate(pages(dump)):
            if n == number:
                out.write(b"</mediawiki>\n")
                return
            out.write(page)


def change_pages(dump: Path, to: Path, every: int) -> None:
    """Write the dump with a sentence more in each page of `every`."""
    with bz2.open(to, "wb") as out:
        for n, page in enumerate(pages(dump)):
            out.write(re.sub(rb"</text>", b" It was looked at again.</text>", page) if n % every == 0 else page)


if __name__ == "__main__":
    main()
