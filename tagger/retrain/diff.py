"""Two runs compared: which cases have another code or status, and what caused it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tagger.case import Case
from tagger.codebook import FACETS
from tagger.coding.ledger import Ledger
from tagger.codings.text import fingerprint
from tagger.pipeline import Tagger
from tagger.retrain.causes import TEXT, Change, change_of, changed_parts, threshold_alone
from tagger.retrain.sides import Side, View, on_pairs, side_of_case, sides_of, views_of

SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class CaseDiff:
    """A case with another code or status; `parts` is what differs between the runs (text, model ...)."""

    id: str
    title: str
    parts: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass
class Diff:
    """Two runs compared.

    `names` are those of the runs, `versions` what made them (several where a file holds results of several), `compared` how many cases are in both, `only` the
    ids that one run alone has, `texts` how many cases have another text now, `untold` how many of which the text is not in the results, `repeated` how many
    rows had an id that came before and were passed over; `cases` are those that changed, in the order of the second run.
    """

    names: tuple[str, str]
    versions: tuple[dict[str, list[str]], dict[str, list[str]]] = field(default_factory=lambda: ({}, {}))
    compared: int = 0
    only: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))
    texts: int = 0
    untold: int = 0
    repeated: int = 0
    cases: list[CaseDiff] = field(default_factory=list)

    @property
    def changes(self) -> list[Change]:
        """All changes of all cases."""
        return [change for case in self.cases for change in case.changes]

    def moves(self) -> list[tuple[str, str, str, int, dict[str, int]]]:
        """Return (facet, from, to, number, number by cause) of every kind of change, the most frequent of each facet first."""
        kinds: dict[tuple[str, str, str], Counter[str]] = {}
        for change in self.changes:
            kinds.setdefault((change.facet, said(change.before), said(change.after)), Counter())[change.cause] += 1
        order = sorted(kinds.items(), key=lambda x: (FACETS.index(x[0][0]), -x[1].total(), x[0]))
        return [(*kind, causes.total(), dict(causes.most_common())) for kind, causes in order]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in JSON types."""
        runs = zip(self.names, self.versions, self.only, strict=True)
        return {
            "runs": [{"name": name, "versions": versions, "only_here": only} for name, versions, only in runs],
            "compared": self.compared,
            "changed": len(self.cases),
            "other_text": self.texts,
            "text_not_known": self.untold,
            "repeated_ids": self.repeated,
            "moves": [dict(zip(("facet", "from", "to", "cases", "causes"), move, strict=True)) for move in self.moves()],
            "cases": [{"id": c.id, "title": c.title, "differs": list(c.parts), "changes": [_as_dict(x) for x in c.changes]} for c in self.cases],
        }


def said(view: View) -> str:
    """Return an outcome in words: the code, and in brackets a status that is not decided."""
    return view.code if view.status in ("decided", "gated") else f"{view.code} ({view.status})"


def _as_dict(change: Change) -> dict[str, Any]:
    return {
        "facet": change.facet,
        **{when: {"code": v.code, "status": v.status, "probability": v.probability} for when, v in (("before", change.before), ("after", change.after))},
        "cause": change.cause,
        "margin": {"of": change.toward, "over": change.away, "before_after": list(change.margin) if change.margin else None},
        "causes": [{"cause": cause, "log_odds": by} for cause, by in change.causes],
        "lines": [{"source": x.source, "name": x.name, "before": x.before, "after": x.after, "cause": x.cause} for x in change.lines[:SHOWN_LINES]],
        "more_lines": max(0, len(change.lines) - SHOWN_LINES),
    }


def diff_results(before: Path, after: Path) -> Diff:
    """Compare two result files, by the ids of their cases. Files are read twice, and only what changed is held in memory.

    Raises
    ------
    InputError
        Where a file cannot be read, or holds something else than results of `tagger tag`.
    """
    found = Diff((str(before), str(after)))
    repeated: list[str] = []
    seen = [_Seen(found.versions[i], sides_of(path, repeated=repeated)) for i, path in enumerate((before, after))]
    found.repeated = len(repeated)
    for one, other, only in ((seen[0], seen[1], found.only[0]), (seen[1], seen[0], found.only[1])):
        only += [key for key in one.outcomes if key not in other.outcomes]
    both = [key for key in seen[1].outcomes if key in seen[0].outcomes]
    found.compared = len(both)
    for key in both:
        first, second = seen[0].texts[key], seen[1].texts[key]
        found.untold += not (first and second)
        found.texts += bool(first and second and first != second)
    changed = {key for key in both if seen[0].outcomes[key] != seen[1].outcomes[key]}
    held = {side.id: side for side in sides_of(before, changed)}
    for side in sides_of(after, changed):
        earlier = held[side.id]
        alone = {f: threshold_alone(earlier.facets[f], side.facets[f], seen[0].least.get(f), seen[1].least.get(f)) for f in FACETS}
        if TEXT in changed_parts(earlier, side):
            alone = dict.fromkeys(FACETS, False)
        found.cases.append(_case(earlier, side, alone))
    return found


