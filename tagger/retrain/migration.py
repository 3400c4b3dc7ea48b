"""Codings, models and figures after a change of the codebook: what follows by itself, what somebody has to look at, what is no longer comparable."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tagger.codebook import FACETS
from tagger.codebook.faults import listed
from tagger.codebook.migrate import MAJOR, Migration, ids_of
from tagger.codebook.moves import version_of
from tagger.coding.model_file import CURRENT, MANIFEST
from tagger.codings.table import Coding
from tagger.codings.variables import codes_of, scales_of
from tagger.errors import InputError

LONGEST = 1 << 20  # bytes of a manifest
_VERSION = re.compile(r"\b\d+\.\d+\.\d+\b")


@dataclass(frozen=True, slots=True)
class Eyes:
    """A case that somebody has to look at.

    `was` is what its coders gave, by coder, of what is in question; `candidates` are the codes that it may belong to now, by facet or cue. `taken_out` tells
    whether a label was taken out (else it stands, but a new code may fit better).
    """

    case: str
    title: str
    sha256: str
    was: Mapping[str, Mapping[str, str]]
    candidates: Mapping[str, tuple[str, ...]]
    why: tuple[str, ...]
    taken_out: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the case for JSON."""
        return {
            "id": self.case,
            "title": self.title,
            "sha256": self.sha256,
            "was": {coder: dict(codes) for coder, codes in self.was.items()},
            "candidates": {name: list(ids) for name, ids in self.candidates.items()},
            "why": list(self.why),
            "taken_out": self.taken_out,
        }


@dataclass(frozen=True, slots=True)
class Migrated:
    """Codings after the change.

    `stayed` counts labels (a code of a facet or cue, of one coding) that are as before, `followed` those that carry another code now, by (facet, from, to),
    `taken_out` those that somebody has to give anew, by (facet, code); `left_out` codings are gone whole, since no code of a facet was left in them.
    """

    codings: tuple[Coding, ...]
    stayed: int
    followed: Mapping[tuple[str, str, str], int]
    taken_out: Mapping[tuple[str, str], int]
    left_out: int
    eyes: tuple[Eyes, ...]


def migrate_codings(codings: Iterable[Coding], migration: Migration) -> Migrated:
    """Return the codings as the new codebook has them; nothing that somebody has to look at is guessed.

    Raises
    ------
    InputError
        Where codings say that they were made by another version than the old one.
    """
    codings = list(codings)
    _check_versions(codings, migration)
    kept: list[Coding] = []
    counts: tuple[Counter, Counter] = Counter(), Counter()
    found: dict[str, list[tuple[Coding, dict[str, tuple[str, ...]], list[str], bool]]] = {}
    left_out = stayed = 0
    for coding in codings:
        codes, followed, questions, why, out = _follow(coding, migration)
        stayed += sum(name in codes and codes[name] == code for name, code in coding.codes.items())
        counts[0].update((name, coding.codes[name], codes[name]) for name in followed if name in codes)
        counts[1].update((name, coding.codes[name]) for name in coding.codes if name not in codes)
        if questions:
            found.setdefault(coding.case, []).append((coding, questions, why, out))
        if any(facet in codes for facet in FACETS):
            kept.append(_as_new(coding, codes, migration))
        else:
            left_out += 1
    return Migrated(tuple(kept), stayed, dict(counts[0]), dict(counts[1]), left_out, tuple(_eyes(case, rows) for case, rows in found.items()))


def _check_versions(codings: list[Coding], migration: Migration) -> None:
    wanted = version_of(migration.old.version)[:2]
    strange = Counter(said[0] for c in codings if (said := _VERSION.search(c.codebook)) and version_of(said[0])[:2] != wanted)
    if strange:
        told = ", ".join(f"{count} by {version}" for version, count in sorted(strange.items()))
        raise InputError(f"of {len(codings)} codings {told}, not by {migration.old.version}; migrate each with the codebook that it was made by")


def _follow(coding: Coding, migration: Migration) -> tuple[dict[str, str], list[str], dict[str, tuple[str, ...]], list[str], bool]:
    """Return of a coding: its codes now, which of them changed, what is in question with candidates, why, and whether a label was taken out."""
    codes: dict[str, str] = {}
    followed: list[str] = []
    questions: dict[str, tuple[str, ...]] = {}
    why: list[str] = []
    out = False
    for name, code in coding.codes.items():
        if name in migration.dropped:
            continue
        fate = migration.by_code.get((name, code))  # none for what is unstated
        if fate is None or fate.becomes:
            codes[name] = code if fate is None else fate.becomes
            if codes[name] != code:
                followed.append(name)
        if fate is not None and (fate.eyes or fate.doubtful):
            questions[name] = fate.candidates
            why += [f"{name} {code}: {text}" for text in fate.why]
            out = out or fate.eyes
    pair = tuple(codes.get(facet, "") for facet in FACETS)
    if all(pair) and not migration.new.allowed(*pair):
        for facet in FACETS:
            questions[facet] = tuple(dict.fromkeys((*questions.get(facet, ()), codes.pop(facet))))
        why.append(f"economy {pair[0]} contradicts model {pair[1]} in version {migration.new.version}")
        out = True
    return codes, followed, questions, why, out


