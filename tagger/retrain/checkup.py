"""What `tagger doctor` looks at: installation, codebook, model, store; every fault with its mend."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.errors import CodebookError, ModelError, TaggerError

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.coding.rules import RuleBook
    from tagger.cues import Lexicon

GOOD, NOTE, FAULT = "good", "note", "fault"
PACKAGE = "case-tagger"
PYTHON = (3, 11)
WAL_SAFE = (3, 51, 3)  # up to 3.51.2 two connections that commit or checkpoint at once can damage a database in WAL mode (sqlite.org/wal.html, "WAL-reset bug")
_NEED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*>=\s*(?P<least>[0-9][0-9.]*)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a place: `kind` is good, note (worth knowing, nothing is broken) or fault; `mend` says what to do ('' where nothing is to be done)."""

    place: str
    kind: str
    what: str
    mend: str = ""


def checkup(models: Path | None, store: str | None, codebook: Path | None) -> Iterator[Finding]:
    """Yield what is found: installation first, then codebook, model and, where one is named, the store of a review. A fault in one does not hide the others."""
    yield from installation()
    loaded, found = _codebook(codebook)
    yield from found
    yield from _model(models, codebook, loaded)
    if store is not None:
        yield from _store(store)


def installation() -> Iterator[Finding]:
    """Yield how Python, the packages and SQLite stand to what is needed."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        yield Finding("installation", FAULT, f"Python {version}", f"install Python {'.'.join(map(str, PYTHON))} or newer")
    try:
        needs, mine = metadata.requires(PACKAGE) or [], metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        yield Finding("installation", NOTE, f"Python {version}; {PACKAGE} runs from a folder, so the versions of its packages are not looked at")
    else:
        yield from packages(needs, f"{PACKAGE} {mine} on Python {version}")
    yield sqlite(sqlite3.sqlite_version)


def packages(needs: list[str], head: str, version_of: Callable[[str], str] = metadata.version) -> Iterator[Finding]:
    """Yield which of the packages that are needed (as a package's metadata names them) are missing or too old; those of extras may be missing."""
    fine, optional = 0, []
    for need in needs:
        if (m := _NEED.match(need)) is None:
            continue
        name, least, extra = m["name"], m["least"], "extra ==" in need
        try:
            there = version_of(name)
        except metadata.PackageNotFoundError:
            if extra:
                optional.append(name)
            else:
                yield Finding("installation", FAULT, f"{name} is missing", f"pip install '{name}>={least}'")
            continue
        if _numbers(there) < _numbers(least):
            yield Finding("installation", FAULT, f"{name} {there} is older than {least}, the oldest that works", f"pip install --upgrade '{name}>={least}'")
        else:
            fine += 1
    left = f"; not installed, needed by some commands only: {', '.join(sorted(set(optional)))}" if optional else ""
    yield Finding("installation", GOOD, f"{head}: {fine} packages are new enough{left}")


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(n) for n in re.findall(r"[0-9]+", re.match(r"[0-9.]*", version)[0])]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def sqlite(version: str) -> Finding:
    """Return how this version of SQLite stands to the bug that damages databases which several connections write to."""
    if _numbers(version) >= WAL_SAFE:
        return Finding("installation", GOOD, f"SQLite {version}")
    what = f"SQLite {version}: up to 3.51.2 a database that several connections write to can be damaged; tagger writes with one alone, others may not"
    return Finding("installation", NOTE, what, "open a review's file with tagger alone, and back it up with `tagger store backup`")


def _codebook(folder: Path | None) -> tuple[tuple[Codebook, Lexicon, RuleBook] | None, list[Finding]]:
    from tagger.pipeline import load_folder

    where = f" in {folder}" if folder else " (packaged)"
    try:
        loaded = load_folder(folder)
    except CodebookError as error:
        return None, [Finding("codebook", FAULT, fault, f"mend it{where}; `tagger codebook check` looks again") for fault in error.faults]
    book, lexicon, rules = loaded
    told = f"{book.id} {book.version}, cues {lexicon.version}, rules {rules.version} ({len(rules.rules)}){where}"
    return loaded, [Finding("codebook", GOOD, told)]


def _model(models: Path | None, codebook: Path | None, loaded: tuple[Codebook, Lexicon, RuleBook] | None) -> Iterator[Finding]:
    """Yield how the model in use is: whole, fit for the codebook, up to date; and which other versions are damaged."""
    from tagger.coding.model_manifest import current_folder, is_model
    from tagger.pipeline import Tagger, released_models
    from tagger.registry.history import read_history
    from tagger.registry.verify import verify
    from tagger.registry.versions import Version, versions
    from tagger.retrain.stale import stale

    folder = models or released_models()
    mend = "restore the folder, or take back another version with `tagger models rollback`"
    try:
        if not folder.is_dir():
            raise ModelError(f"{folder}: no such folder of models")
        used = current_folder(folder)
        there = [] if used == folder.resolve() else versions(folder)
        history = read_history(folder)
    except ModelError as error:
        yield Finding("model", FAULT, str(error), "" if "; " in str(error) else "give one that `tagger train -o` wrote, or leave --models out")
        return
    if used is None:
        yield Finding("model", NOTE, f"no model in {folder}: the rules alone decide", "train one with `tagger train`, or leave --models out")
        return
    sound = True
    for version in there or [Version(used.name, used, "", "", True)]:
        current = version.folder.name == used.name
        for fault in verify(version, loaded if current else None, history) if is_model(version.folder) or not there else []:
            sound = sound and not current
            yield Finding("model", FAULT if current else NOTE, fault, mend if current else "`tagger models gc` removes versions that nobody needs")
    if not sound or loaded is None:
        return
    try:
        told = stale(used, Tagger.load(folder, codebook)).sentence
    except TaggerError as error:
        yield Finding("model", FAULT, str(error), mend)
        return
    yield Finding("model", NOTE, told) if told else Finding("model", GOOD, f"{used.name} in {folder}, whole and up to date")


def _store(where: str) -> Iterator[Finding]:
    """Yield how the store of a review is; it is opened as it is, never made."""
    mend = "take the newest backup (`tagger store backup` writes them), and export from this one what can still be read"
    try:
        from tagger.review.store import open_store

        with open_store(where, create=False) as store:
            faults = store.check()
            events = sum(1 for _ in store.events())
    except TaggerError as error:
        yield Finding("store", FAULT, str(error))
        return
    yield from (Finding("store", FAULT, fault, mend) for fault in faults)
    if not faults:
        yield Finding("store", GOOD, f"{where}: {events} events, no fault")
