"""Where coders differ, and what is settled."""

from __future__ import annotations

import pytest
from made_reviews import NEW_TEXT, TEXT, coding, head, undo

from tagger.codebook import load_codebook
from tagger.codings.table import read_codings, write_codings
from tagger.review.adjudication import codings_of, disagreements, settled_codings
from tagger.review.verdicts import verdicts

BOOK = load_codebook()


def test_only_cases_whose_coders_differ_those_that_differ_on_more_first():
    events = [coding("alike", "9"), coding("alike", "9", "ben"), coding("one", "9"), coding("one", "7", "ben")]
    events += [coding("both", "9", "ben"), coding("both", "4", economy="commons"), coding("alone", "9")]
    found = disagreements(verdicts(events))
    assert [(d.case, d.facets, [v.coder for v in d.verdicts], d.decision) for d in found] == [
        ("both", ("economy", "model"), ["ada", "ben"], None),
        ("one", ("model",), ["ada", "ben"], None),
    ]


def test_what_was_left_out_is_no_disagreement():
    left_out = coding("c1", "9", "ben")
    del left_out.codes["economy"]
    assert disagreements(verdicts([coding("c1", "9", economy="commons"), left_out])) == []


@pytest.mark.parametrize("needed, cases", [(1, ["c1", "c2"]), (2, ["c1", "c2"]), (3, ["c2"]), (4, [])])
def test_nobody_decides_before_all_have_coded(needed, cases):
    events = [coding(case, model, coder) for case in ("c1", "c2") for coder, model in (("ada", "9"), ("ben", "7"))] + [coding("c2", "9", "cem")]
    assert [d.case for d in disagreements(verdicts(events), needed)] == cases


def test_a_decision_settles_until_it_is_undone():
    decided = coding("c1", "7", "eva", kind="adjudication")
    found = verdicts([coding("c1", "9"), coding("c1", "7", "ben"), decided])
    assert disagreements(found) == []
    (shown,) = disagreements(found, decided=True)
    assert (shown.open, shown.decision.coder) == (False, "eva")
    found.add(undo(decided))
    assert [d.decision for d in disagreements(found)] == [None]


def test_a_decision_on_one_facet_leaves_the_other_open():
    decided = coding("c1", "7", "eva", kind="adjudication")
    del decided.codes["economy"]
    (found,) = disagreements(verdicts([coding("c1", "9"), coding("c1", "7", "ben", economy="commons"), decided]))
    assert (found.facets, found.open, found.decision.codes) == (("economy", "model"), True, {"model": "7"})


def test_codings_and_decisions_of_another_text_do_not_count():
    texts = {"c1": NEW_TEXT}
    stale = [coding("c1", "9"), coding("c1", "7", "ben"), coding("c1", "9", "eva", kind="adjudication")]
    assert disagreements(verdicts(stale), texts=texts, decided=True) == []
    fresh = [coding("c1", "9", sha256=NEW_TEXT), coding("c1", "7", "ben", sha256=NEW_TEXT)]
    (found,) = disagreements(verdicts([*stale, *fresh]), texts=texts)
    assert found.decision is None
    assert disagreements(verdicts([*stale, *fresh]), texts={"c1": TEXT}) == []


def test_cues_are_compared_where_asked_for():
    found = verdicts([coding("c1", cues={"payment": "unpaid"}), coding("c1", coder="ben", cues={"payment": "paid"})])
    assert disagreements(found) == []
    assert [d.facets for d in disagreements(found, names=("model", "payment"))] == [("payment",)]
    assert [d.facets for d in disagreements(found, names=None)] == [("payment",)]


def test_rows_of_the_table_can_be_read_back(tmp_path):
    events = [
        coding("c2", "9", "ben", blind=True, note="=not sure", sureness="unsure"),
        coding("c2", "7", "ada", blind=False, shown={"model": "9"}, cues={"payment": "unpaid"}),
        coding("c2", "9", "eva", kind="adjudication"),
        coding("c1", "9", "ada"),
        coding("gone", "9", "ada"),
        mistaken := coding("c1", "9", "ben"),
        undo(mistaken),
    ]
    rows = codings_of(verdicts(events), [head("c1"), head("c2"), head("untouched")], {"c2"})
    assert [(r.case, r.coder, r.role, r.random) for r in rows] == [
        ("c1", "ada", "coder", False),
        ("c2", "ada", "coder", True),
        ("c2", "ben", "coder", True),
        ("c2", "eva", "adjudicator", True),
        ("gone", "ada", "coder", False),
    ]
    assert (rows[1].title, rows[-1].title) == ("About c2", "")
    assert codings_of(verdicts(events))[0].random is None
    write_codings(tmp_path / "out.csv", rows, BOOK)
    back = read_codings(tmp_path / "out.csv", BOOK)
    assert [(r.case, r.coder, r.role, r.codes, r.blind, r.shown, r.date, r.sha256, r.confidence) for r in back] == [
        (r.case, r.coder, r.role, r.codes, r.blind, r.shown, r.date, r.sha256, r.confidence) for r in rows
    ]


def test_settled_by_the_rules_of_merging():
    events = [coding("alike", "9"), coding("alike", "9", "ben"), coding("tied", "9"), coding("tied", "7", "ben"), coding("old", "9")]
    events += [coding("decided", "9"), coding("decided", "7", "ben"), coding("decided", "7", "eva", kind="adjudication"), coding("alone", "9")]
    heads = [head(case) for case in ("alike", "tied", "decided", "alone", "untouched")] + [head("old", sha256=NEW_TEXT)]
    labels = settled_codings(verdicts(events), heads, BOOK)
    assert {case: label.settled for case, label in labels.items()} == {
        "alike": "unanimous", "tied": "unresolved", "decided": "adjudicated", "alone": "single", "old": "stale",
    }
    assert labels["decided"].codes["model"] == "7"
