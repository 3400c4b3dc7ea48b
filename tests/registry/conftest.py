"""What the tests of the registry share."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager

import pytest
from made_models import saved

WATCHED = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "os.mkdir", "subprocess.", "socket.", "exec", "ctypes.", "pickle.find_class")
_seen: list | None = None


def _hook(event: str, args: tuple) -> None:
    if _seen is not None and event.startswith(WATCHED):
        _seen.append((event, str(args)[:200]))


sys.addaudithook(_hook)  # for good: Python lets nobody take one away


@pytest.fixture
def audited():
    """A context in which whatever runs, spawns, unpickles or connects is noted."""

    @contextmanager
    def audited():
        global _seen
        _seen = found = []
        try:
            yield found
        finally:
            _seen = None

    return audited


@pytest.fixture(scope="session")
def _three(tmp_path_factory):
    folder = tmp_path_factory.mktemp("three")
    for seed, name in enumerate("abc"):
        saved(folder, name, seed)
    return folder


@pytest.fixture
def models(tmp_path, _three):
    """A folder of three models, `c` in use, each the child of the one before."""
    return shutil.copytree(_three, tmp_path / "models")


@pytest.fixture
def killed_everywhere():
    """Do something in a child process that dies before its first change to a folder, then anew before its second, and so on until one comes through.

    ``killed_everywhere(prepare, act)`` yields the folder that `prepare` returned after each `act` that died, and ends when one did not.
    """
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")

    def run(prepare, act):
        at = 0
        while True:
            at += 1
            place = prepare(at)
            if (status := _child(act, place, at)) == 0:
                return
            assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 77, f"the child failed by itself (status {status})"
            yield place

    return run


TOUCHES = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree")


def _child(act, place, at: int) -> int:
    pid = os.fork()
    if pid == 0:
        left = at

        def kill(event: str, args: tuple) -> None:
            nonlocal left
            # a death while reading leaves what a death before it leaves; the folder itself is opened to be synced, after a rename
            reads = event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR) and str(args[0]) != str(place)
            if event in TOUCHES and not reads and str(place) in str(args[0]):
                left -= 1
                if not left:
                    os._exit(77)

        try:
            sys.addaudithook(kill)
            act(place)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]
