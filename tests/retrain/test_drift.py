"""Drift: figures against ones worked out by hand, chance against simulation, planted shifts that must be found, and same batches that must not be."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from tagger.coding.classifier import Block
from tagger.coding.decide import probabilities
from tagger.coding.model_manifest import DRIFT, MANIFEST, WEIGHTS, described
from tagger.errors import ModelError
from tagger.learning.labelled import Labelled
from tagger.learning.train import look_at
from tagger.retrain import drift, drifted
from tagger.retrain.drift import ALL, CUES, UNKNOWN, drift_reference, read_reference, reference_bytes, stated, unknown_share
from tagger.retrain.drifted import LEAST, Watch, reference_of, watch_for
from tagger.retrain.stability import psi, psi_by_chance


@pytest.fixture(scope="module")
def labelled(authored):
    rows = authored[::3]
    return [Labelled(x.case, x.economy, x.model, x.case.id, "even" if i % 2 else "odd") for i, x in enumerate(rows)]


@pytest.fixture(scope="module")
def seen(labelled, in_use):
    return [look_at(x.case, in_use.finder, in_use.rulebook, in_use.codebook) for x in labelled]


@pytest.fixture(scope="module")
def weights(in_use, seen):
    """Weights that know the words of these cases: those of three or more, as training takes them."""
    counts = Counter(term for s in seen for term in set(s.words))
    terms = tuple(sorted(term for term, n in counts.items() if n >= 3))
    return replace(in_use.weights, words=Block(terms, np.ones(len(terms)), np.zeros((len(terms), len(in_use.pairs)))))


@pytest.fixture(scope="module")
def reference(labelled, seen, in_use, weights):
    held_out = np.array([probabilities(in_use.ledger(x.case)[0].scores()) for x in labelled])
    return read_reference(reference_bytes(drift_reference(labelled, seen, weights, held_out)))


@pytest.fixture(scope="module")
def decisions(authored, in_use):
    return [in_use.tag(x.case) for x in authored[1::9]]  # none of them in the reference


@pytest.fixture(scope="module")
def report(in_use, weights):
    return partial(reported, weights, in_use.codebook.opposites)


def reported(weights, opposites, reference, decisions):
    watch = Watch(reference, weights, opposites)
    for decision in decisions:
        watch.add(decision)
    return watch.report()


def test_the_index_by_hand():
    # shares 0.5, 0.5 against 0.25, 0.75, with half a case in each bin more
    e, a = (50.5 / 101, 50.5 / 101), (25.5 / 101, 75.5 / 101)
    by_hand = sum((x - y) * math.log(x / y) for x, y in zip(a, e, strict=True))
    assert psi([50, 50], [25, 75]) == pytest.approx(by_hand, rel=1e-12)
    assert psi([50, 50], [25, 75]) == pytest.approx(psi([25, 75], [50, 50]))
    assert psi([7, 0, 3], [70, 0, 30]) < 0.03 and math.isfinite(psi([10, 0], [0, 10]))


def test_chance_by_simulation():
    rng = np.random.default_rng(1)
    shares = np.array([0.1, 0.3, 0.4, 0.2])
    drawn = np.array([psi(rng.multinomial(400, shares), rng.multinomial(250, shares)) for _ in range(4000)])
    assert 0.98 < (drawn < psi_by_chance(400, 250, 4, 0.99)).mean() < 0.998
    assert 0.93 < (drawn < psi_by_chance(400, 250, 4, 0.95)).mean() < 0.965


def test_a_batch_of_the_same_kind_is_not_reported(reference, report, decisions):
    found = report(reference, decisions)
    assert found.cases == len(decisions) and found.compared
    assert [s for s in found.shifts if s.strength == "strong"] == []


def test_texts_of_other_words_are_reported_and_come_first(reference, in_use, decisions, report):
    planted = []
    for i, d in enumerate(decisions):
        strange = i % 2 == 0
        text = "Zorbel quint mavik drossel henk tulven. " * 12 if strange else d.case.text
        planted.append(in_use.tag(replace(d.case, id=f"{'planted' if strange else 'usual'} {i}", text=text)))
    found = report(reference, planted)
    strengths = {s.feature: s.strength for s in found.shifts}
    assert strengths[UNKNOWN] == strengths[CUES] == "strong"
    assert {type(share) for share in (*found.unknown, *found.without_cues)} == {float}
    assert found.unknown[0] > 0.4 > found.unknown[1] and found.without_cues[0] > 0.45
    assert len(found.unlike) == 10
    assert all(case.id.startswith("planted") and case.unknown == 1 for case in found.unlike)
    assert all(a.surprise >= b.surprise > 0 for a, b in pairwise(found.unlike))
    assert found.drifted[0].feature in found.sentence and "\n" not in found.sentence
    assert json.loads(json.dumps(found.as_dict()))["sentence"] == found.sentence


def test_of_a_large_batch_all_are_counted_and_a_drawn_part_is_searched(reference, report, decisions, monkeypatch):
    """Figures do not change; those that differ most are the first of the whole that were drawn, in whatever order the cases come."""
    whole = report(reference, decisions)
    monkeypatch.setattr(drifted, "TOGETHER", 7)
    all_of_them = [u.id for u in reported_of(report, reference, decisions, len(decisions)).unlike]
    monkeypatch.setattr(drifted, "SOUGHT", LEAST // 2)
    part, turned = (reported_of(report, reference, some, len(decisions)) for some in (decisions, decisions[::-1]))
    assert part.shifts == whole.shifts and part.cases == len(decisions) and part.unknown == pytest.approx(whole.unknown)
    found = [u.id for u in part.unlike]
    assert 3 < len(found) <= LEAST // 2 and found == [id for id in all_of_them if id in found]
    assert {u.id for u in turned.unlike} == set(found)


def reported_of(report, reference, decisions, shown):
    watch = Watch(reference, *report.args)
    for decision in decisions:
        watch.add(decision)
    return watch.report(shown)


def test_a_batch_of_one_code_is_a_shift_of_what_is_proposed(reference, report, decisions):
    ones = [d for d in decisions if d.economy.code == "commons"]
    found = report(reference, ones * 6)
    assert {"economy proposed", "model proposed"} <= {s.feature for s in found.drifted}


def test_a_batch_is_held_to_the_sample_that_it_is_nearest_to(labelled, seen, weights, in_use, authored, report, monkeypatch):
    """A register that training has a sample of is no drift, however unlike the rest it is."""
    apart = [replace(x, set="no initiative" if x.economy == "none" else "initiatives") for x in labelled]
    monkeypatch.setattr(drift, "LEAST", 12)
    reference = drift_reference(apart, seen, weights)
    assert set(reference["samples"]) == {ALL, "no initiative", "initiatives"}
    found = report(reference, [in_use.tag(x.case) for x in authored[1::3] if x.economy == "none"] * 3)
    assert (found.sample, found.compared) == ("no initiative", False)
    assert [s for s in found.shifts if s.strength == "strong"] == []


def test_a_word_of_one_initiative_alone_is_unknown_to_all_others(in_use, authored):
    """Without leaving its initiative out, a model knew all words of what it learned from, and every new batch seemed strange."""
    known = [t for t in in_use.weights.words.terms if " " not in t][:40]
    case = authored[0].case
    texts = [" ".join(known[:20])] * 5 + [" ".join(known[20:])] * 3  # the latter words are one initiative's alone, in three texts
    groups = ["a", "b", "c", "d", "e", "alone", "alone", "alone"]
    rows = [Labelled(replace(case, id=str(i), text=text), "commons", "6", group) for i, (text, group) in enumerate(zip(texts, groups, strict=True))]
    looked = [look_at(x.case, in_use.finder, in_use.rulebook, in_use.codebook) for x in rows]
    reference = drift_reference(rows, looked, in_use.weights)
    assert reference["samples"][ALL]["unknown"] == pytest.approx(3 / 8)


def test_pairs_of_words_do_not_count():
    assert unknown_share(["a", "a b", "b", "b c", "c", "c"], {"a", "b"}) == 0.5
    assert unknown_share([], {"a"}) == 0.0


def test_what_is_denied_or_said_of_others_is_not_stated():
    marks = ["cue:licensing=open", "cue:payment=paid@negated", "cue:payment=paid@other", "page:url", "rule:r-1"]
    assert stated(marks) == {("licensing", "open")}


def test_too_few_cases_say_nothing(reference, report, decisions):
    assert report(reference, decisions[: LEAST - 1]) is None
    assert report(reference, decisions[:LEAST]) is not None


def test_the_same_numbers_give_the_same_bytes(labelled, seen, weights):
    first, second = (reference_bytes(drift_reference(labelled, seen, weights)) for _ in range(2))
    assert first == second and len(first) < 10_000


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", "format", "counts", "samples", "features"])
def test_numbers_that_are_none_are_refused(reference, damage):
    data = damage
    if isinstance(damage, str):
        broken = json.loads(reference_bytes(reference))
        if damage == "counts":
            broken["samples"][ALL]["counts"][UNKNOWN] = [1, 2]
        else:
            broken[damage] = 99 if damage == "format" else {}
        data = json.dumps(broken).encode()
    with pytest.raises(ModelError, match="train anew"):
        read_reference(data)


def test_the_numbers_stand_beside_a_model_under_its_hash(tmp_path, reference):
    data = reference_bytes(reference)
    files = {WEIGHTS: {"sha256": "0" * 64}, DRIFT: described(data)}
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 3, "files": files}))
    (tmp_path / DRIFT).write_bytes(data)
    assert reference_of(tmp_path) == reference
    (tmp_path / DRIFT).write_bytes(data.replace(b"1", b"2", 1))
    with pytest.raises(ModelError, match="SHA-256"):
        reference_of(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 3, "files": {WEIGHTS: files[WEIGHTS]}}))
    with pytest.raises(ModelError, match="a model that is trained now has them"):
        reference_of(tmp_path)


def test_a_run_is_watched_only_where_there_is_something_to_hold_it_to(tmp_path, in_use, rules_alone, reference, decisions):
    (tmp_path / "empty").mkdir()
    assert watch_for(tmp_path / "empty", rules_alone) is None
    data = reference_bytes(reference)
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 3, "files": {WEIGHTS: {"sha256": "0" * 64}, DRIFT: described(data)}}))
    (tmp_path / DRIFT).write_bytes(data)
    watch = watch_for(tmp_path, in_use)
    for decision in decisions:
        watch.add(decision)
    assert watch.report().cases == len(decisions)
