"""What a review's list knows of each case: enough to order and filter thousands without reading one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tagger.codebook import FACETS
from tagger.errors import InputError
from tagger.review.cases import ReviewCase


@dataclass(frozen=True, slots=True)
class Head:
    """A case without its text.

    `position` counts from 1 in the order of addition. `cues` are the affirmed ones (``payment=none``). `margin` is by how much (log-odds, at least 0) the best
    pair of codes exceeds the next one in score (which differs in economy or model or both); 0 where the record has not two codes of either facet. `disagree`
    tells whether, for a facet, the code that the rules alone favour is another than the one that everything else favours.
    """

    id: str
    title: str
    sha256: str
    position: int
    suggestion: Mapping[str, str]
    probability: Mapping[str, float]
    status: Mapping[str, str]
    cues: tuple[str, ...]
    margin: float
    disagree: bool


def head_of(case: ReviewCase, position: int = 0) -> Head:
    """Return the head of a case.

    Raises
    ------
    InputError
        Where the record is not as `tagger tag` writes it.
    """
    record = case.record
    try:
        return Head(
            id=case.id,
            title=case.title,
            sha256=case.sha256,
            position=position,
            suggestion=case.suggestion,
            probability={facet: float(record[facet]["probability"]) for facet in FACETS},
            status={facet: str(record[facet]["status"]) for facet in FACETS},
            cues=tuple(dict.fromkeys(f"{cue['cue']}={cue['value']}" for cue in record.get("cues", ()) if cue["status"] == "affirmed")),
            margin=_margin(record.get("scores", {})),
            disagree=any(_disagree(line for line in record.get("evidence", ()) if line["facet"] == facet) for facet in FACETS),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise InputError(f"case {case.id!r}: the suggestion is not as `tagger tag` writes it ({type(fault).__name__}: {fault}); tag the text again") from None


def _margin(scores: Mapping[str, Mapping[str, float]]) -> float:
    """Return the margin of the best pair; a code's score is that of its best pair, so the closest code of either facet is that of the next pair."""
    ranked = [sorted(map(float, scores.get(facet, {}).values()), reverse=True) for facet in FACETS]
    return min((codes[0] - codes[1] for codes in ranked if len(codes) > 1), default=0.0)


def _disagree(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether rules and all else favour different codes. Where no rule fired, or several codes share the rules' favour, there is no such quarrel."""
    rules: dict[str, list[float]] = {}
    others: dict[str, list[float]] = {}
    fired = False
    for line in lines:
        by_rule = line["source"] == "rule"
        fired = fired or by_rule
        for sums, counts in ((rules, by_rule), (others, not by_rule)):
            sums.setdefault(line["code"], []).extend([float(line["weight"])] if counts else [])
    if not fired:
        return False
    return _best(rules).isdisjoint(_best(others))


def _best(weights: Mapping[str, list[float]]) -> set[str]:
    sums = {code: math.fsum(lines) for code, lines in weights.items()}
    highest = max(sums.values())
    return {code for code, total in sums.items() if total == highest}


def dump_head(head: Head) -> str:
    """Return a head as JSON (ASCII), without what stands in columns of its own."""
    return json.dumps({key: value for key, value in asdict(head).items() if key not in ("id", "position")})


def load_head(case: str, position: int, written: str) -> Head:
    """Return the head that :func:`dump_head` wrote."""
    known = json.loads(written)
    known["cues"] = tuple(known["cues"])
    return Head(id=case, position=position, **known)
