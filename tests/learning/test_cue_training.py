"""Training of cue codes on made-up texts: it learns what is there, calibrates, and keeps to the precision asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.codebook import load_codebook
from tagger.coding.cue_codes import shares_of
from tagger.coding.model_file import weights_bytes
from tagger.coding.rules import load_rules
from tagger.cues import CueFinder, load_lexicon
from tagger.learning.cue_training import CueSettings, calibration, f1_of, held_out_scores, tasks_of, threshold, train_cue_codes
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings, look_at, prepare, train

BOOK, SETTINGS = load_codebook(), Settings(topics=3, iterations=10, folds=3, most=300)
WORDS = {"unstated": ["morning", "tall", "window"], "community": ["villagers", "neighbours", "peers"], "public": ["mayor", "council", "ministry"]}
COMMON = ["the", "site", "project", "people", "work", "with", "many", "about", "year", "place", "town"]


def made_up(count, seed, shuffled=False):
    """Texts of sixteen words, a third of them typical of the coded initiator; ownership is coded unstated throughout."""
    random = np.random.default_rng(seed)
    cases = []
    for i in range(count):
        value = tuple(WORDS)[i % 3]
        words = [str(random.choice(WORDS[value] if random.random() < 0.33 else COMMON)) for _ in range(16)]
        text = " ".join(words[:8]).capitalize() + ". " + " ".join(words[8:]).capitalize() + "."
        cues = {"initiator": str(random.choice(list(WORDS))) if shuffled else value, "ownership": "unstated", "payment": "unpaid" if i == 0 else "unstated"}
        pair = (("other", "1"), ("commons", "6"))[i % 2]
        cases.append(Labelled(Case(f"{seed}-{i}", f"Case {i}", text, Origin("made-up")), *pair, group=f"g{seed}-{i}", cues=cues))
    return cases


@pytest.fixture(scope="module")
def look():
    finder, rules = CueFinder(load_lexicon(BOOK)), load_rules(BOOK)
    return lambda case: look_at(case, finder, rules, BOOK)


def trained(cases, look):
    seen = [look(x.case) for x in cases]
    prepared = prepare(cases, seen, BOOK, SETTINGS)
    weights = train(cases, seen, BOOK, SETTINGS, prepared=prepared)
    return replace(weights, cues=train_cue_codes(cases, *prepared, BOOK, SETTINGS))


@pytest.fixture(scope="module")
def weights(look):
    return trained(made_up(120, 1), look)


def coded(weights, look, cases):
    found = []
    for x in cases:
        marks = look(x.case).marks
        found.append(weights.cues.code(x.case.text, weights.words.terms, marks, weights.filled(x.case, marks))[0])
    return found


def test_it_codes_cases_that_it_has_not_seen_and_shows_why(weights, look):
    fresh = made_up(60, 2)
    codes = coded(weights, look, fresh)
    figures = f1_of([c.value for c in codes], [x.cues["initiator"] for x in fresh])
    assert figures["f1"] >= 0.9
    shown = [(x.case.text[c.start : c.end].lower(), c.value) for x, c in zip(fresh, codes, strict=True) if c.start is not None]
    assert len(shown) >= 30
    assert all(any(word in sentence for word in WORDS[value]) for sentence, value in shown)


def test_shuffled_codes_teach_nothing(look):
    fresh = made_up(60, 2)
    codes = coded(trained(made_up(120, 1, shuffled=True), look), look, fresh)
    assert f1_of([c.value for c in codes], [x.cues["initiator"] for x in fresh])["f1"] <= 0.6  # stating one of two values everywhere gives 0.4


def test_only_cues_with_cases_enough_are_coded(weights):
    assert weights.cues.values == (("initiator", "community"), ("initiator", "public"))
    assert weights.cues.thresholds.shape == (1,)
    assert train_cue_codes([replace(x, cues={}) for x in made_up(6, 1)], None, np.zeros(6), BOOK, SETTINGS) is None


def test_the_same_data_give_the_same_bytes_and_the_decision_none_of_it(weights, look):
    again = trained(made_up(120, 1), look)
    assert weights_bytes(again) == weights_bytes(weights)
    cases = made_up(120, 1)
    alone = train(cases, [look(x.case) for x in cases], BOOK, SETTINGS)
    assert weights_bytes(alone) == weights_bytes(replace(weights, cues=None))


def test_held_out_scores_do_not_see_their_own_fold(look):
    cases = made_up(90, 3)
    built, folds = prepare(cases, [look(x.case) for x in cases], BOOK, SETTINGS)
    settings = CueSettings(least=5)
    before = held_out_scores(built, tasks_of(cases, BOOK, 5), folds, settings)[0]
    flipped = [replace(x, cues={"initiator": "public"}) if f == 0 else x for x, f in zip(cases, folds, strict=True)]
    after = held_out_scores(built, tasks_of(flipped, BOOK, 5), folds, settings)[0]
    assert np.array_equal(before[folds == 0], after[folds == 0])
    assert not np.allclose(before[folds != 0], after[folds != 0])


def test_views_of_a_case_share_its_weight_and_cases_that_were_not_coded_are_left_out():
    cases = made_up(60, 1)
    views = [*cases, cases[0], replace(cases[1], cues={}), replace(cases[2], cues={"initiator": "nobody knows"})]
    (task,) = tasks_of(views, BOOK, 5)
    assert task.rows.tolist() == [*range(60), 60]
    assert task.shares[0] == task.shares[60] == 0.5
    assert task.shares.sum() == pytest.approx(60)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_calibration_finds_scale_and_bias(scale):
    random = np.random.default_rng(4)
    scores = random.normal(size=(6000, 2)) * 2
    y = np.array([random.choice(3, p=p) for p in shares_of(scores + np.array([1.0, -0.5]))])
    temperature, bias = calibration(scores * scale, y, np.ones(len(y)))
    assert temperature == pytest.approx(scale, rel=0.1)
    assert bias / temperature == pytest.approx([1.0, -0.5], abs=0.15)


def test_threshold_maximises_f1_within_the_precision():
    stated = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    y = np.array([1, 0, 1, 1, 0, 0])
    shares = np.column_stack([1 - stated, stated])
    assert threshold(shares, y, np.ones(6), 0.0) == pytest.approx(0.55)  # 3 right of 4: F1 6/7
    assert threshold(shares, y, np.ones(6), 0.8) == pytest.approx(0.85)  # only the first alone is as precise
    assert threshold(shares, np.eye(1, 6, dtype=int)[0], np.ones(6), 0.0) == pytest.approx(0.85)
    wrong_first = np.array([0, 1, 1, 1, 0, 0])
    assert threshold(shares, wrong_first, np.ones(6), 0.99) == pytest.approx(0.55)  # out of reach: F1 alone


def test_f1_counts_a_wrong_value_as_stated_and_as_missed():
    figures = f1_of(["open", "open", "unstated", "unstated"], ["open", "mixed", "open", "unstated"])
    assert figures == {"f1": 2 / 5, "precision": 1 / 2, "recall": 1 / 3, "n": 3}
