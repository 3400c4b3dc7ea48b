"""``tagger rules report``: what each rule does on a set of texts."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, TEXT_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from tagger.case import Record
    from tagger.learning.rules_report import Figures, RulesReport

LABELS_HELP = "Labelled cases: a .jsonl, or a folder of cases.jsonl and labels.csv. The input's columns economy and model if left out."
PIPED_WIDTH = 120  # columns where the output is no terminal, so that rule names stay whole

app = typer.Typer(no_args_is_help=True, add_completion=False, help="See what the rules of a codebook do.")


@app.callback()
def rules() -> None:
    """See what the rules of a codebook do."""  # a callback keeps `report` a sub-command although it is the only one


@app.command("report")
def report(
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of texts, or - for standard input.")],
    labels: Annotated[Path | None, typer.Option("--labels", help=LABELS_HELP)] = None,
    codebook: CODEBOOK = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the figures as JSON too.")] = None,
    limit: LIMIT = None,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
) -> None:
    """Show coverage, overlap and conflict of each rule and code, and precision with a 95 % interval where labels are given.

    Overlap: share of its firings where another rule pushes the same code the same way. Conflict: share where a rule for another code of the facet, or
    against its own code, fires. A rule of negative weight is right where its code is not the label.
    """
    from tagger.cli.screen import console
    from tagger.cli.tag import QUARANTINED
    from tagger.cli.tag_report import refuse_overwriting
    from tagger.reading import read
    from tagger.writing.durable import Part

    if output is not None:
        refuse_overwriting([*inputs, *([str(labels)] if labels else [])], [str(output)])
    records = read(inputs, format=format, encoding=encoding, text_column=text_column, limit=limit)
    with Part(output) if output is not None else nullcontext() as part:  # before the work, so that a name that cannot be written to is said at once
        found, faults = report_on(records, labels, codebook)
        if part is not None:
            part.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n")
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    screen.print(shown(found))
    for fault in faults[:3]:
        say(fault)
    if faults:
        say(f"{len(faults)} records left out because they could not be read")
        raise typer.Exit(QUARANTINED)


def say(text: str) -> None:
    """Print on standard error, with nothing in it that a terminal would obey."""
    from tagger.cli import printable

    print(printable(text), file=sys.stderr)


def report_on(records: Iterable[Record], labels: Path | None = None, codebook: Path | None = None) -> tuple[RulesReport, list[str]]:
    """Count what the rules do on `records`; return the figures and a line for each record that could not be used.

    Raises
    ------
    CodebookError
    InputError
        Where `labels` cannot be read, or belongs to none of the cases.
    """
    from tagger.case import Case, Quarantined
    from tagger.cues import CueFinder
    from tagger.learning.labelled import read_labelled
    from tagger.learning.rules_report import LabelBook, RuleCounter, labels_of, no_labels_matched
    from tagger.pipeline import load_folder

    book, lexicon, rules = load_folder(codebook)
    counter = RuleCounter(book, rules, CueFinder(lexicon))
    known = LabelBook(read_labelled(labels)) if labels is not None else None
    faults: list[str] = []
    for record in records:
        if isinstance(record, Quarantined):
            faults.append(f"{record.origin}: {record.message}")
        elif isinstance(record, Case):
            try:
                counter.add(record, labels_of(record) if known is None else known.of(record))
            except Exception as error:  # one text must not cost the whole report; it is said, and the exit status tells
                faults.append(f"{record.origin}: the rules could not be applied ({type(error).__name__}: {error}); please report this with the text")
    found = counter.report()
    if known is not None and found.cases and not any(found.labelled.values()) and not found.unknown_labels:
        raise no_labels_matched(labels, len(known))
    return found, faults


def shown(found: RulesReport) -> RenderableType:
    """Return a report as rich tables: rules, codes, and the rules that never fire."""
    from rich.console import Group
    from rich.text import Text

    with_labels = any(found.labelled.values())
    labelled = f"with a label of economy {found.labelled['economy']}, of model {found.labelled['model']}" if with_labels else "no labels"
    counts = f"{found.cases} cases, {labelled}"
    if found.unknown_labels:
        counts += f"; {found.unknown_labels} labels are no codes of this codebook and were passed over"
    parts = []
    for facet in found.labelled:
        parts.append(_table(f"Rules for {facet}", [f for f in found.rules if f.facet == facet and f.fires], with_labels, True))
    for facet in found.labelled:
        parts.append(_table(f"Codes of {facet} (positive rules together)", [f for f in found.codes if f.facet == facet], with_labels, False))
    if found.silent:
        parts.append(Text(f"Never fire ({len(found.silent)} of {len(found.rules)} rules): {', '.join(found.silent)}"))
    return Group(*(line for part in parts for line in (part, Text(""))), Text(counts))


def _table(title: str, rows: Iterable[Figures], with_labels: bool, each: bool) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, "bold"), title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Code", no_wrap=True)
    if each:
        table.add_column("Rule", overflow="fold")
        table.add_column("Weight", justify="right", no_wrap=True)
    # two lines a heading, and whole per cents, so that it all fits into 80 columns; the JSON has every digit
    for name in ("Cases", "Cover\n%", "Over-\nlap %", "Con-\nflict %", *(("Right\n%", "95 %", "of") if with_labels else ())):
        table.add_column(name, justify="right")
    for f in rows:
        cells = [f.code, *((f.rule, f"{f.weight:+.2f}") if each else ()), str(f.fires), f"{100 * f.coverage:.1f}", _percent(f.overlap), _percent(f.conflict)]
        if with_labels:
            interval = f"{100 * f.low:.0f}-{100 * f.high:.0f}" if f.low is not None and f.high is not None else "-"
            cells += [_percent(f.precision), interval, str(f.labelled)]
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f}"
