"""What a team looks at: how far everybody is, where coders differ, how well they and the tagger agree, and what people overturn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from tagger.codebook import Codebook
from tagger.codings.agreement import Agreement, agreement
from tagger.codings.merge import Label, merge, units_of
from tagger.codings.table import Coding
from tagger.codings.variables import codes_of, scales_of
from tagger.errors import InputError
from tagger.review.adjudication import codings_of, disagreements
from tagger.review.blinding import Moved, blind_report
from tagger.review.overturned import Overturned, overturned_codes, overturned_rules
from tagger.review.progress import Progress, progress_of
from tagger.review.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    from tagger.review.cases import ReviewCase
    from tagger.review.store import Head

SCOPES = ("all", "blind", "audit")
PEOPLE, TAGGER = "people", "tagger"


@dataclass(frozen=True, slots=True)
class CoderProgress:
    """How far one coder is; `blind` counts codings given without the suggestion in sight, `at` is the moment of the last one ('' before the first)."""

    coder: str
    progress: Progress
    blind: int
    at: str


@dataclass(frozen=True, slots=True)
class Divided:
    """A case whose coders differ: facet or cue to coder to code, the coders' notes, and whether an adjudicator has decided."""

    case: str
    title: str
    codes: Mapping[str, Mapping[str, str]]
    notes: Mapping[str, str]
    decided: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that the dashboard shows.

    `agreement` is that of the coders by facet and cue, `tagger` that of the tagger with what people settled (two coders, `PEOPLE` and `TAGGER`), both over the
    codings of `scope`. `unknown` counts codes that the codebook does not have, which are left out of both.
    """

    scope: str
    coders: tuple[CoderProgress, ...]
    disagreements: tuple[Divided, ...]
    agreement: Mapping[str, Agreement]
    tagger: Mapping[str, Agreement]
    codes: tuple[Overturned, ...]
    rules: tuple[Overturned, ...]
    blind: tuple[Moved, ...]
    unknown: int

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON, unrounded."""
        return asdict(self)


def machine_codes(case: ReviewCase) -> dict[str, str]:
    """Return what the tagger gave a case: facet or cue to code."""
    return case.suggestion | {code["cue"]: code["value"] for code in case.record.get("cue_codes", ())}


def dashboard(
    verdicts: Verdicts,
    heads: Iterable[Head],
    codebook: Codebook,
    *,
    scope: str = "all",
    audit: Collection[str] = (),
    coders: Iterable[str] = (),
    assigned: Mapping[str, Collection[str] | None] | None = None,
    machine: Mapping[str, Mapping[str, str]] | None = None,
    rules: Mapping[str, Mapping[str, Collection[str]]] | None = None,
    reader: str | None = None,
    replicates: int = 2000,
    seed: int = 0,
) -> Dashboard:
    """Return everything that the dashboard shows.

    Parameters
    ----------
    verdicts : Verdicts
    heads : iterable of Head
    codebook : Codebook
    scope : str
        Codings that agreement is taken from: *all*, *blind* (of each coder and case the newest one that was blind; without adjudications, which never are) or
        *audit* (of the audit cases). Where suggestions were in sight, agreement with the tagger is partly of its own making.
    audit : collection of str
        Ids of the audit cases.
    coders : iterable of str
        Who is to be listed besides those that acted.
    assigned : mapping of coder to collection of case ids, optional
        None, for a coder or altogether, for all cases.
    machine : mapping of case to mapping of facet or cue to code, optional
        What the tagger gave (:func:`machine_codes`); without it the heads' suggestions, which are of the facets alone.
    rules : mapping of case to mapping of facet to ids of rules, optional
        See :func:`tagger.review.overturned.rules_for`.
    reader : str, optional
        A coder for whom this is: disagreements on cases that this coder has yet to code are kept back. None for an adjudicator.
    replicates, seed : int
        Of the intervals; see :func:`tagger.codings.agreement.agreement`.

    Raises
    ------
    InputError
        For an unknown scope.
    """
    if scope not in SCOPES:
        raise InputError(f"scope {scope!r} is none of {', '.join(SCOPES)}")
    heads, audit = list(heads), frozenset(audit)
    rows, unknown = _known(_in_scope(verdicts, heads, scope, audit), codebook)
    given = machine if machine is not None else {head.id: head.suggestion for head in heads}
    settings = {"replicates": replicates, "seed": seed}
    every = rows if scope == "all" else _known(_in_scope(verdicts, heads, "all", audit), codebook)[0]
    labels = merge(every, codebook)
    return Dashboard(
        scope,
        tuple(_coder(name, verdicts, heads, audit, (assigned or {}).get(name)) for name in sorted({*coders, *verdicts.by_coder, *verdicts.skips})),
        tuple(_divided(verdicts, heads, codebook, reader)),
        _agreement(rows, codebook, **settings),
        _agreement(_against(labels if scope == "all" else merge(rows, codebook), given, codebook), codebook, **settings),
        tuple(overturned_codes(labels, heads)),
        tuple(overturned_rules(labels, heads, rules or {})),
        tuple(blind_report(verdicts, heads)),
        unknown,
    )


