"""``tagger corpus``: labelled data that can be trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.corpus_texts import add, dehydrate, hydrate
from tagger.cli.options import CODEBOOK
from tagger.cli.suspects import suspects

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.codings.agreement import Agreement, Confusion, Disagreement
    from tagger.codings.table import Coding
    from tagger.corpus.stats import Count

FAILED = 1  # exit status of a check that found faults
PIPED_WIDTH = 120
CORPUS = Annotated[Path, typer.Argument(help="Folder of the corpus: cases.jsonl (authored texts) and codings/ (tables of codings).")]
CODINGS = Annotated[list[Path] | None, typer.Argument(help="Tables of codings (.csv), or folders of them; corpus/codings if left out.")]
JSON = Annotated[Path | None, typer.Option("-o", "--output", help="Write the figures as JSON too.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Check, count, publish and extend labelled cases, and measure how well coders agree.")


@app.command("check")
def check(
    folder: CORPUS = Path("corpus"),
    against: Annotated[
        list[Path] | None, typer.Option("--against", help="Other texts (any format of `tagger tag`): how far are ours told apart from them?")
    ] = None,
    codebook: CODEBOOK = None,
    output: JSON = None,
) -> None:
    """Check authored cases: near-duplicates, recurring phrases, labels that style gives away, counts, and that every label is what its coders gave.

    Ends with status 0 where nothing is wrong, with 1 otherwise.
    """
    from tagger.cli.screen import console

    report = corpus_check(folder, against or [], codebook)
    if output is not None:
        _write_json(output, report.as_dict())
    screen = console(highlight=False)
    for line in report.lines():
        screen.print(line, markup=False, soft_wrap=True)
    if report.faults:
        raise typer.Exit(FAILED)


@app.command("agreement")
def agreement(
    paths: CODINGS = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="Only cases of this set (may be given several times).")] = None,
    coders: Annotated[list[str] | None, typer.Option("--coder", help="Only these coders (may be given several times).")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also codings that were not blind. Authors and adjudicators never count.")] = False,
    full: Annotated[bool, typer.Option("--full", help="List every disagreement, not the first ten of each variable.")] = False,
    replicates: Annotated[int, typer.Option("--replicates", min=100, max=100_000, help="Bootstrap samples of the cases.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
    codebook: CODEBOOK = None,
    output: JSON = None,
) -> None:
    """Measure how well coders agree: disagreements first, then percent agreement and Krippendorff's alpha by facet, cue and code.

    Any number of coders, missing codings allowed. The interval is a bootstrap over cases.
    """
    from tagger.cli.agreement_view import agreement_view
    from tagger.cli.screen import console, labels_of
    from tagger.codebook import FACETS, load_codebook
    from tagger.codings.table import read_codings

    book = load_codebook(codebook)
    codings = read_codings(paths or [Path("corpus/codings")], book)
    found, divided, confused = coders_agreement(codings, book, sets or [], coders or [], every, replicates, seed)
    if output is not None:
        _write_json(output, {name: figures.as_dict() for name, figures in found.items()})
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    facets = {name: found[name] for name in FACETS}
    cues = {name: figures for name, figures in found.items() if name not in FACETS}
    screen.print(agreement_view(facets, cues, divided, confused, labels_of(book), None if full else 10))


@app.command("stats")
def stats(folder: CORPUS = Path("corpus"), codebook: CODEBOOK = None, output: JSON = None) -> None:
    """Count cases and codings by code, source, register, length, coder."""
    from rich.table import Table

    from tagger.cli.screen import console

    counts = corpus_stats(folder, codebook)
    if output is not None:
        _write_json(output, {c.title: json.loads(c.table.to_json(orient="index")) for c in counts})
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    for count in counts:
        table = Table(box=None, pad_edge=False)
        table.add_column(str(count.table.index.name))
        for column in count.table.columns:
            table.add_column(str(column), justify="right")
        for name, row in count.table.iterrows():
            table.add_row(str(name), *(str(n) if n else "." for n in row))
        screen.print(count.title, style="bold")  # not as the table's title, which is wrapped to a narrow table's width
        screen.print(table, "")


app.command("hydrate")(hydrate)
app.command("dehydrate")(dehydrate)
app.command("add")(add)
app.command("suspects")(suspects)


def _write_json(path: Path, data: object) -> None:
    from tagger.writing.durable import replace_bytes

    replace_bytes(path, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())


def corpus_check(folder: Path, against: list[Path], codebook: Path | None):
    """Check a corpus folder; return the report."""
    from tagger.case import Case
    from tagger.codebook import load_codebook
    from tagger.codings.table import read_codings
    from tagger.corpus.authored import read_authored
    from tagger.corpus.check import check as check_cases
    from tagger.corpus.targets import read_targets
    from tagger.errors import InputError
    from tagger.reading import read

    book = load_codebook(codebook)
    if not (folder / "cases.jsonl").is_file():
        raise InputError(f"{folder}: holds no cases.jsonl; give the folder of a corpus")
    cases = read_authored(folder / "cases.jsonl")
    texts = [r.text for r in read(against) if isinstance(r, Case)] if against else None
    codings = read_codings(folder / "codings", book) if (folder / "codings").is_dir() else []
    return check_cases(cases, book, targets=read_targets(folder), against=texts, codings=codings)


def coders_agreement(
    codings: list[Coding], book: Codebook, sets: list[str], coders: list[str], every: bool, replicates: int, seed: int
) -> tuple[dict[str, Agreement], dict[str, list[Disagreement]], dict[str, list[Confusion]]]:
    """Return agreement, disagreements and confusions by facet and cue.

    Raises
    ------
    InputError
        Where no coding is left to compare.
    """
    from tagger.codings.agreement import agreement, confusions, disagreements
    from tagger.codings.merge import units_of
    from tagger.codings.variables import codes_of, scales_of
    from tagger.errors import InputError

    kept = [c for c in codings if (every or c.blind) and (not sets or c.set in sets) and (not coders or c.coder in coders)]
    if not kept:
        have = ", ".join(sorted({c.set for c in codings if c.set})) or "none"
        raise InputError(f"none of {len(codings)} codings is left to compare: see --set (there are: {have}), --coder and --all (blind codings only without it)")
    units = units_of(kept)
    known = codes_of(book)
    found = {name: agreement(units.get(name, {}), codes, scales_of(book, name), replicates=replicates, seed=seed) for name, codes in known.items()}
    divided = {name: disagreements(units.get(name, {})) for name in known}
    return found, divided, {name: confusions(units.get(name, {})) for name in known}


def corpus_stats(folder: Path, codebook: Path | None) -> list[Count]:
    """Count what a corpus folder holds.

    Raises
    ------
    InputError
        Where it holds neither cases nor codings.
    """
    from tagger.codebook import load_codebook
    from tagger.codings.table import coding_files, read_codings
    from tagger.corpus.authored import read_authored
    from tagger.corpus.stats import stats
    from tagger.errors import InputError

    book = load_codebook(codebook)
    cases = read_authored(folder / "cases.jsonl") if (folder / "cases.jsonl").is_file() else []
    tables = {p.stem: read_codings(p, book) for p in coding_files([folder / "codings"])} if (folder / "codings").is_dir() else {}
    if not cases and not tables:
        raise InputError(f"{folder}: holds neither cases.jsonl nor codings/; give the folder of a corpus")
    return stats(cases, tables, book)
