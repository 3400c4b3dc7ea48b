"""``HISTORY.jsonl``: what was done to the models of a folder, when (UTC), by what and why; lines are only ever added.

A line of a promotion is written before ``CURRENT`` changes: a crash between the two leaves a line that says what was meant, and the same command
finishes it without a second line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tagger.coding.model_manifest import NAME, read_plain
from tagger.errors import ModelError
from tagger.writing.durable import output_error, replace_bytes
from tagger.writing.locking import FileLock

HISTORY, LOCK = "HISTORY.jsonl", ".lock"
MADE, PROMOTED, ROLLED_BACK, REMOVED = "made", "promoted", "rolled back", "removed"
SWITCHES = (PROMOTED, ROLLED_BACK)
MAX_HISTORY = 16 << 20
PATIENCE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history.

    `when` is UTC in ISO 8601, `model` the name that it is about, `was` what was in use before (None: nothing), `sha256` that of the model's manifest, so that
    a model whose files and manifest were both exchanged is told from the one that was promoted; `by` is the command.
    """

    when: str
    did: str
    model: str
    was: str | None
    sha256: str
    why: str
    by: str


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_history(models: Path) -> list[Entry]:
    """Return the lines of the history of `models`, oldest first; none where there is no such file.

    Raises
    ------
    ModelError
        If a line is none that tagger writes.
    """
    path = models / HISTORY
    if not os.path.lexists(path):
        return []
    lines = read_plain(path, MAX_HISTORY).decode("utf-8", "replace").splitlines()
    return [_entry(line, path, number) for number, line in enumerate(lines, 1)]


def _entry(line: str, path: Path, number: int) -> Entry:
    try:
        entry = Entry(**json.loads(line))
        texts = (entry.when, entry.did, entry.model, entry.sha256, entry.why, entry.by)
        if not all(isinstance(text, str) for text in texts) or not isinstance(entry.was, str | None) or not NAME.fullmatch(entry.model):
            raise ValueError("a value of another kind")
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}, line {number}: no line of a history ({error}); restore the file, or move it away: it is begun anew then") from None
    return entry


def add(models: Path, entry: Entry) -> None:
    """Add a line, durably: readers see the history with it or without, never a part of it. The lock must be held (:func:`changing`).

    Raises
    ------
    OutputError, ModelError
    """
    path = models / HISTORY
    before = read_plain(path, MAX_HISTORY) if os.path.lexists(path) else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    replace_bytes(path, before + (json.dumps(asdict(entry), ensure_ascii=True) + "\n").encode())


def effective(entries: Sequence[Entry], current: str | None) -> list[Entry]:
    """Return the switches from one model to another that took place; the last line is left out where a crash came before ``CURRENT`` was written."""
    switches = [entry for entry in entries if entry.did in SWITCHES]
    return switches[:-1] if switches and unfinished(switches[-1], current) else switches


def unfinished(entry: Entry, current: str | None) -> bool:
    """Return whether a switch was announced and not made: what was in use before it still is."""
    return entry.model != current and entry.was == current


def way_back(entries: Sequence[Entry], current: str | None) -> list[str]:
    """Return the models that led to the one in use, oldest first, it last: what was rolled back is off the way."""
    way: list[str] = []
    for entry in effective(entries, current):
        if entry.was is not None:
            _reach(way, entry.was)
        if entry.did == ROLLED_BACK and way:
            way.pop()
        _reach(way, entry.model)
    if current is not None:
        _reach(way, current)
    return way


def _reach(way: list[str], name: str) -> None:
    if not way or way[-1] != name:
        way.append(name)


@contextmanager
def changing(models: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the folder of models for a change: one command at a time changes it.

    Raises
    ------
    ModelError
        Where another command holds it for `patience` seconds.
    OutputError
        If the folder cannot be written to.
    """
    try:
        lock = FileLock(models / LOCK)
    except OSError as problem:
        raise output_error(models / LOCK, problem) from problem
    try:
        with lock.held(patience):
            yield
    except TimeoutError:
        raise ModelError(f"{models}: another command has been changing these models for {patience:g} s; wait for it to end, then try again") from None
    finally:
        lock.close()
