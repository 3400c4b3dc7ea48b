"""What can be wrong inside a store, and is looked for by `tagger store check`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, text

from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.review.events import event_from
from tagger.review.store import schema
from tagger.review.store.case_rows import load_case
from tagger.review.store.database import StoreError
from tagger.review.verdicts import Verdicts

if TYPE_CHECKING:
    from tagger.review.store import Store

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'events'::regclass",
}


def faults_in(store: Store) -> list[str]:
    """Return what is wrong with a store, one sentence a fault."""
    faults: list[str] = []
    for look in (_file, _triggers, _cases, _events):
        try:
            with store.reading() as connection:
                faults += look(connection)
        except StoreError as fault:
            faults.append(str(fault))
    return faults


def _file(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        yield from (f"file: {fault}" for fault in connection.execute(text("PRAGMA integrity_check")).scalars() if fault != "ok")
        for row in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"table {row[0]}, row {row[1]}: refers to a row of {row[2]} that is not there"


def _triggers(connection: Connection) -> Iterator[str]:
    there = set(connection.execute(text(_TRIGGERS[connection.dialect.name])).scalars())
    yield from (f"trigger {name}: is gone, so events could be changed" for name in schema.TRIGGERS if name not in there)


def _cases(connection: Connection) -> Iterator[str]:
    query = select(schema.cases.c.id, schema.cases.c.digest, schema.bodies.c.body).outerjoin(schema.bodies).order_by(schema.cases.c.position)
    for row in connection.execute(query.execution_options(yield_per=200)):
        if row.body is None:
            yield f"case {row.id!r}: has no text"
            continue
        try:
            case = load_case(row.body)
            whole = sha256(zlib.decompress(row.body)).hexdigest() == row.digest and case.id == row.id and case.sha256 == fingerprint(case.text)
        except (ValueError, TypeError, zlib.error):
            whole = False
        if not whole:
            yield f"case {row.id!r}: is not as it was written; add it again from the suggestions"


def _events(connection: Connection) -> Iterator[str]:
    past = Verdicts()
    for row in connection.execute(select(schema.events).order_by(schema.events.c.seq).execution_options(yield_per=500)):
        try:
            event = event_from(json.loads(row.body))
            if (event.id, event.coder, event.case, event.kind, event.undoes or None) != (row.id, row.coder, row.case_id, row.kind, row.undoes):
                yield f"event number {row.seq}: its columns tell another event than its body"
            past.add(event)  # refuses an undo that may not be
        except (ValueError, TypeError, AttributeError, InputError) as fault:
            yield f"event number {row.seq}: {fault}"
