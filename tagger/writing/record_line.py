"""A decision as a line of JSON, written straight: byte for byte what JSON makes of :func:`tagger.writing.record.as_record`, which says it in plain words.

Most of a record is evidence and cues, whose keys never change: they are written as text around the few values that do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from tagger.case import Case, CueCode, Decision, Line, Mention
from tagger.writing.record import DECIMALS, FACETS, head, ledgers, rounded, tail

# Left raw by json.dumps, but line ends to some readers (U+0085, U+2028), commands to a terminal (C1) or reordering the line for the eye (bidi).
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def as_json(value: Any) -> str:
    """Return `value` as JSON without line breaks; letters stay readable, invisible controls are escaped."""
    text = _encode(value)
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE.sub(lambda hit: f"\\u{ord(hit.group()):04x}", text)


def record_line(decision: Decision, *, text: bool = True) -> str:
    """Return ``as_record(decision, text=text)`` as JSON on one line, ending with a newline."""
    case = decision.case
    cues = {mention: _cue(case, mention) for mention in decision.mentions}
    roles = [f'{{"role": {as_json(role.role)}, "evidence": {_listed([cues.get(m) or _cue(case, m) for m in role.evidence])}}}' for role in decision.roles]
    evidence, scores = _ledgers(decision)
    parts = (
        as_json(head(decision))[:-1],
        f'"roles": {_listed(roles)}',
        f'"cues": {_listed([cues[m] for m in decision.mentions])}',
        f'"cue_codes": {_listed([_cue_code(case, code) for code in decision.cue_codes])}',
        f'"evidence": {_listed(evidence)}',
        f'"scores": {as_json(scores)}',
        as_json(tail(decision, text=text))[1:],
    )
    return ", ".join(parts) + "\n"


def _listed(parts: Collection[str]) -> str:
    return f"[{', '.join(parts)}]"


def _cue(case: Case, mention: Mention) -> str:
    start, end = case.given(mention.start, mention.end)
    text = case.as_given[start:end]
    before, after = _around_cue(mention.cue, mention.value, mention.status, mention.voice, mention.pattern)
    plain = "" if text == mention.text else f', "plain": {as_json(mention.text)}'
    return f'{before}{start}, "end": {end}, "text": {as_json(text)}{after}{plain}}}'


def _cue_code(case: Case, code: CueCode) -> str:
    return f"{_before_probability(code.cue, code.value)}{_decimal(code.probability)[0]}{_place(case, code)}}}"


def _ledgers(decision: Decision) -> tuple[list[str], dict[str, dict[str, float]]]:
    """Return the lines of evidence of both facets, and the scores: both facets may show the same lines, which are written once."""
    written: dict[int, tuple[list[str], float]] = {}
    evidence, scores = [], {}
    for facet in FACETS:
        choice, added = getattr(decision, facet), {}
        for code, lines in ledgers(choice):
            if id(lines) not in written:
                written[id(lines)] = _lines(decision.case, lines)
            parts, added[code] = written[id(lines)]
            before = f'{{"facet": {as_json(facet)}, "code": {as_json(code)}, '
            evidence += [before + part for part in parts]
        scores[facet] = {code: added[code] if code in added else rounded(score) for code, score in choice.scores.items()}
    return evidence, scores


def _lines(case: Case, lines: Sequence[Line]) -> tuple[list[str], float]:
    """Return each line from its source on, and the sum of the weights as written."""
    parts, weights = [], []
    for line in lines:
        text, weight = _decimal(line.weight)
        before, after = _around_weight(line.source, line.name, line.criterion)
        parts.append(f"{before}{text}{after}{_place(case, line)}}}")
        weights.append(weight)
    return parts, math.fsum(weights)


def _place(case: Case, shown: Line | CueCode) -> str:
    if shown.start is None or shown.end is None:
        return ', "start": null, "end": null'
    return ', "start": {}, "end": {}'.format(*case.given(shown.start, shown.end))


def _decimal(number: float) -> tuple[str, float]:
    """Return `number` as it is written, as JSON and as a number."""
    if 1e-4 <= abs(number) < 1e6:  # neither an exponent nor more digits than a float holds: what Python prints is what it rounds to
        text = f"{number:.{DECIMALS}f}".rstrip("0")
        text += "0" * text.endswith(".")
        return text, float(text)
    value = rounded(number)
    return as_json(value), value


# names are those of codebook, lexicon, rules and model, but for the counts of folded words
@lru_cache(4096)
def _around_weight(source: str, name: str, criterion: str) -> tuple[str, str]:
    return f'"source": {as_json(source)}, "name": {as_json(name)}, "weight": ', f', "criterion": {as_json(criterion)}'


@lru_cache(4096)
def _around_cue(cue: str, value: str, status: str, voice: str, pattern: str) -> tuple[str, str]:
    said = as_json({"cue": cue, "value": value, "status": status, "voice": voice})
    return f'{said[:-1]}, "start": ', f', "pattern": {as_json(pattern)}'


@lru_cache(1024)
def _before_probability(cue: str, value: str) -> str:
    return f'{{"cue": {as_json(cue)}, "value": {as_json(value)}, "probability": '
