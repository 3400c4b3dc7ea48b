"""Suggestions as a review reads them: text without markup, spans led back to it, faults told by line."""

from __future__ import annotations

import json

import pytest

from tagger.case import Case
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.pipeline import Tagger
from tagger.reading import read
from tagger.review.cases import read_suggestions
from tagger.writing.jsonl import dump_line
from tagger.writing.record import as_record, ledgers

PAGE = """<html><head><title>Mill</title><script>var a = "owned by its members";</script></head><body><div class="x"><p>The mill &amp; its caf&eacute;
are <b>owned by</b> its members, who don&#39;t pay: 👩‍🌾 all work is done by volunteers.</p><p>It carries no <i>advertising</i>.</p></body></html>"""


@pytest.fixture(scope="module")
def decisions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    (folder / "mill.html").write_text(PAGE, encoding="utf-8")
    (folder / "inn.mediawiki").write_text("'''The [[inn]]''' is [https://inn.example run by] a company.<!-- owned by its members -->", encoding="utf-8")
    (folder / "heron.txt").write_text("Heron is owned by its members.", encoding="utf-8")
    tagger = Tagger.load()
    return [tagger.tag(case) for case in read([folder]) if isinstance(case, Case)]


def test_people_read_the_text_without_markup_and_spans_point_into_it(tmp_path, decisions):
    (tmp_path / "s.jsonl").write_text("".join(dump_line(as_record(d)) for d in decisions), encoding="utf-8")
    cases = list(read_suggestions(tmp_path / "s.jsonl"))
    assert [c.text for c in cases] == [d.case.text for d in decisions]
    assert sum(len(d.mentions) for d in decisions) >= 4
    for case, decision in zip(cases, decisions, strict=True):
        assert "<" not in case.text and case.sha256 == fingerprint(decision.case.text)
        assert [(c["start"], c["end"]) for c in case.record["cues"]] == [(m.start, m.end) for m in decision.mentions]
        lines = [line for choice in (decision.economy, decision.model) for _, of_code in ledgers(choice) for line in of_code]
        assert [(r["start"], r["end"]) for r in case.record["evidence"]] == [(line.start, line.end) for line in lines]
        assert case.versions["codebook"] and case.suggestion == {"economy": decision.economy.code, "model": decision.model.code}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": 7}, "no id"),
        ({"id": "first"}, "stands already in line 1"),
        ({"model": {"code": "6"}}, "no proposal for both facets"),
        ({"text": None}, "no text, so there is nothing to read"),
        ({"plain": {"text": "x", "at": [[0], []]}}, "plain: no text with two lists"),
        ({"plain": {"text": "x", "at": [[5, 1], [0, 1]]}}, "plain: no text with two lists"),
    ],
)
def test_a_line_that_is_no_suggestion_is_told_and_passed_over(tmp_path, decisions, change, told):
    good = as_record(next(d for d in decisions if d.case.source is None))
    rows = [good | {"id": "first"}, good | {"id": "second"} | change, good | {"id": "third"}]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    faults: list[str] = []
    assert [c.id for c in read_suggestions(tmp_path / "s.jsonl", faults)] == ["first", "third"]
    assert len(faults) == 1 and faults[0].startswith("line 2: ") and told in faults[0]
    with pytest.raises(InputError, match=r"s\.jsonl, line 2: "):
        list(read_suggestions(tmp_path / "s.jsonl"))
