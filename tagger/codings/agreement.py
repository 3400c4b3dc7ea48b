"""How well coders agree on one variable (a facet or a cue), as figures that can be published: any number of coders, missing codings allowed.

Percent agreement
    Mean over cases of the share of a case's pairs of codings that agree, so that each case counts once however many coded it.
Percent specific agreement of a code
    The chance that a second coding of a case gives the code too, where a first one does; for two coders 2 both / (2 both + one alone).  Each coding
    counts once.  Cicchetti, D. V., Feinstein, A. R. (1990), "High agreement but low kappa: II", J. Clin. Epidemiol. 43(6), 551-558 (positive and negative
    agreement); for many codes and coders Fleiss, J. L. (1971), "Measuring nominal scale agreement among many raters", Psychol. Bull. 76(5), 378-382.
Alpha
    Krippendorff, K. (2004), Content Analysis, 2nd ed., chapter 11; see :mod:`tagger.codings.coincidence` for the formulas and the bootstrap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tagger.codings.coincidence import alpha, code_alphas, coincidences, nominal_distance, ordinal_distance, patterns, percentile_interval, samples
from tagger.errors import InputError

if TYPE_CHECKING:
    from numpy import ndarray

RELIABLE, TENTATIVE = 0.800, 0.667  # Krippendorff, Content Analysis (2004), p. 241
MOST_UNDEFINED = 0.05  # share of replicates without an alpha above which there is no interval

Units = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha with its 95 % interval.

    `value` is at most 1, 0 for what chance gives, and may be negative; None where it is undefined.  `low` and `high` are None where there is no interval.
    `why` says in words what is missing ('' for nothing); `undefined` counts the replicates without an alpha, which the interval leaves out.
    """

    value: float | None
    low: float | None
    high: float | None
    undefined: int
    why: str


@dataclass(frozen=True, slots=True)
class OrdinalAlpha:
    """Alpha by the order of a scale; a code that is not on it counts as missing, so that `cases` may be fewer than those of the variable."""

    scale: str
    cases: int
    alpha: Alpha


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """Agreement on one code: codings that gave it, specific agreement in [0, 1] (None where none gave it), alpha of the code against all others."""

    code: str
    codings: int
    specific_agreement: float | None
    alpha: Alpha


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on one variable.

    `cases`, `coders` and `codings` are of cases with two codings or more, on which all figures rest; `left_out` counts the cases with fewer.
    `percent_agreement` is a share in [0, 1] (None without cases).
    """

    cases: int
    left_out: int
    coders: int
    codings: int
    percent_agreement: float | None
    alpha: Alpha
    ordinal: tuple[OrdinalAlpha, ...]
    codes: tuple[CodeAgreement, ...]
    replicates: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON, unrounded; None is undefined."""
        return asdict(self)


def agreement(
    units: Units, codes: Sequence[str], scales: Mapping[str, Sequence[str]] | None = None, *, replicates: int = 2000, seed: int = 0
) -> Agreement:
    """Return how well the coders of a variable agree.

    Parameters
    ----------
    units : mapping of case to mapping of coder to code
        A coder who did not code the case is absent.
    codes : sequence of str
        The codes of the variable, in the order in which they are to be reported.
    scales : mapping of str to sequence of str
        Ordered codes by the name of the scale, for ordinal alpha.
    replicates : int
        Samples of the bootstrap over cases; all figures are read off the same ones.
    seed : int

    Raises
    ------
    InputError
        For a coding or a scale with a code that is not one of `codes`, or a scale that names one twice.
    """
    import numpy as np

    _check(units, codes, scales or {})
    compared = {case: units[case] for case in sorted(units) if len(units[case]) >= 2}  # sorted, so that the same data draw the same samples
    counts, cases = patterns((given.values() for given in compared.values()), codes)
    weights = samples(cases, replicates, seed)
    pairs, totals = coincidences(counts, weights)
    by_code = code_alphas(pairs, totals)
    numbers = [int(n) for n in totals[0]]
    return Agreement(
        cases=len(compared),
        left_out=len(units) - len(compared),
        coders=len({coder for given in compared.values() for coder in given}),
        codings=sum(numbers),
        percent_agreement=_percent_agreement(counts, cases),
        alpha=_alpha(alpha(pairs, totals, nominal_distance(totals)), len(compared), _why(codes, numbers)),
        ordinal=tuple(_ordinal(name, order, codes, counts, weights) for name, order in (scales or {}).items()),
        codes=tuple(
            CodeAgreement(code, n, float(np.clip(pairs[0, i, i] / n, 0, 1)) if n else None, _alpha(by_code[:, i], len(compared), _why_code(n, sum(numbers))))
            for i, (code, n) in enumerate(zip(codes, numbers, strict=True))
        ),
        replicates=replicates,
        seed=seed,
    )


