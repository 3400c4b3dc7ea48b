"""W21: what was answered on a page that is no longer up to date."""

from __future__ import annotations

import pytest
from made_web import TEXT, event, made_case

OLD = "a" * 64


def test_another_text_is_told(project):
    answer = project.client().post("/api/events", json=[event(sha256=OLD), event("case 1")])
    assert answer.status_code == 409
    told = answer.json()
    assert len(told["accepted"]) == 1  # the other one is stored all the same
    (refused,) = told["refused"]
    assert refused["stale"]
    assert refused["difference"]["what"] == "text"
    assert refused["difference"]["was"] == OLD
    assert len(project.store.events()) == 1


def test_another_codebook_is_told_with_what_changed(project, book):
    answer = project.client().post("/api/events", json=[event(codebook=f"{book.id} 0.0.1")])
    assert answer.status_code == 409
    difference = answer.json()["refused"][0]["difference"]
    assert (difference["what"], difference["is"]) == ("codebook", book.name)
    assert difference["changes"][-1]["version"] == book.changes[-1].version
    assert project.client().post("/api/events", json=[event(codebook=book.name)]).status_code == 200


def test_another_suggestion_is_told(project):
    answer = project.client().post("/api/events", json=[event(shown={"economy": "other", "model": "3"})])
    assert answer.status_code == 409
    assert answer.json()["refused"][0]["difference"]["is"] == {"economy": "sharing", "model": "9"}
    assert project.client().post("/api/events", json=[event(shown={"economy": "sharing", "model": "9"})]).status_code == 200


@pytest.mark.parametrize("kind", ["skip", "note"])
def test_skipping_and_noting_hold_whatever_the_text(project, kind):
    answer = project.client().post("/api/events", json=[event(kind=kind, sha256=OLD, note="x" * (kind == "note"))])
    assert len(answer.json()["accepted"]) == 1


def test_a_coding_of_another_text_is_told_as_such(make):
    first = make()
    first.client().post("/api/events", json=[event()])
    second = make([made_case("case 0", text=TEXT + " It moved to a bigger house.")], place=first.store.path)
    client = second.client()
    case = client.get("/api/next").json()["case"]
    assert case["id"] != "case 0" or case["mine"]["stale"]
    case = client.get("/api/next?state=stale").json()["case"]
    assert (case["id"], case["mine"]["stale"]) == ("case 0", True)


def test_a_retry_counts_although_the_text_changed_meanwhile(make):
    first, sent = make(), event()
    assert first.client().post("/api/events", json=[sent]).status_code == 200
    second = make([made_case("case 0", text="Another text altogether.", cues=[], evidence=[])], place=first.store.path)
    answer = second.client().post("/api/events", json=[sent])
    assert answer.json()["accepted"] == [sent["id"]]
    assert len(second.store.events()) == 1


def test_a_second_answer_before_the_suggestion_was_shown(make):
    from tagger.review.web.desk import Plan

    project = make(plan=Plan(seed=1, blind=1.0))
    answer = project.client().post("/api/events", json=[event(shown={}), event(shown={}, codes={"economy": "other", "model": "3"})])
    assert answer.status_code == 200
    (_, first), (_, second) = project.store.events()
    assert (first.blind, second.blind, second.shown) == (True, False, {})
