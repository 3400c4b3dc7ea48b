"""The time limit holds in threads too, which no alarm reaches: what took too long is left out once it ends."""

from __future__ import annotations

import threading
import time

import pytest
from made_pieces import Sheets

from tagger.batch.backends import Backend
from tagger.batch.limit import TimeLimit, TooSlow
from tagger.batch.supervise import run


class Long(Sheets):
    """Its endless records come to an end, late."""

    def piece(self, decision):
        if decision.case.title in self.endless:
            time.sleep(1.0)
            return b"late\n"
        return super().piece(decision)


def test_a_slow_record_is_left_out_by_threads(made, pieces):
    job, shards, folder = made(Long(endless=["T7"]), seconds=0.5)
    run(job, shards, Backend("threading", 2))
    assert [line.split()[0] for line in pieces(folder, shards)] == [f"c{i}" for i in range(1500) if i != 7]
    assert [(q.reason, q.origin.record) for s in shards for q in folder.tally(s.number).quarantined] == [("too-slow", "line 8")]


@pytest.mark.parametrize(("seconds", "too_slow"), [(0.02, True), (5.0, False), (0.0, False)])
def test_without_an_alarm_the_clock_is_looked_at(seconds, too_slow):
    raised = []

    def work():
        with TimeLimit(seconds) as limit:
            limit.start()
            time.sleep(0.05)
            try:
                limit.check()
            except TooSlow:
                raised.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert bool(raised) == too_slow
