"""What the tests in a browser share: a server that can be killed, and a page with what went wrong in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tagger.codebook import FACETS
from tagger.review.cases import ReviewCase
from tagger.review.events import Event
from tagger.review.store import open_store
from tagger.review.verdicts import Verdicts

UNREACHED = "Failed to load resource"  # what the console says while a server is down, or of an answer that is no 200


def write_cases(path: Path, cases: Iterable[ReviewCase]) -> Path:
    """Write cases as `tagger tag` would."""
    path.write_text("".join(json.dumps({**case.record, "text": case.text}) + "\n" for case in cases), encoding="utf-8")
    return path


@dataclass
class Server:
    """A server that can be killed and started again on the same port; `command` are words behind `tagger`."""

    folder: Path
    command: list[str]
    port: int
    store: Path
    process: subprocess.Popen | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Start it and return the address that it prints."""
        words = [sys.executable, "-m", "tagger", *self.command, "--port", str(self.port), "--store", str(self.store)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=os.environ)  # noqa: S603
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise AssertionError(f"the server did not start: {line}{self.process.communicate(timeout=20)[1]}")
        return next(word for word in line.split() if word.startswith("http://"))

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
        self.close()

    def stop(self) -> int:
        """End it with Ctrl-C; return its exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(20)
        self.close()
        return status

    def close(self) -> None:
        """End it, if it still runs."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.communicate(timeout=20)
        self.process = None

    def events(self) -> list[Event]:
        """Return all that is stored."""
        with open_store(self.store, create=False) as store:
            return [event for _, event in store.events()]

    def held(self, coder: str = "ADA") -> dict[str, tuple[str, str]]:
        """Return a coder's economy and model by case."""
        held = Verdicts(self.events()).by_coder.get(coder, {})
        return {case: tuple(verdict.codes.get(facet, "") for facet in FACETS) for case, verdict in held.items()}


@dataclass
class Visitor:
    """A browser of one's own on a server: its page, and what went wrong in it."""

    page: object
    trouble: list[str] = field(default_factory=list)
    warned: int = 0  # dialogs that warned before leaving

    def dialog(self, dialog) -> None:
        if dialog.type == "beforeunload":
            self.warned += 1
            dialog.accept()
        else:
            self.trouble.append(f"dialog: {dialog.message}")
            dialog.dismiss()


def heard(visitor: Visitor, message) -> None:
    """Take a message of the console as trouble; violations of the policy stand there, too."""
    if message.type in ("error", "warning") and UNREACHED not in message.text:
        visitor.trouble.append(f"console: {message.text}")


def press(page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def see(page, selector: str, words: str, timeout: float = 10_000) -> None:
    """Wait until an element is to be seen and holds `words`; wait_for_function needs eval, which the page's policy forbids, rightly."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_be_visible(timeout=timeout)
    expect(page.locator(selector)).to_contain_text(words, timeout=timeout)


def eventually(check: Callable[[], object], seconds: float = 10) -> None:
    """Wait until `check` gives something true."""
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def gone(page, selector: str, timeout: float = 20_000) -> None:
    """Wait until an element is not to be seen."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_be_hidden(timeout=timeout)


def go_on(page, *keys: str) -> str:
    """Press keys after which another case is shown; return the id of the one that was left."""
    from playwright.sync_api import expect

    before = page.inner_text("#case-title")
    press(page, *keys)
    expect(page.locator("#case-title")).not_to_have_text(before, timeout=10_000)
    return before.replace("Shop", "case")
