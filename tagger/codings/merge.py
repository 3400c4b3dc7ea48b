"""From the codings of a case to its one label.

The rules, in the order in which they apply:

1. A coding of another text than the case has now (other fingerprint) is stale and does not count. A case with stale codings only is *stale*.
2. An author's coding says what the text was meant to carry; it does not count.
3. Of a coder who coded a case more than once the latest date counts (of equal dates the later row).
4. Where an adjudicator gave a code, that is the label (*adjudicated*); of several the latest.
5. Else the code that more coders gave than any other: *single* (one coder), *unanimous*, *majority*.
6. Two codes with equally many coders are a tie: *unresolved*, no label, not trained on.

Each facet and cue is settled by itself. A case is settled as its least certain facet; where the facets' labels contradict each other by the codebook, it is
unresolved. A cue that is tied has no value and does not hold its case back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tagger.codebook import FACETS, Codebook
from tagger.codings.table import Coding

SETTLED = ("unanimous", "majority", "adjudicated", "single", "stale", "unresolved")  # from most to least certain, as a case's facets are summed up


@dataclass(frozen=True, slots=True)
class Label:
    """The merged label of one case: `codes` of the settled facets and cues, `settled` how the case was (one of `SETTLED`), `coders` who
    counted, and `confidence` how sure each of them was ('' where not recorded).
    """

    case: str
    title: str
    codes: Mapping[str, str]
    settled: str
    coders: tuple[str, ...]
    set: str = ""
    random: bool | None = None
    confidence: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether there is a label to train on or measure against."""
        return self.settled not in ("stale", "unresolved")


def merge(codings: Iterable[Coding], codebook: Codebook, texts: Mapping[str, str] | None = None) -> dict[str, Label]:
    """Return the label of each case, in the order in which cases first appear.

    Parameters
    ----------
    codings : iterable of Coding
    codebook : Codebook
    texts : mapping of str to str, optional
        Fingerprint of each case's text as it is now; a coding with another one is stale. Codings without a fingerprint, and cases not in it, cannot be.
    """
    by_case: dict[str, list[Coding]] = {}
    for coding in codings:
        by_case.setdefault(coding.case, []).append(coding)
    return {case: _label(case, rows, codebook, (texts or {}).get(case, "")) for case, rows in by_case.items()}


def counting(rows: Iterable[Coding], now: str = "") -> list[Coding]:
    """Return the codings of one case that count: of the text as it is now (fingerprint `now`; '' for any), by coders and adjudicators, one a coder and role."""
    latest: dict[tuple[str, str], Coding] = {}
    for row in rows:
        if row.role == "author" or (now and row.sha256 and row.sha256 != now):
            continue
        key = (row.coder, row.role)
        if key not in latest or row.date >= latest[key].date:
            latest.pop(key, None)  # so that order is that of the coding that counts
            latest[key] = row
    return list(latest.values())


def units_of(codings: Iterable[Coding]) -> dict[str, dict[str, dict[str, str]]]:
    """Return codings as agreement compares them: facet or cue, then case, then coder, then code.

    Only codings of the same text are compared: of a case that was coded in several versions each is a unit (``c1 [3fa9c2d1]``, after its fingerprint).
    Adjudicators decide, they do not code independently, and are left out as authors are.
    """
    texts: dict[str, dict[str, list[Coding]]] = {}
    for coding in codings:
        texts.setdefault(coding.case, {}).setdefault(coding.sha256, []).append(coding)
    units: dict[str, dict[str, dict[str, str]]] = {}
    for case, versions in texts.items():
        for sha256, rows in versions.items():
            unit = case if len(versions) == 1 else f"{case} [{sha256[:8] or 'text not recorded'}]"
            for coding in counting(rows):
                if coding.role == "coder":
                    for name, code in coding.codes.items():
                        units.setdefault(name, {}).setdefault(unit, {})[coding.coder] = code
    return units


def _label(case: str, rows: list[Coding], codebook: Codebook, now: str) -> Label:
    votes = counting(rows, now)
    first = rows[0]
    coders = tuple(dict.fromkeys(v.coder for v in votes))
    about = {"set": first.set, "random": first.random, "confidence": tuple(v.confidence for v in votes)}
    if not votes:
        stale = bool(now) and any(r.role != "author" for r in rows)
        return Label(case, first.title, {}, "stale" if stale else "unresolved", coders, **about)
    codes: dict[str, str] = {}
    how: dict[str, str] = {}
    for name in dict.fromkeys(name for v in votes for name in v.codes):
        how[name], code = _settle([v for v in votes if name in v.codes], name)
        if code:
            codes[name] = code
    settled = max((how.get(facet, "unresolved") for facet in FACETS), key=SETTLED.index)
    if settled != "unresolved" and not codebook.allowed(*(codes[facet] for facet in FACETS)):
        settled = "unresolved"
    return Label(case, first.title, codes, settled, coders, **about)


def _settle(votes: list[Coding], name: str) -> tuple[str, str]:
    """Return how a facet or cue is settled, and its code ('' where unresolved)."""
    deciding = [v for v in votes if v.role == "adjudicator"]
    if deciding:
        return "adjudicated", sorted(deciding, key=lambda v: v.date)[-1].codes[name]
    counts = Counter(v.codes[name] for v in votes).most_common()
    if len(counts) > 1 and counts[0][1] == counts[1][1]:
        return "unresolved", ""
    if len(counts) == 1:
        return ("unanimous" if len(votes) > 1 else "single"), counts[0][0]
    return "majority", counts[0][0]
