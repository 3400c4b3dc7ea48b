"""Authored cases: our own texts with the codes that they were written to carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tagger.codings.rows import json_rows
from tagger.errors import InputError

TEXTS = ("id", "initiative", "title", "text", "economy", "model", "register")  # columns that hold a string which is not empty


@dataclass(frozen=True, slots=True)
class AuthoredCase:
    """One authored text; the columns of ``corpus/cases.jsonl`` that its checks need.

    `initiative` groups cases in splits; `indirect` says that no cue word stands outright; `near_miss` is the model that the text looks like and is not (None:
    none).
    """

    id: str
    initiative: str
    title: str
    text: str
    economy: str
    model: str
    register: str
    indirect: bool
    near_miss: str | None


def read_authored(path: str | Path) -> list[AuthoredCase]:
    """Read authored cases from a JSONL file, one object a line; further columns are passed over.

    Raises
    ------
    InputError
        Where the file cannot be read or is no UTF-8, or with all faulty records at once: line, key, the value found and what is wanted.
    """
    path = Path(path)
    cases: list[AuthoredCase] = []
    faults: list[str] = []
    first: dict[str, int] = {}  # id: the line where it stood first
    for number, row in json_rows(path, faults):
        wrong = list(_faults(row))
        if not wrong and row["id"] in first:
            wrong = [f"id: {row['id']!r} stands already in line {first[row['id']]}; ids must differ"]
        if wrong:
            faults += [f"line {number}, {fault}" for fault in wrong]
        else:
            first[row["id"]] = number
            cases.append(AuthoredCase(**{key: row[key] for key in TEXTS}, indirect=row["indirect"], near_miss=row["near_miss"]))
    if faults:
        raise InputError(f"{path}: {len(faults)} fault{'s' if len(faults) != 1 else ''}:\n" + "\n".join(f"  {fault}" for fault in faults))
    if not cases:
        raise InputError(f"{path}: holds no case; one JSON object a line is needed")
    return cases


def _faults(row: dict) -> Iterator[str]:
    """Yield what is wrong with a record, one phrase a key."""
    for key in TEXTS:
        if key not in row:
            yield f"{key}: missing"
        elif not isinstance(row[key], str) or not row[key].strip():
            yield f"{key}: {row[key]!r:.60} in place of a text"
    if not isinstance(row.get("indirect"), bool):
        yield f"indirect: {row.get('indirect')!r:.60} in place of true or false"
    near = row.get("near_miss", "")
    if near is not None and not (isinstance(near, str) and near.strip()):
        yield f"near_miss: {'missing' if 'near_miss' not in row else f'{near!r:.60}'}; the id of a model or null is needed"
