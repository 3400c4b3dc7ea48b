"""What `tagger review` and `tagger serve` share: cases into the store, how the project draws them, and running the page."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.review.store import Store
    from tagger.review.web.desk import Plan

PORT = 8765  # always the same, since what a browser keeps (unsent codings) belongs to the address with its port
DRAWN = {"seed": "0", "audit": "0.1", "blind": "0.0"}  # unless told otherwise


def default_store(suggestions: Path) -> Path:
    """Return where the review of a file of suggestions is kept: beside it."""
    from tagger.reading.paths import suffix_and_stem

    suffix, stem = suffix_and_stem(suggestions)
    return suggestions.with_name((stem if suffix == ".jsonl" else suggestions.name) + ".review.db")


def checked(suggestions: Path) -> str:
    """Return the SHA-256 of a file of suggestions, before a store is made for it.

    Raises
    ------
    InputError
        Where the file cannot be read, or holds no case at all.
    """
    from tagger.errors import InputError
    from tagger.review.cases import read_suggestions

    faults: list[str] = []
    if next(read_suggestions(suggestions, faults), None) is None:
        raise InputError(f"{suggestions}: holds no case to review" + (f"; {faults[0]}" if faults else "; give a JSONL that `tagger tag` wrote"))
    with suggestions.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def take_in(store: Store, suggestions: Path, digest: str, book: Codebook) -> list[str]:
    """Add the cases of a file (`digest`: its SHA-256) to the store, and say what came; return the faulty lines."""
    from tagger import __version__
    from tagger.cli.screen import count, say
    from tagger.review.cases import read_suggestions
    from tagger.review.events import now

    meta = store.meta()
    faults: list[str] = []
    if meta.get("suggestions") != digest:  # else it is unchanged since the last time: nothing to read
        added = store.add_cases(read_suggestions(suggestions, faults))
        say(f"{count(added.new, 'new case')}, {added.changed} changed, {added.same} as before")
    for fault in faults[:10]:
        say(f"{suggestions}, {fault}")
    if len(faults) > 10:
        say(f"{suggestions}: {len(faults) - 10} more lines that are no suggestion")
    if meta.get("codebook", book.name) != book.name:
        say(f"This review was begun with codebook {meta['codebook']}; from now on it goes by {book.name}.")
    store.set_meta(tagger=__version__, codebook=book.name, created=meta.get("created") or now(), suggestions="" if faults else digest)
    return faults


def plan_of(store: Store, seed: int | None, audit: float | None, blind: float | None) -> Plan:
    """Return how the project draws its cases: as told, which is noted; else as noted before.

    Raises
    ------
    InputError
        Where something else is told than people already coded by.
    """
    from tagger.errors import InputError
    from tagger.review.web.desk import Plan

    noted, told = store.meta(), {"seed": seed, "audit": audit, "blind": blind}
    begun = any(True for _ in store.events())
    plan = {}
    for name, value in told.items():
        before = noted.get(name, DRAWN[name])
        plan[name] = before if value is None else str(value)
        if begun and float(plan[name]) != float(before):
            raise InputError(
                f"--{name} {value}: this review was begun with {before}, and people have coded by it; leave the option out, or begin another store"
            )
    store.set_meta(**plan)
    return Plan(int(plan["seed"]), float(plan["audit"]), float(plan["blind"]))


def where_of(store: Store) -> str:
    """Return where a store is, in words that can be shown."""
    return str(store.path or store.where)
