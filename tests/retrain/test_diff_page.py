"""The page of a comparison: whole, self-contained, and no text of the data becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from tagger.retrain.diff_page import diff_page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


def made(text: str = "A title", number: int = 1) -> dict:
    view = {"code": text, "status": "abstained", "probability": 0.5}
    line = {"source": text, "name": text, "before": -0.5, "after": 1.0, "cause": text}
    margin = {"of": text, "over": text, "before_after": [-1.0, 0.5]}
    causes = [{"cause": text, "log_odds": 1.5}]
    change = {"facet": "model", "before": view, "after": view, "cause": text, "margin": margin, "causes": causes, "lines": [line], "more_lines": 2}
    return {
        "runs": [{"name": text, "versions": {text: [text]}, "only_here": [text]}, {"name": "b", "versions": {text: ["x"]}, "only_here": []}],
        "compared": number,
        "changed": number,
        "other_text": 1,
        "text_not_known": 1,
        "repeated_ids": 0,
        "moves": [{"facet": text, "from": text, "to": f"{text} (abstained)", "cases": 1, "causes": {text: 1}}],
        "cases": [{"id": f"{text}{i}", "title": text, "differs": [text], "changes": [change]} for i in range(number)],
    }


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(page):
    parser = Tags()
    parser.feed(page)
    return parser.seen


def test_hostile_text_stays_text():
    page = diff_page(made(HOSTILE), {("model", HOSTILE): HOSTILE}, title=HOSTILE)
    assert [tag for tag, _ in tags(page)] == [tag for tag, _ in tags(diff_page(made()))]
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in tags(page) for name in attrs)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    assert data["cases"][0]["title"] == HOSTILE


def test_the_policy_names_what_is_there_and_nothing_is_loaded():
    page = diff_page(made())
    policy = re.search(r'Security-Policy" content="([^"]*)"', page)[1]
    for kind, text in (("style", re.search(r"<style>(.*?)</style>", page, re.S)[1]), ("script", re.search(r"<script>(.*?)</script>", page, re.S)[1])):
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy and "://" not in page


@pytest.mark.browser
def test_the_page_works_in_a_browser(tmp_path):
    import shutil

    sync = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    path, trouble = tmp_path / "diff.html", []
    path.write_text(diff_page(made(HOSTILE, 60)), encoding="utf-8")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        page = browser.new_page(viewport={"width": 360, "height": 700})
        page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        assert page.inner_text("#count") == "60 changed cases"
        assert page.locator("#cases > li").count() == 50
        page.click("#more")
        assert page.locator("#cases > li").count() == 60
        assert page.locator("#cases h3").first.text_content().startswith(HOSTILE)
        page.fill("#search", "no such title")
        sync.expect(page.locator("#count")).to_have_text("0 of 60 changed cases")
        page.click("button[type=reset]")
        sync.expect(page.locator("#count")).to_have_text("60 changed cases")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        browser.close()
    assert trouble == []
