"""Authored cases are read whole, or every fault is said at once."""

import json

import pytest

from tagger.corpus.authored import read_authored
from tagger.errors import InputError

ROW = {
    "id": "a-001",
    "initiative": "Mill",
    "title": "The mill",
    "text": "A mill.",
    "economy": "other",
    "model": "1",
    "register": "press",
    "indirect": False,
    "near_miss": None,
    "names": ["mill"],
}


def write(path, *rows):
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def test_cases_are_read_and_other_columns_passed_over(tmp_path):
    path = write(tmp_path / "c.jsonl", ROW, "", {**ROW, "id": "a-002", "near_miss": "2", "indirect": True, "text": "One\u2028two."})
    first, second = read_authored(path)
    assert (first.id, first.near_miss, first.indirect) == ("a-001", None, False)
    assert (second.id, second.near_miss, second.indirect, second.text) == ("a-002", "2", True, "One\u2028two.")


def test_all_faults_are_said_at_once_with_line_and_key(tmp_path):
    without = {key: value for key, value in ROW.items() if key != "register"}
    wrong = {**ROW, "id": "c", "indirect": "yes", "near_miss": 5, "model": 1}
    path = write(tmp_path / "c.jsonl", ROW, "{", "[1]", {**without, "id": "b", "text": " "}, ROW, wrong)
    with pytest.raises(InputError) as error:
        read_authored(path)
    lines = [line.strip() for line in str(error.value).split("\n")]
    assert lines[0] == f"{path}: 8 faults:"
    assert lines[1].startswith("line 2: not JSON")
    assert lines[2:] == [
        "line 3: list in place of an object; one JSON object a line is needed",
        "line 4, text: ' ' in place of a text",
        "line 4, register: missing",
        "line 5, id: 'a-001' stands already in line 1; ids must differ",
        "line 6, model: 1 in place of a text",
        "line 6, indirect: 'yes' in place of true or false",
        "line 6, near_miss: 5; the id of a model or null is needed",
    ]


def test_no_near_miss_at_all_is_a_fault(tmp_path):
    path = write(tmp_path / "c.jsonl", {key: value for key, value in ROW.items() if key != "near_miss"})
    with pytest.raises(InputError, match="line 1, near_miss: missing"):
        read_authored(path)


@pytest.mark.parametrize("content, said", [(None, "cannot be read"), (b"", "holds no case"), (b"\n \n", "holds no case"), (b"\xff\xfe", "not UTF-8")])
def test_a_file_that_is_none_is_said(tmp_path, content, said):
    path = tmp_path / "c.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_authored(path)
