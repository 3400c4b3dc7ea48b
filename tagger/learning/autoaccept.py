"""An auto-accept band with a promise: which decisions may go unread, and how many of them are wrong at most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS, NONE
from tagger.errors import InputError
from tagger.learning.outcomes import Outcomes
from tagger.learning.promises import check_apart, least_cases, one_a_group, percent, upper_bound

STEPS = 100  # thresholds to choose among, each lets in about 1 % of the cases more
MORE = "Code more cases, drawn at random from what is to be tagged"
MOST = 0.9999  # no threshold over it: it could not be told from 1 in print


@dataclass(frozen=True, slots=True)
class Band:
    """The decisions that are at least `threshold` probable, both codes together.

    `cases` are independent (one a group), `accepted` of them are in the band, `wrong` of these in a code or both, `gated` of them without an initiative.
    `share` = accepted / cases; `error` = wrong / accepted (None for none accepted); `bound` on the error rate by Clopper-Pearson, one-sided at `confidence`.
    """

    threshold: float
    cases: int
    accepted: int
    wrong: int
    gated: int
    share: float
    error: float | None
    bound: float
    confidence: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded."""
        return asdict(self)

    def sentence(self) -> str:
        """Say it for a model card: what was seen at a threshold that was fixed beforehand."""
        if not self.accepted:
            return f"No decision of {self.cases} independent cases is {self.threshold:.4f} probable or more."
        return (
            f"{percent(self.share)} of {self.cases} independent held-out cases are decided with a probability of {self.threshold:.4f} or more; of these "
            f"{self.accepted}, {self.wrong} are wrong ({percent(self.wrong / self.accepted)}), and {self.gated} say that there is no initiative."
        )


@dataclass(frozen=True, slots=True)
class AutoAccept:
    """The widest band whose error rate is promised to be at most `error` with `confidence`.

    `band` is None where nothing can be promised, and `refused` then says why; `cases` are the independent ones checked on; `tried` are the bands in the
    order in which they were tested, the one that ended it last.
    """

    error: float
    confidence: float
    cases: int
    band: Band | None
    refused: str
    tried: tuple[Band, ...]

    @property
    def share(self) -> float:
        """Share of cases that may go unread, in [0, 1]; 0 where nothing is promised."""
        return self.band.share if self.band else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded."""
        return {**asdict(self), "share": self.share}

    def sentence(self) -> str:
        """Say it for a model card."""
        if self.band is None:
            return self.refused
        return (
            f"Decisions with a probability of {self.band.threshold:.4f} or more may be accepted unread: with {percent(self.confidence)} confidence at most "
            f"{percent(self.error)} of them are wrong in a code, as long as cases are drawn as those checked on. {self.band.sentence()}"
        )


def surety(outcomes: Outcomes) -> np.ndarray:
    """Return the probability that both proposed codes are right, that of the winning pair, shape (n,); 0 where a facet is abstained: that is never accepted."""
    return np.where(outcomes.decided(0) & outcomes.decided(1), outcomes.probabilities.max(axis=1), 0.0)


def share_at(outcomes: Outcomes, threshold: float, *, confidence: float = 0.95, seed: int = 0) -> Band:
    """Return what is accepted at a threshold, in (0, 1], that was *not* chosen on these cases; one case a group counts.

    Raises
    ------
    InputError
        Where there is no case, or the threshold is out of range.
    """
    _check(threshold=threshold - 1e-12, confidence=confidence)
    if not len(outcomes):
        raise InputError("auto-accept: there is no case to check on; give labelled cases that the model was not trained on")
    return _band(_seen(one_a_group(outcomes, seed)), threshold, confidence)


def auto_accept(outcomes_fit: Outcomes, outcomes_check: Outcomes, error: float = 0.05, confidence: float = 0.95, *, seed: int = 0) -> AutoAccept:
    """Return the widest band whose error is at most `error`, promised with `confidence`.

    Parameters
    ----------
    outcomes_fit : Outcomes
        Cases on which thresholds are laid out and ordered; nothing is promised from them.
    outcomes_check : Outcomes
        Held-out cases of other initiatives, on which the promise rests, drawn as the cases to come will be.
    error, confidence : float in (0, 1)
    seed : int
        Which case of a group counts.

    Raises
    ------
    InputError
        For a set without cases, an initiative in both, or a number out of range.

    Notes
    -----
    Learn then Test (Angelopoulos, A. N., Bates, S., Candès, E. J., Jordan, M. I., Lei, L. 2021, arXiv:2110.01052), split fixed sequence testing:
    `outcomes_fit` fixes the thresholds and the strictest one to begin with, the one whose bound promises to be least on as many cases as there are to
    check on. From there on down each is tested on `outcomes_check` at the full level (given how many are accepted, errors are binomial, and the
    Clopper-Pearson bound under `error` is the exact test), and the first that fails ends it. The chance that the last one that passed has a higher error
    rate is at most 1 - `confidence`, without further correction, as thresholds and order do not depend on the labels tested.
    """
    _check(error=error, confidence=confidence)
    check_apart(outcomes_fit, outcomes_check, "auto-accept")
    fit, check = _seen(one_a_group(outcomes_fit, seed)), _seen(one_a_group(outcomes_check, seed))
    n, needed = len(check[0]), least_cases(error, confidence)
    promise = f"No auto-accept band: to promise at most {percent(error)} errors with {percent(confidence)} confidence takes at least {needed} accepted"
    if n < needed:
        why = f"{promise} held-out cases without an error, and there are {n} independent ones in all. {MORE}."
        return AutoAccept(error, confidence, n, None, why, ())
    tried, passed = [], None
    for threshold in _sequence(fit, n, confidence):
        tried.append(_band(check, threshold, confidence))
        if not tried[-1].accepted or tried[-1].bound > error:
            break
        passed = tried[-1]
    if passed is None:
        return AutoAccept(error, confidence, n, None, f"{promise} cases without an error, or more with a few. {_reason(tried)}", tuple(tried))
    return AutoAccept(error, confidence, n, passed, "", tuple(tried))


def _seen(outcomes: Outcomes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Surety, whether a code is wrong, and whether the case is gated, each of shape (n,)."""
    wrong = (outcomes.best(0) != outcomes.labels(0)) | (outcomes.best(1) != outcomes.labels(1))
    return surety(outcomes), wrong, outcomes.best(FACETS.index("economy")) == NONE


