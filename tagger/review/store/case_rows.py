"""Cases as rows, and what is noted of the review itself."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, select

from tagger.errors import InputError
from tagger.review.cases import ReviewCase
from tagger.review.heads import Head, dump_head, head_of, load_head
from tagger.review.store.plain import LONGEST_ID, faults_of_name, folded, like
from tagger.review.store.schema import bodies, cases, meta

_LONGEST_SEARCH = 1000  # characters
_AT_ONCE = 200  # cases of one INSERT


@dataclass(frozen=True, slots=True)
class Added:
    """How many cases were new, changed (another text or suggestion under the same id), the same."""

    new: int
    changed: int
    same: int


def add_cases(connection: Connection, given: Iterable[ReviewCase], *, replace: bool = True) -> Added:
    """Add cases; those that are there otherwise are replaced, or (without `replace`) stay as they are and count as changed."""
    there = dict(connection.execute(select(cases.c.id, cases.c.digest)).all())
    counts = dict.fromkeys(("new", "changed", "same"), 0)
    waiting: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for case in given:
        fault = faults_of_name(case.id, LONGEST_ID)
        if fault:
            raise InputError(f"case {case.id!r}: its id {fault}")
        plain = json.dumps(case_fields(case)).encode("ascii")
        digest = sha256(plain).hexdigest()
        known = there.get(case.id)
        counts["new" if known is None else "same" if known == digest else "changed"] += 1
        if known == digest or (known is not None and not replace):
            continue
        light = {"id": case.id, "digest": digest, "head": dump_head(head_of(case))}
        heavy = {"case_id": case.id, "body": zlib.compress(plain, 1), "words": folded(f"{case.title}\n{case.text}")}
        if known is None:
            waiting.append((light, heavy))
        else:
            _insert(connection, waiting)  # it may be among them
            connection.execute(cases.update().where(cases.c.id == case.id), light)
            connection.execute(bodies.update().where(bodies.c.case_id == case.id), heavy)
        there[case.id] = digest
        if len(waiting) == _AT_ONCE:
            _insert(connection, waiting)
    _insert(connection, waiting)
    return Added(**counts)


def _insert(connection: Connection, waiting: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    if waiting:
        connection.execute(cases.insert(), [light for light, _ in waiting])
        connection.execute(bodies.insert(), [heavy for _, heavy in waiting])
        waiting.clear()


def case_fields(case: ReviewCase) -> dict[str, Any]:
    """Return a case in JSON types."""
    return {field.name: getattr(case, field.name) for field in fields(case)}  # asdict() copies the record, which takes longer than all else


def find_case(connection: Connection, case: str) -> ReviewCase | None:
    """Return a case, None where there is none of that id."""
    if faults_of_name(case, LONGEST_ID):
        return None
    body = connection.execute(select(bodies.c.body).where(bodies.c.case_id == case)).scalar()
    return None if body is None else load_case(body)


def all_cases(connection: Connection) -> Iterator[ReviewCase]:
    """Yield all cases in the order in which they were added."""
    query = select(bodies.c.body).join(cases, cases.c.id == bodies.c.case_id).order_by(cases.c.position)
    for body in connection.execute(query.execution_options(yield_per=_AT_ONCE)).scalars():
        yield load_case(body)


def load_case(body: bytes) -> ReviewCase:
    """Return the case that a row's body holds."""
    return ReviewCase(**json.loads(zlib.decompress(body)))


def all_heads(connection: Connection) -> list[Head]:
    """Return all cases, without their texts, in the order in which they were added."""
    rows = connection.execute(select(cases.c.id, cases.c.head).order_by(cases.c.position))
    return [load_head(case, position, head) for position, (case, head) in enumerate(rows, 1)]


def search(connection: Connection, words: str) -> set[str]:
    """Return the ids of the cases whose title or text holds each of the words; of all cases where there is no word."""
    if len(words) > _LONGEST_SEARCH:
        raise InputError(f"search: {len(words)} characters; at most {_LONGEST_SEARCH}")
    query = select(bodies.c.case_id)
    for word in folded(words).split():
        query = query.where(bodies.c.words.like(like(word), escape="\\"))
    return set(connection.execute(query).scalars())


def get_meta(connection: Connection) -> dict[str, str]:
    """Return what was noted of the review, by key."""
    return dict(sorted(connection.execute(select(meta.c.key, meta.c.value)).all()))  # not by the database: collations differ


def put_meta(connection: Connection, values: Mapping[str, str]) -> None:
    """Note values, over what stood there."""
    for key, value in values.items():
        fault = "" if isinstance(value, str) and value == "" else faults_of_name(value, 100_000) if isinstance(value, str) else "is no text"
        if fault:
            raise InputError(f"{key}: {value!r} {fault}")
    if values:
        connection.execute(delete(meta).where(meta.c.key.in_(list(values))))
        connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in values.items()])
