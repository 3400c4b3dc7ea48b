"""What a run of `tagger tag` came to, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.batch import Tally
    from tagger.retrain.drifted import Watch
    from tagger.writing.terminal import Shown


@dataclass
class Done:
    """Counts, rows of the table (if they were to be kept), labels by (facet, code), what to be aware of, how it was stopped ('': not), what is
    kept for the next run, and whether the quarantine is written: a run in shards does that at its end alone."""

    tally: Tally
    shown: list[Shown]
    labels: dict[tuple[str, str], str]
    cautions: tuple[str, ...] = ()
    stopped: str = ""
    kept: str = ""
    listed: bool = True

    def caution_of(self, watch: Watch | None) -> None:
        """Add what a watch over the batch has to say."""
        drift = watch.report() if watch is not None else None
        if drift is not None and drift.sentence:
            self.cautions += (drift.sentence,)


def report(done: Done, outputs: list[str]) -> None:
    """Say on standard error what was done and where it is."""
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
    if tally.reused:
        say(f"{tally.reused} of them are as the last run read them: their results are taken from it")
    for caution in done.cautions:
        say(caution)
    if done.stopped:
        say(done.stopped)
    else:
        for path in outputs:
            if path != "-":
                say(f"written: {path}")
        if done.kept:
            say(done.kept)
    for item in tally.quarantined[:3]:
        say(f"quarantined: {item.origin}: {item.message}")
    if tally.quarantined:
        where = quarantine_path(outputs[0])
        say(f"{len(tally.quarantined)} quarantined, " + (f"listed in {where}" if done.listed else f"to be listed in {where} once the run is done"))


def refuse_overwriting(inputs: list[str], outputs: list[str]) -> None:
    """Raise OutputError where an output would replace an input, two outputs have one name, or one has the quarantine's."""
    from tagger.errors import OutputError
    from tagger.places import key_of
    from tagger.writing.quarantine import NAME

    files = [key_of(p) for p in outputs if p != "-"]
    for path in files:
        if path in {key_of(i) for i in inputs if i != "-"}:
            raise OutputError(f"{path}: is also an input and would be replaced; choose another name for the output")
        if Path(path).name == NAME:
            raise OutputError(f"{path}: this name is kept for what cannot be read; choose another name for the output")
    if len(set(outputs)) != len(outputs) or len(set(files)) != len(files):
        raise OutputError(f"{', '.join(outputs)}: two outputs have one name; give each its own")


def refuse_nothing(tally: Tally, inputs: list[str]) -> None:
    """Raise InputError where folders were named and there was no file in them that can be read: that is a wrong path, or a format to be named."""
    from tagger.errors import InputError
    from tagger.places import place
    from tagger.reading import FORMATS

    folders = [path for path in inputs if path != "-" and place(path).is_dir()]
    if folders and tally.seen == tally.skipped["format"] + tally.skipped["output"]:
        other = f", only {tally.skipped['format']} of other kinds" if tally.skipped["format"] else ""
        known = f"Known: {', '.join(FORMATS)} (and .bz2, .gz, .zst of them); or say what they are with --format."
        raise InputError(f"{', '.join(folders)}: no file here that I read{other}. {known}")
