"""Many cases: records in, decisions out, and counts that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tagger.case import Case, Decision, Quarantined, Record, Skipped
from tagger.pipeline import Tagger


@dataclass
class Tally:
    """Counts of a run: ``seen == written + skipped + quarantined`` at any moment between two records.

    `noted` counts texts that the reader had to mend; `repeated` counts cases whose id (in `ids`) had come before.
    """

    seen: int = 0
    written: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    noted: int = 0
    ids: set[str] = field(default_factory=set)
    repeated: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every record seen is accounted for."""
        return self.seen == self.written + self.skipped.total() + len(self.quarantined)

    def as_dict(self) -> dict[str, object]:
        """Return the counts as plain data."""
        return {
            "seen": self.seen,
            "written": self.written,
            "skipped": dict(sorted(self.skipped.items())),
            "quarantined": len(self.quarantined),
            **({"repeated ids": self.repeated} if self.repeated else {}),
            **{facet: {s: n for (f, s), n in sorted(self.statuses.items()) if f == facet} for facet in ("economy", "model")},
        }

    def __str__(self) -> str:
        skipped = ", ".join(f"{n} {reason}" for reason, n in sorted(self.skipped.items()))
        named = f" ({skipped})" if skipped else ""
        return (
            f"{self.seen} record{'' if self.seen == 1 else 's'} seen = {self.written} written + {self.skipped.total()} skipped by rule{named}"
            f" + {len(self.quarantined)} quarantined"
        )


def tag_all(records: Iterable[Record], tagger: Tagger, tally: Tally, write: Callable[[Decision], None]) -> Iterator[Tally]:
    """Tag every case of `records`, hand each decision to `write`, keep `tally`, and yield it after each record (for progress).

    A case that the pipeline fails on is quarantined with the reason, and the run goes on: one text must not cost a night's batch.
    """
    for record in records:
        if isinstance(record, Case):
            try:
                decision = tagger.tag(record)
            except Exception as error:
                where = f"{type(error).__name__}: {error}"
                message = f"The text was read but could not be tagged ({where}). This is a defect of tagger: please report it with the text."
                tally.quarantined.append(Quarantined("tagging-failed", message, record.origin, record.title))
            else:
                write(decision)
                tally.written += 1
                tally.noted += bool(record.notes)
                tally.repeated += record.id in tally.ids
                tally.ids.add(record.id)
                tally.statuses["economy", decision.economy.status] += 1
                tally.statuses["model", decision.model.status] += 1
        elif isinstance(record, Skipped):
            tally.skipped[record.reason] += 1
        else:
            tally.quarantined.append(record)
        tally.seen += 1
        yield tally
