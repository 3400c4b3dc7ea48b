"""What a worker passes over to come to its stretch is no time of a record: whatever the limit, nothing is lost of a stretch that comes late in its file."""

from __future__ import annotations

import gzip
import json
import random
import time
from dataclasses import replace

import pytest
from made_pieces import Sheets

import tagger.reading.inputs as inputs
from tagger.batch import heart as hearts
from tagger.batch.backends import Backend
from tagger.batch.folder import WorkFolder
from tagger.batch.heart import Heart
from tagger.batch.supervise import run
from tagger.batch.work import forget
from tagger.reading.shards import plan
from tagger.reading.sources import Source

SLOW = 0.025  # seconds for 16 KB of a packed file; the last of six stretches has some 20 of them before it
LIMIT = 0.2
unpack = inputs.unpack


def slowly(file, packing):
    for chunk in unpack(file, packing):
        time.sleep(SLOW)
        yield chunk


class Slow(Sheets):
    """Where it works, packed files are read slowly."""

    def __call__(self, tagger):
        inputs.unpack = slowly
        return super().__call__(tagger)


@pytest.fixture
def packed(made, tmp_path, monkeypatch):
    """Return a function that gives a job on a packed file, its stretches and its folder."""
    monkeypatch.setattr(inputs, "unpack", unpack)  # given back afterwards, whoever replaces it
    rng = random.Random(5)  # noqa: S311
    file = tmp_path / "texts.jsonl.gz"
    rows = ({"id": f"c{i}", "title": f"T{i}", "text": "The members own the shop.", "note": rng.randbytes(400).hex()} for i in range(800))
    file.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode(), mtime=0))

    def make(sheets):
        source = Source((str(file),))
        shards = plan(source, scale=1 / 16)
        assert len(shards) > 4
        job, _, _ = made(sheets, count=3, seconds=LIMIT)
        folder = WorkFolder(tmp_path / ".packed.parts")
        folder.begin({}, shards)
        return replace(job, folder=folder.path, source=source), shards, folder

    yield make
    forget()


def outcome(folder, shards, pieces):
    return [line.split()[0] for line in pieces(folder, shards)], [q.reason for s in shards for q in folder.tally(s.number).quarantined]


@pytest.mark.parametrize("backend", [Backend(), Backend("loky", 2)], ids=["alone", "workers"])
def test_a_stretch_late_in_a_packed_file_is_whole_under_a_short_limit(packed, pieces, backend):
    job, shards, folder = packed(Slow())
    begun = time.monotonic()
    run(job, shards[-2:], backend)  # as a run that goes on
    assert time.monotonic() - begun > 2 * LIMIT, "or nothing was slow"
    ids, left_out = outcome(folder, shards[-2:], pieces)
    assert not left_out
    assert ids == [f"c{i}" for i in range(800 - len(ids), 800)] and len(ids) > 100


def test_a_slow_record_of_such_a_stretch_is_left_out(packed, pieces):
    job, shards, folder = packed(Slow(endless=["T790"]))
    run(job, shards[-1:], Backend())
    ids, left_out = outcome(folder, shards[-1:], pieces)
    assert left_out == ["too-slow"]
    assert ids == [f"c{i}" for i in range(799 - len(ids), 800) if i != 790] and len(ids) > 50


def test_who_passes_over_does_not_give_up_and_who_stays_at_a_record_does(tmp_path, monkeypatch):
    gone = []
    monkeypatch.setattr(hearts.os, "_exit", gone.append)
    heart = Heart(tmp_path, 0, patience=0.1)
    heart.passing(True)
    (beat,) = hearts.beats(tmp_path)
    assert (beat.record, beat.passing, beat.gave_up) == (0, True, False)
    time.sleep(0.3)
    assert not gone
    heart.passing(False)
    time.sleep(0.3)
    heart.end()
    assert gone
