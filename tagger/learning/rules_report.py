"""What each rule does on a set of texts: where it fires, with which others, against which others, and how often it is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt

from tagger.case import Case
from tagger.codebook import FACETS, Codebook
from tagger.coding.rules import Rule, RuleBook, fired
from tagger.cues import CueFinder
from tagger.errors import InputError
from tagger.learning.labelled import Labelled

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Figures:
    """What one rule, or all positive rules of one code (`rule` is '' and `weight` None then), does.

    `fires` counts cases; `coverage` is their share of all cases; `overlap` and `conflict` are shares of `fires` (None where it is 0). `labelled` counts
    firings on cases with a label of this facet and `right` those where the rule is right; `precision` is their share, `low` to `high` its 95 % interval
    (None without labels).
    """

    facet: str
    code: str
    rule: str
    weight: float | None
    fires: int
    coverage: float
    overlap: float | None
    conflict: float | None
    labelled: int
    right: int
    precision: float | None
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, object]:
        """Return the figures as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class RulesReport:
    """Figures of every rule and of every code, by facet and code in the codebook's order; `labelled` counts cases with a known label by facet."""

    cases: int
    labelled: Mapping[str, int]
    unknown_labels: int
    rules: tuple[Figures, ...]
    codes: tuple[Figures, ...]

    @property
    def silent(self) -> tuple[str, ...]:
        """Ids of the rules that never fire."""
        return tuple(f.rule for f in self.rules if not f.fires)

    def as_dict(self) -> dict[str, object]:
        """Return the report as plain data."""
        return {
            "cases": self.cases,
            "labelled": dict(self.labelled),
            "unknown_labels": self.unknown_labels,
            "rules": [f.as_dict() for f in self.rules],
            "codes": [f.as_dict() for f in self.codes],
            "never_fire": list(self.silent),
        }


@dataclass(slots=True)
class _Count:
    fires: int = 0
    overlap: int = 0
    conflict: int = 0
    labelled: int = 0
    right: int = 0

    def add(self, overlap: bool, conflict: bool, right: bool | None) -> None:
        self.fires += 1
        self.overlap += overlap
        self.conflict += conflict
        self.labelled += right is not None
        self.right += bool(right)

    def figures(self, facet: str, code: str, rule: str, weight: float | None, cases: int) -> Figures:
        share = (lambda n: n / self.fires) if self.fires else lambda n: None
        low, high = wilson(self.right, self.labelled) if self.labelled else (None, None)
        precision = self.right / self.labelled if self.labelled else None
        coverage = self.fires / cases if cases else 0.0
        shares = (coverage, share(self.overlap), share(self.conflict))
        return Figures(facet, code, rule, weight, self.fires, *shares, self.labelled, self.right, precision, low, high)


def wilson(right: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share, within [0, 1].

    Parameters
    ----------
    right, total : int
        0 <= right <= total, total > 0.
    z : float
        Quantile of the normal distribution; 1.96 for 95 %.

    Notes
    -----
    Wilson, E. B. (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22: 209-212.
    """
    share = right / total
    middle = share + z * z / (2 * total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass
class RuleCounter:
    """Counts what the rules do, case by case; :meth:`report` gives the figures.

    Two rules *agree* where they push the same code the same way. A positive rule is *contradicted* by a positive rule for another code of its facet and
    by a negative rule against its own code; a negative rule by a positive rule for its code (a positive rule elsewhere is on its side). So a firing
    overlaps where another rule agrees, and conflicts where one contradicts. A negative rule is right where its code is not the label.
    """

    codebook: Codebook
    rulebook: RuleBook
    finder: CueFinder
    cases: int = 0
    labelled: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FACETS, 0))
    unknown_labels: int = 0

    def __post_init__(self) -> None:
        self._rules = {rule.id: _Count() for rule in self.rulebook.rules}
        self._codes = {(facet, code.id): _Count() for facet in FACETS for code in self.codebook.codes(facet)}

    def add(self, case: Case, labels: Mapping[str, str]) -> None:
        """Count a case; `labels` gives the code of each facet that was coded ('' or missing: not coded)."""
        held = [rule for rule, _ in fired(self.rulebook.rules, self.finder.find_in(case), self.codebook.opposites)]
        self.cases += 1
        for facet in FACETS:
            label = labels.get(facet) or None
            if label is not None and (facet, label) not in self._codes:
                self.unknown_labels += 1
                label = None
            self.labelled[facet] += label is not None
            self._add(facet, [rule for rule in held if rule.facet == facet], label)

    def _add(self, facet: str, held: list[Rule], label: str | None) -> None:
        supported: dict[str, int] = {}
        opposed: dict[str, int] = {}
        for rule in held:
            side = supported if rule.weight > 0 else opposed
            side[rule.code] = side.get(rule.code, 0) + 1
        for rule in held:
            if rule.weight > 0:
                overlap, conflict = supported[rule.code] > 1, len(supported) > 1 or rule.code in opposed
            else:
                overlap, conflict = opposed[rule.code] > 1, rule.code in supported
            right = None if label is None else (label == rule.code) == (rule.weight > 0)
            self._rules[rule.id].add(overlap, conflict, right)
        for code, rules in supported.items():
            self._codes[facet, code].add(rules > 1, len(supported) > 1 or code in opposed, None if label is None else label == code)

    def report(self) -> RulesReport:
        """Return the figures of all cases counted so far."""
        order = {key: i for i, key in enumerate(self._codes)}
        rules = sorted(self.rulebook.rules, key=lambda r: (order[r.facet, r.code], -r.weight, r.id))
        return RulesReport(
            self.cases,
            dict(self.labelled),
            self.unknown_labels,
            tuple(self._rules[r.id].figures(r.facet, r.code, r.id, r.weight, self.cases) for r in rules),
            tuple(count.figures(facet, code, "", None, self.cases) for (facet, code), count in self._codes.items()),
        )


class LabelBook:
    """Labels to look up for cases that come from elsewhere: by id where the titles do not contradict it, else by title.

    Ids alone would not do: a row number is an id too, and another file has the same numbers.
    """

    def __init__(self, labelled: Iterable[Labelled]):
        self._by_id: dict[str, Labelled] = {}
        self._by_title: dict[str, Labelled | None] = {}
        for one in labelled:
            self._by_id[one.case.id] = one
            if one.case.title:
                there = self._by_title.setdefault(one.case.title, one)
                if there is None or there.pair != one.pair:
                    self._by_title[one.case.title] = None  # two codings under one title: it tells nothing

    def __len__(self) -> int:
        return len(self._by_id)

    def of(self, case: Case) -> dict[str, str]:
        """Return the labels of a case by facet; empty where there are none."""
        found = self._by_id.get(case.id)
        if found is None or (found.case.title and case.title not in (found.case.title, case.id)):
            found = self._by_title.get(case.title)
        return {} if found is None else {"economy": found.economy, "model": found.model}


def labels_of(case: Case) -> dict[str, str]:
    """Return the labels that a case carries in its own columns `economy` and `model` (texts or whole numbers; anything else is no label)."""
    given = {facet: case.fields.get(facet) for facet in FACETS}
    return {facet: str(v).strip() for facet, v in given.items() if isinstance(v, str | int) and not isinstance(v, bool) and str(v).strip()}


def no_labels_matched(path: object, count: int) -> InputError:
    """Return the error for labels of which none belongs to a case of the input."""
    return InputError(f"{path}: none of its {count} labelled cases has the id or title of a case in the input; give labels of these, or leave --labels out")
