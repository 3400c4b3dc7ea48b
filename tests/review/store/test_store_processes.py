"""Several processes on one store, and processes that are killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest
from made_cases import made_cases

from tagger.review.store import open_store

WRITER = """
import sys
from made_reviews import coding
from dataclasses import replace
from tagger.review.events import new_id
from tagger.review.store import open_store
with open_store(sys.argv[1]) as store:
    for number in range(int(sys.argv[3])):
        event = replace(coding(f"case {number % 3}", coder=sys.argv[2], note="x" * (number % 7 * 300)), id=new_id())
        store.add(event)
        print(event.id, flush=True)
"""


@pytest.fixture
def start(place):
    """Start a process that adds events to the store at `place` and prints the id of each when it is told that it is kept."""
    from pathlib import Path

    running = []
    folder = Path(__file__).parents[1]
    root = folder.parents[1]

    def begin(coder: str, number: int) -> subprocess.Popen:
        running.append(
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", WRITER, place, coder, str(number)], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": f"{root}:{folder}"}
            )
        )
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_two_processes_at_once_and_who_reads_on_misses_nothing(place, start):
    """Numbers come to be seen in their order: who asks again and again for what came after the last one seen gets all."""
    with open_store(place) as store:
        store.add_cases(made_cases(3))
        writers = {coder: start(coder, 200) for coder in ("ada", "bo")}
        seen, end = [], time.monotonic() + 60
        while len(seen) < 400 and time.monotonic() < end:
            seen += store.events(seen[-1][0] if seen else 0)
            time.sleep(0.005)
        told = {coder: process.communicate(timeout=60)[0].split() for coder, process in writers.items()}
        assert {coder: len(ids) for coder, ids in told.items()} == {"ada": 200, "bo": 200}
        assert seen == store.events()
        assert {coder: [e.id for _, e in seen if e.coder == coder] for coder in told} == told
        assert store.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_killed_writer_loses_nothing_that_it_was_told_is_kept(place, start, seed):
    chance = random.Random(seed)  # noqa: S311
    with open_store(place) as store:
        store.add_cases(made_cases(3))
    told: set[str] = set()
    for number in range(5):
        writers = [start(f"coder {number}", 10_000), start(f"other {number}", 10_000)]
        told |= {process.stdout.readline().strip() for process in writers}
        time.sleep(chance.uniform(0.0, 0.25))
        for process in writers:
            process.kill()
        told |= {line for process in writers for line in process.communicate()[0].split() if len(line) == 36}
        with open_store(place) as store:
            assert told <= {event.id for _, event in store.events()}
            assert store.check() == []
    assert len(told) > 100
