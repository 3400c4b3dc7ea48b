"""What people filled in comes back as events, whatever a spreadsheet program made of the file."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile

import pytest
from made_sheets import AT, BOTH, CASES, CODEBOOK, change, coding, made_case, read, taken, write

from tagger.review.events import Event, event_from
from tagger.review.verdicts import Verdicts
from tagger.review.workbook import read_sheet


@BOTH
def test_a_row_that_was_filled_in_becomes_a_coding(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(
        path,
        {("heron", "economy"): "commons", ("heron", "model"): "8", ("heron", "cue_payment"): "unstated", ("heron", "unsure"): "yes", ("heron", "note"): "=odd"},
    )
    got = taken(path)
    assert (got.unchanged, got.faults) == (2, [])
    (event,) = got.events
    assert event == Event(
        id=event.id,
        at=AT,
        coder="anna",
        kind="coding",
        case="heron",
        sha256=CASES[0].sha256,
        codes={"economy": "commons", "model": "8", "payment": "unstated"},
        sureness="unsure",
        note="=odd",
        blind=False,
        shown={"economy": "commons", "model": "8"},
        versions=CASES[0].versions,
    )
    assert event_from(event.as_dict()) == event
    assert [e.id for e in taken(path).events] == [event.id], "the same file says the same"


@BOTH
def test_a_blind_row_becomes_a_blind_coding(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES, blind=lambda case: case == "tern")
    change(path, {("tern", "model"): "7", ("heron", "model"): "7"})
    assert {e.case: (e.blind, e.shown) for e in taken(path).events} == {"heron": (False, {"economy": "commons", "model": "8"}), "tern": (True, {})}


@BOTH
def test_a_note_alone_is_a_note(tmp_path, suffix):
    path = write(tmp_path / f"o{suffix}", CASES)
    change(path, {("tern", "note"): "two boats in one text"})
    (event,) = taken(path).events
    assert (event.kind, event.codes, event.note) == ("note", {}, "two boats in one text")
    held = Verdicts([event])
    assert (taken(path, verdicts=held).events, taken(path, verdicts=held).unchanged) == ([], 3)
    assert read(write(tmp_path / f"again{suffix}", CASES, held))[2]["note"] == "two boats in one text"


@BOTH
def test_taking_it_in_twice_adds_nothing(tmp_path, suffix):
    before = coding(CASES[0], {"economy": "other", "model": "1"}, note="first")
    path = write(tmp_path / f"o{suffix}", CASES, Verdicts([before]))
    change(path, {("heron", "economy"): "commons", ("heron", "model"): "6", ("tern", "model"): "7"})
    first = taken(path, verdicts=Verdicts([before]))
    assert [(e.case, e.note) for e in first.events] == [("heron", "first"), ("tern", "")]
    again = taken(path, verdicts=Verdicts([before, *first.events]))
    assert (again.events, again.unchanged, again.faults) == ([], 3, [])


@BOTH
def test_going_back_to_an_earlier_answer_is_an_event_of_its_own(tmp_path, suffix):
    events, ids = [], []
    for round, model in enumerate(("6", "7", "6", "7")):
        path = write(tmp_path / f"{round}{suffix}", CASES, Verdicts(events))
        change(path, {("heron", "model"): model})
        events += taken(path, verdicts=Verdicts(events)).events
        ids = [e.id for e in events]
    assert len(set(ids)) == 4
    assert Verdicts(events).get("heron", "anna").codes == {"model": "7"}


def test_a_store_takes_in_a_sheet_once(tmp_path):
    from tagger.review.store import open_store

    path = write(tmp_path / "o.csv", CASES)
    change(path, {("heron", "model"): "7", ("tern", "note"): "odd"})
    with open_store(tmp_path / "s.db") as store:
        store.add_cases(CASES)
        for new in (2, 0):
            held = Verdicts(event for _, event in store.events())
            assert store.add_all(read_sheet(path, store.heads(), held, "anna", CODEBOOK, at=AT).events) == new
        assert len(store.events()) == 2


def test_numbers_for_texts_spaces_and_columns_of_peoples_own(tmp_path):
    path = write(tmp_path / "o.xlsx", CASES)
    change(
        path,
        {
            ("heron", "model"): 8.0,
            ("heron", "economy"): " commons\xa0 ",
            ("0012", "model"): 7,
            ("0012", "unsure"): "YES",
            ("0012", "id"): 12,
            ("tern", "mine"): "=1+1",
        },
    )
    got = taken(path)
    assert got.faults == []
    assert {e.case: dict(e.codes) for e in got.events} == {"heron": {"economy": "commons", "model": "8"}, "0012": {"model": "7"}}
    assert got.events[1].sureness == "unsure"


@BOTH
def test_rows_sorted_and_gone_columns_moved_and_gone(tmp_path, suffix):
    held = Verdicts([coding(CASES[2], {"economy": "sharing", "model": "6", "payment": "unpaid", "of-another-codebook": "kept"}, note="stays")])
    path = write(tmp_path / f"o{suffix}", CASES, held)
    change(
        path,
        {("tern", "model"): "9"},
        rows=lambda rows: [rows[2], rows[0]],
        columns=lambda names: [n for n in reversed(names) if n not in ("cue_payment", "note", "text")],
    )
    got = taken(path, verdicts=held)
    assert (got.unchanged, got.faults) == (1, [])
    assert got.events[0].codes == {"economy": "sharing", "model": "9", "payment": "unpaid", "of-another-codebook": "kept"}
    assert got.events[0].note == "stays"


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("start", ["\ufeff", "", "sep={}\r\n"])
def test_csv_as_others_save_it(tmp_path, delimiter, start):
    path = write(tmp_path / "o.csv", CASES)
    change(path, {("0012", "id"): "12", ("0012", "model"): "7.0", ("heron", "model"): "8 ", ("tern", "note"): "a\r\nb"})
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([*rows, [""] * len(rows[0])])
    path.write_text(start.format(delimiter) + out.getvalue(), encoding="utf-8", newline="")
    got = taken(path)
    assert got.faults == []
    assert [(e.case, e.codes.get("model"), e.note) for e in got.events] == [("heron", "8", ""), ("0012", "7", ""), ("tern", None, "a\nb")]


def test_a_long_number_for_an_id_is_known_by_what_the_row_was_written_with(tmp_path):
    case = made_case("123456789012345678901")
    path = write(tmp_path / "o.csv", [case])
    change(path, {(case.id, "id"): "1.23457E+20", (case.id, "model"): "7"})
    assert [e.case for e in taken(path, [case]).events] == [case.id]


def test_a_cell_far_out_does_not_matter(tmp_path):
    from openpyxl import load_workbook

    path = write(tmp_path / "o.xlsx", CASES)
    change(path, {("heron", "model"): "7"})
    book = load_workbook(path)
    book["Cases"]["XFD1048576"] = "x"
    book.move_sheet("Codes", -1)
    book.save(path)
    assert len(taken(path).events) == 1


def test_a_sheet_that_tells_its_size_wrongly_is_read_whole(tmp_path):
    path = write(tmp_path / "o.xlsx", CASES)
    change(path, {("tern", "model"): "7"})
    first = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    members[first], count = re.subn(rb'<dimension ref="[^"]*" ?/>', b'<dimension ref="A1:B2"/>', members[first])
    assert count == 1
    with zipfile.ZipFile(path, "w") as package:
        for name, data in members.items():
            package.writestr(name, data)
    assert [e.case for e in taken(path).events] == ["tern"]


def test_characters_as_excel_escapes_them(tmp_path):
    case = made_case("a_x0041_b")
    path = write(tmp_path / "o.xlsx", [case, CASES[0]])
    assert b"a_x005F_x0041_b" in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml"), "else Excel shows aAb"
    change(path, {("heron", "note"): "one_x000D_\ntwo _x005F_x0042_"})
    assert taken(path, [case, CASES[0]]).events[0].note == "one\ntwo _x0042_"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "to"),
    [
        (".xlsx", "xlsx"),
        (".xlsx", "csv:Text - txt - csv (StarCalc):44,34,76"),
        (".xlsx", "csv:Text - txt - csv (StarCalc):59,34,76"),
        (".csv", "xlsx"),
    ],
)
def test_what_libreoffice_saves_is_read(tmp_path, given, to):
    office = shutil.which("soffice")
    if not office:
        pytest.skip("needs LibreOffice (apt-get install libreoffice-calc)")
    cases = [*CASES, made_case("=1+1", title="#N/A", text='=HYPERLINK("http://x.example","a")')]
    path = write(tmp_path / f"o{given}", cases)
    change(path, {("=1+1", "model"): "7", ("tern", "model"): "6", ("heron", "note"): "-5 of them\n=odd"})  # a note that begins as a formula
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", *(["--infilter=CSV:44,34,76"] if given == ".csv" else [])]
    subprocess.run([*command, "--convert-to", to, "--outdir", tmp_path / "out", path], check=True, capture_output=True, timeout=120)  # noqa: S603
    got = taken(next((tmp_path / "out").iterdir()), cases)
    assert got.faults == []
    assert {e.case: (e.codes.get("model"), e.note) for e in got.events} == {"=1+1": ("7", ""), "tern": ("6", ""), "heron": (None, "-5 of them\n=odd")}
    assert got.unchanged == 1
