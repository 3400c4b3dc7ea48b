"""What is wrong with a row is told by row and column, and then nothing is taken in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from made_sheets import AT, BOTH, CASES, CODEBOOK, change, coding, made_case, taken, write

from tagger.review.events import Event, new_id
from tagger.review.verdicts import Verdicts


def meanwhile(case=CASES[0], **codes):
    return Verdicts([coding(case, codes or {"economy": "other", "model": "1"})])


@BOTH
@pytest.mark.parametrize(
    ("cells", "verdicts", "told"),
    [
        ({("heron", "model"): "9b"}, None, r'row 2, column model: "9b" is not a code of model.*there are: 1, 2'),
        ({("heron", "model"): "8", ("heron", "economy"): "commmons"}, None, r'row 2, column economy: "commmons".*did you mean "commons"'),
        ({("heron", "model"): "1", ("heron", "economy"): "commons"}, None, r'row 2, column economy: "commons" contradicts model "1"'),
        ({("tern", "model"): "7", ("tern", "cue_payment"): "lots"}, None, r'row 4, column cue_payment: "lots" is not a code of payment'),
        ({("tern", "cue_payment"): "unpaid"}, None, "row 4, column economy: neither economy nor model is given"),
        ({("tern", "model"): "7", ("tern", "unsure"): "perhaps"}, None, r'row 4, column unsure: "perhaps" is neither yes nor no'),
        ({("tern", "model"): "7", ("tern", "note"): "x" * 10_001}, None, "row 4: note: 10001 characters; at most 10000"),
        ({("tern", "id"): "gull"}, None, r'row 4, column id: "gull" stands where "tern" was written'),
        ({("tern", "id"): ""}, None, 'row 4, column id: "" stands where'),
        ({("tern", "written"): "{}"}, None, "row 4, column written: .*gone or damaged"),
        ({("tern", "written"): "[[["}, None, "row 4, column written: .*gone or damaged"),
        ({("heron", "model"): "7"}, meanwhile(), r'row 2: "heron" was coded meanwhile: economy other, model 1 \(2026'),
        ({("heron", "sha256"): "f" * 64, ("heron", "model"): "7"}, None, 'row 2, column sha256: the text of "heron" is another one'),
    ],
)
def test_a_fault_is_told_by_row_and_column_and_nothing_is_taken_in(tmp_path, suffix, cells, verdicts, told):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("0012", "model"): "7", **cells})
    got = taken(path, verdicts=verdicts)
    assert got.events == [], "nothing is half imported"
    assert len(got.faults) == 1 and re.match(told, got.faults[0]), got.faults


@BOTH
def test_all_faults_are_told_at_once(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("heron", "model"): "x", ("0012", "economy"): "y", ("tern", "cue_payment"): "z"})
    assert [fault.split(":")[0] for fault in taken(path).faults] == ["row 2, column model", "row 3, column economy", "row 4, column economy"]


@BOTH
def test_what_changed_in_the_review_since(tmp_path, suffix):
    first = coding(CASES[0], {"economy": "other", "model": "1"})
    path = write(tmp_path / f"o{suffix}", CASES, Verdicts([first]))
    untouched = tmp_path / f"untouched{suffix}"
    untouched.write_bytes(path.read_bytes())
    change(path, {("heron", "model"): "2"})
    undo = Event(id=new_id(), at=AT, coder="anna", kind="undo", case="heron", undoes=first.id)
    assert re.match('row 2: the coding of "heron" was undone meanwhile', taken(path, verdicts=Verdicts([first, undo])).faults[0])
    second = coding(CASES[0], {"economy": "sharing", "model": "9"})
    assert "coded meanwhile: economy sharing, model 9" in taken(path, verdicts=Verdicts([first, second])).faults[0]
    assert taken(untouched, verdicts=Verdicts([first, second])).unchanged == 3, "a row that nobody touched is no conflict"
    changed = [made_case("heron", text="Another text altogether."), *CASES[1:]]
    assert 'the text of "heron" is another one' in taken(path, changed, Verdicts([first])).faults[0]
    assert taken(untouched, changed, Verdicts([first])).unchanged == 3
    assert 'column id: "heron" is no case of this review' in taken(path, CASES[1:], Verdicts([first])).faults[0]
    emptied = write(tmp_path / f"emptied{suffix}", CASES, Verdicts([first]))
    change(emptied, {("heron", "model"): "", ("heron", "economy"): ""})
    assert "row 2, column economy: the codes were taken out" in taken(emptied, verdicts=Verdicts([first])).faults[0]


@BOTH
def test_what_was_taken_in_and_undone_does_not_come_back_by_itself(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("heron", "model"): "7"})
    (event,) = taken(path).events
    undo = Event(id=new_id(), at=AT, coder="anna", kind="undo", case="heron", undoes=event.id)
    got = taken(path, verdicts=Verdicts([event, undo]))
    assert got.events == [] and "taken in before and then undone" in got.faults[0]


@BOTH
def test_a_row_that_stands_there_twice(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("heron", "model"): "7"}, rows=lambda rows: [*rows, rows[0]])
    got = taken(path)
    assert got.events == [] and got.faults == ['row 5, column id: "heron" stands already in row 2; take one of the two out']


@BOTH
def test_the_sheet_of_another_coder_or_codebook(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("heron", "model"): "7"})
    (fault,) = taken(path, coder="ben").faults
    assert fault.startswith('row 2 (and 2 more): was written for coder "anna", not for "ben"')
    newer = replace(CODEBOOK, version="9.0.0")
    assert "written with codebook" in taken(path, codebook=newer).faults[0] and "9.0.0" in taken(path, codebook=newer).faults[0]
    patched = replace(CODEBOOK, version=CODEBOOK.version.rpartition(".")[0] + ".99")
    assert len(taken(path, codebook=patched).events) == 1


@pytest.mark.parametrize(
    ("value", "told"),
    [("=1+7", "holds a formula"), ("#N/A", "holds an error value"), ("date", "was turned into a date")],
)
def test_cells_that_hold_no_text(tmp_path, value, told):
    from datetime import date

    path = write(tmp_path / "o.xlsx", CASES)
    change(path, {("heron", "model"): date(2026, 1, 2) if value == "date" else value, ("heron", "text"): value}, as_typed=True)
    got = taken(path)
    assert got.events == [] and len(got.faults) == 1
    assert got.faults[0].startswith("row 2, column model:") and told in got.faults[0]
