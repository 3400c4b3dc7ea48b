"""Events as rows: what may be added, and nothing else ever happens to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Select, select

from tagger.errors import InputError, TaggerError
from tagger.review.events import Event, event_from
from tagger.review.store.plain import LONGEST_ID, faults_of_name
from tagger.review.store.schema import cases, events

_AT_ONCE = 500  # values of one IN, rows of one INSERT
_CASES, _EVENTS = select(cases.c.id), select(events)


class ConflictError(TaggerError):
    """An event whose id holds another event already."""


def add_events(connection: Connection, given: list[Event]) -> int:
    """Add events in their order; return how many are new."""
    targets = {event.undoes for event in given if event.undoes}
    there = {event.id: event for some in _some({event.id for event in given} | targets) for _, event in _read(connection, _EVENTS.where(events.c.id.in_(some)))}
    undone = {id for some in _some(targets) for id in connection.execute(select(events.c.undoes).where(events.c.undoes.in_(some))).scalars()}
    known = {id for some in _some({e.case for e in given if _storable(e.case)}) for id in connection.execute(_CASES.where(cases.c.id.in_(some))).scalars()}
    new = []
    for event in given:
        if event.id in there:
            if there[event.id] != event:
                raise ConflictError(f"event {event.id}: this id holds another event already; nothing was added. Give a new event a new id.")
            continue
        fault = _fault(event, known, there.get(event.undoes), event.undoes in undone)
        if fault:
            raise InputError(f"event {event.id}: {fault}; nothing was added")
        there[event.id] = event
        undone |= {event.undoes} - {""}
        new.append(event)
    for start in range(0, len(new), _AT_ONCE):
        connection.execute(events.insert(), [_row(event) for event in new[start : start + _AT_ONCE]])
    return len(new)


def _fault(event: Event, known: set[str], target: Event | None, undone: bool) -> str:
    if not _storable(event.coder):
        return f"coder {event.coder!r}: {faults_of_name(event.coder, LONGEST_ID)}"
    if event.case not in known:
        return f"case {event.case!r} is not in the review; add it first"
    if not event.undoes:
        return ""
    if target is None:
        return f"undoes {event.undoes}, which is no event of this review"
    if (target.coder, target.case) != (event.coder, event.case):
        return f"undoes {event.undoes}, which is another coder's or of another case; everybody undoes but his own"
    if target.kind == "undo":
        return f"undoes {event.undoes}, which is an undo itself; code the case again instead"
    return f"undoes {event.undoes}, which is undone already" if undone else ""


def _storable(name: str) -> bool:
    return not faults_of_name(name, LONGEST_ID)


def _row(event: Event) -> dict[str, str | None]:
    body = json.dumps(event.as_dict())
    return {"id": event.id, "coder": event.coder, "case_id": event.case, "kind": event.kind, "undoes": event.undoes or None, "body": body}


def _some(values: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def numbered(connection: Connection, after: int = 0, coder: str | None = None, case: str | None = None) -> Iterator[tuple[int, Event]]:
    """Yield (number, event) in order of the numbers."""
    query = _EVENTS.where(events.c.seq > after)
    for column, name in ((events.c.coder, coder), (events.c.case_id, case)):
        if name is not None and not _storable(name):
            return
        query = query if name is None else query.where(column == name)
    yield from _read(connection, query.order_by(events.c.seq))


def _read(connection: Connection, query: Select) -> Iterator[tuple[int, Event]]:
    for row in connection.execute(query.with_only_columns(events.c.seq, events.c.body).execution_options(yield_per=_AT_ONCE)):
        yield row.seq, event_from(json.loads(row.body))
