"""Shares of codes in a batch: against the published implementation, by hand, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.errors import InputError
from tagger.learning.prevalence import ALONE, FEW, LEAST, POWERED, adjusted_count, exact, facet_probabilities, prediction_powered, prevalence


def made(rng, share: float, n: int, others: int, sharp: float = 4.0, bias: float = 0.0):
    """A batch of a code's cases ('a') and others ('b'); `sharp` 0 makes a classifier that knows nothing, `bias` one that says 'a' too often."""
    has = rng.random(n + others) < share
    scores = rng.normal(0, 1.5, n + others) + sharp * (has - 0.5) + np.log(share / (1 - share)) + bias
    p = 1 / (1 + np.exp(-scores))
    shares, proposed, labels = np.stack([p, 1 - p], axis=1), np.where(p > 0.5, "a", "b"), np.where(has, "a", "b")
    return ("a", "b"), labels[:n], shares[:n], shares[n:], proposed[:n], proposed[n:]


@pytest.mark.parametrize("sharp", [0.0, 2.0, 6.0])
@pytest.mark.parametrize("others", [80, 3000])
def test_without_added_errors_it_is_ppi_plus_plus(sharp, others):
    ppi_py = pytest.importorskip("ppi_py")
    _, labels, mine, theirs, *_ = made(np.random.default_rng(int(sharp) + others), 0.3, 150, others, sharp, bias=1.0)
    truth = (labels == "a").astype(float)
    found, weight = prediction_powered(truth, mine[:, 0], theirs[:, 0], added=0)
    assert found.value == pytest.approx(ppi_py.ppi_mean_pointestimate(truth, mine[:, 0], theirs[:, 0]).item(), abs=1e-9)
    low, high = ppi_py.ppi_mean_ci(truth, mine[:, 0], theirs[:, 0], alpha=0.05)
    assert (found.low, found.high) == (pytest.approx(low.item(), abs=1e-9), pytest.approx(high.item(), abs=1e-9))
    assert weight < 0.35 if sharp == 0 else 0 < weight <= 1
    wider, _ = prediction_powered(truth, mine[:, 0], theirs[:, 0])
    assert wider.value == found.value and wider.low < found.low and wider.high > found.high


@pytest.mark.parametrize(
    "share, n, others, sharp, bias",
    [
        (0.02, 100, 2000, 5, 0.7),
        (0.06, 300, 1000, 5, 0.7),
        (0.1, 300, 1000, 5, 0.7),
        (0.2, 100, 500, 12, 2.0),  # hardly an error among the labels
        (0.2, 100, 500, 0, 0.0),  # a classifier that knows nothing
        (0.5, 50, 1000, 5, 0.7),
        (0.9, 100, 1000, 2, -1.0),
    ],
)
def test_the_interval_covers_what_it_promises(share, n, others, sharp, bias):
    rng, hits, repeats = np.random.default_rng(7), 0, 400
    for _ in range(repeats):
        (code, _), *batch = made(rng, share, n, others, sharp, bias)
        found = prevalence((code,), *batch)[0].estimate
        hits += found.low <= share <= found.high
    assert hits / repeats >= 0.93


def test_what_is_counted_is_biased_and_the_estimate_is_not():
    rng = np.random.default_rng(3)
    found = [prevalence(*made(rng, 0.2, 200, 3000, 4.0, bias=2.0))[0] for _ in range(60)]
    assert all(s.method == POWERED for s in found)
    assert np.mean([s.uncorrected for s in found]) > 0.3
    assert np.mean([s.estimate.value for s in found]) == pytest.approx(0.2, abs=0.01)
    assert np.mean([s.adjusted for s in found]) == pytest.approx(0.2, abs=0.01)
    width, alone = (np.mean([s.high - s.low for s in some]) for some in ([s.estimate for s in found], [s.alone for s in found]))
    assert width < 0.8 * alone  # the predictions are worth something


def test_a_code_with_few_labels_gets_the_exact_interval_of_the_labels():
    codes, labels, *rest = made(np.random.default_rng(0), 0.05, 100, 500)
    few, many = prevalence(codes, labels, *rest)
    assert 0 < few.labels < FEW and many.labels == 100 - few.labels
    assert few.method == many.method == ALONE
    assert few.estimate == few.alone == exact(few.labels, 100)


def test_exact_interval_by_published_values():
    assert exact(10, 100).low == pytest.approx(0.0490, abs=5e-5) and exact(10, 100).high == pytest.approx(0.1762, abs=5e-5)
    assert exact(0, 50).low == 0 and exact(0, 50).high == pytest.approx(1 - 0.025 ** (1 / 50))


def test_adjusted_count_by_hand():
    has = np.array([True] * 10 + [False] * 20)
    proposed = np.array([True] * 8 + [False] * 2 + [True] * 2 + [False] * 18)
    assert adjusted_count(0.31, has, proposed) == pytest.approx((0.31 - 0.1) / (0.8 - 0.1))
    assert adjusted_count(0.05, has, proposed) == 0.0  # never below none
    assert adjusted_count(0.3, has, ~proposed) is None  # worse than chance
    assert adjusted_count(0.3, np.zeros(30, dtype=bool), proposed) is None


def test_too_few_labels_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match=rf"{LEAST - 1} cases .* at least {LEAST}"):
        prevalence(*made(rng, 0.3, LEAST - 1, 500))
    with pytest.raises(InputError, match="every case of the batch is coded"):
        prevalence(*made(rng, 0.3, LEAST, 0))


def test_probabilities_of_a_facet_are_read_off_the_scores():
    records = [{"id": "x", "scores": {"economy": {"a": 1.0, "b": 0.0}}}, {"id": "y", "scores": {"economy": {"b": 2.0, "a": 2.0}}}]
    codes, shares = facet_probabilities(records, "economy")
    assert codes == ("a", "b")
    assert shares == pytest.approx(np.array([[np.e / (1 + np.e), 1 / (1 + np.e)], [0.5, 0.5]]))
    with pytest.raises(InputError, match="'z'"):
        facet_probabilities([*records, {"id": "z", "scores": {"economy": {"a": 1.0}}}], "economy")
