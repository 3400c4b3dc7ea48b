"""``tagger report``: the methods appendix of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, MODELS

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.retrain.appendix.blocks import Document
    from tagger.retrain.appendix.coded import Coded
    from tagger.retrain.appendix.document import Model

SUFFIXES = (".md", ".html", ".docx")
app = typer.Typer(add_completion=False)


@app.command()
def report(
    output: Annotated[list[Path], typer.Option("-o", "--output", help="File to write: .md, .html or .docx (may be given several times).")],
    store: Annotated[str | None, typer.Option("--store", help="Store of a review: its codings and decisions.")] = None,
    codings: Annotated[list[Path] | None, typer.Option("--codings", help="Tables of codings (.csv), or folders of them.")] = None,
    coders: Annotated[Path | None, typer.Option("--coders", help="Table of coders (coder,kind,saw); coders.csv beside the codings if left out.")] = None,
    evaluation: Annotated[Path | None, typer.Option("--evaluation", help="What `tagger evaluate -o evaluation.json` wrote.")] = None,
    drift: Annotated[Path | None, typer.Option("--drift", help="Figures of drift (.json).")] = None,
    models: MODELS = None,
    codebook: CODEBOOK = None,
    date: Annotated[str | None, typer.Option("--date", help="Date of the appendix (2026-11-23); today if left out.")] = None,
    replicates: Annotated[int, typer.Option("--replicates", min=100, max=100_000, help="Bootstrap samples of the cases.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
) -> None:
    """Write the methods appendix: codebook, sample, who coded, agreement, how the tool was measured, versions, and how to cite.

    What was not given is said to be missing; no figure is made up.
    """
    from tagger.cli.screen import say

    check_names(output)
    day = day_of(date)
    document = made(store, codings or [], coders, evaluation, drift, models, codebook, day, replicates, seed)
    for path in output:
        for line in write(document, path, day):
            print(line)
    for what in document.missing:
        say(f"missing: {what}")


def check_names(paths: list[Path]) -> None:
    """Refuse a name of none of the three formats, before the work."""
    from tagger.errors import OutputError

    for path in paths:
        if path.suffix.lower() not in SUFFIXES:
            raise OutputError(f"{path}: choose a name that ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")


def day_of(date: str | None) -> str:
    """Return a date as given, checked; today (UTC) for None."""
    from datetime import UTC, datetime
    from datetime import date as day

    from tagger.errors import InputError

    try:
        return day.fromisoformat(date).isoformat() if date is not None else datetime.now(UTC).date().isoformat()
    except ValueError:
        raise InputError(f"--date {date!r}: is no date; write it as 2026-11-23") from None


def made(
    store: str | None,
    codings: list[Path],
    coders: Path | None,
    evaluation: Path | None,
    drift: Path | None,
    models: Path | None,
    codebook: Path | None,
    date: str,
    replicates: int,
    seed: int,
) -> Document:
    """Gather what there is and return the appendix; raises :class:`TaggerError` for what was given and cannot be read."""
    from tagger.codebook import load_codebook
    from tagger.retrain.appendix.document import Given, appendix
    from tagger.retrain.appendix.measured import read_figures

    book = load_codebook(codebook)
    measured = read_figures(evaluation, "what `tagger evaluate -o evaluation.json` wrote") if evaluation is not None else None
    drifted = read_figures(drift, "figures of drift as JSON") if drift is not None else None
    coded = gathered(store, codings, coders, book)
    return appendix(Given(book, date, coded, measured, str(evaluation or ""), model_in_use(models), drifted, replicates, seed))


def gathered(store: str | None, paths: list[Path], coders: Path | None, book: Codebook) -> Coded | None:
    """Return the codings of the files and of the store, with what is known of their coders; None where neither was given."""
    from tagger.codings.table import coding_files, read_codings
    from tagger.retrain.appendix.coded import CODERS, Coded, read_coders

    if store is None and not paths:
        return None
    found = read_codings(paths, book) if paths else []
    tables = [coders] if coders is not None else [p for p in dict.fromkeys(f.parent / CODERS for f in coding_files(paths)) if p.is_file()]
    kinds: dict[str, str] = {}
    saw: dict[str, str] = {}
    for table in tables:
        for whole, part in zip((kinds, saw), read_coders(table), strict=True):
            whole.update(part)
    sources, texts = [p.name for p in paths], None
    if store is not None:
        from tagger.review.codings_out import codings_of
        from tagger.review.store import open_store

        with open_store(store, create=False) as opened:
            found += list(codings_of(opened))
            texts = {head.id: head.sha256 for head in opened.heads()}
            sources.append(f"the review {Path(opened.where).name}")
    return Coded(", ".join(sources), found, kinds, saw, texts)


def model_in_use(models: Path | None) -> Model | None:
    """Return the model in use with its manifest, its files checked; None where the rules alone decide."""
    from tagger.coding.model_file import current_folder, load_weights
    from tagger.errors import InputError
    from tagger.pipeline import released_models
    from tagger.retrain.appendix.document import Model

    if models is not None and not models.is_dir():
        raise InputError(f"{models}: no such folder of models")
    folder = current_folder(models or released_models())
    return None if folder is None else Model(folder.name, load_weights(folder)[1])


def write(document: Document, path: Path, date: str) -> list[str]:
    """Write the appendix in the format of the suffix, with plots beside a .md; return the names written.

    Raises
    ------
    OutputError, InputError
    """
    from tagger.retrain.appendix.markdown import as_markdown, svg_files
    from tagger.retrain.appendix.page import as_html
    from tagger.retrain.appendix.word import as_docx
    from tagger.writing.durable import output_error, replace_bytes

    if path.suffix.lower() == ".docx":
        replace_bytes(path, as_docx(document, date))
    elif path.suffix.lower() == ".html":
        replace_bytes(path, as_html(document).encode(errors="backslashreplace"))
    else:
        folder = path.with_name(f"{path.stem}_files")
        pictures = svg_files(document)
        if pictures:
            try:
                folder.mkdir(exist_ok=True)
            except OSError as problem:
                raise output_error(folder, problem) from problem
        for name, drawn in pictures.items():
            replace_bytes(folder / name, drawn.encode(errors="backslashreplace"))
        from urllib.parse import quote

        replace_bytes(path, as_markdown(document, quote(folder.name)).encode(errors="backslashreplace"))
        return [str(path), *([str(folder)] if pictures else [])]
    return [str(path)]
