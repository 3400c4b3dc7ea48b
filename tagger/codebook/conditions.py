"""Conditions over cues, as roles and rules state them: ``cue=value``, ``cue=value@status``, ``cue=value@status~voice``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

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
        return tuple(sorted({m for m in mentions if any(c.meets(m, opposites) for c in wanted)}, key=_place))


class TestIndex:
    """Many tests, asked together: what a mention meets hangs on (cue, value, status, voice) alone, so it is found once for each of these.

    A set of conditions is one number with a bit for each; :meth:`CueTest.evidence` says in plain words what comes out.

    Parameters
    ----------
    tests : sequence of CueTest
    opposites : mapping
        As in :meth:`Condition.meets`.
    """

    __test__ = False  # no test of pytest's

    def __init__(self, tests: Sequence[CueTest], opposites: Mapping[tuple[str, str], str]):
        self._opposites = opposites
        conditions = dict.fromkeys(c for test in tests for c in (*test.all, *test.any, *test.none))
        self._bits = {condition: 1 << i for i, condition in enumerate(conditions)}
        self._tests = [tuple(self._bits_of(some) for some in (test.all, test.any, test.none)) for test in tests]
        self._met: dict[tuple[str, str, str, str], tuple[int, frozenset[int]]] = {}
        self._always = frozenset(i for i, test in enumerate(tests) if not test.all and not test.any)

    def evidence(self, mentions: Iterable[Mention]) -> list[tuple[int, tuple[Mention, ...]]]:
        """Return the number of each test that holds, ascending, with what :meth:`CueTest.evidence` returns for it."""
        kinds = [(m, self._meets((m.cue, m.value, m.status, m.voice))) for m in sorted(set(mentions), key=_place)]
        met = reduce(or_, (bits for _, (bits, _) in kinds), 0)
        held = []
        for i in sorted(self._always.union(*(asked for _, (_, asked) in kinds))):
            all_, any_, none = self._tests[i]
            if all_ & met == all_ and not none & met and (not any_ or any_ & met):
                wanted = all_ | any_
                held.append((i, tuple([m for m, (bits, _) in kinds if bits & wanted])))
        return held

    def _meets(self, kind: tuple[str, str, str, str]) -> tuple[int, frozenset[int]]:
        """Return the conditions that a mention of a kind meets, and the tests that ask for one of them."""
        if kind not in self._met:
            mention = Mention(*kind, 0, 0, "", "")
            bits = self._bits_of(condition for condition in self._bits if condition.meets(mention, self._opposites))
            self._met[kind] = bits, frozenset(i for i, (all_, any_, _) in enumerate(self._tests) if bits & (all_ | any_))
        return self._met[kind]

    def _bits_of(self, conditions: Iterable[Condition]) -> int:
        return reduce(or_, (self._bits[condition] for condition in conditions), 0)


def _place(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.pattern



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
