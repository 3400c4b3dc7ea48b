"""Blind cases: which are drawn, and how far seeing a suggestion moves coders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tagger.codebook import FACETS

if TYPE_CHECKING:
    from tagger.review.store import Head
    from tagger.review.verdicts import Verdict, Verdicts

FEWEST = 10  # cases on each side, below which there is no difference to report


def chance(seed: int, *what: str) -> float:
    """Return a number in [0, 1) that is fixed for a seed and what is drawn, evenly spread, and not to be foreseen from the names (SHA-256)."""
    told = "".join(f"{len(part)}:{part}" for part in (str(seed), *what))  # lengths, so that ("ab", "c") is not ("a", "bc")
    return int.from_bytes(hashlib.sha256(told.encode("utf-8", errors="surrogatepass")).digest()[:6], "big") / 2**48


def is_blind(seed: int, coder: str, case: str, share: float) -> bool:
    """Tell whether a coder sees a case's suggestion only after answering.

    Parameters
    ----------
    seed : int
    coder, case : str
    share : float
        Of a coder's cases that are blind, in [0, 1]. With a larger share the same cases stay blind, and more become so.
    """
    return chance(seed, "blind", coder, case) < share


@dataclass(frozen=True, slots=True)
class Moved:
    """How often coders give the suggested code of one facet where they see it and where they do not.

    `shown` and `blind` count codings, `shown_agree` and `blind_agree` those with the suggested code. `difference` is the first share less the second, in
    [-1, 1], `low` to `high` its 95 % interval; None, with the reason in `why`, where there are too few cases.
    """

    facet: str
    shown: int
    shown_agree: int
    blind: int
    blind_agree: int
    difference: float | None
    low: float | None
    high: float | None
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def newcombe(first: int, of_first: int, second: int, of_second: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two independent shares, ``first / of_first - second / of_second``.

    Parameters
    ----------
    first, of_first, second, of_second : int
        0 <= first <= of_first, of_first > 0, and likewise the second.

    Notes
    -----
    Method 10 (from Wilson's intervals, without continuity correction) of Newcombe, R. G. (1998), "Interval estimation for the difference between independent
    proportions: comparison of eleven methods", Statistics in Medicine 17(8), 873-890.
    """
    from tagger.learning.rules_report import wilson

    p, q = first / of_first, second / of_second
    (p_low, p_high), (q_low, q_high) = wilson(first, of_first), wilson(second, of_second)
    return p - q - ((p - p_low) ** 2 + (q_high - q) ** 2) ** 0.5, p - q + ((p_high - p) ** 2 + (q - q_low) ** 2) ** 0.5


def blind_report(verdicts: Verdicts, heads: Iterable[Head], facets: Sequence[str] = FACETS) -> list[Moved]:
    """Return, by facet, how far seeing a suggestion moves coders towards it.

    Which cases are blind is drawn by chance, so that the difference is the effect of seeing. Of each coder and case the first answer counts: what was answered
    blind stays so, whatever the coder changed, or undid, after the suggestion was uncovered. Codings of another text than the case has now, and of cases
    without a head, are left out, since it is not known what would have been suggested. The interval takes codings as independent; where coders coded the same
    cases it is somewhat too narrow.

    Parameters
    ----------
    verdicts : Verdicts
    heads : iterable of Head
        They tell what was hidden.
    facets : sequence of str
    """
    by_id = {head.id: head for head in heads}
    firsts = [first for verdict in verdicts if (first := _first(verdicts, verdict, by_id.get(verdict.case)))]
    return [_moved(facet, firsts, by_id) for facet in facets]


def _first(verdicts: Verdicts, verdict: Verdict, head: Head | None) -> Verdict | None:
    """Return the first answer of a coder to a case: of codings that were blind as the very first one was, or were not, the first that stands."""
    if head is None:
        return None
    every = [v for v in verdicts.codings(verdict.case, verdict.coder, undone=True) if v.blind is not None and not v.stale(head.sha256)]
    return next((v for v in every if v.blind == every[0].blind and not verdicts.undone(v.event)), every[0] if every else None)


def _moved(facet: str, firsts: Iterable[Verdict], heads: dict[str, Head]) -> Moved:
    agree: dict[bool, list[bool]] = {True: [], False: []}
    cases: dict[bool, set[str]] = {True: set(), False: set()}
    for verdict in firsts:
        blind = bool(verdict.blind)
        suggested = heads[verdict.case].suggestion.get(facet) if blind else verdict.shown.get(facet)
        if suggested and facet in verdict.codes:
            agree[blind].append(verdict.codes[facet] == suggested)
            cases[blind].add(verdict.case)
    shown, blind = agree[False], agree[True]
    counts = (len(shown), sum(shown), len(blind), sum(blind))
    few = [f"{len(cases[side])} {name}" for side, name in ((False, "with the suggestion in sight"), (True, "blind")) if len(cases[side]) < FEWEST]
    if few:
        return Moved(facet, *counts, None, None, None, f"too few cases: {' and '.join(few)}; at least {FEWEST} of each are needed")
    return Moved(facet, *counts, sum(shown) / len(shown) - sum(blind) / len(blind), *newcombe(sum(shown), len(shown), sum(blind), len(blind)))
