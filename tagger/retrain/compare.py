"""Two models on the same cases: every figure of both, and of their difference the interval of a bootstrap that draws the same initiatives for both.

Source of the paired bootstrap: Efron, B., Tibshirani, R. J. (1993), An Introduction to the Bootstrap, chapter 8; of the draw by initiative, see
:mod:`tagger.learning.resampled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tagger.coding.decide import FACETS
from tagger.learning.evaluation import GATE, REPLICATES, Answers, answers
from tagger.learning.outcomes import Outcomes
from tagger.learning.resampled import Draws, Figure, accuracies, alphas, code_figures, figure, macro_f1s

OVERALL = {"alpha": alphas, "macro_f1": macro_f1s, "accuracy": accuracies}


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure of both models, and the candidate's less the current one's; each with its 95 % interval."""

    candidate: Figure
    current: Figure
    difference: Figure


@dataclass(frozen=True, slots=True)
class CodePair:
    """F1 of a code, which `cases` cases (views of one case are one) truly have."""

    code: str
    cases: int
    f1: Pair


@dataclass(frozen=True, slots=True)
class FacetPair:
    """A facet or the gate: `overall` by name of the figure (:data:`OVERALL`), `codes` in the codebook's order, those that no case has left out."""

    overall: Mapping[str, Pair]
    codes: tuple[CodePair, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on one sample, `title` and what the candidate was compared with in words; `cases` counts texts and pages, `groups` initiatives."""

    title: str
    against: str
    cases: int
    groups: int
    facets: Mapping[str, FacetPair]
    replicates: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded; None is undefined."""
        return asdict(self)


def compare(candidate: Outcomes, current: Outcomes, title: str = "", against: str = "", *, replicates: int = REPLICATES, seed: int = 0) -> Comparison:
    """Return all figures of two models on the same cases.

    Parameters
    ----------
    candidate, current : Outcomes
        Of the same cases in the same order; the pairs of codes may be in another.
    title, against : str
        What the cases are, and what the current model is.
    replicates, seed : int
        Of the bootstrap over groups.

    Raises
    ------
    ValueError
        Where the cases are not the same.
    """
    if (candidate.ids, candidate.truth, candidate.groups) != (current.ids, current.truth, current.groups):
        raise ValueError("the two models were not measured on the same cases")
    draws = Draws(candidate.groups, replicates, seed)
    facets = {name: _facet(answers(candidate, name), answers(current, name), candidate.ids, draws) for name in (*FACETS, GATE)}
    return Comparison(title, against, len(candidate), draws.groups, facets, replicates, seed)


def _facet(candidate: Answers, current: Answers, ids: tuple[str, ...], draws: Draws) -> FacetPair:
    codes = tuple(dict.fromkeys((*candidate.codes, *current.codes)))
    tables = [_tables(given, codes, draws) for given in (candidate, current)]
    overall = {name: _pair(*(reckon(t) for t in tables), draws.groups) for name, reckon in OVERALL.items()}
    f1s = [code_figures(t)[2] for t in tables]
    cases: dict[int, set[str]] = {}
    for number, id in zip(candidate.truth.tolist(), ids, strict=True):
        cases.setdefault(codes.index(candidate.codes[number]), set()).add(id)
    return FacetPair(overall, tuple(CodePair(codes[i], len(cases[i]), _pair(f1s[0][:, i], f1s[1][:, i], draws.groups)) for i in sorted(cases)))


def _tables(given: Answers, codes: tuple[str, ...], draws: Draws) -> np.ndarray:
    """The confusion matrix of each draw, in the order of `codes`."""
    number = np.array([codes.index(code) for code in given.codes])
    return draws.confusions(number[given.truth], number[given.found], len(codes))


def _pair(candidate: np.ndarray, current: np.ndarray, groups: int) -> Pair:
    return Pair(figure(candidate, groups), figure(current, groups), figure(candidate - current, groups))
