"""What people do in a review, as events that are only ever added."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from tagger.codings.text import FINGERPRINT
from tagger.errors import InputError

KINDS = ("coding", "skip", "undo", "mention", "note", "adjudication")
SURENESS = ("", "sure", "unsure")
VERDICTS = ("wrong", "added")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_LONGEST = {"coder": 100, "case": 1000, "note": 10_000}


@dataclass(frozen=True, slots=True)
class Marking:
    """What a coder said of a mention of a cue: `wrong`, or `added` where the tagger had found none. Offsets in code points of the text as given."""

    verdict: str
    cue: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one coder on one case.

    `id` is a UUID that whoever acts makes up, so that a repeated sending is never a second coding. `at` is UTC (``2026-11-23T10:00:00.000Z``). `kind`:
    *coding* (`codes` of facets and cues; a coder's newest one that was not undone counts), *skip* (shown again at the end), *undo* (of `undoes`, an event of
    the same coder and case), *mention* (`marking`), *note* (on the case; a coding may carry one itself), *adjudication* (as coding, decides where coders
    differ). `sha256` is the fingerprint of the text that was read. `seconds` is the time from showing to acting. `blind` tells that neither the suggestion nor
    others' codes were seen; `shown` is what was seen instead (facet: code). `versions` are those of tagger, codebook, rules and model that made the suggestion.
    """

    id: str
    at: str
    coder: str
    kind: str
    case: str
    sha256: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    sureness: str = ""
    note: str = ""
    marking: Marking | None = None
    seconds: float | None = None
    blind: bool | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    undoes: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the event in JSON types, its keys in their fixed order."""
        return asdict(self)


def now() -> str:
    """Return this moment as an event tells it (UTC, milliseconds)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id() -> str:
    """Return an id that no event has."""
    return str(uuid.uuid4())


def event_from(given: Mapping[str, Any]) -> Event:
    """Return the event that a JSON object tells.

    Raises
    ------
    InputError
        With every fault at once: key, value and what is allowed.
    """
    faults = [f"{key}: unknown" for key in given if key not in {f.name for f in fields(Event)}]
    texts = {f.name: given.get(f.name, "") for f in fields(Event) if f.type == "str"}
    faults += [f"{key}: {value!r} is no string" for key, value in texts.items() if not isinstance(value, str)]
    for key, longest in _LONGEST.items():
        if isinstance(texts[key], str) and len(texts[key]) > longest:
            faults.append(f"{key}: {len(texts[key])} characters; at most {longest}")
    if not faults:
        faults += list(_faults_of_texts(texts))
    for key in ("codes", "shown", "versions"):
        value = given.get(key) or {}
        if not isinstance(value, Mapping) or any(not isinstance(x, str) for pair in value.items() for x in pair):
            faults.append(f"{key}: an object of strings is needed")
    seconds, blind, marking = given.get("seconds"), given.get("blind"), given.get("marking")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e7):
        faults.append(f"seconds: {seconds!r} is no length of time")
    if blind is not None and not isinstance(blind, bool):
        faults.append(f"blind: {blind!r} is neither true nor false")
    if marking is not None:
        faults += list(_faults_of_marking(marking))
    if faults:
        raise InputError(f"event {given.get('id')!r}: " + "; ".join(faults))
    known = {f.name: given[f.name] for f in fields(Event) if given.get(f.name) is not None}
    for key in ("codes", "shown", "versions"):
        known[key] = dict(given.get(key) or {})
    return Event(**known | {"marking": Marking(**marking) if marking else None, "seconds": None if seconds is None else float(seconds)})


def _faults_of_texts(texts: Mapping[str, str]) -> list[str]:
    faults = [f"{key}: empty" for key in ("coder", "case") if not texts[key].strip()]
    try:
        if str(uuid.UUID(texts["id"])) != texts["id"]:
            raise ValueError
    except ValueError:
        faults.append(f"id: {texts['id']!r} is no UUID in small letters")
    if not _AT.fullmatch(texts["at"]):
        faults.append(f"at: {texts['at']!r} is no moment in UTC as 2026-11-23T10:00:00.000Z")
    if texts["kind"] not in KINDS:
        faults.append(f"kind: {texts['kind']!r} is none of {', '.join(KINDS)}")
    if texts["sureness"] not in SURENESS:
        faults.append(f"sureness: {texts['sureness']!r} is neither sure nor unsure")
    if texts["sha256"] and not FINGERPRINT.fullmatch(texts["sha256"]):
        faults.append(f"sha256: {texts['sha256']!r} is no fingerprint (64 hexadecimal digits)")
    if (texts["kind"] == "undo") != bool(texts["undoes"]):
        faults.append("undoes: the id of an event, in an undo and nowhere else")
    return faults


def _faults_of_marking(given: Any) -> list[str]:
    if not isinstance(given, Mapping) or set(given) != {f.name for f in fields(Marking)}:
        return [f"marking: an object of {', '.join(f.name for f in fields(Marking))} is needed"]
    faults = [f"marking: {key} {given[key]!r} is no string" for key in ("cue", "value") if not isinstance(given[key], str)]
    if given["verdict"] not in VERDICTS:
        faults.append(f"marking: verdict {given['verdict']!r} is neither wrong nor added")
    start, end = given["start"], given["end"]
    if any(isinstance(x, bool) or not isinstance(x, int) for x in (start, end)) or not 0 <= start < end:
        faults.append(f"marking: {start!r} to {end!r} is no stretch of text")
    return faults
