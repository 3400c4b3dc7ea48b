"""``tagger codebook``: see that a codebook is whole, read it, and carry labels to its next version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.codebook_migrate import migrate

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from tagger.codebook import Code, Codebook, Criterion, Cue, Role

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Check a codebook, show what it says, or migrate labels to its next version.")


@app.command("check")
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder with codebook.toml, cues.toml and rules.toml; the packaged one if left out.")] = None,
) -> None:
    """Check a codebook folder whole: every fault at once, with file, key and what is allowed.

    Ends with status 0 and a summary where there is none, with 2 otherwise.
    """
    typer.echo(codebook_check(folder))


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(help="A code (9, sharing, none), a cue (licensing), a criterion (m9.u1) or a role (produser).")],
    folder: Annotated[Path | None, typer.Option("--codebook", help="Codebook folder; the packaged one if left out.")] = None,
) -> None:
    """Show a code, cue, criterion or role of the codebook: what it means, when to use it, when not and what instead."""
    from tagger.cli.screen import console

    console(highlight=False).print(codebook_show(code, folder))


app.command("migrate")(migrate)


def codebook_check(folder: Path | None = None) -> str:
    """Check the three files of a codebook folder and return a summary of a few lines.

    Raises
    ------
    CodebookError
        With the faults of all three files.
    """
    from tagger.pipeline import load_folder

    book, lexicon, rules = load_folder(folder)
    counts = [f"  cues.toml {lexicon.version}: {len(lexicon.patterns)} patterns", f"  rules.toml {rules.version}: {len(rules.rules)} rules"]
    return "\n".join([*_summary(book), *counts])


def _summary(book: Codebook) -> list[str]:
    codes = book.economies + book.models
    typical = sum(kind == "typical" for kind in book.pairs.values())
    return [
        f"{book.name}: no fault",
        f"  {book.path} (sha256 {book.sha256[:12]})",
        f"  {len(book.economies)} economies, {len(book.models)} models, {sum(len(c.criteria) for c in codes)} criteria, "
        f"{typical} typical and {len(book.pairs) - typical} possible pairs",
        f"  {len(book.cues)} cues with {sum(len(c.values) for c in book.cues)} values, {len(book.auxiliary)} auxiliary, "
        f"{len(book.roles)} roles with {sum(len(r.rules) for r in book.roles)} rules",
    ]


def codebook_show(code: str, folder: Path | None = None) -> RenderableType:
    """Return what the codebook says of a code, cue, criterion or role, as rich text (a name of several things gives all of them).

    Raises
    ------
    InputError
        Where nothing has that name; the message says what there is.
    """
    from rich.console import Group
    from rich.text import Text

    from tagger.codebook import FACETS, did_you_mean, listed, load_codebook, quoted
    from tagger.errors import InputError

    book = load_codebook(folder)
    codes = [c for facet in FACETS for c in (*book.codes(facet), *book.retired) if c.facet == facet]
    found = [_code(book, c) for c in codes if code in (c.id, c.label)]
    found += [_cue(c) for c in (*book.cues, *book.auxiliary) if code == c.id]
    found += [_criterion(book, c, k) for c in codes for k in c.criteria if code == k.id]
    found += [_role(r) for r in book.roles if code == r.id]
    if found:
        return Group(*(part for parts in found for part in (*parts, Text())))
    there = {"economies": [c.id for c in book.economies], "models": [f"{c.id} {c.label}" for c in book.models]}
    there |= {"cues": [c.id for c in (*book.cues, *book.auxiliary)], "roles": [r.id for r in book.roles]}
    criteria = [k.id for c in codes for k in c.criteria]
    names = [name for c in codes for name in (c.id, c.label)] + there["cues"] + there["roles"] + criteria
    raise InputError(
        f"{quoted(code)} is nothing in codebook {book.name}{did_you_mean(code, names)}\n"
        + "\n".join(f"  {what}: {listed(ids)}" for what, ids in there.items())
        + f"\n  criteria: {criteria[0]} to {criteria[-1]}, {len(criteria)} in all"
    )


# What follows makes Text and styles only, never markup: a codebook may hold square brackets.


def _heading(title: str, *under: str) -> Text:
    from rich.text import Text

    return Text("\n").join([Text(title, style="bold"), *(Text(line, style="dim") for line in under if line)])


def _block(title: str, rows: list[tuple[str, str, str]]) -> list[RenderableType]:
    """Return a titled list; a row is its mark (an id or a dash), what is said, and where it leads ('' for nowhere)."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return []
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for mark, said, leads in rows:
        grid.add_row(Text(mark, style="dim"), Text(said) + Text(f"  -> {leads}" if leads else "", style="cyan"))
    return [Text("\n" + title, style="bold"), Padding(grid, (0, 0, 0, 2))]


def _code(book: Codebook, code: Code) -> list[RenderableType]:
    from rich.text import Text

    def named(id: str, facet: str = code.facet) -> str:
        return f"{id} {book.label_of(facet, id)}" if id.isdigit() else id

    place = book.levels.get(code.level, "") + (f", rung {code.rung}" if code.rung is not None else "")
    other, mine = ("economy", 1) if code.facet == "model" else ("model", 0)
    pairs = [(pair[1 - mine], kind) for pair, kind in book.pairs.items() if pair[mine] == code.id]
    works = {s.id: s.text for s in book.sources}
    return [
        _heading(f"{code.facet} {code.id}: {code.label}", place, "" if code.status == "active" else code.status),
        Text(code.short, style="italic"),
        Text("\n" + code.definition),
        *_block("Use when", [(k.id, k.text, "") for k in code.use_when]),
        *_block("Avoid when", [(k.id, k.text, named(k.instead)) for k in code.avoid_when]),
        *_block("Examples", [("-", example, "") for example in code.examples]),
        *_block("Near misses", [("-", miss.text, named(miss.code)) for miss in code.near_misses]),
        *_block({"economy": "Economies allowed", "model": "Models allowed"}[other], [("-", f"{named(id, other)} ({kind})", "") for id, kind in pairs]),
        *_block("Sources", [("-", works[s], "") for s in code.sources]),
    ]


def _criterion(book: Codebook, code: Code, criterion: Criterion) -> list[RenderableType]:
    from rich.text import Text

    label = book.label_of(code.facet, criterion.instead) if criterion.instead else ""
    shown = [_heading(f"{criterion.id}: {'avoid' if label else 'use'} {code.facet} {code.id} ({code.label}) when"), Text(criterion.text)]
    return [*shown, Text(f"-> {criterion.instead} ({label})", style="cyan")] if label else shown


def _cue(cue: Cue) -> list[RenderableType]:
    return [
        _heading(f"cue {cue.id}: {cue.asks}", "auxiliary: serves the gate, is no part of the codings" if cue.auxiliary else ""),
        *_block("Values", [(v.id, v.definition, "") for v in cue.values]),
        *_block("A negated mention supports the opposite", [("-", f"negated {value}", other) for value, other in cue.opposite.items()]),
    ]


def _role(role: Role) -> list[RenderableType]:
    from rich.text import Text

    shown: list[RenderableType] = [_heading(f"role {role.id}" + (f": {role.label}" if role.label != role.id else "")), Text(role.definition)]
    for rule in role.rules:
        parts = [(name, getattr(rule.test, name)) for name in ("all", "any", "none")]
        shown += _block(f"Shown by {rule.id}", [(f"{name} of", ", ".join(map(str, conditions)), "") for name, conditions in parts if conditions])
    return shown
