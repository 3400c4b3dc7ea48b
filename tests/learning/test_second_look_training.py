"""Training of the second look: it tells apart what words do not, the same cases give the same bytes, and its figure is of held-out cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_encoder import log_odds
from made_fit import BOOK, PAIRS

from tagger.coding.decide import Thresholds
from tagger.coding.rules import load_rules
from tagger.coding.second_look import second_look_parts
from tagger.cues import CueFinder, load_lexicon
from tagger.learning import second_look_training
from tagger.learning.outcomes import cross_validated
from tagger.learning.second_look_training import case_vectors, train_second_look
from tagger.learning.train import Settings, look_at


@pytest.fixture(scope="module")
def looked(fit, encoder):
    rounds, second_look_training.ROUNDS = second_look_training.ROUNDS, 60  # the cases are few
    try:
        yield train_second_look(fit, encoder, Thresholds(decide=0.99))
    finally:
        second_look_training.ROUNDS = rounds


def test_it_sees_what_the_first_does_not(looked):
    for before, after in looked.right.values():
        assert before < 0.7 and after > before + 0.2
    assert 100 < looked.undecided <= looked.cases == 150
    which = f"all 150 held-out texts, as only {looked.undecided} are undecided"
    assert f"made at {which}: economy {looked.right['economy'][0]:.1%} right before" in looked.told
    assert "made at 201 undecided of 150 held-out texts: economy" in replace(looked, undecided=201).told


def test_a_pair_without_a_case_is_never_preferred(looked, fit, encoder):
    rows = log_odds(looked.look, case_vectors(encoder, [x.case for x in fit.cases]))
    known = [looked.look.pairs.index(pair) for pair in PAIRS]
    assert np.isin(rows.argmax(1), known).all()
    np.testing.assert_allclose(rows.sum(1), 0, atol=0.05)  # as exact as halved numbers are


def test_the_same_cases_give_the_same_bytes(looked, fit, encoder):
    assert second_look_parts(train_second_look(fit, encoder, Thresholds(decide=0.99)).look) == second_look_parts(looked.look)


def test_a_held_out_label_changes_nothing_that_it_is_measured_by(fit, encoder):
    """The figure is of models that have not seen a case's fold: whatever the labels of a fold are, its own scores stay."""
    X = case_vectors(encoder, [x.case for x in fit.cases])
    y = np.arange(len(X)) % 3
    weights, outside = np.ones(len(X)), fit.folds == 0
    first, other = (
        second_look_training._held_out(X, labels, weights, fit.folds, len(fit.weights.pairs), fit.settings)
        for labels in (y, np.where(outside, (y + 1) % 3, y))
    )
    np.testing.assert_array_equal(first[outside], other[outside])
    assert (first[~outside] != other[~outside]).any()


@pytest.mark.parametrize("labels", [(0, 22), (22,), (3, 4, 5)])
def test_networks_know_the_labels_that_there_are_and_no_other(labels):
    X, y = np.random.default_rng(0).normal(size=(30, 6)), np.resize(labels, 30)
    hidden, hidden_bias, out, out_bias = second_look_training._network(X, y, np.ones(30), 23, Settings())
    scores = np.maximum(X @ hidden + hidden_bias, 0) @ out + out_bias
    others = [i for i in range(23) if i not in labels]
    assert np.isfinite(scores).all() and len({*out_bias[others].round(9)}) == 1 and out_bias[others].max() < out_bias[list(labels)].min()
    assert (out[:, others] == out[:, others[:1]]).all()


def test_two_codes_are_enough(fit, encoder):
    few = [i for i, x in enumerate(fit.cases) if x.pair in PAIRS[:2]][:12]
    built = replace(fit.built, X=fit.built.X[few], offset=fit.built.offset[few], held=fit.built.held[few])
    part = replace(fit, cases=[fit.cases[i] for i in few], held_out=fit.held_out[few], folds=fit.folds[few], built=built)
    found = train_second_look(part, encoder, Thresholds(decide=0.99))
    rows = log_odds(found.look, case_vectors(encoder, [x.case for x in part.cases]))
    assert np.isfinite(rows).all() and np.isin(rows.argmax(1), [found.look.pairs.index(pair) for pair in PAIRS[:2]]).all()


def test_cross_validation_looks_again_at_the_undecided_alone(fit, encoder):
    looked, finder, rules = {}, CueFinder(load_lexicon(BOOK)), load_rules(BOOK)
    seen = [look_at(x.case, finder, rules, BOOK) for x in fit.cases]
    for least in (0.02, 0.99):
        given = (fit.cases, seen, BOOK, fit.settings, Thresholds(decide=least))
        looked[least] = [cross_validated(*given, second=e).probabilities for e in (None, encoder)]
    assert np.array_equal(*looked[0.02])
    assert not np.isclose(*looked[0.99]).all(axis=1).any()
