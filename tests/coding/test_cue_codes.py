"""Cue codes from weights made by hand: probabilities, thresholds, and the place that is shown."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.coding.classifier import Block, Weights
from tagger.coding.cue_codes import CueWeights, Filled, columns_of, shares_of

VALUES = (("licensing", "open"), ("licensing", "mixed"), ("payment", "unpaid"))
TERMS = ("free", "licence", "proprietary", "free licence", "volunteers")
COEF = np.array([[2.0, 0, 0], [2.0, 1.0, 0], [0, 4.0, 0], [1.0, 0, 0], [0, 0, 3.0]])
MARKS = ("cue:licensing=open", "page:url")
MARK_COEF = np.array([[3.0, 0, 0], [0, 0, 0]])


def weights(thresholds=(0.5, 0.5), base=(-1.0, -2.0, -1.0), coef=COEF, dtype=np.float16):
    cues = CueWeights(VALUES, np.array(thresholds), np.array(base), coef.astype(dtype), np.zeros((0, 3), dtype), MARK_COEF.astype(dtype))
    words = Block(TERMS, np.ones(len(TERMS)), np.zeros((len(TERMS), 1), np.float32))
    return Weights((("none", "none"),), np.zeros(1), words, Block((), np.zeros(0), np.zeros((0, 1))), MARKS, np.zeros((2, 1)), cues=cues)


def coded(text, weights, marks=()):
    marks = dict(marks)
    filled = weights.filled(Case("a", "", text, Origin("made-up")), marks)
    return weights.cues.code(text, weights.words.terms, marks, filled)


def shown(text, code):
    return None if code.start is None else text[code.start : code.end]


def test_scores_are_the_sums_and_probabilities_their_softmax_with_unstated_at_zero():
    filled = Filled(([0, 3], np.array([0.6, 0.8])), ([], np.zeros(0)), [0], None)
    scores = weights(dtype=np.float64).cues.scores(filled)
    assert scores == pytest.approx([-1 + 0.6 * 2 + 0.8 * 1 + 3, -2.0, -1.0])
    text = "Nothing known."
    licensing, payment = coded(text, weights())
    assert licensing.value == payment.value == "unstated"
    assert licensing.probability == pytest.approx(1 / (1 + np.exp(-1) + np.exp(-2)))
    assert payment.probability == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_value_is_stated_from_its_threshold_on():
    text = "Volunteers."
    probability = 1 / (1 + np.exp(1 - 3))
    below, above = (coded(text, weights((0.5, probability + d)))[1] for d in (1e-6, -1e-6))
    assert (below.value, below.stated, below.start) == ("unstated", False, None)
    assert below.probability == pytest.approx(1 - probability)
    assert (above.value, above.stated) == ("unpaid", True)
    assert above.probability == pytest.approx(probability)


def test_a_low_threshold_states_the_best_value_though_unstated_is_likelier():
    code = coded("Nothing known.", weights((0.1, 0.9)))[0]
    assert (code.value, code.start) == ("open", None)
    assert code.probability == pytest.approx(np.exp(-1) / (1 + np.exp(-1) + np.exp(-2)))


def test_a_mention_of_the_coded_value_is_its_evidence_before_any_sentence():
    text = "A free licence. Under the Public Licence."
    code = coded(text, weights(), {"cue:licensing=open": (16, 40)})[0]
    assert (code.value, shown(text, code)) == ("open", text[16:40])


def test_without_a_mention_the_sentence_that_speaks_most_for_it():
    text = "A shop in town.\n\nThe licence is theirs. Recipes are under a free licence, as all is.  A proprietary tool.\n"
    code = coded(text, weights(base=(1.0, -2.0, -1.0)))[0]
    assert code.value == "open"
    assert shown(text, code) == "Recipes are under a free licence, as all is."


def test_a_sentence_that_speaks_for_another_value_is_not_shown():
    text = "A proprietary free licence."
    code = coded(text, weights(base=(5.0, -2.0, -1.0), coef=COEF * [1, 2, 1]))[0]
    assert (code.value, code.start, code.end) == ("open", None, None)


@pytest.mark.parametrize("text", ["", " ", "…", "日本 語", "free " * 5000])
def test_odd_texts_are_coded(text):
    codes = coded(text, weights((0.0, 0.0)))
    assert [code.cue for code in codes] == ["licensing", "payment"]
    assert all(0 <= code.probability <= 1 for code in codes)


def test_places_count_as_words_do():
    places = Block(("head:free",), np.ones(1), np.zeros((1, 1)))
    made = weights()
    cues = CueWeights(VALUES, made.cues.thresholds, made.cues.base, made.cues.words * 0, np.array([[7.0, 0, 0]]), made.cues.marks)
    with_places = Weights(made.pairs, made.base, made.words, places, MARKS, made.mark_coef, cues=cues)
    code = coded("Free bread.", with_places)[0]
    assert (code.value, code.start) == ("open", None)  # a prominent place weighs, but no word of a sentence does: nothing to show


def test_columns_of():
    assert columns_of(VALUES) == (("licensing", slice(0, 2)), ("payment", slice(2, 3)))
    assert columns_of(()) == ()


def test_shares_of_large_scores():
    assert shares_of(np.array([1000.0, -1000.0])) == pytest.approx([0, 1, 0])
    assert shares_of(np.array([[1.0, 2.0], [0.0, 0.0]])).sum(axis=1) == pytest.approx([1, 1])
