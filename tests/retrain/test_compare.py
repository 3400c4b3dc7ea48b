"""Two models on the same cases: figures that are those of an evaluation, and intervals that are those of the difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tagger.codebook import load_codebook
from tagger.learning.evaluation import evaluate
from tagger.learning.outcomes import Outcomes
from tagger.retrain.compare import compare

PAIRS = (("sharing", "9"), ("commons", "6"), ("other", "outside"), ("none", "none"))


def made(right: np.ndarray, truth: np.ndarray, groups=None, ids=None) -> Outcomes:
    """Outcomes that propose the true pair where `right`, else the next one."""
    found = np.where(right, truth, (truth + 1) % len(PAIRS))
    shares = np.full((len(truth), len(PAIRS)), 0.1)
    shares[np.arange(len(truth)), found] = 0.7
    ids = ids or [f"c{i}" for i in range(len(truth))]
    groups = groups or ids
    return Outcomes(tuple(ids), tuple(PAIRS[t] for t in truth), tuple(groups), ("made",) * len(truth), (None,) * len(truth), PAIRS, shares)


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(1).integers(4, size=300)


def test_figures_are_those_of_an_evaluation_of_each(truth):
    random = np.random.default_rng(2)
    candidate, current = (made(random.random(300) < share, truth) for share in (0.8, 0.6))
    found = compare(candidate, current, "made cases", "old", replicates=200)
    assert (found.title, found.against, found.cases, found.groups, list(found.facets)) == ("made cases", "old", 300, 300, ["economy", "model", "gate"])
    for side, outcomes in (("candidate", candidate), ("current", current)):
        for name, facet in evaluate(outcomes, replicates=200).facets.items():
            pairs = found.facets[name].overall
            assert [getattr(pairs[k], side) for k in ("alpha", "macro_f1", "accuracy")] == [facet.summary.alpha, facet.summary.macro_f1, facet.summary.accuracy]
            assert {c.code: (getattr(c.f1, side), c.cases) for c in found.facets[name].codes} == {c.code: (c.f1, c.support) for c in facet.codes if c.support}


def test_the_same_model_twice_differs_by_nothing(truth):
    one = made(np.random.default_rng(2).random(300) < 0.7, truth)
    for facet in compare(one, one, replicates=100).facets.values():
        for pair in (*facet.overall.values(), *(code.f1 for code in facet.codes)):
            assert (pair.difference.value, pair.difference.low, pair.difference.high) == (0.0, None, None)


def test_the_interval_is_that_of_pairs_not_of_two_samples(truth):
    """Two models that mostly err on the same cases: their difference is known far better than either figure."""
    right = np.random.default_rng(3).random(300) < 0.7
    slightly = right.copy()
    slightly[np.flatnonzero(~right)[:8]] = True
    pair = compare(made(slightly, truth), made(right, truth), replicates=1000).facets["economy"].overall["accuracy"]
    width = pair.difference.high - pair.difference.low
    assert pair.difference.value == pytest.approx(8 / 300)
    assert pair.difference.low > 0 and width < 0.5 * (pair.candidate.high - pair.candidate.low)


def test_the_interval_covers_the_true_difference():
    """Simulated: the candidate is right in 75 of 100, the current one in 70, of initiatives with three texts each that are right or wrong together."""
    random, covered, trials = np.random.default_rng(4), 0, 200
    groups = [f"g{i // 3}" for i in range(240)]
    for trial in range(trials):
        truth = random.integers(4, size=240)
        chance = np.repeat(random.random(80), 3)
        pair = compare(made(chance < 0.75, truth, groups), made(chance < 0.70, truth, groups), replicates=200, seed=trial).facets["economy"].overall["accuracy"]
        change = pair.difference
        covered += change.low is not None and change.low <= 0.05 <= change.high
    assert covered / trials >= 0.88  # 95 % nominal; binomial error and 80 initiatives only


def test_the_order_of_the_pairs_of_codes_is_each_models_own(truth):
    random = np.random.default_rng(5)
    candidate, current = (made(random.random(300) < 0.7, truth) for _ in range(2))
    turned = replace(current, pairs=PAIRS[::-1], probabilities=current.probabilities[:, ::-1])
    assert compare(candidate, turned, replicates=50) == compare(candidate, current, replicates=50)


def test_views_of_a_case_are_one_case_of_its_code():
    truth = np.array([0, 0, 0, 1, 2, 3])
    found = compare(*[made(truth == truth, truth, ids=["a", "a", "b", "c", "d", "e"])] * 2, replicates=50)
    assert {code.code: code.cases for code in found.facets["model"].codes} == {"9": 2, "6": 1, "outside": 1, "none": 1}
    assert {code.code for code in found.facets["economy"].codes} <= {code.id for code in load_codebook().economies}


def test_other_cases_are_refused(truth):
    one = made(truth == truth, truth)
    for other in (one.take(np.arange(299)), replace(one, ids=one.ids[::-1]), replace(one, groups=("g",) * 300)):
        with pytest.raises(ValueError, match="same cases"):
            compare(one, other)
