"""Running the server in the foreground until somebody ends it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from tagger.errors import InputError
from tagger.review.web.security import LARGEST_HEAD

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
CONNECTIONS = 200  # at once; beyond that the answer is 503
PATIENCE = 3  # seconds that requests have to end in
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises
    ------
    InputError
        Where the port is taken or the address is none of this machine.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let a second server listen on the same port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except (OSError, OverflowError) as problem:
        found.close()
        why = getattr(problem, "strerror", None) or problem
        raise InputError(
            f"{host}, port {port}: cannot listen there ({why}); is another review running? --port N takes another port, --port 0 a free one"
        ) from None
    return found


class Server(uvicorn.Server):
    """A server for `app` on a socket that listens; `tell` is given what goes wrong inside."""

    def __init__(self, app: Starlette, listener: socket.socket, tell: Callable[[str], None] = lambda text: None):
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # nobody may tell us another address of his
                server_header=False,
                h11_max_incomplete_event_size=LARGEST_HEAD,
                limit_concurrency=CONNECTIONS,
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        self._listener, self._tell = listener, tell

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End calmly on Ctrl-C, a scheduler's SIGTERM, a closed terminal; uvicorn itself would raise the signal once more afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._ended) for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ended(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit  # pressed twice: now
        self.should_exit = True

    def serve_until_ended(self) -> None:
        """Serve until a signal, or `should_exit`, ends it."""
        handler = _Teller(self._tell)
        loggers = [logging.getLogger(name) for name in ("tagger.review", "uvicorn.error")]
        for logger in loggers:
            logger.addHandler(handler)
            logger.propagate = False
        try:
            self.run(sockets=[self._listener])
        finally:
            for logger in loggers:
                logger.removeHandler(handler)
                logger.propagate = True
            self._listener.close()


class _Teller(logging.Handler):
    def __init__(self, tell: Callable[[str], None]):
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(self.format(record))


class OpeningPage:
    """A file of one's own that leads a browser to an address, so that the address with its token is in no command line, where all users of a machine see it.

    It stands in a folder of its own, which nobody else can enter, and is gone as soon as `remove` is called.

    Parameters
    ----------
    beside : Path
        A folder that the browser may read (some see nothing but what lies open in the home folder).
    address : str
    """

    def __init__(self, beside: Path, address: str):
        self._folder = Path(tempfile.mkdtemp(prefix="tagger-opens-", dir=beside))
        self.path = self._folder / "open.html"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(
                f'<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url={address}">\n'
            )

    def remove(self) -> None:
        """Remove file and folder; harmless when done already."""
        self.path.unlink(missing_ok=True)
        if self._folder.exists():
            self._folder.rmdir()
