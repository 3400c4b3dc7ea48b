"""How far a batch is from the training data, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tagger.writing.terminal import visible

if TYPE_CHECKING:
    from tagger.retrain.drifted import Drift
    from tagger.retrain.two_sample import ToldApart

STYLES = {"": "", "moderate": "yellow", "strong": "red"}
SHOWN = 12


def drift_view(drift: Drift, apart: ToldApart | None) -> RenderableType:
    """Return the verdict, the features, and the texts that differ most."""
    head = drift.sentence or f"these {drift.cases} cases are like the training data"
    parts: list[RenderableType] = [Text(), Text(visible(head), style="bold")]
    parts.append(Text(f"held to the {drift.trained} training texts {'of all samples' if drift.sample == 'all' else f'of sample {visible(drift.sample)}'}: "
                      f"unknown words {drift.unknown[0]:.1%} (training {drift.unknown[1]:.1%}), "
                      f"cases that state no cue {drift.without_cues[0]:.0%} (training {drift.without_cues[1]:.0%})"))  # fmt: skip
    if not drift.compared:
        parts.append(Text("codes and probabilities are not compared: the model has no held-out ones beside it", style="dim"))
    parts += [_shifts(drift), _unlike(drift)]
    if apart is not None:
        parts += [Text(), *_apart(apart)]
    return Group(*parts)


def _shifts(drift: Drift) -> Table:
    table = Table(header_style="bold")
    table.add_column("Feature")
    for name in ("Population stability index", "By chance, at most"):
        table.add_column(name, justify="right")
    table.add_column("Shift")
    for shift in drift.shifts[:SHOWN]:
        table.add_row(Text(visible(shift.feature)), f"{shift.index:.3f}", f"{shift.chance:.3f}", Text(shift.strength, style=STYLES[shift.strength]))
    return table


def _unlike(drift: Drift) -> Table:
    table = Table(title="Texts that differ most", title_justify="left", header_style="bold")
    for name, right in (("Title", False), ("Id", False), ("Unknown words", True), ("Unusual in", False)):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for case in drift.unlike:
        table.add_row(*(Text(visible(text, one_line=True)) for text in (case.title, case.id, f"{case.unknown:.0%}", ", ".join(case.features))))
    return table


def _apart(apart: ToldApart) -> list[RenderableType]:
    verdict = "tells them apart" if apart.differs else "cannot tell them apart"
    told = f"a classifier {verdict}: area under the curve {apart.auc:.2f} ({apart.low:.2f} to {apart.high:.2f}; 0.5 is chance), "
    told += f"{apart.cases[0]} texts of the batch and {apart.cases[1]} of the training data"
    parts: list[RenderableType] = [Text(told, style="bold")]
    if apart.differs:
        parts.append(Text(visible(f"words of the batch: {', '.join(apart.words)}\nwords of the training data: {', '.join(apart.usual)}")))
        table = Table(title="Texts that it is surest of", title_justify="left", header_style="bold")
        for name in ("Title", "Id", "Probability"):
            table.add_column(name, justify="right" if name == "Probability" else "left", overflow="fold")
        for key, title, probability in apart.texts:
            table.add_row(Text(visible(title, one_line=True)), Text(visible(key, one_line=True)), f"{probability:.2f}")
        parts.append(table)
    return parts
