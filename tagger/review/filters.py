"""Which of a coder's cases are to be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tagger.codebook import FACETS
from tagger.codebook.faults import did_you_mean, listed, quoted
from tagger.errors import InputError
from tagger.review.verdicts import Verdict

if TYPE_CHECKING:
    from tagger.review.store import Head

STATES = ("todo", "done", "unsure", "skipped", "stale", "all")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is to be shown; '' (for `found` None) is no filter.

    `economy` and `model` are codes that were suggested or that the coder gave; `status` is that of either facet's suggestion; `cue` is an affirmed
    ``cue=value``; `state` one of `STATES` (*todo* is all that is not coded in its present text, *stale* what was coded in another one); `found` are the ids
    that a text search gave.
    """

    economy: str = ""
    model: str = ""
    status: str = ""
    cue: str = ""
    state: str = "todo"
    found: Collection[str] | None = None

    def __str__(self) -> str:
        """Return the filter in words, '' for none; the state is not told."""
        told = [f"{name} {getattr(self, name)}" for name in (*FACETS, "status", "cue") if getattr(self, name)]
        return ", ".join([*told, *["the text search"] * (self.found is not None)])

    def passes(self, head: Head, verdict: Verdict | None, skipped: bool, hidden: Callable[[str], bool]) -> bool:
        """Tell whether a case is to be shown to a coder.

        Parameters
        ----------
        head : Head
        verdict : Verdict or None
            The coder's own.
        skipped : bool
            Whether the coder skipped it.
        hidden : callable of case id to bool
            Whether the suggestion is hidden while the case is not coded; it does not count then, since being found would tell what it is.
        """
        if self.found is not None and head.id not in self.found:
            return False
        if not self._fits(state_of(head, verdict), verdict, skipped) or (self.cue and self.cue not in head.cues):
            return False
        if not (self.economy or self.model or self.status):
            return True
        unseen = state_of(head, verdict) != "done" and hidden(head.id)
        if self.status and (unseen or self.status not in head.status.values()):
            return False
        own = verdict.codes if verdict else {}
        wanted = [(facet, code) for facet, code in (("economy", self.economy), ("model", self.model)) if code]
        return all(own.get(facet) == code or (not unseen and head.suggestion.get(facet) == code) for facet, code in wanted)

    def _fits(self, state: str, verdict: Verdict | None, skipped: bool) -> bool:
        if self.state in ("all", state):
            return True
        if self.state == "todo":
            return state != "done"
        if self.state == "skipped":
            return skipped and state != "done"
        return self.state == "unsure" and state == "done" and verdict is not None and verdict.sureness == "unsure"

    def check(self, known: Mapping[str, Collection[str]], held: Iterable[Verdict]) -> None:
        """See that the values exist.

        Parameters
        ----------
        known : mapping of str to collection of str
            Values of the suggestions by facet, status and cue.
        held : iterable of Verdict
            The coder's, whose codes can be filtered by, too.

        Raises
        ------
        InputError
            With the value and those that there are.
        """
        if self.state not in STATES:
            raise InputError(f"state {quoted(self.state)} is none of {', '.join(STATES)}{did_you_mean(self.state, STATES)}")
        for name, values in known.items():
            value, allowed = getattr(self, name), set(values)
            if value and value not in allowed:
                allowed |= {v.codes[name] for v in held if name in v.codes}
                if value not in allowed:
                    there = f"there are: {listed(sorted(allowed, key=natural))}" if allowed else "no case has any"
                    raise InputError(f"no case has {name} {quoted(value)}{did_you_mean(value, allowed)}; {there}")


def state_of(head: Head, verdict: Verdict | None) -> str:
    """Return todo, done or stale (coded in another text than it has now)."""
    if verdict is None:
        return "todo"
    return "stale" if verdict.stale(head.sha256) else "done"


def natural(value: str) -> tuple[bool, int, str]:
    """Return the key by which codes are sorted: numbers as numbers, before words."""
    number = value.isascii() and value.isdecimal()
    return not number, int(value) if number else 0, value