def _as_new(coding: Coding, codes: Mapping[str, str], migration: Migration) -> Coding:
    """Return a coding with its new codes; the note tells what it was, so that nobody takes it for the coder's own word."""
    changed = [f"{name} {code} -> {codes.get(name, 'open')}" for name, code in coding.codes.items() if codes.get(name) != code]
    note = f"migrated from {migration.old.version}: {', '.join(changed)}" if changed else ""
    return replace(coding, codes=codes, codebook=migration.new.version, note="; ".join(filter(None, (coding.note, note))))


def _eyes(case: str, rows: list[tuple[Coding, dict[str, tuple[str, ...]], list[str], bool]]) -> Eyes:
    candidates: dict[str, dict[str, None]] = {}
    for _, questions, _, _ in rows:
        for name, ids in questions.items():
            candidates.setdefault(name, {}).update(dict.fromkeys(ids))
    first = rows[0][0]
    was = {coding.coder: {name: coding.codes[name] for name in questions} for coding, questions, _, _ in rows}
    why = tuple(dict.fromkeys(text for _, _, texts, _ in rows for text in texts))
    return Eyes(case, first.title, first.sha256, was, {name: tuple(ids) for name, ids in candidates.items()}, why, any(out for *_, out in rows))


@dataclass(frozen=True, slots=True)
class ModelFate:
    """Whether a model can be used with the new codebook, and why not."""

    name: str
    in_use: bool
    works: bool
    why: str


def models_after(models: Path, migration: Migration) -> tuple[ModelFate, ...]:
    """Return which models of a folder still work: those of the new version, and where only words changed those of the old one.

    Raises
    ------
    InputError
        Where there is no such folder.
    """
    if not models.is_dir():
        raise InputError(f"{models}: no such folder of models")
    current = models / CURRENT
    in_use = current.read_text(encoding="utf-8", errors="replace").strip() if current.is_file() else ""
    return tuple(_model(path, path.parent.name == in_use, migration) for path in sorted(models.glob(f"*/{MANIFEST}")))


def _model(path: Path, in_use: bool, migration: Migration) -> ModelFate:
    name, new = path.parent.name, migration.new
    try:
        with path.open("rb") as stream:
            made_for = json.loads(stream.read(LONGEST))["codebook"]
        id, version = made_for["id"], version_of(made_for["version"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return ModelFate(name, in_use, False, f"its manifest cannot be read ({type(error).__name__}); see `tagger models verify`")
    if id == new.id and version[:2] == version_of(new.version)[:2]:
        same = made_for.get("sha256") == new.sha256
        return ModelFate(name, in_use, True, "was trained by it" if same else f"was trained by {made_for['version']}, from which only words differ")
    why = f"was trained by {id} {made_for['version']}; train anew on the migrated codings"
    return ModelFate(name, in_use, False, why)


@dataclass(frozen=True, slots=True)
class Incomparable:
    """A figure that means something else by the new codebook than by the old one."""

    figure: str
    why: str


def incomparable(migration: Migration) -> tuple[Incomparable, ...]:
    """Return the figures that must not be set beside those of the old version; empty where only words changed."""
    return () if migration.wording_only else tuple(_incomparable(migration))


def _incomparable(migration: Migration) -> Iterator[Incomparable]:
    old, new = codes_of(migration.old), codes_of(migration.new)
    for name in old:
        if name not in new:
            yield Incomparable(f"{name}: every figure", "the cue is no longer coded")
        elif touched := migration.touched(name):
            every = "accuracy, macro-F1, alpha, share decided, calibration, conformal sets"
            yield Incomparable(f"{name}: {every}", f"other codes to choose from: {listed(touched)}")
            yield Incomparable(f"{name} {listed(touched)}: precision, recall, F1, agreement, prevalence", "other cases belong to them")
        if name in FACETS and name in new and _scales(migration.old, name, migration) != scales_of(migration.new, name):
            yield Incomparable(f"{name}: ordinal alpha", "the ladders have other rungs")
    if set(_renamed_pairs(migration)) != set(migration.new.pairs):
        yield Incomparable("accuracy of both codes together, auto-accept band", "other pairs of economy and model are allowed")
    if migration.step == MAJOR and not any(migration.touched(name) for name in ids_of(migration.old)):
        yield Incomparable("word weights, ledgers", "a major step: models are trained anew, so that a case may be decided on other grounds")


def _scales(book: Any, name: str, migration: Migration) -> dict[str, tuple[str, ...]]:
    return {scale: tuple(_now(name, code, migration) for code in codes) for scale, codes in scales_of(book, name).items()}


def _renamed_pairs(migration: Migration) -> Iterator[tuple[str, str]]:
    for economy, model in migration.old.pairs:
        yield _now("economy", economy, migration), _now("model", model, migration)


def _now(name: str, code: str, migration: Migration) -> str:
    fate = migration.by_code.get((name, code))
    return fate.becomes if fate is not None and fate.becomes else code
