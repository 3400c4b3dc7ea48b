"""``tagger store``: what a review has, kept safe and carried elsewhere."""

from __future__ import annotations

import csv
import json

import pytest

pytest.importorskip("sqlalchemy")

from tagger.codings.text import fingerprint
from tagger.review.cases import ReviewCase
from tagger.review.events import Event, new_id, now
from tagger.review.store import open_store

RECORD = {facet: {"code": code, "probability": 0.5, "status": "decided", "set": [code]} for facet, code in (("economy", "sharing"), ("model", "9"))}


@pytest.fixture
def reviewed(tmp_path):
    """A store in the folder of the run: two cases, a coding each of two people, one of them taken back."""
    with open_store(tmp_path / "r.db") as store:
        store.add_cases(ReviewCase(id, f"Garden {id}", f"Plot {id}.", fingerprint(f"Plot {id}."), RECORD) for id in ("a", "b"))
        store.set_meta(seed="1", audit="0.1")
        events = [Event(new_id(), now(), coder, "coding", "a", codes={"economy": "sharing", "model": "9"}) for coder in ("ada", "bo")]
        store.add_all([*events, Event(new_id(), now(), "bo", "undo", "a", undoes=events[1].id)])
    return tmp_path / "r.db"


def test_info_tells_what_there_is(run, reviewed):
    ended = run("store", "info", "r.db")
    assert ended.status == 0
    assert [line.split() for line in ended.out.splitlines()][1:] == [
        ["cases", "2"], ["events", "3"], ["coding", "2"], ["undo", "1"], ["coded", "by", "ada:", "1"], ["audit", "0.1"], ["seed", "1"],
    ]  # fmt: skip


@pytest.mark.parametrize("command", [("info",), ("check",), ("backup", "b.db"), ("export", "x.csv"), ("coders", "list")])
def test_what_is_not_there_is_not_made(run, tmp_path, command):
    at = 2 if command[0] == "coders" else 1
    ended = run("store", *command[:at], "none.db", *command[at:])
    assert ended.status == 2
    assert "none.db: no such file" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_out_and_in_again(run, reviewed, tmp_path):
    assert run("store", "export", "r.db", "all.jsonl").status == 0
    ended = run("store", "import", "other.db", "all.jsonl")
    assert "2 cases, 3 events, 0 coders, 0 assignments" in ended.err
    run("store", "export", "other.db", "again.jsonl")
    assert (tmp_path / "all.jsonl").read_bytes() == (tmp_path / "again.jsonl").read_bytes()


def test_an_import_that_keeps_other_cases_says_so(run, reviewed, tmp_path):
    run("store", "export", "r.db", "all.jsonl")
    with open_store(reviewed) as store:
        store.add_cases([ReviewCase("a", "", "New.", fingerprint("New."), RECORD)])
    assert "1 case with another text or suggestion" in run("store", "import", "r.db", "all.jsonl").err


def test_a_backup_is_a_store(run, reviewed):
    assert run("store", "backup", "r.db", "b.db").status == 0
    assert run("store", "info", "b.db").out.split("\n")[1:] == run("store", "info", "r.db").out.split("\n")[1:]


def test_the_codings_are_a_table(run, reviewed, tmp_path):
    ended = run("store", "export", "r.db", "c.csv")
    assert (ended.status, ended.err) == (0, "c.csv: 1 coding\n")
    with open(tmp_path / "c.csv", encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["case"], row["coder"], row["economy"], row["model"], row["random"] in ("yes", "no")) == ("a", "ada", "sharing", "9", True)


def test_a_coding_that_the_codebook_does_not_know_is_left_out_and_told(run, reviewed):
    with open_store(reviewed) as store:
        store.add(Event(new_id(), now(), "eve", "coding", "b", codes={"economy": "barter"}))
    ended = run("store", "export", "r.db", "c.csv")
    assert ended.status == 3
    assert "left out: case 'b', coder 'eve'" in ended.err


def test_another_suffix_is_refused(run, reviewed):
    ended = run("store", "export", "r.db", "c.sav")
    assert ended.status == 4
    assert ".jsonl" in ended.err


def test_check(run, reviewed):
    ended = run("store", "check", "r.db")
    assert (ended.status, ended.out) == (0, "No fault in the store.\n")
    with open_store(reviewed) as store, store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_delete")
    ended = run("store", "check", "r.db")
    assert ended.status == 1
    assert ended.out.endswith("1 fault in the store.\n")


def test_a_token_is_shown_once_and_alone_on_standard_output(run, tmp_path):
    ended = run("store", "coders", "add", "team.db", "Ada", "--role", "adjudicator")
    token = ended.out.strip()
    with open_store(tmp_path / "team.db") as store:
        assert (store.coder_of(token).name, store.coder_of(token).role) == ("Ada", "adjudicator")
    assert token not in ended.err
    assert run("store", "coders", "list", "team.db").out == "Ada\tadjudicator\tactive\n"
    assert run("store", "coders", "add", "team.db", "Ada").status == 2
    run("store", "coders", "revoke", "team.db", "Ada")
    assert run("store", "coders", "list", "team.db").out == "Ada\tadjudicator\trevoked\n"
    assert run("store", "coders", "revoke", "team.db", "Eve").status == 2


def test_nothing_that_a_terminal_obeys_is_printed(run, reviewed, tmp_path):
    with open_store(reviewed) as store:
        store.add_coder("a\x1b[2Jb")
        store.add(Event(new_id(), now(), "a\x1b[2Jb", "coding", "b", codes={"economy": "\x1b[2J"}))
    for command in (("info", "r.db"), ("coders", "list", "r.db"), ("export", "r.db", "c.csv"), ("coders", "revoke", "r.db", "\x1b[2J")):
        ended = run("store", *command)
        assert "\x1b" not in ended.out + ended.err


def test_help_needs_no_database(run):
    ended = run("store", "--help")
    assert ended.status == 0
    assert all(name in ended.out for name in ("info", "backup", "export", "import", "check", "coders"))


def test_the_package_that_is_missing_is_named(tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    hidden = "import sys; sys.modules['sqlalchemy'] = None; from tagger.cli import main; sys.argv = ['tagger', 'store', 'info', 'x.db']; main()"
    ended = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(Path(__file__).parents[2])})  # noqa: S603
    assert ended.returncode == 2
    assert "pip install 'case-tagger[web]'" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert json.dumps(ended.stdout) == '""'
