"""Files that are no sheet are refused with a sentence."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from made_sheets import CASES, taken, write

from tagger.errors import InputError


def package(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in members.items():
            made.writestr(f"{name}.xml", text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("o.xls", b"", "'.xls' is neither .xlsx nor .csv"),
        ("o.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password, or is an old .xls"),
        ("o.xlsx", b"<html><table></table></html>", "no workbook"),
        ("o.xlsx", b"id,economy\r\n", "no workbook.*if it is CSV"),
        ("o.xlsx", b"", "no workbook"),
        ("o.xlsx", package(a="<a/>"), "damaged, or no workbook"),
        ("o.xlsx", package(a="<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "a.xml declares a document type"),
        ("o.csv", package(a="<a/>"), "a workbook, not CSV"),
        ("o.csv", b"", "no column id"),
        ("o.csv", b"id;economy;model\r\n", "no column sha256 and no written; there are: id, economy, model"),
        ("o.csv", b"id,economy,model,sha256,written,model\r\n", "two columns are called model"),
        ("o.csv", b"id,economy,model,sha256,written,note\r\n1,,,,,\xfc\r\n", 'not UTF-8.*"CSV UTF-8"'),
        ("o.csv", b'id,economy,model,sha256,written\r\n1,"commons\r\n', "line 2 or before: no valid CSV"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=told) as error:
        taken(tmp_path / name)
    assert name in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"gone.csv: cannot be read \(No such file"):
        taken(tmp_path / "gone.csv")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "o.xlsx", CASES)
    monkeypatch.setattr("tagger.review.workbook.table_in._MOST_BYTES", 5000)
    with pytest.raises(InputError, match="unpacks to more than"):
        taken(path)


def test_any_damage_to_a_workbook_is_a_sentence(tmp_path):
    whole = write(tmp_path / "o.xlsx", CASES).read_bytes()
    path = tmp_path / "d.xlsx"
    for place in range(0, len(whole), len(whole) // 30):
        for data in (whole[:place], whole[:place] + bytes(40) + whole[place + 40 :]):
            path.write_bytes(data)
            try:
                taken(path)
            except InputError as error:
                assert "d.xlsx" in str(error)


def test_a_csv_row_with_too_many_cells_is_told(tmp_path):
    path = write(tmp_path / "o.csv", CASES)
    text = path.read_text("utf-8-sig")
    path.write_text(text.rstrip("\r\n") + ",too,many\r\n", encoding="utf-8", newline="")
    (fault,) = taken(path).faults
    assert re.fullmatch(r"row 4: \d+ cells where the header has \d+", fault)
