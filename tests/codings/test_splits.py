"""Splits: groups of initiatives, folds that stay, near-duplicates that stay together."""

import random

import pytest

from tagger.codings.splits import fold_of, initiative_key, joined

WORDS = [f"word{i}" for i in range(400)]


def text(seed):
    return " ".join(random.Random(seed).choices(WORDS, k=80))  # noqa: S311 - made texts, no secrets


@pytest.mark.parametrize(("name", "key"), [("The  Heron!", "theheron"), ("Straße 9", "strasse9"), ("---", ""), ("CouchSurfing", "couchsurfing")])
def test_initiative_key(name, key):
    assert initiative_key(name) == key


def test_folds_stay_where_they_are():
    # fixed values: a change of the hash would move cases between training and measuring
    assert [fold_of(name, 5) for name in ("linux", "youtube", "wikipedia", "heron")] == [3, 1, 4, 0]
    counts = [0] * 4
    for i in range(4000):
        counts[fold_of(f"group {i}", 4)] += 1
    assert all(900 < n < 1100 for n in counts)


def test_near_duplicates_tie_their_initiatives_together_and_others_stay():
    one, two, three = text(1), text(2), text(3)
    names = ["zebra", "apple", "mango", "mango", "fig"]
    assert joined(names, [one, one + " with one more line", two, text(4), three]) == ["apple", "apple", "mango", "mango", "fig"]
    # a chain: mango's second text is one of fig's
    assert joined(names, [one, text(5), two, three, three]) == ["zebra", "apple", "fig", "fig", "fig"]
    assert joined([], []) == []


def test_a_new_case_moves_no_other():
    names, texts = [f"n{i}" for i in range(30)], [text(i) for i in range(30)]
    before = joined(names, texts)
    assert before == names
    assert joined([*names, "new"], [*texts, text(99)])[:30] == before
    assert joined([*names, "a copy"], [*texts, texts[7]])[:30] == [*names[:7], "a copy", *names[8:]]
