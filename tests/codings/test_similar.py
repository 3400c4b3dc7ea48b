"""Near-duplicates: found where texts are made of each other, and nowhere else."""

import random
import time

import numpy as np
import pytest

from tagger.codings.similar import LIMIT, groups, near_duplicates

WORDS = [a + b + c for a in ("ba", "ko", "li", "ru", "te", "mo", "sa", "vi") for b in ("n", "r", "st", "l", "m") for c in ("a", "e", "im", "or", "us", "ek")]


def text(seed: int, words: int = 120) -> str:
    """A text of words of its own choice, frequent ones more often."""
    generator = random.Random(seed)  # noqa: S311
    return " ".join(WORDS[min(int(generator.expovariate(1 / 60)), len(WORDS) - 1)] for _ in range(words))


def changed(given: str, share: float, seed: int = 0) -> str:
    generator = random.Random(seed)  # noqa: S311
    return " ".join(w for w in given.split() if generator.random() >= share)


TEXTS = [text(seed) for seed in range(40)]


def test_texts_of_their_own_are_no_duplicates():
    assert near_duplicates(TEXTS) == []


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
def test_a_text_with_words_dropped_is_found(share):
    found = near_duplicates([*TEXTS, changed(TEXTS[7], share)])
    assert [pair[:2] for pair in found] == [(7, 40)]
    assert LIMIT < found[0][2] <= 1


def test_sentences_in_another_order_are_found():
    sentences = [text(seed, 12) for seed in range(100, 108)]
    given = [*TEXTS, ". ".join(sentences), ". ".join(reversed(sentences))]
    assert [pair[:2] for pair in near_duplicates(given)] == [(40, 41)]


def test_the_cosine_is_that_of_scikit_learn_on_a_dense_matrix():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    given = [*TEXTS, changed(TEXTS[3], 0.2), changed(TEXTS[3], 0.4)]
    dense = cosine_similarity(TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2), sublinear_tf=True).fit_transform(given))  # noqa: S106
    expected = {(i, j): dense[i, j] for i in range(len(given)) for j in range(i + 1, len(given)) if dense[i, j] > 0.05}
    found = near_duplicates(given, 0.05)
    assert {pair[:2]: pair[2] for pair in found} == pytest.approx(expected)
    assert [pair[2] for pair in found] == sorted((pair[2] for pair in found), reverse=True)


@pytest.mark.parametrize("block", [1, 3, 41, 42, 1000])
def test_blocks_change_nothing(block):
    given = [*TEXTS, changed(TEXTS[0], 0.2), changed(TEXTS[39], 0.2)]
    assert near_duplicates(given, block=block) == near_duplicates(given)


@pytest.mark.parametrize("given", [[], ["one text"], ["", ""], ["...", "a word", "!"]])
def test_few_or_empty_texts_have_no_duplicates(given):
    assert near_duplicates(given) == []


def test_groups_are_chains_of_pairs():
    found = groups(6, [(0, 2, 0.9), (2, 5, 0.3), (1, 3, 0.5)])
    assert found[0] == found[2] == found[5]
    assert found[1] == found[3]
    assert len({found[0], found[1], found[4]}) == 3


def test_groups_without_pairs_are_single_texts():
    assert np.array_equal(groups(3, []), [0, 1, 2])
    assert groups(0, []).shape == (0,)


@pytest.mark.slow
def test_six_thousand_texts_take_less_than_twenty_seconds():
    given = [text(seed, 200) for seed in range(6000)]
    start = time.perf_counter()
    near_duplicates(given)
    assert time.perf_counter() - start < 20
