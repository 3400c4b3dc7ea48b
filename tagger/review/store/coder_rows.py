"""The coders of a team: names, roles, tokens, and which cases are whose."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, func, select

from tagger.errors import InputError
from tagger.review.store.plain import faults_of_name
from tagger.review.store.schema import assignments, cases, coders

ROLES = ("coder", "adjudicator")
_BYTES = 32  # of a token: 256 bits
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Coder:
    """Somebody who codes (`role` coder) or also decides where coders differ (adjudicator). `active`: the token opens the review."""

    name: str
    role: str
    active: bool


def add_coder(connection: Connection, name: str, role: str) -> str:
    """Give somebody a token and return it; only its SHA-256 is kept."""
    _check(name, role)
    token = secrets.token_urlsafe(_BYTES)
    known = connection.execute(select(coders.c.active, coders.c.token_sha256).where(coders.c.name == name)).first()
    if known is not None and known.active and known.token_sha256:
        raise InputError(f"coder {name!r}: has a token already; revoke it first if it was lost (`tagger store coders revoke`)")
    values = {"role": role, "active": True, "token_sha256": _digest(token)}
    connection.execute(coders.insert().values(name=name, **values) if known is None else coders.update().where(coders.c.name == name).values(**values))
    return token


def add_without_token(connection: Connection, given: Iterable[Coder]) -> int:
    """Add coders that are not there yet, without a token; return how many."""
    there = {coder.name for coder in all_coders(connection)}
    count = 0
    for coder in given:
        _check(coder.name, coder.role)
        if coder.name not in there:
            connection.execute(coders.insert().values(name=coder.name, role=coder.role, active=bool(coder.active)))
            there.add(coder.name)
            count += 1
    return count


def _check(name: str, role: str = ROLES[0]) -> None:
    if role not in ROLES:
        raise InputError(f"role {role!r}: is none of {', '.join(ROLES)}")
    fault = faults_of_name(name, _LONGEST)
    if fault:
        raise InputError(f"coder {name!r}: {fault}")


def coder_of(connection: Connection, token: str) -> Coder | None:
    """Return whose token this is; None where it is nobody's, or was revoked."""
    digest = _digest(token)
    row = connection.execute(select(coders).where(coders.c.token_sha256 == digest)).first()
    if row is None or not hmac.compare_digest(row.token_sha256, digest) or not row.active:
        return None
    return Coder(row.name, row.role, row.active)


def revoke(connection: Connection, name: str) -> None:
    """Take somebody's token away; the codings stay."""
    if not connection.execute(coders.update().where(coders.c.name == name).values(active=False, token_sha256=None)).rowcount:
        have = ", ".join(coder.name for coder in all_coders(connection)) or "none"
        raise InputError(f"coder {name!r}: is not known; there are: {have}")


def all_coders(connection: Connection) -> list[Coder]:
    """Return the coders in the order in which they were added."""
    return [Coder(row.name, row.role, row.active) for row in connection.execute(select(coders).order_by(coders.c.position))]


def assign(connection: Connection, pairs: Iterable[tuple[str, str]]) -> int:
    """Add assignments (case, coder) that are not there yet; return how many."""
    wanted = dict.fromkeys(pairs)
    there = set(connection.execute(select(assignments.c.case_id, assignments.c.coder)))
    known = set(connection.execute(select(cases.c.id)).scalars())
    unknown = [case for case, _ in wanted if case not in known]
    if unknown:
        raise InputError(f"{len(unknown)} of the assigned cases are not in the review, the first is {unknown[0]!r}; add the cases first")
    for coder in dict.fromkeys(coder for _, coder in wanted):
        _check(coder)
    new = [{"case_id": case, "coder": coder} for case, coder in wanted if (case, coder) not in there]
    if new:
        connection.execute(assignments.insert(), new)
    return len(new)


def assigned(connection: Connection, coder: str) -> set[str] | None:
    """Return the cases of `coder`; None where nobody has been assigned anything, so that everybody gets all."""
    found = set(connection.execute(select(assignments.c.case_id).where(assignments.c.coder == coder)).scalars())
    if found or connection.execute(select(func.count()).select_from(assignments)).scalar():
        return found
    return None


def all_assignments(connection: Connection) -> list[tuple[str, str]]:
    """Return all assignments (case, coder), in the order of the cases, then of the names."""
    query = select(assignments.c.case_id, assignments.c.coder).join(cases, cases.c.id == assignments.c.case_id)
    rows = connection.execute(query.add_columns(cases.c.position)).all()
    return [(row.case_id, row.coder) for row in sorted(rows, key=lambda row: (row.position, row.coder))]  # not by the database: collations differ


def _digest(token: str) -> str:
    return sha256(token.encode(errors="backslashreplace")).hexdigest()
