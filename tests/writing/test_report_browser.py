"""The report in a real browser: it works, runs nothing of the data, asks the network for nothing."""

from __future__ import annotations

import shutil
import time

import pytest

from tagger.writing.report import ReportWriter

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<!--<script>", "<style>*{display:none}</style>",
    "\u2028alert(1)", "\x1b[31m", "[red]", "javascript:alert(1)", "${alert(1)}", "' onmouseover='alert(1)", '" autofocus onfocus="alert(1)',
    "https://example.org/a.png", "__proto__", "constructor", "&lt;b&gt;",
)  # fmt: skip


# Contrast as in WCAG 2.2, 1.4.3; cues said of others are faded on purpose.
LOW_CONTRAST = """() => {
  const linear = (v) => v / 255 <= .04045 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => { const [r, g, b] = numbers(color).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const paper = (node) => {
    for (; node; node = node.parentElement) { const color = getComputedStyle(node).backgroundColor; if ((numbers(color)[3] ?? 1) > 0) return color; }
    return 'rgb(255, 255, 255)';
  };
  const own = (node) => [...node.childNodes].some(child => child.nodeType == 3 && child.data.trim());
  return [...document.querySelectorAll('.case *, .row *, #filters *')].filter(node => own(node) && !node.closest('mark.other')).map(node => {
    const [a, b] = [light(getComputedStyle(node).color), light(paper(node))];
    return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), node.textContent.slice(0, 40), node.className];
  }).filter(([ratio]) => ratio < 4.5);
}"""


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
def visit(browser, tmp_path, labels, criteria):
    """Return a function that writes decisions, opens the report and hands over the page; the end of the test fails on any trouble."""
    trouble, contexts = [], []

    def go(decisions, *, width=1200, scheme="light", labels=labels, criteria=criteria, title="A run"):
        path = tmp_path / "report.html"
        writer = ReportWriter(path, labels, criteria, title)
        for each in decisions:
            writer.write(each)
        writer.commit({"seen": len(decisions)})
        context = browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("dialog", lambda dialog: (trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: trouble.append(f"console: {message.text}") if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("request", lambda request: trouble.append(f"request {request.url}") if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        return page

    yield go
    for context in contexts:
        context.close()
    assert not trouble


def counted(page, words: str) -> None:
    from playwright.sync_api import expect  # wait_for_function needs eval, which the page's policy forbids, rightly

    expect(page.locator("#count")).to_have_text(words, timeout=20_000)


def test_all_is_shown(visit, decision):
    page = visit([decision])
    assert page.inner_text("#count") == "1 cases"
    page.click("#cases .row")
    pieces = page.evaluate("[...document.querySelectorAll('.case .text > *')].map(n => n.tagName == 'MARK' ? n.firstChild.textContent : n.textContent)")
    assert "".join(pieces) == decision.case.text
    marks = page.evaluate("[...document.querySelectorAll('.case .text mark')].map(n => [n.firstChild.textContent, n.title])")
    assert ["under the GPL", "licensing = open"] in marks
    assert ["no advertising", "advertising = sells_attention, negated"] in marks
    text = page.inner_text(".case")
    proposals = ("Commons economy", "83 %", "8 · Commons with a business ecology", "62 %", "runner-up")
    for words in (*proposals, "copyleft-keeps-it-open", "+1.81", "The result is open to all", "produser", "codebook 1.0.0"):
        assert words in text
    page.click("text=Show 10 smaller")
    assert page.locator(".ledger").first.locator(".line").count() == 22
    page.click(".ledger button.head")
    assert page.locator(".text .lit").inner_text().startswith("under the GPL")


def test_hostile_text_in_every_field_is_only_text(visit, make):
    decisions = []
    for payload in HOSTILE:
        text = f"Before {payload} after"
        cues = ((payload, payload, "affirmed", "page", payload), (payload, payload, payload, payload, "after"))
        fields = {payload: payload, "list": [payload]}
        evil = make(id=payload, title=payload, text=text, payload=payload, cues=cues, fields=fields, notes=(payload,), economy=payload, status="abstained")
        decisions.append(evil)
    every = "".join(HOSTILE)
    labels = {("economy", code): every for code in HOSTILE} | {("model", "8"): every}
    page = visit(decisions, labels=labels, criteria={"commons.use.1": every}, title=every)
    for n, payload in enumerate(HOSTILE):
        page.locator("#cases .row").nth(n).click()
        assert page.evaluate("n => [...document.querySelectorAll('.case')].at(-1).querySelector('.text').textContent", n).startswith(f"Before {payload}")
    assert page.locator("main img, main svg, main a, main script, main style, main [onmouseover], main [onfocus]").count() == 0
    assert page.evaluate("document.scripts.length") == 2 * len(HOSTILE) + 2
    page.fill("#search", "<img src=x onerror")
    counted(page, f"1 of {len(HOSTILE)} cases")
    page.mouse.move(300, 300)


def test_filters_and_search(visit, make):
    other = make(id="b", model="5", economy="crowdsourcing", status="abstained")
    page = visit([make(id="a", title="Otter"), other, make(id="c", text="Zebras graze.", cues=(), status="gated")])
    count = lambda: page.inner_text("#count")  # noqa: E731
    page.select_option("#economy", "crowdsourcing")
    assert count() == "1 of 3 cases"
    page.click("button[type=reset]")
    counted(page, "3 cases")
    page.select_option("#model", "8")
    page.select_option("#status", "gated")
    assert count() == "1 of 3 cases"
    page.click("button[type=reset]")
    page.fill("#search", "ZEBRAS")
    counted(page, "1 of 3 cases")
    page.fill("#search", "no such word")
    counted(page, "0 of 3 cases")
    page.fill("#search", "")
    counted(page, "3 cases")
    page.click(".tally >> text=Crowdsourcing economy")
    assert count() == "1 of 3 cases"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_and_contrast(visit, make, scheme):
    page = visit([make(title="Donaudampfschifffahrtsgesellschaft" * 4, fields={"u" * 200: "v" * 300})], width=360, scheme=scheme)
    page.click("#cases .row")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(LOW_CONTRAST) == []


def test_keyboard_alone(visit, make):
    page = visit([make(id="a"), make(id="b", title="Otter")])
    page.focus("#search")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('row')"):
            break
    page.keyboard.press("Enter")
    assert page.get_attribute("#cases .row >> nth=0", "aria-expanded") == "true"
    assert page.locator(".case").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".case").count() == 0


def test_two_thousand_cases_stay_usable(visit, make):
    base = make()
    from dataclasses import replace

    decisions = [replace(base, case=replace(base.case, id=f"c{n}", title=f"Case {n}", text=base.case.text + "\n\nMore text. " * 150)) for n in range(2000)]
    started = time.monotonic()
    page = visit(decisions)
    page.wait_for_selector("#cases .row")
    assert page.locator("#cases > li").count() == 100
    page.click("#more")
    assert page.locator("#cases > li").count() == 200
    searching = time.monotonic()
    page.fill("#search", "case 1999")
    counted(page, "1 of 2000 cases")
    assert time.monotonic() - searching < 10  # 1 s on an idle machine
    page.click("#cases .row")
    assert page.locator(".case .text").count() == 1
    assert time.monotonic() - started < 60
