"""Who codes which cases."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import InputError
from tagger.review.assignment import assignments

CASES = [f"case {n}" for n in range(60)]
CODERS = ["ADA", "BEN", "CY", "DOT"]


@given(each=st.integers(1, 4), seed=st.integers(0, 50), number=st.integers(0, 40))
def test_every_case_has_as_many_coders_and_every_coder_as_many_cases(each, seed, number):
    found = assignments(CASES[:number], CODERS, each, seed)
    by_case, by_coder = Counter(case for case, _ in found), Counter(coder for _, coder in found)
    assert len(set(found)) == len(found)
    assert set(by_case.values()) <= {each}
    assert len(by_case) == number
    loads = [by_coder[coder] for coder in CODERS]
    assert max(loads) - min(loads) <= 1


def test_all_pairs_of_coders_meet():
    found = assignments(CASES, CODERS, 2, 0)
    met = Counter(pair for case in CASES for pair in combinations(sorted(coder for c, coder in found if c == case), 2))
    assert set(met) == set(combinations(CODERS, 2))
    assert min(met.values()) >= 4


def test_it_is_the_same_each_time_and_another_by_seed():
    assert assignments(CASES, CODERS, 2, 3) == assignments(reversed(CASES), reversed(CODERS), 2, 3)
    assert assignments(CASES, CODERS, 2, 3) != assignments(CASES, CODERS, 2, 4)


def test_what_is_assigned_stays_and_only_what_is_missing_comes():
    first = assignments(CASES[:30], CODERS[:3], 2, 0)
    there = {coder: {case for case, who in first if who == coder} for coder in CODERS[:3]}
    assert assignments(CASES[:30], CODERS[:3], 2, 0, there) == []
    more = assignments(CASES, CODERS, 2, 0, there)
    assert {case for case, _ in more} == set(CASES[30:])
    assert Counter(coder for _, coder in more)["DOT"] > 15  # who has least gets most
    assert not set(more) & set(first)


def test_who_is_gone_keeps_his_cases():
    assert assignments(["a"], ["ADA", "BEN"], 2, 0, {"GONE": {"a"}}) in ([("a", "ADA")], [("a", "BEN")])


@pytest.mark.parametrize(("coders", "each"), [([], 1), (["ADA"], 2), (CODERS, 5), (CODERS, 0)])
def test_too_few_coders_are_told(coders, each):
    with pytest.raises(InputError, match="coders a case"):
        assignments(CASES, coders, each, 0)
