"""``tagger doctor``: is everything in order? Every fault with its mend; and is a batch like what the model was trained on?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, MODELS, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.case import Case
    from tagger.retrain.drifted import Drift
    from tagger.retrain.two_sample import ToldApart

app = typer.Typer(add_completion=False)
FAULTS = 1
PIPED_WIDTH = 140
MARKS = {"good": ("✓", "green"), "note": ("!", "yellow"), "fault": ("✗", "red")}


@app.command()
def doctor(
    models: MODELS = None,
    store: Annotated[str | None, typer.Option("--store", help="The store of a review (its file, or postgresql://...) to look at, too.")] = None,
    codebook: CODEBOOK = None,
    batch: Annotated[list[str] | None, typer.Option("--batch", help="Texts, as for `tagger tag`: are they like what the model was trained on?")] = None,
    against: Annotated[list[Path] | None, typer.Option("--against", help="With --batch: labelled cases of the training, to tell the texts apart from.")] = None,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
) -> None:
    """Check installation, codebook, model and store, and name the mend for each fault. Ends with status 1 where there are faults."""
    from tagger.cli.screen import console, count
    from tagger.errors import InputError
    from tagger.retrain.checkup import FAULT, checkup

    if against and not batch:
        raise InputError("--against is what a batch is held to: name the batch with --batch")
    screen, faults = console(highlight=False), 0
    screen.width = screen.width if screen.is_terminal else PIPED_WIDTH
    for finding in checkup(models, store, codebook):
        screen.print(shown(finding.kind, finding.place, finding.what, finding.mend))
        faults += finding.kind == FAULT
    if batch and not faults:
        drift, apart = drift_of(batch, models, codebook, against or [], {"format": format, "encoding": encoding, "text_column": text_column})
        from tagger.cli.drift_view import drift_view

        screen.print(drift_view(drift, apart))
    print(f"{count(faults, 'fault')}." if faults else "No fault.")
    if faults:
        raise typer.Exit(FAULTS)


def shown(kind: str, place: str, what: str, mend: str):
    """Return a finding as a row with its mark; long ones wrap under themselves."""
    from rich.table import Table
    from rich.text import Text

    from tagger.writing.terminal import visible

    mark, style = MARKS[kind]
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(no_wrap=True, min_width=12)
    row.add_column(overflow="fold")
    told = Text(visible(what))
    if mend:
        told.append("\n→ " + visible(mend), style="bold")
    row.add_row(Text(mark, style=style), Text(place, style="dim"), told)
    return row


def drift_of(
    batch: list[str], models: Path | None, codebook: Path | None, against: list[Path], reading: dict[str, str | None]
) -> tuple[Drift, ToldApart | None]:
    """Tag a batch and hold it to the training data of the model in use; where labelled cases are given, tell its texts from theirs, too.

    Raises
    ------
    InputError
        Where there are too few texts.
    ModelError
        Where no model is in use, or it has no numbers of its training data beside it.
    """
    from tagger.errors import InputError
    from tagger.learning.labelled import read_labelled
    from tagger.pipeline import Tagger
    from tagger.retrain.drifted import LEAST, Watch, reference_of
    from tagger.retrain.two_sample import MOST, two_sample

    tagger = Tagger.load(models, codebook)
    watch = Watch(reference_of(models), tagger.weights, tagger.codebook.opposites)
    kept: list[Case] = []
    for case in _cases(batch, reading):
        watch.add(tagger.tag(case))
        if against and len(kept) < 5 * MOST:
            kept.append(case)
    drift = watch.report()
    if drift is None:
        raise InputError(f"{', '.join(batch)}: it takes {LEAST} texts to say how a batch differs from the training data")
    return drift, two_sample(kept, [x.case for path in against for x in read_labelled(path)]) if against else None


def _cases(batch: list[str], reading: dict[str, str | None]):
    from tagger.case import Case
    from tagger.reading import read

    return (record for record in read(batch, **reading) if isinstance(record, Case))

