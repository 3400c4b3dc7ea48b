"""What would change a decision: the lines given really flip it, and no smaller set does."""

import itertools

import numpy as np
import pytest

from tagger.coding.changes import MARGIN, PROVEN, what_would_change
from tagger.coding.ledger import Entry, Ledger

PAIRS = tuple((e, m) for e in "abc" for m in "123")


def ledger(weights, pairs):
    weights = np.asarray(weights, float)
    return Ledger(tuple(pairs), (Entry("base", "base rate"), *(Entry("word", f"w{i}") for i in range(1, len(weights)))), weights)


def random_ledger(seed, most=9):
    random = np.random.default_rng(seed)
    count = int(random.integers(2, most))
    pairs = tuple(PAIRS[i] for i in sorted(random.choice(9, size=int(random.integers(2, 10)), replace=False)))
    weights = random.normal(size=(count, len(pairs)))
    weights = np.round(weights, 1) if seed % 3 == 0 else weights  # round numbers make ties, as rules do
    weights[0] *= 3 if seed % 2 else 1
    return ledger(weights, pairs)


def code_without(given, rows, facet):
    kept = [i for i in range(len(given.entries)) if i not in rows]
    scores = given.weights[kept].sum(axis=0)
    return given.pairs[int(scores.argmax())][facet], scores


def smallest_by_trying_all(given, facet):
    scores = given.scores()
    code = given.pairs[int(scores.argmax())][facet]
    same = np.array([pair[facet] == code for pair in given.pairs])
    if same.all():
        return None
    for size in range(1, len(given.entries)):
        for rows in itertools.combinations(range(1, len(given.entries)), size):
            left = scores - given.weights[list(rows)].sum(axis=0)
            if left[~same].max() > left[same].max() + MARGIN:
                return size
    return None


def rows_of(given, lines):
    names = [entry.name for entry in given.entries]
    return [names.index(line.name) for line in lines]


@pytest.mark.parametrize("facet", [0, 1])
def test_no_smaller_set_flips_the_code(facet):
    sizes = set()
    for seed in range(300):
        given = random_ledger(seed)
        found = what_would_change(given, facet)
        wanted = smallest_by_trying_all(given, facet)
        assert (None if found is None else len(found[1])) == wanted, f"seed {seed}"
        sizes.add(wanted)
    assert {None, 1, 2, 3, 4} <= sizes  # the ledgers tried were not all of one kind


@pytest.mark.parametrize("facet", [0, 1])
def test_leaving_the_lines_out_gives_the_code_that_was_named(facet):
    flipped = 0
    for seed in range(300):
        given = random_ledger(seed, most=40)
        before = given.pairs[int(given.scores().argmax())][facet]
        found = what_would_change(given, facet)
        if found is not None:
            flipped += 1
            code, lines = found
            after, scores = code_without(given, rows_of(given, lines), facet)
            assert after == code != before, f"seed {seed}"
            assert all(line.source != "base" for line in lines)
            best_of_before = max(s for s, pair in zip(scores, given.pairs, strict=True) if pair[facet] == before)
            assert scores.max() > best_of_before + MARGIN / 2
    assert flipped > 100


def test_greedy_removal_alone_would_take_more():
    # two pairs hold the winner's code: w1 favours the first most, w2 the second, w3 both a little less; leaving out w3 alone is enough
    pairs = (("a", "1"), ("a", "2"), ("b", "3"))
    given = ledger([[0, 0, 0.5], [1.2, -1, 0], [-1, 1.2, 0], [1.1, 1.0, 0]], pairs)
    code, lines = what_would_change(given, 0)
    assert (code, [line.name for line in lines]) == ("b", ["w3"])


def test_strongest_line_comes_first():
    given = ledger([[0, 0.5], [1, 0], [3, 0], [2, 0]], (("a", "1"), ("b", "2")))
    code, lines = what_would_change(given, 0)
    assert code == "b"
    assert [line.name for line in lines] == ["w2", "w3", "w1"]  # 5 of a lead of 5.5 are not enough
    assert [line.weight for line in lines] == [3.0, 2.0, 1.0]


@pytest.mark.parametrize(
    "weights",
    [
        [[2.0, 0.0], [0.5, 0.0]],  # the base alone decides
        [[0.0, 0.0], [1.0, 0.0]],  # a tie is no flip
        [[1.0, 0.0]],  # no evidence at all
    ],
)
def test_none_where_no_removal_flips(weights):
    assert what_would_change(ledger(weights, (("a", "1"), ("b", "2"))), 0) is None


def test_none_where_every_pair_has_the_code():
    assert what_would_change(ledger([[0, 0], [1, 0]], (("a", "1"), ("a", "2"))), 0) is None


def test_a_long_ledger_is_answered_and_flips():
    random = np.random.default_rng(5)
    pairs = tuple((e, m) for e in "abcd" for m in "12345")
    weights = random.normal(size=(800, 20)) * 0.05
    weights[:, :5] += 0.03
    given = ledger(weights, pairs)
    code, lines = what_would_change(given, 0)
    assert len(lines) > PROVEN  # beyond what is proven, but still a flip
    assert code_without(given, rows_of(given, lines), 0)[0] == code != "a"
