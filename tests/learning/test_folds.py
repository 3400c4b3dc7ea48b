"""Models by fold see neither a case nor its initiative, and say what cross-validation says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.coding.decide import probabilities
from tagger.errors import InputError
from tagger.learning.folds import cross_fitted, learned_mask
from tagger.learning.labelled import Labelled
from tagger.learning.outcomes import cross_validated, learned_from
from tagger.learning.train import Settings, look_at

SETTINGS = Settings(topics=0, iterations=10, folds=3, most=200)
WORDS = {("sharing", "9"): "clips viewers upload channel", ("commons", "6"): "volunteers licence patches fork", ("other", "outside"): "harvest wages factory"}


@pytest.fixture(scope="module")
def cases():
    made = []
    for i in range(45):
        pair = tuple(WORDS)[i % 3]
        own = " ".join(f"w{i}x{j}" for j in range(30))  # so that no two are near-duplicates
        made.append(Labelled(Case(f"c{i}", f"Case {i}", f"{WORDS[pair]} {own}", Origin("made-up.jsonl")), *pair, group=f"g{i // 2}"))
    return made


@pytest.fixture(scope="module")
def seen(cases, rules_alone):
    return [look_at(x.case, rules_alone.finder, rules_alone.rulebook, rules_alone.codebook) for x in cases]


@pytest.fixture(scope="module")
def fitted(cases, seen, rules_alone):
    return cross_fitted(cases, seen, rules_alone.codebook, SETTINGS)


def test_it_says_what_cross_validation_says(cases, seen, fitted, rules_alone):
    outcomes = cross_validated(cases, seen, rules_alone.codebook, SETTINGS)
    assert np.array([probabilities(s) for s in fitted.scores]) == pytest.approx(outcomes.probabilities)
    assert fitted.groups == outcomes.groups and fitted.enough.tolist() == outcomes.enough.tolist()
    assert round(fitted.learned_per_fold()) == learned_from(outcomes.groups, SETTINGS)


def test_no_model_has_learned_from_the_initiatives_that_it_is_asked_about(cases, fitted):
    for fold, weights in fitted.models.items():
        inside = {x.group for x, f in zip(cases, fitted.folds, strict=True) if f == fold}
        outside = {x.group for x, f in zip(cases, fitted.folds, strict=True) if f != fold}
        assert inside and not inside & outside
        own = {f"w{i}x{j}" for i, f in enumerate(fitted.folds) if f == fold for j in range(30)}
        assert not own & set(weights.words.terms)


def test_a_label_takes_no_part_in_what_is_said_of_its_case(cases, seen, fitted, rules_alone):
    settings = replace(SETTINGS, balance=0.0)
    before = cross_fitted(cases, seen, rules_alone.codebook, settings)
    other = [replace(cases[0], economy="none", model="none"), *cases[1:]]
    after = cross_fitted(other, seen, rules_alone.codebook, settings)
    fold = fitted.folds[0]
    assert np.array_equal(before.models[fold].words.coef, after.models[fold].words.coef)
    assert not np.array_equal(before.models[next(f for f in fitted.models if f != fold)].base, after.models[next(f for f in fitted.models if f != fold)].base)


def test_a_share_is_part_of_a_larger_one(cases, seen, rules_alone):
    groups = [f"g{i}" for i in range(2000)]
    half, quarter = learned_mask(groups, 0.5), learned_mask(groups, 0.25)
    assert (quarter <= half).all() and learned_mask(groups, 1.0).all() and half.mean() == pytest.approx(0.5, abs=0.04)
    fitted = cross_fitted(cases, seen, rules_alone.codebook, SETTINGS, share=0.5)
    code = np.array([x.model == "9" for x in cases])
    assert fitted.learned_per_fold(code) < fitted.learned_per_fold() == np.mean([(fitted.learned & (fitted.folds != f)).sum() for f in fitted.models])


def test_too_few_cases_are_refused(cases, seen, rules_alone):
    with pytest.raises(InputError, match="too few for cross-validation"):
        cross_fitted(cases[:1], seen[:1], rules_alone.codebook, SETTINGS)
    with pytest.raises(InputError, match="no labelled case"):
        cross_fitted([], [], rules_alone.codebook, SETTINGS)
