"""The cases of a review: what `tagger tag` wrote, with the text that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.case import OffsetMap
from tagger.codebook import FACETS
from tagger.codings.rows import json_rows
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.reading.offsets import place

FACTS = ("code", "probability", "status", "set")  # of a proposal


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A case to be reviewed: `text` without markup, and `record`, what `tagger tag` wrote, with its offsets led back to that text (code points)."""

    id: str
    title: str
    text: str
    sha256: str
    record: Mapping[str, Any]

    @property
    def versions(self) -> dict[str, str]:
        """What made the suggestion: versions of tagger, codebook, rules and model."""
        return {key: str(value) for key, value in (self.record.get("provenance") or {}).items() if value}

    @property
    def suggestion(self) -> dict[str, str]:
        """Facet: the code that was proposed."""
        return {facet: str(self.record[facet]["code"]) for facet in FACETS}


def read_suggestions(path: str | Path, faults: list[str] | None = None) -> Iterator[ReviewCase]:
    """Yield the cases of a JSONL that `tagger tag` wrote.

    Parameters
    ----------
    path : str or Path
    faults : list of str, optional
        Takes what is wrong with single lines, which are passed over; without it the first fault is raised.

    Raises
    ------
    InputError
        Where the file cannot be read, or (without `faults`) a line is no suggestion.
    """
    path = Path(path)
    first: dict[str, int] = {}
    for line, row in json_rows(path, faults):
        wrong = _fault(row) or (f"id {row['id']!r} stands already in line {first[row['id']]}; ids must differ" if row["id"] in first else "")
        if wrong:
            if faults is None:
                raise InputError(f"{path}, line {line}: {wrong}")
            faults.append(f"line {line}: {wrong}")
            continue
        first[row["id"]] = line
        yield _case(row)


def _case(row: Mapping[str, Any]) -> ReviewCase:
    text, record = row["text"], {k: v for k, v in row.items() if k not in ("text", "plain")}
    if row.get("plain"):
        text, record = _without_markup(row["plain"], record)
    return ReviewCase(row["id"], str(row.get("title") or ""), text, fingerprint(text), record)


def _without_markup(plain: Mapping[str, Any], record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the text without markup, and the record with every span led from the text as given to it."""
    text, offsets = plain["text"], OffsetMap(*(tuple(positions) for positions in plain["at"]))

    def led(value: Any) -> Any:
        if isinstance(value, list):
            return [led(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: led(item) for key, item in value.items()}
        if isinstance(value.get("start"), int) and isinstance(value.get("end"), int):
            start = place(offsets, len(text), value["start"])
            value |= {"start": start, "end": min(len(text), max(start + 1, place(offsets, len(text), value["end"] - 1) + 1))}
        return value

    return text, record | {key: led(record[key]) for key in ("roles", "cues", "cue_codes", "evidence") if key in record}


def _fault(row: Mapping[str, Any]) -> str:
    if not isinstance(row.get("id"), str) or not row["id"]:
        return "no id; give a JSONL that `tagger tag` wrote"
    if any(not isinstance(row.get(facet), dict) or any(key not in row[facet] for key in FACTS) for facet in FACETS):
        return "no proposal for both facets; give a JSONL that `tagger tag` wrote"
    if not isinstance(row.get("text"), str):
        return "no text, so there is nothing to read; tag again with this version, without --no-text"
    plain = row.get("plain")
    if plain is not None and not _is_plain(plain):
        return "plain: no text with two lists of offsets; give a JSONL that `tagger tag` wrote"
    return ""


def _is_plain(plain: Any) -> bool:
    if not isinstance(plain, dict) or not isinstance(plain.get("text"), str) or not isinstance(plain.get("at"), list) or len(plain["at"]) != 2:
        return False
    own, given = plain["at"]
    if not isinstance(own, list) or not isinstance(given, list) or not 0 < len(own) == len(given):
        return False
    return all(type(x) is int for x in (*own, *given)) and own[0] == 0 and own == sorted(own)
