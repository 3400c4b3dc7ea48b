"""What every request passes before any route sees it, in this order: headers of the answer, Host, size and time, cross-site requests.

Plain ASGI layers over the raw scope: nothing here looks at ``request.url``, which is built from what the client says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = ("GET", "HEAD")
LARGEST_BODY = 1 << 20  # bytes
LARGEST_HEAD = 16 * 1024  # bytes of a request's address and headers
LONGEST_WAIT = 10.0  # seconds for a body to arrive
API = "/api/"
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_LOG = logging.getLogger("tagger.review")


class Headers:
    """Puts the security headers on every answer, and makes an answer of what went wrong inside, too."""

    def __init__(self, app: ASGIApp, failed: Callable[[Scope, int, str], Response]):
        self._app, self._failed = app, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": [h for h in message.get("headers", ()) if h[0].lower().decode("latin-1") not in HEADERS] + _RAW_HEADERS}
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            _LOG.exception("a request failed: %s %r", scope["method"], scope["path"])  # the path without the query, escaped
            if begun:
                raise
            await self._failed(scope, 500, "something failed inside tagger; what was coded before is stored")(scope, receive, with_headers)


class Hosts:
    """Lets only requests through that name a host of ours: a page elsewhere that rebinds its name to 127.0.0.1 does not (DNS rebinding).

    Parameters
    ----------
    app : ASGI application
    allowed : iterable of str
        Values of the header as a browser sends them, in small letters: ``127.0.0.1:8737``, ``review.example.org``.
    failed : function (scope, status, sentence) to Response
    """

    def __init__(self, app: ASGIApp, allowed: Iterable[str], failed: Callable[[Scope, int, str], Response]):
        self._app, self._allowed, self._failed = app, frozenset(host.lower() for host in allowed), failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = values(scope, b"host")
        if len(named) != 1 or named[0].lower() not in self._allowed:
            await self._failed(scope, 400, "this address is not one of the review's; open the address that tagger printed")(scope, receive, send)
            return
        await self._app(scope, receive, send)


class Limits:
    """Takes the whole body before anything else runs, if it is small enough and arrives in time."""

    def __init__(self, app: ASGIApp, failed: Callable[[Scope, int, str], Response], largest: int = LARGEST_BODY, longest: float = LONGEST_WAIT):
        self._app, self._failed, self._largest, self._longest = app, failed, largest, longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await self._refused(scope, receive)
        if isinstance(refused, Response):
            await refused(scope, receive, send)
            return
        body: bytes | None = refused

        async def replay() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message, body = {"type": "http.request", "body": body, "more_body": False}, None
            return message

        await self._app(scope, replay, send)

    async def _refused(self, scope: Scope, receive: Receive) -> Response | bytes:
        """Return the body, or the answer that refuses it."""
        if len(scope["path"]) + len(scope["query_string"]) + sum(len(key) + len(value) for key, value in scope["headers"]) > LARGEST_HEAD:
            return self._failed(scope, 431, f"the address and headers of the request are longer than {LARGEST_HEAD} bytes")
        lengths = values(scope, b"content-length")
        if len(lengths) > 1 or (lengths and values(scope, b"transfer-encoding")):  # two readers of such a request disagree where it ends
            return self._failed(scope, 400, "the request gives its length twice")
        too_large = f"the request is larger than {self._largest} bytes"
        if lengths and (not lengths[0].isdecimal() or not lengths[0].isascii() or len(lengths[0]) > 9 or int(lengths[0]) > self._largest):
            return self._failed(scope, 413, too_large)
        body = bytearray()
        try:
            async with asyncio.timeout(self._longest):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return self._failed(scope, 400, "the request ended early")
                    body += message.get("body", b"")
                    if len(body) > self._largest:
                        return self._failed(scope, 413, too_large)
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            return self._failed(scope, 408, f"the request took longer than {self._longest:g} seconds to arrive")


class SameOrigin:
    """Refuses what another site's page sends in a reviewer's name; it holds whatever other headers there are.

    An unsafe method needs to come from a page of ours (``Sec-Fetch-Site: same-origin``; from a browser that does not send it, an ``Origin`` that is ours),
    with the header ``X-Tagger: 1``, which no form and no simple request can set, and with JSON. Answers of the API are for pages of ours alone as well.
    """

    def __init__(self, app: ASGIApp, failed: Callable[[Scope, int, str], Response]):
        self._app, self._failed = app, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrong = self._fault(scope)
        if wrong:
            await self._failed(scope, *wrong)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fault(self, scope: Scope) -> tuple[int, str] | None:
        sites, ours = values(scope, b"sec-fetch-site"), values(scope, b"x-tagger") == ["1"]
        if scope["method"] in SAFE_METHODS:
            if scope["path"].startswith(API) and not (sites == ["same-origin"] or (not sites and ours)):
                return 403, "this address answers pages of this review only"
            return None
        if sites != ["same-origin"] and (sites or not self._origin_is_ours(scope)):
            return 403, "this request did not come from a page of this review"
        if not ours:
            return 403, "the header X-Tagger: 1 is missing"
        if not is_json(values(scope, b"content-type")):
            return 415, "the request has to be application/json"
        return None

    @staticmethod
    def _origin_is_ours(scope: Scope) -> bool:
        origins, (host,) = values(scope, b"origin"), values(scope, b"host")  # Hosts saw to it that there is one
        return len(origins) == 1 and origins[0].lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def values(scope: Scope, name: bytes) -> list[str]:
    """Return every value of a header (name in small letters)."""
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]


def is_json(types: list[str]) -> bool:
    """Tell whether a Content-Type is that of JSON in UTF-8."""
    kind, _, parameters = (types[0] if len(types) == 1 else "").partition(";")
    return kind.strip().lower() == "application/json" and parameters.strip().lower().replace('"', "") in ("", "charset=utf-8")


def json_error(status: int, why: str, **more: Any) -> JSONResponse:
    """Return an error as the API tells it."""
    return JSONResponse({"error": why, **more}, status)
