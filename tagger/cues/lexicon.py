"""The lexicon: ``cues.toml`` read into typed records and checked whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.codebook.conditions import STATUSES
from tagger.codebook.faults import Faults
from tagger.codebook.load import read_data_file
from tagger.codebook.records import Codebook
from tagger.cues.notation import Item, parse_phrase, parse_tokens

FILE = "cues.toml"
SIDES = ("before", "after")
MAX_REACH = 40
_KEYS = {
    "pattern": ("id", "cue", "value", "phrase", "tokens", "where"),
    "trigger": ("id", "status", "phrase", "tokens", "side", "reach", "cues", "except"),
    "stop": ("id", "phrase", "tokens"),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A lexicon entry: what it says (`cue`, `value`) and how it is found; `where` is '' or 'start' (the first two sentences)."""

    id: str
    cue: str
    value: str
    items: tuple[Item, ...]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Words that give a mention near them a status.

    `side` says where they stand (before or after the mention), `reach` how many words may lie between; `status` is '' for a pseudo-trigger, which
    only hides a shorter one ("not only" hides "not"). `cues` limits it to some cues, `excluded` spares some.
    """

    id: str
    status: str
    items: tuple[Item, ...]
    side: str = "before"
    reach: int = 6
    cues: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns, triggers and stops, with the version and the SHA-256 of the file."""

    version: str
    patterns: tuple[Pattern, ...]
    triggers: tuple[Trigger, ...]
    stops: tuple[tuple[str, tuple[Item, ...]], ...]
    sha256: str


def load_lexicon(codebook: Codebook, folder: Path | None = None) -> Lexicon:
    """Read ``cues.toml`` from a codebook folder (None: the packaged one) and check it against `codebook`.

    Raises
    ------
    CodebookError
        With every fault found: the entry, the key, the value and what is allowed.
    """
    table, sha256, _ = read_data_file(folder, FILE)
    faults = Faults(FILE)
    lexicon = _Reader(codebook, table, faults).lexicon(sha256)
    faults.check()
    return lexicon


class _Reader:
    def __init__(self, codebook: Codebook, table: Mapping[str, Any], faults: Faults):
        self.faults = faults
        self.values = codebook.cue_values
        self.table = table
        self.seen: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def lexicon(self, sha256: str) -> Lexicon:
        self.faults.unknown(self.table, ("version", "list", *_KEYS))
        version = self.faults.require(self.table, "version", str) or ""
        names: dict[str, str] = {}
        for at, entry in self.faults.tables(self.table, "list", required=False):
            self.faults.unknown(entry, ("name", "words"), at)
            words = self.faults.strings(entry, "words", at, least=1)
            if name := self.faults.identifier(entry, "name", at, names):
                self.lists[name] = words
        patterns = tuple(p for at, e in self.faults.entries(self.table, "pattern", least=1) if (p := self._pattern(at, e)))
        triggers = tuple(t for at, e in self.faults.entries(self.table, "trigger", required=False) if (t := self._trigger(at, e)))
        stops = [(e["id"], items) for at, e in self.faults.entries(self.table, "stop", required=False) if (items := self._items("stop", at, e))]
        return Lexicon(version, patterns, triggers, tuple(stops), sha256)

    def _items(self, kind: str, at: str, entry: Mapping[str, Any]) -> tuple[Item, ...]:
        """Check what all entries share and read the pattern; () after a fault."""
        self.faults.unknown(entry, _KEYS[kind], at)
        key = self.faults.identifier(entry, "id", at, self.seen)
        if ("phrase" in entry) == ("tokens" in entry):
            self.faults.add(at, f"{key}: give either phrase or tokens")
            return ()
        try:
            items = parse_phrase(entry["phrase"], self.lists) if "phrase" in entry else parse_tokens(entry["tokens"])
        except ValueError as error:
            self.faults.add(at, f"{key}: {error}")
            return ()
        return items if key else ()

    def _pattern(self, at: str, entry: Mapping[str, Any]) -> Pattern | None:
        items = self._items("pattern", at, entry)
        cue = self.faults.require(entry, "cue", str, at)
        value = self.faults.require(entry, "value", str, at)
        where = self.faults.require(entry, "where", str, at, default="")
        good = self.faults.member(cue, self.values, f"{at}.cue", "a cue") and self.faults.member(value, self.values[cue], f"{at}.value", f"a value of {cue}")
        good = self.faults.member(where, ("", "start"), f"{at}.where", "a place") and good
        return Pattern(entry["id"], cue, value, items, where) if items and good else None

    def _trigger(self, at: str, entry: Mapping[str, Any]) -> Trigger | None:
        items = self._items("trigger", at, entry)
        status = entry.get("status")  # '' is allowed here: a pseudo-trigger
        if status is None:
            self.faults.add(f"{at}.status", "missing; a status is needed, '' for a pseudo-trigger")
        good = self.faults.member(status, ("", *STATUSES[1:]), f"{at}.status", "a status")
        side = self.faults.require(entry, "side", str, at, default="before")
        good = self.faults.member(side, SIDES, f"{at}.side", "a side") and good
        reach = self.faults.require(entry, "reach", int, at, default=6)
        if not 0 <= reach <= MAX_REACH:
            good = False
            self.faults.add(f"{at}.reach", f"{reach} is not a number of words from 0 to {MAX_REACH}")
        limits = [frozenset(self.faults.strings(entry, key, at, required=False)) for key in ("cues", "except")]
        for key, cues in zip(("cues", "except"), limits, strict=True):
            for cue in sorted(cues):
                good = self.faults.member(cue, self.values, f"{at}.{key}", "a cue") and good
        return Trigger(entry["id"], status, items, side, reach, *limits) if items and good else None
