"""What would change this decision? The smallest set of evidence whose removal makes another code win."""

from __future__ import annotations

from tagger.case import Line
from tagger.coding.ledger import Ledger


def what_would_change(ledger: Ledger, facet: int) -> tuple[str, tuple[Line, ...]] | None:
    """Return the code that would win and the lines to leave out, fewest first; None where no removal flips the code.

    Parameters
    ----------
    ledger : Ledger
    facet : int
        0 for economy, 1 for model.

    Notes
    -----
    Scores are sums, so for one rival pair the best evidence to remove is whatever favours the winner over it most, and greedy removal is exact.
    The base is not evidence and stays. The rival must then win over every pair; where it does not, more is removed against the pair that leads.
    """
    scores = ledger.scores()
    winner = int(scores.argmax())
    code = ledger.pairs[winner][facet]
    candidates = []
    for rival, pair in enumerate(ledger.pairs):
        if pair[facet] == code:
            continue
        removed = _removal(ledger, rival, facet, code)
        if removed is not None:
            candidates.append((len(removed), -float(scores[rival]), rival, removed))
    if not candidates:
        return None
    _, _, rival, removed = min(candidates)
    lines = tuple(ledger._line(i, float(ledger.weights[i, winner])) for i in removed)
    return ledger.pairs[rival][facet], lines


def _removal(ledger: Ledger, rival: int, facet: int, code: str) -> list[int] | None:
    scores = ledger.scores().copy()
    movable = [i for i, entry in enumerate(ledger.entries) if entry.source != "base"]
    holders = [i for i, pair in enumerate(ledger.pairs) if pair[facet] == code]
    removed: list[int] = []
    while True:
        leader = max(holders, key=lambda p: scores[p])
        if scores[rival] > scores[leader]:
            return sorted(removed, key=lambda i: -abs(ledger.weights[i, leader]))
        gains = [(ledger.weights[i, leader] - ledger.weights[i, rival], i) for i in movable if i not in removed]
        gain, best = max(gains, default=(0.0, -1))
        if gain <= 0:
            return None
        removed.append(best)
        scores -= ledger.weights[best]
