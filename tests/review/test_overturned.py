"""What people overturn, codes and the rules that spoke for them."""

from __future__ import annotations

import pytest
from made_reviews import TEXT, head

from tagger.codebook import load_codebook
from tagger.codings.merge import Label
from tagger.learning.rules_report import wilson
from tagger.review.cases import ReviewCase
from tagger.review.overturned import overturned_codes, overturned_rules, rules_for

BOOK = load_codebook()


def label(case: str, model: str, economy: str = "sharing", settled: str = "single") -> Label:
    return Label(case, "", {"economy": economy, "model": model}, settled, ("ada",))


HEADS = [head(f"a{i}", "9") for i in range(10)] + [head(f"b{i}", "2") for i in range(4)] + [head("c0", "11"), head("uncoded", "11")]
LABELS = {f"a{i}": label(f"a{i}", "7" if i < 3 else "9") for i in range(10)} | {f"b{i}": label(f"b{i}", "1" if i else "3") for i in range(4)}
LABELS |= {"c0": label("c0", "11"), "of another project": label("of another project", "1")}


def test_codes_by_hand():
    found = overturned_codes(LABELS, HEADS)
    assert [(f.facet, f.code, f.rule, f.cases, f.overturned, f.to) for f in found] == [
        ("model", "2", "", 4, 4, {"1": 3, "3": 1}),  # surely wrong, on few cases
        ("model", "9", "", 10, 3, {"7": 3}),
    ]
    assert found[1].share == pytest.approx(0.3)
    assert (found[1].low, found[1].high) == wilson(3, 10)
    assert list(found[0].to) == ["1", "3"]  # the most frequent first
    assert found[0].as_dict()["to"] == {"1": 3, "3": 1}


@pytest.mark.parametrize("settled", ["unresolved", "stale"])
def test_what_has_no_label_is_not_counted(settled):
    assert overturned_codes({"a0": label("a0", "7", settled=settled)}, HEADS) == []


def test_rules_by_hand():
    rules = {f"a{i}": {"model": ["r-often"] + ["r-bad"] * (i < 3), "economy": ["r-often"]} for i in range(10)} | {"b0": {"model": ["r-other"]}}
    found = overturned_rules(LABELS, HEADS, rules)
    assert [(f.facet, f.code, f.rule, f.cases, f.overturned) for f in found] == [
        ("model", "9", "r-bad", 3, 3),
        ("model", "2", "r-other", 1, 1),
        ("model", "9", "r-often", 10, 3),
    ]
    assert overturned_rules(LABELS, HEADS, {}) == []


def test_rules_that_spoke_for_a_suggestion():
    criterion = {c.id: c.use_when[0].id for c in (*BOOK.economies, *BOOK.models) if c.use_when}
    lines = [
        ("model", "9", "rule", "r-for", 1.0, criterion["9"]),
        ("model", "9", "rule", "r-for", 0.5, criterion["9"]),  # fired twice, told once
        ("economy", "sharing", "rule", "r-for", 1.0, criterion["9"]),  # a line of the pair, in the other facet's ledger
        ("economy", "sharing", "rule", "r-sharing", 1.0, criterion["sharing"]),
        ("model", "9", "rule", "r-foreign", 1.0, "of.another.codebook"),
        ("model", "9", "rule", "r-against", -1.0, criterion["9"]),
        ("model", "9", "fit", "r-for-fit", 1.0, criterion["9"]),
        ("model", "2", "rule", "r-for-the-runner-up", 1.0, criterion["2"]),
    ]
    evidence = [dict(zip(("facet", "code", "source", "name", "weight", "criterion"), line, strict=True)) for line in lines]
    case = ReviewCase("c1", "", "", TEXT, {"economy": {"code": "sharing"}, "model": {"code": "9"}, "evidence": evidence})
    assert rules_for(case, BOOK) == {"economy": ("r-sharing",), "model": ("r-for", "r-foreign")}
    assert rules_for(ReviewCase("c1", "", "", TEXT, {"economy": {"code": "none"}, "model": {"code": "none"}}), BOOK) == {"economy": (), "model": ()}


def test_rules_of_a_case_that_the_tagger_wrote(rules_alone):
    from tagger.case import Case, Origin
    from tagger.writing.record import as_record

    text = "Neighbours started the site. Its code is free software under the GPL, and anyone may contribute; there is no advertising."
    record = as_record(rules_alone.tag(Case("c1", "A made-up commons", text, Origin("test"))))
    found = rules_for(ReviewCase("c1", "", text, TEXT, record), rules_alone.codebook)
    fired = {line["name"] for line in record["evidence"] if line["source"] == "rule"}
    assert found["economy"] or found["model"]
    assert {*found["economy"], *found["model"]} <= fired
