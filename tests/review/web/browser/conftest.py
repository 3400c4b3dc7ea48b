"""A real server of `tagger review` or `tagger serve`, and pages of it in Chromium that tell of any trouble."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest
from browser_pages import Server, Visitor, heard, write_cases
from made_web import made_case

from tagger.review.cases import ReviewCase
from tagger.review.store import open_store

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def serving(tmp_path):
    """Return a function that makes a server for cases: of one coder, or (with tokens for `coders`) of a team."""
    servers: list[Server] = []

    def make(cases: list[ReviewCase] | int, *options: str, coder: str = "ADA", coders: Iterable[tuple[str, str]] = ()) -> Server | tuple[Server, list[str]]:
        cases = [made_case(f"case {n}", f"Shop {n}") for n in range(cases)] if isinstance(cases, int) else cases
        file, store = write_cases(tmp_path / "made.jsonl", cases), tmp_path / "made.review.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        coders = list(coders)
        command = ["serve", str(file)] if coders else ["review", str(file), "--coder", coder, "--no-browser"]
        server = Server(tmp_path, [*command, *options], port, store)
        servers.append(server)
        if not coders:
            return server
        with open_store(store) as there:
            return server, [there.add_coder(name, role) for name, role in coders]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def visit(browser):
    """Return a function that opens an address in a browser of its own; whatever leads elsewhere is stopped, and any trouble fails the test."""
    visitors: list[Visitor] = []
    contexts = []

    def go(address: str, *, width: int = 1280, height: int = 800, scheme: str = "light", scale: float = 1, wait: str = "#case:not([hidden]) #case-title"):
        home = urlsplit(address).netloc
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale, reduced_motion="reduce")
        contexts.append(context)
        visitor = Visitor(None)
        visitors.append(visitor)

        def guard(route) -> None:
            if urlsplit(route.request.url).netloc == home:
                route.continue_()
            else:
                visitor.trouble.append(f"request to {route.request.url}")
                route.abort()

        def watch(page) -> None:
            page.set_default_timeout(20_000)
            page.on("dialog", visitor.dialog)
            page.on("pageerror", lambda error: visitor.trouble.append(f"error: {error}"))
            page.on("console", lambda message: heard(visitor, message))

        context.route("**/*", guard)
        context.on("page", watch)
        visitor.page = page = context.new_page()
        page.visitor = visitor
        page.goto(address)
        if wait:
            page.wait_for_selector(wait)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [trouble for visitor in visitors for trouble in visitor.trouble] == []
