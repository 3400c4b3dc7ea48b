"""The pages, and the few files that they load: rendered or read from this package alone, never from what a request names."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from tagger.review.web.policy import ADJUDICATOR, ANYONE, CODER, Call, Policy
from tagger.review.web.security import API, json_error

TEMPLATES = ("base.html", "login.html", "open.html", "review.html", "dashboard.html", "adjudicate.html", "error.html")
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_HERE = files("tagger.review.web")


class Pages:
    """Templates and static files, read once."""

    def __init__(self) -> None:
        found = {entry.name: entry.read_text(encoding="utf-8") for entry in _HERE.joinpath("templates").iterdir() if entry.name.endswith(".html")}
        self._made = Environment(loader=DictLoader(found), autoescape=select_autoescape(default=True, default_for_string=True), undefined=StrictUndefined)
        self.static = {
            entry.name: (entry.read_bytes(), kind) for entry in _HERE.joinpath("static").iterdir() if (kind := KINDS.get("." + entry.name.rpartition(".")[2]))
        }

    def page(self, template: str, scope: Scope, status: int = 200, **more: Any) -> Response:
        """Return a page; every one is given `coder` and `role` ('' where nobody is logged in), `status` and `why`."""
        reviewer = scope.get("reviewer")
        told = {"coder": reviewer.name if reviewer else "", "role": reviewer.role if reviewer else "", "status": status, "why": ""}
        return HTMLResponse(self._made.get_template(template).render(told | more), status)

    def failed(self, scope: Scope, status: int, why: str) -> Response:
        """Return an error: as JSON to the script, as a page to a person (where nobody is logged in yet, the login page)."""
        if scope["path"].startswith(API):
            return json_error(status, why)
        return self.page("login.html" if status == 401 else "error.html", scope, status, why=why)


def policies(pages: Pages) -> list[Policy]:
    """Return the policies of pages and static files."""

    def page(template: str) -> Any:
        return lambda call: pages.page(template, call.scope)

    def home(call: Call) -> Response:
        return pages.page("review.html" if call.reviewer else "login.html", call.scope)

    def static(name: str) -> Any:
        data, kind = pages.static[name]
        return lambda call: Response(data, media_type=kind)

    return [
        Policy("/", "GET", ANYONE, home),
        Policy("/open", "GET", ANYONE, page("open.html")),
        Policy("/dashboard", "GET", CODER, page("dashboard.html")),
        Policy("/adjudicate", "GET", ADJUDICATOR, page("adjudicate.html")),
        *(Policy(f"/static/{name}", "GET", ANYONE, static(name)) for name in pages.static),
    ]
