from __future__ import annotations

import json

import numpy as np
import pytest
from made_outcomes import PAIRS, drawn, of_rows

from tagger.coding.decide import Thresholds
from tagger.errors import InputError
from tagger.learning.autoaccept import auto_accept, share_at, surety
from tagger.learning.outcomes import Outcomes

SURE, UNSURE = (0.95, 0.05, 0.0, 0.0, 0.0), (0.3, 0.4, 0.3, 0.0, 0.0)
SHAPE = {"sharp": 5.0, "temperature": 0.8}  # too sure of itself, so that no probability may be believed


def bulk(sure: int, wrong: int, unsure: int = 0, tag: str = "k") -> Outcomes:
    """`sure` cases with 0.95 for none, of which `wrong` are something else, and unsure ones."""
    return of_rows([(SURE, PAIRS[1])] * wrong + [(SURE, PAIRS[0])] * (sure - wrong) + [(UNSURE, PAIRS[1])] * unsure, tag=tag)


class Population:
    """So many cases that what is seen in them is the truth."""

    def __init__(self):
        outcomes = drawn(60_000, 77, **SHAPE)
        wrong, sure = either_wrong(outcomes), surety(outcomes)
        order = np.argsort(sure)
        self.sure = sure[order]
        self.wrong = np.cumsum(wrong[order][::-1])[::-1]

    def above(self, threshold: float) -> tuple[float, float]:
        """Return the share that a threshold accepts, and its error rate."""
        at = int(np.searchsorted(self.sure, threshold))
        n = len(self.sure) - at
        return n / len(self.sure), self.wrong[at] / n


def either_wrong(outcomes: Outcomes) -> np.ndarray:
    return (outcomes.best(0) != outcomes.labels(0)) | (outcomes.best(1) != outcomes.labels(1))


@pytest.fixture(scope="module")
def population() -> Population:
    return Population()


def test_by_hand():
    found = auto_accept(bulk(200, 2, 100, "f"), bulk(93, 1, 107))
    assert (found.band.threshold, found.band.cases, found.band.accepted, found.band.wrong, found.band.gated) == (0.95, 200, 93, 1, 93)
    assert (found.share, found.band.error) == pytest.approx((0.465, 1 / 93))
    assert 0.049 < found.band.bound <= 0.05
    assert "0.9500 or more may be accepted unread: with 95 % confidence at most 5 % of them are wrong" in found.sentence()
    assert "46 % of 200 independent" in found.sentence() or "47 % of 200 independent" in found.sentence()


def test_one_case_fewer_and_the_promise_is_refused():
    found = auto_accept(bulk(200, 2, 100, "f"), bulk(92, 1, 107))
    assert (found.band, found.share) == (None, 0.0)
    assert "at least 59 accepted cases" in found.sentence()
    assert "the surest 92 have 1 wrong, which bounds the error by 5.1 % only" in found.sentence()


@pytest.mark.parametrize("cases, promised", [(58, False), (59, True)])
def test_fifty_nine_cases_without_an_error_are_needed(cases, promised):
    found = auto_accept(bulk(300, 0, tag="f"), bulk(cases, 0))
    assert (found.band is not None) == promised
    assert promised or "there are 58 independent ones in all" in found.refused


def test_texts_on_one_initiative_count_once():
    rows = [(SURE, PAIRS[0])] * 120
    found = auto_accept(bulk(300, 0, tag="f"), of_rows(rows, groups=[f"g{i // 4}" for i in range(120)]))
    assert found.band is None
    assert "there are 30 independent ones" in found.refused


def test_the_stated_error_is_broken_in_at_most_one_of_twenty_data_sets(population):
    fit, grid = drawn(300, 5, tag="f", **SHAPE), np.arange(0.5, 1, 0.02)
    broken = peeked = promised = 0
    for seed in range(300):
        check = drawn(250, 1000 + seed, **SHAPE)
        found = auto_accept(fit, check)
        promised += found.band is not None
        broken += found.band is not None and population.above(found.band.threshold)[1] > 0.05
        sure, wrong = surety(check), either_wrong(check)  # what must not be done: the widest band that looks good
        good = [t for t in grid if wrong[sure >= t].mean() <= 0.05]
        peeked += bool(good) and population.above(good[0])[1] > 0.05
    assert promised > 200
    assert broken <= 300 * (0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300))
    assert peeked > 300 * 0.3  # the test can tell


def test_where_cases_abound_the_band_is_nearly_as_wide_as_can_be(population):
    check = drawn(3000, 6, **SHAPE)
    found = auto_accept(drawn(2000, 5, tag="f", **SHAPE), check)
    widest = max(population.above(t)[0] for t in np.arange(0.5, 1, 0.005) if population.above(t)[1] <= 0.05)
    assert widest - 0.1 < found.share <= widest + 0.02
    assert [b.threshold for b in found.tried] == sorted((b.threshold for b in found.tried), reverse=True)
    assert found.tried[-1].bound > 0.05 >= found.tried[-2].bound
    assert found.band == found.tried[-2] == share_at(check, found.band.threshold)


def test_an_abstained_case_is_never_accepted():
    pair_sure = (0.6, 0.4, 0.0, 0.0, 0.0)
    outcomes = of_rows([(pair_sure, PAIRS[0])] * 3)
    assert surety(outcomes).tolist() == pytest.approx([0.6] * 3)
    silent = Outcomes(**{**vars(outcomes), "enough": np.array([True, False, True])})
    assert surety(silent).tolist() == pytest.approx([0.6, 0.0, 0.6])
    strict = Outcomes(**{**vars(outcomes), "thresholds": Thresholds(decide=0.7)})
    assert surety(strict).tolist() == [0.0] * 3
    refused = auto_accept(Outcomes(**{**vars(bulk(200, 0, tag="f")), "thresholds": Thresholds(decide=0.97)}), bulk(100, 0))
    assert "decides on none" in refused.sentence()


def test_a_decision_is_wrong_if_either_code_is():
    outcomes = of_rows([((0.0, 0.9, 0.1, 0.0, 0.0), ("market", "2")), ((0.0, 0.9, 0.1, 0.0, 0.0), ("market", "1"))])
    assert (share_at(outcomes, 0.9).wrong, share_at(outcomes, 0.9).accepted, share_at(outcomes, 0.91).accepted) == (1, 2, 0)
    assert "No decision of 2" in share_at(outcomes, 0.91).sentence()


def test_what_is_out_of_range_or_shared_is_refused():
    with pytest.raises(InputError, match=r"error = 0 is not between 0 and 1"):
        auto_accept(bulk(60, 0, tag="f"), bulk(60, 0), error=0)
    with pytest.raises(InputError, match="60 initiatives are in both sets"):
        auto_accept(bulk(60, 0), bulk(60, 0))
    with pytest.raises(InputError, match="no case to check on"):
        share_at(of_rows([]), 0.5)


def test_json_takes_it():
    found = auto_accept(bulk(200, 2, 100, "f"), bulk(93, 1, 107)).as_dict()
    assert json.loads(json.dumps(found))["band"]["accepted"] == 93
    assert found["share"] == pytest.approx(0.465)
