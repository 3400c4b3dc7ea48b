"""Two coders at once who do not see each other, and an adjudicator who decides."""

from __future__ import annotations

import pytest
from browser_pages import eventually, go_on, gone, press, see

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEAM = [("ADA", "coder"), ("BEN", "coder"), ("CLEO", "adjudicator")]


@pytest.fixture
def team(serving, visit):
    """A server with pages of its coders, logged in by their tokens."""
    server, tokens = serving(4, "--audit", "0", coders=TEAM)
    address = server.start()

    def enter(token: str):
        page = visit(address, wait="#token")
        page.fill("#token", token)
        press(page, "Enter")
        page.wait_for_selector("#case:not([hidden]) #case-title")
        return page

    return server, [enter(token) for token in tokens]


def test_a_wrong_token_is_told(serving, visit):
    server, _ = serving(1, coders=TEAM[:1])
    page = visit(server.start(), wait="#token")
    page.fill("#token", "no such token")
    press(page, "Enter")
    see(page, "#problem", "this token is unknown")


def test_two_at_once_never_see_or_overwrite_each_other(team):
    server, (ada, ben, _) = team
    for _ in range(3):
        assert ada.inner_text("#case-title") == ben.inner_text("#case-title")
        case = go_on(ada, "a")
        eventually(lambda case=case: case in server.held("ADA"))
        ben.reload()  # even then, and on the very case
        see(ben, "#case-title", case.replace("case", "Shop"))
        assert "ADA" not in ben.content() and "done" in ben.inner_text("#pace")
        go_on(ben, "m", "8", "Enter")
        eventually(lambda case=case: case in server.held("BEN"))
    assert set(server.held("ADA").values()) == {("sharing", "9")}
    assert set(server.held("BEN").values()) == {("commons", "8")}
    assert len(server.held("ADA")) == len(server.held("BEN")) == 3
    ben.goto(server.origin + "/adjudicate")
    see(ben, "main", "only an adjudicator may do this")


def test_adjudication(team):
    server, (ada, ben, cleo) = team
    press(ada, "n")
    ada.keyboard.type("It lives on attention.")
    press(ada, "Enter")
    see(ada, "#note-text", "It lives on attention.")
    for _ in range(2):
        go_on(ada, "a")
        go_on(ben, "m", "8", "Enter")
    eventually(lambda: len(server.held("ADA")) == len(server.held("BEN")) == 2)
    cleo.goto(server.origin + "/adjudicate")
    see(cleo, "#pace", "1 of 2 cases · 2 open")
    for words in ("ADA", "BEN", "9 · attention monetised sharing", "8 · commons business ecology"):
        see(cleo, "#sides", words)
    see(cleo, "#proposals", "choose")
    press(cleo, "2")
    see(cleo, "#what", "8, commons")
    press(cleo, "n")
    cleo.keyboard.type("Firms live on it.")
    press(cleo, "Enter", "a")
    see(cleo, "#live", "Decided: 8 · commons business ecology")
    see(cleo, "#pace", "1 of 2 cases · 1 open")
    press(cleo, "m", "6", "Enter")
    see(cleo, "#picker-title", "Which economy?")
    press(cleo, "Enter")
    see(cleo, "#empty", "Nothing to decide")
    decided = [event for event in server.events() if event.kind == "adjudication"]
    assert [(event.coder, event.codes["economy"], event.codes["model"], event.note) for event in decided] == [
        ("CLEO", "commons", "8", "Firms live on it."), ("CLEO", "sharing", "6", ""),
    ]  # fmt: skip
    press(cleo, "z")
    see(cleo, "#pace", "1 of 2 cases · 1 open")
    see(cleo, "#live", "Undone: the decision")

    cleo.goto(server.origin + "/dashboard")
    see(cleo, "#board", "2 cases, open ones to be adjudicated.", timeout=30_000)
    rows = cleo.locator("section", has_text="Where coders differ").locator("tbody tr")
    assert sorted(rows.nth(n).locator("td").last.inner_text() for n in range(2)) == ["decided", "open"]
    cleo.click("text=blind codings")
    see(cleo, "#board", "Too few codings yet")
    gone(cleo, "#loading")


def test_a_coder_sees_others_only_where_he_coded_himself(team):
    server, (ada, ben, _) = team
    for _ in range(2):
        go_on(ada, "m", "8", "Enter")
    go_on(ben, "a")
    eventually(lambda: len(server.held("ADA")) == 2 and len(server.held("BEN")) == 1)
    ben.goto(server.origin + "/dashboard")
    see(ben, "#board", "1 case, open ones to be adjudicated. What you have not coded yourself stays hidden from you.", timeout=30_000)
    assert ben.inner_text("#board").count("8 · commons business ecology") == 1
