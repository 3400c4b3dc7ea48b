"""What dead workers left behind neither ends the watch over the others nor counts twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from made_pieces import Sheets

from tagger.batch import heart as hearts
from tagger.batch.supervise import Watcher


def beat_of(folder, shard, process, record, monkeypatch):
    """Leave a beat as `process` does."""
    with monkeypatch.context() as patch:
        patch.setattr(hearts.os, "getpid", lambda: process)
        hearts.Heart(folder, shard).beat(record, 0)
    time.sleep(0.02)  # the next is newer


@pytest.fixture
def dead():
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(10)
    return process.pid


def test_a_beat_whose_process_is_gone_does_not_end_the_watch(made, monkeypatch, dead):
    job, shards, folder = made(Sheets(), seconds=0.15)
    beat_of(folder.path, 0, dead, 5, monkeypatch)
    stalled = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    beat_of(folder.path, 1, stalled.pid, 7, monkeypatch)
    states = []
    with Watcher(job, folder, shards, states.append) as watcher:
        assert stalled.wait(10) == -signal.SIGKILL
        time.sleep(1.0)  # its own beat is one of the dead by now
        assert watcher._thread.is_alive()
        assert watcher.ended == {1}
    assert states[0].records == 12 and states[-1].records == 0, "one that is gone works on nothing"


def test_of_each_shard_one_beat_counts(made, monkeypatch):
    job, shards, folder = made(Sheets())
    other = os.getppid()
    beat_of(folder.path, 0, other, 50, monkeypatch)
    beat_of(folder.path, 0, os.getpid(), 3, monkeypatch)
    ((record, process),) = [(beat.record, beat.process) for beat in hearts.beats(folder.path)]
    assert (record, process) == (3, os.getpid())
    states = []
    with Watcher(job, folder, shards, states.append):
        pass
    assert states[-1].records == 3
    hearts.forget(folder.path, 0)
    assert not list(hearts.beats(folder.path))
