"""``tagger serve``: who gets in, on which address, and who codes what (W19)."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")

from tagger.review.store import open_store


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    from tagger.cli import COMMANDS

    monkeypatch.setitem(COMMANDS, "serve", "tagger.cli.serve")


@pytest.fixture
def suggestions(tmp_path):
    path = tmp_path / "s.jsonl"
    proposals = {facet: {"code": code, "probability": 0.8, "status": "decided", "set": [code]} for facet, code in (("economy", "sharing"), ("model", "9"))}
    rows = [{"id": f"case {n}", "title": "", "text": f"Text number {n}.", **proposals} for n in range(6)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def shown(monkeypatch):
    """Do not serve: keep what would be, and end at once."""
    from tagger.review.web import running

    seen = []
    monkeypatch.setattr(running.Server, "serve_until_ended", lambda self: (seen.append(self.config.app), self._listener.close()))
    return seen


@pytest.fixture
def team(suggestions):
    """A store that three coders and an adjudicator have tokens for."""
    path = suggestions.with_name("s.review.db")
    with open_store(path) as store:
        tokens = {name: store.add_coder(name) for name in ("ADA", "BEN", "CY")} | {"DOT": store.add_coder("DOT", "adjudicator")}
    return path, tokens


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "192.0.2.7", "::"])  # noqa: S104
def test_nobody_is_served_without_tokens(run, suggestions, shown, host):
    done = run("serve", suggestions, "--host", host, "--allow-host", "review.example.org", "--port", "0")
    assert done.status == 2
    assert "nobody has a token" in done.err
    assert "tagger store coders add" in done.err
    assert shown == []


def test_revoked_tokens_are_none(run, suggestions, team, shown):
    with open_store(team[0]) as store:
        for name in team[1]:
            store.revoke(name)
    assert run("serve", suggestions, "--port", "0").status == 2


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])  # noqa: S104
def test_every_address_needs_a_name(run, suggestions, team, shown, host):
    done = run("serve", suggestions, "--host", host, "--port", "0")
    assert done.status == 2
    assert "--allow-host" in done.err


def test_no_token_is_printed_and_every_coder_can_log_in(run, suggestions, team, shown):
    done = run("serve", suggestions, "--port", "0")
    assert done.status == 0
    assert "Serving http://127.0.0.1:" in done.out
    assert not any(token in done.out + done.err for token in team[1].values())
    (app,) = shown
    assert app.state.sessions._once == {}


def test_plain_http_is_told(run, suggestions, team, shown):
    assert "TLS" in run("serve", suggestions, "--host", "0.0.0.0", "--allow-host", "review.example.org", "--port", "0").err  # noqa: S104
    assert "TLS" not in run("serve", suggestions, "--port", "0").err
    assert "review.example.org" in shown[0].state.settings.hosts


def test_cases_are_assigned(run, suggestions, team, shown):
    done = run("serve", suggestions, "--coders-per-case", "2", "--port", "0")
    assert "12 new assignments: each case is coded by 2 coders" in done.err
    with open_store(team[0]) as store:
        held = [store.assigned(name) for name in ("ADA", "BEN", "CY")]
        assert [len(mine) for mine in held] == [4, 4, 4]
        assert store.assigned("DOT") == set()
    assert "0 new assignments" in run("serve", suggestions, "--coders-per-case", "2", "--port", "0").err
    done = run("serve", suggestions, "--coders-per-case", "9", "--port", "0")
    assert (done.status, "3 can code" in done.err) == (2, True)


def test_a_store_is_served_without_its_file(run, suggestions, team, shown):
    run("serve", suggestions, "--port", "0")
    suggestions.unlink()
    assert run("serve", "--store", team[0], "--port", "0").status == 0
    assert len(shown[-1].state.desk.heads) == 6
    assert run("serve", "--port", "0").status == 2
    done = run("serve", "--store", "none.db", "--port", "0")
    assert done.status == 2
    assert not suggestions.with_name("none.db").exists()
