"""No text from outside is ever a formula, an error or a link in a sheet, and none is lost."""

from __future__ import annotations

import csv
import io
import re
import zipfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_sheets import AT, BOTH, CODEBOOK, coding, made_case, read, write

from tagger.review.heads import head_of
from tagger.review.verdicts import Verdicts
from tagger.review.workbook import read_sheet

HOSTILE = [
    "=1+1",
    "+1",
    "-x",
    "@a",
    "\tx",
    "\rx",
    "＝1",
    "#N/A",
    "#REF!",
    " =1",
    "'=1",
    "{=1}",
    "_x0041_",
    "http://x.example",
    "a\x07b",
    "\ud800",
    "\ufffe",
    "TRUE",
    "1e5",
]


def test_no_cell_of_a_workbook_is_ever_a_formula_an_error_or_a_link(tmp_path):
    cases = [made_case(f"{text}{i}", title=text, text=text, label=text) for i, text in enumerate(HOSTILE)]
    path = write(
        tmp_path / "o.xlsx", cases, Verdicts(coding(case, {"economy": "other", "model": "1"}, note=case.title) for case in cases if case.title.isprintable())
    )
    package = zipfile.ZipFile(path)
    for name in package.namelist():
        xml = package.read(name).decode()
        assert not re.search(r"<f[ >/]|<hyperlink|externalLink", xml), name
        if name.startswith("xl/worksheets/sheet"):
            assert set(re.findall(r'<c [^>]*t="(\w+)"', xml)) <= {"inlineStr"}
    names = re.findall(r'<definedName[^>]*name="([^"]*)"', package.read("xl/workbook.xml").decode())
    assert set(names) <= {"_xlnm._FilterDatabase"}
    assert 'quotePrefix="1"' in package.read("xl/styles.xml").decode()
    by_title = {row["title"]: row for row in read(path)}
    assert {"=1+1", "#N/A", "TRUE", "1e5", "_x0041_", "a␇b"} <= set(by_title)
    assert by_title["=1+1"]["text"] == "=1+1"


def test_no_cell_of_a_csv_begins_as_a_formula(tmp_path):
    cases = [made_case(f"{text}{i}", title=text, text=text) for i, text in enumerate(HOSTILE)]
    path = write(tmp_path / "o.csv", cases)
    cells = [cell for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")) for cell in row]
    assert not [cell for cell in cells if re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)]


WORDS = st.text(st.characters(codec=None), min_size=1, max_size=30)


@BOTH
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), max_size=4, unique_by=lambda four: four[0]))
def test_whatever_the_texts_are_an_untouched_sheet_says_nothing(tmp_path, suffix, texts):
    cases = [made_case(id, title=title, text=text) for id, title, text, _ in texts if id.strip()]
    held = Verdicts(coding(case, {"economy": "other", "model": "1"}, note=four[3]) for case, four in zip(cases, texts, strict=False))
    path = write(tmp_path / f"o{suffix}", cases, held, replace=True)
    got = read_sheet(path, map(head_of, cases), held, "anna", CODEBOOK, at=AT)
    assert (got.events, got.unchanged, got.faults) == ([], len(cases), [])
