"""A lock between processes, where the file system fails it."""

from __future__ import annotations

import errno
import os

import pytest

from tagger.errors import OutputError
from tagger.writing import locking
from tagger.writing.locking import FileLock


def fail(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


def test_one_holds_it_at_a_time(tmp_path):
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    with one.held(0), pytest.raises(TimeoutError), other.held(0.01):
        pass
    with other.held(0):
        assert other.stands


def test_a_file_system_without_locks_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(locking, "_try", fail(errno.ENOLCK))
    with pytest.raises(OutputError, match=r"lock: cannot be locked \(No locks available\)"), FileLock(tmp_path / "lock").held(0):
        pass


def test_what_was_done_under_it_is_done_though_it_cannot_be_given_back(tmp_path, monkeypatch):
    lock, done = FileLock(tmp_path / "lock"), []
    monkeypatch.setattr(locking, "_free", fail(errno.EIO))
    with lock.held(0):
        done.append(1)
    lock.close()
    with FileLock(tmp_path / "lock").held(0):  # the kernel freed it with the file
        assert done


@pytest.mark.parametrize("how", ["removed", "another"])
def test_one_whose_file_is_gone_does_not_stand(tmp_path, how):
    lock = FileLock(tmp_path / "lock")
    assert lock.stands
    (tmp_path / "lock").unlink()
    if how == "another":
        other = FileLock(tmp_path / "lock")
        assert other.stands
    assert not lock.stands
