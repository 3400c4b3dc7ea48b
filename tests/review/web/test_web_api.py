"""What the page asks of the server, and what becomes of it in the store."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from made_web import TEXT, event, made_case

from tagger.review.store import StoreError


def test_start_tells_what_the_page_needs(project, book):
    told = project.client().get("/api/start").json()
    assert (told["coder"], told["role"], told["versions"]["codebook"]) == ("ADA", "coder", book.name)
    assert [facet["id"] for facet in told["codebook"]["facets"]] == ["economy", "model"]
    code = told["codebook"]["facets"][1]["codes"][0]
    assert {"id", "label", "definition", "use_when", "avoid_when", "near_misses"} <= set(code)
    assert {tuple(pair) for pair in told["pairs"]} == set(book.pairs)
    assert [cue["id"] for cue in told["cues"] if cue["coded"]] == [cue.id for cue in book.cues]
    assert told["filters"]["model"] == ["9"]
    assert told["progress"]["left"] == 6
    assert len(told["project"]) == 16


def test_case_after_case_until_there_are_none(project):
    client, seen = project.client(), []
    while (told := client.get("/api/next").json())["case"]:
        assert told["why"] is None
        seen.append(told["case"]["id"])
        client.post("/api/events", json=[event(seen[-1], sha256=told["case"]["sha256"])])
    assert sorted(seen) == [f"case {n}" for n in range(6)]
    assert told["progress"] == {"done": 6, "left": 0, "skipped": 0, "seconds_each": 2.5} | {
        k: v for k, v in told["progress"].items() if k.startswith("audit")
    } | {
        "unsure": 0,
        "stale": 0,
    }
    assert "all 6" in told["why"]
    assert client.get("/api/next?state=done").json()["case"]["mine"]["codes"] == {"economy": "sharing", "model": "9"}


def test_after_a_case_comes_the_next(project):
    client = project.client()
    first = client.get("/api/next").json()["case"]["id"]
    second = client.get("/api/next", params={"after": first}).json()["case"]["id"]
    assert first != second
    assert client.get("/api/next", params={"after": "no such case"}).json()["case"]["id"] == first


def test_an_event_that_is_sent_again_is_stored_once(project):
    client, sent = project.client(), event(note="tiny")
    for _ in range(3):
        answer = client.post("/api/events", json=[sent, sent])
        assert answer.json()["accepted"] == [sent["id"]] * 2
    assert len(project.store.events()) == 1
    refused = client.post("/api/events", json=[sent | {"note": "other"}]).json()["refused"]
    assert "another event" in refused[0]["why"]


def test_undo_brings_back_what_was_before(project):
    client, first, second = project.client(), event(), event(codes={"economy": "other", "model": "3"})
    client.post("/api/events", json=[first, second])
    case = client.get("/api/case?id=case 0").json()["case"]
    assert (case["mine"]["codes"]["model"], case["mine"]["event"]) == ("3", second["id"])
    client.post("/api/events", json=[event(kind="undo", undoes=second["id"])])
    case = client.get("/api/case?id=case 0").json()["case"]
    assert case["mine"]["codes"]["model"] == "9"
    assert [(e["kind"], e["undone"]) for e in case["history"]] == [("coding", False), ("coding", True), ("undo", False)]
    assert client.post("/api/events", json=[event(kind="undo", undoes=second["id"])]).json()["refused"]


def test_what_is_stored_says_who_when_and_on_what(project):
    client = project.client("Zoë")
    client.post("/api/events", json=[event(at="2026-01-02T03:04:05.678Z", sureness="unsure", note="née", codes={"model": "9", "payment": "unpaid"})])
    ((_, stored),) = project.store.events()
    case = project.store.case("case 0")
    assert (stored.coder, stored.at, stored.sha256, stored.sureness, stored.note) == ("Zoë", "2026-01-02T03:04:05.678Z", case.sha256, "unsure", "née")
    assert (stored.codes, stored.seconds, stored.blind) == ({"model": "9", "payment": "unpaid"}, 2.5, False)
    assert (stored.shown, stored.versions) == ({"economy": "sharing", "model": "9"}, {"tagger": "0.1", "codebook": "made 1.0", "rules": "1"})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"codes": {"model": "99"}}, "'99' is not a code of model"),
        ({"codes": {"colour": "red"}}, "'colour'"),
        ({"codes": {"economy": "sharing", "model": "3"}}, "do not go together"),
        ({"codes": {}}, "needs an economy or a model"),
        ({"codes": {"payment": "unpaid"}}, "needs an economy or a model"),
        ({"codes": ["model"]}, "codes"),
        ({"codes": {"model": 9}}, "codes"),
        ({"id": "x"}, "UUID"),
        ({"id": None}, "UUID"),
        ({"id": 7}, "id"),
        ({"kind": "delete"}, "kind"),
        ({"kind": "skip"}, "codes belong in a coding"),
        ({"case": "case 99"}, "no case"),
        ({"case": None}, "case"),
        ({"case": ["case 0"]}, "case"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": "1"}, "seconds"),
        ({"at": "yesterday"}, "at"),
        ({"sureness": "very"}, "sureness"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": "half \ud83d"}, "no text has"),
        ({"note": "nul \x00"}, "no text has"),
        ({"undoes": str(uuid.uuid4())}, "undoes"),
        ({"kind": "undo", "codes": {}, "sureness": "", "undoes": str(uuid.uuid4())}, "cannot be undone"),
        ({"marking": {"verdict": "wrong", "mention": 0}}, "kind mention"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_event_is_refused_with_a_sentence_and_the_others_are_stored(project, wrong, told):
    good = event("case 1")
    sent = [event() | wrong, good]
    answer = project.client().post("/api/events", content=json.dumps(sent).encode())
    assert answer.status_code == 200
    assert answer.json()["accepted"] == [good["id"]]
    assert told in answer.json()["refused"][0]["why"]
    assert [stored.id for _, stored in project.store.events()] == [good["id"]]


def test_not_sure_needs_no_code(project):
    assert project.client().post("/api/events", json=[event(codes={}, sureness="unsure")]).json()["accepted"]


def test_a_database_that_fails_makes_the_page_send_again(project, monkeypatch):
    client, sent = project.client(), [event(), event("case 1")]
    whole = project.store.add
    monkeypatch.setattr(project.store, "add", lambda e: whole(e) if e.case == "case 0" else _fail())
    answer = client.post("/api/events", json=sent)
    assert answer.status_code == 503
    assert "full" in answer.json()["error"]
    monkeypatch.setattr(project.store, "add", whole)
    assert client.post("/api/events", json=sent).json()["accepted"] == [one["id"] for one in sent]
    assert len(project.store.events()) == 2


def _fail():
    raise StoreError("the disk is full")


def test_another_process_at_the_same_store_is_seen(make):
    one = make()
    two = make(place=one.store.path)
    one.client().post("/api/events", json=[event()])
    assert two.client().get("/api/case?id=case 0").json()["case"]["mine"]["codes"]["model"] == "9"


def test_mentions_are_marked_wrong_and_added(project):
    client, place = project.client(), TEXT.index("themselves")
    client.post("/api/events", json=[event(kind="mention", marking={"verdict": "wrong", "cue": "payment", "value": "unpaid", "start": 38, "end": 49})])
    (wrong,) = client.get("/api/case?id=case 0").json()["case"]["mentions"][:1]
    case = client.get("/api/case?id=case 0").json()["case"]
    before = 0
    for number, segment in enumerate(case["segments"]):
        units = len(segment["text"].encode("utf-16-le")) // 2
        if before <= len(TEXT[:place].encode("utf-16-le")) // 2 < before + units:
            spot = [number, len(TEXT[:place].encode("utf-16-le")) // 2 - before]
        before += units
    end = [spot[0], spot[1] + len("themselves")]
    answer = client.post(
        "/api/events", json=[event(kind="mention", marking={"verdict": "added", "cue": "initiator", "value": "community", "start": spot, "end": end})]
    )
    assert answer.json()["accepted"], answer.text
    stored = project.store.events()[-1][1].marking
    assert TEXT[stored.start : stored.end] == "themselves"  # an emoji of two UTF-16 units stands before it
    sent = {"verdict": "wrong"} | {key: wrong[key] for key in ("cue", "value", "start", "end")}
    assert client.post("/api/events", json=[event(kind="mention", marking=sent)]).json()["accepted"]


@pytest.mark.parametrize(
    "marking",
    [
        {"verdict": "wrong", "mention": 99},
        {"verdict": "wrong", "mention": True},
        {"verdict": "wrong", "cue": "payment", "value": "unpaid", "start": 0, "end": 3},
        {"verdict": "added", "cue": "payment", "value": "gold", "start": 0, "end": 3},
        {"verdict": "added", "cue": "colour", "value": "red", "start": 0, "end": 3},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": 3, "end": 3},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": 0, "end": 10_000},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": [0, 0], "end": [999, 0]},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": [0, 0], "end": [0, 9999]},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": [0], "end": [0, 1]},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": "0", "end": "3"},
        {"verdict": "added", "cue": "payment", "value": "unpaid", "start": {"segment": 0}, "end": 3},
        {"verdict": "added", "cue": "payment", "value": "unpaid"},
        {"verdict": "gone", "cue": "payment", "value": "unpaid", "start": 0, "end": 3},
        {"verdict": "added", "cue": ["payment"], "value": {}, "start": 0, "end": 3},
        "wrong",
        [],
    ],
)
def test_markings_that_are_none(project, marking):
    answer = project.client().post("/api/events", json=[event(kind="mention", marking=marking)])
    assert answer.status_code == 200
    assert answer.json()["accepted"] == []
    assert len(answer.json()["refused"][0]["why"]) > 10


def test_adjudication(project):
    marking = {"verdict": "added", "cue": "payment", "value": "unpaid", "start": 0, "end": 3}
    assert project.client("ADA").post("/api/events", json=[event(), event(kind="mention", marking=marking)]).json()["refused"] == []
    project.client("BEN").post("/api/events", json=[event(codes={"economy": "other", "model": "3"}, note="sold")])
    judge = project.client("CY", "adjudicator")
    (divided,) = judge.get("/api/disagreements").json()["disagreements"]
    assert (divided["case"], divided["title"], divided["open"], divided["facets"]) == ("case 0", "A corner shop", True, ["economy", "model"])
    assert [(v["coder"], v["codes"]["model"], v["note"]) for v in divided["verdicts"]] == [("ADA", "9", ""), ("BEN", "3", "sold")]
    assert divided["markings"] == {"ADA": [marking], "BEN": []}
    assert judge.post("/api/events", json=[event(kind="adjudication")]).json()["accepted"]
    (divided,) = judge.get("/api/disagreements").json()["disagreements"]
    assert (divided["open"], divided["decision"]["codes"]["model"]) == (False, "9")


def test_the_dashboard_is_made_anew_only_with_new_events(project, monkeypatch):
    import tagger.review.web.figures as figures

    made, whole = [], figures.dashboard
    monkeypatch.setattr(figures, "dashboard", lambda *a, **k: made.append(1) or whole(*a, **k, replicates=100))
    judge = project.client("CY", "adjudicator")
    assert judge.get("/api/dashboard").json() == judge.get("/api/dashboard").json()
    assert len(made) == 1
    project.client().post("/api/events", json=[event()])
    (ada,) = [coder for coder in judge.get("/api/dashboard").json()["coders"] if coder["coder"] == "ADA"]
    assert ada["progress"]["done"] == 1
    assert len(made) == 2
    assert judge.get("/api/dashboard?scope=nonsense").status_code == 400


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_coders_at_once_never_write_over_each_other(make, request, kind):
    project = make([made_case(f"case {n}") for n in range(20)], place=None if kind == "sqlite" else request.getfixturevalue("on_postgres"))
    clients = [project.client(name) for name in ("ADA", "BEN")]

    def code(client):
        return [client.post("/api/events", json=[event(f"case {n}")]).json()["accepted"] for n in range(20)]

    with ThreadPoolExecutor(2) as pool:
        assert all(all(answers) for answers in pool.map(code, clients))
    events = [e for _, e in project.store.events()]
    assert {(e.coder, e.case) for e in events} == {(name, f"case {n}") for name in ("ADA", "BEN") for n in range(20)}
    assert len(events) == 40
