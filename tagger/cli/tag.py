"""``tagger tag``: read, tag, write; progress on standard error, results alone on standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, MODELS, NEURAL, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.batch.backends import Backend
    from tagger.cli.tag_report import Done

app = typer.Typer(add_completion=False)
QUARANTINED, INTERRUPTED = 3, 130
TIME_LIMIT = 60.0  # seconds
PIPED_WIDTH = 120  # columns of the table where it goes to no terminal


class Backends(StrEnum):
    """Where workers run."""

    loky = "loky"
    threading = "threading"
    dask = "dask"
    ray = "ray"
    spark = "spark"


class Told(StrEnum):
    """How progress is told."""

    bar = "bar"
    json = "json"


@app.command()
def tag(
    inputs: Annotated[
        list[str],
        typer.Argument(help="Files or folders (txt, md, html, mediawiki, xml, csv, tsv, jsonl, each also .bz2, .gz, .zst; parquet), or - for standard input."),
    ],
    output: Annotated[
        list[str] | None,
        typer.Option("-o", "--output", help="Where to write: .jsonl, .csv (also .gz, .zst), .parquet, .html; repeatable. Standard output (JSONL) if left out."),
    ] = None,
    models: MODELS = None,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
    format: FORMAT = None,
    encoding: ENCODING = None,
    text_column: TEXT_COLUMN = None,
    neural: NEURAL = False,
    text: Annotated[bool, typer.Option("--text/--no-text", help="Keep the text in JSONL and Parquet results; `tagger review` shows it.")] = True,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Workers; all of a cluster, or as many as there are cores, if left out.")] = None,
    backend: Annotated[Backends | None, typer.Option("--backend", help="Where workers run: here (loky, threading) or on a cluster.")] = None,
    scheduler: Annotated[str, typer.Option("--scheduler", help="Address of the Dask scheduler, Ray head or Spark master.")] = "",
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", min=0, help="Seconds for a record, 60 if left out; what takes longer is quarantined (by threads once it ends). 0: none."),
    ] = None,
    progress: Annotated[Told, typer.Option("--progress", help="On standard error: a bar (on a terminal), or JSON lines for schedulers.")] = Told.bar,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep results beside the output, so that the next run does only what changed.")] = True,
    work: Annotated[
        str | None,
        typer.Option("--work", metavar="PATH", help="Folder for parts until the outputs are whole, seen by all workers; beside the first output if left out."),
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="Print a table of the results.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No bar, no summary; the JSON lines of --progress json come all the same.")] = False,
) -> None:
    """Tag cases: economy and model for each text, with every piece of evidence.

    What cannot be read goes to quarantine.jsonl beside the output, the run goes on, and the exit status is 3. From files to files the same command, given again
    after any end (Ctrl-C, a full disk, a power cut), goes on where it stopped.
    """
    from tagger.cli.tag_report import refuse_overwriting, report
    from tagger.places import plain

    inputs, outputs = [plain(name) for name in inputs], [plain(name) for name in output or ["-"]]
    refuse_overwriting(inputs, outputs)
    given = Given(inputs, outputs, models, codebook, format, encoding, text_column, table, text, folder_named(work), neural)
    if "-" in (*inputs, *outputs) or limit is not None:
        refuse_workers(jobs, backend, {"--scheduler": scheduler, "--work": work, "--time-limit": time_limit})
        done = streamed(given, limit, quiet, progress)
    else:
        done = sharded(given, chosen_backend(backend, jobs, scheduler), TIME_LIMIT if time_limit is None else time_limit, keep, quiet, progress)
    if table:
        from tagger.cli.screen import console
        from tagger.writing.terminal import results_table

        screen = console(stderr="-" in outputs)
        screen.width = screen.width if screen.is_terminal else PIPED_WIDTH
        screen.print(results_table(done.shown, done.labels))
    if not quiet:
        report(done, outputs)
    if done.stopped:
        raise typer.Exit(INTERRUPTED)
    if done.tally.quarantined:
        raise typer.Exit(QUARANTINED)


@dataclass(frozen=True)
class Given:
    """What the user asked for, however it is done."""

    inputs: list[str]
    outputs: list[str]
    models: Path | None
    codebook: Path | None
    format: str | None
    encoding: str | None
    text_column: str | None
    table: bool
    text: bool
    work: Path | None = None
    neural: bool = False


def streamed(given: Given, limit: int | None, quiet: bool, progress: Told) -> Done:
    """Tag in one stream."""
    from tagger.cli.outputs import without_outputs
    from tagger.cli.progress import Progress, expected, size_of
    from tagger.cli.shard_progress import LinesOfStream
    from tagger.cli.tag_stream import tag_stream
    from tagger.reading import read

    inputs, outputs = given.inputs, given.outputs
    silent = quiet or progress != Told.bar or not sys.stderr.isatty() or ("-" in outputs and sys.stdout.isatty())  # a bar would be drawn over the results
    bar = Progress(silent) if silent else Progress(silent, expected(inputs, given.format, limit), size_of(inputs))
    records = read(inputs, format=given.format, encoding=given.encoding, text_column=given.text_column, limit=limit, on_bytes=bar.read)
    lines = LinesOfStream() if progress == Told.json else None
    show = lines.show if lines is not None else bar.show
    with bar:
        done = tag_stream(without_outputs(records, outputs), inputs, outputs, given.models, given.codebook, show, given.table, given.text, given.neural)
    if lines is not None:
        lines.end(done.tally, whole=not done.stopped)
    return done


def sharded(given: Given, backend: Backend | None, seconds: float, keep: bool, quiet: bool, progress: Told) -> Done:
    """Tag in shards, by `backend` (None: as many workers of this machine as the input is worth)."""
    from tagger.batch.backends import Backend
    from tagger.cli.outputs import ours
    from tagger.cli.shard_progress import shard_progress
    from tagger.cli.tag_shards import Sheets, jobs_for, tag_shards
    from tagger.reading.shards import plan, scale_for
    from tagger.reading.sources import Source

    source = Source(tuple(given.inputs), given.format, given.encoding, given.text_column)
    source.check()
    shards = plan(source, leave_out=ours(given.outputs))
    backend = backend or Backend(jobs=jobs_for(shards))
    if (scale := scale_for(shards, backend.jobs)) != 1.0:  # else it is cut so already; elsewhere a list of many files takes many requests
        shards = plan(source, leave_out=ours(given.outputs), scale=scale)
    if backend.elsewhere:
        source = replace(source, base=str(Path.cwd()))
        given = replace(given, models=given.models and given.models.absolute(), codebook=given.codebook and given.codebook.absolute())
        _check_work(given, backend)
    with shard_progress(progress, quiet) as shown:
        sheets = Sheets(tuple(given.outputs), given.models, given.text, given.table, given.neural)
        done = tag_shards(source, shards, sheets, given.codebook, backend, shown, seconds, keep, given.work)
    done.listed = not done.stopped
    return done


def _check_work(given: Given, backend: Backend) -> None:
    """Raise InputError where workers on other machines would not see where parts are kept."""
    from tagger.errors import InputError
    from tagger.places import is_url

    if backend.scheduler and given.work is None and is_url(given.outputs[0]):
        raise InputError(f"{given.outputs[0]}: workers of a cluster leave their parts in a folder that all of them and this machine see; name one with --work")


def chosen_backend(name: Backends | None, jobs: int | None, scheduler: str) -> Backend | None:
    """Return the backend that the user asked for; None where the choice is ours."""
    from tagger.batch.backends import Backend

    if name is None and jobs is None and not scheduler:
        return None
    from joblib import cpu_count

    return Backend(name.value if name is not None else "loky", jobs or (0 if scheduler else cpu_count()), scheduler)


def folder_named(work: str | None) -> Path | None:
    """Return the folder that ``--work`` names; raise InputError for a URL, since parts are locked, synced and renamed."""
    from tagger.errors import InputError
    from tagger.places import is_url, plain

    folder = plain(work) if work is not None else None
    if folder is not None and is_url(folder):
        raise InputError(f"{work}: parts are kept in a folder of a file system, not under a URL; name such a folder with --work")
    return Path(folder) if folder is not None else None


def refuse_workers(jobs: int | None, backend: Backends | None, options: Mapping[str, object]) -> None:
    """Raise InputError where workers, or `options` that only they heed, are asked for and the input or output is a stream."""
    from tagger.errors import InputError

    asked = ["several workers"] if backend is not None or (jobs or 1) > 1 else []
    asked += [name for name, value in options.items() if value]
    if asked:
        need = "needs" if len(asked) == 1 and asked[0] in options else "need"
        raise InputError(f"{' and '.join(asked)} {need} files to read and files to write: name them instead of -, and leave --limit out")
