"""`tagger tag` from files to files: in shards, by several workers, going on where an earlier run of the same command stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagger.cli.tag_report import Done, refuse_nothing

if TYPE_CHECKING:
    from tagger.batch.backends import Backend
    from tagger.batch.folder import WorkFolder
    from tagger.batch.work import Job
    from tagger.case import Decision
    from tagger.cli.shard_progress import Shown
    from tagger.codebook import Codebook
    from tagger.pipeline import Tagger
    from tagger.reading.shards import Shard
    from tagger.reading.sources import Source
    from tagger.retrain.drifted import Watch
    from tagger.writing import Sheet

WORTHWHILE = 6 << 20  # bytes of text, about: for less, a second process takes longer to begin than the first to end
UNPACKED = 4  # times as large as packed, about


@dataclass(frozen=True)
class Sheets:
    """What is made of each decision: a piece for each output, its id, what the watch over the batch wants to know, and its row of the table."""

    outputs: tuple[str, ...]
    models: Path | None
    text: bool
    table: bool
    neural: bool = False

    def __call__(self, tagger: Tagger) -> list[Sheet]:
        from tagger.batch.merge import IdSheet
        from tagger.cli.screen import labels_of
        from tagger.retrain.drifted import watch_for
        from tagger.writing import open_sheet

        watch = watch_for(self.models, tagger)
        made = [open_sheet(path, labels=labels_of(tagger.codebook), text=self.text) for path in self.outputs]
        return [*made, IdSheet(), *([watch] if watch is not None else []), *([TableSheet()] if self.table else [])]


class TableSheet:
    """A decision's row of the table."""

    def piece(self, decision: Decision) -> bytes:
        from tagger.writing.terminal import Shown

        return json.dumps(Shown.of(decision)).encode() + b"\n"


@dataclass
class _To:
    """Hands pieces on to a function."""

    add: Callable[[bytes], None]


def jobs_for(shards: list[Shard]) -> int:
    """Return how many workers are worth their start: one for little, else as many as there are cores."""
    from joblib import cpu_count

    from tagger.reading.paths import PACKED

    size = sum(shard.size * (UNPACKED if shard.files and Path(shard.files[0]).suffix.lower() in PACKED else 1) for shard in shards)
    return min(cpu_count(), len(shards)) if size > WORTHWHILE else 1


def tag_shards(
    source: Source, shards: list[Shard], sheets: Sheets, codebook: Path | None, backend: Backend, shown: Shown, seconds: float = 0.0, keep: bool = True,
    work: Path | None = None,
) -> Done:
    """Tag `shards` of `source` into the outputs of `sheets`, and what could not be read into the quarantine beside the first.

    Parameters
    ----------
    shown : object
        Its `tell` is told how far the run is, its `resumed` how many shards of how many an earlier run of the same command had done.
    seconds : float
        Time limit of a record; 0: none.
    keep : bool
        Whether results are taken from an earlier run that kept them, and kept for a later one (of an input of more than one shard).
    work : Path, optional
        Folder for what is kept until the outputs are whole; without it that is beside the first output, or see `beside_of`.

    Raises
    ------
    TaggerError
        Before any work where codebook, model or an output cannot be had; after it where there was no text at all in the folders named.
    """
    from tagger.batch import Tally
    from tagger.batch.folder import WorkFolder, beside_of, folder_of
    from tagger.batch.kept import kept_folder_of
    from tagger.batch.supervise import run
    from tagger.batch.work import Job, forget, made_by, ready
    from tagger.cli.interrupt import CtrlC
    from tagger.cli.outputs import Outputs
    from tagger.cli.screen import labels_of
    from tagger.errors import OutputError
    from tagger.pipeline import Tagger
    from tagger.retrain.drifted import watch_for
    from tagger.retrain.stale import cautions_of
    from tagger.writing.durable import remove_left

    models, outputs = sheets.models, list(sheets.outputs)
    beside = beside_of(outputs[0], work)
    tagger = Tagger.load(models, codebook, sheets.neural)
    watch = watch_for(models, tagger)
    done = Done(Tally(), [], labels_of(tagger.codebook), cautions_of(models, tagger))
    folder = WorkFolder(folder_of(beside))
    kept = kept_folder_of(beside) if keep else None
    job = Job(folder.path, source, models, codebook, tagger.provenance, sheets, seconds, kept, sheets.neural)
    codebook_used, made = tagger.codebook, made_by(job, tagger)
    Outputs(outputs, codebook_used, sheets.text).__exit__()  # whether they can be written is told before the work, not after it
    with CtrlC():
        told = identity(job, tagger, shards)
        shards = list(folder.cuts(told, shards))  # of an earlier run with another number of workers
        before = folder.begin(told, shards, job.run, seconds)
        if before:
            shown.resumed(before, len(shards))
        for path in outputs:  # nobody else is writing them: we have the folder
            remove_left(path)
        try:
            if backend.in_process:
                ready(job, tagger)
            run(job, shards, backend, shown.tell)
            forget()
            del tagger  # its automata have grown with the texts; what follows takes their room
            made_of = _assemble(folder, job, shards, codebook_used, watch, done)
        except KeyboardInterrupt:
            tallies = [tally for shard in shards if (tally := folder.tally(shard.number)) is not None]
            done.tally = Tally()  # parts may have been counted already, while they were put together
            for tally in tallies:
                done.tally.add(tally)
            done.shown.clear()
            done.stopped = f"Stopped: {len(tallies)} of {len(shards)} parts are done and kept; the same command goes on from there."
        except BrokenPipeError:
            raise
        except OSError as problem:
            message = f"{problem.filename or folder.path}: {problem.strerror or problem}. What is done is kept, and the same command goes on from there."
            raise OutputError(message) from problem
        else:
            _finish(folder, job, len(shards), made_of, made, done)
        finally:
            folder.close()
    if not done.stopped:
        done.caution_of(watch)
    return done


