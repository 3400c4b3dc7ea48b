"""Training on a made-up set: it learns, the same data give the same weights, and the weights give the ledger's scores."""

from dataclasses import replace

import numpy as np
import pytest

from tagger.case import Case, Origin, Page
from tagger.codebook import load_codebook
from tagger.coding.classifier import OffsetLogistic, ledger_of
from tagger.coding.model_file import weights_bytes
from tagger.coding.rules import load_rules
from tagger.cues import CueFinder, load_lexicon
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings, look_at, mark_scales, prepare, temperature, train, trained
from tagger.learning.weighting import case_weights

BOOK = load_codebook()
RULES = load_rules(BOOK)
WORDS = {
    ("sharing", "9"): ["clips", "viewers", "upload", "channel", "advertisers", "audience", "watch", "post", "fans"],
    ("commons", "6"): ["volunteers", "licence", "contributors", "commons", "edit", "patches", "mailing-list", "encyclopaedia", "fork"],
    ("other", "outside"): ["harvest", "growers", "premium", "certified", "wages", "shareholders", "board", "factory", "estate"],
}
COMMON = ["the", "site", "project", "people", "work", "with", "many", "about", "year", "place", "town", "started", "known", "group", "since"]
SETTINGS = Settings(topics=4, iterations=30, folds=2, most=200)


def made_up(count, seed):
    """Texts of twenty words, a third of them typical of their code."""
    random = np.random.default_rng(seed)
    cases = []
    for i in range(count):
        pair = tuple(WORDS)[i % 3]
        words = [str(random.choice(WORDS[pair] if random.random() < 0.33 else COMMON)) for _ in range(20)]
        text = " ".join(words[:10]).capitalize() + ". " + " ".join(words[10:]).capitalize() + "."
        cases.append(Labelled(Case(f"{seed}-{i}", f"Case {i}", text, Origin("made-up")), *pair, group=f"g{seed}-{i}"))
    return cases


@pytest.fixture(scope="module")
def finder():
    return CueFinder(load_lexicon(BOOK))


@pytest.fixture(scope="module")
def cases():
    return made_up(90, 1)


@pytest.fixture(scope="module")
def seen(cases, finder):
    return [look_at(x.case, finder, RULES, BOOK) for x in cases]


@pytest.fixture(scope="module")
def weights(cases, seen):
    return train(cases, seen, BOOK, SETTINGS)


def coded(weights, finder, labelled):
    seen = look_at(labelled.case, finder, RULES, BOOK)
    scores = ledger_of(labelled.case, seen.held, seen.marks, weights.pairs, RULES, weights).scores()
    return weights.pairs[int(scores.argmax())]


def test_it_codes_cases_that_it_has_not_seen(weights, finder):
    fresh = made_up(60, 2)
    right = sum(coded(weights, finder, x) == x.pair for x in fresh)
    assert right >= 54


def test_shuffled_labels_teach_nothing(cases, seen, finder):
    order = np.random.default_rng(3).permutation(len(cases))
    shuffled = [replace(x, economy=cases[j].economy, model=cases[j].model) for x, j in zip(cases, order, strict=True)]
    weights = train(shuffled, seen, BOOK, SETTINGS)
    right = sum(coded(weights, finder, x) == x.pair for x in made_up(60, 2))
    assert right <= 35  # chance is 20
    assert weights.temperature > 1.2  # and the calibration says so


def test_every_pair_of_the_codebook_is_scored(weights):
    assert weights.pairs == tuple(BOOK.pairs)
    assert weights.base.shape == (len(weights.pairs),)
    assert np.isfinite(weights.words.coef).all()
    assert weights.words.coef.shape == (len(weights.words.terms), len(weights.pairs))


def test_the_same_data_give_the_same_bytes(cases, seen, weights):
    assert weights_bytes(train(cases, seen, BOOK, SETTINGS)) == weights_bytes(weights)


def test_topics_are_folded_into_the_words(cases, seen):
    """With topics or without: weights are over words alone, and a ledger names nothing else."""
    without = train(cases, seen, BOOK, replace(SETTINGS, topics=0))
    with_topics = train(cases, seen, BOOK, SETTINGS)
    assert with_topics.words.terms == without.words.terms
    assert not np.allclose(with_topics.words.coef, without.words.coef)


def test_without_rules_no_rule_enters(cases, finder):
    seen = [look_at(x.case, finder, RULES, BOOK, with_rules=False) for x in cases]
    weights = train(cases, seen, BOOK, replace(SETTINGS, with_rules=False))
    assert not weights.with_rules
    assert not any(mark.startswith("rule:") for mark in weights.marks)
    held = look_at(cases[0].case, finder, RULES, BOOK)
    entries = ledger_of(cases[0].case, [(RULES.rules[0], ())], held.marks, weights.pairs, RULES, weights).entries
    assert not any(entry.source in ("rule", "fit") for entry in entries)


