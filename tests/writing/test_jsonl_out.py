"""JSON Lines: one line a case, whatever is in it."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from tagger.writing import open_writer
from tagger.writing.jsonl import dump_line
from tagger.writing.record import as_record


@given(st.text(alphabet=st.characters()) | st.text(alphabet="\x00\x1b\x85\u2028\u202e\x9b\ud800\"\\\n"))
def test_one_line_without_controls_and_the_same_text_back(text):
    line = dump_line({"a": text})
    assert len(line.splitlines()) == 1 and line.endswith("\n")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", line)
    line.encode("utf-8")
    assert json.loads(line)["a"].encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


def test_file(tmp_path, make):
    decisions = [make(id=str(i), title=f"T\u2028{i}") for i in range(3)]
    writer = open_writer(tmp_path / "o.jsonl")
    for each in decisions:
        writer.write(each)
    writer.commit({})
    lines = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [as_record(each) for each in decisions]


def test_letters_stay_readable():
    assert dump_line({"a": "Zürich 東京 😀"}) == '{"a": "Zürich 東京 😀"}\n'


def test_stdout_is_utf8(capfdbinary, make):
    for path in (None, "-"):
        writer = open_writer(path)
        writer.write(make(title="Zürich"))
        writer.commit({"written": 1})
        assert writer.keep_partial() is None
    out, err = capfdbinary.readouterr()
    assert [json.loads(line)["title"] for line in out.decode("utf-8").splitlines()] == ["Zürich", "Zürich"]
    assert err == b""
