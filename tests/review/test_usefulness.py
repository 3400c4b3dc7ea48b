"""What is useful to code, and the turns of the pairs."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from made_reviews import head

from tagger.review.usefulness import by_usefulness, spread, usefulness


@pytest.mark.parametrize("margin, expected", [(0.0, 0.5), (math.log(3), 0.25), (-math.log(3), 0.25), (20.0, 0.0), (1e9, 0.0), (math.inf, 0.0), (math.nan, 0.0)])
def test_usefulness_by_hand(margin, expected):
    assert usefulness(head("c", margin=margin)) == pytest.approx(expected, abs=1e-6)
    assert usefulness(head("c", margin=margin, disagree=True)) == usefulness(head("c", margin=margin)) > 0


def test_small_margins_come_first():
    heads = [head("sure", margin=5.0), head("close", margin=0.1), head("at odds", margin=1.5, disagree=True), head("so so", margin=1.0)]
    assert [h.id for h in by_usefulness(heads, 1)] == ["close", "so so", "at odds", "sure"]


def test_pairs_have_equal_turns_until_their_cases_are_through():
    heads = [head(f"many{i}", "9", margin=i / 500) for i in range(1000)]
    heads += [head(f"few{i}", "3", margin=6.0 + i) for i in range(30)] + [head("one", "11", margin=9.0)]
    ids = [h.id for h in by_usefulness(heads, 1)]
    assert ids[:5] == ["many0", "few0", "one", "many1", "few1"]  # the more doubtful first within a round of turns
    assert Counter(id.rstrip("0123456789") for id in ids[:61]) == {"many": 30, "few": 30, "one": 1}
    assert ids[61:] == [f"many{i}" for i in range(30, 1000)]


def test_one_model_of_two_economies_has_the_turns_of_both():
    heads = [head(f"s{i}", "6", economy="sharing", margin=3.0 + i) for i in range(3)] + [head(f"c{i}", "6", economy="commons", margin=i) for i in range(3)]
    heads += [head(f"o{i}", "outside", economy="other", margin=1.5 + i) for i in range(3)]
    assert [h.id for h in by_usefulness(heads, 1)] == ["c0", "o0", "s0", "c1", "o1", "s1", "c2", "o2", "s2"]


def test_order_within_a_pair_is_by_usefulness():
    found = by_usefulness([head(f"c{i}", str(i % 3), margin=(i * 37 % 100) / 20) for i in range(100)], 1)
    for model in "012":
        margins = [h.margin for h in found if h.suggestion["model"] == model]
        assert margins == sorted(margins)


def test_equals_are_ordered_by_seed_not_by_file():
    heads = [head(f"c{i}") for i in range(50)]
    one = [h.id for h in by_usefulness(heads, 1)]
    assert [h.id for h in by_usefulness(heads[::-1], 1)] == one
    assert [h.id for h in by_usefulness(heads, 2)] != one
    assert one != [h.id for h in heads]


def test_spread_is_even_and_keeps_both_orders():
    drawn, rest = [head(f"a{i}") for i in range(5)], [head(f"r{i}") for i in range(20)]
    ids = [h.id for h in spread(drawn, rest)]
    assert [i for i in ids if i[0] == "a"] == [h.id for h in drawn]
    assert [i for i in ids if i[0] == "r"] == [h.id for h in rest]
    places = [i for i, id in enumerate(ids) if id[0] == "a"]
    assert places == [2, 7, 12, 17, 22]  # neither at the beginning nor at the end
    assert (spread([], rest), spread(drawn, [])) == (rest, drawn)
