"""A file is there whole or not at all, whichever step fails, and nothing temporary stays."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tagger.errors import OutputError
from tagger.writing import durable
from tagger.writing.durable import Part, replace_bytes

BIG = "x" * (3 << 18)  # more than one flush
STEPS = ("open", "write", "fsync", "replace", "lseek")


def fail_at(monkeypatch, step: str, turn: int, number: int) -> list[int]:
    """Make the `turn`-th call (from 1) of ``os.<step>`` raise errno `number`; return the list of calls counted."""
    real, calls = getattr(os, step), []

    def faulty(*args, **more):
        calls.append(1)
        if len(calls) == turn:
            raise OSError(number, os.strerror(number))
        return real(*args, **more)

    monkeypatch.setattr(durable.os, step, faulty)
    return calls


def save(path: Path) -> None:
    with Part(path) as part:
        part.write(BIG)
        part.write("end\n")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE])
@pytest.mark.parametrize("step", STEPS)
def test_whole_or_not_at_all_whichever_step_fails(tmp_path, monkeypatch, step, number):
    path = tmp_path / "out.jsonl"
    for turn in range(1, 30):
        path.write_text("old")
        with monkeypatch.context() as patch:
            calls = fail_at(patch, step, turn, number)
            if failed := len(calls) == 0:
                try:
                    save(path)
                    failed = False
                except OutputError as error:
                    assert str(path) in str(error)
        assert path.read_text() in ("old", BIG + "end\n")
        assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]
        if not failed:
            assert path.read_text() == BIG + "end\n"
            break
    else:
        pytest.fail(f"os.{step} never ran out of calls to fail")
    assert turn > 1, f"os.{step} is never called"


def test_failed_fsync_is_not_tried_again(tmp_path, monkeypatch):
    calls = fail_at(monkeypatch, "fsync", 1, errno.EIO)
    part = Part(tmp_path / "out.csv")
    part.write("a")
    with pytest.raises(OutputError):
        part.commit()
    assert len(calls) == 1
    assert not list(tmp_path.iterdir())
    assert part.keep_partial() is None


def test_short_writes_are_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(durable.os, "write", lambda handle, data: real(handle, bytes(data[:1000])))
    save(tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == BIG + "end\n"


def test_nothing_under_the_name_before_commit(tmp_path):
    path = tmp_path / "out.jsonl"
    part = Part(path)
    part.write(BIG)
    assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == [f".out.jsonl.{os.getpid()}.tmp"]
    assert part.commit() == path
    assert path.read_text() == BIG
    assert part.finished
    part.abort()
    assert path.exists()


def test_error_inside_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    with pytest.raises(RuntimeError), Part(path) as part:
        part.write("new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_ctrl_c_keeps_a_file_named_partial(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), Part(path) as part:
        part.write("one\n")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert (tmp_path / "out.partial.jsonl").read_text() == "one\n"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize("after", [False, True])
def test_ctrl_c_inside_a_step_loses_nothing(tmp_path, monkeypatch, step, after):
    real, calls = getattr(os, step), []

    def interrupted(*args):
        calls.append(1)
        result = real(*args) if after or len(calls) > 1 else None
        if len(calls) == 1:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(durable.os, step, interrupted)
    part = Part(tmp_path / "out.jsonl")
    kept = None
    try:
        part.write(BIG)
        part.write("end\n")
        part.commit()
    except KeyboardInterrupt:
        kept = part.keep_partial()
    whole = tmp_path / ("out.jsonl" if kept is None else "out.partial.jsonl")
    assert (kept is None) == (step == "replace" and after)  # there it had its name already
    assert whole.read_text().startswith(BIG)
    assert len(list(tmp_path.iterdir())) == 1


def test_replace_bytes_keeps_nothing_on_ctrl_c(tmp_path, monkeypatch):
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"old")

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(durable.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match=f"no folder {tmp_path}/a\\.") as caught:
        Part(tmp_path / "a" / "b" / "out.csv")
    assert "mkdir -p" in str(caught.value)


def test_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        Part(tmp_path / "a" / "out.csv")


def test_folder_in_place_of_the_file(tmp_path):
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OutputError, match="this is a folder"):
        Part(tmp_path / "out.csv")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        Part(tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EACCES, "no permission"), (errno.EROFS, "read-only"), (errno.EIO, "could not be written")],
)
def test_messages_name_what_happened(tmp_path, monkeypatch, number, words):
    fail_at(monkeypatch, "open", 1, number)
    with pytest.raises(OutputError, match=words):
        Part(tmp_path / "out.csv")


def test_permissions_of_the_old_file_stay(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o600)
    replace_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_symbolic_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out.csv").symlink_to(tmp_path / "real" / "data.csv")
    replace_bytes(tmp_path / "out.csv", b"new")
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "real" / "data.csv").read_bytes() == b"new"


def test_killed_process_leaves_nothing_under_the_name(tmp_path):
    code = f"""
import os, signal
from tagger.writing.durable import Part
part = Part({str(tmp_path / "out.jsonl")!r})
part.write("x" * (1 << 20))
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})  # noqa: S603
    assert done.returncode < 0
    assert not (tmp_path / "out.jsonl").exists()
    assert all(p.name.startswith(".out.jsonl.") for p in tmp_path.iterdir())


def test_lone_surrogate_becomes_its_escape(tmp_path):
    with Part(tmp_path / "a.txt") as part:
        part.write("a\ud800b")
    assert (tmp_path / "a.txt").read_bytes() == b"a\\ud800b"


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine = Part(tmp_path / "out[1].jsonl")
    left, others = tmp_path / f".out[1].jsonl.{dead.pid}.tmp", (tmp_path / f".out1.jsonl.{dead.pid}.tmp", tmp_path / ".out[1].jsonl.backup.tmp")
    for path in (left, *others):
        path.write_text("cut")
    durable.remove_left(tmp_path / "out[1].jsonl")
    assert not left.exists()
    assert all(path.exists() for path in others) and not mine.finished
    mine.abort()
