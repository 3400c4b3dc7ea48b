"""Heads and events made up for the tests of the queue and of people's figures."""

from __future__ import annotations

import uuid
from itertools import count

from tagger.review.events import Event
from tagger.review.heads import Head

TEXT, NEW_TEXT = "a" * 64, "b" * 64  # fingerprints
_numbers = count(1)


def head(case: str, model: str = "9", *, economy: str = "sharing", margin: float = 1.0, disagree: bool = False, status: str = "decided", cues=(), sha256=TEXT):
    return Head(
        case, f"About {case}", sha256, 0, {"economy": economy, "model": model}, {"economy": 0.8, "model": 0.7}, {"economy": "decided", "model": status},
        tuple(cues), margin, disagree,
    )


def event(kind: str, case: str, coder: str = "ada", **more) -> Event:
    n = next(_numbers)
    at = more.pop("at", f"2026-11-23T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}.000Z")
    return Event(id=str(uuid.UUID(int=n)), at=at, coder=coder, kind=kind, case=case, sha256=more.pop("sha256", TEXT), **more)


def coding(case: str, model: str = "9", coder: str = "ada", *, economy: str = "sharing", cues=None, kind: str = "coding", **more) -> Event:
    return event(kind, case, coder, codes={"economy": economy, "model": model, **(cues or {})}, **more)


def undo(of: Event) -> Event:
    return event("undo", of.case, of.coder, undoes=of.id)
