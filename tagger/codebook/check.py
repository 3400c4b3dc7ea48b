"""The whole check of a ``codebook.toml``: every fault at once, each with file, key and what is allowed.

The collector that other loaders of the folder use (``cues.toml``, ``rules.toml``) is offered here too: :class:`Faults`, :func:`check_condition`,
:func:`check_test`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tagger.codebook.conditions import STATUSES, VOICES, CueTest, check_condition, check_test
from tagger.codebook.faults import Faults, did_you_mean, join, listed, quoted
from tagger.codebook.records import FACETS, NO_INITIATIVE

__all__ = ["CueTest", "Faults", "check_codebook", "check_condition", "check_test", "check_version", "did_you_mean", "join", "listed", "quoted"]

TOP = ("id", "label", "version", "language", "unit", "questions", "source", "change", "level", "status", "voice", "economy", "model", "cue", "auxiliary")
TOP += ("role", "pairs")
CODE = ("id", "label", "short", "definition", "use_when", "avoid_when", "examples", "near_misses", "sources", "status")
CODE_STATUS = ("active", "retired")  # a retired code keeps its id, so that old codings can be read, and is given to no new case
PAIR_KINDS = ("typical", "possible")
VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")

Ids = dict[str, str]  # id, and the key path where it stands


def check_version(table: Mapping[str, Any], faults: Faults, at: str = "") -> str | None:
    """Return `version` out of a table; noted as a fault where it is not x.y.z."""
    version = faults.require(table, "version", str, at)
    if version is not None and not VERSION.fullmatch(version):
        faults.add(join(at, "version"), f'{quoted(version)} is no version; write three numbers, as "1.0.0"')
        return None
    return version


def check_codebook(table: Mapping[str, Any], file: str = "codebook.toml") -> None:
    """Check a parsed codebook.

    Raises
    ------
    CodebookError
        With every fault found.
    """
    faults = Faults(file)
    faults.unknown(table, TOP)
    faults.identifier(table, "id")
    for key in ("label", "language", "unit"):
        faults.require(table, key, str)
    faults.strings(table, "questions", least=1)
    _changes(table, check_version(table, faults), faults)
    sources = _records(table, "source", ("text",), faults)
    levels = _records(table, "level", ("label",), faults)
    for key, known in (("status", STATUSES), ("voice", VOICES)):
        _fixed(_records(table, key, ("definition",), faults), key, known, faults)
    criteria: Ids = {}  # over both facets: a ledger line names a criterion by its id alone
    codes = {facet: _codes(table, facet, levels, sources, criteria, faults) for facet in FACETS}
    cues: Ids = {}
    values = {**_cues(table, "cue", cues, True, faults), **_cues(table, "auxiliary", cues, False, faults)}
    _roles(table, values, sources, faults)
    _pairs(table, codes, faults)
    if not len(faults):  # what became of which code can be told only of sound ones
        from tagger.codebook.moves import check_moves

        check_moves(table, faults)
    faults.check()


def _records(table: Mapping[str, Any], key: str, texts: tuple[str, ...], faults: Faults) -> Ids:
    """Check an array of tables that hold an id and some texts; return the ids."""
    seen: Ids = {}
    for at, record in faults.tables(table, key, least=1):
        faults.unknown(record, ("id", *texts), at)
        faults.identifier(record, "id", at, seen)
        for text in texts:
            faults.require(record, text, str, at)
    return seen


def _fixed(ids: Ids, key: str, known: tuple[str, ...], faults: Faults) -> None:
    # the engine gives these out, so a codebook may word them but not add to them
    for id, at in ids.items():
        faults.member(id, known, join(at, "id"), f"a {key} that mentions can have")
    missing = [k for k in known if k not in ids]
    if ids and missing:
        faults.add(key, f"{listed(missing)} not defined; all of {listed(known)} are needed")


def _changes(table: Mapping[str, Any], version: str | None, faults: Faults) -> None:
    logged = set()
    for at, change in faults.tables(table, "change", least=1):
        faults.unknown(change, ("version", "date", "text", "moves"), at)
        logged.add(check_version(change, faults, at))
        faults.require(change, "text", str, at)
        date = faults.require(change, "date", str, at)
        if date is not None and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", date):
            faults.add(join(at, "date"), f'{quoted(date)} is no date; write it as "2026-01-31", in quotes')
    if version is not None and logged and version not in logged:
        faults.add("change", f"no entry for version {version}; say what changed in it")


def _codes(table: Mapping[str, Any], facet: str, levels: Ids, sources: Ids, criteria: Ids, faults: Faults) -> Ids:
    """Check the codes of a facet; return the ids of the active ones.  Criterion ids join `criteria`."""
    ids: Ids = {}
    found = list(faults.tables(table, facet, least=1))
    for at, code in found:
        faults.unknown(code, (*CODE, "level", "rung") if facet == "model" else CODE, at)
        faults.identifier(code, "id", at, ids)
        for key in ("label", "short", "definition"):
            faults.require(code, key, str, at)
        faults.member(faults.require(code, "status", str, at), CODE_STATUS, join(at, "status"), "a status of a code")
        faults.strings(code, "examples", at)
        _references(code, sources, faults, at)
    retired = [code.get("id") for _, code in found if code.get("status") == "retired"]
    ids = {id: at for id, at in ids.items() if id not in retired}
    if found and NO_INITIATIVE not in ids:
        faults.add(facet, f'no active code "{NO_INITIATIVE}"; both facets need it, for texts that describe no single initiative')
    _unlike(found, "label", faults)
    if facet == "model":
        _rungs(found, levels, faults)
    for at, code in found:
        _criteria(code, facet, ids, criteria, faults, at)
    return ids


def _references(table: Mapping[str, Any], sources: Ids, faults: Faults, at: str) -> None:
    for place, source in faults.placed(table, "sources", at):
        faults.member(source, sources, place, "the id of a source")


def _unlike(found: list[tuple[str, dict[str, Any]]], key: str, faults: Faults) -> None:
    seen: dict[Any, str] = {}
    for at, record in found:
        value = record.get(key)
        if isinstance(value, str) and seen.setdefault(value, at) != at:
            faults.add(join(at, key), f"{quoted(value)} is there already, at {seen[value]}; {key}s must differ")


def _rungs(found: list[tuple[str, dict[str, Any]]], levels: Ids, faults: Faults) -> None:
    seen: dict[tuple[str, int], str] = {}
    for at, code in found:
        level = faults.require(code, "level", str, at)
        faults.member(level, levels, join(at, "level"), "the id of a level")
        rung = faults.require(code, "rung", int, at, default=None)
        if rung is not None and rung < 1:
            faults.add(join(at, "rung"), f"{rung} is no rung; they count from 1")
        elif rung is not None and isinstance(level, str) and seen.setdefault((level, rung), at) != at:
            faults.add(join(at, "rung"), f"rung {rung} of {quoted(level)} is taken by {seen[level, rung]}")


def _criteria(code: Mapping[str, Any], facet: str, ids: Ids, criteria: Ids, faults: Faults, at: str) -> None:
    own = code.get("id")
    for key, least in (("use_when", 1), ("avoid_when", 0)):
        for place, criterion in faults.tables(code, key, at, least=least):
            faults.unknown(criterion, ("id", "text") if key == "use_when" else ("id", "text", "instead"), place)
            faults.identifier(criterion, "id", place, criteria)
            faults.require(criterion, "text", str, place)
            if key == "avoid_when":
                _points_to(criterion, "instead", own, facet, ids, faults, place)
    for place, miss in faults.tables(code, "near_misses", at):
        faults.unknown(miss, ("text", "code"), place)
        faults.require(miss, "text", str, place)
        _points_to(miss, "code", own, facet, ids, faults, place)


def _points_to(table: Mapping[str, Any], key: str, own: Any, facet: str, ids: Ids, faults: Faults, at: str) -> None:
    # two codes may well point to each other: each keeps out what belongs to the other
    target = faults.require(table, key, str, at)
    if faults.member(target, ids, join(at, key), f"a code of {facet}") and target == own:
        faults.add(join(at, key), f"{quoted(target)} is the code itself; name the one where such a case goes")


def _cues(table: Mapping[str, Any], key: str, seen: Ids, required: bool, faults: Faults) -> dict[str, tuple[str, ...]]:
    """Check the cues under `key`; return the value ids of each."""
    values: dict[str, tuple[str, ...]] = {}
    for at, cue in faults.tables(table, key, required=required, least=int(required)):
        faults.unknown(cue, ("id", "asks", "values", "opposite"), at)
        id = faults.identifier(cue, "id", at, seen)
        faults.require(cue, "asks", str, at)
        own: Ids = {}
        for place, value in faults.tables(cue, "values", at, least=2):
            faults.unknown(value, ("id", "definition"), place)
            faults.identifier(value, "id", place, own)
            faults.require(value, "definition", str, place)
        for value, other in faults.require(cue, "opposite", dict, at, default={}).items():
            place = join(join(at, "opposite"), value)
            faults.member(value, own, place, "a value of the cue")
            if not isinstance(other, str):
                faults.add(place, f"{quoted(other)} is not a string")
            elif faults.member(other, own, place, "a value of the cue") and other == value:
                faults.add(place, f"{quoted(value)} cannot be its own opposite")
        if id is not None:
            values[id] = tuple(own)
    return values


def _roles(table: Mapping[str, Any], values: Mapping[str, tuple[str, ...]], sources: Ids, faults: Faults) -> None:
    roles: Ids = {}
    rules: Ids = {}
    for at, role in faults.tables(table, "role", required=False):
        faults.unknown(role, ("id", "label", "definition", "sources", "rule"), at)
        faults.identifier(role, "id", at, roles)
        faults.require(role, "label", str, at)
        faults.require(role, "definition", str, at)
        _references(role, sources, faults, at)
        for place, rule in faults.tables(role, "rule", at, least=1):
            faults.unknown(rule, ("id", "all", "any", "none"), place)
            faults.identifier(rule, "id", place, rules)
            check_test(rule, values, faults, place)


def _pairs(table: Mapping[str, Any], codes: Mapping[str, Ids], faults: Faults) -> None:
    pairs = faults.require(table, "pairs", dict)
    if pairs is None:
        return
    used = set()
    for model, row in pairs.items():
        at = join("pairs", model)
        known = faults.member(model, codes["model"], at, "a code of model")
        if not isinstance(row, dict):
            faults.add(at, f"{quoted(row)} is not a table")
            continue
        faults.unknown(row, PAIR_KINDS, at)
        seen: Ids = {}
        for kind in PAIR_KINDS:
            for place, economy in faults.placed(row, kind, at, required=False):
                if economy in seen:
                    faults.add(place, f"{quoted(economy)} is there already, at {seen[economy]}; a pair is typical or possible, once")
                elif faults.member(economy, codes["economy"], place, "a code of economy"):
                    seen[economy] = place
                    used.add(economy)
        if known and not any(row.get(kind) for kind in PAIR_KINDS):
            faults.add(at, "no economy goes with this model; give at least one as typical or possible")
    for model in codes["model"]:
        if model not in pairs:
            faults.add("pairs", f"model {quoted(model)} ({codes['model'][model]}) has no row; give its economies")
    for economy, at in codes["economy"].items():
        if economy not in used:
            faults.add("pairs", f"economy {quoted(economy)} ({at}) goes with no model; give at least one")
    row = pairs.get(NO_INITIATIVE)
    if isinstance(row, dict) and not any(isinstance(row.get(k), list) and NO_INITIATIVE in row[k] for k in PAIR_KINDS):
        faults.add(join("pairs", NO_INITIATIVE), f'"{NO_INITIATIVE}" of economy must be among its economies: the gate decides both at once')
