"""``tagger tag``: read, tag, write; progress on standard error, results alone on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODING, FORMAT, LIMIT, MODELS, TEXT_COLUMN

if TYPE_CHECKING:
    from tagger.batch import Tally
    from tagger.case import Decision, Record

app = typer.Typer(add_completion=False)
QUARANTINED, INTERRUPTED = 3, 130
PIPED_WIDTH = 120  # columns of the table where it goes to no terminal


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
    text: Annotated[bool, typer.Option("--text/--no-text", help="Keep the text in JSONL results; `tagger review` shows it.")] = True,
    table: Annotated[bool, typer.Option("--table", help="Print a table of the results.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Tag cases: economy and model for each text, with every piece of evidence.

    What cannot be read goes to quarantine.jsonl beside the output, the run goes on, and the exit status is 3.
    """
    from tagger.cli.outputs import without_outputs
    from tagger.cli.progress import Progress, expected, size_of
    from tagger.reading import read

    outputs = output or ["-"]
    refuse_overwriting(inputs, outputs)
    silent = quiet or not sys.stderr.isatty() or ("-" in outputs and sys.stdout.isatty())  # a bar would be drawn over the results
    progress = Progress(silent) if silent else Progress(silent, expected(inputs, format, limit), size_of(inputs))
    read_records = read(inputs, format=format, encoding=encoding, text_column=text_column, limit=limit, on_bytes=progress.read)
    records = without_outputs(read_records, outputs)
    with progress:
        done = tag_to(records, inputs, outputs, models, codebook, progress.show, keep=table, text=text)
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


@dataclass
class Done:
    """What a run came to: its counts, the decisions (if they were to be kept), labels by (facet, code), what to be aware of, and whether Ctrl-C ended it."""

    tally: Tally
    shown: list[Decision]
    labels: dict[tuple[str, str], str]
    cautions: tuple[str, ...] = ()
    stopped: bool = False


def tag_to(
    records: Iterable[Record],
    inputs: list[str],
    outputs: list[str],
    models: Path | None,
    codebook: Path | None,
    show: Callable[[Tally], None],
    keep: bool = False,
    text: bool = True,
) -> Done:
    """Tag `records` into `outputs`, and what could not be read into the quarantine beside the first.

    Raises
    ------
    TaggerError
        Before any work where codebook, model or an output cannot be had; after it where there was no text at all in the folders named.
    """
    from tagger.batch import Tally, tag_all
    from tagger.cli.interrupt import CtrlC
    from tagger.cli.outputs import Outputs
    from tagger.cli.screen import labels_of
    from tagger.pipeline import Tagger
    from tagger.retrain.drifted import watch_for
    from tagger.retrain.stale import cautions_of
    from tagger.writing.quarantine import write_quarantine

    tagger = Tagger.load(models, codebook)
    watch = watch_for(models, tagger)
    done = Done(Tally(), [], labels_of(tagger.codebook), cautions_of(models, tagger))
    with CtrlC() as ctrl_c, Outputs(outputs, tagger.codebook, text) as files:

        def write(decision: Decision) -> None:
            ctrl_c.hold()  # until the counts are right again: all outputs get a case, or none
            files.write(decision)
            if watch is not None:
                watch.add(decision)
            if keep:
                done.shown.append(decision)

        try:
            for tally in tag_all(records, tagger, done.tally, write):
                ctrl_c.release()
                show(tally)
        except KeyboardInterrupt:
            done.stopped = True
        except BrokenPipeError:  # whoever read standard output went away: other outputs are not whole, and say so by their names
            files.keep_partial()
            raise
        ctrl_c.hold()
        if done.stopped:
            files.keep_partial()
        else:
            refuse_nothing(done.tally, inputs)
            files.commit(done.tally.as_dict())
        write_quarantine(outputs[0], done.tally.quarantined)
    drift = watch.report() if watch is not None else None
    if drift is not None and drift.sentence:
        done.cautions += (drift.sentence,)
    return done


def report(done: Done, outputs: list[str]) -> None:
    """Say on standard error what was done and where it is."""
    from tagger.cli.outputs import partial_name
    from tagger.cli.screen import count, say
    from tagger.writing.quarantine import quarantine_path

    tally = done.tally
    say(str(tally))
    by_status = ", ".join(f"{n} {s}" for (facet, s), n in sorted(tally.statuses.items()) if facet == "model")
    if by_status:
        say(f"models: {by_status}")
    elif not tally.quarantined and not done.stopped:
        say("nothing was tagged: there was no text in what was read")
    if tally.noted:
        say(f"{count(tally.noted, 'text')} had to be mended while reading (see \"notes\" in the results)")
    if tally.repeated:
        say(f"{count(tally.repeated, 'case')} with an id that another case had before: all are written, but their ids no longer tell them apart")
    for caution in done.cautions:
        say(caution)
    files = [path for path in outputs if path != "-"]
    if done.stopped:
        say("Stopped: what was finished is kept" + (f" in {', '.join(partial_name(p) for p in files)}" if files else ""))
    else:
        for path in files:
            say(f"written: {path}")
    for item in tally.quarantined[:3]:
        say(f"quarantined: {item.origin}: {item.message}")
    if tally.quarantined:
        say(f"{len(tally.quarantined)} quarantined, listed in {quarantine_path(outputs[0])}")


def refuse_overwriting(inputs: list[str], outputs: list[str]) -> None:
    """Raise OutputError where an output would replace an input, two outputs have one name, or one has the quarantine's."""
    from tagger.errors import OutputError
    from tagger.writing.quarantine import NAME

    files = [Path(p).resolve() for p in outputs if p != "-"]
    for path in files:
        if path in {Path(i).resolve() for i in inputs if i != "-"}:
            raise OutputError(f"{path}: is also an input and would be replaced; choose another name for the output")
        if path.name == NAME:
            raise OutputError(f"{path}: this name is kept for what cannot be read; choose another name for the output")
    if len(set(outputs)) != len(outputs) or len(set(files)) != len(files):
        raise OutputError(f"{', '.join(outputs)}: two outputs have one name; give each its own")


def refuse_nothing(tally: Tally, inputs: list[str]) -> None:
    """Raise InputError where folders were named and there was no file in them that can be read: that is a wrong path, or a format to be named."""
    from tagger.errors import InputError
    from tagger.reading import FORMATS

    folders = [path for path in inputs if path != "-" and Path(path).is_dir()]
    if folders and tally.seen == tally.skipped["format"] + tally.skipped["output"]:
        other = f", only {tally.skipped['format']} of other kinds" if tally.skipped["format"] else ""
        known = f"Known: {', '.join(FORMATS)} (and .bz2, .gz, .zst of them); or say what they are with --format."
        raise InputError(f"{', '.join(folders)}: no file here that I read{other}. {known}")
