"""``tagger diff`` as its user meets it."""

from __future__ import annotations

import json

import pytest

from tagger.cli import COMMANDS
from tagger.pipeline import released_models
from tagger.writing.jsonl import dump_line

TEXTS = {
    "tools": "Neighbours lend each other tools. Volunteers keep the shed, and nobody pays.",
    "kernel": "The kernel is published under the GPL. Volunteers and firms write it together, and anyone may share changes.",
}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(COMMANDS, "diff", "tagger.cli.diff")


@pytest.fixture
def tagged(run, tmp_path):
    """Two result files: in the second, a text is another, and a case is new."""
    for name, texts in (("a", TEXTS), ("b", TEXTS | {"kernel": "A company sells advertising beside clips.", "new": "A new text."})):
        rows = [{"id": key, "title": key.title(), "text": text} for key, text in texts.items()]
        (tmp_path / f"{name}.in.jsonl").write_text("".join(dump_line(row) for row in rows), encoding="utf-8")
        assert run("tag", f"{name}.in.jsonl", "-o", f"{name}.jsonl", "-q").status == 0


def test_two_result_files(run, tagged, tmp_path):
    done = run("diff", "a.jsonl", "b.jsonl", "-o", "d.html", "-o", "d.json")
    assert done.status == 0 and "1 case in b.jsonl only" in done.err
    for said in ("1 of 2 cases changed; 1 text changed", "Kernel", "What caused it", "text 1", "→"):
        assert said in done.out
    told = json.loads((tmp_path / "d.json").read_text())
    assert [case["id"] for case in told["cases"]] == ["kernel"]
    assert {change["cause"] for change in told["cases"][0]["changes"]} == {"text"}
    assert told["runs"][1]["only_here"] == ["new"]
    assert "Kernel" in (tmp_path / "d.html").read_text()
    assert json.loads(run("diff", "a.jsonl", "b.jsonl", "--json").out) == told


def test_the_same_results(run, tagged):
    assert "0 of 2 cases changed" in run("diff", "a.jsonl", "a.jsonl").out


def test_two_models_on_texts(run, tmp_path):
    (tmp_path / "kernel.txt").write_text(TEXTS["kernel"])
    (tmp_path / "none").mkdir()
    done = run("diff", "none", (released_models() / "CURRENT").read_text().strip(), "--models", released_models(), "--texts", "kernel.txt", "--show", "1")
    assert done.status == 0 and "of 1 case" in done.out
    assert "the rules alone decide" in done.err


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("a.jsonl", "nowhere"), "no such result file, and no model of that name"),
        (("a.jsonl", "."), "give two of a kind"),
        ((".", "."), "--texts"),
        (("a.jsonl", "b.jsonl", "--texts", "x"), "--texts is for two models"),
        (("a.jsonl", "other.jsonl"), "no case in common"),
        (("a.jsonl", "a.in.jsonl"), "line 1: not a result"),
    ],
)
def test_what_cannot_be_compared(run, tagged, tmp_path, arguments, said):
    row = json.loads((tmp_path / "b.jsonl").read_text().splitlines()[2])
    (tmp_path / "other.jsonl").write_text(dump_line(row))
    done = run("diff", *arguments)
    assert done.status == 2 and said in done.err and "Traceback" not in done.err


def test_an_output_of_no_known_kind_is_refused_before_the_work(run, tagged):
    done = run("diff", "a.jsonl", "b.jsonl", "-o", "d.txt")
    assert done.status == 4 and ".json or .html" in done.err
