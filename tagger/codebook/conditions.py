"""Conditions over cues, as roles and rules state them: ``cue=value``, ``cue=value@status``, ``cue=value@status~voice``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tagger.case import Mention
from tagger.codebook.faults import Faults, quoted

STATUSES = ("affirmed", "negated", "past", "planned", "other")  # what case.Mention knows
VOICES = ("page", "quoted", "self")
ANY = "any"
_NOTATION = re.compile(r"(?P<cue>[^=@~\s]+)=(?P<value>[^=@~\s]+)(?:@(?P<status>[^=@~\s]+))?(?:~(?P<voice>[^=@~\s]+))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that the text must say: a cue with a value, in a status and a voice (`any`: whichever)."""

    cue: str
    value: str
    status: str = "affirmed"
    voice: str = ANY

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``cue=value[@status][~voice]``; the status is affirmed and the voice any unless given.

        Raises
        ------
        ValueError
            Where `text` is not of that form.  Whether the names exist is for :func:`check_condition` to say.
        """
        found = _NOTATION.fullmatch(text)
        if found is None:
            raise ValueError(f"{quoted(text)} is no condition; write cue=value, cue=value@status or cue=value@status~voice")
        return cls(found["cue"], found["value"], found["status"] or "affirmed", found["voice"] or ANY)

    def __str__(self) -> str:
        """Return the shortest notation; :meth:`parse` reads it back."""
        status = "" if self.status == "affirmed" else f"@{self.status}"
        return f"{self.cue}={self.value}{status}" + ("" if self.voice == ANY else f"~{self.voice}")

    def meets(self, mention: Mention, opposites: Mapping[tuple[str, str], str] | None = None) -> bool:
        """Tell whether a mention is what the condition asks for.

        `opposites` maps (cue, value) to the value that its negation supports (:attr:`Codebook.opposites`): with it, "carries no advertising"
        meets ``advertising=refuses``, which asks for an affirmed value.
        """
        if mention.cue != self.cue or self.voice not in (ANY, mention.voice):
            return False
        if mention.value == self.value and self.status in (ANY, mention.status):
            return True
        return self.status == "affirmed" and mention.status == "negated" and bool(opposites) and opposites.get((mention.cue, mention.value)) == self.value


@dataclass(frozen=True, slots=True)
class CueTest:
    """A condition over a whole text: each of `all` is met, one of `any` (where there are any), and none of `none`."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    def evidence(self, mentions: Iterable[Mention], opposites: Mapping[tuple[str, str], str] | None = None) -> tuple[Mention, ...] | None:
        """Return the mentions that meet `all` and `any`, in their order in the text, or None where the test fails.

        The result is empty only for a test that holds nothing but `none`.
        """
        mentions = tuple(mentions)
        if any(c.meets(m, opposites) for c in self.none for m in mentions):
            return None
        if any(not any(c.meets(m, opposites) for m in mentions) for c in self.all):
            return None
        if self.any and not any(c.meets(m, opposites) for c in self.any for m in mentions):
            return None
        wanted = self.all + self.any
        return tuple(sorted({m for m in mentions if any(c.meets(m, opposites) for c in wanted)}, key=lambda m: (m.start, m.end, m.pattern)))


def check_condition(text: str, values: Mapping[str, Collection[str]], faults: Faults, at: str) -> Condition | None:
    """Read a condition and see that cue, value, status and voice exist; `values` gives each cue's values.  Faults are noted, then None is returned."""
    try:
        condition = Condition.parse(text)
    except ValueError as error:
        faults.add(at, str(error))
        return None
    good = faults.member(condition.cue, values, at, "a cue")
    good = good and faults.member(condition.value, values[condition.cue], at, f"a value of {condition.cue}")
    good = faults.member(condition.status, (*STATUSES, ANY), at, "a status") and good
    good = faults.member(condition.voice, (*VOICES, ANY), at, "a voice") and good
    return condition if good else None


def check_test(table: Mapping[str, object], values: Mapping[str, Collection[str]], faults: Faults, at: str) -> CueTest:
    """Read the lists `all`, `any` and `none` of a table; at least one of `all` and `any` must hold something.  Faults are noted."""
    before, given = len(faults), 0
    lists = {}
    for name in ("all", "any", "none"):
        texts = faults.placed(table, name, at, required=False)
        given += len(texts) if name != "none" else 0
        lists[name] = tuple(c for place, t in texts if (c := check_condition(t, values, faults, place)) is not None)
    if len(faults) == before and not given:
        faults.add(at, "no condition; give `all` or `any` at least one")
    return CueTest(**lists)
