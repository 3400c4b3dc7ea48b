"""`tagger tag` as one stream through this process: from standard input, to standard output, or with a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.cli.tag_report import Done, refuse_nothing

if TYPE_CHECKING:
    from tagger.batch import Tally
    from tagger.case import Decision, Record


def tag_stream(
    records: Iterable[Record],
    inputs: list[str],
    outputs: list[str],
    models: Path | None,
    codebook: Path | None,
    show: Callable[[Tally], None],
    keep: bool = False,
    text: bool = True,
    neural: bool = False,
) -> Done:
    """Tag `records` into `outputs`, and what could not be read into the quarantine beside the first.

    Raises
    ------
    TaggerError
        Before any work where codebook, model or an output cannot be had; after it where there was no text at all in the folders named.
    """
    from tagger.batch import Tally, tag_all
    from tagger.cli.interrupt import CtrlC
    from tagger.cli.outputs import Outputs, partial_name
    from tagger.cli.screen import labels_of
    from tagger.pipeline import Tagger
    from tagger.retrain.drifted import watch_for
    from tagger.retrain.stale import cautions_of
    from tagger.writing.quarantine import write_quarantine
    from tagger.writing.terminal import Shown

    tagger = Tagger.load(models, codebook, neural)
    watch = watch_for(models, tagger)
    done = Done(Tally(), [], labels_of(tagger.codebook), cautions_of(models, tagger))
    with CtrlC() as ctrl_c, Outputs(outputs, tagger.codebook, text) as files:

        def write(decision: Decision) -> None:
            ctrl_c.hold()  # until the counts are right again: all outputs get a case, or none
            files.write(decision)
            if watch is not None:
                watch.add(decision)
            if keep:
                done.shown.append(Shown.of(decision))

        try:
            for tally in tag_all(records, tagger, done.tally, write):
                ctrl_c.release()
                show(tally)
        except KeyboardInterrupt:
            named = [partial_name(path) for path in outputs if path != "-"]
            done.stopped = "Stopped: what was finished is kept" + (f" in {', '.join(named)}" if named else "")
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
    done.caution_of(watch)
    return done
