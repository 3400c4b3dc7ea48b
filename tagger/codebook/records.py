"""The codebook as typed records: codes with their criteria, cues with their values, roles, and which pairs of codes go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tagger.case import Mention
from tagger.codebook.conditions import CueTest
from tagger.codebook.faults import did_you_mean, listed, quoted
from tagger.errors import InputError

FACETS = ("economy", "model")
NO_INITIATIVE = "none"  # the code of both facets that the gate decides


@dataclass(frozen=True, slots=True)
class Criterion:
    """A sentence to code by; `instead` is the code where a case goes that an avoid-when keeps out ('' for a use-when)."""

    id: str
    text: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A case that looks like a code and is another."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a facet (economy or model).

    `level` is the ladder that a model stands on ('' for an economy) and `rung` its place there, from 1 (None off the ladders).
    """

    id: str
    facet: str
    label: str
    level: str
    rung: int | None
    short: str
    definition: str
    use_when: tuple[Criterion, ...]
    avoid_when: tuple[Criterion, ...]
    examples: tuple[str, ...]
    near_misses: tuple[NearMiss, ...]
    sources: tuple[str, ...]
    status: str

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every use-when and avoid-when of the code."""
        return self.use_when + self.avoid_when


@dataclass(frozen=True, slots=True)
class CueValue:
    """A value that a cue can have."""

    id: str
    definition: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A question put to the text.  `opposite` maps a value to the one that its negation supports; `auxiliary` cues serve the gate, not the codings."""

    id: str
    asks: str
    values: tuple[CueValue, ...]
    opposite: Mapping[str, str] = field(default_factory=dict)
    auxiliary: bool = False

    @property
    def value_ids(self) -> tuple[str, ...]:
        """Ids of the values, in the codebook's order."""
        return tuple(v.id for v in self.values)


@dataclass(frozen=True, slots=True)
class RoleRule:
    """One way of showing a role."""

    id: str
    test: CueTest


@dataclass(frozen=True, slots=True)
class Role:
    """A role that people take in a case; it is shown where one of its rules holds."""

    id: str
    label: str
    definition: str
    rules: tuple[RoleRule, ...]
    sources: tuple[str, ...]

    def evidence(self, mentions: Iterable[Mention], opposites: Mapping[tuple[str, str], str] | None = None) -> tuple[Mention, ...]:
        """Return the mentions that show the role, over all rules that hold, in text order; empty where none holds."""
        mentions = tuple(mentions)
        shown = {m for rule in self.rules for m in rule.test.evidence(mentions, opposites) or ()}
        return tuple(m for m in mentions if m in shown)


@dataclass(frozen=True, slots=True)
class Source:
    """A work that codes and roles are taken from."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the change log."""

    version: str
    date: str
    text: str


@dataclass(frozen=True)
class Codebook:
    """A typology, checked whole (see :mod:`tagger.codebook.check`).

    `levels`, `statuses` and `voices` map ids to what they mean, in order; `pairs` maps (economy, model) to "typical" or "possible" and holds
    nothing else: a pair that is missing is a contradiction.  `economies` and `models` are what a case can be given; `retired` codes are kept for
    reading old codings, and :meth:`code` finds them too.  `sha256` is of the file's bytes.
    """

    id: str
    label: str
    version: str
    language: str
    unit: str
    questions: tuple[str, ...]
    sources: tuple[Source, ...]
    changes: tuple[Change, ...]
    levels: Mapping[str, str]
    statuses: Mapping[str, str]
    voices: Mapping[str, str]
    economies: tuple[Code, ...]
    models: tuple[Code, ...]
    retired: tuple[Code, ...]
    cues: tuple[Cue, ...]
    auxiliary: tuple[Cue, ...]
    roles: tuple[Role, ...]
    pairs: Mapping[tuple[str, str], str]
    sha256: str
    path: Path

    @cached_property
    def _codes(self) -> dict[tuple[str, str], Code]:
        return {(c.facet, c.id): c for c in self.economies + self.models + self.retired}

    @cached_property
    def _criteria(self) -> dict[str, tuple[Code, Criterion]]:
        return {k.id: (c, k) for c in self.economies + self.models + self.retired for k in c.criteria}

    @cached_property
    def _cues(self) -> dict[str, Cue]:
        return {c.id: c for c in self.cues + self.auxiliary}

    @cached_property
    def opposites(self) -> dict[tuple[str, str], str]:
        """The value that a negated (cue, value) supports, where one does."""
        return {(cue.id, value): other for cue in self._cues.values() for value, other in cue.opposite.items()}

    @cached_property
    def cue_values(self) -> dict[str, tuple[str, ...]]:
        """Value ids of every cue, auxiliary ones too: what conditions and lexicon entries may name."""
        return {cue.id: cue.value_ids for cue in self._cues.values()}

    @property
    def name(self) -> str:
        """Id and version in one, as provenance gives it."""
        return f"{self.id} {self.version}"

    def codes(self, facet: str) -> tuple[Code, ...]:
        """Return the codes of a facet, in the codebook's order."""
        return {"economy": self.economies, "model": self.models}[facet]

    def code(self, facet: str, id: str) -> Code:
        """Return a code.

        Raises
        ------
        InputError
            Where the facet has no such code; the message says which it has.
        """
        return self._find(self._codes, (facet, id), id, f"a code of {facet}", [c for f, c in self._codes if f == facet])

    def criterion(self, id: str) -> Criterion:
        """Return a criterion by its id; raises :class:`InputError` where there is none."""
        return self._find(self._criteria, id, id, "a criterion", list(self._criteria))[1]

    def code_of(self, criterion: str) -> Code:
        """Return the code that a criterion belongs to; raises :class:`InputError` where there is no such criterion."""
        return self._find(self._criteria, criterion, criterion, "a criterion", list(self._criteria))[0]

    def cue(self, id: str) -> Cue:
        """Return a cue, auxiliary ones too; raises :class:`InputError` where there is none."""
        return self._find(self._cues, id, id, "a cue", list(self._cues))

    def label_of(self, facet: str, id: str) -> str:
        """Return a code's label; raises as :meth:`code`."""
        return self.code(facet, id).label

    def allowed(self, economy: str, model: str) -> bool:
        """Tell whether the two codes go together (typical or possible); names that do not exist do not."""
        return (economy, model) in self.pairs

    def _find(self, known, key, value, what, allowed):
        if key in known:
            return known[key]
        raise InputError(f"{quoted(value)} is not {what} in codebook {self.name}{did_you_mean(value, allowed)}; there are: {listed(allowed)}")
