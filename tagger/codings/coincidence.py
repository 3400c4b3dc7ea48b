"""Coincidences of codes, Krippendorff's alpha, and its bootstrap over cases: arrays in, arrays out.

Shapes: C codes, P patterns, R samples of cases.  A *pattern* is how often each code was given to a case; cases that were coded alike share one, so that
5,000 cases are some dozens of patterns and resampling cases is drawing how often each pattern comes.

References
----------
Krippendorff, K. (2011), "Computing Krippendorff's Alpha-Reliability", section C: any number of coders, missing codes.
Zapf, A., Castell, S., Morawietz, L., Karch, A. (2016), "Measuring inter-rater reliability for nominal data", BMC Medical Research Methodology 16:93:
the bootstrap over cases and its percentile interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import ndarray

CONFIDENCE = 0.95  # of every interval


def patterns(units: Iterable[Iterable[Hashable]], codes: Sequence[Hashable]) -> tuple[ndarray, ndarray]:
    """Count the codes of each case and how many cases are alike; a case with fewer than two codes tells nothing and is passed over.

    Parameters
    ----------
    units : iterable of iterables
        The codes that each case was given, in any order.
    codes : sequence of C codes
        Every code that occurs.

    Returns
    -------
    counts : array of shape (P, C)
        How often each code was given, in the order in which the patterns first come.
    cases : int array of shape (P,)
        Cases of each pattern, at least 1.
    """
    import numpy as np

    place = {code: i for i, code in enumerate(codes)}
    alike = Counter(key for unit in units if len(key := tuple(sorted(place[code] for code in unit))) >= 2)
    counts = np.zeros((len(alike), len(codes)))
    for row, key in zip(counts, alike, strict=True):
        np.add.at(row, list(key), 1)
    return counts, np.array(list(alike.values()), dtype=np.int64)


def samples(cases: ndarray, replicates: int, seed: int) -> ndarray:
    """Return how often each pattern comes: in the data (row 0), then in draws of as many cases with replacement; shape (1 + replicates, P)."""
    import numpy as np

    if not len(cases):
        return np.zeros((1 + replicates, 0))
    drawn = np.random.default_rng(seed).multinomial(cases.sum(), cases / cases.sum(), size=replicates)
    return np.vstack([cases, drawn]).astype(float)


def coincidences(counts: ndarray, weights: ndarray) -> tuple[ndarray, ndarray]:
    """Return the coincidence matrix of each sample and its margins.

    A case with m codes adds n_c (n_k - [c = k]) / (m - 1) to the cell (c, k): each pair of its codings, weighted so that each coding counts once.

    Parameters
    ----------
    counts : array of shape (P, C)
        A pattern with fewer than two codes adds nothing.
    weights : array of shape (R, P)

    Returns
    -------
    pairs : array of shape (R, C, C), symmetric
    totals : array of shape (R, C)
        Codings that gave each code: whole numbers, the sums of the rows.
    """
    import numpy as np

    size = counts.sum(axis=1)
    paired = np.where((size >= 2)[:, None], counts, 0.0)
    each = paired[:, :, None] * paired[:, None, :]
    each[:, *np.diag_indices(counts.shape[1])] -= paired
    each /= np.maximum(size - 1, 1)[:, None, None]
    return (weights @ each.reshape(len(counts), counts.shape[1] ** 2)).reshape(len(weights), *each.shape[1:]), weights @ paired


def nominal_distance(totals: ndarray) -> ndarray:
    """Return 1 for two codes that differ, else 0; shape (C, C)."""
    import numpy as np

    return 1.0 - np.eye(totals.shape[-1])


def ordinal_distance(totals: ndarray) -> ndarray:
    """Return the squared ordinal distance of any two codes, which are in order, by the margins of each sample; shape (R, C, C).

    (sum of n_g for g from c to k - (n_c + n_k) / 2)², which is the squared difference of the codes' mean ranks: Krippendorff (2011), section E.
    """
    import numpy as np

    ranks = np.cumsum(totals, axis=-1) - totals / 2
    return (ranks[..., :, None] - ranks[..., None, :]) ** 2


def alpha(pairs: ndarray, totals: ndarray, distance: ndarray) -> ndarray:
    """Return alpha of each sample, 1 - (n - 1) Σ o_ck δ²_ck / Σ n_c n_k δ²_ck; NaN where fewer than two codes occur; shape (R,)."""
    import numpy as np

    observed = (pairs * distance).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * distance).sum(axis=(-2, -1))
    varied = np.count_nonzero(totals, axis=-1) > 1
    return np.where(varied, 1 - (totals.sum(axis=-1) - 1) * observed / np.where(varied, expected, 1), np.nan)


def code_alphas(pairs: ndarray, totals: ndarray) -> ndarray:
    """Return alpha of each code against all others taken as one (nominal, two values); NaN where all codings gave the code, or none; shape (R, C)."""
    import numpy as np

    n = totals.sum(axis=-1, keepdims=True)
    observed = (pairs * nominal_distance(totals)).sum(axis=-1)  # the cells on either side of the diagonal cancel the 2 of both sums
    expected = totals * (n - totals)
    return np.where(expected > 0, 1 - (n - 1) * observed / np.where(expected > 0, expected, 1), np.nan)


def percentile_interval(values: ndarray) -> tuple[float, float]:
    """Return the ends between which the middle 95 % of `values` lie."""
    import numpy as np

    low, high = np.percentile(values, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return float(low), float(high)


def nominal_alpha(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Return nominal alpha of the codes that each case was given (None for a missing one), without an interval; None where it is undefined."""
    import numpy as np

    given = [[code for code in unit if code is not None] for unit in units]
    counts, cases = patterns(given, list(dict.fromkeys(code for unit in given for code in unit)))
    pairs, totals = coincidences(counts, samples(cases, 0, 0))
    found = alpha(pairs, totals, nominal_distance(totals))[0]
    return None if np.isnan(found) else float(found)
