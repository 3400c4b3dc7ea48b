"""What only a process of its own shows: closed pipes, Ctrl-C, terminals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import time

import pytest

TEXT = "Members of the cooperative own the shop; it carries no advertising. "


@pytest.fixture
def many(tmp_path):
    """Thousands of texts: more than any machine tags before the test has looked."""
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": i, "text": TEXT * 10}) + "\n" for i in range(40_000)))
    return path


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_closed_pipe_ends_it_quietly(start, many, tmp_path, empty):
    process = start("tag", many, "--models", empty, cwd=tmp_path)
    first = json.loads(process.stdout.readline())
    process.stdout.close()  # head has what it wanted
    err = process.stderr.read().decode()
    assert (process.wait(60), err) == (0, "")
    assert first["id"] == "0"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_finished_of_a_stream(start, many, tmp_path, empty, number):
    with many.open("rb") as given:
        process = start("tag", "-", "--models", empty, "-o", "out.jsonl", "-o", "out.csv", cwd=tmp_path, stdin=given)
        part = tmp_path / f".out.jsonl.{process.pid}.tmp"
        wait_for(lambda: process.poll() is not None or (part.is_file() and part.stat().st_size > 0))
        process.send_signal(number)
        out, err = (stream.decode() for stream in process.communicate(timeout=60))
    assert process.returncode == 130, err
    assert out == "" and "Traceback" not in err
    records = [json.loads(line) for line in (tmp_path / "out.partial.jsonl").read_bytes().split(b"\n")[:-1]]
    assert [r["id"] for r in records] == [str(i) for i in range(len(records))] and records
    assert (tmp_path / "out.partial.csv").read_bytes().count(b"\r\n") == len(records) + 1, "both outputs have the same cases"
    assert f"{len(records)} records seen = {len(records)} written" in err
    assert "Stopped: what was finished" in err and "out.partial.jsonl, out.partial.csv" in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["many.jsonl", "no-models", "out.partial.csv", "out.partial.jsonl"]


@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGINT, 1), pytest.param(signal.SIGTERM, 2, marks=pytest.mark.slow), (signal.SIGKILL, 2)])
def test_the_same_command_goes_on_where_it_was_stopped(start, many, tmp_path, empty, number, jobs):
    lines = [json.dumps({"id": i, "text": TEXT * 4, "note": "." * 2_900}).encode() + b"\n" for i in range(2_500)]  # two shards for one worker
    many.write_bytes(b"".join(lines))
    command = ["tag", many, "--models", empty, "-o", "out.jsonl", "-o", "out.csv", "-j", jobs]
    process = start(*command, cwd=tmp_path, start_new_session=True)
    parts = tmp_path / ".out.jsonl.parts"
    wait_for(lambda: process.poll() is not None or list(parts.glob("*.done")))
    os.killpg(process.pid, number)  # as a terminal does: to all processes of the run
    out, err = (stream.decode() for stream in process.communicate(timeout=60))
    assert process.returncode == (-9 if number == signal.SIGKILL else 130), err
    assert out == "" and "Traceback" not in err
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.jsonl.parts", "many.jsonl", "no-models"], "nothing stands under a final name"
    ready = len(list(parts.glob("*.done")))
    assert number == signal.SIGKILL or f"Stopped: {ready} of" in err
    again = start(*command, cwd=tmp_path)
    _, err = (stream.decode() for stream in again.communicate(timeout=120))
    assert again.returncode == 0 and f"Going on: {ready} of" in err, err
    got = [(tmp_path / name).read_bytes() for name in ("out.jsonl", "out.csv")]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.jsonl.kept", "many.jsonl", "no-models", "out.csv", "out.jsonl"]
    whole = start(*command, "--no-keep", cwd=tmp_path)
    _, err = (stream.decode() for stream in whole.communicate(timeout=120))
    assert "Going on" not in err
    assert [(tmp_path / name).read_bytes() for name in ("out.jsonl", "out.csv")] == got, "as of an undisturbed run"
    assert f"{len(lines)} records seen = {len(lines)} written" in err


def test_ctrl_c_while_loading_leaves_nothing(start, many, tmp_path):
    process = start("tag", many, "-o", "out.jsonl", cwd=tmp_path)
    time.sleep(0.6)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)  # the latter while Python itself was starting
    assert not (tmp_path / "out.jsonl").exists()
    if process.returncode == 130:
        assert b"Traceback" not in err


def test_progress_on_a_terminal(start, many, tmp_path, empty):
    """On a terminal one sees how many, how fast and how long still; results are not mixed with it."""
    ours, theirs = pty.openpty()
    process = start("tag", many, "--models", empty, "-o", "out.jsonl", "--limit", "1500", cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 90)[0]:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    assert process.wait(60) == 0 and process.stdout.read() == b""
    process.stdout.close()
    text = seen.decode()
    assert " tagged" in text and "/s" in text and "left" in text
    assert "1500 records seen = 1500 written" in text.split("tagged")[-1], "the summary comes last"
