"""What counts of the events: the newest that was not undone, whatever came between."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_reviews import NEW_TEXT, TEXT, coding, event, undo

from tagger.errors import InputError
from tagger.review.events import Event
from tagger.review.verdicts import Verdict, Verdicts, verdicts


def test_the_newest_coding_counts_and_undoing_brings_back_the_one_before():
    first, second = coding("c1", "9", seconds=4.0, sureness="sure", note="plain"), coding("c1", "7")
    found = verdicts([first, second])
    assert found.get("c1", "ada").codes["model"] == "7"
    found.add(undo(second))
    held = found.get("c1", "ada")
    assert (held.event, held.codes["model"], held.seconds, held.sureness, held.note, held.at) == (first.id, "9", 4.0, "sure", "plain", first.at)
    found.add(undo(first))
    assert found.get("c1", "ada") is None
    assert (len(found), list(found), found.by_coder["ada"]) == (0, [], {})


def test_what_stands_in_the_middle_can_be_undone():
    one, two, three = coding("c1", "1"), coding("c1", "2"), coding("c1", "3")
    found = verdicts([one, two, three, undo(two)])
    assert found.get("c1", "ada").codes["model"] == "3"
    found.add(undo(three))
    assert found.get("c1", "ada").codes["model"] == "1"
    assert [v.event for v in found.codings("c1", "ada")] == [one.id]
    assert [v.event for v in found.codings("c1", "ada", undone=True)] == [one.id, two.id, three.id]
    assert [found.undone(e.id) for e in (one, two, three)] == [False, True, True]


def test_order_is_that_of_adding_not_that_of_clocks():
    found = verdicts([coding("c1", "1", at="2026-11-23T10:00:00.000Z"), coding("c1", "2", at="2019-01-01T00:00:00.000Z")])
    assert found.get("c1", "ada").codes["model"] == "2"


def test_coders_do_not_touch_each_other():
    ada, ben = coding("c1", "1", "ada"), coding("c1", "2", "ben")
    found = verdicts([ada, ben, undo(ben), event("skip", "c2", "ben"), event("note", "c1", "ben", note="odd")])
    assert {v.coder: v.codes["model"] for v in found} == {"ada": "1"}
    assert (found.notes("c1", "ada"), [e.note for e in found.notes("c1", "ben")]) == ([], ["odd"])
    assert ("ada" in found.skips, list(found.skips["ben"])) == (False, ["c2"])


def test_a_repeated_event_changes_nothing():
    first, second = coding("c1", "1"), coding("c1", "2")
    back = undo(second)
    found = verdicts([first, second, back, back, second, first])
    assert found.get("c1", "ada").event == first.id


@pytest.mark.parametrize(
    "events, why",
    [
        (lambda a, b, c: [undo(a)], "does not stand before it"),
        (lambda a, b, c: [b, event("undo", "c1", "ada", undoes=b.id)], "is of 'ben' on case 'c1', not of 'ada'"),
        (lambda a, b, c: [c, event("undo", "c1", "ada", undoes=c.id)], "on case 'c2', not of 'ada' on case 'c1'"),
        (lambda a, b, c: [a, undo(a), undo(a)], "is undone already"),
        (lambda a, b, c: [a, back := undo(a), undo(back)], "is an undo itself"),
    ],
)
def test_an_undo_that_may_not_be_is_refused_and_leaves_all_as_it_was(events, why):
    *before, bad = events(coding("c1"), coding("c1", coder="ben"), coding("c2"))
    found = verdicts(before)
    held, acts = list(found), {e.coder: found.last(e.coder) for e in before}
    with pytest.raises(InputError, match=why):
        found.add(bad)
    assert (list(found), {coder: found.last(coder) for coder in acts}) == (held, acts)
    with pytest.raises(InputError):  # it was not taken as seen
        found.add(bad)


def test_markings_and_notes_are_lists_without_what_is_undone():
    marks = [event("mention", "c1"), event("mention", "c1"), event("mention", "c1")]
    found = verdicts([*marks, undo(marks[1])])
    assert found.markings("c1", "ada") == [marks[0], marks[2]]


def test_the_newest_skip_stands_last():
    found = verdicts([event("skip", "c1"), event("skip", "c2"), again := event("skip", "c1")])
    assert list(found.skips["ada"]) == ["c2", "c1"]
    found.add(undo(again))
    assert sorted(found.skips["ada"]) == ["c1", "c2"]


def test_of_adjudications_the_newest_of_anybody_counts():
    first, second = coding("c1", "1", "eva", kind="adjudication"), coding("c1", "2", "max", kind="adjudication")
    found = verdicts([first, second])
    assert found.adjudications["c1"].coder == "max"
    found.add(undo(second))
    assert found.adjudications["c1"].coder == "eva"
    assert found.by_case == {}  # it is nobody's coding


def test_the_last_act_is_what_undo_would_take_back():
    one, skipped, note = coding("c1"), event("skip", "c2"), event("note", "c1", note="hm")
    found = verdicts([one, skipped, note])
    for expected in (note, skipped, one):
        assert found.last("ada") == expected
        found.add(undo(expected))
    assert found.last("ada") is None
    assert found.last("nobody") is None


def test_stale_needs_both_fingerprints():
    held = Verdict.of(coding("c1", sha256=TEXT))
    assert (held.stale(NEW_TEXT), held.stale(TEXT), held.stale("")) == (True, False, False)
    assert not Verdict.of(coding("c1", sha256="")).stale(NEW_TEXT)


def test_a_verdict_as_a_row_of_the_table():
    made = coding(
        "c1", "7", cues={"payment": "unpaid"}, at="2026-11-23T10:20:30.456Z", sureness="unsure", note="=1", blind=False,
        shown={"economy": "sharing", "model": "9"}, versions={"codebook": "made-up 2.0.0"},
    )
    row = Verdict.of(made).coding(title="About", random=True)
    assert row.codes == {"economy": "sharing", "model": "7", "payment": "unpaid"}
    assert (row.role, row.confidence, row.note, row.date, row.blind) == ("coder", "low", "=1", "2026-11-23T10:20:30Z", False)
    assert (row.shown, row.random, row.codebook, row.sha256, row.title) == ("economy=sharing model=9", True, "made-up 2.0.0", TEXT, "About")


@given(st.lists(st.tuples(st.sampled_from(["coding", "skip", "undo"]), st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 20)), max_size=30))
def test_event_by_event_gives_what_a_plain_reading_gives(script):
    """A reading without any bookkeeping: strike out what was undone, then take the last of each coder and case."""
    found, events, struck = Verdicts(), [], set()
    for kind, coder, case, pick in script:
        if kind != "undo":
            events.append(coding(case, str(pick), coder) if kind == "coding" else event("skip", case, coder))
        else:
            mine = [e for e in events if (e.coder, e.case) == (coder, case) and e.kind != "undo" and e.id not in struck]
            if not mine:
                continue
            struck.add(mine[pick % len(mine)].id)
            events.append(undo(mine[pick % len(mine)]))
        found.add(events[-1])
    left: dict[tuple[str, str, str], Event] = {}
    for e in events:
        if e.kind != "undo" and e.id not in struck:
            left.pop((e.kind, e.case, e.coder), None)
            left[e.kind, e.case, e.coder] = e
    assert {(v.case, v.coder): v.event for v in found} == {(case, coder): e.id for (kind, case, coder), e in left.items() if kind == "coding"}
    assert {(c, x): e.id for c, of in found.skips.items() for x, e in of.items()} == {(c, x): e.id for (k, x, c), e in left.items() if k == "skip"}
    again = verdicts(events)
    assert (again.by_case, again.by_coder, again.skips) == (found.by_case, found.by_coder, found.skips)


def test_taking_events_is_linear_also_on_one_case():
    made = [coding("c1") for _ in range(20_000)]
    start = time.process_time()
    found = verdicts([*made, *(undo(e) for e in reversed(made))])
    assert time.process_time() - start < 2.5
    assert len(found) == 0
