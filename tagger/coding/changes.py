"""What would change this decision? The smallest set of evidence whose removal makes another code win."""

from __future__ import annotations

import numpy as np

from tagger.case import Line
from tagger.coding.ledger import Ledger

MARGIN = 1e-6  # log-odds by which the new winner must lead, so that neither rounding nor a tie flips a code
PROVEN = 25  # a set of up to so many lines is the smallest there is; beyond that nobody reads line by line, and the proof would take minutes
NODES = 2_000  # branches that the solver may open for one rival: a count, not a time, so that the answer is the same on every machine


def what_would_change(ledger: Ledger, facet: int) -> tuple[str, tuple[Line, ...]] | None:
    """Return the code that would win and the lines to leave out, strongest first; None where no removal flips the code.

    The weight of such a line is what it favours the winner with over the code that would win, in log-odds.

    Parameters
    ----------
    ledger : Ledger
    facet : int
        0 for economy, 1 for model.

    Notes
    -----
    The base is not evidence and stays. The code flips where some *rival* pair with another code leads every pair that holds the winner's code. Scores are
    sums, so a set of lines does that where, for each of those pairs, what it takes off the pair's lead over the rival exceeds the lead. With one such pair,
    the lines that favour it most are the smallest set. With several, one line may help against one pair and harm against another, and the smallest set is a
    whole-number linear program (a covering problem). Greedy removal gives a set, and the pair hardest to pass a lower bound; where they differ, the program
    is solved (:func:`scipy.optimize.milp`) for sets of up to `PROVEN` lines. So an answer of up to that many lines is the smallest set (short of `NODES`
    being reached, which no ledger of ours has done); a longer one is the best that greedy removal found.
    """
    scores = ledger.scores()
    winner = int(scores.argmax())
    code = ledger.pairs[winner][facet]
    holders = [i for i, pair in enumerate(ledger.pairs) if pair[facet] == code]
    movable = np.array([i for i, entry in enumerate(ledger.entries) if entry.source != "base"], dtype=int)
    rivals = sorted((i for i, pair in enumerate(ledger.pairs) if pair[facet] != code), key=lambda i: (-scores[i], i))
    best: np.ndarray | None = None
    unsettled = []
    for rival in rivals:  # likeliest first: of two sets of one size, the one for the code that is nearer stays
        gains = ledger.weights[np.ix_(movable, holders)] - ledger.weights[movable, rival][:, None]
        needs = scores[holders] - scores[rival] + MARGIN
        least = max(_least(gains[:, h], needs[h]) for h in range(len(holders)))
        if least > len(movable):
            continue
        found = _greedy(gains, needs, len(best) if best is not None else len(movable) + 1)
        if found is None or len(found) > least:
            unsettled.append((least, gains, needs))
        best = found if found is not None else best
    for least, gains, needs in sorted(unsettled, key=lambda x: x[0]):
        most = min(PROVEN, len(best) - 1) if best is not None else len(movable)
        found = _solved(gains, needs, most) if least <= most else None
        best = found if found is not None else best
    if best is None:
        return None
    removed = movable[best]
    left = scores - ledger.weights[removed].sum(axis=0)
    after = int(left.argmax())
    swing = ledger.weights[removed, winner] - ledger.weights[removed, after]
    lines = tuple(ledger.line(int(i), float(gain)) for gain, i in sorted(zip(swing, removed, strict=True), key=lambda x: (-x[0], x[1])))
    return ledger.pairs[after][facet], lines


def _least(gains: np.ndarray, need: float) -> int:
    """Return how many rows one column takes alone, a lower bound; N + 1 where all of them do not do."""
    if need <= 0:
        return 0
    sums = np.cumsum(np.sort(gains[gains > 0])[::-1])
    return int(np.searchsorted(sums, need)) + 1 if len(sums) and sums[-1] >= need else len(gains) + 1


def _greedy(gains: np.ndarray, needs: np.ndarray, below: int) -> np.ndarray | None:
    """Take the row that leaves the least of the needs, again and again (exact for one column); None where that fails or takes `below` rows."""
    left, free, taken = needs.copy(), np.ones(len(gains), bool), []
    total = gains.sum(axis=1)
    while (left > 0).any():
        short = np.where(free, np.maximum(left - gains, 0).sum(axis=1), np.inf)
        if len(taken) + 1 >= below or short.min() >= np.maximum(left, 0).sum():
            return None
        ties = np.flatnonzero(short == short.min())
        i = int(ties[total[ties].argmax()])
        free[i] = False
        taken.append(i)
        left = left - gains[i]
    return np.array(taken, dtype=int)


def _solved(gains: np.ndarray, needs: np.ndarray, most: int) -> np.ndarray | None:
    """Return the fewest rows of `gains` (N, H) that add up to `needs` (H,) or more in every column; None where no `most` do, or `NODES` are reached."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    helpful = np.flatnonzero((gains > 0).any(axis=1))
    ones = np.ones(len(helpful))
    limits = [LinearConstraint(gains[helpful].T, lb=needs), LinearConstraint(ones, ub=most)]
    result = milp(ones, constraints=limits, integrality=1, bounds=Bounds(0, 1), options={"node_limit": NODES})
    if result.x is None:
        return None
    taken = helpful[result.x > 0.5]
    fits = (gains[taken].sum(axis=0) >= needs - MARGIN / 2).all()  # the solver keeps to its limits within 1e-7 or so
    return taken if fits and len(taken) <= most else None
