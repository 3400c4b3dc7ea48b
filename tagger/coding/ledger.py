"""The ledger: every piece of evidence as one row over the pairs of codes; a pair's score is the sum of its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

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


@dataclass(frozen=True)
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
    _named: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def words(self) -> np.ndarray:
        """The numbers of the word entries, ascending."""
        return np.array([i for i, entry in enumerate(self.entries) if entry.source == "word"], dtype=int)

    def scores(self) -> np.ndarray:
        """Return the score of each pair, shape (P,), in log-odds."""
        return self.weights.sum(axis=0)

    def divided(self, temperature: float) -> Ledger:
        """Return the ledger with every line divided by `temperature` (> 0): the sums stay exact."""
        return Ledger(self.pairs, self.entries, self.weights / temperature)

    def with_entries(self, entries: tuple[Entry, ...]) -> Ledger:
        """Return the ledger with other entries, which must be the same but for their places."""
        other = Ledger(self.pairs, entries, self.weights)
        other._named.update(self._named)
        other.__dict__["words"] = self.words
        return other

    def named_words(self, pair: int) -> np.ndarray:
        """Return the numbers of the `SHOWN_WORDS` words that weigh most in a pair (of equals the first in the alphabet), in any order."""
        if pair not in self._named:
            words, most = self.words, SHOWN_WORDS
            if len(words) > most:
                sizes = np.abs(self.weights[words, pair])
                words = words[sizes >= np.partition(sizes, -most)[-most]]
                if len(words) > most:
                    words = np.array(sorted(words.tolist(), key=lambda i: (-abs(self.weights[i, pair]), self.entries[i].name))[:most])
            self._named[pair] = words
        return self._named[pair]

    def lines(self, pair: int) -> tuple[Line, ...]:
        """Return the lines of a pair that weigh anything, strongest first after the base; small word lines folded into one."""
        column, entries, named = self.weights[:, pair], self.entries, self.named_words(pair)
        kept = column != 0
        kept[self.words] = False
        kept[named] = column[named] != 0
        kept[[i for i, entry in enumerate(entries) if entry.source == "base"]] = True
        shown = [(entries[i], weight, i) for i, weight in zip(np.flatnonzero(kept).tolist(), column[kept].tolist(), strict=True)]
        shown.sort(key=lambda one: (one[0].source != "base", -abs(one[1]), one[0].name))
        lines = [self.line(i, weight) for _, weight, i in shown]
        if len(named) < len(self.words):
            folded = np.setdiff1d(self.words, named, assume_unique=True)
            lines.append(Line("word", f"{len(folded)} other words", float(column[folded].sum())))
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
