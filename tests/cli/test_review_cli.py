"""``tagger review``: the page of one person, and sheets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")

from tagger.review.store import open_store

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
RUN = "from tagger.cli import COMMANDS, main; COMMANDS.update(review='tagger.cli.review', serve='tagger.cli.serve'); main()"


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    from tagger.cli import COMMANDS

    for name in ("review", "serve"):
        monkeypatch.setitem(COMMANDS, name, f"tagger.cli.{name}")


def row(id: str, **more) -> dict:
    proposals = {facet: {"code": code, "probability": 0.8, "status": "decided", "set": [code]} for facet, code in (("economy", "sharing"), ("model", "9"))}
    known = {"id": id, "title": f"Title of {id}", "text": f"People share {id} with each other.", **proposals, "cues": [], "evidence": []}
    return known | {"scores": {"model": {"9": 2.0, "3": 1.0}}, "provenance": {"tagger": "0.1", "codebook": "1", "rules": "1", "model": ""}} | more


@pytest.fixture
def suggestions(tmp_path):
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(row(f"case {n}")) + "\n" for n in range(4)), encoding="utf-8")
    return path


def started(folder, *arguments) -> subprocess.Popen:
    """Start a command in a process of its own."""
    environment = {**ENVIRONMENT, "DISPLAY": ":99", "BROWSER": f"{sys.executable} {folder / 'browser.py'} %s"}
    command = [sys.executable, "-c", RUN, *map(str, arguments)]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603


def ask(address: str, path: str, body: object = None, cookie: str = "") -> tuple[int, dict, str]:
    """Ask a server; return status, JSON and cookie."""
    headers = {"X-Tagger": "1", "Content-Type": "application/json", "Origin": address, "Cookie": cookie}
    request = urllib.request.Request(address + path, None if body is None else json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read()), (answer.headers.get("set-cookie") or "").partition(";")[0]
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), ""


def test_a_person_codes_on_the_page(suggestions, tmp_path):
    (tmp_path / "browser.py").write_text("import pathlib, sys; pathlib.Path('seen').write_text(sys.argv[1])")
    process = started(tmp_path, "review", suggestions, "--coder", "ADA", "--port", "0")
    try:
        address, token = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+)/open#token=(\S+)\n", process.stdout.readline()).groups()
        if sys.platform == "linux":  # nobody who lists processes sees the token
            told = [_read(entry) for entry in Path("/proc").glob("[0-9]*/cmdline")]
            assert str(suggestions) in "".join(told)
            assert not any(token in command for command in told)
        for _ in range(100):
            if (tmp_path / "seen").exists() and (tmp_path / "seen").read_text():
                break
            time.sleep(0.05)
        opened = (tmp_path / "seen").read_text()
        assert opened.startswith("file:")
        assert token not in opened
        page = next(tmp_path.glob("tagger-opens-*/open.html"))
        assert token in page.read_text()
        status, told, cookie = ask(address, "/api/login", {"token": token})
        assert (status, told) == (200, {"coder": "ADA", "role": "coder"})
        assert not page.parent.exists()  # it has served its turn
        assert ask(address, "/api/login", {"token": token})[0] == 403
        case = ask(address, "/api/next", cookie=cookie)[1]["case"]
        event = {"id": str(uuid.uuid4()), "kind": "coding", "case": case["id"], "codes": {"economy": "sharing", "model": "9"}}
        assert ask(address, "/api/events", [event], cookie)[1]["accepted"] == [event["id"]]
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=15)
    assert process.returncode == 0, err
    assert "1 case coded, 1 in all, 3 left. Stored in" in err
    assert token not in out + err
    with open_store(tmp_path / "s.review.db") as store:
        ((_, stored),) = store.events()
        assert (stored.id, stored.coder) == (event["id"], "ADA")
        assert {"seed": "0", "audit": "0.1", "blind": "0.0"}.items() <= store.meta().items()
    assert sorted(p.name for p in tmp_path.iterdir() if "wal" not in p.name and "shm" not in p.name) == [
        "browser.py",
        "s.jsonl",
        "s.review.db",
        "s.review.db-lock",
        "seen",
    ]


def _read(entry: Path) -> str:
    """Return a process's command line, '' where it ended just now."""
    try:
        return entry.read_text(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def shown(monkeypatch):
    """Do not serve: return what would be, and end at once."""
    from tagger.review.web import running

    seen = []
    monkeypatch.setattr(running.Server, "serve_until_ended", lambda self: seen.append(self.config.loaded_app if self.config.loaded else self.config.app))
    return seen


def test_faulty_lines_are_told_and_passed_over(run, suggestions, shown):
    with suggestions.open("a", encoding="utf-8") as stream:
        stream.write("{not json\n" + json.dumps({"id": "x"}) + "\n" + json.dumps(row("case 0")) + "\n")
    done = run("review", suggestions, "--coder", "ADA", "--port", "0", "--no-browser")
    assert done.status == 3
    assert [f"line {n}" in done.err for n in (5, 6, 7)] == [True] * 3
    assert "4 new cases" in done.err
    assert len(shown) == 1


def test_an_unchanged_file_is_not_read_again(run, suggestions, shown):
    run("review", suggestions, "--coder", "ADA", "--port", "0", "--no-browser")
    assert "case" not in run("review", suggestions, "--coder", "ADA", "--port", "0", "--no-browser").err.partition("coded")[0].replace("0 cases ", "")
    rows = [row("case 0", text="Another text."), *(row(f"case {n}") for n in range(1, 6))]
    suggestions.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    assert "2 new cases, 1 changed, 3 as before" in run("review", suggestions, "--coder", "ADA", "--port", "0", "--no-browser").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.jsonl", "--coder", "ADA"], "cannot be read"),
        (["s.jsonl"], "--coder"),
        (["s.jsonl", "--coder", " "], "--coder"),
        (["s.jsonl", "--coder", "x" * 101], "at most 100"),
        (["s.jsonl", "--coder", "a\x1b[31m"], "cannot be shown"),
        (["s.jsonl", "--coder", "ADA", "--blind", "1.5"], "--blind"),
        (["s.jsonl", "--coder", "ADA", "--port", "70000"], "--port"),
        (["s.jsonl", "--coder", "ADA", "--store", "s.jsonl"], "database"),
        (["s.jsonl", "--coder", "ADA", "--store", "mysql://x"], "PostgreSQL"),
        (["empty.jsonl", "--coder", "ADA"], "no case to review"),
        (["s.jsonl", "--coder", "ADA", "--import", "none.xlsx"], "none.xlsx"),
        (["foreign.jsonl", "--coder", "ADA"], "no case to review"),
    ],
)
def test_what_can_be_mended_is_told(run, suggestions, shown, arguments, told):
    suggestions.with_name("empty.jsonl").write_text("")
    suggestions.with_name("foreign.jsonl").write_text('{"id": "a", "text": "Not tagged."}\n')
    done = run("review", *arguments)
    assert done.status == 2
    assert told in done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err.replace("\x1b[0m", "") or "Usage" in done.err
    assert shown == []


