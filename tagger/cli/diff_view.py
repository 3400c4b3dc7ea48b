"""A comparison of two runs on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tagger.cli.screen import count
from tagger.codebook import FACETS
from tagger.retrain.diff import said
from tagger.writing.terminal import visible

if TYPE_CHECKING:
    from tagger.retrain.causes import Change
    from tagger.retrain.diff import CaseDiff, Diff

Labels = dict[tuple[str, str], str]
SHOWN_LINES = 5
SHOWN_CAUSES = 3
SHOWN_MOVES = 12  # of each facet


def diff_view(found: Diff, labels: Labels, show: int) -> RenderableType:
    """Return what changed, first counted, then case by case: those whose margin moved farthest."""
    head = f"{len(found.cases)} of {count(found.compared, 'case')} changed" + (f"; {count(found.texts, 'text')} changed" if found.texts else "")
    parts: list[RenderableType] = [Text(head, style="bold"), _versions(found)]
    if not found.cases:
        return Group(*parts)
    parts += [Text(), _moves(found, labels)]
    farthest = sorted(found.cases, key=lambda case: -max(_far(change) for change in case.changes))
    for case in farthest[:show]:
        parts += [Text(), *_case(case, labels)]
    if len(found.cases) > show:
        parts += [Text(), Text(f"{len(found.cases) - show} more changed: --show {len(found.cases)} prints all, -o diff.html writes a page", style="dim")]
    return Group(*parts)


def _far(change: Change) -> float:
    return abs(change.margin[1] - change.margin[0]) if change.margin else 0.0


def _versions(found: Diff) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    for column in ("", *found.names):
        table.add_column(Text(visible(column, one_line=True)), overflow="fold")
    first, second = found.versions
    for part in dict.fromkeys([*first, *second]):
        told = [", ".join(version or "none" for version in side.get(part, [])) or "none" for side in (first, second)]
        table.add_row(Text(part), *(Text(visible(text, one_line=True), style="" if told[0] == told[1] else "yellow") for text in told))
    return table


def _moves(found: Diff, labels: Labels) -> Table:
    table = Table(header_style="bold")
    for name, right in (("Facet", False), ("From", False), ("To", False), ("Cases", True), ("What caused it", False)):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for facet in FACETS:
        moves = [move for move in found.moves() if move[0] == facet]
        for _, before, after, number, causes in moves[:SHOWN_MOVES]:
            named = ", ".join(f"{cause} {n}" for cause, n in causes.items())
            table.add_row(facet, _named(facet, before, labels), _named(facet, after, labels), str(number), named)
        if rest := moves[SHOWN_MOVES:]:
            table.add_row(facet, Text(f"{len(rest)} rarer changes", style="dim"), "", str(sum(move[3] for move in rest)), "")
    return table


def _named(facet: str, outcome: str, labels: Labels) -> Text:
    code, _, status = outcome.partition(" (")
    label = labels.get((facet, code), "")
    told = f"{code} {label}" if label and not code[:1].isalpha() else code
    return Text(visible(told + (f" ({status}" if status else ""), one_line=True))


def _case(case: CaseDiff, labels: Labels) -> list[RenderableType]:
    head = Text(visible(case.title or case.id, one_line=True), style="bold")
    if case.title not in ("", case.id):
        head.append("  ").append(visible(case.id, one_line=True), style="not bold dim")
    parts: list[RenderableType] = [head]
    for change in case.changes:
        parts += [_outcome(change, labels), _causes(change, labels), _lines(change)]
    return parts


def _outcome(change: Change, labels: Labels) -> Text:
    before, after = change.before, change.after
    return Text.assemble(
        f"  {change.facet:<8}", _named(change.facet, said(before), labels), f" {before.probability:.2f} → ",
        (str(_named(change.facet, said(after), labels)), "bold"), f" {after.probability:.2f}",
    )  # fmt: skip


def _causes(change: Change, labels: Labels) -> Text:
    line = Text("  because  ")
    weighed = [cause if abs(by) < 0.005 else f"{cause} {by:+.2f}" for cause, by in change.causes]
    line.append(", ".join(weighed[:SHOWN_CAUSES]), style="yellow")
    if rest := change.causes[SHOWN_CAUSES:]:
        line.append(f", {len(rest)} more {sum(by for _, by in rest):+.2f}", style="dim")
    if change.margin:
        over = f"{_named(change.facet, change.toward, labels)} over {_named(change.facet, change.away, labels)}"
        line.append(f"\n           {over}: {change.margin[0]:+.2f} → {change.margin[1]:+.2f}", style="dim")
    return line


def _lines(change: Change) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True, min_width=14)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for line in change.lines[:SHOWN_LINES]:
        name = Text.assemble(visible(line.name, one_line=True), (f"  {line.source}, {line.cause}", "dim"))
        table.add_row(Text(f"{line.by:+.2f}", style="green" if line.by > 0 else "red"), f"{line.before:+.2f} → {line.after:+.2f}", name)
    if rest := change.lines[SHOWN_LINES:]:
        table.add_row(Text(f"{sum(line.by for line in rest):+.2f}"), "", Text(f"{count(len(rest), 'smaller line')} together", style="dim"))
    return table
