"""``tagger store``: what a review has, kept safe and carried elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK

if TYPE_CHECKING:
    from tagger.review.store import Store

FAILED = 1  # exit status of a check that found faults
LEFT_OUT = 3  # exit status where something could not be written
STORE = Annotated[
    str,
    typer.Argument(
        help="The review's file (.review.db), or postgresql://user@host/database. Leave a password to ~/.pgpass or PGPASSWORD: an address is seen by all.",
        show_default=False,
    ),
]
NAME = Annotated[str, typer.Argument(help="Of the coder.", show_default=False)]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Keep a review safe: back up, check, export, import; give coders their tokens.")
coders = typer.Typer(no_args_is_help=True, add_completion=False, help="Who codes in a team (`tagger serve`), each with a token.")
app.add_typer(coders, name="coders")


@app.command("info")
def info(store: STORE) -> None:
    """Print what the store holds."""
    from tagger.cli import printable

    with _opened(store) as there:
        for name, value in facts(there):
            print(printable(f"{name:<12} {value}"))


@app.command("backup")
def backup(store: STORE, to: Annotated[Path, typer.Argument(help="File to write; replaced when the backup is whole.", show_default=False)]) -> None:
    """Write a verified copy, also while people code: a database file that `tagger review --store` opens (PostgreSQL: the lossless export)."""
    from tagger.cli.screen import say

    with _opened(store) as there:
        there.backup(to)
    say(f"Backup: {to}")


@app.command("export")
def export(
    store: STORE,
    to: Annotated[Path, typer.Argument(help=".jsonl: all of the store, without loss; .csv: the table of codings.", show_default=False)],
    codebook: CODEBOOK = None,
) -> None:
    """Write all of the store (.jsonl), or the codings that count now as the table that `tagger corpus agreement` reads (.csv).

    Ends with status 3 where a coding has no place in the table (a code that the codebook does not have).
    """
    from tagger.cli.screen import count, say

    left_out: tuple[str, ...] = ()
    with _opened(store) as there:
        written, left_out = export_to(there, to, codebook)
    for fault in left_out:
        say(f"left out: {fault}")
    say(f"{to}: {count(written, 'coding' if to.suffix.lower() == '.csv' else 'event')}")
    if left_out:
        raise typer.Exit(LEFT_OUT)


@app.command("import")
def import_(store: STORE, source: Annotated[Path, typer.Argument(help="A .jsonl that `tagger store export` wrote.", show_default=False)]) -> None:
    """Take in an export: what the store does not have yet, and all of that or nothing. Makes the store where there is none."""
    from tagger.cli.screen import count, say
    from tagger.review.exchange import import_events

    with _opened(store, create=True) as there:
        new = import_events(source, there)
    say(f"New: {count(new.cases, 'case')}, {count(new.events, 'event')}, {count(new.coders, 'coder')}, {count(new.assignments, 'assignment')}.")
    if new.kept:
        say(f"{count(new.kept, 'case')} with another text or suggestion than in {source} stayed as in the store.")


@app.command("check")
def check(store: STORE) -> None:
    """Look for damage: of the file, of single cases and events, of undos. Ends with status 1 where there is any."""
    from tagger.cli import printable
    from tagger.cli.screen import count

    with _opened(store) as there:
        faults = there.check()
    for fault in faults:
        print(printable(fault))
    print(f"{count(len(faults), 'fault')} in the store." if faults else "No fault in the store.")
    if faults:
        raise typer.Exit(FAILED)


@coders.command("list")
def list_coders(store: STORE) -> None:
    """Print the coders: name, role, and whether they can still log in."""
    from tagger.cli import printable

    with _opened(store) as there:
        for coder in there.coders():
            print(printable(f"{coder.name}\t{coder.role}\t{'active' if coder.active else 'revoked'}"))


@coders.command("add")
def add_coder(store: STORE, name: NAME, role: Annotated[str, typer.Option("--role", help="coder, or adjudicator (also decides).")] = "coder") -> None:
    """Give somebody a token and print it, this once: only its fingerprint is kept. Makes the store where there is none."""
    from tagger.cli.screen import say

    with _opened(store, create=True) as there:
        token = there.add_coder(name, role)
    say(f"The token of {name}; hand it over in private, it is not shown again:")
    print(token)


@coders.command("revoke")
def revoke_coder(store: STORE, name: NAME) -> None:
    """Take somebody's token away; the codings stay."""
    from tagger.cli.screen import say

    with _opened(store) as there:
        there.revoke(name)
    say(f"{name} cannot log in any more.")


def _opened(store: str, *, create: bool = False) -> Store:
    from tagger.review.store import open_store

    return open_store(store, create=create)


def facts(store: Store) -> list[tuple[str, str]]:
    """Return what a store holds, by name."""
    from collections import Counter

    from tagger.review.verdicts import verdicts

    events = [event for _, event in store.events()]
    held = verdicts(events)
    found = [("store", store.where), ("cases", str(len(store.heads()))), ("events", str(len(events)))]
    found += [(f"  {kind}", str(number)) for kind, number in Counter(event.kind for event in events).most_common()]
    found += [("coded by", f"{coder}: {len(codings)}") for coder, codings in sorted(held.by_coder.items()) if codings]
    return found + [(key, value) for key, value in store.meta().items()]


def export_to(store: Store, path: Path, codebook: Path | None) -> tuple[int, tuple[str, ...]]:
    """Export by the suffix of `path`; return how many codings or events were written, and what was left out.

    Raises
    ------
    OutputError
        For another suffix than .jsonl and .csv.
    """
    from tagger.codebook import load_codebook
    from tagger.errors import OutputError
    from tagger.review.exchange import export_codings, export_events

    if path.suffix.lower() == ".csv":
        written = export_codings(store, path, load_codebook(codebook))
        return written.codings, written.left_out
    if path.suffix.lower() == ".jsonl":
        return export_events(store, path)["event"], ()
    raise OutputError(f"{path}: exports are .jsonl (all of the store) or .csv (the codings); give one of these suffixes")
