"""How far a coder is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from tagger.review.filters import state_of
from tagger.review.verdicts import Verdicts

if TYPE_CHECKING:
    from tagger.review.store import Head

PACE_OF = 20  # codings that the pace is taken from


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is: cases coded in their present text (`unsure` of them not surely), the others (`skipped` and `stale` ones among them), and the audit
    share by itself. `seconds_each` is the median time of a case over the last 20 codings, None before the first that was timed.
    """

    done: int
    left: int
    skipped: int
    seconds_each: float | None
    audit_done: int
    audit_left: int
    unsure: int = 0
    stale: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def progress_of(heads: Iterable[Head], audit: Collection[str], verdicts: Verdicts, coder: str) -> Progress:
    """Return how far a coder is.

    Parameters
    ----------
    heads : iterable of Head
        The coder's cases.
    audit : set of str
        Ids of the audit cases.
    verdicts : Verdicts
    coder : str
    """
    held, skips = verdicts.by_coder.get(coder, {}), verdicts.skips.get(coder, {})
    done = left = skipped = audit_done = audit_left = unsure = stale = 0
    for head in heads:
        verdict, audited = held.get(head.id), head.id in audit
        state = state_of(head, verdict)
        if state == "done":
            done, audit_done = done + 1, audit_done + audited
            unsure += verdict is not None and verdict.sureness == "unsure"
        else:
            left, audit_left = left + 1, audit_left + audited
            skipped, stale = skipped + (head.id in skips), stale + (state == "stale")
    seconds = list(islice((v.seconds for v in reversed(held.values()) if v.seconds is not None), PACE_OF))
    return Progress(done, left, skipped, median(seconds) if seconds else None, audit_done, audit_left, unsure, stale)
