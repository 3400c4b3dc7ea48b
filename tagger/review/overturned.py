"""What people overturn: suggested codes, and the rules that spoke for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tagger.codebook import FACETS, Codebook
from tagger.errors import InputError

if TYPE_CHECKING:
    from tagger.codings.merge import Label
    from tagger.review.cases import ReviewCase
    from tagger.review.store import Head


@dataclass(frozen=True, slots=True)
class Overturned:
    """How often people gave another code than the one that was suggested.

    `rule` is '' for the code as a whole. `cases` counts the cases with a label, `overturned` those whose label is another code; `share` is between them, in
    [0, 1], with its 95 % interval `low` to `high`. `to` tells what they gave instead, the most frequent first.
    """

    facet: str
    code: str
    rule: str
    cases: int
    overturned: int
    share: float
    low: float
    high: float
    to: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def overturned_codes(labels: Mapping[str, Label], heads: Iterable[Head]) -> list[Overturned]:
    """Return the suggested codes that people overturned: by how sure it is that they are often wrong (the lower end of the interval), then by cases.

    Parameters
    ----------
    labels : mapping of case to Label
        What people gave; each case counts once, however many coded it, and cases without a usable label do not.
    heads : iterable of Head
    """
    return _ranked((facet, head.suggestion[facet], "", label) for head, facet, label in _labelled(labels, heads))


def overturned_rules(labels: Mapping[str, Label], heads: Iterable[Head], rules: Mapping[str, Mapping[str, Collection[str]]]) -> list[Overturned]:
    """Return the rules that spoke for codes which people overturned, ordered as :func:`overturned_codes`: candidates to mend.

    Parameters
    ----------
    labels : mapping of case to Label
    heads : iterable of Head
    rules : mapping of case to mapping of facet to ids of rules
        Those that spoke for the suggested code; see :func:`rules_for`.
    """
    found = _labelled(labels, heads)
    return _ranked((facet, head.suggestion[facet], rule, label) for head, facet, label in found for rule in rules.get(head.id, {}).get(facet, ()))


def rules_for(case: ReviewCase, codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """Return the rules that spoke for the suggested code of each facet.

    A ledger holds the lines of a whole pair; a rule speaks for the facet whose criterion it names (one with an unknown criterion for the facet of its line).
    """
    found: dict[str, dict[str, None]] = {facet: {} for facet in FACETS}
    for line in case.record.get("evidence", ()):
        facet, suggested = line["facet"], case.suggestion.get(line["facet"])
        spoke = line["source"] == "rule" and line["weight"] > 0 and line["code"] == suggested
        if spoke and _about(line["criterion"], codebook) in ("", facet):
            found[facet][line["name"]] = None
    return {facet: tuple(rules) for facet, rules in found.items()}


def _about(criterion: str, codebook: Codebook) -> str:
    try:
        return codebook.code_of(criterion).facet
    except InputError:  # of another codebook
        return ""


def _labelled(labels: Mapping[str, Label], heads: Iterable[Head]) -> Iterable[tuple[Head, str, str]]:
    """Yield (head, facet, people's code) for what was suggested and has a label."""
    for head in heads:
        label = labels.get(head.id)
        if label is not None and label.usable:
            yield from ((head, facet, label.codes[facet]) for facet in FACETS if facet in head.suggestion and facet in label.codes)


def _ranked(found: Iterable[tuple[str, str, str, str]]) -> list[Overturned]:
    from tagger.learning.rules_report import wilson

    given: dict[tuple[str, str, str], Counter[str]] = {}
    for facet, code, rule, label in found:
        given.setdefault((facet, code, rule), Counter())[label] += 1
    rows = []
    for (facet, code, rule), labels in given.items():
        cases, kept = labels.total(), labels.pop(code, 0)
        to = dict(sorted(labels.items(), key=lambda item: (-item[1], item[0])))
        rows.append(Overturned(facet, code, rule, cases, cases - kept, (cases - kept) / cases, *wilson(cases - kept, cases), to))
    rows = [row for row in rows if row.overturned]
    return sorted(rows, key=lambda row: (-row.low, -row.overturned, row.facet, row.code, row.rule))
