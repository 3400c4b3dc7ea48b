"""One person reviews by keyboard alone: codes, undoes, reloads; the server is killed in the middle and comes back."""

from __future__ import annotations

import pytest
from browser_pages import eventually, go_on, gone, press, see
from made_web import TEXT, made_case

from tagger.review.store import open_store

pytestmark = pytest.mark.browser


def codings(server) -> list:
    return [event for event in server.events() if event.kind == "coding"]


def test_twenty_cases_by_keyboard_and_a_server_that_dies(serving, visit):
    server = serving(24, "--audit", "0")
    page = visit(server.start())
    given = {go_on(page, "a"): ("sharing", "9") for _ in range(7)}  # one key
    given |= {go_on(page, "m", "8", "Enter"): ("commons", "8") for _ in range(4)}  # three, though both codes change: 8 goes with nothing else
    given |= {go_on(page, "e", "w", "Enter"): ("crowdsourcing", "9") for _ in range(3)}
    given[go_on(page, "u")] = ("sharing", "9")
    skipped = go_on(page, "s")

    wrong = go_on(page, "a")
    press(page, "z")
    see(page, "#case-title", wrong.replace("case", "Shop"))
    given[go_on(page, "m", "6", "Enter")] = ("sharing", "6")
    see(page, "#pace", "16 done · 8 left (1 skipped)")
    shown = page.inner_text("#case-title")
    page.reload()
    see(page, "#case-title", shown)
    see(page, "#pace", "16 done · 8 left (1 skipped)")
    assert server.held() == given

    server.kill()
    given[go_on(page, "a")] = ("sharing", "9")  # the next one was fetched already
    given[page.inner_text("#case-title").replace("Shop", "case")] = ("sharing", "9")
    press(page, "a")
    see(page, "#unsaved", "2 not yet saved")
    see(page, "#connection", "The server does not answer. Is it still running? 2 answers are kept in this browser")
    page.goto("about:blank")
    assert page.visitor.warned == 1

    page.goto(server.start())
    page.wait_for_selector("#case:not([hidden])")
    see(page, "#pace", "18 done · 6 left (1 skipped)")
    gone(page, "#unsaved")
    assert server.held() == given
    given |= {go_on(page, "a"): ("sharing", "9") for _ in range(2)}
    see(page, "#pace", "20 done · 4 left (1 skipped)")
    assert server.held() == given and skipped not in given
    assert len(codings(server)) == 21  # and none twice: the one that was undone counts here
    assert [event.sureness for event in codings(server)].count("unsure") == 1
    assert server.stop() == 0


def test_a_lost_answer_is_no_second_coding(serving, visit):
    server = serving(3)
    page = visit(server.start())
    lost = []

    def lose(route):
        if lost:
            return route.fallback()
        lost.append(route.fetch().status)  # the server has it, the page never learns so
        route.abort()

    page.context.route("**/api/events", lose)
    go_on(page, "a")
    see(page, "#pace", "1 done · 2 left", timeout=20_000)
    gone(page, "#unsaved")
    assert lost == [200] and len(codings(server)) == 1


def test_logged_out_in_the_middle(serving, visit):
    server = serving(5)
    page = visit(server.start())
    go_on(page, "a")
    see(page, "#pace", "1 done")
    server.kill()
    address = server.start()
    press(page, "a")
    see(page, "#connection", "You are logged out")
    see(page, "#connection", "1 answer is kept in this browser")
    other = page.context.new_page()
    other.goto(address)
    other.wait_for_selector("#case:not([hidden])")
    page.click("#unsaved") if page.is_visible("#unsaved") else None
    gone(page, "#unsaved")
    gone(page, "#connection")
    assert len(codings(server)) == 2


def test_what_the_server_refuses_is_told_and_kept(serving, visit):
    server = serving(3)
    page = visit(server.start())
    case = page.inner_text("#case-title").replace("Shop", "case")
    with open_store(server.store) as store:
        store.add_cases([made_case(case, "Another shop", TEXT + " A cooperative took it over.")])
    go_on(page, "a")
    see(page, "#problems", "the text of this case changed since your page showed it")
    page.reload()
    see(page, "#problems", "economy sharing")  # still there
    page.click("text=Show the case as it is now")
    see(page, "#text", "A cooperative took it over.")
    go_on(page, "a")
    page.click("text=Drop it")
    gone(page, "#problems")
    assert len(codings(server)) == 1


def test_blind_until_answered(serving, visit):
    server = serving([made_case(f"case {n}", f"Shop {n}", model="10", economy="other") for n in range(3)], "--blind", "1")
    page = visit(server.start())
    assert "cooperative" not in page.inner_text("main") and "Why" not in page.inner_text("#why")
    press(page, "a")
    see(page, "#picker-title", "Which model?")
    press(page, "0")
    see(page, "#picker-list [aria-selected=true]", "cooperative production")
    press(page, "Enter")  # 10 goes with two economies
    see(page, "#picker-title", "Which economy?")
    assert page.locator("#picker-list li").count() == 2
    press(page, "o", "Enter")
    see(page, "#reveal", "The tagger had proposed 10 · cooperative production, other economy: the same as you.")
    see(page, "#why", "Why 10")
    go_on(page, "j")
    press(page, "m", "8", "Enter")
    see(page, "#reveal", "not the same as you")
    go_on(page, "Space")
    press(page, "u")  # not sure at all: no code
    see(page, "#live", "Not sure: no code.")
    eventually(lambda: len(codings(server)) == 3)
    assert [(event.blind, dict(event.shown), event.sureness) for event in codings(server)] == [(True, {}, "sure"), (True, {}, "sure"), (True, {}, "unsure")]


