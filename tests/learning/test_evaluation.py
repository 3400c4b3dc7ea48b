"""Figures on made-up outcomes: each against a plain computation of its own, and intervals that behave as intervals do."""

import json
import time

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from tagger.codings.coincidence import nominal_alpha
from tagger.learning import metrics
from tagger.learning.evaluation import GATE, INITIATIVE, RANDOM, answers, evaluate, learning_curve, summaries
from tagger.learning.outcomes import Outcomes
from tagger.learning.promised import promised
from tagger.learning.resampled import Draws, Figure, figure, macro_f1s

PAIRS = (("commons", "6"), ("commons", "7"), ("sharing", "9"), ("other", "outside"), ("none", "none"))


def made_up(n=300, seed=1, per_group=1, right=1.5, sources=("a",), calibrated=False):
    """Outcomes whose scores lean to the truth by `right`; with `calibrated` the truth is drawn by the probabilities instead."""
    random = np.random.default_rng(seed)
    truth = random.integers(len(PAIRS), size=n // per_group).repeat(per_group)
    scores = random.normal(size=(n // per_group, len(PAIRS))).repeat(per_group, axis=0)
    scores[np.arange(len(truth)), truth] += right
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    if calibrated:
        truth = (shares.cumsum(axis=1) < random.random((len(shares), 1))).sum(axis=1)
    return Outcomes(
        ids=tuple(f"c{i}" for i in range(len(truth))),
        truth=tuple(PAIRS[t] for t in truth),
        groups=tuple(f"g{i // per_group}" for i in range(len(truth))),
        sources=tuple(sources[i % len(sources)] for i in range(len(truth))),
        random=(None,) * len(truth),
        pairs=PAIRS,
        probabilities=shares,
    )


@pytest.fixture(scope="module")
def outcomes():
    return made_up(sources=("a", "a", "b"))


@pytest.fixture(scope="module")
def found(outcomes):
    return evaluate(outcomes, replicates=200)


@pytest.mark.parametrize("at, facet", [(0, "economy"), (1, "model")])
def test_figures_are_those_of_the_plain_measures(outcomes, found, at, facet):
    truth, best, sure = outcomes.labels(at).tolist(), outcomes.best(at).tolist(), outcomes.decided(at)
    summary, plain = found.facets[facet].summary, metrics.scores(truth, best)
    assert {k: getattr(summary, k).value for k in plain} == {k: pytest.approx(v) for k, v in plain.items()}
    assert summary.decided.value == pytest.approx(sure.mean()) and 0.1 < sure.mean() < 0.9
    pairs = [(t, b) for t, b, s in zip(truth, best, sure, strict=True) if s]
    assert summary.alpha_decided.value == pytest.approx(nominal_alpha(pairs))
    assert summary.accuracy_decided.value == pytest.approx(np.mean([t == b for t, b in pairs]))
    codes = outcomes.codes(at)
    for row, expected in zip(found.facets[facet].codes, zip(*precision_recall_fscore_support(truth, best, labels=codes), strict=True), strict=True):
        assert [row.precision.value, row.recall.value, row.f1.value, row.support] == [pytest.approx(e) for e in expected]
        assert row.f1.low < row.f1.value < row.f1.high
    assert np.array(found.facets[facet].confusion.counts).tolist() == confusion_matrix(truth, best, labels=codes).tolist()


def test_the_gate_asks_whether_there_is_an_initiative(outcomes, found):
    gate = found.facets[GATE]
    truth, best = ([INITIATIVE if c != "none" else "none" for c in codes] for codes in (outcomes.labels(0), outcomes.best(0)))
    assert gate.summary.alpha.value == pytest.approx(nominal_alpha(list(zip(truth, best, strict=True))))
    assert [c.code for c in gate.codes] == [INITIATIVE, "none"]
    assert gate.codes[1].f1.value == pytest.approx(found.facets["economy"].codes[-1].f1.value)
    given = answers(outcomes, GATE)
    none = outcomes.probabilities[:, 4]
    np.testing.assert_allclose(given.confidence, np.where(given.found == 1, none, 1 - none))


def test_an_interval_holds_the_truth_about_as_often_as_it_says():
    """Accuracy of many samples from one population: 95 % of the intervals should hold the population's."""
    population = np.mean([(o := made_up(4000, seed)).best(1) == o.labels(1) for seed in range(3)])
    held = 0
    for seed in range(100, 200):
        accuracy = summaries(made_up(150, seed), replicates=200)["model"].accuracy
        held += accuracy.low <= population <= accuracy.high
    assert 88 <= held <= 99


def test_texts_of_one_initiative_are_no_news():
    """Each case four times over: the interval of groups stays as wide as without the copies, one of single cases would be half as wide."""
    wide = summaries(made_up(200), replicates=400)["model"].alpha
    copied = summaries(made_up(800, per_group=4), replicates=400)["model"].alpha
    alone = made_up(800, per_group=4)
    narrow = summaries(Outcomes(**{**alone.__dict__, "groups": alone.ids}), replicates=400)["model"].alpha
    assert copied.value == pytest.approx(wide.value, abs=2e-3)
    assert copied.high - copied.low == pytest.approx(wide.high - wide.low, rel=0.15)
    assert narrow.high - narrow.low == pytest.approx((wide.high - wide.low) / 2, rel=0.2)


def test_draws_against_drawing_one_by_one():
    groups, hits = ["x", "y", "x", "z"], np.array([[1.0], [0.0], [0.0], [1.0]])
    draws = Draws(groups, 3000, 0)
    totals = draws.totals(np.hstack([hits, np.ones((4, 1))]))
    assert totals[0].tolist() == [2, 4]
    found = totals[1:, 0] / totals[1:, 1]
    every = [(a, b, c) for a in range(3) for b in range(3) for c in range(3)]  # x, y, z: hits 1, 0, 1 of 2, 1, 1 cases
    exact = np.array([sum([1, 0, 1][g] for g in draw) / sum([2, 1, 1][g] for g in draw) for draw in every])
    for value in np.unique(exact):
        assert np.isclose(found, value).mean() == pytest.approx(np.isclose(exact, value).mean(), abs=0.03)
    assert draws.sums(np.array([0, 1, 1, 0]), 2, np.array([True, True, True, False]))[0].tolist() == [1, 2]


def test_where_there_is_no_interval():
    assert figure(np.array([np.nan, 1.0, 0.5]), 9) == Figure(None)
    assert figure(np.array([0.5, 0.4, 0.6]), 1) == Figure(0.5)
    assert figure(np.array([1.0, 1.0, 1.0]), 9) == Figure(1.0)
    assert figure(np.array([0.5, *[0.4, 0.6] * 10, np.nan]), 9).low is not None
    assert figure(np.array([0.5, *[0.4, 0.6] * 9, np.nan, np.nan]), 9) == Figure(0.5)


def test_macro_f1_is_over_the_codes_that_are_labels():
    one = np.array([[[2, 1, 0], [0, 1, 0], [0, 0, 0]]], dtype=float)
    assert macro_f1s(one)[0] == pytest.approx(metrics.macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "b"]))
    missed = np.array([[[2, 0, 1], [0, 1, 0], [0, 0, 0]]], dtype=float)
    assert macro_f1s(missed)[0] == pytest.approx(metrics.macro_f1(["a", "a", "a", "b"], ["a", "a", "c", "b"]))


def test_the_curve_takes_the_surest_first(outcomes, found):
    curve = found.facets["model"].curve
    confidence, right = outcomes.confidence(1), outcomes.best(1) == outcomes.labels(1)
    assert len(curve) == 20 and curve[-1].coverage == 1
    assert [s.coverage for s in curve] == sorted(s.coverage for s in curve)
    for step in curve:
        over = confidence >= step.threshold
        assert step.coverage == pytest.approx(over.mean()) and step.precision.value == pytest.approx(right[over].mean())
    assert curve[4].precision.value > curve[-1].precision.value + 0.1
    mute = Outcomes(**{**outcomes.__dict__, "enough": np.arange(len(outcomes)) % 2 == 0})
    assert evaluate(mute, replicates=100).facets["model"].curve[-1].coverage == 0.5


def test_reliability_bins_hold_every_case_once():
    good = made_up(3000, calibrated=True)
    bins = evaluate(good, replicates=100).facets["model"].bins
    assert sum(b.cases for b in bins) == 3000
    assert all(b.low <= b.confidence <= b.high for b in bins)
    assert all(abs(b.accuracy.value - b.confidence) < 0.07 for b in bins if b.cases > 200)
    certain = Outcomes(**{**good.__dict__, "probabilities": np.eye(5)[good.probabilities.argmax(axis=1)]})
    assert [b.low for b in evaluate(certain, replicates=100).facets["model"].bins] == [0.9]


def test_sources_are_measured_apart(outcomes, found):
    assert list(found.sources) == ["a", "b"] and [s["model"].cases for s in found.sources.values()] == [200, 100]
    only_b = outcomes.take([i for i, s in enumerate(outcomes.sources) if s == "b"])
    assert found.sources["b"] == summaries(only_b, replicates=200)
    drawn = Outcomes(**{**outcomes.__dict__, "random": tuple(i < 30 or None for i in range(300))})
    assert evaluate(drawn, replicates=100).sources[RANDOM]["economy"].cases == 30
    whole = Outcomes(**{**outcomes.__dict__, "random": tuple(s == "b" for s in outcomes.sources)})
    assert RANDOM not in evaluate(whole, replicates=100).sources


def test_a_label_that_the_model_does_not_know_counts_as_missed(outcomes):
    odd = Outcomes(**{**outcomes.__dict__, "truth": (("gift", "12"), *outcomes.truth[1:])})
    facet = evaluate(odd, replicates=100).facets["economy"]
    assert facet.codes[-1].code == "gift" and (facet.codes[-1].support, facet.codes[-1].found, facet.codes[-1].recall.value) == (1, 0, 0)


def test_the_same_seed_gives_the_same_figures_in_any_order(outcomes, found):
    assert evaluate(outcomes, replicates=200) == found
    turned = evaluate(outcomes.take(np.arange(len(outcomes))[::-1]), replicates=200)
    assert turned.facets["model"].summary == found.facets["model"].summary
    assert evaluate(outcomes, replicates=200, seed=1).facets["model"].summary != found.facets["model"].summary


def test_figures_can_be_written_as_json(outcomes):
    curve = learning_curve([(0.5, 100, outcomes), (1.0, 200, outcomes)], replicates=100)
    found = evaluate(outcomes, replicates=100, learning=curve, about={"measured": "made up"})
    read = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert read["facets"]["model"]["summary"]["alpha"]["value"] == found.facets["model"].summary.alpha.value
    assert [step["cases"] for step in read["learning"]] == [100, 200]


def test_one_case_alone():
    one = evaluate(made_up(1), replicates=100)
    assert one.facets["model"].summary.accuracy.low is None and len(one.facets["model"].curve) == 1


def test_a_thousand_draws_of_six_thousand_cases_take_a_moment():
    many = made_up(6000, per_group=2)
    began = time.process_time()
    evaluate(many)
    assert time.process_time() - began < 3


def test_promises_say_why_not_where_there_are_too_few():
    few = promised(made_up(20), replicates=100)
    assert set(few) >= {"Calibration, gate", "Where it decides", "Auto-accept", "Conformal sets"}
    assert "59 accepted" in few["Auto-accept"]["sentence"] and few["Auto-accept"]["figures"]["band"] is None
    alone = promised(made_up(1), replicates=100)
    assert alone["Conformal sets"]["figures"] is None and "no case" in alone["Conformal sets"]["sentence"]


def test_the_band_is_checked_on_what_was_drawn_at_random():
    many = made_up(600, right=6.0)
    drawn = Outcomes(**{**many.__dict__, "random": tuple(i < 200 for i in range(600))})
    assert promised(drawn, replicates=100)["Auto-accept"]["figures"]["cases"] == 200
    assert promised(many, replicates=100)["Auto-accept"]["figures"]["cases"] == 300
