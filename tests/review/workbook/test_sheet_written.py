"""The sheet as it is written for a coder."""

from __future__ import annotations

import re
import sys

import pytest
from made_sheets import AT, BOTH, CASES, CODEBOOK, coding, header, made_case, read, taken, write

from tagger.errors import InputError, OutputError
from tagger.review.verdicts import Verdicts
from tagger.review.workbook import HIDDEN, read_sheet, write_sheet
from tagger.review.workbook.words import evidence_in_words, suggestion_in_words


def test_the_workbook_locks_what_is_not_to_be_filled_in_and_offers_the_codes(tmp_path):
    from openpyxl import load_workbook

    path = write(tmp_path / "o.xlsx", CASES)
    book = load_workbook(path)
    sheet, codes = book["Cases"], book["Codes"]
    columns = header(sheet)
    answers = ["economy", "model", *(f"cue_{cue.id}" for cue in CODEBOOK.cues), "unsure", "note"]
    assert sheet.protection.sheet and not sheet.protection.password
    assert not sheet.protection.autoFilter  # allowed
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref.endswith("4")
    for name, letter in columns.items():
        cell = sheet[f"{letter}2"]
        assert cell.protection.locked == (name not in answers), name
        assert cell.alignment.wrap_text and cell.number_format == "@"
        assert sheet.column_dimensions[letter].hidden == (name in ("sha256", "written")), name
    offered = {}
    for check in sheet.data_validations.dataValidation:
        first, last = map(int, re.fullmatch(r"Codes!\$B\$(\d+):\$B\$(\d+)", check.formula1).groups())
        (column,) = [name for name, letter in columns.items() if str(check.sqref) == f"{letter}2:{letter}4"]
        offered[column] = [codes[f"B{row}"].value for row in range(first, last + 1)]
    assert set(offered) == set(answers) - {"note"}
    assert offered["model"] == [code.id for code in CODEBOOK.models]
    assert offered["economy"] == [code.id for code in CODEBOOK.economies]
    assert offered["cue_payment"] == [*CODEBOOK.cue("payment").value_ids, "unstated"]
    assert offered["unsure"] == ["yes", "no"]
    described = {(row[0].value, row[1].value): row[3].value for row in codes.iter_rows(min_row=2)}
    assert described["model", "8"] == CODEBOOK.code("model", "8").definition


@BOTH
def test_a_row_holds_the_case_the_suggestion_and_why_but_no_answer(tmp_path, suffix):
    row = read(write(tmp_path / f"o{suffix}", CASES))[1]
    assert row["id"] == "0012" and row["title"] == "Tool shed"
    assert row["text_complete"] == "yes" and row["sha256"] == CASES[1].sha256
    assert (row["suggested_economy"], row["suggested_model"]) == ("commons", "8")
    assert "commons economy" in row["suggestion"] and "0.91" in row["suggestion"] and "undecided between 8, 6" in row["suggestion"]
    assert "“Volunteers”" in row["evidence"]
    assert not any(row[name] for name in row if name in ("economy", "model", "unsure", "note") or name.startswith("cue_"))


@BOTH
def test_what_the_coder_coded_already_stands_there_unless_the_text_has_changed(tmp_path, suffix):
    held = Verdicts([
        coding(CASES[0], {"economy": "sharing", "model": "9", "payment": "unpaid"}, sureness="unsure", note="see page 2"),
        coding(CASES[2], {"economy": "other", "model": "1"}, sha256="e" * 64),
        coding(CASES[1], {"economy": "other", "model": "1"}, coder="ben"),
    ])  # fmt: skip
    first, second, third = read(write(tmp_path / f"o{suffix}", CASES, held))
    assert (first["economy"], first["model"], first["cue_payment"], first["unsure"], first["note"]) == ("sharing", "9", "unpaid", "yes", "see page 2")
    assert not second["economy"], "nobody sees another's coding"
    assert not third["economy"]


