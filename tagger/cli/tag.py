"""``tagger tag``: read, tag, write; progress on standard error, results alone on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, MODELS, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.batch import Tally
    from tagger.case import Decision

app = typer.Typer()
QUARANTINED, INTERRUPTED = 3, 130


@app.command()
def tag(
    inputs: Annotated[list[str], typer.Argument(help="Files or folders (txt, md, html, mediawiki, xml[.bz2|.gz], csv, tsv, jsonl), or - for standard input.")],
    output: Annotated[list[str] | None, typer.Option("-o", "--output", help="Where to write: .jsonl, .csv or .html; may be given several times. Standard output (JSONL) if left out.")] = None,
    models: MODELS = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
    table: Annotated[bool, typer.Option("--table", help="Print a table of the results.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Tag cases: economy and model for each text, with every piece of evidence.

    What cannot be read goes to quarantine.jsonl beside the output, the run goes on, and the exit status is 3.
    """
    from tagger.cli.progress import Progress
    from tagger.reading import read

    outputs = output or ["-"]
    refuse_overwriting(inputs, outputs)
    records = read(inputs, format=format, encoding=encoding, text_column=text_column, limit=limit)
    with Progress(quiet) as progress:
        tally, shown, interrupted = tag_to(records, outputs, models, codebook, progress.show, keep=table)
    if table:
        from rich.console import Console

        from tagger.writing.terminal import results_table

        Console(file=sys.stderr if "-" in outputs else sys.stdout).print(results_table(shown))
    if not quiet:
        report(tally, outputs, interrupted)
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if tally.quarantined:
        raise typer.Exit(QUARANTINED)


def tag_to(records: Iterable, outputs: list[str], models: Path | None, codebook: Path | None, show, keep: bool = False) -> tuple[Tally, list[Decision], bool]:
    """Tag `records` into `outputs`; return the counts, the decisions (if `keep`), and whether Ctrl-C ended it."""
    from tagger.batch import Tally, tag_all
    from tagger.pipeline import Tagger
    from tagger.writing import open_writer
    from tagger.writing.quarantine import write_quarantine

    tagger = Tagger.load(models, codebook)
    book = tagger.codebook
    labels = {(c.facet, c.id): c.label for c in (*book.economies, *book.models)}
    criteria = {k.id: k.text for c in (*book.economies, *book.models) for k in c.criteria}
    writers = [open_writer(path, labels=labels, criteria=criteria) for path in outputs]
    kept: list[Decision] = []

    def write(decision: Decision) -> None:
        for writer in writers:
            writer.write(decision)
        if keep:
            kept.append(decision)

    tally = Tally()
    interrupted = False
    try:
        for _ in tag_all(records, tagger, tally, write):
            show(tally)
    except KeyboardInterrupt:
        interrupted = True
    except BaseException:
        for writer in writers:
            writer.abort()
        raise
    for writer in writers:
        if interrupted:
            writer.keep_partial()
        else:
            writer.commit(tally.as_dict())
    write_quarantine(outputs[0], tally.quarantined)
    return tally, kept, interrupted


def report(tally: Tally, outputs: list[str], interrupted: bool) -> None:
    """Say on standard error what was done and where it is."""
    from tagger.cli import printable
    from tagger.writing.quarantine import quarantine_path

    say = lambda text: print(printable(text), file=sys.stderr)  # noqa: E731
    say(str(tally))
    by_status = ", ".join(f"{n} {s}" for (facet, s), n in sorted(tally.statuses.items()) if facet == "model")
    if by_status:
        say(f"models: {by_status}")
    if tally.noted:
        say(f"{tally.noted} texts had to be mended while reading (see \"notes\" in the results)")
    files = [path for path in outputs if path != "-"]
    if interrupted:
        say("Stopped by Ctrl-C: what was finished is kept" + (f" in {', '.join(partial_name(p) for p in files)}" if files else ""))
    else:
        for path in files:
            say(f"written: {path}")
    for item in tally.quarantined[:3]:
        say(f"quarantined: {item.origin}: {item.message}")
    if tally.quarantined:
        say(f"{len(tally.quarantined)} quarantined, listed in {quarantine_path(outputs[0])}")


def partial_name(path: str) -> str:
    """Return the name under which an interrupted output is kept."""
    return str(Path(path).with_name(f"{Path(path).stem}.partial{Path(path).suffix}"))


def refuse_overwriting(inputs: list[str], outputs: list[str]) -> None:
    """Raise OutputError where an output would replace an input, or two outputs have one name."""
    from tagger.errors import OutputError

    files = [Path(p).resolve() for p in outputs if p != "-"]
    for path in files:
        if path in {Path(i).resolve() for i in inputs if i != "-"}:
            raise OutputError(f"{path}: is also an input and would be replaced; choose another name for the output")
    if len(set(outputs)) != len(outputs) or len(set(files)) != len(files):
        raise OutputError(f"{', '.join(outputs)}: two outputs have one name; give each its own")