def mark(low: float | None, alpha: float | None) -> str:
    """Return what an alpha, and the lower end of its interval, is good for by the customary marks 0.667 and 0.800.

    Source: Krippendorff, Content Analysis (2004), p. 241: rely on variables over 0.800, draw only tentative conclusions between 0.667 and 0.800.
    """
    if alpha is None:
        return "undefined"
    if alpha >= RELIABLE:
        words = "reliable (at or over 0.800)"
    elif alpha >= TENTATIVE:
        words = "tentative conclusions only (0.667 to 0.800)"
    else:
        words = "below 0.667: not to be relied on"
    missed = [m for m in (TENTATIVE, RELIABLE) if low is not None and low < m <= alpha]
    return f"{words}; its interval reaches below {missed[0]:.3f}" if missed else words


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case whose coders differ: code by coder, how many codings are not the commonest one, and the share of its pairs that differ, in (0, 1]."""

    case: str
    codes: Mapping[str, str]
    differ: int
    divided: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two codes that were given to the same cases: in how many cases, and by how many pairs of codings."""

    codes: tuple[str, str]
    cases: int
    pairs: int


def disagreements(units: Units) -> list[Disagreement]:
    """Return the cases whose coders differ: the most divided first, then by how many differ, then by case."""
    found = []
    for case, given in units.items():
        counts = Counter(given.values())
        if len(counts) > 1:
            m, alike = counts.total(), sum(n * (n - 1) for n in counts.values())
            codes = {coder: given[coder] for coder in sorted(given)}
            found.append(Disagreement(case, codes, m - max(counts.values()), 1 - alike / (m * (m - 1))))
    return sorted(found, key=lambda d: (-d.divided, -d.differ, d.case))


def confusions(units: Units) -> list[Confusion]:
    """Return the pairs of codes that coders gave to the same cases, the most frequent first; the codes of a pair are sorted."""
    cases, pairs = Counter(), Counter()
    for given in units.values():
        counts = Counter(given.values())
        for pair in combinations(sorted(counts), 2):
            cases[pair] += 1
            pairs[pair] += counts[pair[0]] * counts[pair[1]]
    return sorted((Confusion(pair, cases[pair], n) for pair, n in pairs.items()), key=lambda c: (-c.pairs, -c.cases, c.codes))


def _check(units: Units, codes: Sequence[str], scales: Mapping[str, Sequence[str]]) -> None:
    known = set(codes)
    for name, order in scales.items():
        if strange := [code for code in order if code not in known]:
            raise InputError(f"scale {name!r} holds {strange[0]!r}, which is no code of the variable; there are: {', '.join(codes)}")
        if len(set(order)) < len(order):
            raise InputError(f"scale {name!r} names a code twice: {', '.join(order)}; name each once, from the lowest to the highest")
    for case, given in units.items():
        for coder, code in given.items():
            if code not in known:
                raise InputError(f"case {case!r}, coder {coder!r}: {code!r} is no code of the variable; there are: {', '.join(codes)}; mend it or leave it out")


def _percent_agreement(counts: ndarray, cases: ndarray) -> float | None:
    if not len(cases):
        return None
    size = counts.sum(axis=1)
    return float(((counts * (counts - 1)).sum(axis=1) / (size * (size - 1))) @ cases / cases.sum())


def _ordinal(name: str, order: Sequence[str], codes: Sequence[str], counts: ndarray, weights: ndarray) -> OrdinalAlpha:
    on_scale = counts[:, [list(codes).index(code) for code in order]]
    pairs, totals = coincidences(on_scale, weights)
    cases = int(weights[0, on_scale.sum(axis=1) >= 2].sum())
    why = _why(order, [int(n) for n in totals[0]], " on the scale")
    return OrdinalAlpha(name, cases, _alpha(alpha(pairs, totals, ordinal_distance(totals)), cases, why))


def _alpha(values: ndarray, cases: int, why: str) -> Alpha:
    """Take alpha (value 0) and the interval (the others) from what was found in the data and in the replicates."""
    import numpy as np

    replicates = values[1:]
    defined = replicates[~np.isnan(replicates)]
    undefined = len(replicates) - len(defined)
    if np.isnan(values[0]):
        return Alpha(None, None, None, undefined, why)
    if cases < 2:
        return Alpha(float(values[0]), None, None, undefined, "no interval: one case alone")
    if not len(replicates):
        return Alpha(float(values[0]), None, None, undefined, "no interval: no replicates were asked for")
    if undefined > MOST_UNDEFINED * len(replicates):
        return Alpha(float(values[0]), None, None, undefined, f"no interval: alpha is undefined in {undefined} of {len(replicates)} replicates")
    return Alpha(float(values[0]), *percentile_interval(defined), undefined, "")


def _why(codes: Sequence[str], numbers: Sequence[int], where: str = "") -> str:
    """Say why alpha is undefined ('' where it is not)."""
    used = [code for code, n in zip(codes, numbers, strict=True) if n]
    if not used:
        return f"no case with two codings{where}"
    return f"no variation: every coding{where} is '{used[0]}'" if len(used) == 1 else ""


def _why_code(n: int, codings: int) -> str:
    if not codings:
        return "no case with two codings"
    return "no compared coding gave it" if not n else "no variation: every coding gave it"
