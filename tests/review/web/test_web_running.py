"""The server as a process: how it ends, and what it tells."""

from __future__ import annotations

import logging
import os
import signal
import threading

import pytest
from starlette.websockets import WebSocketDisconnect

from tagger.review.web.app import Settings
from tagger.review.web.running import Server, listening


def test_ctrl_c_ends_it_calmly_and_handlers_are_as_before(project):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    listener = listening("127.0.0.1", 0)
    server = Server(project.app, listener)
    for number in (signal.SIGINT, signal.SIGTERM):
        listener = listening("127.0.0.1", 0)
        server = Server(project.app, listener)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
        timer.start()
        server.serve_until_ended()
        timer.join()
        assert listener.fileno() == -1
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_what_fails_inside_is_told(project):
    told = []
    server = Server(project.app, listening("127.0.0.1", 0), told.append)
    timer = threading.Timer(0.2, lambda: (logging.getLogger("tagger.review").error("it failed"), setattr(server, "should_exit", True)))
    timer.start()
    server.serve_until_ended()
    timer.join()
    assert told == ["it failed"]
    logging.getLogger("tagger.review").error("afterwards")
    assert told == ["it failed"]


def test_a_free_port_is_ours(project):
    listener = listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    assert f"127.0.0.1:{port}" in Settings(port).hosts
    listener.close()


def test_websockets_are_not_spoken(project):
    with pytest.raises(WebSocketDisconnect), project.client().websocket_connect("/api/next"):
        pass
