"""`tagger tag` and names that are URLs: what they stand for, and what is told of them."""

from __future__ import annotations

import functools
import http.server
import socket
import threading

import pytest


@pytest.fixture
def line(tmp_path):
    """An input of one line."""
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": "a", "text": "Free software, written by volunteers."}\n')
    return file


def test_an_input_is_not_replaced_under_another_name(run, line, empty):
    before = line.read_bytes()
    for given, output in ((line, f"file://{line}"), (f"file://{line}", "in.jsonl"), (f"local://{line}", f"FILE://{line}")):
        done = run("tag", given, "-o", output, "--models", empty)
        assert done.status == 4 and "is also an input" in done.err
        assert line.read_bytes() == before


def test_two_names_of_one_output(run, line, tmp_path, empty):
    done = run("tag", line, "-o", f"file://{tmp_path}/p.jsonl", "-o", "p.jsonl", "--models", empty)
    assert done.status == 4 and "two outputs have one name" in done.err


def test_an_earlier_output_is_not_read_back(run, line, tmp_path, empty):
    for _ in range(2):
        done = run("tag", tmp_path, "-o", f"file://{tmp_path}/out%20put.jsonl", "--models", empty)
        assert done.status == 0 and "1 written" in done.err and f"written: {tmp_path}/out put.jsonl" in done.err
    assert "1 output" in done.err
    assert (tmp_path / "out put.jsonl").is_file() and not (tmp_path / "file:").exists()


def test_streams_take_them_too(run, line, tmp_path, empty):
    done = run("tag", f"file://{line}", "-o", f"file://{tmp_path}/o.jsonl", "--limit", "1", "--models", empty)
    assert done.status == 0 and (tmp_path / "o.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize("before", ["file://{}", "memory://box"])
@pytest.mark.parametrize("options", [[], ["--limit", "1"]])
def test_an_unknown_suffix_is_told_by_the_name_that_was_given(run, line, tmp_path, empty, before, options):
    if before.startswith("memory:"):
        pytest.importorskip("upath", reason="needs the extra remote")
    done = run("tag", line, "-o", f"{before.format(tmp_path)}/x.doc", *options, "--models", empty)
    assert done.status == 4 and "/x.doc: the format '.doc' cannot be written" in done.err
    assert "/tagger-" not in done.err


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def web(tmp_path):
    """The address of a web server of `tmp_path`."""
    pytest.importorskip("upath", reason="needs the extra remote")
    pytest.importorskip("aiohttp", reason="needs fsspec's http")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_web_address_that_is_not_there_and_one_that_cannot_be_reached(run, web, line, empty):
    assert run("tag", f"{web}/in.jsonl", "--models", empty).status == 0
    done = run("tag", f"{web}/none.jsonl", "--models", empty)
    assert done.status == 2 and "none.jsonl does not exist" in done.err and "aws" not in done.err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = run("tag", f"http://127.0.0.1:{port}/x.jsonl", "--models", empty)
    assert done.status == 5 and "the connection failed" in done.err and len(done.err.splitlines()) == 1, done.err
