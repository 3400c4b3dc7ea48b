"""A case as the page gets it: the text in segments with its mentions, the ledger by line and sentence, and, where the case is blind, nothing of a suggestion.

Offsets are code points wherever they are told. Where text was cut does not depend on who looks, so that a place that the page names as
(segment, UTF-16 offset in it) means the same to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tagger.codebook import FACETS, Codebook
from tagger.cues.sentences import sentence_at, sentence_spans
from tagger.review.cases import ReviewCase
from tagger.review.web.flips import flips
from tagger.writing.segments import segments

MENTION = ("cue", "value", "status", "voice", "start", "end", "text", "pattern")


def case_view(case: ReviewCase, codebook: Codebook, *, blind: bool) -> dict[str, Any]:
    """Return what the page shows of a case, in JSON types; the same for every coder who sees as much.

    Parameters
    ----------
    case : ReviewCase
    codebook : Codebook
    blind : bool
        Then `suggestion`, `ledger` and `changes` are None, and no segment names a line.
    """
    record = case.record
    mentions = [{key: mention.get(key) for key in MENTION} for mention in record.get("cues", ())]
    lines = list(record.get("evidence", ()))
    sentences = sentence_spans(case.text)
    pieces = _pieces(case, sentences)
    first_line, first_sentence = len(mentions), len(mentions) + len(lines)
    shown = [
        {
            "text": case.text[start:end],
            "mentions": [i for i in inside if i < first_line],
            "lines": [] if blind else [i - first_line for i in inside if first_line <= i < first_sentence],
            "sentence": next((i - first_sentence for i in inside if i >= first_sentence), 0),
        }
        for start, end, inside in pieces
    ]
    return {
        "id": case.id,
        "title": case.title,
        "sha256": case.sha256,
        "blind": blind,
        "segments": shown,
        "sentences": [{"start": start, "end": end} for start, end in sentences],
        "mentions": mentions,
        "suggestion": None if blind else {facet: _proposal(record.get(facet)) for facet in FACETS},
        "ledger": None if blind else _ledger(lines, shown, sentences, codebook),
        "changes": None if blind else flips(record, codebook),
        "cue_codes": [] if blind else [dict(code) for code in record.get("cue_codes", ())],
        "versions": case.versions,
    }


def place(case: ReviewCase, given: Any) -> int:
    """Return the code point that the page means by a whole number (code points) or by [segment, UTF-16 offset in it].

    Raises
    ------
    ValueError
        Where there is no such place.
    """
    if isinstance(given, Mapping):
        given = [given.get("segment"), given.get("offset")]
    numbers = given if isinstance(given, list) else [given]
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in numbers):
        raise ValueError("a place in the text is a number, or a segment and a number")
    if not isinstance(given, list):
        if given > len(case.text):
            raise ValueError(f"the text ends before {given}")
        return given
    pieces = _pieces(case, sentence_spans(case.text))
    if len(given) != 2 or given[0] >= len(pieces):
        raise ValueError(f"there is no segment {given[:1]}; the text has {len(pieces)}")
    start, end, _ = pieces[given[0]]
    return start + code_points(case.text[start:end], given[1])


def code_points(text: str, units: int) -> int:
    """Return how many code points of `text` the first `units` UTF-16 units hold; the middle of a pair counts as before it.

    Raises
    ------
    ValueError
        Where the text is shorter.
    """
    for place, character in enumerate(text):
        if units <= 0:
            return place
        units -= 2 if ord(character) > 0xFFFF else 1
        if units < 0:
            return place
    if units > 0:
        raise ValueError(f"the segment ends {units} before the place")
    return len(text)


def codebook_view(codebook: Codebook) -> dict[str, Any]:
    """Return facets with their codes and criteria, as the page shows them."""
    return {
        "name": codebook.name,
        "facets": [{"id": facet, "label": facet.capitalize(), "codes": [_code(code) for code in codebook.codes(facet)]} for facet in FACETS],
    }


def cues_view(codebook: Codebook) -> list[dict[str, Any]]:
    """Return the cues with their values; `coded` tells those that a case is coded by, the others only serve the gate."""
    return [
        {
            "id": cue.id,
            "label": cue.id.replace("_", " ").replace("-", " "),
            "asks": cue.asks,
            "coded": not cue.auxiliary,
            "values": [{"id": v.id, "label": v.id.replace("_", " ").replace("-", " "), "definition": v.definition} for v in cue.values],
        }
        for cue in (*codebook.cues, *codebook.auxiliary)
    ]


def _code(code: Any) -> dict[str, Any]:
    return {
        "id": code.id,
        "label": code.label.replace("_", " "),
        "level": code.level,
        "short": code.short,
        "definition": code.definition,
        "use_when": [{"id": c.id, "text": c.text} for c in code.use_when],
        "avoid_when": [{"id": c.id, "text": c.text, "instead": c.instead} for c in code.avoid_when],
        "near_misses": [{"text": miss.text, "code": miss.code} for miss in code.near_misses],
    }


def _pieces(case: ReviewCase, sentences: list[tuple[int, int]]) -> list[tuple[int, int, tuple[int, ...]]]:
    return segments(len(case.text), [*_spans(case.record.get("cues", ())), *_spans(case.record.get("evidence", ())), *sentences])


def _spans(items: Iterable[Mapping[str, Any]]) -> list[tuple[int, int] | None]:
    return [(item["start"], item["end"]) if isinstance(item.get("start"), int) and isinstance(item.get("end"), int) else None for item in items]


def _proposal(given: Any) -> dict[str, Any]:
    return {key: given[key] for key in ("code", "probability", "status", "set")}


def _ledger(
    lines: list[Mapping[str, Any]], shown: list[dict[str, Any]], sentences: list[tuple[int, int]], codebook: Codebook
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the lines by facet and code; `index` is what segments call a line, `segments` the first of them and the one behind the last."""
    inside: dict[int, list[int]] = {}
    for number, segment in enumerate(shown):
        for index in segment["lines"]:
            inside[index] = [inside.get(index, [number])[0], number + 1]
    criteria = {c.id: c.text for facet in FACETS for code in codebook.codes(facet) for c in code.criteria}
    ledger: dict[str, dict[str, list[dict[str, Any]]]] = {facet: {} for facet in FACETS}
    for index, line in enumerate(lines):
        criterion, start = line.get("criterion") or "", line.get("start")
        ledger.setdefault(line["facet"], {}).setdefault(line["code"], []).append(
            {
                "index": index,
                "source": line["source"],
                "name": line["name"],
                "weight": line["weight"],
                "criterion": criterion,
                "criterion_text": criteria.get(criterion, ""),
                "segments": inside.get(index),
                "sentence": sentence_at(sentences, start) if isinstance(start, int) and sentences else None,
            }
        )
    return ledger
