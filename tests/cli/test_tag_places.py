"""`tagger tag` and names that are URLs: what they stand for, and what is told of them."""

from __future__ import annotations

import pytest


@pytest.fixture
def line(tmp_path):
    """An input of one line."""
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": "a", "text": "Free software, written by volunteers."}\n')
    return file


def test_an_input_is_not_replaced_under_another_name(run, line, empty):
    before = line.read_bytes()
    for given, output in ((line, f"file://{line}"), (f"file://{line}", "in.jsonl"), (f"local://{line}", f"FILE://{line}")):
        done = run("tag", given, "-o", output, "--models", empty)
        assert done.status == 4 and "is also an input" in done.err
        assert line.read_bytes() == before


def test_two_names_of_one_output(run, line, tmp_path, empty):
    done = run("tag", line, "-o", f"file://{tmp_path}/p.jsonl", "-o", "p.jsonl", "--models", empty)
    assert done.status == 4 and "two outputs have one name" in done.err


def test_an_earlier_output_is_not_read_back(run, line, tmp_path, empty):
    for _ in range(2):
        done = run("tag", tmp_path, "-o", f"file://{tmp_path}/out%20put.jsonl", "--models", empty)
        assert done.status == 0 and "1 written" in done.err and f"written: {tmp_path}/out put.jsonl" in done.err
    assert "1 output" in done.err
    assert (tmp_path / "out put.jsonl").is_file() and not (tmp_path / "file:").exists()


def test_streams_take_them_too(run, line, tmp_path, empty):
    done = run("tag", f"file://{line}", "-o", f"file://{tmp_path}/o.jsonl", "--limit", "1", "--models", empty)
    assert done.status == 0 and (tmp_path / "o.jsonl").read_text().count("\n") == 1
