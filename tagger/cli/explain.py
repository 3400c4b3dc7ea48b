"""``tagger explain``: one text, its cues, the ledger of each facet, and what would change the decision."""

from __future__ import annotations

from typing import Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, MODELS, TEXT_COLUMN

app = typer.Typer()


@app.command()
def explain(
    inputs: Annotated[list[str], typer.Argument(help="A file (or several), or - for standard input.")],
    models: MODELS = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = 5,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
) -> None:
    """Show why: highlighted cues, every line of the sum, and the smallest change that would flip the code."""
    from rich.console import Console

    from tagger.case import Case, Quarantined
    from tagger.pipeline import Tagger
    from tagger.reading import read
    from tagger.writing.terminal import explain as shown

    records = read(inputs, format=format, encoding=encoding, text_column=text_column, limit=limit)
    tagger = Tagger.load(models, codebook)
    book = tagger.codebook
    labels = {(c.facet, c.id): c.label for c in (*book.economies, *book.models)}
    criteria = {k.id: k.text for c in (*book.economies, *book.models) for k in c.criteria}
    console, errors, unread = Console(), Console(stderr=True), 0
    for record in records:
        if isinstance(record, Case):
            decision, flips = tagger.explain(record)
            console.print(shown(decision, labels, criteria, flips))
        elif isinstance(record, Quarantined):
            unread += 1
            errors.print(f"{record.origin}: {record.message}", markup=False, highlight=False)
    if unread:
        raise typer.Exit(3)
