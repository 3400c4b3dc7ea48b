"""The pages on a phone, enlarged, in dark and light; for people who do not see them."""

from __future__ import annotations

import pytest
from browser_pages import go_on, press, see
from made_web import line, made_case

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = "Donaudampfschifffahrtsgesellschaft" * 4
SIZES = {"desk": (1280, 800), "phone": (360, 740), "at 200 %": (640, 400), "wide": (1720, 900)}
# Contrast as in WCAG 2.2, 1.4.3, of everything that holds text of its own and is to be seen; marks that a coder called wrong are faded on purpose.
TOO_FAINT = """() => {
  const numbers = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const linear = (v) => v / 255 <= .04045 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = (color) => { const [r, g, b] = numbers(color).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const opaque = (color) => (numbers(color)[3] ?? 1) > 0;
  const ground = (node) => !node ? 'rgb(255,255,255)' : opaque(getComputedStyle(node).backgroundColor) ? getComputedStyle(node).backgroundColor
    : ground(node.parentElement);
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && node.closest('dialog:not([open])') === null;
  const own = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  const meant = 'mark.wrong, noscript, .jump, option';
  return [...document.querySelectorAll('body *')].filter((node) => own(node) && seen(node) && !node.closest(meant)).flatMap((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    return ratio < 4.5 ? [[ratio.toFixed(2), node.tagName, node.className, node.textContent.slice(0, 30)]] : [];
  });
}"""
# Whatever can be pressed or typed into has a name for a screen reader.
NAMELESS = """() => {
  const wanted = 'button, input, select, textarea, a[href], [role=region], [role=listbox], dialog', own = 'button, a';
  const said = (id) => document.getElementById(id)?.textContent.trim();
  const named = (node) => node.getAttribute('aria-label') || (node.getAttribute('aria-labelledby') || '').split(' ').some(said) || node.labels?.length
    || (node.matches(own) && node.textContent.trim());
  const there = [...document.querySelectorAll(wanted)].filter((node) => !node.closest('dialog:not([open])'));
  return there.filter((node) => !named(node)).map((node) => node.outerHTML.slice(0, 80));
}"""


def cases():
    return [made_case(f"case {n}", LONG if n == 1 else f"Shop {n}") for n in range(4)]


def sound(page) -> None:
    """Nothing runs out of the page to the side, nothing is too faint, nothing is nameless."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(TOO_FAINT) == []
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_review_in_every_size_and_scheme(serving, visit, size, scheme):
    server = serving(cases(), "--blind", "0.5")
    width, height = SIZES[size]
    page = visit(server.start(), width=width, height=height, scheme=scheme, scale=2 if size == "at 200 %" else 1)
    for _ in range(4):
        press(page, "f", "w")
        sound(page)
        assert page.locator("#actions").evaluate("n => { const b = n.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; }")
        go_on(page, "j")
    press(page, "m")
    sound(page)
    press(page, "Escape", "?")
    sound(page)
    press(page, "Escape", "n")
    sound(page)
    press(page, "Escape")
    page.click("#more-filters summary")
    sound(page)
    page.goto(server.origin + "/dashboard")
    page.wait_for_selector("#board section", timeout=30_000)
    sound(page)
    page.goto(server.origin + "/nowhere")
    sound(page)


def test_focus_and_what_is_read_out(serving, visit):
    server = serving(cases())
    page = visit(server.start())
    assert page.evaluate("document.activeElement.id") == "case-title"
    go_on(page, "a")
    assert page.evaluate("document.activeElement.id") == "case-title"  # read out with each new case
    see(page, "#live", "Coded: 9 · attention monetised sharing")
    assert page.get_attribute("#live", "aria-live") == "polite"
    order = []
    page.focus("#case-title")
    for _ in range(8):
        press(page, "Tab")
        order.append(page.evaluate("document.activeElement.closest('#proposals, #actions, #why, #entry, #text, #cues')?.id || document.activeElement.id"))
    wanted = ["cues", "proposals", "actions"]
    assert sorted(set(order) & set(wanted), key=order.index) == wanted
    press(page, "m")
    combo = page.locator("#picker-input")
    assert combo.get_attribute("aria-activedescendant") == page.locator("#picker-list [aria-selected=true]").get_attribute("id")
    press(page, "ArrowDown", "ArrowDown")
    assert combo.get_attribute("aria-activedescendant") == page.locator("#picker-list [aria-selected=true]").get_attribute("id")
    press(page, "Escape")
    press(page, "f")
    assert page.evaluate("document.activeElement.getAttribute('aria-description')") == "payment = unpaid, said by the page"


def test_marks_have_a_sign_beside_their_colour(serving, visit):
    page = visit(serving(1).start())
    assert page.locator("mark[data-sign]").evaluate_all("marks => marks.filter(m => m.closest('#text')).map(m => m.dataset.sign)") == ["pay", "↶ini"]
    assert page.locator("#legend").inner_text().split("\n") == ["initiator", "payment", "↶ past"]


def test_the_ledger_adds_up_and_leads_into_the_text(serving, visit):
    evidence = [
        line("model", "9", "base", "base rate", -1.0),
        line("model", "9", "rule", "r-9-members", 2.5, "m9.u1", "Neighbours run the shop"),
        line("model", "9", "word", "run", 0.25, "", "run"),  # inside the other, so that it is cut in three
        line("model", "3", "base", "base rate", -0.5),
    ]
    page = visit(serving([made_case("case 0", "Shop 0", evidence=evidence)]).start())
    box = page.locator(".ledger >> nth=0")
    weights = [float(words.replace("−", "-")) for words in box.locator(".lines .weight").all_inner_texts()]
    assert sum(weights) == pytest.approx(float(box.locator("summary .weight").inner_text().replace("−", "-")))
    page.hover(".ledger .line:has-text('r-9-members')")
    assert "".join(page.locator("#text .lit").all_inner_texts()) == "Neighbours run the shop"
    press(page, "g")
    see(page, "#peek", "Sentence 1: +2.75 for 9")
    assert page.locator("#ledger li.here").count() > 0
    see(page, "#changes", "would be ahead")
    page.hover("#ledger summary >> nth=1")
    see(page, "#entry", "Codebook: 3 ·")