def test_cues_by_keyboard(serving, visit):
    server = serving(1)
    page = visit(server.start())
    press(page, "f")
    see(page, "#peek", "payment = unpaid, said by the page")
    press(page, "f")
    see(page, "#peek", "initiator = company, in the past")
    press(page, "w")
    see(page, "#marks", "is not initiator = company")
    assert page.locator("mark.wrong").inner_text() == "A firm"
    press(page, "w")  # again: taken back
    gone(page, "#marks")
    press(page, "F", "w")
    see(page, "#marks", "is not payment = unpaid")
    page.focus("#case-title")
    press(page, "v", "Shift+ArrowRight", "c")
    see(page, "#picker-title", "Which cue is “Neighbours run”?")
    press(page, *"community", "Enter")
    see(page, "#marks", "says initiator = community")
    page.dblclick("#text >> text=themselves")
    press(page, "c", *"group", "Enter")
    see(page, "#marks", "says producers = group")
    press(page, "z")
    see(page, "#live", "Undone: the marking of Shop 0.")
    assert page.locator("#marks-list li").count() == 2
    press(page, "c", *"foundation", "Enter")
    see(page, "#cues", "ownership foundation yours")
    press(page, "n")
    page.keyboard.type("Who pays for the rent?")
    press(page, "Enter")
    see(page, "#note-text", "Who pays for the rent?")
    press(page, "a")
    see(page, "#empty", "No case is left")
    eventually(lambda: codings(server))
    counting = {event.id: event for event in server.events()}
    for event in list(counting.values()):
        counting.pop(event.undoes, None)
    marked = [event.marking for event in counting.values() if event.marking]
    assert [(m.verdict, m.cue, m.value, TEXT[m.start : m.end]) for m in marked] == [
        ("wrong", "payment", "unpaid", "Nobody pays"), ("added", "initiator", "community", "Neighbours run"),
    ]  # fmt: skip
    assert codings(server)[0].codes == {"economy": "sharing", "model": "9", "ownership": "foundation"}
    assert [event.note for event in server.events() if event.kind == "note"] == ["Who pays for the rent?"]


def test_offsets_behind_a_character_of_two_units(serving, visit):
    server = serving(1)
    page = visit(server.start())
    press(page, "f", "v", "c", *"own sales", "Enter")  # the text has a character of two UTF-16 units before
    see(page, "#marks", "says payment = own_sales")
    eventually(lambda: server.events())
    (marking,) = [event.marking for event in server.events() if event.marking]
    assert TEXT[marking.start : marking.end] == "Nobody"


def test_search_filters_and_why_there_are_no_more(serving, visit):
    cases = [made_case(f"case {n}", f"Shop {n}", TEXT if n else "A zebra farm.", cues=[], evidence=[], cue_codes=[]) for n in range(4)]
    server = serving([*cases, made_case("case 4", "Shop 4", model="8", economy="commons")])
    page = visit(server.start())
    press(page, "/")
    page.keyboard.type("ZEBRA")
    see(page, "#case-title", "Shop 0")
    press(page, "Enter", "a")
    see(page, "#empty", "Nothing more here")
    page.click("text=Show all that is to do")
    page.wait_for_selector("#case:not([hidden])")
    page.click("#more-filters summary")
    page.select_option("#by-model", "8")
    see(page, "#case-title", "Shop 4")
    page.focus("#by-model")
    press(page, "Escape", "Tab")  # closes the filters
    gone(page, "#by-model")
    press(page, "a")
    see(page, "#empty", "none passes the filter")
    page.click("#more-filters summary")
    page.click("#filters button[type=reset]")
    page.wait_for_selector("#case:not([hidden])")
    page.focus("#case-title")
    for _ in range(2):
        go_on(page, "a")
    press(page, "a")
    see(page, "#empty", "No case is left: ADA has coded all 5.")
    press(page, "z")
    see(page, "#case-facts", "id case")
    see(page, "#pace", "4 done · 1 left")


def test_keys_are_shown_and_can_be_turned_off(serving, visit):
    server = serving(2)
    page = visit(server.start())
    press(page, "?")
    see(page, "#keys-list", "Accept and go on")
    page.uncheck("#keys-on")
    press(page, "Escape", "a", "j")
    see(page, "#pace", "0 done · 2 left")
    press(page, "?")
    page.check("#keys-on")
    press(page, "Escape")
    page.keyboard.down("a")
    page.keyboard.down("a")  # held down: acts once
    page.keyboard.up("a")
    see(page, "#pace", "1 done · 1 left")
    see(page, "#pace", "1 done")
    assert len(codings(server)) == 1
