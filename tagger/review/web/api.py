"""What the page asks of the server, all in JSON."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from tagger.review.web.figures import Figures, divided
from tagger.review.web.incoming import take
from tagger.review.web.policy import ADJUDICATOR, ANYONE, CODER, Call, Policy, Refused
from tagger.review.web.security import values
from tagger.review.web.sessions import cookie
from tagger.review.web.view import codebook_view, cues_view


def log_in(call: Call) -> Response:
    """POST /api/login {token}: exchange a token for a session."""
    token = call.body.get("token") if isinstance(call.body, dict) else None
    session = call.app.state.sessions.log_in(token) if isinstance(token, str) else None
    if session is None:
        why = "this token is unknown, was used before or has been revoked; ask for a new one (`tagger review` prints one at every start)"
        raise Refused(403, why, call.app.state.sessions.wait_after_wrong())
    secret, reviewer = session
    call.app.state.logged_in()
    return JSONResponse({"coder": reviewer.name, "role": reviewer.role}, headers={"set-cookie": cookie(secret, call.app.state.settings.port, _secure(call))})


def log_out(call: Call) -> Response:
    """POST /api/logout: end the session."""
    call.app.state.sessions.end(call.scope["session"])
    return JSONResponse({}, headers={"set-cookie": cookie("", call.app.state.settings.port, _secure(call))})


def start(call: Call) -> dict[str, Any]:
    """GET /api/start: what the page needs once."""
    desk, app = call.app.state.desk, call.app.state
    return {
        "coder": call.reviewer.name,
        "role": call.reviewer.role,
        "project": desk.project,
        "versions": {"tagger": app.settings.version, "codebook": desk.codebook.name},
        "codebook": codebook_view(desk.codebook),
        "cues": cues_view(desk.codebook),
        "pairs": [list(pair) for pair in desk.codebook.pairs],
        "filters": desk.queue.allowed(),
        "progress": desk.progress(call.reviewer),
    }


def next_case(call: Call) -> dict[str, Any]:
    """GET /api/next?after=ID&economy=&model=&status=&cue=&state=&words=: the next case, or why there is none."""
    desk = call.app.state.desk
    id, why = desk.next(call.reviewer, desk.filters(call.query), call.query.get("after") or None)
    case = desk.view(call.reviewer, desk.case(call.reviewer, id)) if id is not None else None
    return {"case": case, "why": None if case else why, "progress": desk.progress(call.reviewer)}


def one_case(call: Call) -> dict[str, Any]:
    """GET /api/case?id=ID."""
    desk = call.app.state.desk
    return {"case": desk.view(call.reviewer, desk.case(call.reviewer, call.query.get("id", "")))}


def events(call: Call) -> Response:
    """POST /api/events: a list of events."""
    status, answer = take(call.app.state.desk, call.reviewer, call.body)
    return JSONResponse(answer, status)


def policies() -> list[Policy]:
    """Return the policies of the API."""
    return [
        Policy("/api/login", "POST", ANYONE, log_in),
        Policy("/api/logout", "POST", CODER, log_out),
        Policy("/api/start", "GET", CODER, start),
        Policy("/api/next", "GET", CODER, next_case),
        Policy("/api/case", "GET", CODER, one_case),
        Policy("/api/events", "POST", CODER, events),
        Policy("/api/dashboard", "GET", CODER, Figures()),
        Policy("/api/disagreements", "GET", ADJUDICATOR, divided),
    ]


def _secure(call: Call) -> bool:
    """Whether the page itself came over https (a proxy in front of us): then the cookie must never leave in the clear."""
    return any(origin.lower().startswith("https://") for origin in values(call.scope, b"origin"))
