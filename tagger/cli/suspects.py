"""``tagger corpus suspects``: labels that models contradict which have not seen them, ready for review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, LIMIT

if TYPE_CHECKING:
    from rich.table import Table

    from tagger.codebook import Codebook
    from tagger.learning.labelled import Labelled
    from tagger.learning.suspects import Suspect

PIPED_WIDTH = 120
SHOWN = 20


def suspects(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled cases: .jsonl (text, economy, model), or folders of cases.jsonl and labels.csv.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the suspects as .jsonl that `tagger review` opens, most doubtful first.")] = None,
    share: Annotated[float, typer.Option("--share", min=0.0, max=1.0, help="Share of the labels that is written, the most doubtful first.")] = 0.2,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
) -> None:
    """Rank labels by how much models contradict them that saw neither the case nor its initiative.

    A suspect is no error yet: look at its evidence, for the given code and for the other, in `tagger review`.
    """
    from tagger.cli.screen import console, labels_of, say

    found, cases, book, told = suspects_to(labelled, output, share, codebook, limit)
    for line in told:
        say(line)
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    screen.print(suspects_table(found[:SHOWN], cases, labels_of(book)))
    if output is not None:
        print(output)


def suspects_to(
    paths: list[Path], output: Path | None, share: float, codebook: Path | None, limit: int | None
) -> tuple[list[Suspect], list[Labelled], Codebook, list[str]]:
    """Find the suspects and write them; return the most doubtful share, all cases, the codebook, and what to tell the user."""
    from contextlib import ExitStack

    from tagger.cli.training_cases import training_cases
    from tagger.errors import OutputError
    from tagger.learning.folds import cross_fitted
    from tagger.learning.suspects import suspect_records, suspects
    from tagger.writing.durable import Part
    from tagger.writing.jsonl import dump_line

    if output is not None and output.suffix.lower() != ".jsonl":
        raise OutputError(f"{output}: the suspects are written as .jsonl; give a name that ends so")
    with ExitStack() as made:
        part = made.enter_context(Part(output)) if output is not None else None  # before the long work, whose fruit it is to hold
        cases, seen, given, told = training_cases(paths, codebook, limit)
        _refuse_same_ids(cases)
        fitted = cross_fitted(cases, seen, given.codebook, vectors=given.vectors)
        ranked = suspects(cases, fitted, given.codebook)
        found = ranked[: max(1, round(share * len(ranked)))]
        if part is not None:
            for record in suspect_records(found, cases, fitted, given.codebook, given.finder, given.rulebook):
                part.write(dump_line(record))
    flagged = sum(s.flagged for s in ranked)
    return found, cases, given.codebook, [*told, f"{len(found)} of {len(ranked)} labels are ranked here; confident learning flags {flagged} of all"]


def _refuse_same_ids(cases: list[Labelled]) -> None:
    """Review knows cases by their ids, so two cannot have the same."""
    from collections import Counter

    from tagger.errors import InputError

    twice = [id for id, count in Counter(x.case.id for x in cases).items() if count > 1]
    if twice:
        raise InputError(f"{len(twice)} ids stand for several cases ({', '.join(map(repr, twice[:5]))}); give every labelled case an id of its own")


def suspects_table(found: list[Suspect], cases: list[Labelled], labels: dict[tuple[str, str], str]) -> Table:
    """Return a row for each suspect: what the label says and what is likelier."""
    from rich.table import Table
    from rich.text import Text

    from tagger.cli import printable
    from tagger.codebook import FACETS

    table = Table(box=None, pad_edge=False)
    for heading, side in (("Rank", "right"), ("Case", "left"), ("Title", "left"), *((f"{f}: label, instead", "left") for f in FACETS), ("Quality", "right")):
        table.add_column(heading, justify=side, overflow="fold")
    for suspect in found:
        x = cases[suspect.at]
        said = [_told(name, suspect, labels) for name in FACETS]
        table.add_row(*(Text(printable(cell)) for cell in (str(suspect.rank), x.case.id, x.case.title[:40], *said, f"{suspect.quality:.3f}")))
    return table


def _told(facet: str, suspect: Suspect, labels: dict[tuple[str, str], str]) -> str:
    doubt = suspect.doubts[facet]
    if doubt.given_probability >= doubt.predicted_probability:
        return f"{doubt.given} ({doubt.given_probability:.2f})"
    return f"{doubt.given} ({doubt.given_probability:.2f}), {doubt.predicted} ({doubt.predicted_probability:.2f})"
