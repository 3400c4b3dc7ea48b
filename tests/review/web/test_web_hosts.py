"""W1 and W18: only the names of this review are answered, on any route, before anything else runs."""

from __future__ import annotations

import pytest

from tagger.review.web.app import Settings

FOREIGN = [
    "evil.example",
    "evil.example:8765",
    "127.0.0.1.evil.example:8765",
    "127.0.0.1:8765/foo?x=",
    "127.0.0.1:8765@evil.example",
    "",
    "localhost.:8765",
    "0.0.0.0:8765",
    "127.1:8765",
    "2130706433:8765",
    "127.0.0.1",
    "127.0.0.1:8766",
    "127.0.0.1:08765",
    "[::ffff:127.0.0.1]:8765",
    "localhost:8765, evil.example",
    "localhost:8765\tx",
]


@pytest.mark.parametrize("path", ["/", "/api/start", "/api/login", "/static/base.css", "/nowhere"])
def test_a_foreign_host_is_refused(project, path):
    client = project.browser()
    for host in FOREIGN:
        answer = client.get(path, headers={"host": host, "x-tagger": "1"})
        assert answer.status_code == 400, host
        assert "frame-ancestors" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_our_hosts_are_answered(project, host):
    assert project.browser().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("hosts", [[], [b"127.0.0.1:8765", b"127.0.0.1:8765"], [b"127.0.0.1:8765", b"evil.example"]])
def test_one_host_header_is_needed(project, hosts):
    assert _raw(project.app, [(b"host", host) for host in hosts]) == 400


def test_a_foreign_host_is_refused_also_with_a_session(project):
    client = project.client()
    assert client.get("/api/start").status_code == 200
    assert client.get("/api/start", headers={"host": "evil.example:8765"}).status_code == 400


def test_names_behind_a_proxy():
    hosts = Settings(8765, names=("Review.example.org", "other.example:444")).hosts
    assert {"review.example.org", "review.example.org:8765", "other.example:444"} <= hosts
    assert not {"other.example", "other.example:8765", "127.0.0.1"} & hosts
    assert "[2001:db8::1]:8765" in Settings(8765, "2001:db8::1").hosts


def _raw(app, headers) -> int:
    """Return the status that a request with just these headers gets."""
    import anyio

    sent = []

    async def run():
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers, "http_version": "1.1"}
        await app(scope | {"scheme": "http", "server": ("127.0.0.1", 8765), "client": ("127.0.0.1", 1), "root_path": ""}, receive, send)

    anyio.run(run)
    return sent[0]["status"]
