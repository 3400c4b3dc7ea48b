"""Sets of codes that hold the true one as often as promised: split conformal prediction, by MAPIE."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS
from tagger.errors import InputError
from tagger.learning.outcomes import Outcomes
from tagger.learning.promises import check_apart, clopper_pearson, one_a_group, percent

LAC, APS, PER_CODE = "lac", "aps", "lac per code"
METHODS = (LAC, APS, PER_CODE)
ABOUT = {
    LAC: "smallest sets, covers over all cases",
    APS: "larger sets where the case is hard, covers over all cases",
    PER_CODE: "covers for each code that has cases enough",
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """`held` of `cases` sets hold the true code: the share (None without cases) and its exact 95 % interval."""

    cases: int
    held: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CodeCoverage:
    """Coverage of the cases that a code is true of; `calibrated` counts those that its threshold was found on.

    `promised` tells whether the code has a promise of its own: by the method "lac per code", and with cases enough. `kept` : the interval reaches the level.
    """

    code: str
    calibrated: int
    promised: bool
    coverage: Coverage
    kept: bool


@dataclass(frozen=True, slots=True)
class FacetSets:
    """Sets of one facet by one method: coverage overall and by code, codes a set on average, shares of sets with exactly one code and with none."""

    facet: str
    method: str
    level: float
    coverage: Coverage
    kept: bool
    mean_size: float
    single: float
    empty: float
    codes: tuple[CodeCoverage, ...]

    def sentence(self) -> str:
        """Say it for a model card."""
        c = self.coverage
        said = (
            f"{self.facet.capitalize()}, {self.method} ({ABOUT[self.method]}): sets promised to hold the true code in {percent(self.level)} "
            f"hold it in {c.held} of {c.cases} held-out cases, {percent(c.share)} ({percent(c.low)} to {percent(c.high)}), "
            f"with {self.mean_size:.1f} codes on average; {percent(self.single)} have exactly one, {percent(self.empty)} none."
        )
        under = [f"{x.code} ({x.coverage.held} of {x.coverage.cases})" for x in self.codes if x.coverage.cases and not x.kept]
        said += f" Held less often than that, by more than chance: {', '.join(under)}." if under else ""
        bare = [x.code for x in self.codes if not x.promised]
        if self.method == PER_CODE and bare:
            said += f" Too few cases for a promise of their own, so that the threshold of all cases stands in: {', '.join(bare)}."
        return said


@dataclass(frozen=True, slots=True)
class Conformal:
    """Conformal sets of both facets by each method; `calibrated` and `cases` count independent cases (one a group), `least` is what a code needs."""

    level: float
    calibrated: int
    cases: int
    least: int
    facets: tuple[FacetSets, ...]

    def of(self, facet: str, method: str = LAC) -> FacetSets:
        """Return the sets of a facet by a method."""
        return next(f for f in self.facets if (f.facet, f.method) == (facet, method))

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded."""
        return asdict(self)

    def sentence(self) -> str:
        """Say it for a model card, a line a facet and method."""
        return "\n".join(f.sentence() for f in self.facets)


def conformal(outcomes_calibration: Outcomes, outcomes_test: Outcomes, level: float = 0.9, *, seed: int = 0) -> Conformal:
    """Return how often conformal sets hold the true code, and how large they are.

    Parameters
    ----------
    outcomes_calibration : Outcomes
        Held-out cases on which thresholds are found, drawn as those tested.
    outcomes_test : Outcomes
        Cases of other initiatives.
    level : float in (0, 1)
        Coverage that is promised.
    seed : int
        Which case of a group counts, and the tie breaking of APS.

    Raises
    ------
    InputError
        For a set without cases or too few to calibrate on, an initiative in both, a code that the model does not know, or where MAPIE is not installed.
    """
    check_apart(outcomes_calibration, outcomes_test, "conformal sets")
    fit, test = one_a_group(outcomes_calibration, seed), one_a_group(outcomes_test, seed)
    asked = [(facet, method) for facet in range(len(FACETS)) for method in METHODS if method != APS or len(set(fit.labels(facet))) > 2]  # MAPIE's bound
    return Conformal(level, len(fit), len(test), least(level), tuple(_facet(fit, test, facet, method, level, seed) for facet, method in asked))


def least(level: float) -> int:
    """Return how many cases a threshold takes (MAPIE's rule): 10 for 0.9; with fewer, no finite threshold is sure to cover."""
    return int(np.ceil(max(1 / level, 1 / (1 - level)) - 1e-9))


