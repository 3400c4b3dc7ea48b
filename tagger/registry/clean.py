"""Removing versions that nobody needs any more: never the one in use, its parent, the way back, or what was promoted last."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tagger.coding.model_manifest import CURRENT, MANIFEST, NAME, PARTS, current_folder
from tagger.registry.history import HISTORY, PROMOTED, REMOVED, Entry, add, changing, now, read_history, way_back
from tagger.registry.versions import Version, versions
from tagger.writing.durable import output_error

GOING, COMING = ".gone", ".new"  # suffixes of a folder that is being removed or written; neither is a model's name


@dataclass(frozen=True, slots=True)
class Plan:
    """What :func:`clean` removes: `versions` by name, and what a crash `left`; `kept` and `alone` are (name, why): needed, or not ours to remove."""

    versions: tuple[str, ...]
    left: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    alone: tuple[tuple[str, str], ...]


def plan(models: Path, keep: int) -> Plan:
    """Return what can go when the `keep` newest of those that nothing needs are kept, too.

    Raises
    ------
    ModelError
        Where it is not said which model is in use, or the history cannot be read.
    """
    there, history = versions(models), read_history(models)
    used = current_folder(models)
    kept = _needed(there, history, used.name if used else None)
    alone = {v.name: reason for v in there if (reason := _foreign(v))}
    spare = sorted((v for v in there if v.name not in kept and v.name not in alone), key=lambda v: (_age(v), v.name), reverse=True)
    kept |= {v.name: f"one of the {keep} newest others" for v in spare[:keep]}
    left = tuple(sorted(p.name for p in models.iterdir() if _leftover(p) or _unfinished(p)))
    return Plan(tuple(v.name for v in spare[keep:]), left, tuple(sorted(kept.items())), tuple(sorted(alone.items())))


def clean(models: Path, keep: int, *, by: str = "tagger models gc", when: str = "") -> Plan:
    """Remove what :func:`plan` says, and return it. A version is gone in one step: a crash leaves no half of one.

    Raises
    ------
    ModelError, OutputError
    """
    with changing(models):
        what, shas = plan(models, keep), {v.name: v.sha256 for v in versions(models)}
        for name in what.left:
            _remove(models / name)
        for name in what.versions:
            going = models / f".{name}{GOING}"
            try:
                os.rename(models / name, going)
            except OSError as problem:
                raise output_error(models / name, problem) from problem
            add(models, Entry(when or now(), REMOVED, name, None, shas[name], f"gc --keep {keep}", by))
            _remove(going)
        return what


def _needed(there: list[Version], history: list[Entry], used: str | None) -> dict[str, str]:
    needed: dict[str, str] = {}
    way = way_back(history, used)
    if len(way) > 1:
        needed[way[-2]] = "the way back"
    promoted = [entry.model for entry in history if entry.did == PROMOTED]
    if promoted:
        needed[promoted[-1]] = "promoted last"
    for v in there:
        if v.name == used:
            needed |= {v.parent: f"parent of {used}"} if v.parent else {}
    if used is not None:
        needed[used] = f"in use ({CURRENT})"
    return {v.name: needed[v.name] for v in there if v.name in needed}


def _foreign(version: Version) -> str:
    """Why a folder is not ours to remove; '' where it is."""
    if version.fault:
        return "its manifest cannot be read: see `tagger models verify`"
    other = sorted(p.name for p in version.folder.iterdir() if not _ours(p))
    return f"holds what tagger did not write: {', '.join(other)}" if other else ""


def _ours(path: Path) -> bool:
    plain = path.is_file() and not path.is_symlink()
    return plain and (path.name in PARTS or path.name == MANIFEST or (path.name.startswith(".") and path.name.endswith(".tmp")))


def _leftover(path: Path) -> bool:
    stem = path.name.removeprefix(".").removesuffix(GOING).removesuffix(COMING)
    named = path.name in (f".{stem}{GOING}", f".{stem}{COMING}") and NAME.fullmatch(stem)
    return bool(named) and path.is_dir() and not path.is_symlink() and all(_ours(p) for p in path.iterdir())


def _unfinished(path: Path) -> bool:
    """Whether a file is a durable write that was killed; nobody is at it, as whoever writes here holds the lock."""
    return any(re.fullmatch(rf"\.{re.escape(name)}\.[0-9]+\.tmp", path.name) for name in (CURRENT, HISTORY)) and path.is_file() and not path.is_symlink()


def _age(version: Version) -> str:
    """When a version was made: by the history, or else by the clock of its manifest, as UTC in ISO 8601."""
    if version.made:
        return version.made
    return datetime.fromtimestamp((version.folder / MANIFEST).stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _remove(what: Path) -> None:
    try:
        if what.is_file():
            return what.unlink()
        for path in what.iterdir():
            path.unlink()
        what.rmdir()
    except OSError as problem:
        raise output_error(what, problem) from problem
