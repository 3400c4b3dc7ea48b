"""From a ledger to a decision on both facets: decoded together over the allowed pairs, then decided, abstained or gated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tagger.case import Choice, Line
from tagger.coding.ledger import Ledger, best_pairs

NONE = "none"  # the code of both facets for "no single initiative is described"
FACETS = ("economy", "model")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a decision is taken.

    `decide`: least probability of the winning code; below it the decision is abstained.  `coverage`: an abstention's set holds the most
    probable codes until they reach this probability.  Both in (0, 1).  `words`: a text of fewer known words in which no rule fires and no cue is found
    says too little to decide on, whatever the base rates make of it.
    """

    decide: float = 0.5
    coverage: float = 0.8
    words: int = 8

    def __post_init__(self) -> None:
        for name in ("decide", "coverage"):
            if not isinstance(getattr(self, name), float) or not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)!r} is not between 0 and 1")


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the softmax of pair scores, shape (P,), summing to 1."""
    shifted = np.exp(scores - scores.max())
    return shifted / shifted.sum()


def decide(ledger: Ledger, thresholds: Thresholds) -> dict[str, Choice]:
    """Return the choice on each facet.

    The winning pair gives both codes, so that they always go together.  The case is gated where that pair is (none, none) and probable enough.
    """
    scores = ledger.scores()
    shares = probabilities(scores).tolist()
    winner = ledger.pairs[int(scores.argmax())]
    enough = says_enough(ledger, thresholds.words)
    lines: dict[int, tuple[Line, ...]] = {}  # by pair: both facets show the winner
    choices = {}
    for i, facet in enumerate(FACETS):
        best = best_pairs(ledger.pairs, scores, i)
        share = dict.fromkeys(best, 0.0)
        for pair, part in zip(ledger.pairs, shares, strict=True):
            share[pair[i]] += part
        ranked = sorted(best, key=lambda code: -scores[best[code]])
        runner_up = next((code for code in ranked if code != winner[i]), None)
        sure = share[winner[i]] >= thresholds.decide and enough
        status = ("gated" if winner[i] == NONE else "decided") if sure else "abstained"
        codes = (winner[i],) if sure else _set(winner[i], share, thresholds.coverage)
        shown = [winner[i]] + ([runner_up] if runner_up is not None else [])
        lines.update({best[code]: ledger.lines(best[code]) for code in shown if best[code] not in lines})
        choices[facet] = Choice(
            code=winner[i],
            probability=min(1.0, share[winner[i]]),
            status=status,
            set=codes,
            scores={code: float(scores[best[code]]) for code in best},
            ledgers={code: lines[best[code]] for code in shown},
        )
    return choices


def undecided(pairs: Sequence[tuple[str, str]], scores: np.ndarray, least: float) -> bool:
    """Return whether a code of the winning pair is less probable than `least`."""
    shares, winner = probabilities(scores), pairs[int(scores.argmax())]
    return any(sum(share for pair, share in zip(pairs, shares.tolist(), strict=True) if pair[i] == winner[i]) < least for i in range(len(FACETS)))


def says_enough(ledger: Ledger, words: int) -> bool:
    """Return whether a ledger holds evidence from the text: a rule, a cue, or at least so many known words (marks of title and page do not count)."""
    if any(entry.source in ("rule", "cue") for entry in ledger.entries):
        return True
    return sum(entry.source == "word" and ":" not in entry.name for entry in ledger.entries) >= words


def _set(winner: str, share: dict[str, float], coverage: float) -> tuple[str, ...]:
    """The winner and then the most probable codes until `coverage` is reached."""
    codes, total = [], 0.0
    for code in [winner, *sorted((c for c in share if c != winner), key=lambda c: -share[c])]:
        codes.append(code)
        total += share[code]
        if total >= coverage and len(codes) > 1:  # an abstention names at least two: one code alone would be a decision
            break
    return tuple(codes)
