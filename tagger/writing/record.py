"""A decision as the canonical JSON object, the one form that every other output is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tagger.case import Case, Choice, CueCode, Decision, Line, Mention

FACETS = ("economy", "model")
DECIMALS = 9
_DEEPEST = 60


def as_record(decision: Decision, *, text: bool = True) -> dict[str, Any]:
    """Return `decision` as plain JSON types, its keys in their fixed order.

    Offsets count code points of the text as the user gave it, and a cue's `text` is exactly what stands there; where that differs from the
    plain text (markup inside a mention), `plain` has the latter.  Weights have 9 decimals; the `scores` of the codes with evidence are the
    `math.fsum` of their weights as written, so that anyone can add them up again.  What a wiki page's structure says is under ``fields["page"]``
    (``"page_"`` if the input has a column of that name).  `text` is the case as given, left out if not asked for; where markup
    was taken off, `plain` has the text without it and, under ``at``, two lists: where stretches of it begin, and where these stand in the text as
    given.  `notes` is there only if the reader had to mend something.
    """
    case = decision.case
    return {
        **head(decision),
        "roles": [{"role": role.role, "evidence": [_cue(case, m) for m in role.evidence]} for role in decision.roles],
        "cues": [_cue(case, m) for m in decision.mentions],
        "cue_codes": [_cue_code(case, code) for code in decision.cue_codes],
        "evidence": [
            _line(case, facet, code, line) for facet in FACETS for code, lines in ledgers(getattr(decision, facet)) for line in lines
        ],
        "scores": {facet: _scores(getattr(decision, facet)) for facet in FACETS},
        **tail(decision, text=text),
    }


def head(decision: Decision) -> dict[str, Any]:
    """Return what stands in a record before the roles."""
    case = decision.case
    return {"id": case.id, "title": case.title, "economy": _proposal(decision.economy), "model": _proposal(decision.model)}


def tail(decision: Decision, *, text: bool = True) -> dict[str, Any]:
    """Return what stands in a record after the scores."""
    case = decision.case
    record = {
        "provenance": {name: getattr(decision.provenance, name) for name in ("tagger", "codebook", "rules", "model")},
        "fields": _fields(case),
    }
    if text:
        record["text"] = case.as_given
        if case.source is not None and case.offsets is not None:
            record["plain"] = {"text": case.text, "at": [list(case.offsets.plain), list(case.offsets.source)]}
    if case.notes:
        record["notes"] = list(case.notes)
    return record


def ledgers(choice: Choice) -> list[tuple[str, tuple[Line, ...]]]:
    """Return the codes of `choice` that have a ledger, each with its lines: the best code first, then the runner-up."""
    return sorted(choice.ledgers.items(), key=lambda item: item[0] != choice.code)


def overall_status(decision: Decision) -> str:
    """Return one status for both facets: gated or abstained if either is, else decided."""
    statuses = {decision.economy.status, decision.model.status}
    return next((status for status in ("gated", "abstained") if status in statuses), "decided")


def _proposal(choice: Choice) -> dict[str, Any]:
    return {"code": choice.code, "probability": round(choice.probability, DECIMALS), "status": choice.status, "set": list(choice.set)}


def _cue(case: Case, mention: Mention) -> dict[str, Any]:
    start, end = case.given(mention.start, mention.end)
    text = case.as_given[start:end]
    entry = {
        "cue": mention.cue,
        "value": mention.value,
        "status": mention.status,
        "voice": mention.voice,
        "start": start,
        "end": end,
        "text": text,
        "pattern": mention.pattern,
    }
    if text != mention.text:
        entry["plain"] = mention.text
    return entry


def _cue_code(case: Case, code: CueCode) -> dict[str, Any]:
    start, end = case.given(code.start, code.end) if code.start is not None and code.end is not None else (None, None)
    return {"cue": code.cue, "value": code.value, "probability": round(code.probability, DECIMALS), "start": start, "end": end}


def _line(case: Case, facet: str, code: str, line: Line) -> dict[str, Any]:
    start, end = case.given(line.start, line.end) if line.start is not None and line.end is not None else (None, None)
    weight = rounded(line.weight)
    named = {"source": line.source, "name": line.name, "weight": weight, "criterion": line.criterion}
    return {"facet": facet, "code": code, **named, "start": start, "end": end}


def _scores(choice: Choice) -> dict[str, float]:
    added = {code: math.fsum(rounded(line.weight) for line in lines) for code, lines in choice.ledgers.items()}
    return {code: added.get(code, rounded(score)) for code, score in choice.scores.items()}


def rounded(number: float) -> float:
    """Return `number` as it is written."""
    return round(float(number), DECIMALS) + 0.0  # no "-0.0"


def _fields(case: Case) -> dict[str, Any]:
    fields = {str(name): _plain(value) for name, value in case.fields.items()}
    page = case.page
    if page is not None:
        key = "page"
        while key in fields:
            key += "_"
        fields[key] = {"definition": page.definition, "url": page.url, "categories": list(page.categories)}
    return fields


def _plain(value: Any, depth: int = 0) -> Any:
    """Return `value` in JSON types; what JSON has no word for (NaN, a date) becomes its text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping | list | tuple) and depth >= _DEEPEST:
        return f"(left out: nested deeper than {_DEEPEST} levels)"
    if isinstance(value, Mapping):
        return {str(name): _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return str(value)
