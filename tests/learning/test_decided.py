from __future__ import annotations

import json

import numpy as np
import pytest
from made_outcomes import PAIRS, drawn, of_rows

from tagger.coding.decide import Thresholds
from tagger.codings.coincidence import nominal_alpha
from tagger.errors import InputError
from tagger.learning.decided import decided


def units(outcomes, facet, mask):
    return list(zip(outcomes.labels(facet)[mask], outcomes.best(facet)[mask], strict=True))


@pytest.mark.parametrize("facet, name", [(0, "economy"), (1, "model")])
def test_figures_are_those_of_the_cases_decided(facet, name):
    outcomes = drawn(300, 3, sharp=2.0)
    found = decided(outcomes, Thresholds(decide=0.7), replicates=50)
    sure = outcomes.confidence(facet) >= 0.7
    assert found.summaries[name].decided.value == pytest.approx(sure.mean())
    assert found.summaries[name].alpha_decided.value == pytest.approx(nominal_alpha(units(outcomes, facet, sure)))
    reach = found.reach[name]
    assert reach.alpha.value == pytest.approx(nominal_alpha(units(outcomes, facet, outcomes.confidence(facet) >= reach.threshold)))
    assert reach.alpha.value >= 0.8
    assert reach.decided.value == pytest.approx((outcomes.confidence(facet) >= reach.threshold).mean())
    assert reach.alpha.low < reach.alpha.value < reach.alpha.high
    for lower in np.arange(0, round(100 * reach.threshold)) / 100:  # it is the least
        assert nominal_alpha(units(outcomes, facet, outcomes.confidence(facet) >= lower)) < 0.8


def test_the_gate_by_hand():
    sure = (0.9, 0.1, 0, 0, 0)
    other = (0.1, 0.9, 0, 0, 0)
    outcomes = of_rows([(sure, PAIRS[0])] * 5 + [(sure, PAIRS[3])] + [(other, PAIRS[2])] * 4)
    gate = decided(outcomes, replicates=50).summaries["gate"]
    assert gate.accuracy.value == pytest.approx(0.9)
    # coincidences: none-none 10, other-other 8, one apart; n = 20, n_none = 11, n_other = 9: 1 - 19 * 2 / (2 * 11 * 9)
    assert gate.alpha.value == pytest.approx(1 - 19 * 2 / 198)


def test_texts_that_say_too_little_are_not_decided_at_any_threshold():
    outcomes = drawn(200, 1)
    silent = type(outcomes)(**{**vars(outcomes), "enough": np.arange(200) % 2 == 0})
    found = decided(silent, replicates=50)
    assert found.reach["model"].decided.value <= 0.5
    assert found.summaries["model"].decided.value <= 0.5


def test_what_is_not_reached_is_said():
    hopeless = of_rows([((0.5, 0.3, 0.2, 0, 0), PAIRS[i % 5]) for i in range(60)])
    found = decided(hopeless, replicates=50)
    assert found.reach["model"].threshold is None
    assert "No probability brings alpha to 0.80 on 30 cases or more." in found.sentence()
    few = drawn(29, 1, sharp=9.0)
    assert decided(few, replicates=50).reach["model"].threshold is None


def test_three_sentences_and_json():
    found = decided(drawn(300, 3), replicates=50)
    assert [line.split(":")[0].split("?")[0] for line in found.sentence().splitlines()] == ["Economy", "Model", "Is there an initiative"]
    assert json.loads(json.dumps(found.as_dict()))["thresholds"]["decide"] == 0.5
    with pytest.raises(InputError, match="no case to measure on"):
        decided(of_rows([]))
