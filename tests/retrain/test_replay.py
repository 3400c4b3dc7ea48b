"""The labelled set replayed in the order of the queue and in random order."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings, design, look_at
from tagger.retrain.replay import FEWEST, FIRST, QUEUE, RANDOM, Bench, Curve, needed, reached, replay, rounds
from tagger.review.cases import ReviewCase
from tagger.review.heads import head_of
from tagger.writing.record import as_record

SMALL = Settings(topics=0, iterations=8, most=300)
WORDS = {
    ("sharing", "9"): ["clips", "viewers", "upload", "channel", "advertisers", "audience"],
    ("commons", "6"): ["volunteers", "licence", "contributors", "patches", "fork", "encyclopaedia"],
    ("other", "outside"): ["harvest", "growers", "premium", "wages", "shareholders", "factory"],
    ("none", "none"): ["essay", "concept", "theory", "chapter", "author", "argument"],
}
OFTEN = [0.06, 0.04, 0.3, 0.6]  # two codes are rare, as they are on the wiki


@pytest.fixture(scope="module")
def cases():
    random, made = np.random.default_rng(5), []
    for i in range(340):
        pair = tuple(WORDS)[random.choice(4, p=OFTEN)]
        words = [str(w) for w in random.choice(WORDS[pair], 4)] + [f"own{i}x{j}" for j in range(30)]
        made.append(Labelled(Case(f"c{i}", f"Case {i}", " ".join(words), Origin("made-up.jsonl")), *pair, group=f"g{i}"))
    return made


@pytest.fixture(scope="module")
def seen(cases, rules_alone):
    return [look_at(x.case, rules_alone.finder, rules_alone.rulebook, rules_alone.codebook) for x in cases]


@pytest.fixture(scope="module")
def found(cases, seen, rules_alone):
    return replay(cases, seen, rules_alone.codebook, rules_alone.rulebook, seeds=2, settings=SMALL)


def test_both_orders_start_from_nothing_and_end_alike(found, cases):
    assert found.pool + found.apart == len(cases) and found.apart == pytest.approx(len(cases) / 4, abs=25)
    assert [(c.seed, c.order) for c in found.curves] == [(0, QUEUE), (0, RANDOM), (1, QUEUE), (1, RANDOM)]
    for queue, random in zip(found.curves[::2], found.curves[1::2], strict=True):
        assert queue.labels == random.labels and queue.labels[0] == FIRST
        for facet in ("economy", "model"):
            assert queue.scores[facet][-1] == random.scores[facet][-1]  # all labels are all labels
            assert queue.scores[facet] != random.scores[facet]


def test_rare_codes_are_learned_sooner_in_the_order_of_the_queue(found):
    assert found.curves[0].scores["model"][-1] > 0.5  # there is something to learn
    model = [n for n in found.needed if n.facet == "model"]
    assert all(n.ratio < 1 for n in model)
    assert all(n.ratio == pytest.approx(n.queue / n.random) and len(n.ratios) == 2 for n in found.needed)
    assert found.as_dict()["needed"][0]["ratio"] == found.needed[0].ratio


def test_the_same_seeds_give_the_same_curves(found, cases, seen, rules_alone):
    again = replay(cases, seen, rules_alone.codebook, rules_alone.rulebook, seeds=1, settings=SMALL)
    assert again.curves == found.curves[:2]


def test_heads_are_what_review_reads_off_suggestions(rules_alone, authored):
    texts = [a.case for a in authored[:60]]
    seen = [look_at(c, rules_alone.finder, rules_alone.rulebook, rules_alone.codebook) for c in texts]
    pairs, base = tuple(rules_alone.codebook.pairs), rules_alone.rulebook.base
    built = design(seen, pairs, SMALL)
    bench = Bench([Labelled(c, "none", "none", c.id) for c in texts], built, pairs, rules_alone.rulebook, SMALL)
    start = np.array([base["economy", e] + base["model", m] for e, m in pairs]) + built.offset
    heads = bench.heads(np.arange(len(texts)), start)
    disagreeing = 0
    for case, head in zip(texts, heads, strict=True):
        record = as_record(rules_alone.tag(case))
        real = head_of(ReviewCase(case.id, case.title, case.text, fingerprint(case.text), record))
        assert (dict(head.suggestion), head.disagree) == (dict(real.suggestion), real.disagree)
        assert head.margin == pytest.approx(real.margin, abs=1e-6)
        disagreeing += real.disagree
    assert 0 < disagreeing < len(texts)


def test_rounds_grow_and_end_with_all():
    assert rounds(300)[0] == FIRST and rounds(300)[-1] == 300
    assert all(b > a for a, b in zip(rounds(300), rounds(300)[1:], strict=False))
    often = rounds(300, more=0.1)
    assert (often[0], often[-1]) == (FIRST, 300) and len(often) > 2 * len(rounds(300))


def test_learning_more_often_starts_and_ends_alike(found, cases, seen, rules_alone):
    often = replay(cases, seen, rules_alone.codebook, rules_alone.rulebook, seeds=1, more=0.1, settings=SMALL).curves
    assert [c.labels for c in often] == [tuple(rounds(found.pool, 0.1))] * 2
    for facet in ("economy", "model"):
        assert often[0].scores[facet][-1] == found.curves[0].scores[facet][-1]  # all labels are all labels
    assert often[1].scores["model"][0] == found.curves[1].scores["model"][0]


def test_where_a_score_is_reached():
    assert reached([10, 20, 40], [0.2, 0.4, 0.6], 0.5) == 30
    assert reached([10, 20, 40], [0.2, 0.4, 0.6], 0.1) == 10
    assert reached([10, 20, 40], [0.2, 0.4, 0.6], 0.9) == 40
    assert reached([10, 20, 40, 80], [0.2, 0.6, 0.4, 0.8], 0.55) == pytest.approx(40 + 40 * 0.05 / 0.3)  # the lucky round is levelled with the next to 0.5


def test_needed_is_by_seed_and_together():
    def curve(seed, order, scores):
        return Curve(seed, order, (10, 20, 40), {"economy": scores, "model": scores})

    curves = [curve(s, o, f1) for s in (0, 1) for o, f1 in ((QUEUE, (0.5, 1.0, 1.0)), (RANDOM, (0.5, 0.6, 1.0)))]
    first = needed(curves, [0.8])[0]
    assert first.queue == pytest.approx(16) and first.random == pytest.approx(30) and first.f1 == pytest.approx(0.8)
    assert first.ratios == pytest.approx([16 / 30] * 2)


def test_few_cases_are_refused(cases, seen, rules_alone):
    with pytest.raises(InputError, match=f"at least {FEWEST}"):
        replay(cases[:150], seen[:150], rules_alone.codebook, rules_alone.rulebook, settings=SMALL)
    with pytest.raises(InputError, match=f"at least {FEWEST}"):
        replay([], [], rules_alone.codebook, rules_alone.rulebook, settings=SMALL)
