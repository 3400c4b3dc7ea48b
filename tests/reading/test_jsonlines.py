"""JSON Lines: a bad line costs that line only (RELIABILITY B27, B32, B41)."""

import json

import pytest

from tagger.case import Case
from tagger.reading import read


@pytest.fixture
def lines(tmp_path):
    def write(*lines: str | bytes, end: bytes = b"\n", **options) -> list:
        path = tmp_path / "j.jsonl"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + end)
        return list(read([path], **options))

    return write


def test_aliases_and_fields(lines):
    records = lines('{"Key": 7, "NAME": "n", "Body": "the text", "year": 2008, "tags": ["a", null], "big": 123456789012345678901}')
    assert [(r.id, r.title, r.text) for r in records] == [("7", "n", "the text")]
    assert dict(records[0].fields) == {"year": 2008, "tags": ["a", None], "big": "123456789012345678901"}
    assert lines('{"text": "x"}')[0].id == "j:1"


BAD = {
    "array": '["text"]',
    "string": '"text"',
    "nan": '{"text": "a", "x": NaN}',
    "infinity": '{"text": "a", "x": 1e999}',
    "half": '{"text": "a"',
    "two": '{"text": "a"} {"text": "b"}',
    "double key": '{"text": "a", "x": 1, "x": 2}',
    "deep": '{"text": "a", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "rather deep": '{"text": "a", "x": ' + "[" * 300 + "]" * 300 + "}",
    "digits": '{"text": ' + "1" * 5000 + "}",
    "no text": '{"id": "1"}',
    "list for text": '{"text": ["a"]}',
    "ambiguous": '{"text": "a", "Text": "b"}',
    "too large": '{"text": "' + "x" * (16 * 2**20) + '"}',
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_quarantined_by_its_number(lines, bad):
    records = lines('{"text": "one"}', "", BAD[bad], '{"text": "three"}')
    assert [r.text if isinstance(r, Case) else r.origin.record for r in records] == ["one", "line 3", "three"]
    assert "Line 3" in records[1].message
    assert len(records[1].message) < 700


def test_a_half_last_line_says_that_the_file_may_be_cut(lines):
    records = lines('{"text": "one"}', '{"text": "tw', end=b"")
    assert "cut" in records[1].message
    assert isinstance(lines('{"text": "one"}', end=b"")[0], Case)


def test_lines_are_split_at_newlines_only(lines):
    text = "a\u2028b\x85c\x0bd\x0ce\rf"
    records = lines(json.dumps({"text": text}, ensure_ascii=False))
    assert [r.text for r in records] == [text]


def test_lone_surrogates_and_nuls_are_replaced_and_noted(lines):
    record = lines(r'{"text": "a\ud800b\u0000c", "title": "\udfff", "x": ["\ud801"], "\ud802": 1}')[0]
    assert record.text == "a\ufffdb\ufffdc"
    assert record.notes == ("1 NUL character replaced by U+FFFD", "1 lone surrogate replaced by U+FFFD")
    assert record.title == "\ufffd"
    assert dict(record.fields) == {"x": ["\ufffd"], "\ufffd": 1}


def test_what_is_odd_but_legal_is_kept(lines):
    text = "\x1b[1m \u202e \u200b \ufeff e" + "\u0301" * 5000 + " 👨‍👩‍👧"
    record = lines(json.dumps({"text": text}))[0]
    assert record.text == text
    assert record.notes == ()


def test_empty_texts_are_skipped(lines):
    assert [r.reason for r in lines('{"text": ""}', '{"text": null}', '{"text": " \\n"}')] == ["empty"] * 3


def test_an_empty_file_is_told(lines):
    assert [r.reason for r in lines("", "")] == ["empty"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be", "cp1252"])
def test_encodings(lines, encoding):
    data = '{"text": "Café „Zwölf“"}\n{"text": "\u010a"}\n' if encoding != "cp1252" else '{"text": "Café „Zwölf“"}\n{"text": "x"}\n'
    records = lines(data.encode(encoding), end=b"", encoding=encoding if encoding == "utf-16-be" else None)
    assert records[0].text == "Café „Zwölf“"
    assert records[1].text in ("\u010a", "x")


def test_kinds_by_key(lines):
    assert lines('{"wikitext": "[[a|b]]"}')[0].text == "b"
    assert lines('{"html": "<p>b</p>", "id": "q"}')[0].text == "b"


def test_html_title_stands_in_for_a_missing_one(lines):
    assert lines('{"html": "<title>T</title><p>b</p>"}')[0].title == "T"
