"""What is useful to code, and the turns of the models."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from made_reviews import head

from tagger.review.usefulness import by_usefulness, spread, usefulness


@pytest.mark.parametrize(
    "margin, disagree, expected",
    [
        (0.0, False, 0.51),
        (0.0, True, 0.76),
        (math.log(3), False, 0.26),
        (20.0, False, 0.01),
        (1e9, False, 0.01),
        (math.inf, True, 0.26),
        (math.nan, False, 0.01),
    ],
)
def test_usefulness_by_hand(margin, disagree, expected):
    assert usefulness(head("c", margin=margin, disagree=disagree)) == pytest.approx(expected, abs=1e-3)


def test_small_margins_and_disagreements_come_first():
    heads = [head("sure", margin=5.0), head("close", margin=0.1), head("at odds", margin=1.0, disagree=True), head("so so", margin=1.0)]
    assert [h.id for h in by_usefulness(heads, 1)] == ["at odds", "close", "so so", "sure"]


def test_no_model_is_starved_and_none_rules():
    heads = [head(f"many{i}", "9", margin=i / 500) for i in range(1000)]
    heads += [head(f"few{i}", "3", margin=6.0) for i in range(30)] + [head("one", "11", margin=9.0)]
    models = [h.suggestion["model"] for h in by_usefulness(heads, 1)]
    assert sorted(models[:3]) == ["11", "3", "9"]  # the first of every model before the second of any
    first_half = Counter(models[: len(models) // 2])
    assert first_half["3"] >= 10
    assert first_half["9"] > 400
    assert max(i for i, m in enumerate(models) if m == "3") < 999  # rare ones do not wait for the end, nor take the beginning
    assert Counter(models[:60])["3"] <= 6


def test_order_within_a_model_is_by_usefulness():
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
