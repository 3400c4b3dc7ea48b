"""Agreement and accuracy, against published figures and scikit-learn."""

import numpy as np
import pytest

from tagger.codings.coincidence import nominal_alpha
from tagger.learning.metrics import accuracy, macro_f1, scores

# Krippendorff, K. (2011), "Computing Krippendorff's Alpha-Reliability": the data of sections A, B and C
BINARY = ([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])  # A: alpha 0.095
NOMINAL = ("aabbdcccedda", "babbbccceddd")  # B: alpha 0.692
_ = None
FOUR = (  # C: four observers, missing data, alpha 0.743
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
)


def test_alpha_of_the_binary_example():
    assert nominal_alpha(list(zip(*BINARY, strict=True))) == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_the_nominal_example():
    assert nominal_alpha(list(zip(*NOMINAL, strict=True))) == pytest.approx(0.692, abs=5e-4)


def test_alpha_of_four_observers_with_missing_data():
    assert nominal_alpha(list(zip(*FOUR, strict=True))) == pytest.approx(0.743, abs=5e-4)


def by_coincidences(units):
    """Alpha by the matrix of coincidences, as the paper lays it out (section C), written down apart from the code under test."""
    values = sorted({v for unit in units for v in unit if v is not None})
    table = np.zeros((len(values), len(values)))
    for unit in units:
        given = [values.index(v) for v in unit if v is not None]
        for i, a in enumerate(given):
            for j, b in enumerate(given):
                if i != j:
                    table[a, b] += 1 / (len(given) - 1)
    totals = table.sum(axis=0)
    n = totals.sum()
    return 1 - (n - 1) * (n - np.trace(table)) / (n * n - (totals**2).sum())


def test_alpha_is_that_of_the_coincidence_matrix():
    random = np.random.default_rng(0)
    for _round in range(50):
        units = [[random.choice(["a", "b", "c", None]) for _coder in range(random.integers(2, 6))] for _unit in range(20)]
        assert nominal_alpha(units) == pytest.approx(by_coincidences(units), abs=1e-12)


def test_alpha_nears_kappa_where_coders_have_like_frequencies():
    """Scott's pi pools both coders' frequencies, Cohen's kappa does not; with equal frequencies they are one, and alpha is pi but for the sample size."""
    from sklearn.metrics import cohen_kappa_score

    random = np.random.default_rng(1)
    first = np.repeat(["a", "b", "c"], 400)
    second = first.copy()
    moved = random.permutation(1200)[:300]
    second[moved] = random.permutation(second[moved])  # the same codes in another order: equal frequencies
    kappa = cohen_kappa_score(first, second)
    alpha = nominal_alpha(list(zip(first, second, strict=True)))
    assert 0.5 < kappa < 0.95
    assert alpha == pytest.approx(1 - (1 - kappa) * (2400 - 1) / 2400, abs=1e-9)


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -0.5),
        ([("a", "a"), ("a", "a")], None),  # one code alone: nothing to agree about
        ([("a", None), (None, "b")], None),  # no two codes of one case
        ([], None),
    ],
)
def test_alpha_at_its_edges(units, alpha):
    assert nominal_alpha(units) == (None if alpha is None else pytest.approx(alpha))


def test_a_case_with_one_code_tells_nothing():
    units = list(zip(*BINARY, strict=True))
    assert nominal_alpha([*units, (1, None), (None, None)]) == nominal_alpha(units)


def test_accuracy_and_macro_f1():
    truth, predicted = ["a", "a", "b", "c"], ["a", "b", "b", "d"]
    assert accuracy(truth, predicted) == 0.5
    # a: precision 1, recall 1/2; b: 1/2 and 1; c: never predicted; d is no code of the truth and is not averaged over
    assert macro_f1(truth, predicted) == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_lists_of_unequal_length_are_an_error():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        accuracy(["a", "b"], ["a"])


def test_scores_holds_all_three():
    found = scores(["a", "b", "b"], ["a", "b", "a"])
    assert set(found) == {"accuracy", "macro_f1", "alpha"}
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["alpha"] == nominal_alpha([("a", "a"), ("b", "b"), ("b", "a")])
