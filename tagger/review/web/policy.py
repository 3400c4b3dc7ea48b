"""Who may do what: one table of all routes. What is not in it does not exist; what names nobody is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from tagger.errors import TaggerError
from tagger.review.store import StoreError
from tagger.review.web.sessions import Reviewer

DEEPEST = 32  # levels of a request's JSON
ANYONE, CODER, ADJUDICATOR = "anyone", "coder", "adjudicator"  # who; an adjudicator may do what a coder may
_RANK = {ANYONE: 0, CODER: 1, ADJUDICATOR: 2}


class Refused(TaggerError):
    """A request that is answered with `status` (400-499) and a sentence, `wait` seconds later."""

    def __init__(self, status: int, why: str, wait: float = 0.0):
        super().__init__(why)
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed everything: who asks (None only where anyone may), what, and the application's `desk` and `pages`."""

    reviewer: Reviewer | None
    query: dict[str, str]
    body: Any
    app: Any
    scope: Scope


@dataclass(frozen=True, slots=True)
class Policy:
    """One route: who may use it, by which method, and what answers (a function of a :class:`Call`, run in a thread; a dict becomes JSON)."""

    path: str
    method: str
    who: str
    answer: Callable[[Call], Response | dict[str, Any]]

    def route(self, failed: Callable[..., Response]) -> Route:
        """Return the route, guarded."""
        guard = partial(_guarded, self, failed)
        guard.policy = self
        return Route(self.path, _endpoint(guard), methods=[self.method], name=f"{self.method} {self.path}")


def _endpoint(guard: Any) -> Callable:
    async def endpoint(request: Request) -> Response:
        return await guard(request)

    endpoint.policy = guard.policy
    return endpoint


async def _guarded(policy: Policy, failed: Callable[..., Response], request: Request) -> Response:
    reviewer = request.scope.get("reviewer")
    rank = _RANK.get(reviewer.role, 0) if reviewer else 0
    if rank < _RANK[policy.who]:
        status, why = (403, f"only an {policy.who} may do this") if rank else (401, "log in first: open the address with a token that tagger printed")
        return failed(request.scope, status, why)
    try:
        body = parsed(await request.body()) if policy.method == "POST" else None
        query = _query(request)
        answer = await run_in_threadpool(policy.answer, Call(reviewer, query, body, request.app, request.scope))
    except Refused as refused:
        await asyncio.sleep(refused.wait)
        return failed(request.scope, refused.status, str(refused))
    except StoreError as error:  # not the request's fault: the page keeps what it sent, and sends it again
        return failed(request.scope, 503, str(error))
    except TaggerError as error:
        return failed(request.scope, 400, str(error))
    return answer if isinstance(answer, Response) else JSONResponse(answer)


def _query(request: Request) -> dict[str, str]:
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) != len(pairs):
        raise Refused(400, "a parameter of the address is given twice")
    if no_text(pairs):
        raise Refused(400, "the address holds a character that no text has")
    return dict(pairs)


def parsed(body: bytes) -> Any:
    """Return the JSON of a request's body.

    Raises
    ------
    Refused
        Where it is not UTF-8, not JSON (NaN is not), or nested deeper than `DEEPEST` levels.
    """
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the request is no JSON ({type(error).__name__})") from None
    level, depth = [found], 0
    while level := [x for item in level for x in _inside(item)]:
        depth += 1
        if depth >= DEEPEST:
            raise Refused(400, f"the request is nested deeper than {DEEPEST} levels")
    return found


def no_text(found: Any) -> bool:
    """Tell whether a string somewhere in `found` holds what no text has and no database takes: NUL, or half a surrogate pair."""
    if isinstance(found, str):
        return "\x00" in found or any("\ud800" <= c <= "\udfff" for c in found)
    return any(no_text(x) for x in _inside(found)) or (isinstance(found, dict) and any(no_text(key) for key in found))


def _inside(found: Any) -> Any:
    return found.values() if isinstance(found, dict) else found if isinstance(found, list | tuple) else ()


def _no_constant(name: str) -> None:
    raise ValueError(name)
