"""``tagger diff``: two result files, or two models on the same texts: which cases changed, and why."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, MODELS, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.retrain.diff import Diff
    from tagger.writing.durable import Part

app = typer.Typer(add_completion=False)
SUFFIXES = (".json", ".html")
PIPED_WIDTH = 160


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Results of `tagger tag` (.jsonl), a model folder, or the name of a model in --models.", show_default=False)],
    after: Annotated[str, typer.Argument(help="The same of the other run.", show_default=False)],
    texts: Annotated[list[str] | None, typer.Option("--texts", help="With two models: what both are to tag, as for `tagger tag`.")] = None,
    output: Annotated[list[Path] | None, typer.Option("-o", "--output", help="Write it as .json or as an .html page (may be given twice).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    show: Annotated[int, typer.Option("--show", min=0, help="How many changed cases to print.")] = 10,
    models: MODELS = None,
    codebook: CODEBOOK = None,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
) -> None:
    """Show which cases have another code or status, and what caused it: text, codebook, cues, rules, weights, threshold or second look.

    A decision is a sum of ledger lines, so each cause is given with the log-odds by which it moved the margin between the old and the new code.
    Two models are compared without their second looks; to see what those do, compare results.
    """
    import json

    from tagger.cli.screen import console, labels_of, say
    from tagger.codebook import load_names

    with ExitStack() as made:
        parts = [(path, made.enter_context(_part(path))) for path in output or []]
        reading = {"format": format, "encoding": encoding, "text_column": text_column}
        found, told = diffed(before, after, texts or [], models, codebook, reading)
        labels = labels_of(load_names(codebook))
        for path, part in parts:
            part.write(rendered(found, labels, path))
    for line in told:
        say(line)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=True, indent=1))
        return
    from tagger.cli.diff_view import diff_view

    screen = console(highlight=False)
    screen.width = screen.width if screen.is_terminal else PIPED_WIDTH
    screen.print(diff_view(found, labels, show))


def diffed(
    before: str, after: str, texts: list[str], models: Path | None, codebook: Path | None, reading: dict[str, str | None] | None = None
) -> tuple[Diff, list[str]]:
    """Compare; return what was found and what to tell the user.

    Raises
    ------
    InputError
        Where the two are not of one kind, or texts are missing or not wanted.
    """
    from tagger.errors import InputError
    from tagger.retrain.diff import diff_results

    places = [_place(given, models) for given in (before, after)]
    if len({place.is_dir() for place in places}) > 1:
        raise InputError(f"{before} and {after}: one is a model and the other a result file; give two of a kind")
    if not places[0].is_dir():
        if texts:
            raise InputError("--texts is for two models; two result files hold what was tagged")
        found = diff_results(places[0], places[1])
        if not found.compared:
            raise InputError(f"{before} and {after}: have no case in common (cases are told by their ids); give results of the same cases")
        return found, notes(found)
    if not texts:
        raise InputError("two models are compared on texts: name some with --texts (files or folders, as `tagger tag` takes them)")
    return _with_models(places, (before, after), texts, codebook, reading or {})


def _place(given: str, models: Path | None) -> Path:
    """The file or folder that is meant: a path, or the name of a model."""
    from tagger.coding.model_manifest import NAME, model_names
    from tagger.errors import InputError
    from tagger.pipeline import released_models

    folder = models or released_models()
    if NAME.fullmatch(given) and given in (there := model_names(folder)) and (models is not None or not Path(given).exists()):
        return folder / given
    if not Path(given).exists():
        there = model_names(folder)
        raise InputError(f"{given}: no such result file, and no model of that name in {folder} (there: {', '.join(there) or 'none'})")
    return Path(given)


def _with_models(
    places: list[Path], names: tuple[str, str], texts: list[str], codebook: Path | None, reading: dict[str, str | None]
) -> tuple[Diff, list[str]]:
    from tagger.case import Case, Quarantined
    from tagger.errors import InputError
    from tagger.pipeline import Tagger
    from tagger.reading import read
    from tagger.retrain.diff import diff_models

    first, second = (Tagger.load(place, codebook) for place in places)
    told = list(dict.fromkeys([*first.cautions, *second.cautions]))
    unread: list[Quarantined] = []

    def cases():
        for record in read(texts, **reading):
            if isinstance(record, Case):
                yield record
            elif isinstance(record, Quarantined):
                unread.append(record)

    found = diff_models(first, second, cases(), names)
    if not found.compared:
        raise InputError(f"{', '.join(texts)}: there is no text to tag")
    told += [f"left out: {item.origin}: {item.message}" for item in unread]
    return found, told + notes(found)


def notes(found: Diff) -> list[str]:
    """Return what a user should know of how complete a comparison is."""
    from tagger.cli.screen import count

    told = [f"{count(len(only), 'case')} in {name} only" for name, only in zip(found.names, found.only, strict=True) if only]
    if found.untold:
        told.append(f"{count(found.untold, 'case')} without text in the results (--no-text): whether it is another text now cannot be told")
    if found.repeated:
        told.append(f"{count(found.repeated, 'row')} passed over: another row before has the same id")
    return told


def _part(path: Path) -> Part:
    from tagger.errors import OutputError
    from tagger.writing.durable import Part

    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"{path}: choose a name that ends in {' or '.join(SUFFIXES)}")
    return Part(path)


def rendered(found: Diff, labels: dict[tuple[str, str], str], path: Path) -> str:
    """Return a comparison as the text of the file `path`, whose suffix tells the format."""
    import json

    from tagger.retrain.diff_page import diff_page

    return json.dumps(found.as_dict(), ensure_ascii=True, indent=1) + "\n" if path.suffix.lower() == ".json" else diff_page(found.as_dict(), labels)
