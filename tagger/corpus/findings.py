"""What a check of a corpus found: each thing by itself, with its cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

SHOWN = 12  # cases named in a message; a finding has them all


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: `level` is "fault" (the check fails) or "note"; `cases` are the ids that it is about (empty: the corpus)."""

    check: str
    level: str
    cases: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{'FAULT' if self.level == 'fault' else 'note'}  {self.check}: {self.message}" + (f" [{named(self.cases)}]" if self.cases else "")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All findings on a corpus of `cases` cases, in the order of the checks."""

    cases: int
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(f for f in self.findings if f.level == "fault")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing."""
        return tuple(f for f in self.findings if f.level != "fault")

    @property
    def passed(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def lines(self) -> list[str]:
        """Return the report for people: notes, then faults, then the sum."""
        faults = len(self.faults)
        sums = f"{self.cases} cases: {f'{faults} fault' + 's' * (faults != 1) if faults else 'nothing to mend'}"
        return [*map(str, self.notes), *map(str, self.faults), sums]

    def as_dict(self) -> dict:
        """Return the report as plain data."""
        return {"cases": self.cases, "passed": self.passed, "findings": [{**asdict(f), "cases": list(f.cases)} for f in self.findings]}


def fault(check: str, message: str, cases: Sequence[str] = ()) -> Finding:
    """Return a finding that fails the check."""
    return Finding(check, "fault", tuple(cases), message)


def note(check: str, message: str, cases: Sequence[str] = ()) -> Finding:
    """Return a finding that is only told."""
    return Finding(check, "note", tuple(cases), message)


def named(cases: Sequence[str]) -> str:
    """Return ids in one line, the first `SHOWN` of them."""
    rest = len(cases) - SHOWN
    return ", ".join(cases[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
