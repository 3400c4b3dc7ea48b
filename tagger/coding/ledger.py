"""The ledger: every piece of evidence as one row over the pairs of codes; a pair's score is the sum of its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tagger.case import Line

_NOWHERE = (None, None)
SHOWN_WORDS = 12  # word lines shown by name; the rest are folded into one, so that the lines still add up


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row of the ledger is: source (base, rule, word, cue, fit, neural), name, criterion, and the place in the text that gave it (None: none)."""

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

    @cached_property
    def _bases(self) -> list[int]:
        return [i for i, entry in enumerate(self.entries) if entry.source == "base"]

    @cached_property
    def _scores(self) -> np.ndarray:
        return self.weights.sum(axis=0)

    def scores(self) -> np.ndarray:
        """Return the score of each pair, shape (P,), in log-odds."""
        return self._scores.copy()

    def divided(self, temperature: float) -> Ledger:
        """Return the ledger with every line divided by `temperature` (> 0): the sums stay exact."""
        return Ledger(self.pairs, self.entries, self.weights / temperature)

    def with_entries(self, entries: tuple[Entry, ...]) -> Ledger:
        """Return the ledger with other entries, which must be the same but for their places."""
        other = Ledger(self.pairs, entries, self.weights)
        other._named.update(self._named)
        other.__dict__.update(words=self.words, _bases=self._bases, _scores=self._scores)
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
        column, entries, words, named = self.weights[:, pair], self.entries, self.words, self.named_words(pair)
        kept = column != 0
        kept[words] = False
        kept[named] = column[named] != 0
        kept[self._bases] = True
        shown = [(entries[i], weight) for i, weight in zip(np.flatnonzero(kept).tolist(), column[kept].tolist(), strict=True)]
        shown.sort(key=_rank)
        lines = [Line(entry.source, entry.name, weight, entry.criterion, *(entry.place or _NOWHERE)) for entry, weight in shown]
        if len(named) < len(words):
            folded = np.zeros(len(column), dtype=bool)
            folded[words] = True
            folded[named] = False
            lines.append(Line("word", f"{len(words) - len(named)} other words", float(column[folded].sum())))
        return tuple(lines)

    def line(self, i: int, weight: float) -> Line:
        """Return entry `i` as a line of `weight`."""
        entry = self.entries[i]
        start, end = entry.place or (None, None)
        return Line(entry.source, entry.name, float(weight), entry.criterion, start, end)


def _rank(shown: tuple[Entry, float]) -> tuple[bool, float, str]:
    entry, weight = shown
    return entry.source != "base", -abs(weight), entry.name


def best_pairs(pairs: Sequence[tuple[str, str]], scores: np.ndarray, facet: int) -> dict[str, int]:
    """Return, for each code of a facet (0 economy, 1 model), the index of its best pair; ties go to the earlier pair."""
    best: dict[str, int] = {}
    for i, pair in enumerate(pairs):
        if pair[facet] not in best or scores[i] > scores[best[pair[facet]]]:
            best[pair[facet]] = i
    return best
