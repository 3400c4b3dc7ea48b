"""One record after the other: what cannot be tagged is quarantined, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tagger.batch.tally import Tally
from tagger.case import Case, Decision, Origin, Quarantined, Record
from tagger.errors import TaggerError
from tagger.pipeline import Tagger


def tag_all(records: Iterable[Record], tagger: Tagger, tally: Tally, write: Callable[[Decision], None]) -> Iterator[Tally]:
    """Tag every case of `records`, hand each decision to `write`, keep `tally`, and yield it after each record (for progress).

    A case that the pipeline fails on is quarantined with the reason, and the run goes on: one text must not cost a night's batch.
    """
    for record in records:
        decision = None
        if isinstance(record, Case):
            try:
                decision = tagger.tag(record)
            except Exception as error:
                record = failed(record.origin, "tagged", error, record.title)
        if decision is not None:
            write(decision)
            tally.repeated += decision.case.id in tally.ids
            tally.ids.add(decision.case.id)
        tally.count(record, decision)
        yield tally


def failed(origin: Origin, doing: str, error: Exception, title: str = "") -> Quarantined:
    """Return what stands for a record that could not be read, or tagged (`doing`): by a defect of ours, unless the error says what is the matter."""
    before = "The text was read but could not be tagged" if doing == "tagged" else f"The record could not be {doing}"
    defect = f"{before} ({type(error).__name__}: {error}). This is a defect of tagger: please report it with the text."
    message = f"{before}: {error}" if isinstance(error, TaggerError) else defect
    return Quarantined("tagging-failed" if doing == "tagged" else "reading-failed", message, origin, title)
