"""Cue codes: the value that a coder would give each cue, with its probability and the place that shows it best.

A multinomial logistic regression for each cue over the columns that the classifier has found anyway, in one matrix. The lexicon's mentions are among
these columns (as marks), so a code is the lexicon's word weighed against the rest of the text. Cue codes are shown; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import groupby, pairwise
from operator import add

import numpy as np

from tagger.case import UNSTATED, CueCode
from tagger.coding.features import MAX_WORDS
from tagger.coding.read_text import ReadText


@dataclass(frozen=True, slots=True)
class Filled:
    """The columns that a case fills in each block of a classifier, ascending, with their values; marks are worth 1.  `read` says where its words stand."""

    words: tuple[np.ndarray, np.ndarray]
    places: tuple[np.ndarray, np.ndarray]
    marks: Sequence[int]
    read: ReadText | None


@dataclass(frozen=True)
class CueWeights:
    """Weights of cue values against `unstated`, whose own score is 0.

    Parameters
    ----------
    values : tuple of (cue, value), length V
        The stated values, those of a cue side by side.
    thresholds : ndarray (C,), in [0, 1]
        For each cue, the least probability of its best value; below it the cue is coded `unstated`.
    base : ndarray (V,)
    words, places, marks : ndarrays (F, V), (G, V), (M, V)
        Over the columns of the classifier's blocks. Scores are calibrated: their softmax with 0 beside them is the probability.
    """

    values: tuple[tuple[str, str], ...]
    thresholds: np.ndarray
    base: np.ndarray
    words: np.ndarray
    places: np.ndarray
    marks: np.ndarray

    @cached_property
    def cues(self) -> tuple[tuple[str, slice], ...]:
        """Each cue with its columns."""
        return columns_of(self.values)

    @cached_property
    def _words(self) -> np.ndarray:
        return self.words.astype(np.float32)

    @cached_property
    def _places(self) -> np.ndarray:
        return self.places.astype(np.float32)

    @cached_property
    def _limits(self) -> list[float]:
        return self.thresholds.tolist()

    @cached_property
    def _laid_out(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of all cues side by side, each as `unstated` and then its values: where each value stands, where each cue begins, and the cue of each place."""
        sizes = [columns.stop - columns.start for _, columns in self.cues]
        cue = np.repeat(np.arange(len(sizes)), [1 + size for size in sizes])
        starts = np.flatnonzero(np.diff(cue, prepend=-1))
        return np.setdiff1d(np.arange(len(cue)), starts), starts, cue

    def shares(self, scores: np.ndarray) -> list[list[float]]:
        """Return :func:`shares_of` for the columns of each cue, for all cues at once."""
        places, starts, cue = self._laid_out
        against = np.zeros(len(cue))
        against[places] = scores
        shifted = np.exp(against - np.maximum.reduceat(against, starts)[cue])
        parts = shifted.tolist()
        each = [parts[start:end] for start, end in pairwise([*starts.tolist(), len(parts)])]
        totals = [reduce(add, some) for some in each]  # from left to right, as NumPy adds up a few numbers: reduceat does not
        return [[part / total for part in some] for some, total in zip(each, totals, strict=True)]

    def scores(self, filled: Filled) -> np.ndarray:
        """Return the score of each value, shape (V,), in log-odds against `unstated`."""
        total = self.base + self.marks[filled.marks].sum(axis=0, dtype=float)
        for coef, (columns, values) in ((self._words, filled.words), (self._places, filled.places)):
            total += values @ coef[columns]
        return total

    def code(self, text: str, terms: Sequence[str], marks: Mapping[str, tuple[int, int] | None], filled: Filled) -> tuple[CueCode, ...]:
        """Return a code for each cue.

        Parameters
        ----------
        text : str
        terms : sequence of str
            What the columns of the block *words* stand for.
        marks : mapping
            The marks of the case with their places: an affirmed mention of the coded value is its evidence.
        filled : Filled
        """
        chosen, wanted = [], []
        for (cue, columns), threshold, shares in zip(self.cues, self._limits, self.shares(self.scores(filled)), strict=True):
            most = max(shares[1:])
            best = shares.index(most, 1) - 1
            stated = most >= threshold
            value, probability = (self.values[columns.start + best][1], most) if stated else (UNSTATED, shares[0])
            place = marks.get(f"cue:{cue}={value}")
            if stated and place is None:
                wanted.append((len(chosen), columns, best))
            chosen.append((cue, value, probability, place))
        places = [place for *_, place in chosen]
        if wanted:
            for (number, _, _), place in zip(wanted, self._sentences(text, terms, filled, [w[1:] for w in wanted]), strict=True):
                places[number] = place
        return tuple(CueCode(cue, value, p, *(place or (None, None))) for (cue, value, p, _), place in zip(chosen, places, strict=True))

    def _sentences(
        self, text: str, terms: Sequence[str], filled: Filled, wanted: Sequence[tuple[slice, int]]
    ) -> Iterator[tuple[int, int] | None]:
        """Yield, for each wanted value (columns of its cue, number among them), the sentence whose words speak most for it.

        Only sentences that speak for it more than for any other value of the cue, or for `unstated`, will do; None where there is none.
        """
        columns, values = filled.words
        spans = filled.read.sentences
        shown = np.zeros((len(spans), len(columns)), np.float32)
        for sentence, column in _occurrences(spans, filled.read):
            row = np.searchsorted(columns, column)
            shown[sentence, row] = values[row]
        coef = self._words[columns]
        for cue, number in wanted:
            totals = shares_of(shown @ coef[:, cue])
            fit = np.flatnonzero(totals.argmax(axis=1) == number + 1)
            yield _stripped(text, *spans[fit[totals[fit, number + 1].argmax()]]) if len(fit) else None


def _occurrences(spans: Sequence[tuple[int, int]], read: ReadText) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield sentences and the columns that occur there: those of words, then those of pairs that lie in one sentence."""
    sentence = np.searchsorted(np.array([start for start, _ in spans]), read.starts, side="right") - 1
    counts = np.arange(len(sentence)) - np.searchsorted(sentence, sentence) < MAX_WORDS
    words = np.flatnonzero((read.words >= 0) & counts)
    yield sentence[words], read.words[words]
    pairs = np.flatnonzero((read.pairs >= 0) & counts[1:] & (sentence[1:] == sentence[:-1]))
    yield sentence[pairs], read.pairs[pairs]


def columns_of(values: Sequence[tuple[str, str]]) -> tuple[tuple[str, slice], ...]:
    """Return each cue of `values` with the slice of its columns, in order."""
    found, start = [], 0
    for cue, group in groupby(values, key=lambda pair: pair[0]):
        end = start + len(list(group))
        found.append((cue, slice(start, end)))
        start = end
    return tuple(found)


def shares_of(scores: np.ndarray) -> np.ndarray:
    """Return the probabilities of `unstated` and of the values with `scores` (..., V) against it, shape (..., 1 + V), summing to 1."""
    against = np.concatenate([np.zeros((*scores.shape[:-1], 1)), scores], axis=-1)
    shifted = np.exp(against - against.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    sentence = text[start:end]
    return start + len(sentence) - len(sentence.lstrip()), end - (len(sentence) - len(sentence.rstrip()))
