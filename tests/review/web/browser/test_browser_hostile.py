"""Texts from the web that want to be more than text: nothing of them runs, and nothing is asked of anybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browser_pages import go_on, press, see
from made_web import line, made_case, proposal

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<!--<script>", "<style>*{display:none}</style>",
    "javascript:alert(1)", "${alert(1)}", "{{7*7}}", "' onmouseover='alert(1)", '" autofocus onfocus="alert(1)', "https://example.org/a.png", "&lt;b&gt;",
    "__proto__", "constructor", "<base href=//example.org>", "<meta http-equiv=refresh content='0;url=//example.org'>", "\u202eevil",
    "<iframe srcdoc='<script>alert(1)</script>'>",
)  # fmt: skip
NOTHING_ELSE = "main img, main svg, main iframe, main script, main style, main base, main meta, main a[href], [onmouseover], [onfocus], [onerror]"


def evil_case(payload: str, n: int):
    """A case with `payload` in every field that a page shows."""
    text = f"Before {payload} after. Then {payload} again."
    cues = [
        {"cue": payload, "value": payload, "status": payload, "voice": payload, "start": 7, "end": 7 + len(payload), "text": payload, "pattern": payload},
        {"cue": "ownership", "value": "members", "status": "negated", "voice": "self", "start": 3, "end": 12, "text": text[3:12], "pattern": payload},
    ]
    about = {"criterion": payload, "start": 7, "end": 9}
    evidence = [line("model", code, source, payload, 1.5) | about for code in ("9", "8") for source in ("rule", "word", payload)]
    codes = [{"cue": "payment", "value": payload, "probability": 0.5, "start": None, "end": None}]
    case = made_case(f"{payload} {n}", payload, text, cues=cues, evidence=evidence, cue_codes=codes)
    return replace(case, record={**case.record, "model": proposal("9") | {"status": payload, "set": ["9", payload]}})


def test_hostile_texts_are_only_text(serving, visit):
    server = serving([evil_case(payload, n) for n, payload in enumerate(HOSTILE)], coder="<img src=x onerror=alert(1)>")
    page = visit(server.start())
    seen = set()
    for _ in HOSTILE:
        title = page.inner_text("#case-title")
        assert page.locator("#text").evaluate("node => node.textContent") == f"Before {title} after. Then {title} again."
        press(page, "f", "f", "w")
        page.hover("mark >> nth=0")
        page.locator("#ledger summary").last.click()
        page.locator("#ledger .line").last.hover()
        press(page, "n")
        page.fill("#note", title)
        press(page, "Enter")
        see(page, "#note-text", title)
        assert page.locator(NOTHING_ELSE).count() == 0
        assert page.evaluate("document.scripts.length") == 1
        seen.add(title)
        if len(seen) < len(HOSTILE):
            go_on(page, "a")
    assert seen == set(HOSTILE)
    press(page, "v", "Shift+ArrowRight", "c", "Escape")
    page.goto(server.origin + "/dashboard")
    see(page, "#board", "<img src=x onerror=alert(1)>", timeout=30_000)
    page.goto(server.origin + "/<img src=x onerror=alert(1)>")
    see(page, "main", "Nothing here")
    assert page.locator(NOTHING_ELSE.replace("main a[href], ", "")).count() == 0


def test_hostile_codings_side_by_side(serving, visit):
    coders = [("<b>Eve</b>", "coder"), ("Ben", "coder"), ("Cleo", "adjudicator")]
    server, tokens = serving([evil_case(payload, n) for n, payload in enumerate(HOSTILE[:3])], coders=coders)
    address, pages = server.start(), []
    for token in tokens:
        page = visit(address, wait="#token")
        page.fill("#token", token)
        press(page, "Enter")
        page.wait_for_selector("#case:not([hidden]) #case-title")
        pages.append(page)
    eve, ben, cleo = pages
    go_on(eve, "a")
    go_on(ben, "m", "8", "Enter")
    cleo.goto(server.origin + "/adjudicate")
    see(cleo, "#sides", "<b>Eve</b>")
    assert cleo.locator(NOTHING_ELSE + ", main b").count() == 0
