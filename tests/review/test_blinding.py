"""Which cases are blind, and how far seeing a suggestion moves coders."""

from __future__ import annotations

import random

import pytest
from made_reviews import NEW_TEXT, coding, head, undo

from tagger.review.blinding import Moved, blind_report, chance, is_blind, newcombe
from tagger.review.verdicts import verdicts

SHOWN = {"economy": "sharing", "model": "9"}


def test_chance_is_fixed_and_even():
    assert chance(1, "blind", "ada", "c1") == chance(1, "blind", "ada", "c1")
    drawn = sorted(chance(7, "blind", "ada", f"c{i}") for i in range(4000))
    assert max(abs(x - i / 4000) for i, x in enumerate(drawn)) < 0.03  # Kolmogorov-Smirnov: 0.026 at 1 %
    assert 0 <= drawn[0] <= drawn[-1] < 1


def test_chance_takes_parts_apart_and_any_text():
    assert len({chance(1, "ab", "c"), chance(1, "a", "bc"), chance(1, "abc"), chance(11, "ab", "c"), chance(1, "1:a", "bc")}) == 5
    assert 0 <= chance(1, "\ud800", "", "ü") < 1


def test_blind_cases_differ_by_coder_and_seed_and_grow_with_the_share():
    ids = [f"c{i}" for i in range(3000)]
    ada, ben, other = ({i for i in ids if is_blind(seed, coder, i, 0.2)} for seed, coder in ((1, "ada"), (1, "ben"), (2, "ada")))
    assert len(ada) == pytest.approx(600, abs=90)
    assert len(ada & ben) == pytest.approx(120, abs=45)
    assert ada != other
    assert ada < {i for i in ids if is_blind(1, "ada", i, 0.5)}
    assert [any(is_blind(1, "ada", i, 0) for i in ids), all(is_blind(1, "ada", i, 1) for i in ids)] == [False, True]


@pytest.mark.parametrize(  # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10
    "shares, low, high",
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_interval_of_a_difference_as_published(shares, low, high):
    assert newcombe(*shares) == pytest.approx((low, high), abs=5e-5)


def answers(n: int, right: int, name: str, **more) -> list:
    return [coding(f"{name}{i}", "9" if i < right else "7", **more) for i in range(n)]


def report(events, heads=None) -> dict[str, Moved]:
    heads = heads or [head(e.case) for e in events]
    return {moved.facet: moved for moved in blind_report(verdicts(events), heads)}


def test_report_by_hand():
    events = answers(70, 56, "s", blind=False, shown=SHOWN) + answers(80, 48, "b", blind=True)
    found = report(events)
    model = found["model"]
    assert (model.shown, model.shown_agree, model.blind, model.blind_agree, model.why) == (70, 56, 80, 48, "")
    assert model.difference == pytest.approx(0.2)
    assert (model.low, model.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found["economy"].difference == 0
    assert model.as_dict()["difference"] == model.difference


def test_too_few_cases_are_refused_with_a_sentence():
    twice = answers(9, 9, "b", blind=True) + answers(9, 9, "b", blind=True, coder="ben")  # 18 codings of 9 cases
    found = report(answers(10, 5, "s", blind=False, shown=SHOWN) + twice)["model"]
    assert (found.difference, found.low, found.high, found.blind) == (None, None, None, 18)
    assert found.why == "too few cases: 9 blind; at least 10 of each are needed"
    assert report([])["model"].why == "too few cases: 0 with the suggestion in sight and 0 blind; at least 10 of each are needed"
    assert report(answers(10, 5, "s", blind=False, shown=SHOWN) + answers(10, 5, "b", blind=True))["model"].difference == 0


def test_what_was_seen_counts_not_what_would_be_suggested_now():
    found = report([coding("c1", "7", blind=False, shown={"model": "7"})], [head("c1", "9")])
    assert (found["model"].shown_agree, found["economy"].shown) == (1, 0)  # no economy was shown


def test_a_blind_answer_stays_blind_whatever_came_after():
    blind, seen = coding("c1", "7", blind=True), coding("c1", "9", blind=False, shown=SHOWN)
    for events in ([blind, seen], [blind, undo(blind), seen]):
        model = report(events, [head("c1", "9")])["model"]
        assert (model.blind, model.blind_agree, model.shown) == (1, 0, 0)


def test_a_slip_that_was_undone_is_no_answer():
    slip = coding("c1", "7", blind=True)
    model = report([slip, undo(slip), coding("c1", "9", blind=True), coding("c1", "2", blind=False, shown=SHOWN)], [head("c1", "9")])["model"]
    assert (model.blind, model.blind_agree) == (1, 1)
    gone = coding("c2", "9", blind=True)
    assert report([gone, undo(gone)])["model"].blind == 0


def test_left_out():
    left_out = [coding("old", blind=True), coding("unknown", blind=True), coding("silent", blind=None, shown=SHOWN)]
    found = report(left_out, [head("old", sha256=NEW_TEXT), head("silent")])["model"]
    assert (found.blind, found.shown) == (0, 0)


def test_a_pull_towards_suggestions_is_found():
    """Coders who follow what they see in three of ten cases where they would not have agreed."""
    r = random.Random(5)  # noqa: S311
    events, heads = [], []
    for i in range(1500):
        suggested, own = r.choice("123"), r.choice("123")
        blind = is_blind(1, "ada", f"c{i}", 0.3)
        given = own if blind or r.random() > 0.3 else suggested
        heads.append(head(f"c{i}", suggested))
        events.append(coding(f"c{i}", given, blind=blind, shown={} if blind else {"model": suggested}))
    found = report(events, heads)["model"]
    assert found.low < 0.2 < found.high  # 0.3 of the two thirds that disagree
    assert found.low > 0.1
