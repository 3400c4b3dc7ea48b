"""At every system call of every writer: killed there, or the call fails. Nothing partial stands under a final name, what was acknowledged is there, errors are
told in a sentence, and the same command, given again, ends with the bytes of an undisturbed run.
"""

from __future__ import annotations

import pytest
from bad_jobs import BAD
from harness import evenly
from jobs import JOBS
from points import summary

PUSH = {"tag": 105, "report": 35, "store": 60, "backup": 35, "promote": 32, "corpus": 32, "quarantine": 16}  # points


@pytest.fixture(scope="module")
def points(there):
    return there.points(*JOBS)


def assert_sound(tried, number):
    print(f"\n{sum(t.met for t in tried)} points\n{summary(tried)}")
    assert not [str(t) for t in tried if t.wrong]
    met = sum(t.met for t in tried)
    assert met >= number
    assert met >= 0.97 * len(tried), "calls that the first run made and a later one did not"


def test_at_three_hundred_points(there, points):
    assert set(PUSH) == set(JOBS)
    chosen = [point for job, number in PUSH.items() for point in evenly([p for p in points if p.job == job], number)]
    assert len(set(chosen)) == len(chosen)
    assert_sound(there.tried(chosen), 300)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_at_every_point(there, points):
    assert_sound(there.tried(points), 3000)


def test_what_a_naive_writer_leaves_is_found(there):
    tried = there.tried(there.points("naive"))
    half = [t for t in tried if any("out.jsonl is neither as before" in text for text in t.wrong)]
    assert {t.point.fault for t in half} >= {"SIGKILL", "ENOSPC", "EIO"}


def test_an_fsync_tried_again_is_found(there):
    tried = there.tried([p for p in there.points("retrying") if p.call == "fsync"])
    assert {t.point.fault for t in tried if any("tried again" in text for text in t.wrong)} == {"EIO", "ENOSPC", "EDQUOT"}


def test_points_are_spread_over_calls(points):
    for job, number in PUSH.items():
        all_of_it = [p for p in points if p.job == job]
        calls = {p.call for p in all_of_it if sum(q.call == p.call for q in all_of_it) * number > len(all_of_it)}
        assert {p.call for p in evenly(all_of_it, number)} >= calls
    assert set(BAD).isdisjoint(JOBS)
