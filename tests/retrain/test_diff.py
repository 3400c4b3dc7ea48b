"""What changed between two runs, and why: every cause made on purpose, and sums that must come out."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.codebook import FACETS
from tagger.coding.decide import Thresholds
from tagger.coding.ledger import best_pairs
from tagger.cues import CueFinder
from tagger.errors import InputError
from tagger.pipeline import Tagger
from tagger.retrain.causes import CUES, MODEL, RULES, TEXT, THRESHOLD, UNKNOWN, WEIGHTS, threshold_alone
from tagger.retrain.diff import diff_models, diff_results
from tagger.retrain.sides import OTHER_WORDS, View, aligned, on_pairs, side_of_case, side_of_record, versions_of
from tagger.writing.jsonl import dump_line
from tagger.writing.record import as_record


@pytest.fixture(scope="module")
def cases(authored) -> list[Case]:
    return [replace(x.case, title=x.case.title or x.case.id) for x in authored[::18]]


def other(tagger: Tagger, *, model: str = "", **parts) -> Tagger:
    """The same pipeline with some of its parts replaced."""
    book, finder, rules = (parts.get(name, getattr(tagger, name)) for name in ("codebook", "finder", "rulebook"))
    name = f"other {model}" if model else tagger.provenance.model
    return Tagger(book, finder, rules, parts.get("weights", tagger.weights), name, parts.get("thresholds", tagger.thresholds))


@pytest.fixture(scope="module")
def reworded(in_use) -> Tagger:
    """A model whose words weigh otherwise."""
    words = in_use.weights.words
    noise = np.random.default_rng(0).normal(0, 2 * float(words.coef.std()), words.coef.shape)
    return other(in_use, model="abcdef012345", weights=replace(in_use.weights, words=replace(words, coef=words.coef + noise)))


@pytest.fixture(scope="module")
def reruled(in_use) -> Tagger:
    """Rules of which every other weighs the contrary."""
    rules = tuple(replace(rule, weight=-rule.weight) if i % 2 else rule for i, rule in enumerate(in_use.rulebook.rules))
    return other(in_use, rulebook=replace(in_use.rulebook, rules=rules, sha256="0" * 64))


@pytest.fixture(scope="module")
def recued(in_use) -> Tagger:
    """A lexicon that finds but nine of the patterns."""
    lexicon = in_use.finder.lexicon
    return other(in_use, finder=CueFinder(replace(lexicon, patterns=lexicon.patterns[:9], sha256="1" * 64)))


def written(path, tagger, cases, **options):
    path.write_text("".join(dump_line(as_record(tagger.tag(case), **options)) for case in cases), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory, in_use, cases):
    """The results of the pipeline as it is."""
    return written(tmp_path_factory.mktemp("base") / "a.jsonl", in_use, cases)


def outcomes(tagger, cases):
    tagged = [(case.id, tagger.tag(case)) for case in cases]
    return {key: tuple((getattr(d, f).code, getattr(d, f).status) for f in FACETS) for key, d in tagged}


@pytest.mark.parametrize("which", ["reworded", "reruled", "recued"])
def test_all_changes_are_found_and_their_causes_add_up(which, request, in_use, cases, base, tmp_path):
    after = request.getfixturevalue(which)
    then, now = outcomes(in_use, cases), outcomes(after, cases)
    by_files = diff_results(base, written(tmp_path / "b.jsonl", after, cases))
    by_models = diff_models(in_use, after, cases, ("a", "b"))
    for found, by_model in ((by_files, MODEL), (by_models, WEIGHTS["word"])):
        cause = {"reworded": by_model, "reruled": RULES, "recued": CUES}[which]
        assert found.compared == len(cases)
        assert [case.id for case in found.cases] == [key for key in then if then[key] != now[key]]
        assert len(found.cases) > 1  # or nothing was tested
        for change in found.changes:
            assert (change.before.outcome, change.after.outcome) == tuple(runs[case_of(found, change)][FACETS.index(change.facet)] for runs in (then, now))
            assert change.cause == cause
            assert abs(math.fsum(by for _, by in change.causes) - (change.margin[1] - change.margin[0])) < 1e-5
            if change.before.code != change.after.code:
                assert change.margin[0] <= 1e-9 <= change.margin[1] + 2e-9
    for change in by_models.changes:  # all lines are known here, so they add up without a rest
        assert abs(math.fsum(line.by for line in change.lines) - (change.margin[1] - change.margin[0])) < 1e-4
        assert all(abs(a.by) >= abs(b.by) for a, b in pairwise(change.lines))


def case_of(found, change):
    return next(case.id for case in found.cases if change in case.changes)


def test_a_word_that_was_given_weight_is_named(in_use, cases):
    case = cases[0]
    word = next(t for t in in_use.weights.words.terms if t in case.text.split() and len(t) > 5)
    pairs, coef = in_use.weights.pairs, in_use.weights.words.coef.copy()
    winner = tuple(in_use.tag(case).__getattribute__(f).code for f in FACETS)
    loser = next(i for i, pair in enumerate(pairs) if pair[0] != winner[0] and pair[1] != winner[1])
    coef[in_use.weights.words.columns[word], loser] = 500.0
    after = other(in_use, model="aaaaaaaaaaaa", weights=replace(in_use.weights, words=replace(in_use.weights.words, coef=coef)))
    found = diff_models(in_use, after, [case], ("a", "b"))
    assert [(c.facet, c.after.code, c.cause, c.lines[0].name) for c in found.changes] == [
        (facet, pairs[loser][i], WEIGHTS["word"], word) for i, facet in enumerate(FACETS)
    ]


def test_thresholds_alone(in_use, cases, base, tmp_path):
    strict = other(in_use, thresholds=Thresholds(decide=0.9))
    for found in (
        diff_models(in_use, strict, cases, ("a", "b")),
        diff_results(base, path := written(tmp_path / "b.jsonl", strict, cases)),
        diff_results(path, base),
    ):
        assert len(found.changes) > 3
        assert {change.cause for change in found.changes} == {THRESHOLD}
        assert all(change.lines == () and case.parts == () for case in found.cases for change in case.changes)


def test_a_threshold_is_told_from_weights_that_changed_too(in_use, reworded, cases):
    """Where the old threshold would have left the outcome as it was, the threshold is the cause, and only there."""
    both = other(reworded, model="abcdef012345", thresholds=Thresholds(decide=0.9))
    weights_alone = {case.id: case for case in diff_models(in_use, reworded, cases, ("a", "b")).cases}
    found = [(case.id, change) for case in diff_models(in_use, both, cases, ("a", "b")).cases for change in case.changes]
    causes = set()
    for key, change in found:
        without = key not in weights_alone or change.facet not in {c.facet for c in weights_alone[key].changes}
        assert (change.cause == THRESHOLD) == without
        causes.add(without)
    assert causes == {True, False}


def test_another_text(in_use, cases, base, tmp_path):
    swapped = [replace(case, text=cases[(i + 7) % len(cases)].text) for i, case in enumerate(cases)]
    found = diff_results(base, written(tmp_path / "b.jsonl", in_use, swapped))
    assert found.texts == len(cases) and {change.cause for change in found.changes} == {TEXT}
    assert {case.parts for case in found.cases} == {("text",)}
    same = [replace(case, text=f"\n{case.text.upper()}") for case in cases]  # other letters, the same words: the same text
    assert diff_results(base, written(tmp_path / "c.jsonl", in_use, same)).texts == 0


def test_several_things_changed_at_once(reruled, reworded, cases, base, tmp_path):
    after = other(reruled, model="abcdef012345", weights=reworded.weights)
    found = diff_results(base, written(tmp_path / "b.jsonl", after, cases))
    sources = {(line.source, line.cause) for change in found.changes for line in change.lines}
    assert {("rule", RULES), ("word", MODEL)} <= sources
    assert not {cause for _, cause in sources} & {TEXT, CUES, UNKNOWN}


def test_what_files_cannot_tell_is_said(in_use, cases, tmp_path):
    short = written(tmp_path / "a.jsonl", in_use, cases[:6], text=False)
    twice = written(tmp_path / "b.jsonl", in_use, [*cases[2:9], cases[2]])
    found = diff_results(short, twice)
    assert (found.compared, found.untold, found.repeated, found.cases) == (4, 4, 1, [])
    assert found.only == ([c.id for c in cases[:2]], [c.id for c in cases[6:9]])


@pytest.mark.parametrize("row", ['{"id": 3}', '{"id": "a"}', '{"id": "a", "economy": [], "model": {}, "provenance": {}, "scores": {}}', "[]", "no"])
def test_what_is_no_result_is_refused_with_its_line(row, in_use, cases, tmp_path):
    good = written(tmp_path / "a.jsonl", in_use, cases[:1])
    (tmp_path / "bad.jsonl").write_text(good.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.jsonl, line 2"):
        diff_results(good, tmp_path / "bad.jsonl")


def test_a_code_that_is_gone_is_the_codebook(in_use, cases, tmp_path):
    record = as_record(in_use.tag(cases[0]))
    changed = json.loads(json.dumps(record))
    changed["provenance"]["codebook"] = "another 2.0.0 000000000000, cues" + record["provenance"]["codebook"].split("cues")[1]
    changed["model"] |= {"code": "77", "status": "decided"}
    changed["scores"]["model"] = {"77": 1.0}
    changed["evidence"] = []
    for name, row in (("a", record), ("b", changed)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    [case] = diff_results(tmp_path / "a.jsonl", tmp_path / "b.jsonl").cases
    assert [(c.facet, c.cause, c.margin) for c in case.changes if c.facet == "model"] == [("model", "codebook", None)]


def test_counts_by_code_are_those_of_the_cases(in_use, reworded, cases):
    found = diff_models(in_use, reworded, cases, ("a", "b"))
    moves = found.moves()
    assert sum(number for *_, number, _ in moves) == len(found.changes)
    assert all(sum(causes.values()) == number for *_, number, causes in moves)
    told = found.as_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["changed"] == len(told["cases"]) == len(found.cases)


def test_folded_words_are_compared_in_the_same_lines():
    first, second = aligned({("word", "a"): 1.0, ("word", "b"): 2.0, OTHER_WORDS: 0.5}, {("word", "a"): 1.5, ("word", "c"): 3.0})
    assert first == {("word", "a"): 1.0, ("word", "b"): 2.0, OTHER_WORDS: 0.5}
    assert second == {("word", "a"): 1.5, OTHER_WORDS: 3.0}  # c is not named before: it is in the fold there
    assert aligned(second | {("word", "c"): 3.0}, {("word", "a"): 1.0}) == ({("word", "a"): 1.5, ("word", "c"): 3.0, OTHER_WORDS: 3.0}, {("word", "a"): 1.0})
    assert aligned({("word", "a"): 1.0}, {("word", "b"): 2.0, OTHER_WORDS: 4.0}) == ({OTHER_WORDS: 1.0}, {("word", "b"): 2.0, OTHER_WORDS: 4.0})


@pytest.mark.parametrize(
    "before, after, least, alone",
    [
        (("6", 0.6, "decided"), ("6", 0.65, "abstained"), (0.5, 0.7), True),  # the first run decided at 0.5 already
        (("6", 0.6, "decided"), ("6", 0.45, "abstained"), (0.5, 0.7), False),  # less sure than anything that the first run decided
        (("6", 0.65, "abstained"), ("6", 0.6, "decided"), (0.7, 0.5), True),
        (("6", 0.4, "abstained"), ("6", 0.6, "decided"), (0.7, 0.5), False),
        (("6", 0.65, "decided"), ("8", 0.65, "abstained"), (0.5, 0.7), False),
        (("6", 0.65, "decided"), ("6", 0.65, "abstained"), (None, None), False),
    ],
)
def test_thresholds_are_told_by_the_least_sure_decision_of_a_run(before, after, least, alone):
    made = [View(code, probability, status, {}, {}) for code, probability, status in (before, after)]
    assert threshold_alone(*made, *least) == alone


def test_a_side_is_the_same_from_a_record_and_from_a_pipeline(in_use, cases):
    for case in cases[:10]:
        made, (live, ledger) = side_of_record(as_record(in_use.tag(case))), side_of_case(in_use, case)
        assert (made.versions, made.mentions) == (live.versions, live.mentions)
        for i, facet in enumerate(FACETS):
            assert made.facets[facet].outcome == live.facets[facet].outcome
            pairs = {code: ledger.pairs[pair] for code, pair in best_pairs(ledger.pairs, ledger.scores(), i).items()}
            full = on_pairs(live.facets[facet], ledger, pairs)
            for code, lines in made.facets[facet].lines.items():
                first, second = aligned(lines, full.lines[code])
                assert first.keys() == second.keys()
                assert all(first[key] == pytest.approx(second[key], abs=1e-6) for key in first)


def test_a_model_is_known_by_its_hash_alone():
    old = {"tagger": "1", "codebook": "x 1.0.0 aa, cues 1 bb", "rules": "1 cc", "model": "2026.11 dd"}
    assert versions_of(old) == versions_of(old | {"model": "renamed dd"}) != versions_of(old | {"model": "2026.11 ee"})


def test_rules_alone_against_a_model(rules_alone, in_use, cases):
    found = diff_models(rules_alone, in_use, [*cases[:8], Case("empty", "", "", Origin("x"))], ("rules", "model"))
    assert found.compared == 9 and found.changes
    assert found.versions[0]["model"] == [""]