@BOTH
def test_a_blind_case_shows_nothing_until_it_is_coded(tmp_path, suffix):
    held = Verdicts([coding(CASES[1], {"economy": "other", "model": "1"})])
    rows = read(write(tmp_path / f"o{suffix}", CASES, held, blind=lambda case: case in ("heron", "0012")))
    assert rows[0]["suggestion"] == HIDDEN
    assert not any(rows[0][name] for name in ("evidence", "suggested_economy", "suggested_model"))
    assert "commons" not in rows[0]["written"]
    assert rows[1]["suggested_model"] == rows[2]["suggested_model"] == "8"


@BOTH
@pytest.mark.parametrize(("sign", "times"), [("x", 32_767), ("🦉", 32_767), ("🦉", 16_384)])  # Excel counts an owl twice
def test_a_text_that_no_cell_holds_is_cut_and_says_so(tmp_path, suffix, sign, times):
    long = made_case("long", text=sign * times + "the very end")
    fits = made_case("fits", text="x" * 32_767)
    cut, whole = read(write(tmp_path / f"o{suffix}", [long, fits]))
    assert cut["text_complete"] == "no" and whole["text_complete"] == "yes" and whole["text"] == fits.text
    assert 32_700 < len(cut["text"].encode("utf-16-le")) / 2 <= 32_767
    assert cut["text"].endswith("The whole text is in `tagger review`, case long]") and cut["text"].startswith(sign * 16_000)


@BOTH
def test_a_file_that_is_there_is_not_written_over(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"is there already.*--import"):
        write_sheet(path, CASES, Verdicts(), "anna", CODEBOOK)
    assert path.read_bytes() == before
    assert write_sheet(path, CASES[:2], Verdicts(), "anna", CODEBOOK, replace=True) == 2
    assert len(read(path)) == 2


def test_no_cases_make_an_empty_sheet(tmp_path):
    for suffix in (".xlsx", ".csv"):
        path = tmp_path / f"o{suffix}"
        assert write_sheet(path, [], Verdicts(), "anna", CODEBOOK) == 0
        assert read_sheet(path, [], Verdicts(), "anna", CODEBOOK, at=AT).events == []


def test_without_openpyxl_the_way_out_is_named_and_csv_works(tmp_path, monkeypatch):
    path = write(tmp_path / "there.xlsx", CASES)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(OutputError, match=r"pip install 'case-tagger\[xlsx\]'"):
        write(tmp_path / "o.xlsx", CASES)
    with pytest.raises(InputError, match=r"pip install 'case-tagger\[xlsx\]'"):
        taken(path)
    write(tmp_path / "o.csv", CASES)
    with pytest.raises(OutputError, match=r"'.ods' is neither .xlsx nor .csv"):
        write(tmp_path / "o.ods", CASES)


def test_evidence_names_weight_words_and_criterion_once_for_both_facets():
    told = evidence_in_words(CASES[0], CODEBOOK).split("\n")
    use = CODEBOOK.code("economy", "commons").use_when[0]
    assert told[0] == "economy commons, model 8:"
    assert told[1] == f"+1.20 “Volunteers” (rule r-made: {use.text})", "what learning took off a rule is taken off its line"
    assert told[2] == "-0.40 “keep” (word keep)"
    assert len(told) == 3 and "base" not in " ".join(told)
    other = made_case("a", evidence=[{**line, "weight": 2.0} if line["facet"] == "model" else line for line in CASES[0].record["evidence"]])
    assert [line for line in evidence_in_words(other, CODEBOOK).split("\n") if line.endswith(":")] == ["economy commons:", "model 8:"]
    assert evidence_in_words(made_case("a", evidence=[]), CODEBOOK) == ""


def test_a_suggestion_of_another_codebook_is_still_told():
    told = suggestion_in_words(made_case("a", label="gone"), CODEBOOK)
    assert told.split("\n")[0] == "economy gone 0.91"
    assert told.split("\n")[-1] == "cues: payment unpaid"
