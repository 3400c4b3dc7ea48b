"""Rules: what an author holds to be evidence for a code, as data with a weight in log-odds, before any case was labelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.case import Mention
from tagger.codebook import FACETS, Codebook, CueTest, Faults, check_test, read_data_file
from tagger.codebook.conditions import TestIndex

FILE = "rules.toml"
MAX_WEIGHT = 10.0  # log-odds; beyond that a single rule would silence every other piece of evidence


@dataclass(frozen=True, slots=True)
class Rule:
    """If `test` holds for a text's mentions, `weight` (log-odds) is added to every pair that holds `code`; `criterion` is what it stands for."""

    id: str
    facet: str
    code: str
    weight: float
    test: CueTest
    criterion: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules with their base rates: `base` gives log-odds for (facet, code) where nothing is known of a text."""

    version: str
    base: Mapping[tuple[str, str], float]
    rules: tuple[Rule, ...]
    sha256: str


def load_rules(codebook: Codebook, folder: Path | None = None) -> RuleBook:
    """Read ``rules.toml`` from a codebook folder (None: the packaged one) and check it against `codebook`.

    Raises
    ------
    CodebookError
        With every fault found: the entry, the key, the value and what is allowed.
    """
    table, sha256, _ = read_data_file(folder, FILE)
    faults = Faults(FILE)
    faults.unknown(table, ("version", "base", "rule"))
    version = faults.require(table, "version", str) or ""
    base = _base(table, codebook, faults)
    seen: dict[str, str] = {}
    rules = [r for at, entry in faults.entries(table, "rule", required=False) if (r := _rule(at, entry, codebook, faults, seen))]
    faults.check()
    return RuleBook(version, base, tuple(rules), sha256)


def _base(table: Mapping[str, Any], codebook: Codebook, faults: Faults) -> dict[tuple[str, str], float]:
    rates = {(facet, code.id): 0.0 for facet in FACETS for code in codebook.codes(facet)}
    given = faults.require(table, "base", dict, default={}) or {}
    faults.unknown(given, FACETS, "base")
    for facet in FACETS:
        codes = faults.require(given, facet, dict, "base", default={}) or {}
        for code in codes:
            weight = faults.require(codes, code, float, f"base.{facet}")
            if faults.member(code, [c.id for c in codebook.codes(facet)], f"base.{facet}", f"a code of {facet}") and weight is not None:
                rates[facet, code] = float(weight)
    return rates


def _rule(at: str, entry: Mapping[str, Any], codebook: Codebook, faults: Faults, seen: dict[str, str]) -> Rule | None:
    before = len(faults)
    faults.unknown(entry, ("id", "facet", "code", "weight", "criterion", "all", "any", "none"), at)
    key = faults.identifier(entry, "id", at, seen)
    facet = faults.require(entry, "facet", str, at)
    code = faults.require(entry, "code", str, at)
    weight = faults.require(entry, "weight", float, at)
    criterion = faults.require(entry, "criterion", str, at)
    if faults.member(facet, FACETS, f"{at}.facet", "a facet"):
        faults.member(code, [c.id for c in codebook.codes(facet)], f"{at}.code", f"a code of {facet}")
    faults.member(criterion, [c.id for code in (*codebook.economies, *codebook.models) for c in code.criteria], f"{at}.criterion", "a criterion")
    if weight is not None and not 0 < abs(weight) <= MAX_WEIGHT:
        faults.add(f"{at}.weight", f"{weight} is out of range; log-odds from -{MAX_WEIGHT:g} to {MAX_WEIGHT:g}, not 0")
    test = check_test(entry, codebook.cue_values, faults, at)
    return Rule(key, facet, code, float(weight), test, criterion) if len(faults) == before else None


Held = list[tuple[Rule, tuple[Mention, ...]]]


def fired(rules: Iterable[Rule], mentions: Iterable[Mention], opposites: Mapping[tuple[str, str], str]) -> Held:
    """Return the rules that hold for `mentions`, each with the mentions that fired it."""
    mentions = tuple(mentions)
    return [(rule, evidence) for rule in rules if (evidence := rule.test.evidence(mentions, opposites)) is not None]


class RuleIndex:
    """Rules put up for many texts: gives what :func:`fired` gives, sooner."""

    def __init__(self, rules: Iterable[Rule], opposites: Mapping[tuple[str, str], str]):
        self._rules = tuple(rules)
        self._tests = TestIndex([rule.test for rule in self._rules], opposites)

    def fired(self, mentions: Iterable[Mention]) -> Held:
        """Return the rules that hold for `mentions`, each with the mentions that fired it."""
        return [(self._rules[i], evidence) for i, evidence in self._tests.evidence(mentions)]
