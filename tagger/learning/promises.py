"""What a promise about cases to come rests on: held-out cases that are independent of each other, and exact bounds on a share.

The promises themselves: :mod:`tagger.learning.calibration` (what a probability means), :mod:`tagger.learning.autoaccept` (what may go unread),
:mod:`tagger.learning.conformal` (sets that hold the true code), :mod:`tagger.learning.decided` (how good the codes are where it decides).
"""

from __future__ import annotations

import numpy as np

from tagger.errors import InputError
from tagger.learning.outcomes import Outcomes


def clopper_pearson(hits: int, cases: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact two-sided interval of a share, in [0, 1]; (0, 1) for no case.

    Source: Clopper, C. J., Pearson, E. S. (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26, 404-413.
    """
    from scipy.stats import binomtest

    if not cases:
        return 0.0, 1.0
    found = binomtest(hits, cases).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)


def upper_bound(errors: float | np.ndarray, cases: float | np.ndarray, confidence: float = 0.95) -> np.ndarray:
    """Return the one-sided Clopper-Pearson bound that an error rate exceeds with a chance of at most 1 - `confidence`; 1 where all or no cases are errors.

    Parameters
    ----------
    errors, cases : arrays of one shape, or numbers, 0 <= errors <= cases
        Fractions are allowed, for what may be expected.
    """
    from scipy.stats import beta

    errors, cases = np.asarray(errors, dtype=float), np.asarray(cases, dtype=float)
    right = cases - errors
    return np.where(right > 0, beta.ppf(confidence, errors + 1, np.where(right > 0, right, 1.0)), 1.0)


def least_cases(error: float, confidence: float) -> int:
    """Return how many cases without an error it takes to bound the error rate by `error`: 59 for 5 % at 95 % confidence, as 0.95 ** 59 <= 0.05."""
    return int(np.ceil(np.log(1 - confidence) / np.log(1 - error) - 1e-9))


def one_a_group(outcomes: Outcomes, seed: int = 0) -> Outcomes:
    """Return one case of each group, drawn by `seed` whatever the order of the cases: texts on one initiative are not independent of each other.

    Source: Dunn, R., Wasserman, L., Ramdas, A. (2023), "Distribution-free prediction sets for two-layer hierarchical models", JASA 118 (subsampling once).
    """
    ordered = sorted(range(len(outcomes)), key=lambda i: (outcomes.groups[i], outcomes.ids[i], outcomes.sources[i]))
    chance = np.random.default_rng(seed).random(len(ordered))
    chosen: dict[str, tuple[float, int]] = {}
    for drawn, i in zip(chance, ordered, strict=True):
        chosen[outcomes.groups[i]] = min((drawn, i), chosen.get(outcomes.groups[i], (2.0, i)))
    return outcomes.take(np.array([i for _, i in chosen.values()], dtype=int))


def halves(outcomes: Outcomes, seed: int = 0) -> tuple[Outcomes, Outcomes]:
    """Return the outcomes cut in two by group, one half to choose on and one to check on."""
    names = np.unique(np.array(outcomes.groups, dtype=str))
    first = set(np.random.default_rng(seed).permutation(names)[: len(names) // 2].tolist())
    inside = np.array([group in first for group in outcomes.groups], dtype=bool)
    return outcomes.take(inside), outcomes.take(~inside)


def check_apart(chosen_on: Outcomes, checked_on: Outcomes, what: str) -> None:
    """Refuse two sets between which nothing can be promised.

    Raises
    ------
    InputError
        Where a set is empty, or an initiative is in both.
    """
    for name, outcomes in (("choose", chosen_on), ("check", checked_on)):
        if not len(outcomes):
            raise InputError(f"{what}: there is no case to {name} on; give labelled cases that the model was not trained on")
    if shared := sorted(set(chosen_on.groups) & set(checked_on.groups)):
        raise InputError(f"{what}: {len(shared)} initiatives are in both sets, {shared[0]!r} first; split the cases by initiative")


def percent(share: float) -> str:
    """Return a share in words, with a decimal only where it matters."""
    return f"{100 * share:.{0 if 0.1 <= share <= 0.99 else 1}f} %".replace(".0 %", " %")
