"""Outcomes say what `tag` would say, and cross-validation never lets a model see what it is measured on."""

from dataclasses import replace

import numpy as np
import pytest

from tagger.case import Case, Origin, Page
from tagger.codebook import load_codebook
from tagger.coding.decide import Thresholds
from tagger.coding.rules import load_rules
from tagger.codings.splits import joined
from tagger.cues import CueFinder, load_lexicon
from tagger.errors import InputError
from tagger.learning import folds
from tagger.learning import outcomes as module
from tagger.learning.labelled import Labelled
from tagger.learning.outcomes import Outcomes, cross_validated, learned_from, outcomes_of, source_of
from tagger.learning.train import Settings, look_at

BOOK = load_codebook()
RULES = load_rules(BOOK)
SETTINGS = Settings(topics=0, iterations=15, folds=3, most=200)
WORDS = {
    ("sharing", "9"): ["clips", "viewers", "upload", "channel", "advertisers", "audience"],
    ("commons", "6"): ["volunteers", "licence", "contributors", "patches", "fork", "encyclopaedia"],
    ("other", "outside"): ["harvest", "growers", "premium", "wages", "shareholders", "factory"],
}
COMMON = ["the", "site", "project", "people", "work", "with", "many", "about", "year", "town"]


@pytest.fixture(scope="module")
def cases():
    random, made = np.random.default_rng(5), []
    for i in range(60):
        pair = tuple(WORDS)[i % 3]
        text = " ".join(str(random.choice(WORDS[pair] if random.random() < 0.4 else COMMON)) for _ in range(20))
        made.append(Labelled(Case(f"c{i}", f"Case {i}", text, Origin("made-up.jsonl")), *pair, group=f"g{i}"))
    return made


@pytest.fixture(scope="module")
def seen(cases):
    finder = CueFinder(load_lexicon(BOOK))
    return [look_at(x.case, finder, RULES, BOOK) for x in cases]


@pytest.fixture(scope="module")
def apart():
    """Groups as they are named: the made-up texts are too alike for near-duplicates to mean anything."""
    with pytest.MonkeyPatch.context() as patch:
        for place in (module, folds):
            patch.setattr(place, "joined", lambda names, texts: list(names))
        yield


@pytest.fixture(scope="module")
def validated(cases, seen, apart):
    return cross_validated(cases, seen, BOOK, SETTINGS)


def small(probabilities, **more):
    pairs = (("commons", "6"), ("commons", "7"), ("other", "outside"))
    n = len(probabilities)
    fields = {"ids": tuple("abcdef"[:n]), "truth": (pairs[0],) * n, "groups": tuple("abcdef"[:n]), "sources": ("s",) * n, "random": (None,) * n}
    return Outcomes(**{**fields, **more}, pairs=pairs, probabilities=np.array(probabilities))


def test_the_code_is_that_of_the_best_pair_not_the_likeliest_code():
    one = small([[0.3, 0.3, 0.4]])
    assert one.best(0).tolist() == ["other"] and one.best(1).tolist() == ["outside"]
    codes, shares = one.facet(0)
    assert codes == ("commons", "other") and shares.tolist() == [[pytest.approx(0.6), pytest.approx(0.4)]]
    assert one.confidence(0).tolist() == [0.4]
    assert not one.decided(0)[0]


def test_decided_needs_a_probability_and_a_text_that_says_enough():
    given = [[0.3, 0.3, 0.4], [0.4, 0.3, 0.3], [0.4, 0.3, 0.3]]
    two = small(given, enough=np.array([True, True, False]))
    assert two.decided(0).tolist() == [False, True, False]
    assert two.decided(1).tolist() == [False, False, False]
    assert replace(two, thresholds=Thresholds(decide=0.35)).decided(1).tolist() == [True, True, False]
    assert small(given).decided(0).tolist() == [False, True, True]


def test_outcomes_are_what_tag_says(in_use, authored):
    chosen = [*authored[::60], authored[0]]
    labelled = [Labelled(a.case, a.economy, a.model, a.case.id) for a in chosen]
    labelled += [Labelled(replace(authored[0].case, id="short", text="Hm.", title=""), "none", "none", "short")]
    found = outcomes_of(in_use, labelled)
    decisions = [in_use.tag(x.case) for x in labelled]
    for at, facet in enumerate(("economy", "model")):
        choices = [getattr(d, facet) for d in decisions]
        assert found.best(at).tolist() == [c.code for c in choices]
        assert found.confidence(at).tolist() == [c.probability for c in choices]
        assert found.decided(at).tolist() == [c.status != "abstained" for c in choices]
    assert not found.enough[-1] and found.enough[0]
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert found.truth == tuple(x.pair for x in labelled)


