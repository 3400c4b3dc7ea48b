"""The two-sample classifier: finds what differs, and not what does not."""

from __future__ import annotations

import random

import pytest

from tagger.case import Case, Origin
from tagger.errors import InputError
from tagger.retrain.two_sample import two_sample

WORDS = [a + b + c for a in ("gar", "tol", "lib", "mem", "bak", "vol", "map", "str") for b in ("den", "ry", "ers", "ily", "om", "und") for c in ("", "a", "el")]


def texts(number: int, seed: int, extra: str = "") -> list[Case]:
    drawn = random.Random(seed)  # noqa: S311
    made = [" ".join([*drawn.choices(WORDS, k=40), *([extra] if extra else [])]) for _ in range(number)]
    return [Case(f"{extra or 'usual'} {i}", f"Title {i}", text, Origin("made")) for i, text in enumerate(made)]


def test_samples_of_one_population_are_not_told_apart():
    differs = [two_sample(texts(150, seed), texts(150, 100 + seed)).differs for seed in range(4)]
    assert sum(differs) <= 1  # 2.5 % each by chance


def test_planted_texts_are_found_with_the_word_that_gives_them_away():
    batch = [*texts(60, 1), *texts(60, 2, "blockchain")]
    found = two_sample(batch, texts(200, 3))
    assert found.differs and 0.65 < found.auc < 0.85  # half of the batch cannot be told
    assert found.low < found.auc < found.high
    assert found.words[0] == "blockchain" and "blockchain" not in found.usual
    assert all(key.startswith("blockchain") for key, _, _ in found.texts)
    assert found == two_sample(batch, texts(200, 3))


def test_texts_that_are_in_both_are_not_known_by_heart():
    """Else a classifier that learns texts by heart would tell the halves of one set apart, or, with each text on both sides, invert itself."""
    both = texts(120, 5)
    assert 0.35 < two_sample(both, both).auc < 0.65


def test_copies_of_one_text_tell_nothing():
    copies = [Case(str(i), "", texts(1, 1)[0].text, Origin("made")) for i in range(80)]
    with pytest.raises(InputError, match="copies"):
        two_sample(copies, texts(100, 2))


def test_too_few_texts():
    with pytest.raises(InputError, match="49 texts of the batch"):
        two_sample(texts(49, 1), texts(60, 2))
    with pytest.raises(InputError, match="3 texts of the training data"):
        two_sample(texts(60, 1), texts(3, 2))
