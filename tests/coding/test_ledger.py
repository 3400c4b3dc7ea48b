"""The ledger: lines add up to scores, folding or not."""

import numpy as np
import pytest

from tagger.coding.ledger import SHOWN_WORDS, Entry, Ledger, best_pairs

PAIRS = (("a", "1"), ("a", "2"), ("b", "3"))


def random_ledger(words, seed=0):
    random = np.random.default_rng(seed)
    entries = [Entry("base", "base rate"), Entry("rule", "r1", "c.u1", (3, 7)), Entry("cue", "licensing=open"), Entry("fit", "r1")]
    entries += [Entry("word", f"word{i}") for i in range(words)]
    weights = random.normal(size=(len(entries), 3)) * random.choice([1e-6, 1.0, 30.0], size=(len(entries), 1))
    return Ledger(PAIRS, tuple(entries), weights)


@pytest.mark.parametrize("words", [0, 1, SHOWN_WORDS - 1, SHOWN_WORDS, SHOWN_WORDS + 1, 3000])
@pytest.mark.parametrize("pair", [0, 1, 2])
def test_lines_add_up_to_the_score(words, pair):
    given = random_ledger(words, seed=words)
    lines = given.lines(pair)
    assert sum(line.weight for line in lines) == pytest.approx(given.scores()[pair], abs=1e-9)
    shown = [line for line in lines if line.source == "word"]
    assert len(shown) == min(words, SHOWN_WORDS) + (words > SHOWN_WORDS)


def test_small_word_lines_are_folded_into_one_named_remainder():
    given = random_ledger(SHOWN_WORDS + 5)
    *_, last = given.lines(0)
    named = {line.name for line in given.lines(0)}
    hidden = [i for i, e in enumerate(given.entries) if e.source == "word" and e.name not in named]
    assert last.name == "5 other words"
    assert last.weight == pytest.approx(given.weights[hidden, 0].sum(), abs=1e-12)
    weakest = min(abs(line.weight) for line in given.lines(0) if line.source == "word" and line is not last)
    assert max(abs(given.weights[hidden, 0])) <= weakest


def test_base_comes_first_then_the_strongest_and_nothing_that_weighs_nothing():
    entries = (Entry("word", "x"), Entry("rule", "r", "c", (1, 2)), Entry("base", "base rate"), Entry("cue", "k"))
    given = Ledger(PAIRS, entries, np.array([[0.5, 0, 0], [-2, 0, 0], [0, 0, 0], [0, 1, 0]]))
    assert [(line.source, line.weight) for line in given.lines(0)] == [("base", 0.0), ("rule", -2.0), ("word", 0.5)]
    assert given.lines(0)[1].criterion == "c"
    assert (given.lines(0)[1].start, given.lines(0)[1].end) == (1, 2)
    assert (given.lines(0)[2].start, given.lines(0)[2].end) == (None, None)


def test_dividing_keeps_the_sums():
    given = random_ledger(40)
    halved = given.divided(2.0)
    assert halved.scores() == pytest.approx(given.scores() / 2)
    assert sum(line.weight for line in halved.lines(1)) == pytest.approx(halved.scores()[1], abs=1e-9)


def test_best_pair_of_each_code_and_ties_to_the_earlier():
    scores = np.array([1.0, 2.0, 0.5])
    assert best_pairs(PAIRS, scores, 0) == {"a": 1, "b": 2}
    assert best_pairs(PAIRS, scores, 1) == {"1": 0, "2": 1, "3": 2}
    assert best_pairs(PAIRS, np.zeros(3), 0) == {"a": 0, "b": 2}