def identity(job: Job, tagger: Tagger, shards: list[Shard]) -> dict[str, Any]:
    """Return all that the parts depend on: versions, options, and the input files with their size and time of change (or etag)."""
    from tagger.places import place, version_of

    files = [(name, place(name)) for shard in shards for name in shard.files[: None if not shard.start else 0]]
    return {
        "provenance": asdict(tagger.provenance),
        "thresholds": asdict(tagger.thresholds),
        "source": asdict(replace(job.source, base="")),
        "sheets": asdict(job.sheets),
        "inputs": [[name, *version_of(path)] if path.exists() else [name] for name, path in files],
    }


def _assemble(folder: WorkFolder, job: Job, shards: list[Shard], codebook: Codebook, watch: Watch | None, done: Done) -> int:
    """Put the parts together to the outputs, and return of how many sheets; what is there under their names is whole."""
    from tagger.batch.merge import Ids, merge
    from tagger.cli.outputs import Outputs
    from tagger.errors import InputError
    from tagger.writing.quarantine import write_quarantine
    from tagger.writing.terminal import Shown

    ids, outputs = Ids(), list(job.sheets.outputs)
    with Outputs(outputs, codebook, job.sheets.text) as files:
        takers: list[Any] = [*files.takers, ids]
        if watch is not None:
            takers.append(_To(watch.add_piece))
        if job.sheets.table:
            takers.append(_To(lambda piece: done.shown.append(Shown(*json.loads(piece)))))
        done.tally = merge(folder, shards, takers)
        done.tally.repeated = ids.repeated
        try:
            refuse_nothing(done.tally, list(job.source.named))
        except InputError:
            folder.remove()  # there is nothing to go on with
            raise
        files.commit(done.tally.as_dict())
    write_quarantine(outputs[0], done.tally.quarantined)
    return len(takers)


def _finish(folder: WorkFolder, job: Job, shards: int, sheets: int, made: dict[str, Any], done: Done) -> None:
    """Keep the parts for the next run, or remove them: the outputs are there, whole, and whatever happens now costs the keeping alone."""
    from tagger.batch.kept import keep
    from tagger.errors import OutputError

    if job.kept is not None and shards > 1:
        try:
            size = keep(folder.path, job.kept, shards, sheets, made)
            done.kept = f"kept for the next run: {job.kept.name} ({size / 1e6:.0f} MB; --no-keep leaves that out)"
            return
        except KeyboardInterrupt:
            done.kept = "interrupted while results were being kept for the next run; the outputs are whole"
        except (OSError, OutputError) as problem:
            done.kept = f"nothing could be kept for the next run, which will do all anew ({problem})"
    try:
        folder.remove()
    except FileNotFoundError:  # it has its new name already
        pass
    except OSError as problem:
        done.kept = f"{folder.path}: could not be removed ({problem.strerror or problem}); nothing in it is needed any more"
