"""Which case comes next: a random audit share that no ordering touches, and the others by how much can be learned from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from tagger.codebook import FACETS
from tagger.errors import InputError
from tagger.review.blinding import chance, is_blind
from tagger.review.filters import STATES, Filters, natural, state_of
from tagger.review.progress import Progress, progress_of
from tagger.review.usefulness import by_usefulness, spread
from tagger.review.verdicts import Verdicts

if TYPE_CHECKING:
    from tagger.review.store import Head

__all__ = ["Filters", "Progress", "Queue", "in_audit"]


def in_audit(seed: int, case: str, share: float) -> bool:
    """Tell whether a case is in the audit share: drawn by hash of seed and id, so that it stays so when cases are added."""
    return chance(seed, "audit", case) < share


class Queue:
    """The order of the cases, the same for every coder.

    The audit share (see :func:`in_audit`) is spread evenly among the others, in the order of the hash: wherever a coder stops who set no filter, the audit
    cases that were coded are a random sample. The others come by :func:`tagger.review.usefulness.by_usefulness`.

    Parameters
    ----------
    heads : iterable of Head
        See :class:`tagger.review.store.Head`.
    seed : int
    audit : float
        Share of cases, in [0, 1].
    blind : float
        Share of a coder's cases whose suggestion is hidden until they are coded (see :func:`tagger.review.blinding.is_blind`); filters by code or status
        pass over them till then.

    Attributes
    ----------
    heads : list of Head
        In the order of the queue.
    audit : frozenset of str
        Ids of the audit cases.

    Raises
    ------
    InputError
        For a share outside [0, 1].
    """

    def __init__(self, heads: Iterable[Head], seed: int, audit: float = 0.1, blind: float = 0.0):
        for name, share in (("audit", audit), ("blind", blind)):
            if not 0 <= share <= 1:
                raise InputError(f"{name} share {share!r} is not between 0 and 1; 0.1 is every tenth case")
        self.seed, self.blind = seed, blind
        heads = list(heads)
        drawn = [head for head in heads if in_audit(seed, head.id, audit)]
        drawn.sort(key=lambda head: (chance(seed, "audit", head.id), head.id))
        self.audit: frozenset[str] = frozenset(head.id for head in drawn)
        self.heads: list[Head] = spread(drawn, by_usefulness((head for head in heads if head.id not in self.audit), seed))
        self._place = {head.id: place for place, head in enumerate(self.heads)}
        self._known = {facet: {head.suggestion[facet] for head in heads if facet in head.suggestion} for facet in FACETS}
        self._known |= {"status": {s for head in heads for s in head.status.values()}, "cue": {cue for head in heads for cue in head.cues}}

    def allowed(self) -> dict[str, list[str]]:
        """Return the values that each filter can have (a coder's own codes can be filtered by, too)."""
        return {name: sorted(values, key=natural) for name, values in self._known.items()} | {"state": list(STATES)}

    def order(self, filters: Filters, verdicts: Verdicts, coder: str, assigned: Collection[str] | None = None) -> list[str]:
        """Return the ids of a coder's cases that pass the filters, as they come; what was skipped comes last, the longest skipped first.

        Parameters
        ----------
        filters : Filters
        verdicts : Verdicts
        coder : str
        assigned : collection of str, optional
            Ids of the coder's cases; None for all.

        Raises
        ------
        InputError
            For a value of a filter that no case has; the message says what there is.
        """
        first, again = self._split(filters, verdicts, coder, assigned)
        return first + again

    def next(self, filters: Filters, verdicts: Verdicts, coder: str, assigned: Collection[str] | None = None, after: str | None = None) -> str | None:
        """Return the case that follows `after` (None: the first case), from the start again behind the last; None where no case passes. Raises as `order`.

        It is `after` itself only where no other case passes.
        """
        first, again = self._split(filters, verdicts, coder, assigned)
        last = verdicts.last(coder)
        if after in again and not (last and last.kind == "skip" and last.case == after):  # looking through what was skipped
            here = again.index(after)
            return (again[here + 1 :] + first + again[: here + 1])[0]
        place = self._place.get(after, -1) if after else -1
        ahead = (id for id in first if self._place[id] > place)
        return next((id for id in chain(ahead, first, again) if id != after), after if after in first or after in again else None)

    def progress(self, verdicts: Verdicts, coder: str, assigned: Collection[str] | None = None) -> Progress:
        """Return how far a coder is with all cases that are assigned, whatever the filters."""
        return progress_of(self._of(assigned), self.audit, verdicts, coder)

    def why_empty(self, filters: Filters, verdicts: Verdicts, coder: str, assigned: Collection[str] | None = None) -> str:
        """Say in a sentence why no case comes; '' where one does. Raises as `order`."""
        if self.order(filters, verdicts, coder, assigned):
            return ""
        if not self.heads:
            return "There are no cases in this project yet."
        mine, every = sum(1 for _ in self._of(assigned)), len(self.heads)
        if not mine:
            return f"None of the {_cases(every)} is assigned to {coder}."
        if told := str(filters):
            without = len(self.order(Filters(state=filters.state), verdicts, coder, assigned))
            what = {"todo": "left to code", "all": "there"}.get(filters.state, filters.state)
            if without:
                return f"{_cases(without)} {'is' if without == 1 else 'are'} {what}, but none passes the filter ({told}). Clear the filter to see them."
        if filters.state != "todo":
            return f"None of your {_cases(mine)} is {filters.state}."
        others = f" {_cases(every - mine)} of the project {'is' if every - mine == 1 else 'are'} not assigned to {coder}." if every > mine else ""
        return f"No case is left: {coder} has coded {'the only one' if mine == 1 else f'all {mine}'}.{others}"

    def _of(self, assigned: Collection[str] | None) -> Iterator[Head]:
        if assigned is None:
            return iter(self.heads)
        wanted = assigned if isinstance(assigned, set | frozenset) else set(assigned)
        return (head for head in self.heads if head.id in wanted)

    def _split(self, filters: Filters, verdicts: Verdicts, coder: str, assigned: Collection[str] | None) -> tuple[list[str], list[str]]:
        """Return what passes and was not skipped, in the order of the queue, and what passes and was skipped, in the order of skipping."""
        held, skips = verdicts.by_coder.get(coder, {}), verdicts.skips.get(coder, {})
        filters.check(self._known, held.values())
        first: list[str] = []
        again: set[str] = set()
        for head in self._of(assigned):
            verdict, skipped = held.get(head.id), head.id in skips
            if filters.passes(head, verdict, skipped, lambda id: is_blind(self.seed, coder, id, self.blind)):
                if skipped and state_of(head, verdict) != "done":
                    again.add(head.id)
                else:
                    first.append(head.id)
        return first, [id for id in skips if id in again]


def _cases(n: int) -> str:
    return f"{n} case{'s' * (n != 1)}"
