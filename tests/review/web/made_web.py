"""What tests of the web server need: cases, and a project with clients that are logged in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.testclient import TestClient

from tagger.codings.text import fingerprint
from tagger.review.cases import ReviewCase
from tagger.review.store import Store
from tagger.review.web.app import Settings
from tagger.review.web.sessions import Reviewer, Sessions

PORT = 8765
OURS = f"http://127.0.0.1:{PORT}"
SENT = {"x-tagger": "1", "content-type": "application/json", "sec-fetch-site": "same-origin", "origin": OURS}
TEXT = "Neighbours run the shop 🧺 themselves. Nobody pays a fee. A firm once owned it."


def line(facet: str, code: str, source: str, name: str, weight: float, criterion: str = "", words: str = "") -> dict:
    start = TEXT.index(words) if words else None
    place = {"start": start, "end": start + len(words) if words else None}
    return {"facet": facet, "code": code, "source": source, "name": name, "weight": weight, "criterion": criterion} | place


def mention(cue: str, value: str, words: str, status: str = "affirmed") -> dict:
    start = TEXT.index(words)
    return {"cue": cue, "value": value, "status": status, "voice": "page", "start": start, "end": start + len(words), "text": words, "pattern": "p-1"}


def proposal(code: str, probability: float = 0.7) -> dict:
    return {"code": code, "probability": probability, "status": "decided", "set": [code]}


def made_case(id: str, title: str = "A corner shop", text: str = TEXT, economy: str = "sharing", model: str = "9", **record) -> ReviewCase:
    """A case whose suggestion (sharing, 9) would fall with the rule and the cue."""
    known = {
        "id": id,
        "title": title,
        "economy": proposal(economy),
        "model": proposal(model),
        "cues": [mention("payment", "unpaid", "Nobody pays"), mention("initiator", "company", "A firm", "past")],
        "cue_codes": [{"cue": "payment", "value": "unpaid", "probability": 0.8, "start": None, "end": None}],
        "evidence": [
            line("model", model, "base", "base rate", -1.0),
            line("model", model, "rule", "r-9-members", 2.5, "m9.u1", "Neighbours run"),
            line("model", model, "cue", "payment=unpaid", 1.0, "", "Nobody pays"),
            line("model", model, "word", "shop", 0.25, "", "shop"),
            line("model", "3", "base", "base rate", -0.5),
            line("model", "3", "word", "shop", 0.5, "", "shop"),
        ],
        "scores": {"economy": {economy: 2.0, "p2p": 1.0}, "model": {model: 2.75, "3": 0.0}},
        "provenance": {"tagger": "0.1", "codebook": "made 1.0", "rules": "1", "model": ""},
    } | record
    return ReviewCase(id, title, text, fingerprint(text), known)


@dataclass
class Project:
    """A store with its application; `client` gives a browser that is logged in."""

    store: Store
    app: Starlette
    sessions: Sessions
    settings: Settings

    def browser(self, **headers: str) -> TestClient:
        return TestClient(self.app, base_url=f"http://127.0.0.1:{self.settings.port}", headers=headers, follow_redirects=False)

    def client(self, name: str = "ADA", role: str = "coder") -> TestClient:
        client = self.browser(**SENT)
        answer = client.post("/api/login", json={"token": self.sessions.one_time_token(Reviewer(name, role))})
        assert answer.status_code == 200, answer.text
        return client


def event(case: str = "case 0", kind: str = "coding", **more) -> dict:
    """An event as a page sends it."""
    known = {"id": str(uuid.uuid4()), "kind": kind, "case": case}
    if kind in ("coding", "adjudication"):
        known |= {"codes": {"economy": "sharing", "model": "9"}, "sureness": "sure", "seconds": 2.5}
    return known | more
