"""W14, W22: what is too large, too slow, too deep, or of two lengths; against a server that runs."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from importlib.metadata import version

import pytest
from made_web import OURS, PORT, event

from tagger.review.web.app import Settings, make_app
from tagger.review.web.policy import DEEPEST
from tagger.review.web.running import Server, listening
from tagger.review.web.security import LARGEST_BODY, LARGEST_HEAD


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "content",
    ["", "{", "nonsense", "NaN", "[Infinity]", "[-Infinity]", nested(DEEPEST + 1), nested(100_000), "[1" + "0" * 10_000 + "]", b"\xff[]", b"\xfe\xff\x00["],
)
def test_what_is_no_json_or_too_deep_is_refused(project, content):
    client = project.client()
    began = time.perf_counter()
    assert client.post("/api/events", content=content).status_code == 400
    assert time.perf_counter() - began < 1
    assert client.get("/api/start").status_code == 200


def test_depth_is_counted_to_the_level(project):
    client = project.client()
    assert "nested" in client.post("/api/events", content=nested(DEEPEST + 1)).json()["error"]
    assert "list of events" in client.post("/api/events", content=nested(DEEPEST)).json()["error"]


@pytest.mark.parametrize("body", ["x", 1, {}, {"events": []}, [1], ["x"], [[]], [None], None])
def test_what_is_no_list_of_events_is_refused(project, body):
    import json

    assert project.client().post("/api/events", content=json.dumps(body)).status_code == 400


def test_ten_thousand_fields_are_refused_one_by_one(project):
    answer = project.client().post("/api/events", json=[event(codes={f"f{n}": "x" for n in range(10_000)})])
    assert answer.status_code == 200
    assert answer.json()["accepted"] == []
    assert len(answer.content) < 2_000


def test_too_many_events_at_once(project):
    answer = project.client().post("/api/events", json=[{}] * 501)
    assert answer.status_code == 413
    assert "at most 500" in answer.json()["error"]


def test_a_large_body_is_refused_by_its_length(project):
    assert project.client().post("/api/events", content="x" * (LARGEST_BODY + 1)).status_code == 413


@pytest.mark.parametrize("length", ["-1", "+1", "1e3", "9" * 30, "٣", "1, 1"])
def test_a_length_that_is_none_is_refused(project, length):
    headers = [(b"host", OURS[7:].encode()), (b"content-length", length.encode())]
    assert project.client().post("/api/events", content=b"", headers={"content-length": length.encode()}).status_code in (400, 413), headers


@contextmanager
def served(project, book, **limits):
    """Serve a project for real; yields the port."""
    listener = listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = Server(make_app(project.store, book, settings=Settings(port, **limits), sessions=project.sessions), listener)
    thread = threading.Thread(target=server.serve_until_ended)
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def talk(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send bytes as they are; return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:  # it has had enough
                break
            time.sleep(pause)
        found = b""
        try:
            while more := connection.recv(65536):
                found += more
        except OSError:
            pass
        return found


def head(port: int, *lines: str, method: str = "POST", path: str = "/api/events") -> bytes:
    sent = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "X-Tagger: 1",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/json",
        "Connection: close",
        *lines,
    ]
    return ("\r\n".join(sent) + "\r\n\r\n").encode("latin-1")


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_attacks_on_a_server_that_runs(project, book):
    """One server for all of them: it has to answer after each."""
    with served(project, book, largest=10_000, longest=0.3) as port:
        cases = {
            "large by its length": ((head(port, "Content-Length: 10001"), b"x"), 413),
            "large in chunks": ((head(port, "Transfer-Encoding: chunked"), *[b"400\r\n" + b"x" * 1024 + b"\r\n"] * 20), 413),
            "slow": ((head(port, "Content-Length: 10"), b"x"), 408),
            "both lengths": ((head(port, "Content-Length: 2", "Transfer-Encoding: chunked"), b"0\r\n\r\n"), 400),
            "two lengths": ((head(port, "Content-Length: 2", "Content-Length: 3"), b"[]"), 400),
            "odd chunks": ((head(port, "Transfer-Encoding: chunked, identity"), b"0\r\n\r\n"), 400),
            "huge head": ((head(port, "Cookie: " + "x" * (LARGEST_HEAD + 1000), method="GET", path="/"),), 431),
            "huge address": ((head(port, method="GET", path="/?" + "x" * (LARGEST_HEAD + 1000)),), 431),
            "many ranges": ((head(port, "Range: bytes=" + "0-," * 3000, method="GET", path="/static/base.css"),), 200),
            "two hosts": ((head(port, "Host: evil.example", method="GET", path="/"),), 400),
            "foreign absolute address": ((head(port, method="GET", path="http://evil.example/dashboard"),), 404),
            "nonsense": ((b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",), 400),
        }
        for name, (parts, wanted) in cases.items():
            began = time.perf_counter()
            answer = talk(port, *parts)
            assert status(answer) == wanted, (name, answer[:300])
            assert time.perf_counter() - began < 2, name
            if wanted in (408, 413, 431):
                assert b"content-security-policy" in answer, name
            alive = talk(port, head(port, method="GET", path="/"))
            assert status(alive) == 200, name
        assert b"server:" not in alive.lower()


def test_h11_is_past_its_smuggling():
    assert tuple(map(int, version("h11").split(".")[:2])) >= (0, 16)
    assert tuple(map(int, version("starlette").split(".")[:3])) >= (1, 3, 1)


def test_a_port_that_is_taken_is_told(project):
    from tagger.errors import InputError

    with listening("127.0.0.1", 0) as one, pytest.raises(InputError, match="--port"):
        listening("127.0.0.1", one.getsockname()[1])
    with pytest.raises(InputError, match="cannot listen"):
        listening("203.0.113.7", PORT)
