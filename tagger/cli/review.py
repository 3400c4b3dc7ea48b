"""``tagger review``: one person checks suggestions, on a page of this machine or in a sheet."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK
from tagger.cli.reviewing import PORT

if TYPE_CHECKING:
    from tagger.review.store import Store
    from tagger.review.web.desk import Desk
    from tagger.review.web.sessions import Reviewer

app = typer.Typer(add_completion=False)
PASSED_OVER = 3  # exit status where lines of the suggestions were none
SHARE = {"min": 0.0, "max": 1.0}


@app.command()
def review(
    suggestions: Annotated[Path, typer.Argument(help="A JSONL that `tagger tag` wrote.", show_default=False)],
    coder: Annotated[str, typer.Option("--coder", help="Who codes; codings bear this name.", show_default=False)],
    store: Annotated[
        str | None, typer.Option("--store", help="Where codings are kept: a file, or postgresql://... ; <suggestions>.review.db if left out.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of the page; 0 takes a free one.")] = PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    blind: Annotated[float | None, typer.Option("--blind", help="Share of cases whose suggestion is hidden until they are coded (0 to 1).", **SHARE)] = None,
    audit: Annotated[float | None, typer.Option("--audit", help="Share of cases drawn at random, whatever the order (0.1 if left out).", **SHARE)] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of what is drawn.")] = None,
    adjudicate: Annotated[bool, typer.Option("--adjudicate", help="Also decide where coders differ: shows all codings.")] = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook to code in, instead of opening the page.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="The same as CSV.")] = None,
    import_: Annotated[Path | None, typer.Option("--import", help="Take in a workbook or CSV that was coded in: all of it, or nothing.")] = None,
    codebook: CODEBOOK = None,
) -> None:
    """Check suggestions one by one, by keyboard: the page shows the text, its cues, the codes and why.

    Every act is stored at once; Ctrl-C ends. Exit status 3 where lines of the file were passed over.
    """
    from tagger.cli.reviewing import checked, default_store, plan_of, take_in
    from tagger.cli.screen import say
    from tagger.codebook import load_codebook
    from tagger.review.store import open_store
    from tagger.review.web.desk import Desk

    refuse_name(coder)
    book, digest = load_codebook(codebook), checked(suggestions)
    with open_store(store or default_store(suggestions)) as there:
        faults = take_in(there, suggestions, digest, book)
        desk = Desk(there, book, plan_of(there, seed, audit, blind))
        reviewer = reviewer_of(there, coder, adjudicate)
        if import_ is not None:
            say(sheet_in(desk, reviewer, import_))
        for path in (xlsx, csv):
            if path is not None:
                say(sheet_out(desk, reviewer, path))
        if not (import_ or xlsx or csv):
            page(there, desk, reviewer, port, not no_browser)
    if faults:
        raise typer.Exit(PASSED_OVER)


def refuse_name(name: str) -> None:
    """Raise InputError for a name that no coder can have."""
    from tagger.errors import InputError
    from tagger.review.store.plain import faults_of_name

    fault = faults_of_name(name, 100) or ("" if name.isprintable() and name == name.strip() else "has blanks around it or characters that cannot be shown")
    if fault:
        raise InputError(f"--coder {name!r}: {fault}")


def reviewer_of(store: Store, name: str, adjudicate: bool) -> Reviewer:
    """Return who codes; the role is that which the store knows."""
    from tagger.review.web.sessions import Reviewer

    known = {coder.name: coder.role for coder in store.coders()}
    return Reviewer(name, "adjudicator" if adjudicate else known.get(name, "coder"))


def page(store: Store, desk: Desk, reviewer: Reviewer, port: int, browser: bool) -> None:
    """Serve the page until Ctrl-C, and say what was coded and where it is."""
    from tagger.cli.reviewing import where_of
    from tagger.cli.screen import count, say
    from tagger.review.web.app import Settings, make_app
    from tagger.review.web.running import OpeningPage, Server, listening
    from tagger.review.web.sessions import Sessions

    listener, opening = listening("127.0.0.1", port), None
    try:
        settings = Settings(listener.getsockname()[1], plan=desk.plan)
        sessions = Sessions(lambda token: None)
        address = f"http://127.0.0.1:{settings.port}/open#token={sessions.one_time_token(reviewer)}"
        if browser and has_screen():
            with suppress(OSError):
                opening = OpeningPage(store.path.absolute().parent if store.path else Path.cwd(), address)
        app = make_app(store, desk.codebook, settings=settings, sessions=sessions, desk=desk, logged_in=opening.remove if opening else lambda: None)
        print(f"Open {address}\n(this address works once; Ctrl-C ends the review, nothing is lost)", flush=True)
        if opening:
            webbrowser.open(opening.path.as_uri())
        before = desk.progress(reviewer)["done"]
        Server(app, listener, say).serve_until_ended()
    finally:
        listener.close()
        if opening:
            opening.remove()
    progress = desk.progress(reviewer)
    say(f"{count(progress['done'] - before, 'case')} coded, {progress['done']} in all, {progress['left']} left. Stored in {where_of(store)}")


def has_screen() -> bool:
    """Tell whether there is a browser to open: not one that would run in this terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def sheet_out(desk: Desk, reviewer: Reviewer, path: Path) -> str:
    """Write a sheet of all cases of a coder, in the order of the queue; return what to say."""
    from tagger.cli.screen import count
    from tagger.review.queue import Filters
    from tagger.review.workbook import write_sheet

    def blind(id: str) -> bool:
        case = desk.store.case(id)
        return case is not None and desk.is_blind(reviewer, case)

    verdicts = desk.read(lambda verdicts: verdicts)
    ids = desk.queue.order(Filters(state="all"), verdicts, reviewer.name, desk.store.assigned(reviewer.name))
    cases = (case for case in map(desk.store.case, ids) if case is not None)
    written = write_sheet(path, cases, verdicts, reviewer.name, desk.codebook, blind=blind)
    return f"{path}: {count(written, 'case')} to code in the open columns; `tagger review ... --import {path}` takes it back"


def sheet_in(desk: Desk, reviewer: Reviewer, path: Path) -> str:
    """Take a sheet back in, all or nothing; return what to say.

    Raises
    ------
    InputError
        With every fault by row and column; then nothing was taken in.
    """
    from tagger.cli.screen import count
    from tagger.errors import InputError
    from tagger.review.events import now
    from tagger.review.workbook import read_sheet

    found = desk.read(lambda verdicts: read_sheet(path, desk.heads.values(), verdicts, reviewer.name, desk.codebook, at=now()))
    if found.faults:
        raise InputError(f"{path}: nothing was taken in; {count(len(found.faults), 'fault')}:\n" + "\n".join(f"  {fault}" for fault in found.faults))
    new = desk.store.add_all(found.events)
    return f"{path}: {count(new, 'row')} taken in, {found.unchanged} as before"
