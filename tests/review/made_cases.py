"""Cases made up for the tests of the store."""

from __future__ import annotations

from tagger.codings.text import fingerprint
from tagger.review.cases import ReviewCase


def line(code: str, source: str, weight: float, facet: str = "model") -> dict:
    return {"facet": facet, "code": code, "source": source, "name": f"{source} for {code}", "weight": weight, "criterion": "", "start": None, "end": None}


def proposal(code: str, probability: float = 0.75, status: str = "decided") -> dict:
    return {"code": code, "probability": probability, "status": status, "set": [code]}


def made_case(id: str, text: str = "Neighbours lend each other tools.", title: str = "A tool library", **record) -> ReviewCase:
    known = {
        "id": id,
        "title": title,
        "economy": proposal("sharing"),
        "model": proposal("9", 0.5),
        "cues": [],
        "evidence": [],
        "scores": {"economy": {"sharing": 1.5, "p2p": 0.5}, "model": {"9": 2.0, "11": 0.75}},
        "provenance": {"tagger": "0.1", "codebook": "1.0", "rules": "1.0", "model": ""},
    } | record
    return ReviewCase(id, title, text, fingerprint(text), known)


def made_cases(number: int) -> list[ReviewCase]:
    return [made_case(f"case {n}", f"Text number {n}.", f"Title {n}") for n in range(number)]
