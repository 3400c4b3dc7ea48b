"""How large is the share of each code in a batch? Corrected for the classifier's errors by labels of cases that were drawn at random from the batch.

Four answers stand side by side, for n labelled cases and N others:

- *uncorrected*: the share of cases that the code is proposed for; biased as far as the classifier errs.
- *labels alone*: the share among the n labels; unbiased, but uses nothing of the N others.
- *adjusted count*: the uncorrected share, corrected by sensitivity and specificity on the n cases (Rogan, W. J., Gladen, B. (1978), "Estimating prevalence
  from the results of a screening test", American Journal of Epidemiology 107(1), 71-76; as a method of quantification: Forman, G. (2008), "Quantifying counts
  and costs via classification", Data Mining and Knowledge Discovery 17, 164-206).
- *prediction-powered*: the mean of the code's probability over the N others, plus what it errs by on the n cases on average (Angelopoulos, A. N. et al.
  (2023), "Prediction-powered inference", Science 382, 669-674), weighted so that the variance is least (PPI++: Angelopoulos, A. N., Duchi, J. C., Zrnic, T.
  (2023), arXiv:2311.01453).  However bad the classifier is, there is no bias, as long as it has learned from no case of the batch.

The interval is one of a mean over many cases, which a rare code does not have: where fewer than `FEW` of the labels have the code (or lack it), it is that of
the labels alone, exact (Clopper, C. J., Pearson, E. S. (1934), Biometrika 26, 404-413).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.errors import InputError

LEAST = 50  # labels, below which no share is estimated
FEW = 10  # labels that have a code, and that lack it, below which the normal approximation is not used
ADDED = 1  # errors in either direction that the interval reckons with beyond those seen
POWERED, ALONE = "prediction-powered", "labels alone"


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval, all in [0, 1]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CodeShare:
    """The share of one code in a batch.

    `estimate` is the one to report, `method` where it comes from: `POWERED`, or `ALONE` where too few labels have the code (or lack it). `alone` is the share
    among the labels with its exact interval, `adjusted` the adjusted count (None where the classifier tells the code no better than chance). `weight` in [0, 1]
    is that of the predictions (0: they tell nothing about the code). `labels` counts the labels that have the code.
    """

    code: str
    uncorrected: float
    estimate: Share
    method: str
    alone: Share
    adjusted: float | None
    weight: float
    labels: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def prevalence(
    codes: Sequence[str], labels: Sequence[str], labelled_probabilities: np.ndarray, other_probabilities: np.ndarray,
    labelled_proposed: Sequence[str], other_proposed: Sequence[str], *, level: float = 0.95,
) -> list[CodeShare]:  # fmt: skip
    """Return the share of each code among cases like those of the batch.

    Parameters
    ----------
    codes : sequence of str, length C
        Of one facet.
    labels : sequence of str, length n
        What coders gave the cases that were drawn at random.
    labelled_probabilities : ndarray of shape (n, C)
        What the classifier gave the same cases.
    other_probabilities : ndarray of shape (N, C)
        What it gave the other cases of the batch.
    labelled_proposed, other_proposed : sequence of str, lengths n and N
        The code that it proposed.
    level : float
        Of the intervals, in (0, 1).

    Raises
    ------
    InputError
        Where there are fewer than `LEAST` labels, or no other cases.

    Notes
    -----
    The interval is for the population that the batch was drawn from, so for the batch itself it is wide enough, too. Each code has its own: they are not
    made to add up to 1, nor do they hold all at once.
    """
    n, others = len(labels), len(other_proposed)
    if n < LEAST:
        raise InputError(f"shares: {n} cases of the random audit share are coded; at least {LEAST} are needed for an interval that means anything, so code on")
    if not others:
        raise InputError("shares: every case of the batch is coded; count the labels, there is nothing to estimate")
    truth, mine, theirs = (np.array(x) for x in (labels, labelled_proposed, other_proposed))
    found = []
    for column, code in enumerate(codes):
        has = truth == code
        alone = exact(int(has.sum()), n, level)
        powered, weight = prediction_powered(has.astype(float), labelled_probabilities[:, column], other_probabilities[:, column], level)
        enough = min(has.sum(), n - has.sum()) >= FEW
        counted = float(np.concatenate([mine == code, theirs == code]).mean())
        adjusted = adjusted_count(counted, has, mine == code)
        found.append(CodeShare(code, counted, powered if enough else alone, POWERED if enough else ALONE, alone, adjusted, weight, int(has.sum())))
    return found


def prediction_powered(
    labels: np.ndarray, predicted: np.ndarray, others: np.ndarray, level: float = 0.95, added: int = ADDED
) -> tuple[Share, float]:
    """Return the mean of labels by PPI++, cut to [0, 1], and the weight of the predictions.

    Parameters
    ----------
    labels : float array (n,)
    predicted : float array (n,)
        Predictions for the same cases.
    others : float array (N,)
        Predictions for cases without labels.
    level : float
        Of the interval, in (0, 1).
    added : int
        Errors in either direction that are reckoned with beyond those seen; 0 gives PPI++ itself.

    Notes
    -----
    With weight w the estimate is ``w mean(others) + mean(labels - w predicted)``, its variance ``w^2 var(others) / N + var(labels - w predicted) / n``;
    w = cov(labels, predicted) / ((1 + n / N) var(all predictions)), cut to [0, 1], is the least variance's (Example 6.1 there).
    Among n labels a good classifier errs so seldom that the variance of the errors seen is a poor guess, mostly too small. `added` errors of +1 and of -1
    are put to it, as one success and one failure are in Agresti, A., Caffo, B. (2000), "Simple and effective confidence intervals for proportions", The
    American Statistician 54(4), 280-288; the estimate stays.
    """
    from scipy.special import ndtri

    n, count = len(labels), len(others)
    spread = np.concatenate([predicted, others]).var(ddof=1)
    together = ((labels - labels.mean()) * (predicted - predicted.mean())).mean()
    weight = float(np.clip(together / ((1 + n / count) * spread), 0.0, 1.0)) if spread > 0 else 0.0
    rest = labels - weight * predicted
    value = weight * others.mean() + rest.mean()
    errors = np.concatenate([rest - rest.mean(), np.tile([1.0, -1.0], added)])
    half = ndtri(0.5 + level / 2) * np.sqrt(weight**2 * others.var() / count + errors.var() / len(errors))
    return Share(*(float(np.clip(x, 0.0, 1.0)) for x in (value, value - half, value + half))), weight


def exact(right: int, total: int, level: float = 0.95) -> Share:
    """Return a share with its Clopper-Pearson interval."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = betaincinv(right, total - right + 1, tail) if right else 0.0
    high = betaincinv(right + 1, total - right, 1 - tail) if right < total else 1.0
    return Share(right / total, float(low), float(high))