def _coder(name: str, verdicts: Verdicts, heads: list[Head], audit: frozenset[str], assigned: Collection[str] | None) -> CoderProgress:
    wanted = None if assigned is None else frozenset(assigned)
    mine = heads if wanted is None else [head for head in heads if head.id in wanted]
    held = verdicts.by_coder.get(name, {})
    blind, at = sum(v.blind is True for v in held.values()), max((v.at for v in held.values()), default="")
    return CoderProgress(name, progress_of(mine, audit, verdicts, name), blind, at)


def _divided(verdicts: Verdicts, heads: list[Head], codebook: Codebook, reader: str | None) -> Iterable[Divided]:
    titles, texts = {head.id: head.title for head in heads}, {head.id: head.sha256 for head in heads}
    for found in disagreements(verdicts, texts=texts, names=tuple(codes_of(codebook)), decided=True):
        if reader is None or any(v.coder == reader for v in found.verdicts):
            codes = {name: {v.coder: v.codes[name] for v in found.verdicts if name in v.codes} for name in found.facets}
            notes = {v.coder: v.note for v in found.verdicts if v.note}
            yield Divided(found.case, titles.get(found.case, ""), codes, notes, not found.open)


def _in_scope(verdicts: Verdicts, heads: list[Head], scope: str, audit: frozenset[str]) -> list[Coding]:
    """Return the codings of a scope, and the adjudications that go with them, without those of another text than the case has now."""
    now = {head.id: head.sha256 for head in heads}
    if scope == "blind":
        return [v.coding() for v in _newest_blind(verdicts, now)]
    fresh = [c for c in codings_of(verdicts, heads) if not (c.sha256 and now.get(c.case) and c.sha256 != now[c.case])]
    return fresh if scope == "all" else [c for c in fresh if c.case in audit]


def _newest_blind(verdicts: Verdicts, now: Mapping[str, str]) -> Iterable[Verdict]:
    for held in verdicts:
        blind = [v for v in verdicts.codings(held.case, held.coder) if v.blind and not v.stale(now.get(held.case, ""))]
        yield from blind[-1:]


def _known(rows: Iterable[Coding], codebook: Codebook) -> tuple[list[Coding], int]:
    """Return the codings without codes that the codebook does not have, and how many these were."""
    allowed = codes_of(codebook)
    kept, unknown = [], 0
    for row in rows:
        codes = {name: code for name, code in row.codes.items() if code in allowed.get(name, ())}
        unknown += len(row.codes) - len(codes)
        if codes:
            kept.append(row if len(codes) == len(row.codes) else replace(row, codes=codes))
    return kept, unknown


def _against(labels: Mapping[str, Label], machine: Mapping[str, Mapping[str, str]], codebook: Codebook) -> list[Coding]:
    """Return the tagger and what people settled as two coders."""
    usable = [label for label in labels.values() if label.usable and label.case in machine]
    people = [Coding(label.case, PEOPLE, label.codes) for label in usable]
    return people + _known((Coding(label.case, TAGGER, machine[label.case]) for label in usable), codebook)[0]


def _agreement(rows: list[Coding], codebook: Codebook, *, replicates: int, seed: int) -> dict[str, Agreement]:
    units = units_of(rows)
    return {
        name: agreement(units.get(name, {}), codes, scales_of(codebook, name), replicates=replicates, seed=seed) for name, codes in codes_of(codebook).items()
    }
