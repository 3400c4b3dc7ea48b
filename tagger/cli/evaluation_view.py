"""An evaluation in the terminal, as rich tables: facets, sources, codes, what is taken for what, promises, learning curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tagger.learning.evaluation import Evaluation, FacetFigures, Learned, Summary
    from tagger.learning.resampled import Figure

Labels = Mapping[tuple[str, str], str]
SHOWN = 10  # rows of a facet in the table of confusions
_SUMMARY = (("Accuracy", "accuracy"), ("Macro-F1", "macro_f1"), ("Alpha", "alpha"), ("Decided", "decided"), ("Alpha there", "alpha_decided"))


def evaluation_view(evaluation: Evaluation, labels: Labels | None = None) -> RenderableType:
    """Return everything in the order in which it is to be read."""
    from rich.console import Group
    from rich.text import Text

    labels = labels or {}
    parts = [summary_table("All cases", {"": {name: found.summary for name, found in evaluation.facets.items()}})]
    if len(evaluation.sources) > 1:
        parts.append(summary_table("By source", evaluation.sources))
    parts += [codes_table(name, found, labels) for name, found in evaluation.facets.items()]
    parts.append(confusion_table(evaluation.facets, labels))
    if evaluation.promises:
        parts.append(promises_view(evaluation.promises))
    if evaluation.learning:
        parts.append(learning_table(evaluation.learning))
    return Group(*(line for part in parts for line in (part, Text(""))), *(Text(line) for line in _reckoned(evaluation)))


def summary_table(title: str, parts: Mapping[str, Mapping[str, Summary]]) -> Table:
    """Return a row for each facet of each part (a source, or '' for all cases)."""
    names = ("Source",) if any(parts) else ()
    table = _table(title, *names, "Facet", ("Cases",), *((heading,) for heading, _ in _SUMMARY))
    for part, facets in parts.items():
        for number, (facet, summary) in enumerate(facets.items()):
            first = (part if not number else "",) if names else ()
            _add(table, *first, facet, str(summary.cases), *(shown(getattr(summary, key)) for _, key in _SUMMARY))
    return table


def codes_table(facet: str, found: FacetFigures, labels: Labels) -> Table:
    """Return a row for each code of a facet."""
    table = _table(facet.capitalize(), "Code", ("True of",), ("Proposed",), ("Precision",), ("Recall",), ("F1",))
    for code in found.codes:
        _add(table, _called(facet, code.code, labels), str(code.support), str(code.found), *(shown(f) for f in (code.precision, code.recall, code.f1)))
    return table


def confusion_table(facets: Mapping[str, FacetFigures], labels: Labels, most: int = SHOWN) -> Table:
    """Return which code is taken for which, of each facet the most frequent first."""
    table = _table("Codes taken for another", "Facet", "Label", "Proposed instead", ("Cases",), ("of the label's",))
    for facet, found in facets.items():
        codes, counts = found.confusion.codes, found.confusion.counts
        wrong = [(n, i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j and n]
        for n, i, j in sorted(wrong, key=lambda w: (-w[0], w[1:]))[:most]:
            _add(table, facet, _called(facet, codes[i], labels), _called(facet, codes[j], labels), str(n), f"{n / sum(counts[i]):.0%}")
    return table


def promises_view(promises: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    """Return what is promised, in sentences under their titles."""
    from rich.console import Group
    from rich.text import Text

    from tagger.writing.terminal import visible

    return Group(*(Text(line, style) for title, found in promises.items() for line, style in ((visible(title), "bold"), (visible(found["sentence"]), ""))))


def learning_table(learning: Iterable[Learned]) -> Table:
    """Return alpha by the number of cases learned from."""
    steps = list(learning)
    table = _table("Learning curve", ("Cases learned from",), ("Share",), *((f"Alpha, {facet}",) for facet in steps[0].facets))
    for step in steps:
        _add(table, str(step.cases), f"{step.share:.0%}", *(shown(summary.alpha) for summary in step.facets.values()))
    return table


def shown(figure: Figure) -> str:
    """Return a figure with its interval: ``0.685 (0.65-0.72)``."""
    if figure.value is None:
        return "-"
    return f"{figure.value:.3f}" + ("" if figure.low is None else f" ({figure.low:.2f}-{figure.high:.2f})")


def _reckoned(evaluation: Evaluation) -> Iterable[str]:
    yield f"In brackets the 95 % interval: bootstrap over {evaluation.groups} initiatives, {evaluation.replicates} replicates, seed {evaluation.seed}."
    yield "All figures count every case, with its best code where the tool abstained; 'Decided' is the share not abstained, 'Alpha there' is of those alone."
    yield "Gate: is an initiative described at all? Alpha: Krippendorff's, nominal, labels and tool as two coders. Macro-F1: over the codes that are labels."
    yield "No interval: one initiative alone, no resample that differs, or too many in which the figure is undefined."


def _table(title: str, *columns: str | tuple[str]) -> Table:
    """Return an empty table; a column in brackets holds numbers and never wraps."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, "bold"), title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        if isinstance(column, tuple):
            table.add_column(Text(column[0]), justify="right", no_wrap=True)
        else:
            table.add_column(Text(column), overflow="fold")
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row of cells that are text, never markup or a command to the terminal."""
    from rich.text import Text

    from tagger.writing.terminal import visible

    table.add_row(*(Text(visible(cell, one_line=True)) for cell in cells))


def _called(facet: str, code: str, labels: Labels) -> str:
    label = labels.get((facet, code), "")
    return f"{code} {label}" if label and not code[:1].isalpha() else code
