"""Nothing that one record does ends a batch: what kills or stalls its worker is left out and told, and all else is there, once and in order."""

from __future__ import annotations

import os
import threading

import pytest
from made_pieces import Sheets

from tagger.batch.backends import Backend
from tagger.batch.supervise import run
from tagger.batch.work import tag_shard
from tagger.errors import InputError, OutputError

TWO = Backend("loky", 2)


def ids(lines):
    return [line.split(" ")[0] for line in lines]


def left_out(folder, shards):
    return [(item.reason, item.origin.record) for shard in shards for item in folder.tally(shard.number).quarantined]


def test_workers_make_what_one_process_makes(made, pieces):
    job, shards, folder = made(Sheets())
    assert len(shards) > 3, "or nothing is shared out"
    states = []
    run(job, shards, Backend(), states.append)
    alone = pieces(folder, shards)
    assert ids(alone) == [f"c{i}" for i in range(1500)]
    assert (states[-1].records, states[-1].share, states[-1].shards) == (1500, 1.0, len(shards))
    other, _, others = made(Sheets(), name="two")
    run(other, shards, TWO)
    assert pieces(others, shards) == alone
    threads, _, by_threads = made(Sheets(), name="threads")
    run(threads, shards, Backend("threading", 2))
    assert pieces(by_threads, shards) == alone
    assert not list(folder.path.glob("*.at")) and not list(others.path.glob("*.at"))


def test_a_record_that_kills_its_worker_is_left_out(made, pieces):
    job, shards, folder = made(Sheets(deadly=["T7", "T700"]))
    run(job, shards, TWO)
    assert ids(pieces(folder, shards)) == [f"c{i}" for i in range(1500) if i not in (7, 700)]
    assert left_out(folder, shards) == [("worker-died", "line 8"), ("worker-died", "line 701")]
    assert sum(folder.tally(shard.number).seen for shard in shards) == 1500


def test_a_record_that_stalls_is_left_out(made, pieces):
    job, shards, folder = made(Sheets(endless=["T7"]), seconds=0.5)
    for backend in (TWO, Backend()):
        for shard in shards:
            folder._manifest(shard.number).unlink(missing_ok=True)
        run(job, shards, backend)
        assert ids(pieces(folder, shards)) == [f"c{i}" for i in range(1500) if i != 7]
        assert left_out(folder, shards) == [("too-slow", "line 8")]


def test_a_worker_that_cannot_break_off_is_ended(made, pieces):
    job, shards, folder = made(_Deaf(endless=["T7"]), seconds=0.4)
    run(job, shards, TWO)
    assert ids(pieces(folder, shards)) == [f"c{i}" for i in range(1500) if i != 7]
    assert left_out(folder, shards) == [("too-slow", "line 8")]


class _Deaf(Sheets):
    """Its endless records are as those in the middle of a call into C: the alarm is not heard."""

    def piece(self, decision):
        import signal

        if decision.case.title in self.endless:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        return super().piece(decision)


def test_a_defect_costs_its_record_only(made, pieces):
    job, shards, folder = made(Sheets(faulty=["T3"]))
    run(job, shards, Backend())
    assert ids(pieces(folder, shards)) == [f"c{i}" for i in range(1500) if i != 3]
    ((reason, place),) = left_out(folder, shards)
    assert (reason, place) == ("tagging-failed", "line 4")


def test_what_is_done_is_not_done_again(made):
    job, shards, folder = made(Sheets())
    tag_shard(job, shards[1])
    before = os.stat(folder.part(1, 0)).st_mtime_ns
    states = []
    run(job, shards, Backend(), states.append)
    assert os.stat(folder.part(1, 0)).st_mtime_ns == before
    assert states[-1].resumed == folder.tally(1).seen > 0


def test_a_fault_that_the_user_can_mend_ends_the_run_and_is_told(made):
    from dataclasses import replace

    job, shards, _ = made(Sheets())
    with pytest.raises(OutputError, match="changed while the run was at work"):
        run(replace(job, provenance=replace(job.provenance, rules="others")), shards, TWO)
    assert threading.active_count() < 20


def test_workers_that_always_die_end_the_run(made, monkeypatch):
    monkeypatch.setattr("tagger.batch.supervise.MOST_DEATHS", 3)
    job, shards, _ = made(Sheets(deadly=[f"T{i}" for i in range(1500)]))
    with pytest.raises(OutputError, match=r"workers died 3 times.*the same command goes on"):
        run(job, shards, TWO)


@pytest.mark.parametrize(("options", "told"), [({"name": "carrier pigeon"}, "no backend"), ({"jobs": 0}, "1 or more"), ({"scheduler": "tcp://x"}, "has none")])
def test_backends_that_make_no_sense_are_refused(options, told):
    with pytest.raises(InputError, match=told):
        Backend(**options)
