"""W9, W10, W12, W20: headers of every answer."""

from __future__ import annotations

import pytest
from made_web import SENT, event, made_case

from tagger.review.web.security import HEADERS

ODD = "x\r\nSet-Cookie: a=b\x1b]0;title\x07"


def _answers(project):
    client, nobody = project.client(), project.browser(**SENT)
    yield from (client.get(route.path) for route in project.app.routes if "GET" in route.methods)
    yield from (nobody.get(route.path) for route in project.app.routes if "GET" in route.methods)
    yield from (
        client.request(method, path) for method in ("POST", "PUT", "OPTIONS", "TRACE", "GETATTR") for path in ("/", "/api/start", "/nowhere", "/api/nowhere")
    )
    yield client.post("/api/events", content="{")
    yield client.post("/api/events", content="x" * (1 << 21))
    yield client.post("/api/events", json=[], headers={"sec-fetch-site": "cross-site"})
    yield nobody.get("/", headers={"host": "evil.example"})


def test_every_answer_has_the_headers(project):
    answers = list(_answers(project))
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 403, 404, 405, 413}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], (answer.url, answer.status_code, name)


def test_an_answer_to_a_fault_of_ours_has_them_too(project, monkeypatch):
    client = project.client()

    def fail(*_):
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(project.app.state.desk, "next", fail)
    answer = client.get("/api/next")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "secret" not in answer.text
    assert "stored" in answer.json()["error"]


@pytest.mark.parametrize("part", ["unsafe-inline", "unsafe-eval", "http:", "https:", "*", "blob:"])
def test_the_policy_allows_nothing_from_outside_and_nothing_inline(part):
    assert part not in HEADERS["content-security-policy"].replace("img-src 'self' data:", "")


@pytest.mark.parametrize(
    "directive",
    ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"],
)
def test_the_policy_says_so(directive):
    assert directive in HEADERS["content-security-policy"].split("; ")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/dashboard/", "/api/start/", "/?next=//evil.example", "//"])
def test_nothing_redirects(project, path):
    answer = project.client().get(path)
    assert not 300 <= answer.status_code < 400
    assert "location" not in answer.headers


def test_titles_ids_and_codes_reach_no_header_and_no_log(make, caplog):
    project = make([made_case(f"id {ODD}", title=ODD, text=f"A text. {ODD}")])
    client = project.client(f"Ann {ODD}")
    answers = [client.get("/"), client.get("/api/next"), client.get("/api/start"), client.get("/api/case", params={"id": ODD})]
    answers += [client.get("/api/next", params={"model": ODD}), client.post("/api/events", json=[event(f"id {ODD}", kind="note", note=ODD)])]
    for answer in answers:
        told = "".join(f"{key}: {value}\n" for key, value in answer.headers.items())
        assert "\x1b" not in told
        assert "set-cookie" not in told.lower()
    assert project.store.events()[0][1].note == ODD  # it was taken as it is
    assert all("\x1b" not in record.getMessage() for record in caplog.records if record.name.startswith("tagger"))


def test_a_failing_path_is_logged_escaped_and_without_its_query(project, monkeypatch, caplog):
    monkeypatch.setattr(project.app.state.desk, "case", lambda *_: 1 / 0)
    project.client().get("/api/case", params={"id": "token-like-secret"})
    (record,) = [r for r in caplog.records if r.name == "tagger.review"]
    assert "/api/case" in record.getMessage()
    assert "token-like-secret" not in record.getMessage()
