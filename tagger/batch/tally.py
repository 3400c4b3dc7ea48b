"""Counts that add up: every record that was seen is written, skipped by rule or quarantined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tagger.case import Case, Decision, Origin, Quarantined, Record, Skipped


@dataclass
class Tally:
    """Counts of a run: ``seen == written + skipped + quarantined`` at any moment between two records.

    `noted` counts texts that the reader had to mend; `repeated` counts cases whose id (in `ids`) had come before;
    `reused` those whose results were there from an earlier run.
    """

    seen: int = 0
    written: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    quarantined: list[Quarantined] = field(default_factory=list)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    noted: int = 0
    reused: int = 0
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

    def count(self, record: Record, decision: Decision | None = None) -> None:
        """Take note of a record; `decision` is there for a case that was written."""
        if isinstance(record, Case):
            assert decision is not None
            self.count_written(decision.economy.status, decision.model.status, bool(record.notes))
            return
        if isinstance(record, Skipped):
            self.skipped[record.reason] += 1
        else:
            self.quarantined.append(record)
        self.seen += 1

    def count_written(self, economy: str, model: str, noted: bool) -> None:
        """Take note of a case that was written: the status of its facets, and whether its text had to be mended."""
        self.seen += 1
        self.written += 1
        self.noted += noted
        self.statuses["economy", economy] += 1
        self.statuses["model", model] += 1

    def add(self, other: Tally) -> None:
        """Add the counts of another part of the same input (ids are not told from each other over parts)."""
        self.seen += other.seen
        self.written += other.written
        self.skipped += other.skipped
        self.quarantined += other.quarantined
        self.statuses += other.statuses
        self.noted += other.noted
        self.reused += other.reused

    def kept(self) -> dict[str, Any]:
        """Return the counts so that `Tally.of` makes them again (without ids)."""
        return {
            "seen": self.seen,
            "written": self.written,
            "skipped": dict(self.skipped),
            "quarantined": [[q.reason, q.message, q.origin.file, q.origin.record, q.title] for q in self.quarantined],
            "statuses": [[facet, status, n] for (facet, status), n in self.statuses.items()],
            "noted": self.noted,
            "reused": self.reused,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Tally:
        """Return the counts that `kept` gave."""
        quarantined = [Quarantined(reason, message, Origin(file, place), title) for reason, message, file, place, title in kept["quarantined"]]
        statuses = Counter({(facet, status): n for facet, status, n in kept["statuses"]})
        return cls(kept["seen"], kept["written"], Counter(kept["skipped"]), quarantined, statuses, kept["noted"], kept["reused"])
