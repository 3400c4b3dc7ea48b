"""What would change a suggestion, from its record alone: the fewest lines without which the runner-up leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tagger.codebook import FACETS, Codebook

_NAMED = 4  # lines that the sentence names; of more it gives the number
_FOLDED = " other words"  # how a ledger names its small word lines, taken as one


def flips(record: Mapping[str, Any], codebook: Codebook) -> dict[str, dict[str, Any]]:
    """Return, for each facet, the lines to leave out, the code that then leads, and both in a sentence.

    The record holds the lines of the winner and of the runner-up, so it is these two that are compared. Scores are sums: taking a line out takes
    its weight off both, so the lines that favour the winner most, taken until its lead is gone, are the fewest.
    `tagger explain` compares with all codes.

    Returns
    -------
    dict of facet to dict
        `code` (None where no removal changes anything, or there is no runner-up), `lines` (their places in the record's evidence) and `sentence`.
    """
    return {facet: _flip(record, facet, codebook) for facet in FACETS}


def _flip(record: Mapping[str, Any], facet: str, codebook: Codebook) -> dict[str, Any]:
    winner = record[facet]["code"]
    evidence = [(i, line) for i, line in enumerate(record.get("evidence", ())) if line["facet"] == facet]
    rival = next((line["code"] for _, line in evidence if line["code"] != winner), None)
    labels = {code.id: code.label.replace("_", " ") for code in codebook.codes(facet)}
    if rival is None:
        return {"code": None, "lines": [], "sentence": ""}
    gains: dict[tuple, float] = {}
    places: dict[tuple, list[int]] = {}
    lead = 0.0
    for i, line in evidence:
        weight = line["weight"] if line["code"] == winner else -line["weight"] if line["code"] == rival else 0.0
        lead += weight
        if line["source"] != "base":
            key = _key(line)
            gains[key] = gains.get(key, 0.0) + weight
            places.setdefault(key, []).append(i)
    taken: list[tuple] = []
    for key in sorted(gains, key=lambda k: (-gains[k], str(k))):
        if lead <= 0 or gains[key] <= 0:
            break
        lead -= gains[key]
        taken.append(key)
    rival_name, winner_name = labels.get(rival, rival), labels.get(winner, winner)
    if lead > 0:
        return {"code": None, "lines": [], "sentence": f"No evidence left out puts {rival_name}, the runner-up, ahead of {winner_name}."}
    if not taken:
        return {"code": rival, "lines": [], "sentence": f"{rival_name} has as much evidence; the two were decided together with the other facet."}
    names = [_said(key) for key in taken]
    said = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if len(names) <= _NAMED else f"{len(names)} pieces of evidence, first {names[0]}"
    return {
        "code": rival,
        "lines": sorted(i for key in taken for i in places[key]),
        "sentence": f"Without {said}, {rival_name} would be ahead of {winner_name}.",
    }


def _key(line: Mapping[str, Any]) -> tuple:
    if line["source"] == "word" and line["name"].endswith(_FOLDED):
        return ("word", _FOLDED.strip(), None, None)  # each code's ledger folds other words
    return (line["source"], line["name"], line.get("start"), line.get("end"))


def _said(key: tuple) -> str:
    source, name = key[:2]
    if source == "word":
        if name == _FOLDED.strip():
            return f"the {name}"
        where, colon, rest = name.partition(":")  # "title:commons" is a word at a place; "shape:length-3" says how the text looks
        return f"{where} “{rest.replace('-', ' ')}”" if colon else f"the word “{name}”"
    return {"rule": "the rule ", "cue": "the cue ", "fit": "what was learned of ", "neural": "the "}.get(source, "") + name