def _sequence(fit: tuple[np.ndarray, ...], cases: int, confidence: float) -> list[float]:
    """Thresholds from the one that is likeliest to hold on `cases` checked cases down to the most lenient."""
    sure, wrong, _ = fit
    laid = np.quantile(sure, 1 - np.arange(1, STEPS + 1) / STEPS)
    thresholds = np.unique(np.minimum(np.ceil(laid[laid > 0] * 1e4) / 1e4, MOST))[::-1]
    if not len(thresholds):
        return []
    over = sure >= thresholds[:, None]
    accepted = over.sum(axis=1)
    rate = ((over & wrong).sum(axis=1) + 0.5) / (accepted + 1)  # not 0 for a handful without an error
    expected = accepted / len(sure) * cases
    return thresholds[int(upper_bound(rate * expected, expected, confidence).argmin()) :].tolist()


def _band(seen: tuple[np.ndarray, ...], threshold: float, confidence: float) -> Band:
    sure, wrong, gated = seen
    over = sure >= threshold
    n, k = int(over.sum()), int((over & wrong).sum())
    bound = float(upper_bound(k, n, confidence))
    return Band(float(threshold), len(sure), n, k, int((over & gated).sum()), n / len(sure), k / n if n else None, bound, confidence)


def _reason(tried: list[Band]) -> str:
    if not tried or not tried[-1].accepted:
        return "The tool decides on none of the cases."
    first = tried[0]
    return (
        f"Of {first.cases} independent held-out cases the surest {first.accepted} have {first.wrong} wrong, which bounds the error by {percent(first.bound)} "
        f"only. {MORE}, or ask for a higher error."
    )


def _check(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < 1:
            raise InputError(f"auto-accept: {name} = {number!r} is not between 0 and 1")
