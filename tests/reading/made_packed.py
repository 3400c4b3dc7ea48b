"""Packed files of JSON Lines to damage, and what is read of them."""

from __future__ import annotations

import json
import random

from tagger.case import Case, Quarantined
from tagger.reading import read

_LETTERS = random.Random(7)  # noqa: S311


def records(first: int, count: int) -> bytes:
    """JSON Lines that do not pack well, so that streams have some length."""
    return b"".join(json.dumps({"id": str(i), "text": f"case {i} {_LETTERS.getrandbits(400):x}"}).encode() + b"\n" for i in range(first, first + count))


def split(path, **options):
    seen = list(read([path], **options))
    assert all(isinstance(record, Case | Quarantined) for record in seen)
    return [r for r in seen if isinstance(r, Case)], [r for r in seen if isinstance(r, Quarantined)]


def write(tmp_path, name: str, data: bytes):
    path = tmp_path / name
    path.write_bytes(data)
    return path
