"""Who is asking: tokens are exchanged for a session, of which the browser holds a cookie and the server everything else."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from tagger.review.web.security import values

IDLE = 12 * 3600.0  # seconds without a request after which a session ends
LONGEST = 7 * 24 * 3600.0  # seconds after which it ends in any case
MOST = 1000  # sessions at once; the oldest goes
SLOWEST = 1.0  # seconds that a wrong token waits at most
_FORGIVEN = 60.0  # seconds after which wrong tokens are forgotten
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who is logged in; `role` is coder or adjudicator."""

    name: str
    role: str


@dataclass(slots=True)
class _Session:
    token: str  # '' where a one-time token began it
    reviewer: Reviewer
    begun: float
    used: float


class Sessions:
    """Sessions in memory: they end with the server, on logging out, after `IDLE`, and in the very request after a coder's token was revoked.

    Parameters
    ----------
    coder_of : function
        Returns who a coder's token belongs to (anything with `name` and `role`), or None.
    clock : function
        Seconds, monotonic.
    """

    def __init__(self, coder_of: Callable[[str], object | None], clock: Callable[[], float] = time.monotonic):
        self._coder_of, self._clock, self._lock = coder_of, clock, threading.Lock()
        self._once: dict[str, Reviewer] = {}
        self._sessions: dict[str, _Session] = {}
        self._wrong: list[float] = []

    def one_time_token(self, reviewer: Reviewer) -> str:
        """Return a new token (256 bits) that logs `reviewer` in once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._once[_digest(token)] = reviewer
        return token

    def log_in(self, token: str) -> tuple[str, Reviewer] | None:
        """Exchange a token for a new session's secret; None where nobody has that token (any more)."""
        if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
            return None
        digest = _digest(token)
        with self._lock:
            held = next((key for key in self._once if secrets.compare_digest(key, digest)), None)
            reviewer = self._once.pop(held) if held else None
        lasting = "" if reviewer else token
        if reviewer is None:
            reviewer = self._reviewer(token)
        if reviewer is None:
            return None
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            while len(self._sessions) >= MOST:
                del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].used)]
            self._sessions[_digest(secret)] = _Session(lasting, reviewer, now, now)
        return secret, reviewer

    def of(self, secret: str) -> Reviewer | None:
        """Return whose session this is, None where it ended or never was."""
        key, now = _digest(secret), self._clock()
        with self._lock:
            session = self._sessions.get(key)
        if session is None:
            return None
        reviewer = self._reviewer(session.token) if session.token else session.reviewer
        if reviewer != session.reviewer or now - session.used > IDLE or now - session.begun > LONGEST:
            self.end(secret)
            return None
        session.used = now
        return reviewer

    def end(self, secret: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_digest(secret), None)

    def wait_after_wrong(self) -> float:
        """Note a wrong token; return how many seconds its answer has to wait: the more of them, the longer. Right tokens never wait."""
        now = self._clock()
        with self._lock:
            self._wrong = [at for at in self._wrong[-50:] if now - at < _FORGIVEN] + [now]
            return min(SLOWEST, 0.01 * 1.5 ** len(self._wrong))

    def _reviewer(self, token: str) -> Reviewer | None:
        coder = self._coder_of(token)
        return Reviewer(coder.name, coder.role) if coder is not None else None


class WithSession:
    """Puts who is asking into ``scope["reviewer"]`` (None: nobody we know) and the session's secret into ``scope["session"]``."""

    def __init__(self, app: ASGIApp, sessions: Sessions, cookies: tuple[str, ...]):
        self._app, self._sessions, self._cookies = app, sessions, cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["session"] = session_cookie(scope, self._cookies)
        scope["reviewer"] = await run_in_threadpool(self._sessions.of, scope["session"]) if scope["session"] else None
        await self._app(scope, receive, send)


def cookie_names(port: int) -> tuple[str, str]:
    """Return the names of the cookie over https and over plain http. With the port, since cookies are shared by all ports of a host."""
    return f"__Host-tagger-{port}", f"tagger-{port}"


def session_cookie(scope: Scope, names: tuple[str, ...]) -> str:
    """Return the session's secret that the browser sent, or ''."""
    found: dict[str, str] = {}
    for header in values(scope, b"cookie"):
        try:
            found |= {key: morsel.value for key, morsel in SimpleCookie(header).items()}
        except CookieError:
            continue
    return next((found[name] for name in names if found.get(name)), "")


def cookie(secret: str, port: int, secure: bool) -> str:
    """Return the Set-Cookie that holds a session's secret; an empty `secret` takes it away."""
    name = cookie_names(port)[0 if secure else 1]
    return f"{name}={secret}; Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "") + ("" if secret else "; Max-Age=0")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", errors="replace")).hexdigest()
