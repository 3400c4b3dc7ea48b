"""Made-up labelled cases whose words tell their code, and reviews of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tagger.codings.text import fingerprint
from tagger.learning.train import Settings
from tagger.review.cases import ReviewCase
from tagger.review.events import Event, new_id
from tagger.review.store import open_store

SETTINGS = Settings(topics=0, iterations=15, folds=3, most=400)
WORDS = {
    ("sharing", "9"): ["clips", "viewers", "upload", "channel", "advertisers", "audience"],
    ("commons", "6"): ["volunteers", "licence", "contributors", "patches", "fork", "encyclopaedia"],
    ("other", "outside"): ["harvest", "growers", "premium", "wages", "shareholders", "factory"],
}
PAIRS = tuple(WORDS)
_AT = "2026-11-23T10:00:00.000Z"


def text_of(pair: tuple[str, str], number: int, seed: int = 0) -> str:
    """Words of the code among words that no other text has, so that no two texts are near-duplicates."""
    random = np.random.default_rng([seed, number])
    own = ["".join(chr(97 + int(c)) for c in random.integers(26, size=7)) for _ in range(18)]
    words = [*own, *(str(random.choice(WORDS[pair])) for _ in range(7)), "the", "and", "with"]
    return " ".join(words[i] for i in random.permutation(len(words)))


def made_rows(number: int, *, start: int = 0, wrong: float = 0.0, seed: int = 0, **more) -> list[dict]:
    """Rows of a labelled file; of a share `wrong` the label is another than the words say."""
    rows, flipped = [], np.random.default_rng(seed).random(start + number) < wrong
    for i in range(start, start + number):
        pair = PAIRS[i % 3]
        economy, model = PAIRS[(i + 1) % 3] if flipped[i] else pair
        rows.append({"id": f"c{i:04}", "title": f"Case {i}", "text": text_of(pair, i), "economy": economy, "model": model, **more})
    return rows


def written(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def review_case(row: dict, text: str | None = None) -> ReviewCase:
    def proposal(code: str) -> dict:
        return {"code": code, "probability": 0.5, "status": "decided", "set": [code]}

    text = row["text"] if text is None else text
    record = {"id": row["id"], "title": row["title"], "economy": proposal("sharing"), "model": proposal("9"), "cues": [], "evidence": [], "provenance": {}}
    return ReviewCase(row["id"], row["title"], text, fingerprint(text), record)


def coded(row: dict, coder: str = "ada", kind: str = "coding", *, text: str | None = None, **codes: str) -> Event:
    sha256 = fingerprint(row["text"] if text is None else text)
    return Event(new_id(), _AT, coder, kind, row["id"], sha256, {"economy": row["economy"], "model": row["model"]} | codes)


def made_store(path: Path, rows: list[dict], events: list[Event], **meta: str) -> Path:
    with open_store(path) as store:
        store.add_cases(review_case(row) for row in rows)
        store.add_all(events)
        store.set_meta(**{"seed": "0", "audit": "0", **meta})
    return path
