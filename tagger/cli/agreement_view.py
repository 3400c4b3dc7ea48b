"""Agreement in the terminal, as rich tables: first where coders differ, then the figures of facets, cues and codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tagger.codings.agreement import Agreement, Alpha, Confusion, Disagreement

Labels = Mapping[tuple[str, str], str]

SHOWN = 10  # rows of a variable in the tables of disagreements and confusions
_ALPHA = (("Alpha", "right"), ("95 % interval", "right"), "What it means")
_BRACKETS = re.compile(r" \([^)]*\)")


def agreement_view(
    facets: Mapping[str, Agreement],
    cues: Mapping[str, Agreement],
    divided: Mapping[str, Sequence[Disagreement]],
    confused: Mapping[str, Sequence[Confusion]] | None = None,
    labels: Labels | None = None,
    shown: int | None = SHOWN,
) -> RenderableType:
    """Return everything in the order in which it is to be read: disagreements, confusions, facets, cues, codes, how it was reckoned.

    Parameters
    ----------
    facets, cues : mapping of variable to Agreement
    divided, confused : mapping of variable to its disagreements and confusions
    labels : mapping of (variable, code) to str
        What codes are called.
    shown : int or None
        Rows of each variable in the first two tables; None for all.
    """
    from rich.console import Group
    from rich.text import Text

    every = {**facets, **cues}
    parts = [disagreement_table(divided, shown)]
    if confused and any(confused.values()):
        parts.append(confusion_table(confused, labels, shown))
    parts += [variable_table(title, figures) for title, figures in (("Facets", facets), ("Cues", cues)) if figures]
    parts += [codes_table(title, figures, labels) for title, figures in (("Codes of the facets", facets), ("Values of the cues", cues)) if figures]
    return Group(*(line for part in parts for line in (part, Text(""))), *(Text(line) for line in _reckoned(every)))


def disagreement_table(divided: Mapping[str, Sequence[Disagreement]], shown: int | None = SHOWN) -> Table:
    """Return the cases whose coders differ, of each variable the most divided first: how many differ from the commonest code, and who gave which code."""
    table = _table("Where coders differ", "Variable", "Case", ("Differ", "right"), "Code: coders")
    for variable, rows in divided.items():
        for row in rows[:shown]:
            by_code: dict[str, list[str]] = {}
            for coder, code in row.codes.items():
                by_code.setdefault(code, []).append(coder)
            given = sorted(by_code.items(), key=lambda item: (-len(item[1]), item[0]))
            _add(table, variable, row.case, f"{row.differ} of {len(row.codes)}", "; ".join(f"{code}: {', '.join(coders)}" for code, coders in given))
        _add_rest(table, variable, rows, shown)
    if not table.rows:
        _add(table, "", "no case", "", "")
    return table


def confusion_table(confused: Mapping[str, Sequence[Confusion]], labels: Labels | None = None, shown: int | None = SHOWN) -> Table:
    """Return the pairs of codes that were given to the same cases, of each variable the most frequent first."""
    table = _table("Codes taken for one another", "Variable", "Codes", ("Cases", "right"), ("Pairs of codings", "right"))
    for variable, rows in confused.items():
        for row in rows[:shown]:
            _add(table, variable, " / ".join(_called(variable, code, labels) for code in row.codes), str(row.cases), str(row.pairs))
        _add_rest(table, variable, rows, shown)
    return table


def variable_table(title: str, figures: Mapping[str, Agreement]) -> Table:
    """Return a row for each variable, and beneath it one for each scale of ordinal alpha."""
    table = _table(title, "Variable", ("Cases", "right"), ("Cod-\ners", "right"), ("Agree\n%", "right"), *_ALPHA)
    for variable, found in figures.items():
        _add(table, variable, str(found.cases), str(found.coders), _percent(found.percent_agreement), *_alpha_cells(found.alpha, found.replicates))
        for scale in found.ordinal:
            _add(table, f"- ordinal, {scale.scale}", str(scale.cases), "", "", *_alpha_cells(scale.alpha, found.replicates))
    return table


def codes_table(title: str, figures: Mapping[str, Agreement], labels: Labels | None = None) -> Table:
    """Return a row for each code of each variable: codings that gave it, specific agreement, alpha of the code against all others."""
    table = _table(title, "Code", ("Cod-\nings", "right"), ("Agree\n%", "right"), *_ALPHA)
    for variable, found in figures.items():
        _add(table, variable, "", "", "", "", "", style="bold")
        for code in found.codes:
            name = f"- {_called(variable, code.code, labels)}"
            _add(table, name, str(code.codings), _percent(code.specific_agreement), *_alpha_cells(code.alpha, found.replicates, short=True))
    return table


def meaning(alpha: Alpha, replicates: int, short: bool = False) -> str:
    """Say what an alpha is good for, or why there is none, and what its interval leaves out; `short` leaves the marks' figures to the lines beneath."""
    from tagger.codings.agreement import mark

    if alpha.value is None:
        return f"undefined ({alpha.why})"
    said = mark(alpha.low, alpha.value)
    words = [_BRACKETS.sub("", said) if short else said]
    if alpha.why:
        words.append(alpha.why)
    elif alpha.low == 1:
        words.append("no case differs, so that its interval tells nothing")
    if alpha.undefined and alpha.low is not None:
        words.append(f"interval without {alpha.undefined} of {replicates} replicates, where alpha is undefined")
    return "; ".join(words)


