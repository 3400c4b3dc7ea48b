"""A suggestion and its evidence in a few words, for people who read them in one cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tagger.case import UNSTATED
from tagger.codebook import FACETS, Codebook
from tagger.errors import InputError
from tagger.review.cases import ReviewCase

_STRONGEST = 5  # lines a facet
_SNIPPET = 60  # characters of the text


def suggestion_in_words(case: ReviewCase, codebook: Codebook) -> str:
    """Return what was proposed, a line a facet (``economy commons (Commons economy) 0.91``), and the cues that were read, in one more line."""
    lines = [_proposal(facet, case.record[facet], codebook) for facet in FACETS]
    cues = [f"{code['cue']} {code['value']}" for code in case.record.get("cue_codes") or () if code["value"] != UNSTATED]
    return "\n".join(lines + (["cues: " + ", ".join(cues)] if cues else []))


def evidence_in_words(case: ReviewCase, codebook: Codebook) -> str:
    """Return what speaks most for and against the proposed codes: weight (log-odds), the words that gave it, and the criterion or name.

    What learning added to a rule's weight (source *fit*) is added to the rule's own line; the base rate is left out.
    """
    told: dict[str, str] = {}  # lines by what they speak of; both facets have one ledger where both codes come from the same pair
    for facet in FACETS:
        code = case.suggestion[facet]
        summed: dict[tuple[str, str], dict[str, Any]] = {}
        for line in case.record.get("evidence") or ():
            if (line["facet"], line["code"]) == (facet, code) and line["source"] != "base":
                source = "rule" if line["source"] == "fit" else line["source"]
                entry = summed.setdefault((source, line["name"]), {**line, "source": source, "weight": 0.0})
                entry["weight"] += line["weight"]
                entry["criterion"] = entry["criterion"] or line["criterion"]
        strongest = sorted(summed.values(), key=lambda line: -abs(line["weight"]))
        lines = [_line(line, case.text, codebook) for line in strongest[:_STRONGEST]]
        lines += [f"and {len(strongest) - _STRONGEST} more"] * (len(strongest) > _STRONGEST)
        if lines:
            words = "\n".join(lines)
            told[words] = f"{told[words]}, {facet} {code}" if words in told else f"{facet} {code}"
    return "\n".join(f"{codes}:\n{words}" for words, codes in told.items())


def _proposal(facet: str, proposal: Mapping[str, Any], codebook: Codebook) -> str:
    try:
        label = f" ({codebook.label_of(facet, str(proposal['code']))})"
    except InputError:  # suggested by another codebook; what counts is that it can still be read
        label = ""
    told = f"{facet} {proposal['code']}{label} {proposal['probability']:.2f}"
    if proposal["status"] == "abstained":
        return f"{told}, undecided between {', '.join(map(str, proposal['set']))}"
    return told if proposal["status"] == "decided" else f"{told}, {proposal['status']}"


def _line(line: Mapping[str, Any], text: str, codebook: Codebook) -> str:
    words = " ".join(text[line["start"] : line["end"]].split()) if line["start"] is not None else ""
    words = words if len(words) <= _SNIPPET else words[: _SNIPPET - 1] + "…"
    try:
        why = codebook.criterion(line["criterion"]).text if line["criterion"] else ""
    except InputError:
        why = ""
    return f"{line['weight']:+.2f} " + (f"“{words}” " if words else "") + f"({line['source']} {line['name']}{': ' if why else ''}{why})"
