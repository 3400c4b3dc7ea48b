"""``tagger serve``: a team checks suggestions behind one address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK
from tagger.cli.review import PASSED_OVER, SHARE
from tagger.cli.reviewing import PORT

if TYPE_CHECKING:
    from tagger.review.store import Store

app = typer.Typer(add_completion=False)
EVERY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - what needs --allow-host


@app.command()
def serve(
    suggestions: Annotated[
        Path | None, typer.Argument(help="A JSONL that `tagger tag` wrote; left out: the cases that the store has.", show_default=False)
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="Where codings are kept: a file, or postgresql://... ; <suggestions>.review.db if left out.")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; others than this machine's own need tokens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = PORT,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", help="A name that people type (behind a proxy), with a port if not the usual.")
    ] = None,
    coders_per_case: Annotated[int | None, typer.Option("--coders-per-case", min=1, help="Assign each case to so many coders; all to all if left out.")] = None,
    blind: Annotated[float | None, typer.Option("--blind", help="Share of cases whose suggestion is hidden until they are coded (0 to 1).", **SHARE)] = None,
    audit: Annotated[float | None, typer.Option("--audit", help="Share of cases drawn at random, whatever the order (0.1 if left out).", **SHARE)] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of what is drawn.")] = None,
    codebook: CODEBOOK = None,
) -> None:
    """Serve a review for several coders; each logs in with a token (`tagger store coders add STORE NAME`).

    It speaks plain http: for others than this machine put a proxy with TLS before it, and name it with --allow-host. Ctrl-C ends.
    """
    from tagger.cli.reviewing import checked, default_store, plan_of, take_in, where_of
    from tagger.cli.screen import say
    from tagger.codebook import load_codebook
    from tagger.errors import InputError
    from tagger.review.store import open_store
    from tagger.review.web.app import Settings, make_app
    from tagger.review.web.running import LOOPBACK, Server, listening

    names = tuple(allow_host or ())
    if store is None and suggestions is None:
        raise InputError("give a file of suggestions, or --store")
    if host in EVERY_ADDRESS and not names:
        raise InputError(f"--host {host}: also say what people type in their browsers, with --allow-host NAME:{port}; other names are refused")
    book, digest = load_codebook(codebook), checked(suggestions) if suggestions is not None else ""
    with open_store(store or default_store(suggestions), create=suggestions is not None) as there:
        refuse_strangers(there, store or str(default_store(suggestions)), host)
        faults = take_in(there, suggestions, digest, book) if suggestions is not None else []
        plan = plan_of(there, seed, audit, blind)
        if coders_per_case is not None:
            say(assign(there, coders_per_case, plan.seed))
        listener = listening(host, port)
        settings = Settings(listener.getsockname()[1], host, names, plan)
        server = Server(make_app(there, book, settings=settings), listener, say)
        shown = f"[{host}]" if ":" in host else host
        print(f"Serving http://{shown}:{settings.port}/ for {', '.join(c.name for c in there.coders() if c.active)}; Ctrl-C ends", flush=True)
        if host not in LOOPBACK:
            say("This is plain http: tokens and texts can be read on the way. Put a proxy with TLS before it, and let it listen on 127.0.0.1.")
        server.serve_until_ended()
        say(f"Ended. Stored in {where_of(there)}")
    if faults:
        raise typer.Exit(PASSED_OVER)


def refuse_strangers(store: Store, where: str, host: str) -> None:
    """Raise InputError where nobody has a token: there is no default account, and no way in without one."""
    from tagger.errors import InputError

    if not any(coder.active for coder in store.coders()):
        raise InputError(f"--host {host}: nobody has a token, so nobody could log in; give each coder one: tagger store coders add {where} NAME")


def assign(store: Store, each: int, seed: int) -> str:
    """Assign every case to so many coders; return what to say. Raises InputError where there are too few coders."""
    from tagger.cli.screen import count
    from tagger.review.assignment import assignments

    known = store.coders()
    there = {coder.name: store.assigned(coder.name) or set() for coder in known}
    able = [coder.name for coder in known if coder.active and coder.role == "coder"]
    new = store.assign(assignments((head.id for head in store.heads()), able, each, seed, there))
    return f"{count(new, 'new assignment')}: each case is coded by {count(each, 'coder')}"
