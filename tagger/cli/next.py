"""``tagger next``: which labels would help most, by code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, LIMIT

if TYPE_CHECKING:
    from rich.table import Table

    from tagger.codebook import Codebook
    from tagger.learning.label_next import Next

SHARES = (0.125, 0.25, 0.375, 0.5, 0.75, 1.0)  # of the initiatives
PIPED_WIDTH = 150

app = typer.Typer(add_completion=False)


@app.command()
def next_(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled cases: .jsonl (text, economy, model), or folders of cases.jsonl and labels.csv.")],
    gain: Annotated[float, typer.Option("--gain", min=0.005, max=0.5, help="The gain in F1 to ask about.")] = 0.05,
    replicates: Annotated[int, typer.Option("--replicates", min=100, max=10_000, help="Bootstrap samples of the initiatives.")] = 300,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the figures as .json, too.")] = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
) -> None:
    """Tell, by code, how F1 has grown with the labels and about how many more a gain would take.

    Models learn from an eighth of the initiatives up to all of them, always measured on others. Where a curve is flat or fits no power law, nothing is told.
    """
    import json

    from tagger.cli.screen import console, labels_of, say
    from tagger.writing.durable import replace_bytes

    found, book, told = next_to_label(labelled, gain, replicates, seed, codebook, limit)
    for line in told:
        say(line)
    if output is not None:
        replace_bytes(output, (json.dumps([n.as_dict() for n in found], ensure_ascii=False, indent=1) + "\n").encode())
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    labels = labels_of(book)
    screen.print(curves_table(found, labels), "")
    for line in sentences(found, labels):
        screen.print(line, markup=False)


def next_to_label(
    paths: list[Path], gain: float, replicates: int, seed: int, codebook: Path | None, limit: int | None
) -> tuple[list[Next], Codebook, list[str]]:
    """Learn from ever larger shares; return what more labels would bring, the codebook, and what to tell the user."""
    from tagger.cli.screen import say
    from tagger.cli.training_cases import training_cases
    from tagger.errors import InputError
    from tagger.learning.folds import cross_fitted
    from tagger.learning.label_next import label_next, step

    cases, seen, given, told = training_cases(paths, codebook, limit)
    steps = []
    for share in SHARES:
        try:
            fitted = cross_fitted(cases, seen, given.codebook, share=share, vectors=given.vectors)
        except InputError as why:
            told.append(f"{share:.1%} of the initiatives is left out ({why})")
        else:
            steps.append(step(cases, fitted, given.codebook, share))
            say(f"learned from {share:.1%} of the initiatives: {fitted.learned_per_fold():.0f} cases")
    return label_next(steps, gain=gain, replicates=replicates, seed=seed), given.codebook, told


def curves_table(found: list[Next], labels: dict[tuple[str, str], str]) -> Table:
    """Return a row for each code: its F1 at each share of the labels."""
    from rich.table import Table

    table = Table(title="F1 by share of the labels", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("Facet", "Code"):
        table.add_column(heading)
    table.add_column("Cases learned from", justify="right")
    for i in range(max(len(n.points) for n in found)):
        table.add_column(f"{found[0].points[i].cases / found[0].points[-1].cases:.0%}", justify="right")
    for n in found:
        f1s = ("-" if p.f1.value is None else f"{p.f1.value:.2f}" for p in n.points)
        table.add_row(n.facet, _called(n, labels) or "all (macro-F1)", f"{n.points[-1].cases:.0f}", *f1s)
    return table


def sentences(found: list[Next], labels: dict[tuple[str, str], str]) -> list[str]:
    """Say what more labels would bring: where a number can be told, the fewest first, then why not for the others."""
    told = sorted((n for n in found if n.more is not None), key=lambda n: n.more.value)
    said = [n.sentence(_called(n, labels)) for n in told]
    if told:
        said.append("(with the other codes growing alike; the curve is extrapolated by an inverse power law)")
    rest = [n.sentence(_called(n, labels)) for n in found if n.more is None]
    return [*said, "", "No number can be told for:", *rest] if rest else said


def _called(n: Next, labels: dict[tuple[str, str], str]) -> str:
    label = labels.get((n.facet, n.code), n.code)
    return n.code if label == n.code else f"{n.code} {label}"
