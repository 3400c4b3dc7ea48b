"""Which cases are whose, where each is coded by some of a team only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tagger.errors import InputError
from tagger.review.blinding import chance


def assignments(
    cases: Iterable[str], coders: Collection[str], each: int, seed: int, there: Mapping[str, Collection[str]] | None = None
) -> list[tuple[str, str]]:
    """Return who is to code what besides: every case goes to `each` coders, as evenly as can be, drawn by hash.

    Parameters
    ----------
    cases : iterable of str
        Ids.
    coders : collection of str
    each : int
        Coders a case.
    seed : int
    there : mapping of coder to collection of str, optional
        What is assigned already; it stays, also that of coders who are gone.

    Returns
    -------
    list of (case, coder)

    Raises
    ------
    InputError
        Where there are fewer coders than a case needs.
    """
    coders = sorted(set(coders))
    if not 1 <= each <= len(coders):
        raise InputError(f"{each} coders a case, but {len(coders)} can code ({', '.join(coders) or 'nobody'}); add coders, or take fewer a case")
    has = {coder: set((there or {}).get(coder, ())) for coder in {*coders, *(there or {})}}
    load = {coder: len(has[coder]) for coder in coders}
    new = []
    for case in sorted(cases, key=lambda case: chance(seed, "assign", case)):
        held = {coder for coder, mine in has.items() if case in mine}
        free = sorted((coder for coder in coders if coder not in held), key=lambda coder: (load[coder], chance(seed, "assign", case, coder)))
        for coder in free[: max(0, each - len(held))]:
            load[coder] += 1
            new.append((case, coder))
    return new
