"""``tagger corpus hydrate``, ``dehydrate`` and ``add``: codings leave their texts, find them again, and come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.corpus.hydrate import Hydrated

FAULTY = 2  # nothing was written: something that the user can mend
INCOMPLETE = 3  # done, but some codings found no text
SHOWN = 20

DUMP = Annotated[list[Path] | None, typer.Option("--dump", help="MediaWiki export with the pages (may be given several times).")]


def hydrate(
    codings: Annotated[list[Path], typer.Argument(help="Tables of codings without texts (.csv), or folders of them.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the labelled cases (.jsonl), as `tagger train` reads them.")],
    dump: DUMP = None,
    texts: Annotated[
        list[Path] | None, typer.Option("--texts", help="Other texts that were coded (.jsonl, .csv, folders ...), found by their fingerprints.")
    ] = None,
    codebook: CODEBOOK = None,
) -> None:
    """Join codings with your own copy of the texts; say what matched and what changed since; write local training cases.

    Ends with status 3 where some codings found no text: these are listed in <output>.missing.csv.
    """
    from tagger.cli.screen import say

    found, lines = hydrate_to(codings, [*(dump or ()), *(texts or ())], output, codebook)
    for line in lines:
        say(line)
    print(output)
    if len(found.texts) < len(found.outcome):
        raise typer.Exit(INCOMPLETE)


def hydrate_to(codings: list[Path], sources: list[Path], output: Path, codebook: Path | None) -> tuple[Hydrated, list[str]]:
    """Hydrate, write the training cases and the list of what found no text; return what was found and what to tell the user."""
    import csv
    import io

    from tagger.case import Case
    from tagger.codebook import load_codebook
    from tagger.codings.table import read_codings
    from tagger.corpus.hydrate import hydrate, training_cases
    from tagger.errors import InputError, OutputError
    from tagger.reading import read
    from tagger.writing.durable import replace_bytes

    if not sources:
        raise InputError("no texts to join with: give --dump FILE (a MediaWiki export), --texts FILE, or both")
    if output.suffix != ".jsonl":
        raise OutputError(f"{output}: the labelled cases are written as .jsonl; give a name that ends so")
    book = load_codebook(codebook)
    rows = read_codings(codings, book)
    found = hydrate(rows, (r for r in read(sources) if isinstance(r, Case)))
    cases, unsettled = training_cases(rows, found, book)
    replace_bytes(output, "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases).encode("utf-8", errors="surrogatepass"))
    lines = [f"{count} of {len(found.outcome)} cases {name}" for name, count in found.counts.items() if count or name == "matched"]
    lines += [f"{len(unsettled)} matched cases left out: their label is not settled (see the merging rules)"] if unsettled else []
    bare = len({c.case for c in rows if not c.sha256})
    lines += [f"{bare} cases left out: their codings say of no text"] if bare else []
    missing = output.with_suffix(".missing.csv")
    if len(found.texts) < len(found.outcome):
        titles = {c.case: c.title for c in rows}
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([("case", "title", "outcome"), *((k, titles[k], o) for k, o in found.outcome.items() if o != "matched")])
        replace_bytes(missing, out.getvalue().encode())
        lines.append(f"the cases without text are listed in {missing}")
    else:
        missing.unlink(missing_ok=True)  # of an earlier run
    return found, [*lines, f"{len(cases)} labelled cases written"]


def dehydrate(
    folder: Annotated[
        Path, typer.Argument(help="Folder of coded texts: cases.jsonl (id, title, text, set), codings.csv (id, coder, facets, cues), labels.csv.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the table of codings (.csv).")],
    dump: DUMP = None,
    prefix: Annotated[str, typer.Option("--prefix", help="Put before the coders' names, so that coders of different sources stay apart.")] = "",
    version: Annotated[str, typer.Option("--codebook-version", help="Codebook that was coded by, where the rows do not say it.")] = "",
    date: Annotated[str, typer.Option("--date", help="Day of coding, where the rows do not say it.")] = "",
    codebook: CODEBOOK = None,
) -> None:
    """Take the texts out of a folder of coded texts: what stays are codes, titles, fingerprints and places, which may be published."""
    from tagger.case import Case
    from tagger.cli.screen import say
    from tagger.codebook import load_codebook
    from tagger.codings.table import write_codings
    from tagger.corpus.coded_folder import read_coded
    from tagger.corpus.hydrate import dehydrate
    from tagger.reading import read

    book = load_codebook(codebook)
    codings, texts = read_coded(folder, book, prefix=prefix, version=version, date=date)
    rows = dehydrate(codings, texts, (r for r in read(dump) if isinstance(r, Case)) if dump else ())
    write_codings(output, rows, book)
    placed = len({r.case for r in rows if r.place})
    say(f"{len(rows)} codings of {len({r.case for r in rows})} cases; {placed} texts found on their pages")
    print(output)


def add(
    table: Annotated[
        list[Path], typer.Argument(help="Coded cases (.csv, .tsv, .jsonl): id, title, text, economy, model, and if you like coder, the cues, note ...")
    ],
    corpus: Annotated[Path, typer.Option("--corpus", help="Folder of the corpus to add to; made where it is not there yet.")],
    coder: Annotated[str, typer.Option("--coder", help="Who coded, for rows without a column coder.")] = "",
    dry_run: Annotated[bool, typer.Option("--check-only", help="Check, and write nothing.")] = False,
    text_column: TEXT_COLUMN = None,
    encoding: ENCODING = None,
    codebook: CODEBOOK = None,
) -> None:
    """Add your own coded cases to a corpus. Every fault is told with its row and column; while there is one, nothing is written."""
    from tagger.cli.screen import count, say
    from tagger.codebook import load_codebook
    from tagger.corpus.add import add, check_rows, read_corpus
    from tagger.reading import read

    book = load_codebook(codebook)
    have, done = read_corpus(corpus, book)
    checked = check_rows(read(table, text_column=text_column, encoding=encoding), book, coder=coder, have=have, done=done)
    for fault in checked.faults[:SHOWN]:
        say(str(fault))
    if checked.faults:
        rows = len({fault.place for fault in checked.faults})
        say(f"{count(len(checked.faults), 'fault')} in {count(rows, 'row')}; nothing was written. Mend that and add the file again.")
        raise typer.Exit(FAULTY)
    say(f"{count(len(checked.new), 'coding')} to add" + (f", {checked.known} known already" if checked.known else ""))
    if not dry_run and checked.new:
        texts, codings = add(corpus, checked.new, book)
        say(f"added {count(texts, 'text')} and {count(codings, 'coding')} to {corpus}")
