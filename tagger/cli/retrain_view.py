"""A retraining in the terminal: what is new, what was left out, the comparison, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tagger.cli.screen import count

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tagger.learning.resampled import Figure
    from tagger.retrain.compare import Comparison, Pair
    from tagger.retrain.current import News
    from tagger.retrain.retraining import Retrained

Labels = Mapping[tuple[str, str], str]
_NAMES = {"alpha": "alpha", "macro_f1": "macro-F1", "accuracy": "accuracy"}


def lines_of(found: Retrained) -> Iterator[str]:
    """Yield what is new and what was left out, a sentence each."""
    yield from news_lines(found.current, found.news)
    for reason, (number, ids) in found.left.items():
        yield f"left out: {number} ({reason})" + (f": {', '.join(ids)}{' ...' if number > len(ids) else ''}" if ids else "")
    yield from found.told


def news_lines(current: str, news: News) -> Iterator[str]:
    """Yield what is new since the model in use."""
    yield f"{count(news.texts, 'text')} about {count(news.initiatives, 'initiative')} to learn from"
    if news.same:
        yield f"nothing is new: {current} was trained on exactly these labels and texts, with this codebook, these rules and cues"
        return
    if news.first:
        return
    if news.known:
        gone = f", {news.gone} that it was trained on are gone" if news.gone else ""
        yield f"new since {current}: {count(news.added, 'initiative')}{gone}"
    else:
        yield f"{current} does not record which initiatives it was trained on, so what is new is told by counts alone"
    for facet, change in news.codes.items():
        if change:
            yield f"texts by {facet}: " + ", ".join(f"{code} {n:+d}" for code, n in change.items())


def retrained_view(found: Retrained, dry_run: bool, anyway: bool, labels: Labels) -> RenderableType:
    """Return the comparisons, and what came of it."""
    from rich.console import Group
    from rich.text import Text

    from tagger.retrain.promotion import ENOUGH
    from tagger.writing.terminal import visible

    parts: list[RenderableType] = []
    for comparison in found.comparisons:
        about = f"{count(comparison.cases, 'text')} about {count(comparison.groups, 'initiative')}"
        parts.append(Text(visible(f"On {comparison.title}: {about}. Current: {comparison.against}.", one_line=True), "bold"))
        parts += [overall_table(comparison), Text(""), codes_table(comparison, labels), Text("")]
    if found.comparisons:
        first = found.comparisons[0]
        parts.append(Text(f"In brackets the 95 % interval: paired bootstrap over initiatives, {first.replicates} replicates, seed {first.seed}."))
        parts.append(Text(f"A code that fewer than {ENOUGH} cases have holds nothing back.\n"))
    return Group(*parts, *(Text(line, style) for line, style in outcome_lines(found, dry_run, anyway)))


def outcome_lines(found: Retrained, dry_run: bool, anyway: bool) -> Iterator[tuple[str, str]]:
    """Yield (line, style): what held the candidate back, and where it is."""
    if not found.comparisons:
        yield f"Nothing to do: {found.current} stays in use.", "bold"
        return
    for reason in found.held_back:
        yield f"Held back by {reason}.", "bold red"
    folder = found.taken.folder if found.taken else None
    if folder is None:
        would = "would take over" if anyway or not found.held_back else "would be kept aside"
        yield f"Dry run: nothing was written; the candidate {would}{', anyway' if anyway and found.held_back else ''}.", "bold"
    elif found.taken and found.taken.promoted:
        yield f"{folder.name} is in use now{', anyway' if anyway and found.held_back else ''} (before: {found.current}): {folder}", "bold"
    else:
        yield f"{found.current} stays in use; the candidate is kept in {folder}", "bold"
        yield f"To use it all the same: tagger models promote {folder.name} --models {folder.parent} --why ...", ""


def overall_table(comparison: Comparison) -> Table:
    """Return a row for each facet and figure."""
    table = _table("Facet", "Figure", ("Candidate",), ("Current",), ("Difference",))
    for facet, pair in comparison.facets.items():
        for number, (name, words) in enumerate(_NAMES.items()):
            _add(table, facet if not number else "", words, *_cells(pair.overall[name]))
    return table


def codes_table(comparison: Comparison, labels: Labels) -> Table:
    """Return F1 of each code that a case of the sample has."""
    table = _table("Facet", "Code", ("Cases",), ("F1, candidate",), ("F1, current",), ("Difference",))
    for facet, pair in comparison.facets.items():
        for number, code in enumerate(pair.codes):
            label = labels.get((facet, code.code), "")
            called = f"{code.code} {label}" if label and not code.code[:1].isalpha() else code.code
            _add(table, facet if not number else "", called, str(code.cases), *_cells(code.f1))
    return table


def _cells(pair: Pair) -> tuple[str, str, str]:
    change = pair.difference
    told = "-" if change.value is None else f"{change.value:+.3f}" + ("" if change.low is None else f" ({change.low:+.3f} to {change.high:+.3f})")
    return _shown(pair.candidate), _shown(pair.current), told


def _shown(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value:.3f}"


def _table(*columns: str | tuple[str]) -> Table:
    """Return an empty table; a column in brackets holds numbers and never wraps."""
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        name = column if isinstance(column, str) else column[0]
        table.add_column(Text(name), **({"overflow": "fold"} if isinstance(column, str) else {"justify": "right", "no_wrap": True}))
    return table


def _add(table: Table, *cells: str) -> None:
    from rich.text import Text

    from tagger.writing.terminal import visible

    table.add_row(*(Text(visible(cell, one_line=True)) for cell in cells))
