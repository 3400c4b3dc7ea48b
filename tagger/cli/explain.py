"""``tagger explain``: one text, its cues, the ledger of each facet, and what would change the decision."""

from __future__ import annotations

from typing import Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, MODELS, NEURAL, TEXT_COLUMN

app = typer.Typer(add_completion=False)


@app.command()
def explain(
    inputs: Annotated[list[str], typer.Argument(help="A file (or several), or - for standard input.")],
    models: MODELS = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = 5,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
    neural: NEURAL = False,
) -> None:
    """Show why: highlighted cues, every line of the sum, and the smallest change that would flip the code."""
    from tagger.case import Case, Quarantined
    from tagger.cli.screen import console, count, criteria_of, labels_of, say
    from tagger.errors import InputError
    from tagger.pipeline import Tagger
    from tagger.reading import read
    from tagger.writing.terminal import explain as shown

    records = read(inputs, format=format, encoding=encoding, text_column=text_column, limit=limit + 1)
    tagger = Tagger.load(models, codebook, neural)
    for caution in tagger.cautions:
        say(caution)
    screen, labels, criteria, cases, unread = console(), labels_of(tagger.codebook), criteria_of(tagger.codebook), 0, 0
    for record in records:
        if isinstance(record, Case):
            cases += 1
            if cases > limit:
                say(f"{count(limit, 'text')} explained, there are more: --limit {2 * limit} explains more of them")
                break
            decision, flips = tagger.explain(record)
            screen.print(shown(decision, labels, criteria, flips))
        elif isinstance(record, Quarantined):
            unread += 1
            say(f"{record.origin}: {record.message}")
    if unread:
        raise typer.Exit(3)
    if not cases:
        raise InputError(f"{', '.join(inputs)}: there is no text to explain")
