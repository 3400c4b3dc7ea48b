"""CSV: the columns, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagger.case import CueCode
from tagger.writing import open_writer
from tagger.writing.table import COLUMNS, guarded, unguarded, why

HOSTILE = [
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x",
    "  =1", "'=1", '"=1', "\u00a0=1", "\ufeff=1", "'\t@x", "-", "=", "'", "''=1", " \t=1", "- a list item", "==== History ====",
]  # fmt: skip
TRIGGERS = "=+-@\t\r\n＝＋－＠"


@given(st.text() | st.text(alphabet=TRIGGERS + "'\" 1.e"))
@example("'-5")
@example("-5")
def test_guard_is_reversible_and_nothing_dangerous_is_left(text):
    cell = guarded(text)
    assert unguarded(cell) == text
    if cell[:1] in tuple(TRIGGERS):
        float(cell)  # only a plain number may begin so


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_cells_begin_with_an_apostrophe(text):
    assert guarded(text).startswith("'")
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "-5", "-0.12", "-1e-9", "plain", "a=b", "'quoted'", "1-2"])
def test_harmless_cells_stay(text):
    if text != "'quoted'":
        assert guarded(text) == text
    assert unguarded(guarded(text)) == text


def write(path, decisions, **more):
    writer = open_writer(path, **more)
    for each in decisions:
        writer.write(each)
    writer.commit({})
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""), strict=True))


def test_row(tmp_path, decision, labels):
    (row,) = write(tmp_path / "o.csv", [decision], labels=labels)
    assert list(row) == list(COLUMNS)
    assert row["economy"] == "commons" and row["economy_label"] == "Commons economy" and row["economy_probability"] == "0.83"
    assert row["model"] == "8" and row["model_probability"] == "0.618" and row["model_set"] == "8"
    assert 'licensing=open "under the GPL"; advertising=sells_attention "no advertising" (negated)' in row["cues"]
    assert row["roles"] == "produser"
    assert row["economy_why"].startswith("rule copyleft-keeps-it-open +1.81; base base rate -0.70; word word0 +0.30")
    assert row["tagger_version"] == "0.1.0"


def test_a_column_for_each_coded_cue_before_those_of_the_input(tmp_path, make):
    codes = (CueCode("payment", "unstated", 0.9), CueCode("licensing", "=open", 0.8, 0, 3))
    decisions = [make(fields={"b": 1}), replace(make(fields={"cue_payment": "mine"}), cue_codes=codes)]
    rows = write(tmp_path / "o.csv", decisions)
    assert list(rows[0])[len(COLUMNS) :] == ["cue_payment", "cue_licensing", "b", "input_cue_payment"]
    assert [(row["cue_payment"], row["cue_licensing"], row["input_cue_payment"]) for row in rows] == [("", "", ""), ("unstated", "'=open", "mine")]


def test_why_says_how_many_more(decision):
    assert why(decision.economy).endswith("; and 17 more")
    assert "more" not in why(decision.model)


def test_columns_of_all_records_in_order_and_own_names_kept_apart(tmp_path, make):
    decisions = [make(fields={"economy": "mine", "b": 1}), make(fields={"c": [1, "é"], "b": None, "=x": "y"}), make(fields={"n": -4, "s": "-4+1"})]
    rows = write(tmp_path / "o.csv", decisions)
    assert list(rows[0])[len(COLUMNS) :] == ["input_economy", "b", "c", "'=x", "n", "s"]
    assert [row["input_economy"] for row in rows] == ["mine", "", ""]
    assert [row["b"] for row in rows] == ["1", "", ""]
    assert rows[1]["c"] == '[1, "é"]' and rows[1]["'=x"] == "y"
    assert rows[2]["n"] == "-4" and rows[2]["s"] == "'-4+1"


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_in_every_column_comes_back(tmp_path, make, payload):
    text = f"{payload} and more"
    cues = (("cue", "value", "affirmed", "page", text),)
    (row,) = write(tmp_path / "o.csv", [make(id=payload, title=payload, text=text, cues=cues, payload=payload, fields={"f": payload, payload: payload})])
    for name, cell in row.items():
        assert guarded(unguarded(cell)) == cell, f"{name} is not guarded"
    assert unguarded(row["title"]) == unguarded(row["id"]) == unguarded(row["f"]) == payload


def test_line_ends_inside_cells_survive(tmp_path, make):
    (row,) = write(tmp_path / "o.csv", [make(title="a\rb\nc\r\nd,\"e\"\x00")])
    assert row["title"] == "a\rb\nc\r\nd,\"e\"\x00"


def test_partial_has_a_header_too(tmp_path, decision):
    writer = open_writer(tmp_path / "o.csv")
    writer.write(decision)
    assert writer.keep_partial() == tmp_path / "o.partial.csv"
    assert writer.keep_partial() is None
    assert (tmp_path / "o.partial.csv").read_text().startswith("id,title,")
    assert [p.name for p in tmp_path.iterdir()] == ["o.partial.csv"]


def test_abort_leaves_nothing(tmp_path, decision):
    writer = open_writer(tmp_path / "o.csv")
    writer.write(decision)
    writer.abort()
    assert not list(tmp_path.iterdir())
