"""Planted label errors are found, and come with their evidence in the form that review opens."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace

import numpy as np
import pytest

from tagger.errors import InputError
from tagger.learning.folds import cross_fitted
from tagger.learning.labelled import Labelled
from tagger.learning.suspects import suspect_records, suspects
from tagger.learning.train import Settings, look_at
from tagger.review.cases import read_suggestions
from tagger.review.heads import head_of
from tagger.writing.jsonl import dump_line

pytest.importorskip("cleanlab")
SETTINGS = Settings(topics=0, iterations=20, most=3000)


@pytest.fixture(scope="module")
def some(authored):
    """400 authored cases."""
    drawn = np.random.default_rng(0).choice(len(authored), 400, replace=False)
    return [Labelled(a.case, a.economy, a.model, a.system or a.case.id) for a in (authored[i] for i in drawn)]


@pytest.fixture(scope="module")
def planted(some, rules_alone):
    """One coder of three, who coded a third of the cases, gave another pair than the text has in 10 % of all cases."""
    random, pairs = np.random.default_rng(1), tuple(rules_alone.codebook.pairs)
    hers = random.permutation(len(some))[: len(some) // 3]
    wrong = set(hers[: len(some) // 10].tolist())
    labelled = list(some)
    for i in sorted(wrong):
        pair = next(pairs[j] for j in random.permutation(len(pairs)) if pairs[j] != some[i].pair)
        labelled[i] = replace(some[i], economy=pair[0], model=pair[1])
    return labelled, wrong


@pytest.fixture(scope="module")
def fitted(planted, rules_alone):
    labelled, _ = planted
    seen = [look_at(x.case, rules_alone.finder, rules_alone.rulebook, rules_alone.codebook) for x in labelled]
    return cross_fitted(labelled, seen, rules_alone.codebook, SETTINGS)


@pytest.fixture(scope="module")
def found(planted, fitted, rules_alone):
    return suspects(planted[0], fitted, rules_alone.codebook)


@pytest.fixture(scope="module")
def records(planted, found, fitted, rules_alone):
    return list(suspect_records(found[:30], planted[0], fitted, rules_alone.codebook, rules_alone.finder, rules_alone.rulebook))


@pytest.mark.slow
def test_most_of_one_coders_errors_are_among_the_first_fifth(planted, found):
    labelled, wrong = planted
    first = {s.at for s in found[: len(labelled) // 5]}
    assert len(first & wrong) > 0.6 * len(wrong)  # by chance 0.2
    assert len({s.at for s in found[: len(labelled) // 10]} & wrong) > 0.3 * len(wrong)  # by chance 0.1
    flagged = {s.at for s in found if s.flagged}
    assert len(flagged & wrong) / len(wrong) > 1.3 * len(flagged) / len(labelled)


def test_every_case_is_ranked_once_and_by_quality(planted, found, fitted, rules_alone):
    labelled, _ = planted
    assert sorted(s.at for s in found) == list(range(len(labelled))) and [s.rank for s in found] == list(range(1, len(labelled) + 1))
    assert [s.quality for s in found] == sorted(s.quality for s in found)
    assert found == suspects(labelled, fitted, rules_alone.codebook)
    for s in found[::40]:
        assert (s.id, s.doubts["economy"].given, s.doubts["model"].given) == (labelled[s.at].case.id, labelled[s.at].economy, labelled[s.at].model)
        assert all(d.predicted != d.given and 0 <= d.given_probability <= 1 for d in s.doubts.values())


def test_review_opens_them_in_their_order(records, found, tmp_path):
    path = tmp_path / "suspects.jsonl"
    path.write_text("".join(dump_line(r) for r in records), encoding="utf-8")
    cases = list(read_suggestions(path))
    assert [c.id for c in cases] == [s.id for s in found[:30]]
    assert all(c.text for c in cases)
    for place, case in enumerate(cases, 1):
        head = head_of(case, place)
        assert head.position == place and set(head.suggestion) == {"economy", "model"}
        assert case.record["suspect"]["rank"] == place
        assert json.loads(json.dumps(case.record["suspect"])) == found[place - 1].as_dict()
        assert "cross-validation, fold" in case.versions["model"]


def test_the_evidence_is_for_the_suggested_and_for_the_given_code(records, found, planted):
    told = 0
    for record, suspect in zip(records, found[:30], strict=True):
        for facet in ("economy", "model"):
            given, code = getattr(planted[0][suspect.at], facet), record[facet]["code"]
            lines = [line for line in record["evidence"] if line["facet"] == facet]
            codes = list(dict.fromkeys(line["code"] for line in lines))
            assert codes[0] == code and (codes[1] == given or given == code)
            told += given != code
            for one in codes:
                assert record["scores"][facet][one] == math.fsum(line["weight"] for line in lines if line["code"] == one)
    assert told > 30  # most suspects are contradicted on both facets


def test_the_scores_are_those_of_the_model_that_has_not_seen_the_case(records, found, fitted, rules_alone):
    pairs = tuple(rules_alone.codebook.pairs)
    for record, suspect in zip(records, found, strict=False):
        best = pairs[int(fitted.scores[suspect.at].argmax())]
        assert (record["economy"]["code"], record["model"]["code"]) == best
        assert max(record["scores"]["model"].values()) == pytest.approx(fitted.scores[suspect.at].max(), abs=1e-6)


def test_labels_of_one_code_are_refused(some, fitted, rules_alone):
    same = [replace(x, economy="commons", model="6") for x in some]
    with pytest.raises(InputError, match="every case has economy 'commons'"):
        suspects(same, fitted, rules_alone.codebook)


def test_without_cleanlab_the_way_out_is_told(some, fitted, rules_alone, monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(InputError, match=r"pip install 'cleanlab>=2\.8'"):
        suspects(some, fitted, rules_alone.codebook)
