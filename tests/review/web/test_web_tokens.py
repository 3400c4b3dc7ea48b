"""W4, W5, W6: tokens and sessions."""

from __future__ import annotations

import logging
import stat

import pytest
from made_web import SENT, event

from tagger.review.web.running import OpeningPage
from tagger.review.web.sessions import IDLE, LONGEST, MOST, SLOWEST, Reviewer, Sessions, session_cookie

ADA = Reviewer("ADA", "coder")


def test_a_token_opens_once(project):
    token, client = project.sessions.one_time_token(ADA), project.browser(**SENT)
    assert client.post("/api/login", json={"token": token}).json() == {"coder": "ADA", "role": "coder"}
    second = project.browser(**SENT)
    assert second.post("/api/login", json={"token": token}).status_code == 403
    assert second.get("/api/start").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(project):
    answer = project.browser(**SENT).post("/api/login", json={"token": project.sessions.one_time_token(ADA)})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("tagger-8765=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_for_https_alone(make):
    project = make(names=("review.example.org",))
    headers = SENT | {"origin": "https://review.example.org", "host": "review.example.org"}
    answer = project.browser(**headers).post("/api/login", json={"token": project.sessions.one_time_token(ADA)})
    assert answer.headers["set-cookie"].startswith("__Host-tagger-8765=")
    assert "Secure" in answer.headers["set-cookie"]


def test_no_answer_and_no_log_holds_a_token(project, caplog):
    caplog.set_level(logging.DEBUG)
    token, client = project.sessions.one_time_token(ADA), project.browser(**SENT)
    answers = [client.get("/open", params={"token": token}), client.post("/api/login", json={"token": token}), client.post("/api/login", json={"token": token})]
    answers += [client.get(path) for path in ("/", "/api/start", "/api/next", "/dashboard", "/nowhere", f"/api/case?id={token}")][:5]
    secret = client.cookies["tagger-8765"]
    for answer in answers:
        assert token not in answer.text
        assert secret not in answer.text
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))]
    assert all(token not in record.getMessage() and secret not in record.getMessage() for record in ours)
    assert "no-referrer" in answers[0].headers["referrer-policy"]


def test_a_token_is_long_and_never_the_same(project):
    tokens = {project.sessions.one_time_token(ADA) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)  # 256 bits, 6 a character


@pytest.mark.parametrize("token", [None, 1, True, [], {}, "", "x", "ä" * 43, "x" * 201, "x" * 100_000])
def test_what_is_no_token_opens_nothing(project, token):
    assert project.browser(**SENT).post("/api/login", json={"token": token}).status_code == 403


@pytest.mark.parametrize("body", [[], "x", 1, {}, {"token": None}])
def test_a_login_without_a_token(project, body):
    assert project.browser(**SENT).post("/api/login", json=body).status_code == 403


def test_wrong_tokens_wait_longer_and_longer_and_right_ones_never(project, monkeypatch):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr("tagger.review.web.policy.asyncio.sleep", sleep)
    client = project.browser(**SENT)
    for n in range(30):
        assert client.post("/api/login", json={"token": f"wrong {n}"}).status_code == 403
    assert waited == sorted(waited)
    assert waited[0] < 0.05
    assert waited[-1] == SLOWEST
    assert client.post("/api/login", json={"token": project.sessions.one_time_token(ADA)}).status_code == 200
    assert len(waited) == 30


def test_a_hundred_thousand_wrong_tokens_take_hours():
    now = [0.0]
    sessions = Sessions(lambda token: None, lambda: now[0])
    for _ in range(10_000):
        now[0] += sessions.wait_after_wrong()
    assert now[0] > 9_000  # seconds, for 10,000 tries one after the other
    assert len(sessions._wrong) <= 51
    now[0] += 61
    assert sessions.wait_after_wrong() < 0.05  # forgiven


def test_the_page_that_opens_the_browser_is_nobody_elses(tmp_path):
    page = OpeningPage(tmp_path, "http://127.0.0.1:1/open#token=secret")
    assert stat.S_IMODE(page.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.path.parent.stat().st_mode) == 0o700
    assert "#token=secret" in page.path.read_text()
    page.remove()
    page.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_revoked_token_ends_its_session_in_the_same_request(project):
    token, client = project.store.add_coder("BEN"), project.browser(**SENT)
    assert client.post("/api/login", json={"token": token}).status_code == 200
    assert client.get("/api/start").status_code == 200
    project.store.revoke("BEN")
    assert client.get("/api/start").status_code == 401
    assert client.post("/api/events", json=[event()]).status_code == 401
    project.store.add_coder("BEN")  # a new token does not bring the old session back
    assert client.get("/api/start").status_code == 401
    assert client.post("/api/login", json={"token": token}).status_code == 403


def test_another_role_ends_the_session(project):
    token, client = project.store.add_coder("CY", "adjudicator"), project.browser(**SENT)
    client.post("/api/login", json={"token": token})
    assert client.get("/api/disagreements").status_code == 200
    project.store.revoke("CY")
    project.store.add_coder("CY", "coder")
    assert client.get("/api/disagreements").status_code == 401


def test_sessions_end_with_the_server(project, make):
    client = project.client()
    again = make(place=project.store.path)
    other = again.browser(**SENT)
    other.cookies = client.cookies
    assert other.get("/api/start").status_code == 401


def test_logging_out_ends_the_session_not_only_the_cookie(project):
    client = project.client()
    secret = client.cookies["tagger-8765"]
    assert client.post("/api/logout", json={}).status_code == 200
    client.cookies.set("tagger-8765", secret)
    assert client.get("/api/start").status_code == 401


def test_a_login_makes_a_new_session(project):
    first, second = project.client(), project.client()
    assert first.cookies["tagger-8765"] != second.cookies["tagger-8765"]


@pytest.mark.parametrize(("steps", "alive"), [([IDLE - 1] * 3, True), ([IDLE + 1], False), ([IDLE - 1] * int(LONGEST / (IDLE - 1) + 2), False)])
def test_sessions_end_by_time(steps, alive):
    now = [0.0]
    sessions = Sessions(lambda token: None, lambda: now[0])
    secret, _ = sessions.log_in(sessions.one_time_token(ADA))
    found = ADA
    for step in steps:
        now[0] += step
        found = sessions.of(secret)
    assert (found == ADA) == alive


def test_sessions_do_not_grow_without_end():
    now = [0.0]
    sessions = Sessions(lambda token: None, lambda: now[0])
    secrets = []
    for _ in range(MOST + 5):
        now[0] += 1
        secrets.append(sessions.log_in(sessions.one_time_token(ADA))[0])
    assert sessions.of(secrets[0]) is None
    assert sessions.of(secrets[-1]) == ADA
    assert len(sessions._sessions) == MOST


@pytest.mark.parametrize("cookie", ["tagger-8765=", "x; ;=;tagger-8765", "tagger-8765=a b=c", "\x00", 'tagger-8765="unclosed', "a=b; tagger-1=zzz"])
def test_odd_cookies_are_no_session(project, cookie):
    assert project.browser(cookie=cookie, **SENT).get("/api/start").status_code == 401


def test_the_secure_cookie_goes_first():
    scope = {"headers": [(b"cookie", b"b=plain; a=secure")]}
    assert session_cookie(scope, ("a", "b")) == "secure"
    assert session_cookie({"headers": []}, ("a", "b")) == ""