def test_cross_validation_learns(validated, cases):
    assert validated.ids == tuple(x.case.id for x in cases)
    assert (validated.best(1) == validated.labels(1)).mean() > 0.8
    np.testing.assert_allclose(validated.probabilities.sum(axis=1), 1)


def test_a_model_never_sees_its_fold(cases, seen, validated, apart):
    """Other labels within a fold leave the scores of that fold's cases as they were (but not those of the others)."""
    fold = np.array([folds.fold_of(x.group, SETTINGS.folds) for x in cases])
    other = [replace(x, economy="none", model="none") if f == 1 else x for x, f in zip(cases, fold, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folds, "temperature", lambda scores, y: 1.0)
        before, after = (cross_validated(given, seen, BOOK, SETTINGS).probabilities for given in (cases, other))
    np.testing.assert_array_equal(after[fold == 1], before[fold == 1])
    assert not np.allclose(after[fold == 0], before[fold == 0])


def test_the_temperature_is_fitted_without_the_fold(cases, seen, apart):
    given = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folds, "temperature", lambda scores, y: given.append(len(y)) or 2.0)
        cross_validated(cases, seen, BOOK, SETTINGS)
    sizes = np.bincount([folds.fold_of(x.group, SETTINGS.folds) for x in cases])
    assert given == [60 - size for size in sizes]


def test_near_duplicates_are_in_one_group(in_use, authored, monkeypatch):
    monkeypatch.setattr(module, "joined", joined)  # whether or not it is patched for the made-up texts
    first, second = authored[0], authored[1]
    labelled = [Labelled(a.case, a.economy, a.model, a.case.id) for a in (first, second)]
    labelled.append(Labelled(replace(first.case, id="copy", text=first.case.text + " Indeed."), first.economy, first.model, "under another name"))
    groups = outcomes_of(in_use, labelled).groups
    assert groups[0] == groups[2] != groups[1]


def test_a_share_of_the_initiatives_is_part_of_a_larger_one(cases, seen, validated, apart):
    groups = [x.group for x in cases]
    half, all_ = folds.learned_mask(groups, 0.5), folds.learned_mask(groups, 1.0)
    assert all_.all() and 20 <= half.sum() <= 40
    assert (folds.learned_mask(groups, 0.25) <= half).all()
    assert learned_from(groups, SETTINGS) == 40 > learned_from(groups, SETTINGS, 0.5)
    fewer = cross_validated(cases, seen, BOOK, SETTINGS, share=0.5)
    assert not np.allclose(fewer.probabilities, validated.probabilities)


def test_the_same_twice(cases, seen, validated, apart):
    np.testing.assert_array_equal(cross_validated(cases, seen, BOOK, SETTINGS).probabilities, validated.probabilities)


def test_too_few_to_cross_validate(cases, seen, in_use):
    with pytest.raises(InputError, match="1 cases about 1 initiatives are too few"):
        cross_validated(cases[:1], seen[:1], BOOK, SETTINGS)
    with pytest.raises(InputError, match="no labelled case"):
        outcomes_of(in_use, [])


def test_sources_and_random_draws(cases):
    case = cases[0]
    assert source_of(case) == "made-up"
    assert source_of(replace(case, set="dev_random")) == "dev_random"
    assert source_of(replace(case, set="dev_random", case=replace(case.case, page=Page()))) == "dev_random (page)"
    assert [module._at_random(replace(case, set=name)) for name in ("dev_random", "train", "")] == [True, None, None]


def test_some_of_the_cases():
    three = small([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.2, 0.6, 0.2]], enough=np.array([True, False, True]))
    for index in ([2, 0], np.array([2, 0])):
        part = three.take(index)
        assert part.ids == ("c", "a") and part.best(1).tolist() == ["7", "6"] and part.enough.tolist() == [True, True]
    assert three.take(np.array([False, True, False])).ids == ("b",) and len(three.take([])) == 0
