"""W13: every route stands in the table of policies, with who may use it; nothing else is answered."""

from __future__ import annotations

import pytest
from made_web import SENT
from starlette.routing import Route

from tagger.review.web.policy import ADJUDICATOR, ANYONE, CODER, Policy

OPEN = {"/", "/open", "/api/login"}  # what nobody need be logged in for, besides static files


def test_every_route_has_its_policy(project):
    for route in project.app.routes:
        assert isinstance(route, Route), route
        policy = route.endpoint.policy
        assert isinstance(policy, Policy)
        assert policy.path == route.path
        assert policy.who in (ANYONE, CODER, ADJUDICATOR)
        assert route.methods - {"HEAD"} == {policy.method}
        assert (policy.who == ANYONE) == (route.path in OPEN or route.path.startswith("/static/")), route.path


def test_no_route_takes_a_path(project):
    assert all("{" not in route.path for route in project.app.routes)
    assert not project.app.router.redirect_slashes


def _of(app, who):
    return [(route.endpoint.policy.method, route.path) for route in app.routes if route.endpoint.policy.who == who]


def test_nobody_gets_nothing(project):
    client = project.browser(**SENT)
    for method, path in _of(project.app, CODER) + _of(project.app, ADJUDICATOR):
        answer = client.request(method, path, **({"json": []} if method == "POST" else {}))
        assert answer.status_code == 401, path


def test_what_is_an_adjudicators_is_not_a_coders(project):
    coder, adjudicator = project.client(), project.client("CY", "adjudicator")
    for method, path in _of(project.app, ADJUDICATOR):
        assert coder.request(method, path).status_code == 403, path
        assert adjudicator.request(method, path).status_code == 200, path


def test_a_role_that_is_none_gets_nothing(project):
    client = project.client("DOT", "owner")
    assert client.get("/api/start").status_code == 401


@pytest.mark.parametrize("method", ["GETATTR", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "POST", "_pytest"])
def test_other_methods_are_not_answered(project, method):
    answer = project.client().request(method, "/api/next", json={})
    assert answer.status_code in (403, 405), method


def test_head_is_as_get_without_a_body(project):
    client, nobody = project.client(), project.browser(**SENT)
    assert client.head("/api/start").text == ""
    assert client.head("/api/start").status_code == 200
    assert nobody.head("/api/start").status_code == 401


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/API/start", "/api/start/", "/api//start", "/api/start;x", "/docs", "/openapi.json", "/.env", "/static", "/static/"]
)
def test_what_is_not_in_the_table_does_not_exist(project, path):
    assert project.client().get(path).status_code == 404
