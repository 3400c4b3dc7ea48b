"""The canonical object: its keys, its offsets, its sums."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from tagger.case import Case, CueCode, Origin
from tagger.writing.record import as_record, ledgers, overall_status

KEYS = ["id", "title", "economy", "model", "roles", "cues", "cue_codes", "evidence", "scores", "provenance", "fields", "text"]


def test_keys_and_their_order(decision):
    record = as_record(decision)
    assert list(record) == KEYS
    assert list(record["economy"]) == list(record["model"]) == ["code", "probability", "status", "set"]
    assert list(record["cues"][0]) == ["cue", "value", "status", "voice", "start", "end", "text", "pattern"]
    assert list(record["evidence"][0]) == ["facet", "code", "source", "name", "weight", "criterion", "start", "end"]
    assert list(record["provenance"]) == ["tagger", "codebook", "rules", "model"]
    assert list(record["roles"][0]) == ["role", "evidence"]
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_evidence_adds_up_to_the_scores_for_winner_and_runner_up(decision):
    record = as_record(decision)
    pairs = {(line["facet"], line["code"]) for line in record["evidence"]}
    assert pairs == {("economy", "commons"), ("economy", "sharing"), ("model", "8"), ("model", "6")}
    for facet, code in pairs:
        total = math.fsum(line["weight"] for line in record["evidence"] if (line["facet"], line["code"]) == (facet, code))
        assert total == record["scores"][facet][code]
        assert abs(total - getattr(decision, facet).scores[code]) < 1e-6
    assert record["scores"]["economy"]["none"] == -1.5
    assert set(record["scores"]["economy"]) == set(decision.economy.scores)


def test_weights_have_nine_decimals(decision):
    assert any(line["weight"] == 1.812345679 for line in as_record(decision)["evidence"])


def test_winner_comes_first(make):
    assert [code for code, _ in ledgers(make(economy="zzz").economy)] == ["zzz", "sharing"]


def test_offsets_point_into_the_text_as_given(decision, marked_up):
    for each in (decision, marked_up):
        record = as_record(each)
        for entry in [*record["cues"], *(cue for role in record["roles"] for cue in role["evidence"])]:
            assert each.case.as_given[entry["start"] : entry["end"]] == entry["text"]
    first, second = as_record(marked_up)["cues"]
    assert first["text"] == "Free code" and "plain" not in first
    assert second["text"] == "under</b> the <i>GPL" and second["plain"] == "under the GPL"
    line = next(line for line in as_record(marked_up)["evidence"] if line["start"] is not None)
    assert (line["start"], line["end"]) == (second["start"], second["end"])


def test_page_facts_do_not_clobber_a_column_named_page(marked_up):
    fields = as_record(marked_up)["fields"]
    assert fields == {"page": "mine", "year": 2008, "page_": {"definition": "free code", "url": "http://example.org", "categories": ["Software"]}}


def test_notes_only_if_any(decision, marked_up):
    assert "notes" not in as_record(decision)
    assert as_record(marked_up)["notes"] == ["1 tag mended"]


def test_odd_fields_become_json(make):
    deep: list = []
    for _ in range(500):
        deep = [deep]
    odd = {"nan": math.nan, "inf": math.inf, "deep": deep, "tuple": (1, {2: {3}}), "none": None, "yes": True}
    record = as_record(make(case=Case("a", "b", "", Origin("x"), fields=odd), cues=()))
    text = json.dumps(record, allow_nan=False)
    assert record["fields"]["nan"] == "nan" and record["fields"]["none"] is None and record["fields"]["yes"] is True
    assert record["fields"]["tuple"] == [1, {"2": "{3}"}]
    assert "nested deeper" in text


def test_overall_status(make):
    assert [overall_status(make(status=status)) for status in ("decided", "abstained", "gated")] == ["decided", "abstained", "gated"]


def test_cue_codes_with_places_in_the_text_as_given(marked_up, decision):
    start = marked_up.case.text.index("under")
    codes = (CueCode("licensing", "open", 0.87654321012, start, start + 13), CueCode("payment", "unstated", 0.9))
    stated, unstated = as_record(replace(marked_up, cue_codes=codes))["cue_codes"]
    assert list(stated) == ["cue", "value", "probability", "start", "end"]
    assert (stated["cue"], stated["value"], stated["probability"]) == ("licensing", "open", 0.87654321)
    assert marked_up.case.source[stated["start"] : stated["end"]] == "under</b> the <i>GPL"
    assert (unstated["value"], unstated["start"], unstated["end"]) == ("unstated", None, None)
    assert as_record(decision)["cue_codes"] == []