def prediction_sets(fit: Outcomes, test: Outcomes, facet: int, method: str = LAC, level: float = 0.9, *, seed: int = 0) -> np.ndarray:
    """Return whether each code (in the order of `test.codes(facet)`) is in the set of each case of `test`, shape (n, C).

    Parameters
    ----------
    fit : Outcomes
        Independent held-out cases, at least :func:`least` of them.
    method : {"lac", "aps", "lac per code"}

    Raises
    ------
    InputError
        For too few cases, a true code that the model does not know, or where MAPIE is not installed.

    Notes
    -----
    LAC: Sadinle, M., Lei, J., Wasserman, L. (2019), "Least ambiguous set-valued classifiers with bounded error levels", JASA 114; also with a threshold for
    each code, found on the cases it is true of (label-conditional, or Mondrian: Vovk, V., Gammerman, A., Shafer, G. 2005, section 4.5). APS: Romano, Y.,
    Sesia, M., Candès, E. (2020), "Classification with valid and adaptive coverage", with the last label always taken in, so that no set is empty.
    """
    codes, given = fit.facet(facet)
    truth = _numbers(fit, facet, codes)
    if len(truth) < least(level):
        raise InputError(f"conformal sets: {len(truth)} cases to calibrate on, and coverage of {percent(level)} takes at least {least(level)}; code more")
    asked = test.facet(facet)[1]
    sets = _mapie(given, truth, asked, APS if method == APS else LAC, level, seed)
    if method == PER_CODE:
        for code in range(len(codes)):
            own = truth == code
            if own.sum() >= least(level):
                sets[:, code] = _mapie(given[own], truth[own], asked, LAC, level, seed)[:, code]
    return sets


def _facet(fit: Outcomes, test: Outcomes, facet: int, method: str, level: float, seed: int) -> FacetSets:
    sets = prediction_sets(fit, test, facet, method, level, seed=seed)
    codes = test.codes(facet)
    truth, calibrated = _numbers(test, facet, codes), np.bincount(_numbers(fit, facet, codes), minlength=len(codes))
    held = sets[np.arange(len(truth)), truth]
    rows = []
    for number, code in enumerate(codes):
        own = _coverage(held[truth == number])
        rows.append(CodeCoverage(code, int(calibrated[number]), method == PER_CODE and bool(calibrated[number] >= least(level)), own, own.high >= level))
    sizes, overall = sets.sum(axis=1), _coverage(held)
    shares = (float(sizes.mean()), float((sizes == 1).mean()), float((sizes == 0).mean()))
    return FacetSets(FACETS[facet], method, level, overall, overall.high >= level, *shares, tuple(rows))


def _coverage(held: np.ndarray) -> Coverage:
    n, k = len(held), int(held.sum())
    return Coverage(n, k, k / n if n else None, *clopper_pearson(k, n))


def _numbers(outcomes: Outcomes, facet: int, codes: tuple[str, ...]) -> np.ndarray:
    number = {code: i for i, code in enumerate(codes)}
    for key, code in zip(outcomes.ids, outcomes.labels(facet).tolist(), strict=True):
        if code not in number:
            raise InputError(f"conformal sets: case {key!r} is coded {FACETS[facet]} {code!r}, which the model does not know; it knows {', '.join(codes)}")
    return np.array([number[code] for code in outcomes.labels(facet).tolist()], dtype=int)


def _mapie(given: np.ndarray, truth: np.ndarray, asked: np.ndarray, score: str, level: float, seed: int) -> np.ndarray:
    """The sets (n, C) by MAPIE, which wants a fitted classifier: one whose features are the probabilities."""
    try:
        from mapie.classification import SplitConformalClassifier
    except ImportError:
        raise InputError("conformal sets need MAPIE, which is not installed: pip install mapie") from None

    split = SplitConformalClassifier(_given(given.shape[1]), confidence_level=level, conformity_score=score, prefit=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*conformalization dataset has less labels")  # as is meant where one code is calibrated on its own
        split.conformalize(given, truth)
        return split.predict_set(asked)[1][:, :, 0].astype(bool)


def _given(codes: int) -> Any:
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):
        """A classifier that gives back the probabilities that it is asked about."""

        classes_, n_features_in_ = np.arange(codes), codes

        def fit(self, X, y=None):
            return self

        def predict_proba(self, X):
            return np.asarray(X)

        def predict(self, X):
            return np.asarray(X).argmax(axis=1)

    return Given()
