"""The folder of a run: one run at a time, whatever moment the last one ended in; what a machine that fails does to it is told."""

from __future__ import annotations

import errno
import json
import os
from types import SimpleNamespace

import pytest

from tagger.batch.backends import Backend
from tagger.batch.folder import WorkFolder
from tagger.batch.heart import Heart
from tagger.cli.tag_shards import Sheets, tag_shards
from tagger.errors import OutputError
from tagger.reading.shards import plan
from tagger.reading.sources import Source
from tagger.writing.locking import FileLock

SHOWN = SimpleNamespace(tell=lambda state: None, resumed=lambda done, of: None)
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("end", ["remove", "rename"])
def test_a_run_that_ends_while_the_next_is_at_its_lock_leaves_it_a_folder(tmp_path, monkeypatch, end):
    path = tmp_path / ".out.parts"
    first = WorkFolder(path)
    first.begin({}, [])

    class Late(FileLock):
        """Opened just before the first run ends."""

        def __init__(self, place):
            super().__init__(place)
            if first._lock is not None:
                if end == "rename":  # as results are kept
                    path.rename(tmp_path / ".out.kept")
                    first.close()
                first.remove() if end == "remove" else None

    monkeypatch.setattr("tagger.batch.folder.FileLock", Late)
    second = WorkFolder(path)
    assert second.begin({}, []) == 0
    with pytest.raises(OutputError, match="another run"):
        WorkFolder(path).begin({}, [])
    second.remove()
    assert not path.exists()


def test_a_folder_that_goes_before_its_lock_can_be_opened_is_made_again(tmp_path, monkeypatch):
    gone = []

    class Gone(FileLock):
        def __init__(self, place):
            if not gone:
                gone.append(place.parent.rmdir())
            super().__init__(place)

    monkeypatch.setattr("tagger.batch.folder.FileLock", Gone)
    folder = WorkFolder(tmp_path / ".out.parts")
    folder.begin({}, [])
    assert gone and folder.path.is_dir()
    folder.close()


@pytest.mark.parametrize("call", ["open", "pwrite"])
def test_a_full_disk_is_told_by_who_tells_where_a_worker_is(tmp_path, monkeypatch, call):
    def fail(*_):
        raise FULL

    monkeypatch.setattr(f"tagger.batch.heart.os.{call}", fail)
    with pytest.raises(OutputError, match="the disk"):
        Heart(tmp_path, 0)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "models").mkdir()
    rows = ({"title": f"T{i}", "text": "The members own the shop. " * 20} for i in range(20))
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def run():
        source = Source((str(tmp_path / "in.jsonl"),))
        shards = plan(source, scale=1e-3)
        assert len(shards) > 1
        return tag_shards(source, shards, Sheets((str(tmp_path / "out.jsonl"),), tmp_path / "models", True, False), None, Backend(), SHOWN)

    return run


@pytest.mark.parametrize("problem", [FULL, OutputError("no room")])
def test_results_that_cannot_be_kept_cost_no_run(run, tmp_path, monkeypatch, problem):
    def fail(*_):
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr("tagger.batch.kept.keep", fail)
        done = run()
    assert done.tally.written == 20 and "nothing could be kept" in done.kept
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "models", "out.jsonl"]
    wanted = (tmp_path / "out.jsonl").read_bytes()
    again = run()
    assert again.tally.reused == 0 and (tmp_path / "out.jsonl").read_bytes() == wanted


def test_parts_that_cannot_be_put_together_stay_and_that_is_told(run, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO), "000001.0.part")

    with monkeypatch.context() as patch:
        patch.setattr("tagger.batch.merge.merge", fail)
        with pytest.raises(OutputError, match=r"000001.0.part: Input/output error.*goes on from there"):
            run()
    assert not (tmp_path / "out.jsonl").exists()
    told = []
    monkeypatch.setattr(SHOWN, "resumed", lambda done, of: told.append((done, of)))
    run()
    ((done, of),) = told
    assert done == of > 1
