from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_outcomes import PAIRS, drawn, of_rows

from tagger.errors import InputError
from tagger.learning.calibration import calibration
from tagger.learning.evaluation import answers

MARKET, NONE = ("market", "1"), ("none", "none")


def row(none: float, one: float) -> tuple[float, ...]:
    return (none, one, round(1 - none - one, 9), 0.0, 0.0)


def test_by_hand():
    # economy: proposed with 0.9 (right, wrong), 0.62 (right), 0.55 + 0.1 = 0.65 (right, as the pair (market, 2) is market too)
    outcomes = of_rows([(row(0.1, 0.9), MARKET), (row(0.1, 0.9), NONE), (row(0.62, 0.38), NONE), (row(0.35, 0.55), ("market", "2"))])
    found = calibration(outcomes, "economy", bins=5)
    # bins of 0.2: [0.6, 0.8) holds 0.62 and 0.65, gap of sums 2 - 1.27; [0.8, 1] holds 0.9 twice, gap 1 - 1.8
    assert found.equal_width.value == pytest.approx((0.73 + 0.8) / 4)
    assert [(b.low, b.high, b.cases, b.accuracy) for b in found.equal_width.bins] == [(pytest.approx(0.6), pytest.approx(0.8), 2, 1.0), (0.8, 1.0, 2, 0.5)]
    assert found.equal_width.bins[1].confidence == pytest.approx(0.9)
    assert (found.equal_width.bins[1].accuracy_low, found.equal_width.bins[1].accuracy_high) == pytest.approx((0.0126, 0.9874), abs=5e-5)
    assert (found.confidence, found.accuracy) == pytest.approx((0.7675, 0.75))
    model = calibration(outcomes, "model", bins=5)  # the last is proposed 1 with 0.55 and is 2: bin [0.4, 0.6)
    assert model.equal_width.value == pytest.approx((0.55 + 0.38 + 0.8) / 4)


@pytest.mark.parametrize("facet", ["economy", "model", "gate"])
def test_equal_width_is_what_the_curve_of_scikit_learn_gives(facet):
    from sklearn.calibration import calibration_curve

    outcomes = drawn(700, 4, temperature=0.5)
    given = answers(outcomes, facet)
    right, mean = calibration_curve(given.right, given.confidence, n_bins=15)
    cases = np.histogram(given.confidence, np.linspace(0, 1, 16))[0]
    expected = (np.abs(right - mean) * cases[cases > 0]).sum() / 700
    assert calibration(outcomes, facet, replicates=50).equal_width.value == pytest.approx(expected)


def test_bins_of_equal_mass_hold_as_many_cases_and_keep_ties_together():
    found = calibration(drawn(600, 1), "model", replicates=50).equal_mass
    assert [b.cases for b in found.bins] == [40] * 15
    tied = of_rows([(row(0.8, 0.2), NONE)] * 40 + [(row(0.3, 0.7), NONE)] * 20)
    assert [b.cases for b in calibration(tied, "model", replicates=50).equal_mass.bins] == [20, 40]
    assert calibration(tied, "model", replicates=50).equal_mass.value == pytest.approx((40 * 0.2 + 20 * 0.7) / 60)


def test_perfect_probabilities_are_not_told_from_perfect_and_sharpened_ones_are():
    perfect, sharp = calibration(drawn(1500, 2), "model"), calibration(drawn(1500, 2, temperature=0.5), "model")
    assert not perfect.equal_width.told_from_perfect
    assert perfect.equal_width.low == 0.0
    assert sharp.equal_width.told_from_perfect
    assert sharp.equal_width.low > 0.03
    assert "too sure" in sharp.sentence()
    assert "no more than chance" in perfect.sentence()


def test_what_chance_gives_is_what_perfect_probabilities_show():
    errors = [calibration(drawn(200, seed), "model", replicates=1).equal_width.value for seed in range(30)]
    found = calibration(drawn(200, 999), "model")
    assert found.equal_width.by_chance == pytest.approx(np.mean(errors), abs=0.012)
    assert np.mean(np.array(errors) > found.equal_width.by_chance_high) <= 0.1
    assert "With so few cases even perfect probabilities would miss 0.05" in found.sentence()


def test_the_interval_holds_the_truth():
    truth = calibration(drawn(6_000, 1, temperature=0.75), "model", replicates=2).equal_width.value
    found = [calibration(drawn(250, 50 + seed, temperature=0.75), "model", replicates=80, seed=seed).equal_width for seed in range(20)]
    assert np.mean([e.low <= truth <= e.high for e in found]) >= 0.85
    assert np.mean([e.low > truth for e in found]) <= 0.1  # where a percentile bootstrap ends up, as noise adds to the error


def test_the_interval_knows_that_cases_of_a_group_are_one():
    alone = drawn(400, 3, temperature=0.4)
    fourfold = drawn(400, 3, temperature=0.4, repeats=4)
    one, four = (calibration(o, "model", seed=1).equal_width for o in (alone, fourfold))
    apart = calibration(replace(fourfold, groups=fourfold.ids), "model", seed=1).equal_width
    assert four.high - four.value == pytest.approx(one.high - one.value, rel=0.35)
    assert apart.high - apart.value < 0.75 * (four.high - four.value)


def test_the_same_seed_gives_the_same_figures_and_json_takes_them():
    outcomes = drawn(60, 5)
    assert calibration(outcomes, "gate", seed=2) == calibration(outcomes, "gate", seed=2)
    assert json.loads(json.dumps(calibration(outcomes, "gate").as_dict()))["equal_width"]["bins"][0]["cases"] > 0


def test_one_group_alone_has_no_interval_and_no_case_is_refused():
    found = calibration(of_rows([((0.6, 0.4, 0, 0, 0), PAIRS[0])] * 3, groups=["g"] * 3), "economy")
    assert (found.equal_width.low, found.equal_width.high) == (None, None)
    assert "interval" not in found.sentence()
    with pytest.raises(InputError, match="no case to measure on"):
        calibration(of_rows([]), "economy")
