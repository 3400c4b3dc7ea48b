"""The application: its routes by policy, within the layers that every request passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from tagger import __version__
from tagger.codebook import Codebook
from tagger.review.web import api, pages
from tagger.review.web.desk import Desk, Plan
from tagger.review.web.security import LARGEST_BODY, LONGEST_WAIT, Headers, Hosts, Limits, SameOrigin
from tagger.review.web.sessions import Sessions, WithSession, cookie_names

if TYPE_CHECKING:
    from tagger.review.store import Store

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SENTENCES = {404: "there is nothing at this address", 405: "this address does not answer such a request"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a review is served.

    Parameters
    ----------
    port : int
    host : str
        The address that is bound; loopback unless tokens guard it.
    names : tuple of str
        Further hosts that people may type, with a port or without (`review.example.org`: behind a proxy).
    plan : Plan
    largest, longest : int (bytes), float (seconds)
        Limits of a request's body.
    """

    port: int
    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    plan: Plan = field(default_factory=Plan)
    largest: int = LARGEST_BODY
    longest: float = LONGEST_WAIT
    version: str = __version__

    @property
    def hosts(self) -> frozenset[str]:
        """Every value of the header Host that is ours."""
        bound = (f"[{self.host}]" if ":" in self.host else self.host,)
        ours = {f"{name}:{self.port}" for name in (*LOOPBACK, *bound, *(n for n in self.names if not _port_of(n)))}
        return frozenset(name.lower() for name in (*ours, *self.names, *(LOOPBACK if self.port == 80 else ())))


def make_app(
    store: Store,
    codebook: Codebook,
    *,
    settings: Settings,
    sessions: Sessions | None = None,
    desk: Desk | None = None,
    logged_in: Callable[[], None] = lambda: None,
) -> Starlette:
    """Return the web application of a project.

    Parameters
    ----------
    store : Store
    codebook : Codebook
    settings : Settings
    sessions : Sessions, optional
        Gives one-time tokens; by default one that knows the store's coders.
    desk : Desk, optional
        By default one of `store`, `codebook` and the settings' plan.
    logged_in : function
        Called after every login.
    """
    rendered = pages.Pages()
    sessions = sessions or Sessions(store.coder_of)

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return rendered.failed(request.scope, status, _SENTENCES.get(status, "the request could not be answered"))

    app = Starlette(
        routes=[policy.route(rendered.failed) for policy in (*pages.policies(rendered), *api.policies())],
        middleware=[
            Middleware(Headers, failed=rendered.failed),
            Middleware(Hosts, allowed=settings.hosts, failed=rendered.failed),
            Middleware(Limits, failed=rendered.failed, largest=settings.largest, longest=settings.longest),
            Middleware(SameOrigin, failed=rendered.failed),
            Middleware(WithSession, sessions=sessions, cookies=cookie_names(settings.port)),
        ],
        exception_handlers={HTTPException: failed},
    )
    app.router.redirect_slashes = False  # redirects lead nowhere but where we say, and we say nowhere
    app.state.desk, app.state.sessions, app.state.settings = desk or Desk(store, codebook, settings.plan), sessions, settings
    app.state.logged_in = logged_in
    return app


def _port_of(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name and not name.endswith("]") else ""
