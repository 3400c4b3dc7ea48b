from __future__ import annotations

import numpy as np
import pytest
from made_outcomes import drawn

from tagger.errors import InputError
from tagger.learning.promises import check_apart, clopper_pearson, halves, least_cases, one_a_group, percent, upper_bound


@pytest.mark.parametrize(  # Newcombe, R. G. (1998), "Two-sided confidence intervals for the single proportion", Stat. Med. 17, table I, method 5
    "hits, cases, low, high", [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)]
)
def test_published_clopper_pearson_intervals(hits, cases, low, high):
    assert clopper_pearson(hits, cases) == pytest.approx((low, high), abs=5e-5)


def test_no_case_bounds_nothing():
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert upper_bound([0, 3], [0, 3]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("errors, cases", [(0, 59), (1, 93), (2, 124), (3, 153), (4, 181)])  # Wilks's sample sizes for 95 % / 95 %
def test_cases_that_a_promise_of_five_percent_takes(errors, cases):
    assert upper_bound(errors, cases) <= 0.05 < upper_bound(errors, cases - 1)


def test_the_bound_is_that_of_scipy():
    from scipy.stats import binomtest

    for k, n in ((0, 7), (2, 30), (11, 40)):
        assert upper_bound(k, n, 0.9) == pytest.approx(binomtest(k, n, alternative="less").proportion_ci(0.9, method="exact").high)


def test_least_cases():
    assert (least_cases(0.05, 0.95), least_cases(0.1, 0.95), least_cases(0.05, 0.9), least_cases(0.5, 0.5)) == (59, 29, 45, 1)


def test_one_case_of_each_group_is_drawn_whatever_the_order():
    outcomes = drawn(50, 0, repeats=4)
    chosen = one_a_group(outcomes, 3)
    assert sorted(chosen.groups) == sorted(set(outcomes.groups))
    order = np.random.default_rng(1).permutation(len(outcomes))
    assert sorted(one_a_group(outcomes.take(order), 3).ids) == sorted(chosen.ids)
    assert set(one_a_group(outcomes, 4).ids) != set(chosen.ids)


def test_halves_cut_no_group():
    outcomes = drawn(31, 0, repeats=2)
    one, other = halves(outcomes)
    assert not set(one.groups) & set(other.groups)
    assert sorted(one.ids + other.ids) == sorted(outcomes.ids)
    assert (len(set(one.groups)), len(set(other.groups))) == (15, 16)


def test_sets_that_are_not_apart_are_refused():
    outcomes = drawn(9, 0)
    with pytest.raises(InputError, match="2 initiatives are in both sets, 'c3' first"):
        check_apart(outcomes.take(range(5)), outcomes.take(range(3, 9)), "auto-accept")
    with pytest.raises(InputError, match="no case to check on"):
        check_apart(outcomes, outcomes.take([]), "auto-accept")


def test_percent():
    assert [percent(x) for x in (0.0, 0.034, 0.05, 0.456, 0.95, 0.999, 1.0)] == ["0 %", "3.4 %", "5 %", "46 %", "95 %", "99.9 %", "100 %"]
