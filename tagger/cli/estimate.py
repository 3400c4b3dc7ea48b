"""``tagger estimate``: how large the share of each code is in a batch, corrected for the classifier's errors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tagger.cli.options import CODEBOOK

if TYPE_CHECKING:
    from rich.table import Table

    from tagger.codebook import Codebook
    from tagger.learning.prevalence import CodeShare, Share

PIPED_WIDTH = 120

app = typer.Typer(add_completion=False)


@app.command()
def estimate(
    suggestions: Annotated[Path, typer.Argument(help="The batch: .jsonl that `tagger tag` wrote.")],
    audit: Annotated[list[Path], typer.Option("--audit", help="Codings (.csv, or folders of them) of cases of the batch that were drawn at random.")],
    level: Annotated[float, typer.Option("--level", min=0.5, max=0.999, help="Of the intervals.")] = 0.95,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the figures as .json, too.")] = None,
    codebook: CODEBOOK = None,
) -> None:
    """Estimate the share of each code in a batch, with an interval, from the suggestions and the random audit share.

    The count of suggestions, which no one has corrected, stands beside it. The model must not have learned from any case of the batch.
    """
    import json

    from tagger.cli.screen import console, labels_of, say
    from tagger.writing.durable import replace_bytes

    found, sizes, book, told = estimated(suggestions, audit, level, codebook)
    for line in told:
        say(line)
    if output is not None:
        figures = sizes | {"level": level, "facets": {name: [s.as_dict() for s in shares] for name, shares in found.items()}}
        replace_bytes(output, (json.dumps(figures, ensure_ascii=False, indent=1) + "\n").encode())
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    screen.print(f"{sizes['batch']} cases in the batch; {sizes['audit']} of them drawn at random and coded. Intervals of {level:.0%}.\n")
    for name, shares in found.items():
        screen.print(shares_table(name, shares, book, labels_of(book)), "")
    for line in notes(found):
        screen.print(line, markup=False)


def estimated(
    suggestions: Path, audit: list[Path], level: float, codebook: Path | None
) -> tuple[dict[str, list[CodeShare]], dict[str, int], Codebook, list[str]]:
    """Return the shares by facet, how many cases there are, the codebook, and what to tell the user.

    Raises
    ------
    InputError
        Where a file cannot be read, a case comes twice, or there are too few codings.
    """
    from tagger.codebook import FACETS, load_codebook
    from tagger.codings.rows import json_rows
    from tagger.codings.table import read_codings
    from tagger.errors import InputError
    from tagger.learning.audit import audit_labels
    from tagger.learning.prevalence import facet_probabilities, prevalence

    book = load_codebook(codebook)
    records: dict[str, Any] = {}
    for line, row in json_rows(suggestions):
        if not isinstance(row.get("id"), str) or any(not isinstance(row.get(facet), dict) or "code" not in row[facet] for facet in FACETS):
            raise InputError(f"{suggestions}, line {line}: no suggestion for both facets; give a JSONL that `tagger tag` wrote")
        if row["id"] in records:
            raise InputError(f"{suggestions}, line {line}: id {row['id']!r} comes a second time; a batch has each case once")
        records[row["id"]] = row
    drawn = audit_labels(records.values(), read_codings(audit, book), book)
    coded, others = ([r for id, r in records.items() if (id in drawn.labels) is wanted] for wanted in (True, False))
    found = {}
    for facet in FACETS:
        codes, shares = facet_probabilities([*coded, *others], facet)
        labels, n = [drawn.labels[r["id"]][facet] for r in coded], len(coded)
        proposed = [str(r[facet]["code"]) for r in (*coded, *others)]
        found[facet] = prevalence(codes, labels, shares[:n], shares[n:], proposed[:n], proposed[n:], level=level)
    return found, {"batch": len(records), "audit": len(coded)}, book, drawn.sentences()


def shares_table(facet: str, shares: list[CodeShare], book: Codebook, labels: dict[tuple[str, str], str]) -> Table:
    """Return a row for each code, in the order of the codebook."""
    from rich.table import Table

    from tagger.learning.prevalence import ALONE

    table = Table(title=facet.capitalize(), title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading, side in (("Code", "left"), ("Uncorrected", "right"), ("Estimate", "right"), ("Labels alone", "right"), ("Adjusted count", "right")):
        table.add_column(heading, justify=side)
    order = {code.id: i for i, code in enumerate(book.codes(facet))}
    for s in sorted(shares, key=lambda s: order.get(s.code, len(order))):
        called = f"{s.code} {labels.get((facet, s.code), '')}".strip() if labels.get((facet, s.code)) != s.code else s.code
        adjusted = "-" if s.adjusted is None else f"{s.adjusted:.1%}"
        table.add_row(called, f"{s.uncorrected:.1%}", _shown(s.estimate) + (" *" if s.method == ALONE else "  "), _shown(s.alone), adjusted)
    return table


def notes(found: dict[str, list[CodeShare]]) -> list[str]:
    """Say how to read the tables."""
    from tagger.learning.prevalence import ALONE, FEW

    said = ["Estimate: prediction-powered inference (PPI++). Each interval is for one code; estimates need not add up to 100%."]
    if any(s.method == ALONE for shares in found.values() for s in shares):
        said.append(f"* fewer than {FEW} of the labels have this code (or lack it): the labels alone, with their exact interval. More audit cases narrow it.")
    return said


def _shown(share: Share) -> str:
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
