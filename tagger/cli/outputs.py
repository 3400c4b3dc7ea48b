"""The outputs of one run: opened together, finished together, and never read as its input."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.case import Decision, Record
    from tagger.codebook import Codebook
    from tagger.writing import Writer


class Outputs:
    """The writers of a run as one: opened together, and, unless they were finished, aborted together at the end."""

    def __init__(self, paths: list[str], codebook: Codebook, text: bool = True):
        from tagger.cli.screen import criteria_of, labels_of
        from tagger.writing import open_writer

        self._writers: list[Writer] = []
        try:
            for path in paths:
                self._writers.append(open_writer(path, labels=labels_of(codebook), criteria=criteria_of(codebook), text=text))
        except BaseException:
            self._abort()
            raise

    @property
    def takers(self) -> list[Writer]:
        """The writers, in the order of the outputs."""
        return list(self._writers)

    def write(self, decision: Decision) -> None:
        for writer in self._writers:
            writer.write(decision)

    def commit(self, summary: dict[str, object]) -> None:
        while self._writers:
            self._writers[0].commit(summary)
            del self._writers[0]

    def keep_partial(self) -> None:
        while self._writers:
            self._writers[0].keep_partial()
            del self._writers[0]

    def _abort(self) -> None:
        for writer in self._writers:
            writer.abort()

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, *exc: object) -> None:
        self._abort()


def partial_name(path: str) -> str:
    """Return the name under which an interrupted output is kept."""
    from tagger.places import place
    from tagger.writing.durable import partial_path

    return str(partial_path(place(path)))


def without_outputs(records: Iterable[Record], outputs: list[str]) -> Iterator[Record]:
    """Pass `records` on, but none out of this run's own outputs: one `Skipped` for each such file.

    ``tagger tag . -o here.jsonl``, run again, meets what the first run wrote; ``tagger tag . > here.jsonl`` meets it while it is written.
    """
    from tagger.case import Origin, Skipped

    is_ours = ours(outputs)
    told: dict[str, bool] = {}
    for record in records:
        file = record.origin.file
        if file not in told:
            told[file] = is_ours(file)
            if told[file]:
                yield Skipped("output", Origin(file))
        if not told[file]:
            yield record


def ours(outputs: list[str]) -> Callable[[str], bool]:
    """Return what tells whether a file is one that this run writes, or an earlier run with the same outputs has left."""
    from tagger.places import key_of
    from tagger.writing.quarantine import quarantine_path

    files = {key_of(name) for p in outputs if p != "-" for name in (p, partial_name(p))} | {key_of(quarantine_path(outputs[0]))}
    return lambda file: key_of(file) in files or ("-" in outputs and _is_standard_output(file))


def _is_standard_output(file: str) -> bool:
    try:
        return Path(file).is_file() and os.path.samestat(os.stat(file), os.fstat(sys.stdout.fileno()))
    except OSError:  # a name that is no file's, or an output that is none (io.UnsupportedOperation is an OSError)
        return False