class _Seen:
    """What a first reading of a run keeps of each case: its outcome and its text's fingerprint; and of the run, its versions and least sure decisions."""

    def __init__(self, versions: dict[str, list[str]], sides: Iterable[Side]):
        self.outcomes: dict[str, tuple[tuple[str, str], ...]] = {}
        self.texts: dict[str, str] = {}
        self.least: dict[str, float] = {}
        for side in sides:
            self.outcomes[side.id] = tuple(side.facets[facet].outcome for facet in FACETS)
            self.texts[side.id] = side.sha256
            _note(versions, side)
            for facet, view in side.facets.items():
                if view.status != "abstained":
                    self.least[facet] = min(self.least.get(facet, 1.0), view.probability)


def _note(versions: dict[str, list[str]], side: Side) -> None:
    for part, version in side.versions.items():
        known = versions.setdefault(part, [])
        if version not in known:
            known.append(version)


def diff_models(before: Tagger, after: Tagger, cases: Iterable[Case], names: tuple[str, str]) -> Diff:
    """Compare two pipelines (two versions of a model, say) on the same texts; all lines of all codes are known, and what a threshold did is told exactly."""
    found = Diff(names)
    for case in cases:
        sha256 = fingerprint(case.text)
        (first, second), ledgers = zip(*(side_of_case(tagger, case, sha256) for tagger in (before, after)), strict=True)
        for versions, side in zip(found.versions, (first, second), strict=True):
            _note(versions, side)
        found.compared += 1
        if any(first.facets[facet].outcome != second.facets[facet].outcome for facet in FACETS):
            otherwise = views_of(ledgers[1], before.thresholds)
            alone = {facet: otherwise[facet].outcome == first.facets[facet].outcome for facet in FACETS}
            found.cases.append(_case(*_on_same_pairs((first, second), ledgers), alone, same_pairs=True))
    return found


def _on_same_pairs(sides: tuple[Side, Side], ledgers: tuple[Ledger, Ledger]) -> tuple[Side, Side]:
    """Give both sides the lines of the two pairs that it was decided between: the winners of both runs, or the less sure run's winner and its rival."""
    scores = [ledger.scores() for ledger in ledgers]
    winners = [ledger.pairs[int(s.argmax())] for ledger, s in zip(ledgers, scores, strict=True)]
    views: tuple[dict[str, View], dict[str, View]] = {}, {}
    for i, facet in enumerate(FACETS):
        old, new = (side.facets[facet] for side in sides)
        pairs = {old.code: winners[0], new.code: winners[1]}
        if old.code == new.code:
            unsure = int(old.probability >= new.probability)
            rival = _rival(ledgers[unsure], i, old.code)
            pairs = ({rival[i]: rival} if rival else {}) | {old.code: winners[unsure]}
        for held, view, ledger in zip(views, (old, new), ledgers, strict=True):
            held[facet] = on_pairs(view, ledger, pairs)
    return replace(sides[0], facets=views[0]), replace(sides[1], facets=views[1])


def _rival(ledger: Ledger, facet: int, code: str) -> tuple[str, str] | None:
    """Return the best pair without `code`; None where there is none."""
    others = [i for i, pair in enumerate(ledger.pairs) if pair[facet] != code]
    return ledger.pairs[max(others, key=ledger.scores().__getitem__)] if others else None


def _case(before: Side, after: Side, threshold: dict[str, bool], same_pairs: bool = False) -> CaseDiff:
    changed = [f for f in FACETS if before.facets[f].outcome != after.facets[f].outcome]
    changes = tuple(change_of(f, before, after, threshold[f], same_pairs) for f in changed)
    return CaseDiff(after.id, after.title or before.title, tuple(sorted(changed_parts(before, after))), changes)
