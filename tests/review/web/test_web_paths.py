"""W11: no request reaches the file system."""

from __future__ import annotations

import sys
import threading

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PARTS = [
    "..",
    "%2e%2e",
    "..%2f",
    "..\\",
    "%5c",
    "/etc/passwd",
    "C:",
    "static",
    "base.css",
    "templates",
    "review.html",
    "%00",
    "~",
    ".",
    "/",
    "file:",
    "\u202e",
    "%c0%ae",
]
_opened: list[str] = []
_watching = threading.Event()


def _watch(name, arguments):
    if name == "open" and _watching.is_set() and isinstance(arguments[0], str | bytes):
        _opened.append(str(arguments[0]))


sys.addaudithook(_watch)


def _watched(project) -> list[str]:
    """Return what was opened besides the store."""
    return [name for name in _opened if str(project.store.path) not in name]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=6)), max_size=6).map("/".join))
def test_no_path_leads_to_a_file(project, path):
    client = _client(project)
    _opened.clear()
    _watching.set()
    try:
        answers = [_raw(client, f"{before}{path}") for before in ("/", "/static/", "/api/case?id=")]
    finally:
        _watching.clear()
    assert _watched(project) == []
    assert all(answer.status_code in (200, 400, 404) for answer in answers if answer is not None)
    assert all("root:" not in answer.text for answer in answers if answer is not None)


def test_the_watch_sees_what_is_opened(project, tmp_path):
    (tmp_path / "x").write_text("y")
    _opened.clear()
    _watching.set()
    (tmp_path / "x").read_text()
    _watching.clear()
    assert _watched(project) == [str(tmp_path / "x")]


_clients: dict[int, object] = {}


def _client(project):
    if id(project) not in _clients:
        _clients.clear()
        _clients[id(project)] = project.client()
        _clients[id(project)].get("/nowhere")  # templates are compiled by now
        _clients[id(project)].get("/static/..")
    return _clients[id(project)]


def _raw(client, path):
    try:
        return client.get(path)
    except Exception as error:  # what the client itself refuses to send
        if "httpx" not in type(error).__module__ and not isinstance(error, UnicodeError | ValueError):
            raise
        return None


def test_static_files_are_those_of_the_package(project):
    from importlib.resources import files

    there = {entry.name for entry in files("tagger.review.web").joinpath("static").iterdir()}
    served = {route.path.removeprefix("/static/") for route in project.app.routes if route.path.startswith("/static/")}
    assert served == {name for name in there if name.endswith((".js", ".css", ".svg"))}
    assert project.browser().get("/static/review.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert project.browser().get("/static/review.css").headers["content-type"] == "text/css; charset=utf-8"