def adjusted_count(counted: float, has: np.ndarray, proposed: np.ndarray) -> float | None:
    """Return (counted - false positive rate) / (true positive rate - false positive rate), cut to [0, 1].

    None where a rate cannot be reckoned, or the code is not proposed more often where it is true than where it is not.

    Parameters
    ----------
    counted : float
        Share of the batch that the code is proposed for.
    has, proposed : bool arrays (n,)
        Whether the code is true of, and proposed for, each labelled case.
    """
    if not has.any() or has.all():
        return None
    hit, false = proposed[has].mean(), proposed[~has].mean()
    return float(np.clip((counted - false) / (hit - false), 0.0, 1.0)) if hit > false else None


def facet_probabilities(records: Sequence[Mapping[str, Any]], facet: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the codes (C) of a facet and how probable suggestions hold each, (n, C): the softmax of its scores.

    Parameters
    ----------
    records : sequence of mapping, length n
        As `tagger tag` writes them.
    facet : str

    Raises
    ------
    InputError
        Where a record has no scores, or those of other codes than the first.
    """
    from scipy.special import softmax

    codes: tuple[str, ...] = ()
    rows = []
    for record in records:
        given = (record.get("scores") or {}).get(facet) or {}
        codes = codes or tuple(given)
        if not given or set(given) != set(codes):
            raise InputError(f"case {record.get('id')!r}: scores of {facet} are missing, or of other codes than the first case's; tag all in one run")
        rows.append([float(given[code]) for code in codes])
    return codes, softmax(np.array(rows), axis=1) if rows else np.zeros((0, 0))
