"""Figures with intervals: groups of cases are drawn anew with replacement, and each figure is reckoned on every draw at once.

Shapes: n cases, G groups, R replicates, C codes.  Row 0 of every array over replicates is the data as they are.  Drawing whole groups (an initiative with
its near-duplicates) and not cases keeps the interval honest where several texts tell of one thing: Davison, A. C., Hinkley, D. V. (1997), Bootstrap Methods
and their Application, section 3.8; Field, C. A., Welsh, A. H. (2007), "Bootstrapping clustered data", J. R. Stat. Soc. B 69(3), 369-390.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tagger.codings.agreement import MOST_UNDEFINED
from tagger.codings.coincidence import alpha, nominal_distance, percentile_interval


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % percentile interval; None where it is undefined (`value`), or where there is no interval (`low`, `high`)."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Draws:
    """Draws of groups with replacement.

    Parameters
    ----------
    groups : sequence of str, length n
    replicates : int
    seed : int
    """

    def __init__(self, groups: Sequence[str], replicates: int, seed: int):
        names, self._of = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        self.groups = len(names)
        drawn = np.random.default_rng(seed).integers(self.groups, size=(replicates, self.groups)) + self.groups * np.arange(replicates)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=replicates * self.groups).reshape(replicates, self.groups)
        self._weights = np.vstack([np.ones(self.groups), counts])

    def sums(self, cells: np.ndarray, count: int, mask: np.ndarray | None = None) -> np.ndarray:
        """Return how many cases of each draw are in each cell, shape (1 + R, count); `cells` (n,) holds numbers from 0, `mask` (n,) the cases that count."""
        at = np.arange(len(cells)) if mask is None else np.flatnonzero(mask)
        table = sparse.csr_matrix((np.ones(len(at)), (cells[at], self._of[at])), shape=(count, self.groups))  # cases of one cell and group add up
        return (table @ self._weights.T).T

    def totals(self, columns: np.ndarray) -> np.ndarray:
        """Return the sums of `columns` (n, K) over the cases of each draw, shape (1 + R, K)."""
        per_group = np.zeros((self.groups, columns.shape[1]))
        np.add.at(per_group, self._of, columns)
        return self._weights @ per_group

    def confusions(self, truth: np.ndarray, found: np.ndarray, codes: int, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the confusion matrix (truth by found) of each draw, shape (1 + R, C, C); `truth` and `found` (n,) hold numbers of codes."""
        return self.sums(truth * codes + found, codes * codes, mask).reshape(-1, codes, codes)


def figure(values: np.ndarray, groups: int) -> Figure:
    """Return value 0 with the interval of the others; NaN is undefined.

    There is no interval with one group alone, with too many undefined replicates, or where no replicate differs: nothing was wrong (or right), and how
    much might be, drawing the same cases anew cannot tell.
    """
    replicates = values[1:][~np.isnan(values[1:])]
    if np.isnan(values[0]):
        return Figure(None)
    if groups < 2 or not len(replicates) or np.ptp(replicates) == 0 or len(values) - 1 - len(replicates) > MOST_UNDEFINED * (len(values) - 1):
        return Figure(float(values[0]))
    return Figure(float(values[0]), *percentile_interval(replicates))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN where the whole is 0."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def accuracies(confusions: np.ndarray) -> np.ndarray:
    """Return the share of cases on the diagonal, shape (1 + R,)."""
    return ratio(np.trace(confusions, axis1=-2, axis2=-1), confusions.sum(axis=(-2, -1)))


def alphas(confusions: np.ndarray) -> np.ndarray:
    """Return nominal alpha of truth and found as two coders (:func:`tagger.codings.coincidence.alpha`), shape (1 + R,)."""
    totals = confusions.sum(axis=-1) + confusions.sum(axis=-2)
    return alpha(confusions + confusions.swapaxes(-1, -2), totals, nominal_distance(totals))


def code_figures(confusions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision (NaN for a code never found), recall (NaN for one never true) and F1 = 2 both / (true + found), each of shape (1 + R, C)."""
    both, true, found = np.diagonal(confusions, axis1=-2, axis2=-1), confusions.sum(axis=-1), confusions.sum(axis=-2)
    return ratio(both, found), ratio(both, true), ratio(2 * both, true + found)


def macro_f1s(confusions: np.ndarray) -> np.ndarray:
    """Return the mean F1 over the codes that are true of some case, as :func:`tagger.learning.metrics.macro_f1`, shape (1 + R,)."""
    true = confusions.sum(axis=-1) > 0
    f1 = np.where(true, code_figures(confusions)[2], 0.0)
    return ratio(f1.sum(axis=-1), true.sum(axis=-1))