def _reckoned(figures: Mapping[str, Agreement]) -> Iterable[str]:
    """Say how the figures were reckoned, and which cases they leave out."""
    from tagger.writing.terminal import visible

    if not figures:
        return
    yield "Agree % of a variable: mean over cases of the share of agreeing pairs of codings."
    yield "Agree % of a code: specific agreement, how often a second coding of a case gives it too where a first one does."
    one = next(iter(figures.values()))
    yield f"Alpha: Krippendorff's, nominal unless it says ordinal. Interval: bootstrap over cases, {one.replicates} replicates, seed {one.seed}."
    yield "Marks: reliable at or over 0.800, tentative conclusions only from 0.667 to 0.800 (Krippendorff, Content Analysis, 2004, p. 241)."
    left_out: dict[int, list[str]] = {}
    for variable, found in figures.items():
        if found.left_out:
            left_out.setdefault(found.left_out, []).append(variable)
    for number, variables in left_out.items():
        yield visible(f"Left out of {', '.join(variables)}: {number} case{'' if number == 1 else 's'} with fewer than two codings.", one_line=True)


def _table(title: str, *columns: str | tuple[str, str]) -> Table:
    """Return an empty table; a column with a side holds numbers and never wraps."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, "bold"), title_justify="left", header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        if isinstance(column, tuple):
            table.add_column(Text(column[0]), justify=column[1], no_wrap=True)
        else:
            table.add_column(Text(column), overflow="fold")
    return table


def _alpha_cells(alpha: Alpha, replicates: int, short: bool = False) -> tuple[str, str, str]:
    value = "-" if alpha.value is None else f"{alpha.value:.3f}"
    interval = "-" if alpha.low is None else f"{alpha.low:.3f} to {alpha.high:.3f}"
    return value, interval, meaning(alpha, replicates, short)


def _add(table: Table, *cells: str, style: str = "") -> None:
    """Add a row of cells that are text, never markup or a command to the terminal."""
    from rich.text import Text

    from tagger.writing.terminal import visible

    table.add_row(*(Text(visible(cell, one_line=True), style) for cell in cells))


def _add_rest(table: Table, variable: str, rows: Sequence[object], shown: int | None) -> None:
    if shown is not None and len(rows) > shown:
        _add(table, variable, f"and {len(rows) - shown} more", "", "")


def _called(variable: str, code: str, labels: Labels | None) -> str:
    label = (labels or {}).get((variable, code), "")
    return f"{code} {label}" if label and not code[:1].isalpha() else code


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"
