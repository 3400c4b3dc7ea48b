"""From scores to decisions on both facets."""

import numpy as np
import pytest

from tagger.coding.decide import Thresholds, decide, probabilities
from tagger.coding.ledger import Entry, Ledger

PAIRS = (("sharing", "1"), ("sharing", "9"), ("commons", "6"), ("commons", "9"), ("none", "none"))


def given(*scores):
    base = np.full(len(scores), 0.25)
    return Ledger(PAIRS, (Entry("base", "base rate"), Entry("rule", "r")), np.vstack([base, np.array(scores, float) - base]))


def test_probabilities_sum_to_one_and_stand_large_scores():
    shares = probabilities(np.array([1000.0, 999.0, -1000.0]))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_both_facets_come_from_the_winning_pair():
    # commons is likelier than sharing in sum, but the best pair holds sharing: the two codes must go together
    choices = decide(given(2.0, -9, 1.9, 1.9, -9), Thresholds(decide=0.2))
    assert (choices["economy"].code, choices["model"].code) == ("sharing", "1")
    assert (choices["economy"].code, choices["model"].code) in PAIRS


def test_decided_when_probable_enough():
    choice = decide(given(5.0, 0, 0, 0, 0), Thresholds())["economy"]
    assert (choice.status, choice.set) == ("decided", ("sharing",))
    expected = (np.exp(5) + 1) / (np.exp(5) + 4)
    assert choice.probability == pytest.approx(expected)


@pytest.mark.parametrize(("limit", "status"), [(0.32, "decided"), (0.34, "abstained")])
def test_the_threshold_decides(limit, status):
    shares = np.log([1 / 3, 1e-9, 1 / 3 - 1e-3, 1e-9, 1 / 3 - 1e-3])
    assert decide(given(*shares), Thresholds(decide=limit))["model"].status == status


def test_an_abstention_holds_the_most_probable_codes_up_to_the_coverage():
    choice = decide(given(*np.log([0.4, 0.05, 0.3, 0.05, 0.2])), Thresholds(decide=0.6, coverage=0.8))["model"]
    assert choice.status == "abstained"
    assert choice.code == "1"
    assert choice.set == ("1", "6", "none")  # 0.4 + 0.3 are not enough


def test_one_facet_may_be_decided_and_the_other_not():
    choices = decide(given(*np.log([0.45, 0.44, 0.05, 0.05, 0.01])), Thresholds(decide=0.5))
    assert (choices["economy"].status, choices["model"].status) == ("decided", "abstained")


def test_gated_when_no_initiative_wins():
    choices = decide(given(0, 0, 0, 0, 6.0), Thresholds())
    assert {c.status for c in choices.values()} == {"gated"}
    assert {c.code for c in choices.values()} == {"none"}


def test_a_weak_gate_abstains():
    choices = decide(given(0, 0, 0, 0, 0.1), Thresholds())
    assert {c.status for c in choices.values()} == {"abstained"}


def test_ledgers_are_those_of_winner_and_runner_up_and_add_up():
    choices = decide(given(2.0, 0.5, 1.0, -1.0, 0.0), Thresholds())
    economy = choices["economy"]
    assert list(economy.ledgers) == ["sharing", "commons"]
    assert set(economy.scores) == {"sharing", "commons", "none"}
    for choice in choices.values():
        for code, lines in choice.ledgers.items():
            assert sum(line.weight for line in lines) == pytest.approx(choice.scores[code], abs=1e-9)


def test_a_code_without_rival_has_no_runner_up():
    ledger = Ledger((("sharing", "1"),), (Entry("base", "base rate"),), np.zeros((1, 1)))
    choice = decide(ledger, Thresholds(words=0))["economy"]
    assert (choice.probability, choice.status, list(choice.ledgers)) == (1.0, "decided", ["sharing"])


def test_base_rates_alone_decide_nothing():
    pairs = (("other", "1"), ("commons", "6"))
    base, words = Entry("base", "base rate"), [Entry("word", f"word{i}") for i in range(4)]
    marks = [Entry("word", f"shape:{i}") for i in range(9)]
    few = Ledger(pairs, (base, *words, *marks), np.array([[9.0, 0.0]] * 14))
    assert decide(few, Thresholds())["model"].status == "abstained"
    assert decide(few, Thresholds(words=4))["model"].status == "decided"
    ruled = Ledger(pairs, (base, Entry("rule", "r-1")), np.array([[1.0, 0.0], [2.0, 0.0]]))
    assert decide(ruled, Thresholds())["model"].status == "decided"
