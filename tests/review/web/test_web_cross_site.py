"""W2, W3 and the JSON of W10: what another site's page can make a browser send."""

from __future__ import annotations

from itertools import product

import pytest
from made_web import OURS, SENT, event

SITES = [None, "same-origin", "same-site", "cross-site", "none"]
ORIGINS = [None, OURS, "http://evil.example", "http://127.0.0.1:8766", "null", "https://127.0.0.1.evil.example:8765"]
SAFE = {"GET", "HEAD"}


def unsafe(app) -> list[tuple[str, str]]:
    return [(method, route.path) for route in app.routes for method in route.methods if method not in SAFE]


def test_the_unsafe_routes_are_these(project):
    assert sorted(unsafe(project.app)) == [("POST", "/api/events"), ("POST", "/api/login"), ("POST", "/api/logout")]


def test_every_unsafe_route_needs_a_page_of_ours(project):
    client = project.client()
    for (method, path), site, origin in product(unsafe(project.app), SITES, ORIGINS):
        headers = {
            key: value for key, value in {"sec-fetch-site": site, "origin": origin, "x-tagger": "1", "content-type": "application/json"}.items() if value
        }
        client.headers.clear()
        answer = client.request(method, path, content="[]", headers=headers)
        ours = site == "same-origin" or (site is None and origin == OURS)
        assert (answer.status_code != 403 or "token" in answer.text) == ours, (method, path, site, origin, answer.text)
        if ours and path == "/api/logout":
            client = project.client()


@pytest.mark.parametrize("missing", ["x-tagger", "content-type"])
def test_a_header_and_json_are_needed_besides(project, missing):
    client = project.client()
    del client.headers[missing]
    assert client.post("/api/events", content="[]").status_code in (403, 415)
    assert project.store.events() == []


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "text/plain; application/json",
        "",
        "application/json; charset=utf-7",
    ],
)
def test_other_types_of_body_are_refused(project, kind):
    answer = project.client().post("/api/events", content="[]", headers={"content-type": kind})
    assert answer.status_code == 415


def test_json_with_a_charset_is_json(project):
    assert project.client().post("/api/events", content="[]", headers={"content-type": 'Application/JSON; charset="UTF-8"'}).status_code == 200


def test_a_made_up_authorization_header_changes_nothing(project):
    client = project.client()
    answer = client.post("/api/events", json=[event()], headers={"sec-fetch-site": "cross-site", "authorization": "Bearer x"})
    assert answer.status_code == 403
    assert project.store.events() == []


@pytest.mark.parametrize("path", ["/api/start", "/api/next", "/api/case?id=case 0", "/api/dashboard"])
@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site", "x-tagger": "1"}, {"sec-fetch-site": "none"}, {}])
def test_json_is_for_pages_of_ours(project, path, headers):
    client = project.client()
    client.headers.clear()
    assert client.get(path, headers=headers).status_code == 403
    assert client.get(path, headers={"x-tagger": "1"}).status_code == 200


def test_logging_somebody_in_from_another_site_does_not_work(project):
    from tagger.review.web.sessions import Reviewer

    token = project.sessions.one_time_token(Reviewer("EVE", "coder"))
    client = project.browser(**SENT)
    assert client.post("/api/login", json={"token": token}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/api/login", json={"token": token}).status_code == 200  # the refused one did not use it up
