"""What the server knows: the queue and everybody's verdicts, kept up with the store, and what a reviewer may see and do of it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tagger.codebook import Codebook
from tagger.review.blinding import is_blind
from tagger.review.cases import ReviewCase
from tagger.review.events import Event
from tagger.review.queue import Filters, Queue
from tagger.review.verdicts import Verdict, Verdicts
from tagger.review.web.policy import ADJUDICATOR, Refused
from tagger.review.web.sessions import Reviewer
from tagger.review.web.view import case_view

if TYPE_CHECKING:
    from tagger.review.store import Head, Store

FILTERS = ("economy", "model", "status", "cue", "state")  # and `words`, searched in the texts
LONGEST_SEARCH = 200  # characters


@dataclass(frozen=True, slots=True)
class Plan:
    """How a project draws its cases: seed, and shares in [0, 1] of the audit sample and of blind cases."""

    seed: int = 0
    audit: float = 0.1
    blind: float = 0.0


class Desk:
    """One project at work. Thread-safe; other processes may add events to the same store meanwhile.

    Parameters
    ----------
    store : Store
    codebook : Codebook
    plan : Plan
    """

    def __init__(self, store: Store, codebook: Codebook, plan: Plan):
        self.store, self.codebook, self.plan = store, codebook, plan
        self._lock = threading.RLock()
        self._verdicts, self._seq = Verdicts(), 0
        self._events: dict[str, Event] = {}
        self._of: dict[tuple[str, str], list[Event]] = {}  # by coder and case
        heads = list(store.heads())
        self.heads: dict[str, Head] = {head.id: head for head in heads}
        self.queue = Queue(heads, plan.seed, plan.audit, plan.blind)
        self.read(lambda verdicts: None)

    def read(self, what: Callable[[Verdicts], Any]) -> Any:
        """Return what `what` makes of the verdicts as they are now; nobody adds to them meanwhile."""
        with self._lock:
            for seq, event in self.store.events(self._seq):
                self._seq = max(seq, self._seq)
                self._verdicts.add(event)
                if event.id not in self._events:
                    self._events[event.id] = event
                    self._of.setdefault((event.coder, event.case), []).append(event)
            return what(self._verdicts)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Check and add an event in one go: no other thread reads or adds meanwhile."""
        with self._lock:
            self.read(lambda verdicts: None)
            yield

    @property
    def seq(self) -> int:
        """Number of the newest event that was read."""
        return self._seq

    def event(self, id: str) -> Event | None:
        """Return an event by its id."""
        return self._events.get(id)

    def history(self, reviewer: Reviewer, case: str) -> list[Event]:
        """Return what a reviewer did on a case, in order."""
        with self._lock:
            return list(self._of.get((reviewer.name, case), ()))

    def next(self, reviewer: Reviewer, filters: Filters, after: str | None) -> tuple[str | None, str]:
        """Return the id of the next case, or None and the sentence why there is none."""
        assigned = self.store.assigned(reviewer.name)

        def found(verdicts: Verdicts) -> tuple[str | None, str]:
            id = self.queue.next(filters, verdicts, reviewer.name, assigned, after)
            return id, "" if id is not None else self.queue.why_empty(filters, verdicts, reviewer.name, assigned)

        return self.read(found)

    def progress(self, reviewer: Reviewer) -> dict[str, Any]:
        """Return how far a reviewer is."""
        assigned = self.store.assigned(reviewer.name)
        return self.read(lambda verdicts: self.queue.progress(verdicts, reviewer.name, assigned)).as_dict()

    def seen_by(self, reviewer: Reviewer) -> tuple[Verdicts, int]:
        """Return the verdicts that a reviewer may see, and the number of the newest event: an adjudicator all, a coder those on cases that he coded himself."""

        def seen(verdicts: Verdicts) -> tuple[Verdicts, int]:
            if reviewer.role == ADJUDICATOR:
                return Verdicts(self._events.values()), self._seq
            own = verdicts.by_coder.get(reviewer.name, {})
            return Verdicts(event for event in self._events.values() if event.case in own), self._seq

        return self.read(seen)

    def filters(self, query: Mapping[str, str]) -> Filters:
        """Return the filters that the parameters of an address name; unknown ones are refused by the queue.

        Raises
        ------
        Refused
            For words to search for that are too long.
        """
        words = query.get("words", "").strip()
        if len(words) > LONGEST_SEARCH:
            raise Refused(400, f"{len(words)} characters to search for; at most {LONGEST_SEARCH}")
        given = {name: query[name] for name in FILTERS if query.get(name)}
        return Filters(**given, found=frozenset(self.store.search(words)) if words else None)

    def case(self, reviewer: Reviewer, id: str) -> ReviewCase:
        """Return a case that a reviewer may see.

        Raises
        ------
        Refused
            With 404 where there is none, or it is assigned to others: nobody learns which of the two.
        """
        assigned = None if reviewer.role == ADJUDICATOR else self.store.assigned(reviewer.name)
        case = self.store.case(id) if id in self.heads and (assigned is None or id in assigned) else None
        if case is None:
            raise Refused(404, f"there is no case {id[:200]!r} for {reviewer.name}")
        return case

    def is_blind(self, reviewer: Reviewer, case: ReviewCase) -> bool:
        """Tell whether the suggestion is still hidden from a reviewer: the case was drawn, and he never coded this text of it (undone or not: then he saw it).

        An adjudicator sees both coders' codes, so nothing is hidden from him, and his codings do not count as blind.
        """
        if reviewer.role == ADJUDICATOR or not is_blind(self.plan.seed, reviewer.name, case.id, self.plan.blind):
            return False
        return not any(event.kind == "coding" and event.sha256 in ("", case.sha256) for event in self.history(reviewer, case.id))

    @property
    def project(self) -> str:
        """What tells this project from others, so that a browser keeps their unsent events apart."""
        told = f"{self.store.meta().get('created') or self.store.where} {self.plan.seed}"
        return hashlib.sha256(told.encode("utf-8", errors="replace")).hexdigest()[:16]

    def view(self, reviewer: Reviewer, case: ReviewCase) -> dict[str, Any]:
        """Return a case as a reviewer's page gets it: nothing of anybody else is in it."""
        mine = self.read(lambda verdicts: verdicts.get(case.id, reviewer.name))
        history = self.history(reviewer, case.id)
        undone = {e.id for e in history if self._verdicts.undone(e.id)}
        notes = [e.note for e in history if e.kind == "note" and e.id not in undone]
        return {
            **case_view(case, self.codebook, blind=self.is_blind(reviewer, case)),
            "mine": _held(mine, case),
            "note": notes[-1] if notes else mine.note if mine else "",
            "audit": case.id in self.queue.audit,
            "history": [_told(event, event.id in undone) for event in history],
        }


def _held(verdict: Verdict | None, case: ReviewCase) -> dict[str, Any] | None:
    if verdict is None:
        return None
    kept = ("event", "sureness", "note", "at", "seconds", "blind")
    return {"codes": dict(verdict.codes), **{key: getattr(verdict, key) for key in kept}, "stale": verdict.stale(case.sha256)}


def _told(event: Event, undone: bool) -> dict[str, Any]:
    told = event.as_dict()
    return {key: told[key] for key in ("id", "at", "kind", "codes", "sureness", "note", "marking", "undoes", "sha256")} | {"undone": undone}