def test_rarer_pairs_weigh_more_and_texts_of_one_case_share_its_weight():
    page = [Labelled(Case("a", "A", "x", Origin("f")), "other", "outside", "a") for _ in range(2)]
    cases = [*page, *(Labelled(Case(f"b{i}", "B", "x", Origin("f")), "commons", "6", f"b{i}") for i in range(8))]
    even = case_weights(cases, Settings(balance=0.0, balance_texts=0.0))
    assert even.mean() == pytest.approx(1.0)
    assert even[:2].sum() == pytest.approx(even[2])
    balanced = case_weights(cases, Settings(balance_texts=1.0))
    assert balanced[0] / balanced[2] == pytest.approx((1 / 2 / 2) / (1 / 8))


def test_of_a_case_seen_twice_the_page_has_its_share_and_one_seen_once_keeps_its_weight():
    def seen(id, page=None, **more):
        return Labelled(Case(id, id, "x", Origin("f"), page=page), "commons", "6", id, **more)

    def weights(pages, *cases):
        return case_weights(cases, Settings(balance=0.0, balance_texts=0.0, sources=0.0, pages=pages))

    page = Page(url="u")
    text, as_page, alone, page_alone = weights(0.8, seen("a"), seen("a", page), seen("b"), seen("c", page))
    assert (text + as_page, as_page / text, page_alone) == pytest.approx((alone, 4.0, alone))
    text, *pages = weights(0.8, seen("a"), seen("a", page), seen("a", page), seen("b"))[:3]
    assert sum(pages) / text == pytest.approx(4.0)


def test_unsure_labels_weigh_less():
    def seen(id, **more):
        return Labelled(Case(id, id, "x", Origin("f")), "commons", "6", id, **more)

    sure, unsure = case_weights([seen("a"), seen("b", certainty=0.5)], Settings(balance=0.0, sources=0.0, certainty=3.0))
    assert unsure / sure == pytest.approx(0.125)


def test_texts_are_balanced_by_a_power_of_their_own_and_together_weigh_the_same():
    def seen(number, page):
        pair = ("other", "outside") if number < 2 else ("commons", "6")
        return Labelled(Case(f"{number}", "A", "x", Origin("f"), page=page), *pair, f"{number}")

    cases = [seen(number, page) for page in (None, Page(url="u")) for number in range(10)]
    alike, apart = (case_weights(cases, Settings(balance=0.5, balance_texts=power, sources=0.0)) for power in (0.5, 1.0))
    assert apart[10:] == pytest.approx(alike[10:])
    assert apart[:10].sum() == pytest.approx(alike[:10].sum())
    assert (alike[0] / alike[2], apart[0] / apart[2], apart[10] / apart[12]) == pytest.approx((2.0, 4.0, 2.0))


def test_texts_of_no_weight_stay_so():
    cases = [Labelled(Case("a", "A", "x", Origin("f"), page=page), "commons", "6", "a") for page in (None, Page(url="u"))]
    assert case_weights(cases, Settings(pages=1.0)).tolist() == [0.0, 2.0]


def test_marks_of_page_structure_have_a_scale_of_their_own():
    assert mark_scales(("cue:value=use", "page:url", "shape:long"), Settings(marks=0.3, structure=0.9)).tolist() == [0.3, 0.9, 0.3]


@pytest.mark.parametrize("structure", [0.2, 1.5])
def test_weights_give_what_the_matrix_gave_whatever_the_scales(structure):
    """What a scale did to a column is taken back in its weight."""
    settings = Settings(topics=0, iterations=20, folds=2, most=200, structure=structure)
    cases = [replace(x, case=replace(x.case, page=Page(url="u") if i % 2 else None)) for i, x in enumerate(made_up(60, 3))]
    seen = [look_at(x.case, CueFinder(load_lexicon(BOOK)), RULES, BOOK) for x in cases]
    built, folds = prepare(cases, seen, BOOK, settings)
    weights, _ = trained(cases, BOOK, settings, built, folds)
    y, pairs = np.array([list(BOOK.pairs).index(x.pair) for x in cases]), tuple(BOOK.pairs)
    model = OffsetLogistic(settings.C, settings.iterations, settings.spread)
    model.fit(built.X, y, built.offset, case_weights(cases, settings), built.held, built.acts)
    expected = built.offset + built.X @ model.coef_ + model.intercept_ + built.held @ (model.moved_[:, None] * built.acts)
    found = [ledger_of(s.case, s.held, s.marks, pairs, None, weights).scores() * weights.temperature for s in seen]
    assert np.abs(np.array(found) - expected).max() < 1e-3
    assert any(name.startswith("page:") for name in built.marks)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_temperature_finds_the_scale_of_the_scores(scale):
    random = np.random.default_rng(4)
    scores = random.normal(size=(4000, 5)) * 2
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    y = np.array([random.choice(5, p=p) for p in shares])
    assert temperature(scores * scale, y) == pytest.approx(scale, rel=0.1)
