"""What an earlier run has done counts with any number of workers; what it left out for want of time is tried again where there is more."""

from __future__ import annotations

import pytest
from made_pieces import Sheets

from tagger.batch.backends import Backend
from tagger.batch.folder import WorkFolder
from tagger.batch.supervise import run
from tagger.batch.work import tag_shard
from tagger.reading.shards import plan, scale_for
from tagger.reading.sources import Source

LIMIT = 0.3


@pytest.fixture
def again():
    """Return a function that takes the folder of a run for the next."""

    def begin(folder, identity, shards, seconds):
        folder.close()
        return WorkFolder(folder.path).begin(identity, shards, seconds=seconds)

    return begin


@pytest.mark.parametrize(("seconds", "redone"), [(LIMIT, 0), (LIMIT / 2, 0), (None, 0), (60.0, 1), (0.0, 1)])
def test_more_time_is_another_chance_for_what_was_too_slow(made, again, seconds, redone):
    job, shards, folder = made(Sheets(endless=["T7"]), seconds=LIMIT)
    for shard in shards[:2]:
        tag_shard(job, shard)
    assert [q.reason for q in folder.tally(0).quarantined] == ["too-slow"]
    assert again(folder, {"name": "run"}, shards, seconds) == 2 - redone
    assert folder.is_done(0) == (not redone) and folder.is_done(1)


def test_what_had_no_limit_is_not_done_again_for_a_longer_one(made, again):
    job, shards, folder = made(Sheets())
    tag_shard(job, shards[0])
    assert again(folder, {"name": "run"}, shards, 3600.0) == 1


def test_parts_count_whatever_the_number_of_workers(made, again, pieces):
    job, shards, folder = made(Sheets())
    tag_shard(job, shards[0])
    other = plan(job.source, scale=scale_for(plan(job.source), 1))
    assert len(other) != len(shards)
    assert folder.cuts({"name": "run"}, other) == shards
    assert again(folder, {"name": "run"}, folder.cuts({"name": "run"}, other), None) == 1
    run(job, folder.cuts({"name": "run"}, other), Backend())
    assert [line.split()[0] for line in pieces(folder, shards)] == [f"c{i}" for i in range(1500)]


def test_cuts_are_taken_of_the_same_run_only_and_where_something_is_done(made):
    job, shards, folder = made(Sheets())
    other = plan(job.source)
    assert folder.cuts({"name": "run"}, other) is other, "nothing is done yet"
    tag_shard(job, shards[0])
    assert folder.cuts({"name": "changed"}, other) is other
    (folder.path / "plan.json").write_text("{cut")
    assert folder.cuts({"name": "run"}, other) is other
    (folder.path / "plan.json").unlink()
    assert folder.cuts({"name": "run"}, other) is other


def test_cuts_of_any_input_come_back_as_they_were(tmp_path):
    """Whole files, stretches, what is left out before anything is read, names that are no UTF-8."""
    small = tmp_path / "in"
    small.mkdir()
    (small / "a.png").write_bytes(b"\x89PNG")
    (small / "b\udcff.txt").write_text("A shop.")
    (small / "c.jsonl").write_bytes(b'{"text": "A shop."}\n' * 40_000)
    (small / "d.txt").write_text("A shop.")
    source = Source((str(small),))
    shards = plan(source, scale=1 / 16)
    assert len(shards) > 3 and any(shard.skipped for shard in shards) and any(shard.start for shard in shards)
    folder = WorkFolder(tmp_path / ".out.parts")
    folder.begin({"inputs": ["b\udcff.txt", 1.5, tmp_path]}, shards)
    (folder.path / "000000.done").write_text("{}")
    assert folder.cuts({"inputs": ["b\udcff.txt", 1.5, tmp_path]}, []) == shards
    folder.close()
