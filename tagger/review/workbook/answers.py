"""The columns of a sheet, what a coder holds in them, and what a row was written with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tagger.codebook import FACETS, Codebook
from tagger.review.verdicts import Verdict, Verdicts
from tagger.review.workbook.cells import Column, bare

SURENESS = {"yes": "unsure", "no": "sure", "": ""}  # by what the column "unsure" says
CUE = "cue_"  # before a cue's id: a cue may be called "note"
_STATE = {"case": str, "coder": str, "codebook": str, "event": str, "answer": str, "blind": bool, "shown": dict, "versions": dict}


def columns_of(codebook: Codebook) -> tuple[Column, ...]:
    """Return the columns of the sheet; those of the codebook's cues are called ``cue_<id>``."""
    return (
        Column("id", 16),
        Column("title", 24),
        Column("text", 80),
        Column("text_complete", 15),
        Column("suggestion", 34),
        Column("evidence", 60),
        *(Column(f"suggested_{facet}", 20) for facet in FACETS),
        *(Column(facet, 14, answer=True, choices=facet) for facet in FACETS),
        *(Column(CUE + cue.id, 18, answer=True, choices=CUE + cue.id) for cue in codebook.cues),
        Column("unsure", 9, answer=True, choices="unsure"),
        Column("note", 40, answer=True),
        Column("sha256", 20, hidden=True),
        Column("written", 20, hidden=True),
    )


def answer_of(verdict: Verdict | None, verdicts: Verdicts, case: str, coder: str, sha256: str, names: Iterable[str]) -> dict[str, str]:
    """Return what the columns to be filled in say of what a coder holds of a case's present text."""
    if verdict is None or verdict.stale(sha256):
        notes = verdicts.notes(case, coder)
        return dict.fromkeys(names, "") | {"note": bare(notes[-1].note) if notes else ""}
    codes = {name: verdict.codes.get(name.removeprefix(CUE), "") for name in names}
    unsure = next(said for said, sureness in SURENESS.items() if sureness == verdict.sureness)
    return codes | {"unsure": unsure, "note": bare(verdict.note)}


def digest(answer: Mapping[str, str]) -> str:
    """Return a fingerprint of an answer, by which a row that nobody changed is known."""
    return hashlib.sha256(json.dumps(sorted(answer.items())).encode()).hexdigest()[:16]


def state_of(written: str) -> dict[str, Any]:
    """Return what a row was written with; empty where that is gone or damaged."""
    try:
        state = json.loads(written)
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) and all(isinstance(state.get(key), kind) for key, kind in _STATE.items()) else {}


def edition(codebook: Codebook) -> str:
    """Return the codebook by name and major version: with another major version codes mean something else."""
    return f"{codebook.id} {codebook.version.split('.')[0]}"
