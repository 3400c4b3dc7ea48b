"""The quarantine file: each run answers for its own lines only."""

from __future__ import annotations

import json

import pytest

from tagger.case import Origin, Quarantined
from tagger.errors import OutputError
from tagger.writing.quarantine import quarantine_path, write_quarantine


def bad(n: int) -> Quarantined:
    return Quarantined("row-broken", f"row {n} has too many cells; mend it", Origin("in.csv", f"row {n}"), "T\u2028")


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_line(tmp_path):
    path = write_quarantine(tmp_path / "out.jsonl", [bad(3)])
    assert path == tmp_path / "quarantine.jsonl"
    assert read(path) == [
        {"file": "in.csv", "record": "row 3", "reason": "row-broken", "message": "row 3 has too many cells; mend it", "title": "T\u2028", "output": "out.jsonl"}
    ]


def test_a_run_replaces_only_its_own_lines(tmp_path):
    write_quarantine(tmp_path / "a.jsonl", [bad(1), bad(2)])
    write_quarantine(tmp_path / "b.csv", [bad(3)])
    path = write_quarantine(tmp_path / "a.jsonl", [bad(4)])
    assert [(e["output"], e["record"]) for e in read(path)] == [("b.csv", "row 3"), ("a.jsonl", "row 4")]


def test_removed_when_nothing_remains(tmp_path):
    path = write_quarantine(tmp_path / "a.jsonl", [bad(1)])
    write_quarantine(tmp_path / "b.jsonl", [bad(2)])
    assert write_quarantine(tmp_path / "a.jsonl", []) == path
    assert write_quarantine(tmp_path / "b.jsonl", []) is None
    assert not list(tmp_path.iterdir())


def test_clean_run_makes_no_file(tmp_path):
    assert write_quarantine(tmp_path / "a.jsonl", []) is None
    assert not list(tmp_path.iterdir())


def test_lines_that_are_not_ours_stay(tmp_path):
    foreign = b'not json \xff\n[1]\n{"output": 3}\n'
    (tmp_path / "quarantine.jsonl").write_bytes(foreign.rstrip(b"\n"))
    path = write_quarantine(tmp_path / "a.jsonl", [bad(1)])
    assert path.read_bytes().startswith(foreign)
    write_quarantine(tmp_path / "a.jsonl", [])
    assert path.read_bytes() == foreign


def test_standard_output_uses_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert quarantine_path(None) == quarantine_path("-")
    write_quarantine(None, [bad(1)])
    assert read(tmp_path / "quarantine.jsonl")[0]["output"] == "-"
    assert write_quarantine("-", []) is None


def test_missing_folder(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        write_quarantine(tmp_path / "no" / "a.jsonl", [bad(1)])