def test_a_missing_file_leaves_no_store(run, tmp_path):
    assert run("review", "missing.jsonl", "--coder", "ADA").status == 2
    assert list(tmp_path.glob("*.db*")) == []


def test_what_is_drawn_stays_once_people_coded_by_it(run, suggestions, shown):
    common = ["review", suggestions, "--coder", "ADA", "--port", "0", "--no-browser"]
    assert run(*common, "--seed", "7", "--blind", "0.5").status == 0
    assert shown[-1].state.desk.plan.blind == 0.5
    assert run(*common, "--seed", "8").status == 0  # nobody coded yet
    _code(suggestions.with_name("s.review.db"))
    done = run(*common, "--seed", "9")
    assert done.status == 2
    assert "begun with 8" in done.err
    assert run(*common, "--seed", "8").status == 0
    assert run(*common).status == 0
    assert (shown[-1].state.desk.plan.seed, shown[-1].state.desk.plan.blind) == (8, 0.5)


def _code(path) -> None:
    from tagger.review.events import Event, new_id, now

    with open_store(path) as store:
        store.add(Event(new_id(), now(), "ADA", "coding", "case 0", codes={"model": "9"}))


def test_who_adjudicates(run, suggestions, shown):
    common = ["review", suggestions, "--port", "0", "--no-browser", "--coder"]
    run(*common, "ADA")
    with open_store(suggestions.with_name("s.review.db")) as store:
        store.add_coder("CY", "adjudicator")
    for name, more, role in (("ADA", [], "coder"), ("ADA", ["--adjudicate"], "adjudicator"), ("CY", [], "adjudicator")):
        run(*common, name, *more)
        (reviewer,) = shown[-1].state.sessions._once.values()
        assert (reviewer.name, reviewer.role) == (name, role)


@pytest.mark.parametrize("option", ["xlsx", "csv"])
def test_sheets_go_out_and_come_back(run, suggestions, shown, option):
    if option == "xlsx":
        pytest.importorskip("openpyxl")
    out = suggestions.with_name(f"out.{option}")
    done = run("review", suggestions, "--coder", "ADA", f"--{option}", out)
    assert (done.status, shown) == (0, [])
    assert "4 cases" in done.err
    assert run("review", suggestions, "--coder", "ADA", f"--{option}", out).status == 4  # it may hold codings by now
    _fill(out)
    done = run("review", suggestions, "--coder", "ADA", "--import", out)
    assert "1 row taken in, 3 as before" in done.err
    done = run("review", suggestions, "--coder", "ADA", "--import", out)
    assert "0 rows taken in" in done.err
    with open_store(suggestions.with_name("s.review.db")) as store:
        ((_, event),) = store.events()
        assert (event.coder, event.codes["economy"], event.codes["model"]) == ("ADA", "sharing", "9")


def _fill(path, **codes: str) -> None:
    """Code the first row of a sheet."""
    codes = {"economy": "sharing", "model": "9"} | codes
    if path.suffix == ".csv":
        import csv

        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        rows[0].update(codes)
        with path.open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, rows[0])
            table.writeheader()
            table.writerows(rows)
        return
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for name, code in codes.items():
        sheet.cell(2, header.index(name) + 1).value = code
    book.save(path)


def test_a_sheet_with_a_fault_brings_nothing(run, suggestions):
    out = suggestions.with_name("out.csv")
    run("review", suggestions, "--coder", "ADA", "--csv", out)
    _fill(out, model="99")
    done = run("review", suggestions, "--coder", "ADA", "--import", out)
    assert done.status == 2
    assert "nothing was taken in; 1 fault" in done.err
    assert "row 2, column model" in done.err
    with open_store(suggestions.with_name("s.review.db")) as store:
        assert store.events() == []


def test_a_port_that_is_taken_is_told(run, suggestions):
    from tagger.review.web.running import listening

    with listening("127.0.0.1", 0) as other:
        done = run("review", suggestions, "--coder", "ADA", "--port", other.getsockname()[1], "--no-browser")
    assert done.status == 2
    assert "--port" in done.err
