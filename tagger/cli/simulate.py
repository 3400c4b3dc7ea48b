"""``tagger simulate``: what the order of the review queue saves, on labels that are there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, LIMIT

if TYPE_CHECKING:
    from rich.table import Table

    from tagger.retrain.replay import Needed, Replay

PIPED_WIDTH = 120

app = typer.Typer(add_completion=False)


@app.command()
def simulate(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled cases: .jsonl (text, economy, model), or folders of cases.jsonl and labels.csv.")],
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="Replays, each with other cases kept apart to measure on.")] = 5,
    audit: Annotated[float, typer.Option("--audit", min=0.0, max=1.0, help="Share of the queue that is drawn at random.")] = 0.1,
    retrain_after: Annotated[
        float, typer.Option("--retrain-after", min=0.05, max=10.0, help="Learn anew after so many more labels, as a share of those before.")
    ] = 0.35,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write all curves as .json, too.")] = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
) -> None:
    """Replay the labelled cases as if reviewed in the order of the queue, and in random order; print how many labels each needs for the same macro-F1."""
    import json

    from tagger.cli.screen import console, say
    from tagger.writing.durable import replace_bytes

    found, told = simulated(labelled, seeds, audit, retrain_after, codebook, limit)
    for line in told:
        say(line)
    if output is not None:
        replace_bytes(output, (json.dumps(found.as_dict(), ensure_ascii=False, indent=1) + "\n").encode())
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    screen.print(f"{found.pool} cases to draw from, {found.apart} others to measure on; {seeds} {'replay' if seeds == 1 else 'replays'}.\n")
    screen.print(curve_table(found), "", needed_table(found.needed), "")
    screen.print(*verdict(found.needed), sep="\n", markup=False)


def simulated(paths: list[Path], seeds: int, audit: float, more: float, codebook: Path | None, limit: int | None) -> tuple[Replay, list[str]]:
    """Replay; return what was found and what to tell the user."""
    from tagger.cli.screen import say
    from tagger.cli.training_cases import training_cases
    from tagger.retrain.replay import replay

    cases, seen, given, told = training_cases(paths, codebook, limit)
    return replay(cases, seen, given.codebook, given.rulebook, seeds=seeds, audit=audit, more=more, told=say), told


def curve_table(found: Replay) -> Table:
    """Return a row for each round of labels: macro-F1 of both orders, on average over the seeds."""
    from rich.table import Table

    from tagger.codebook import FACETS
    from tagger.retrain.replay import QUEUE, RANDOM

    table = Table(title="Macro-F1 after so many labels", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("Labels", justify="right")
    for facet in FACETS:
        for order in (QUEUE, RANDOM):
            table.add_column(f"{facet}, {order}", justify="right")
    rounds = min(len(c.labels) for c in found.curves)
    for i in (*range(rounds - 1), -1):
        means = [_mean([c.scores[facet][i] for c in found.curves if c.order == order]) for facet in FACETS for order in (QUEUE, RANDOM)]
        table.add_row("all" if i == -1 else str(found.curves[0].labels[i]), *(f"{m:.3f}" for m in means))
    return table


def needed_table(needed: tuple[Needed, ...]) -> Table:
    """Return a row for each level: labels that each order needs, and their ratio with its range over the seeds."""
    from rich.table import Table

    table = Table(title="Labels needed", title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading in ("Facet", "Share of the final macro-F1", "Macro-F1", "In the queue's order", "In random order", "Ratio", "Over the replays"):
        table.add_column(heading, justify="left" if heading == "Facet" else "right")
    for n in needed:
        spread = f"{min(n.ratios):.2f} to {max(n.ratios):.2f}"
        table.add_row(n.facet, f"{n.level:.0%}", f"{n.f1:.3f}", f"{n.queue:.0f}", f"{n.random:.0f}", f"{n.ratio:.2f}", spread)
    return table


def verdict(needed: tuple[Needed, ...]) -> list[str]:
    """Say it in a sentence a facet, at the highest level."""
    last = {n.facet: n for n in needed}
    return [
        f"{n.facet}: for {n.level:.0%} of the macro-F1 that all labels give, the queue's order needs {n.ratio:.0%} of the labels that random order needs."
        for n in last.values()
    ]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
