"""Where coders differ, what an adjudicator decided, and what is settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tagger.codebook import FACETS, Codebook
from tagger.codings.merge import Label, merge
from tagger.codings.table import Coding
from tagger.review.verdicts import Verdict, Verdicts

if TYPE_CHECKING:
    from tagger.review.store import Head


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A case whose coders differ: on which facets and cues, what each of them holds (in the order of coders' names), and what was decided (None: nothing)."""

    case: str
    facets: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    decision: Verdict | None = None

    @property
    def open(self) -> bool:
        """Whether something that coders differ on is not decided."""
        return self.decision is None or any(name not in self.decision.codes for name in self.facets)


def disagreements(
    verdicts: Verdicts,
    coders_needed: int = 2,
    *,
    texts: Mapping[str, str] | None = None,
    names: Sequence[str] | None = FACETS,
    decided: bool = False,
) -> list[Disagreement]:
    """Return the cases whose coders differ and that nobody has decided, those that differ on more first, else in the order of first coding.

    Parameters
    ----------
    verdicts : Verdicts
    coders_needed : int
        Codings that a case must have, so that nobody decides before all have coded.
    texts : mapping of case to fingerprint, optional
        Of the texts as they are now; codings and decisions of another text do not count.
    names : sequence of str, optional
        Facets and cues that are compared; None for all that was coded. What a coder left out is no disagreement.
    decided : bool
        Whether those that are decided come, too.
    """
    found = []
    for case, by_coder in verdicts.by_case.items():
        now = (texts or {}).get(case, "")
        held = [by_coder[coder] for coder in sorted(by_coder) if not by_coder[coder].stale(now)]
        if len(held) < coders_needed:
            continue
        compared = names if names is not None else dict.fromkeys(name for v in held for name in v.codes)
        differ = tuple(name for name in compared if len({v.codes[name] for v in held if name in v.codes}) > 1)
        decision = verdicts.adjudications.get(case)
        one = Disagreement(case, differ, tuple(held), None if decision is None or decision.stale(now) else decision)
        if differ and (decided or one.open):
            found.append(one)
    return sorted(found, key=lambda d: -len(d.facets))


def codings_of(verdicts: Verdicts, heads: Iterable[Head] = (), audit: Collection[str] | None = None) -> list[Coding]:
    """Return what counts as rows of the table of codings, case by case: coders by name, then the adjudicator.

    Parameters
    ----------
    verdicts : Verdicts
    heads : iterable of Head
        They give titles, and their order is that of the rows; cases without a head come last.
    audit : collection of str, optional
        Ids of the cases that were drawn at random (:attr:`tagger.review.queue.Queue.audit`); None where it is not known.
    """
    titles = {head.id: head.title for head in heads}
    rows = []
    for case in dict.fromkeys((*titles, *verdicts.by_case, *verdicts.adjudications)):
        about = {"title": titles.get(case, ""), "random": None if audit is None else case in audit}
        by_coder = verdicts.by_case.get(case, {})
        rows += [by_coder[coder].coding(**about) for coder in sorted(by_coder)]
        if case in verdicts.adjudications:
            rows.append(verdicts.adjudications[case].coding(role="adjudicator", **about))
    return rows


def settled_codings(verdicts: Verdicts, heads: Iterable[Head], codebook: Codebook) -> dict[str, Label]:
    """Return the label of every case that was coded, by the rules of :mod:`tagger.codings.merge`; what is stale or tied is among them, unlike usable."""
    heads = list(heads)
    return merge(codings_of(verdicts, heads), codebook, {head.id: head.sha256 for head in heads})
