"""The packaged lexicon against a table of sentences written from the codebook, not from the lexicon.

A row of ``sentences.jsonl``: `text`; `expect`, mentions that must be found (`cue`, `value`, `status`; `text`, a part of the
mention; `or`, other mentions that say the same: "carries no ads" is advertising refused, or the sale of attention denied);
`absent`, mentions that must not (`cue`, `value`, and with `status` only in that status); `voice`, that of all expected mentions; `note`;
`known`, why a fair row is not met yet (it then must fail, so that the mark goes when the fault goes).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tagger.codebook import load_codebook
from tagger.cues import CueFinder, load_lexicon

ROWS = [json.loads(line) for line in (Path(__file__).parent / "sentences.jsonl").read_text(encoding="utf-8").splitlines()]
STATUSES = ("affirmed", "negated", "past", "planned", "other")


@pytest.fixture(scope="module")
def codebook():
    return load_codebook()


@pytest.fixture(scope="module")
def finder(codebook):
    return CueFinder(load_lexicon(codebook))


def _fits(mention, wanted) -> bool:
    same = (mention.cue, mention.value) == (wanted["cue"], wanted["value"])
    return same and mention.status == wanted.get("status", mention.status) and wanted.get("text", "") in mention.text


def _faults(row, mentions) -> list[str]:
    faults = []
    for wanted in row["expect"]:
        found = [m for m in mentions if any(_fits(m, way) for way in (wanted, *wanted.get("or", ())))]
        if not found:
            faults.append(f"not found: {wanted}")
        elif "voice" in row and row["voice"] not in {m.voice for m in found}:
            faults.append(f"voice {found[0].voice}, not {row['voice']}: {wanted}")
    return faults + [f"must not be found: {unwanted}" for unwanted in row["absent"] if any(_fits(m, unwanted) for m in mentions)]


def _case(row):
    marks = [pytest.mark.xfail(reason=row["known"], strict=True)] if "known" in row else []
    return pytest.param(row, id=row["id"], marks=marks)


@pytest.mark.parametrize("row", [_case(row) for row in ROWS])
def test_the_sentence_gives_its_mentions_and_no_others(finder, row):
    mentions = finder.find(row["text"])
    faults = _faults(row, mentions)
    got = [f"{m.cue}={m.value} {m.status} {m.voice} {m.text!r} ({m.pattern})" for m in mentions]
    assert not faults, "\n  ".join([repr(row["text"]), *faults, "found:", *(got or ["nothing"])])
    assert all(row["text"][m.start : m.end] == m.text for m in mentions), "offsets must point at the mention's text"


def test_the_table_is_large_and_its_ids_are_unique():
    assert len(ROWS) >= 200
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert len({row["text"] for row in ROWS}) == len(ROWS)


def test_every_row_demands_something():
    assert [row["id"] for row in ROWS if not row["expect"] and not row["absent"]] == []


def test_every_value_of_the_cues_is_expected_four_times_over(codebook):
    counts = Counter((w["cue"], w["value"]) for row in ROWS for w in row["expect"] if w["status"] == "affirmed")
    wanted = [(cue, value) for cue, values in codebook.cue_values.items() if cue != "kind" for value in values]
    assert len({cue for cue, _ in wanted}) == 8
    assert {pair: counts[pair] for pair in wanted if counts[pair] < 4} == {}


def test_every_status_is_expected_fifteen_times_over():
    counts = Counter(w["status"] for row in ROWS for w in row["expect"])
    assert {status: counts[status] for status in STATUSES if counts[status] < 15} == {}


def test_the_table_names_only_what_the_codebook_knows(codebook):
    named = {(w["cue"], w["value"]) for row in ROWS for w in (*row["expect"], *row["absent"])}
    assert sorted(pair for pair in named if pair[1] not in codebook.cue_values.get(pair[0], ())) == []
