"""The ledger: every piece of evidence as one row over the pairs of codes; a pair's score is the sum of its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tagger.case import Line

SHOWN_WORDS = 12  # word lines shown by name; the rest are folded into one, so that the lines still add up


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row of the ledger is: source (base, rule, word, cue, fit), name, criterion, and the place in the text that gave it (None: none)."""

    source: str
    name: str
    criterion: str = ""
    place: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All evidence on one case.

    Parameters
    ----------
    pairs : tuple of (economy, model), length P
    entries : tuple of Entry, length N
    weights : ndarray of shape (N, P)
        Log-odds that each entry adds to each pair.
    """

    pairs: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    weights: np.ndarray

    def scores(self) -> np.ndarray:
        """Return the score of each pair, shape (P,), in log-odds."""
        return self.weights.sum(axis=0)

    def divided(self, temperature: float) -> Ledger:
        """Return the ledger with every line divided by `temperature` (> 0): the sums stay exact."""
        return Ledger(self.pairs, self.entries, self.weights / temperature)

    def lines(self, pair: int) -> tuple[Line, ...]:
        """Return the lines of a pair that weigh anything, strongest first after the base; small word lines folded into one."""
        column = self.weights[:, pair]
        order = sorted(range(len(self.entries)), key=lambda i: (self.entries[i].source != "base", -abs(column[i]), self.entries[i].name))
        words = [i for i in order if self.entries[i].source == "word"]
        folded = set(words[SHOWN_WORDS:])
        lines = [self.line(i, column[i]) for i in order if i not in folded and (column[i] != 0 or self.entries[i].source == "base")]
        if folded:
            lines.append(Line("word", f"{len(folded)} other words", float(column[sorted(folded)].sum())))
        return tuple(lines)

    def line(self, i: int, weight: float) -> Line:
        """Return entry `i` as a line of `weight`."""
        entry = self.entries[i]
        start, end = entry.place or (None, None)
        return Line(entry.source, entry.name, float(weight), entry.criterion, start, end)


def best_pairs(pairs: Sequence[tuple[str, str]], scores: np.ndarray, facet: int) -> dict[str, int]:
    """Return, for each code of a facet (0 economy, 1 model), the index of its best pair; ties go to the earlier pair."""
    best: dict[str, int] = {}
    for i, pair in enumerate(pairs):
        if pair[facet] not in best or scores[i] > scores[best[pair[facet]]]:
            best[pair[facet]] = i
    return best
