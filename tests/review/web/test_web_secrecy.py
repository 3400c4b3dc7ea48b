"""W15, W16: nobody sees another's coding before his own, and nobody acts as another."""

from __future__ import annotations

import pytest
from made_web import event, made_case

from tagger.review.web.desk import Plan

GETS = ["/", "/dashboard", "/api/start", "/api/next", "/api/next?state=all", "/api/next?after=case 0", "/api/case?id=case 0", "/api/case?id=case 1"]
THEIRS = {"economy": "other", "model": "3"}
NOTE = "what Ben wrote"


def _seen(client) -> dict[str, str]:
    found = {path: client.get(path).text for path in GETS}
    assert all(found.values())
    return found


def test_what_another_does_changes_nothing_that_one_sees(project):
    ada, ben = project.client("ADA"), project.client("BEN")
    before, figures = _seen(ada), ada.get("/api/dashboard").json()
    sent = [event(codes=THEIRS, note=NOTE), event(kind="note", note=NOTE), event(kind="skip", case="case 1")]
    sent.append(event(kind="mention", marking={"verdict": "wrong", "mention": 0}))
    assert len(ben.post("/api/events", json=sent).json()["accepted"]) == 4
    assert _seen(ada) == before  # to the byte, so that sizes tell nothing either
    after = ada.get("/api/dashboard").json()
    assert figures | {"coders": []} == after | {"coders": []}
    assert figures["coders"] != after["coders"]  # how far he is, she may know


def test_progress_of_others_is_numbers_alone(project):
    ada, ben = project.client("ADA"), project.client("BEN")
    ben.post("/api/events", json=[event(codes=THEIRS, note=NOTE)])
    told = ada.get("/api/dashboard").json()
    (progress,) = told.pop("coders")
    assert (progress["coder"], progress["progress"]["done"]) == ("BEN", 1)
    assert NOTE not in str(told)
    assert told["disagreements"] == []
    assert told["codes"] == []
    assert all(not figures["pairable"] if "pairable" in figures else True for figures in told["agreement"].values())
    ada.post("/api/events", json=[event()])
    (divided,) = ada.get("/api/dashboard").json()["disagreements"]  # now it is hers to see
    assert divided["codes"]["model"] == {"ADA": "9", "BEN": "3"}
    undone = ada.get("/api/case?id=case 0").json()["case"]["mine"]["event"]
    ada.post("/api/events", json=[event(kind="undo", undoes=undone)])
    assert ada.get("/api/dashboard").json()["disagreements"] == []


@pytest.mark.parametrize("path", ["/adjudicate", "/api/disagreements"])
def test_a_coder_does_not_adjudicate(project, path):
    assert project.client().get(path).status_code == 403
    answer = project.client().post("/api/events", json=[event(kind="adjudication")]).json()
    assert "adjudicator" in answer["refused"][0]["why"]
    assert project.store.events() == []


def test_a_blind_case_shows_nothing_of_its_suggestion_until_it_is_coded(make):
    project = make(plan=Plan(seed=1, blind=1.0))
    client = project.client()
    case = client.get("/api/case?id=case 0").json()["case"]
    assert case["blind"]
    assert (case["suggestion"], case["ledger"], case["changes"], case["cue_codes"]) == (None, None, None, [])
    assert all(segment["lines"] == [] for segment in case["segments"])
    told = str(case)
    assert all(secret not in told for secret in ("r-9-members", "m9.u1", "base rate", "'9'", "probability"))
    client.post("/api/events", json=[event(kind="skip"), event(kind="note", note="hm")])
    assert client.get("/api/case?id=case 0").json()["case"]["blind"]  # neither is an answer
    coding = event()
    client.post("/api/events", json=[coding])
    assert client.get("/api/case?id=case 0").json()["case"]["suggestion"]["model"]["code"] == "9"
    client.post("/api/events", json=[event(kind="undo", undoes=coding["id"]), event(codes={"economy": "other", "model": "3"})])
    kinds = {e.id: (e.kind, e.blind, dict(e.shown)) for _, e in project.store.events()}
    assert kinds.pop(coding["id"]) == ("coding", True, {})
    (later,) = [told for told in kinds.values() if told[0] == "coding"]
    assert later == ("coding", False, {"economy": "sharing", "model": "9"})  # he had seen it by then, whatever he undid


def test_filters_do_not_find_what_is_hidden(make):
    cases = [made_case("a", model="9"), made_case("b", economy="other", model="3")]
    client = make(cases, plan=Plan(seed=1, blind=1.0)).client()
    assert client.get("/api/next?model=9").json()["case"] is None
    assert client.get("/api/next?status=decided").json()["case"] is None
    assert client.get("/api/next").json()["case"]["blind"]


def test_a_retry_of_a_blind_coding_stays_blind(make):
    project = make(plan=Plan(seed=1, blind=1.0))
    client, sent = project.client(), event()
    for _ in range(3):
        assert client.post("/api/events", json=[sent]).json()["accepted"] == [sent["id"]]
    ((_, stored),) = project.store.events()
    assert stored.blind is True


@pytest.mark.parametrize("lie", [{"coder": "BEN"}, {"blind": True}, {"versions": {"model": "other"}}])
def test_who_and_how_is_not_the_pages_to_say(project, lie):
    client = project.client("ADA")
    client.post("/api/events", json=[event(**lie)])
    ((_, stored),) = project.store.events()
    assert (stored.coder, stored.blind, stored.versions["codebook"]) == ("ADA", False, "made 1.0")


def test_the_id_of_anothers_event_cannot_be_used(project):
    ada, ben = project.client("ADA"), project.client("BEN")
    theirs = event(note=NOTE)
    ben.post("/api/events", json=[theirs])
    for forged in (theirs, event(id=theirs["id"], codes=THEIRS), event(kind="undo", undoes=theirs["id"])):
        answer = ada.post("/api/events", json=[forged]).json()
        assert answer["accepted"] == []
        assert NOTE not in str(answer)
    assert len(project.store.events()) == 1
    assert project.client("BEN").get("/api/case?id=case 0").json()["case"]["mine"]["codes"]["model"] == "9"


def test_whether_an_id_is_anothers_or_nobodys_is_not_told(project):
    ada, ben = project.client("ADA"), project.client("BEN")
    theirs = event()
    ben.post("/api/events", json=[theirs])
    answers = [ada.post("/api/events", json=[event(kind="undo", undoes=id)]).json()["refused"][0]["why"] for id in (theirs["id"], event()["id"])]
    assert answers[0] == answers[1]


def test_cases_of_others_are_as_if_they_were_not(project):
    project.store.assign([("case 0", "ADA"), ("case 1", "BEN")])
    ada = project.client("ADA")
    hidden, missing = (ada.get("/api/case", params={"id": id}) for id in ("case 1", "case 9"))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text.replace("case 1", "case 9") == missing.text
    assert ada.get("/api/next").json()["case"]["id"] == "case 0"
    assert ada.get("/api/next?after=case 0").json()["case"]["id"] == "case 0"
    assert ada.post("/api/events", json=[event("case 1")]).json()["accepted"] == []
    assert project.client("CY", "adjudicator").get("/api/case?id=case 1").status_code == 200
