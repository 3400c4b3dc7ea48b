"""``tagger tag``: what goes where, and with which exit status."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path

import pytest


def test_each_suffix_gets_its_format(run, texts):
    done = run("tag", texts, "-o", "out.jsonl", "-o", "out.csv", "-o", "out.html")
    assert (done.status, done.out) == (0, "")
    lines = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [line["title"] for line in lines] == [row["title"] for row in rows] == ["bakery", "Clips", "Code"]
    assert "<html" in Path("out.html").read_text(encoding="utf-8")[:300]
    assert "3 records seen = 3 written + 0 skipped by rule + 0 quarantined" in done.err
    assert all(f"written: out.{suffix}" in done.err for suffix in ("jsonl", "csv", "html"))
    assert sorted(os.listdir()) == ["out.csv", "out.html", "out.jsonl", "texts"], "nothing else, hidden files and quarantine included"


def test_standard_output_carries_results_alone(run, texts):
    for arguments in ((), ("-o", "-"), ("--table",)):
        done = run("tag", texts, *arguments)
        assert [r["title"] for r in done.records] == ["bakery", "Clips", "Code"]
        assert "3 records seen" in done.err
    assert "Clips" in done.err, "the table goes to standard error where results are on standard output"
    assert run("tag", texts, "-q").err == ""


def test_the_table_names_codes_by_label(run, texts):
    done = run("tag", texts, "-o", "out.jsonl", "--table")
    assert "Clips" in done.out and done.status == 0
    model = [json.loads(line)["model"]["code"] for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    from tagger.codebook import load_codebook

    for code in model:
        label = load_codebook().label_of("model", code)
        assert (f"{code} {label}" if code.isdigit() else label).replace("_", " ") in done.out.replace("_", " ")


def test_standard_input(run):
    done = run("tag", "-", input=b"A cooperative owned by its members.")
    assert (done.status, len(done.records)) == (0, 1)
    done = run("tag", "-", "--format", "jsonl", input=b'{"id": "x", "text": "Free software."}\n{"id": "y", "text": "A shop."}\n')
    assert [r["id"] for r in done.records] == ["x", "y"]


def test_nothing_on_standard_input_is_said(run):
    done = run("tag", "-", input=b"")
    assert (done.status, done.out) == (0, "")
    assert "1 record seen = 0 written + 1 skipped by rule (1 empty)" in done.err and "nothing was tagged" in done.err


def test_limit(run, texts):
    assert [r["title"] for r in run("tag", texts, "--limit", "2").records] == ["bakery", "Clips"]
    done = run("tag", texts, "--limit", "0")
    assert done.status == 2 and "--limit" in done.err


def test_format_encoding_and_text_column(run, tmp_path):
    (tmp_path / "odd.dat").write_text('{"id": 1, "story": "Hö"}\n', encoding="latin-1")
    assert run("tag", "odd.dat").status == 2
    done = run("tag", "odd.dat", "--format", "jsonl", "--encoding", "latin-1", "--text-column", "story", "-o", "o.html")
    assert done.status == 0
    assert "Hö" in Path("o.html").read_text(encoding="utf-8")


def test_other_columns_are_carried_through(run, tmp_path):
    (tmp_path / "t.csv").write_text("id,title,text,year\na,T,Free software,1999\n", encoding="utf-8")
    (record,) = run("tag", "t.csv").records
    assert (record["id"], record["title"], record["fields"]) == ("a", "T", {"year": "1999"})


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["textz"], 2, "Did you mean texts?"),
        (["texts/bakery.text"], 2, "Did you mean texts/bakery.txt?"),
        (["nowhere/at/all.txt"], 2, "there is no folder nowhere/at"),
        (["texts", "--format", "docx"], 2, "known: txt"),
        (["texts", "--encoding", "utf-9"], 2, "utf-8"),
        (["texts", "--models", "nowhere"], 2, "no such folder of models"),
        (["texts", "--codebook", "nowhere"], 2, "nowhere"),
        (["texts", "-o", "out.xlsx"], 4, ".jsonl, .csv, .html"),
        (["texts", "-o", "out"], 4, "no suffix"),
        (["texts", "-o", "no/such/out.jsonl"], 4, "mkdir -p 'no/such'"),
        (["texts", "-o", "texts/bakery.txt/out.jsonl"], 4, "is a file, not a folder"),
        (["texts", "-o", "a.jsonl", "-o", "./a.jsonl"], 4, "two outputs"),
        (["texts", "-o", "a.jsonl", "-o", "a.xlsx"], 4, ".xlsx"),
        (["texts", "-o", "quarantine.jsonl"], 4, "cannot be read"),
        (["texts/page.html", "-o", "texts/page.html"], 4, "also an input"),
        (["texts/page.html", "-o", "texts/../texts/page.html"], 4, "also an input"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_can_be_mended_is_told_and_nothing_is_left_behind(run, texts, arguments, status, said):
    before = {path: path.read_bytes() for path in texts.iterdir()}
    done = run("tag", *arguments)
    assert done.status == status, done.err
    assert said in done.err and "Traceback" not in done.err
    assert done.out == ""
    assert {path: path.read_bytes() for path in texts.iterdir()} == before
    assert os.listdir() == ["texts"]


@pytest.mark.parametrize("files", [[], ["a.png", "b.pdf"], [".hidden.txt"]])
def test_a_folder_with_nothing_to_read_is_an_error(run, tmp_path, files):
    (tmp_path / "folder").mkdir()
    for name in files:
        (tmp_path / "folder" / name).write_bytes(b"x")
    (tmp_path / "out.jsonl").write_text("of an earlier run\n")
    done = run("tag", "folder", "-o", "out.jsonl")
    assert done.status == 2
    assert "folder: no file here that I read" in done.err and ".txt" in done.err
    assert (tmp_path / "out.jsonl").read_text() == "of an earlier run\n"
    assert sorted(os.listdir()) == ["folder", "out.jsonl"]


def test_unreadable_records_go_to_quarantine_and_the_run_goes_on(run, texts):
    (texts / "rows.jsonl").write_bytes(b'{"id": 1, "text": "Good."}\n{"id": 2, oh\n{"id": 3, "text": "Good too."}\n')
    (texts / "b.csv").write_bytes(b"id,what\n1,x\n")
    done = run("tag", texts, "-o", "out.jsonl")
    assert done.status == 3
    assert "7 records seen = 5 written + 0 skipped by rule + 2 quarantined" in done.err
    assert "2 quarantined, listed in quarantine.jsonl" in done.err
    items = [json.loads(line) for line in Path("quarantine.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {item["file"] for item in items} == {str(texts / "rows.jsonl"), str(texts / "b.csv")}
    assert all(item["reason"] and item["message"] for item in items)
    assert [item["record"] for item in items if item["file"].endswith("rows.jsonl")] == ["line 2"]
    (texts / "rows.jsonl").unlink()
    (texts / "b.csv").unlink()
    assert run("tag", texts, "-o", "out.jsonl").status == 0
    assert not os.path.exists("quarantine.jsonl"), "mended: the earlier run's quarantine is gone"


def test_a_second_run_gives_the_same_bytes(run, texts):
    run("tag", texts, "-o", "out.jsonl", "-o", "out.csv", "-o", "out.html")
    first = [Path(f"out.{s}").read_bytes() for s in ("jsonl", "csv", "html")]
    assert run("tag", texts, "-o", "out.jsonl", "-o", "out.csv", "-o", "out.html").status == 0
    assert [Path(f"out.{s}").read_bytes() for s in ("jsonl", "csv", "html")] == first


def test_a_run_does_not_read_what_it_wrote(run, texts, monkeypatch):
    monkeypatch.chdir(texts)
    (texts / "broken.jsonl").write_bytes(b"{oh\n")
    for _ in range(2):
        done = run("tag", ".", "-o", "out.jsonl", "-o", "out.html")
        assert done.status == 3
        assert "+ 1 quarantined" in done.err and " = 3 written" in done.err
    assert "skipped by rule (3 output)" in done.err, "two outputs and the quarantine"


def test_an_unreadable_file_is_quarantined(run, texts, monkeypatch):
    locked = texts / "locked.txt"
    locked.write_text("secret")
    opened = Path.open

    def refused(path, *arguments, **options):  # what chmod 0 does, for root too
        if path.name == "locked.txt":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refused)
    done = run("tag", texts, "-o", "out.jsonl")
    assert done.status == 3 and "locked.txt cannot be read: Permission denied" in done.err
    assert " = 3 written" in done.err


@pytest.mark.parametrize("arguments", [["-o", "o.jsonl", "--table"], ["--table"]])
def test_titles_command_nothing(run, tmp_path, arguments):
    title = "[red]T[/red] [link=x]\x1b[2J\x1b]0;owned\x07 \u202eevil"
    (tmp_path / "t.jsonl").write_text(json.dumps({"title": title, "text": "[bold]Free software[/bold] \x1b[31m"}) + "\n")
    (tmp_path / "bad\x1b[2J.jsonl").write_bytes(b"{oh\n")
    for done in (run("tag", "t.jsonl", "bad\x1b[2J.jsonl", *arguments), run("explain", "t.jsonl", "bad\x1b[2J.jsonl")):
        assert done.status == 3
        assert "[red]T[/red] [link=x]" in done.out + done.err
        for stream in (done.out, done.err):
            assert not set(stream) & set("\x1b\x07\u202e")


def test_rules_alone(run, texts, empty):
    records = run("tag", texts, "--models", empty).records
    assert {r["provenance"]["model"] for r in records} == {""}
    assert {line["source"] for r in records for line in r["evidence"]} <= {"base", "rule"}
