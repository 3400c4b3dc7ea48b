from __future__ import annotations

import json
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from made_outcomes import PAIRS, drawn, of_rows

pytest.importorskip("mapie", reason="conformal sets need MAPIE")

from tagger.errors import InputError
from tagger.learning.conformal import APS, LAC, METHODS, PER_CODE, conformal, least, prediction_sets


def quantile(values: list[float], level: str) -> float:
    """The ceil((n + 1) level)-th smallest, in exact arithmetic."""
    return sorted(values)[ceil((len(values) + 1) * Fraction(level)) - 1]


def own_scores(outcomes, facet):
    codes, shares = outcomes.facet(facet)
    truth = np.array([codes.index(c) for c in outcomes.labels(facet).tolist()])
    return truth, 1 - shares[np.arange(len(truth)), truth]


@pytest.mark.parametrize("n", [10, 19, 20, 29, 39, 99, 100, 137])
def test_lac_is_the_plain_quantile(n):
    fit, test = drawn(n, n, tag="f"), drawn(150, 1)
    _, scores = own_scores(fit, 1)
    expected = 1 - test.facet(1)[1] <= quantile(scores.tolist(), "0.9") + 1e-8
    assert (prediction_sets(fit, test, 1) == expected).all()


def test_per_code_is_the_quantile_of_each_code_and_of_all_where_there_are_too_few():
    fit, test = drawn(60, 8, tag="f"), drawn(150, 1)
    truth, scores = own_scores(fit, 1)
    own = np.bincount(truth, minlength=5)
    assert own.min() < 10 < own.max()
    limits = np.array([quantile(scores[truth == c].tolist() if own[c] >= 10 else scores.tolist(), "0.9") for c in range(5)])
    assert (prediction_sets(fit, test, 1, PER_CODE) == (1 - test.facet(1)[1] <= limits + 1e-8)).all()
    rows = conformal(fit, test).of("model", PER_CODE).codes
    assert [row.promised for row in rows] == (own >= 10).tolist()
    bare = [code for code, n in zip(fit.codes(1), own, strict=True) if n < 10]
    assert f"the threshold of all cases stands in: {', '.join(bare)}." in conformal(fit, test).of("model", PER_CODE).sentence()


def test_aps_takes_codes_in_order_of_probability_until_its_quantile_is_passed():
    fit, test = drawn(200, 3, tag="f"), drawn(80, 4)
    sets, shares = prediction_sets(fit, test, 1, APS), test.facet(1)[1]
    totals = []
    for row, held in zip(shares, sets, strict=True):
        k = int(held.sum())
        order = np.argsort(-row)
        assert held[order[:k]].all()
        totals.append((row[order[: k - 1]].sum(), row[order[:k]].sum()))
    assert max(before for before, _ in totals) <= min(upto for _, upto in totals) + 1e-6  # one limit parts them all
    assert sets.any(axis=1).all()


@pytest.mark.parametrize("method", METHODS)
def test_coverage_by_simulation(method):
    # temperature 0.5: probabilities are far too sharp, and sets must cover all the same
    shares, test = [], drawn(4000, 99, tag="t", temperature=0.5)
    truth, _ = own_scores(test, 1)
    per_code = []
    for seed in range(40):
        held = prediction_sets(drawn(300, seed, temperature=0.5), test, 1, method, seed=seed)[np.arange(len(truth)), truth]
        shares.append(held.mean())
        per_code.append([held[truth == c].mean() for c in range(5)])
    error = np.std(shares) / np.sqrt(len(shares)) + np.sqrt(0.09 / len(truth))
    assert np.mean(shares) >= 0.9 - 2.5 * error
    if method == LAC:
        assert np.mean(shares) <= 0.9 + 1 / 301 + 2.5 * error
    lowest = np.mean(per_code, axis=0).min()
    if method == LAC:
        assert lowest < 0.88  # all cases together promise nothing of a single code
    elif method == PER_CODE:
        assert lowest >= 0.885


def test_coverage_and_sizes_by_hand():
    rows = [((0.9, 0.1, 0, 0, 0), PAIRS[0])] * 8 + [((0.6, 0.4, 0, 0, 0), PAIRS[1])] * 2
    # true codes' probabilities: 0.9 eight times, 0.4 twice; the 10th of 11 is 0.6 = 1 - 0.4: codes of 0.4 or more are in
    test = of_rows([((0.5, 0.5, 0, 0, 0), PAIRS[0]), ((0.7, 0.3, 0, 0, 0), PAIRS[1]), ((0.7, 0.3, 0, 0, 0), PAIRS[0]), ((0.2,) * 5, PAIRS[2])], tag="t")
    found = conformal(of_rows(rows), test).of("model")
    assert (found.coverage.cases, found.coverage.held, found.coverage.share) == (4, 2, 0.5)
    assert (found.coverage.low, found.coverage.high) == pytest.approx((0.0676, 0.9324), abs=5e-5)
    assert (found.mean_size, found.single, found.empty, found.kept) == (1.0, 0.5, 0.25, True)
    by_code = {row.code: row for row in found.codes}
    assert (by_code["none"].coverage.held, by_code["none"].coverage.cases, by_code["none"].calibrated) == (2, 2, 8)
    assert (by_code["3"].coverage.cases, by_code["3"].coverage.share, by_code["3"].kept) == (0, None, True)


def test_a_broken_promise_is_said():
    fit = of_rows([((0.9, 0.1, 0, 0, 0), PAIRS[0])] * 50)
    test = of_rows([((0.9, 0.1, 0, 0, 0), PAIRS[1])] * 20, tag="t")
    found = conformal(fit, test).of("model")
    assert not found.kept
    assert "Held less often than that, by more than chance: 1 (0 of 20)" in found.sentence()


def test_each_initiative_counts_once_and_the_same_seed_gives_the_same():
    fit, test = drawn(100, 1, tag="f", repeats=3), drawn(60, 2, repeats=2)
    found = conformal(fit, test, seed=5)
    assert (found.calibrated, found.cases) == (100, 60)
    assert found == conformal(fit, test, seed=5)
    assert len(json.loads(json.dumps(found.as_dict()))["facets"]) == 6
    assert len(found.sentence().splitlines()) == 6


def test_what_cannot_be_calibrated_is_refused():
    assert (least(0.9), least(0.95), least(0.8)) == (10, 20, 5)
    with pytest.raises(InputError, match="9 cases to calibrate on, and coverage of 90 % takes at least 10"):
        conformal(drawn(9, 0, tag="f"), drawn(20, 1))
    with pytest.raises(InputError, match="case 't0' is coded model '99', which the model does not know"):
        conformal(drawn(20, 0), of_rows([((1, 0, 0, 0, 0), ("market", "99"))], tag="t"))
    with pytest.raises(InputError, match="in both sets"):
        conformal(drawn(20, 0), drawn(20, 1))
