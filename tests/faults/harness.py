"""Faults injected at system calls: a job is run in a child process under strace, and one call of it fails or is its last.

The child is forked from a process that has imported and done everything once, and strace is attached before it begins: so it makes the calls of the job, none
of the interpreter's start, and a point costs a fraction of a second.  A first run without a fault records all calls that touch the job's folder; each of them,
with each fault that makes sense for it, is a point.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

KILL = "SIGKILL"
_FULL = ("ENOSPC", "EDQUOT")
# what a call may meet; EINTR not for close and fsync, which Linux never leaves half done with it
FAULTS = {
    "openat": (KILL, "EIO", "EMFILE", "ENOSPC", "EINTR"),
    "write": (KILL, "EIO", "EINTR", *_FULL),
    "pwrite64": (KILL, "EIO", "EINTR", *_FULL),
    "fsync": (KILL, "EIO", *_FULL),
    "fdatasync": (KILL, "EIO", *_FULL),
    "rename": (KILL, "EIO", *_FULL),
    "renameat": (KILL, "EIO", *_FULL),
    "renameat2": (KILL, "EIO", *_FULL),
    "unlink": (KILL, "EIO"),
    "unlinkat": (KILL, "EIO"),
    "rmdir": (KILL, "EIO"),
    "mkdir": (KILL, "EIO", *_FULL),
    "flock": (KILL, "EINTR", "EAGAIN", "ENOLCK"),
    "ftruncate": (KILL, "EIO", "EINTR"),
    "close": (KILL, "EIO"),
}
TIME_LIMIT = 60.0  # seconds for one child
_CALL = re.compile(r"^(\d+)\s+(?:<\.\.\. )?(\w+)[( ]")


class CannotTrace(RuntimeError):
    """strace is missing, or may not attach here."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """The `number`-th (from 1) of a job's calls of `call` meets `fault`."""

    job: str
    call: str
    fault: str
    number: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit status (negative: the signal), what it printed, and the lines of the trace."""

    status: int
    printed: str
    trace: tuple[str, ...]


def fork(act: Callable[[], object], printed: Path, wait: int | None = None) -> int:
    """Do `act` in a child whose standard output and error go to `printed`; return its process id. It waits for a byte from the pipe `wait` before it begins."""
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        out = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout, sys.stderr = (os.fdopen(handle, "w", closefd=False) for handle in (1, 2))
        if wait is not None:
            os.read(wait, 1)
        act()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    raise AssertionError


def undisturbed(act: Callable[[], object], scratch: Path) -> Ended:
    """Do `act` in a child without any fault."""
    pid = fork(act, scratch / "printed")
    return Ended(_wait(pid), _text(scratch / "printed"), ())


def traced(act: Callable[[], object], scratch: Path, calls: tuple[str, ...], inject: str = "", options: tuple[str, ...] = ()) -> Ended:
    """Do `act` in a child under strace.

    Parameters
    ----------
    scratch : Path
        Folder for the trace and what is printed; not one that `act` touches.
    calls : tuple of str
        System calls to trace.
    inject : str
        As `strace -e inject=` takes it; '' for none.
    options : tuple of str
        More options of strace.

    Raises
    ------
    CannotTrace
    """
    if shutil.which("strace") is None:
        raise CannotTrace("strace is not installed (apt-get install strace)")
    wait, go = os.pipe()
    trace = scratch / "trace"
    pid = fork(act, scratch / "printed", wait)
    command = ["strace", "-f", "-y", *options, "-o", str(trace), "-p", str(pid), "-e", f"trace={','.join(calls)}"]
    command += ["-e", f"inject={inject}"] if inject else []
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    told = tracer.stderr.readline()
    os.write(go, b"x")
    os.close(go)
    os.close(wait)
    status = _wait(pid)
    rest = tracer.communicate(timeout=TIME_LIMIT)[1]
    if "attached" not in told:
        raise CannotTrace(f"strace cannot attach: {(told + rest).strip()}")
    return Ended(status, _text(scratch / "printed"), tuple(line for line in _text(trace).splitlines() if line.startswith(f"{pid} ")))


def _wait(pid: int) -> int:
    end = time.monotonic() + TIME_LIMIT
    while not (found := os.waitpid(pid, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise TimeoutError(f"a job that came to no end within {TIME_LIMIT:.0f} s")
        time.sleep(0.002)
    return os.waitstatus_to_exitcode(found[1])


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def numbered_calls(trace: tuple[str, ...]) -> Iterator[tuple[str, int, str]]:
    """Yield (call, which one of its kind, line) of a trace; what is resumed was counted when it began."""
    counts: dict[str, int] = {}
    for line in trace:
        found = _CALL.match(line)
        if found and "<... " not in line:
            counts[found[2]] = counts.get(found[2], 0) + 1
            yield found[2], counts[found[2]], line


def points_of(job: str, trace: tuple[str, ...], touches: Callable[[str], bool]) -> list[Point]:
    """Return all points of a job: of each call that `touches` (told by its line in the trace), each fault."""
    return [Point(job, call, fault, number) for call, number, line in numbered_calls(trace) if touches(line) for fault in FAULTS[call]]


def inject(point: Point) -> str:
    """Return what makes strace do that."""
    return f"{point.call}:{f'signal={KILL}' if point.fault == KILL else f'error={point.fault}'}:when={point.number}"


def evenly(points: list[Point], number: int) -> list[Point]:
    """Return `number` of the points, spread over calls, faults and the course of the job; all where there are fewer."""
    ordered = sorted(points, key=lambda p: (p.job, p.call, p.fault, p.number))
    if number >= len(ordered):
        return ordered
    return [ordered[(2 * i + 1) * len(ordered) // (2 * number)] for i in range(number)]
