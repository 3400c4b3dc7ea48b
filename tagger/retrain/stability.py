"""The population stability index: how far two samples over the same bins are from each other, and how far they are by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CONFIDENCE = 0.99


def psi(expected: Sequence[float], actual: Sequence[float]) -> float:
    """Return the population stability index of two rows of counts over the same bins: ``sum (a - e) * ln(a / e)`` of their shares (half a case more in each bin
    that is not empty in both).

    Source: Siddiqi, N. (2006), "Credit Risk Scorecards", Wiley: below 0.1 no shift, to 0.25 a moderate one, beyond a strong one. It is the sum of the two
    Kullback-Leibler divergences (Jeffreys' divergence).
    """
    e, a = np.asarray(expected, float), np.asarray(actual, float)
    used = e + a > 0
    e, a = e[used] + 0.5, a[used] + 0.5
    e, a = e / e.sum(), a / a.sum()
    return float(((a - e) * np.log(a / e)).sum())


def psi_by_chance(expected: int, actual: int, bins: int, confidence: float = CONFIDENCE) -> float:
    """Return what the index of two samples of one population stays below with probability `confidence`.

    Without a shift the index divided by ``1/expected + 1/actual`` is about chi-squared with bins - 1 degrees of freedom: Yurdakul, B., Naranjo, J. (2020),
    "Statistical properties of the population stability index", Journal of Risk Model Validation 14 (4), 89-100.
    """
    from scipy.special import chdtri  # scipy.stats would take 40 MB

    return float(chdtri(max(1, bins - 1), 1 - confidence) * (1 / expected + 1 / actual))
