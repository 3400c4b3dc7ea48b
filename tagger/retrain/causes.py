"""Why a decision is another one than before: the change of a margin as an exact sum over ledger lines, each line laid to what changed it.

A code wins by its margin, the score of the one code less that of the other. Both scores are sums of lines in both runs, so the change of the margin is the sum
of what each line moved, and that says by how many log-odds each cause spoke for the change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tagger.retrain.sides import Key, Side, View, aligned

SAME = 1e-6  # log-odds, probability: below it nothing moved (results are written with 9 decimals)
TEXT, CODEBOOK, CUES, RULES, THRESHOLD, TAGGER, UNKNOWN = "text", "codebook", "cues", "rules", "threshold", "version of tagger", "not told apart"
SECOND = "second look"
WEIGHTS = {
    "word": "weights of words",
    "cue": "weights of cues",
    "fit": "corrections of rules",
    "base": "base rate",
    "rule": "temperature",
}
MODEL = "weights of the model"  # where it is not known which of them


@dataclass(frozen=True, slots=True)
class Moved:
    """A ledger line that moved: what it spoke for `toward` over `away` in either run (log-odds; 0 where it was not there), and what changed it."""

    source: str
    name: str
    before: float
    after: float
    cause: str

    @property
    def by(self) -> float:
        """How far it moved the margin, in log-odds; positive towards the new outcome."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Change:
    """A facet whose code or status is another.

    `toward` and `away` are the codes whose margin tells it: the new code and the old one; where only the status changed, the code and its rival ('' where
    there is none). `margin` is that margin before and after (None where a score is not known), `causes` says by how many log-odds each cause moved it,
    strongest for the change first; `lines` are all lines that moved, the farthest first.
    """

    facet: str
    before: View
    after: View
    toward: str
    away: str
    margin: tuple[float, float] | None
    causes: tuple[tuple[str, float], ...]
    lines: tuple[Moved, ...]

    @property
    def cause(self) -> str:
        """The cause that speaks most for the change."""
        return self.causes[0][0]


def changed_parts(before: Side, after: Side) -> frozenset[str]:
    """Return what differs between two runs of a case: text, codebook, cues, rules, model, version of tagger."""
    parts = {name if name != "tagger" else TAGGER for name in before.versions if before.versions[name] != after.versions.get(name)}
    if before.sha256 != after.sha256 and before.sha256 and after.sha256:
        parts.add(TEXT)
    return frozenset(parts)


def change_of(facet: str, before: Side, after: Side, by_threshold: bool = False, same_pairs: bool = False) -> Change:
    """Return why a facet has another code or status.

    Parameters
    ----------
    facet : str
    before, after : Side
        The same case in two runs.
    by_threshold : bool
        Whether it is known that with the thresholds of the other run the outcome were the same.
    same_pairs : bool
        Whether the lines of a code are those of one pair in both runs. Else they are those of its best pair, which may be another in each run, and then a base
        rate or a cue moves although its weights did not: what the model did is given as one sum then.
    """
    old, new = before.facets[facet], after.facets[facet]
    toward, away = _margin_of(old, new)
    margin = None
    if all(code in view.scores for code in (toward, away) for view in (old, new)):
        margin = old.scores[toward] - old.scores[away], new.scores[toward] - new.scores[away]
    parts = changed_parts(before, after)
    lines = _moved(old, new, toward, away, parts, before.mentions != after.mentions, same_pairs)
    sums: dict[str, float] = {}
    for line in lines:
        sums[line.cause] = sums.get(line.cause, 0.0) + line.by
    if margin is not None and abs(rest := margin[1] - margin[0] - math.fsum(line.by for line in lines)) > SAME:
        cause = _whole(parts)
        sums[cause] = sums.get(cause, 0.0) + rest
    causes = sorted(((cause, by) for cause, by in sums.items() if abs(by) > SAME), key=lambda x: -x[1])
    if by_threshold:
        causes = [(THRESHOLD, 0.0), *causes]
    elif not causes or causes[0][1] <= 0:
        causes = [(_unseen(old, new, margin, parts), 0.0), *causes]
    return Change(facet, old, new, toward, away, margin, tuple(causes), lines)


def _margin_of(old: View, new: View) -> tuple[str, str]:
    """The two codes whose margin tells the change: new over old; of one code that became surer it over its rival, less sure its rival over it."""
    if old.code != new.code:
        return new.code, old.code
    unsure = old if old.probability < new.probability else new
    rival = unsure.best_but(new.code) or ""
    return (new.code, rival) if unsure is old else (rival, new.code)


def _moved(old: View, new: View, toward: str, away: str, parts: frozenset[str], found: bool, same_pairs: bool) -> tuple[Moved, ...]:
    """Return the lines that moved, of the two codes as far as both runs hold their ledgers."""
    before: dict[Key, float] = {}
    after: dict[Key, float] = {}
    steady: dict[Key, bool] = {}
    for code, sign in ((toward, 1.0), (away, -1.0)):
        if code in old.lines and code in new.lines:
            first, second = aligned(old.lines[code], new.lines[code])
            for lines, total in ((first, before), (second, after)):
                for key, weight in lines.items():
                    total[key] = total.get(key, 0.0) + sign * weight
                    steady[key] = steady.get(key, True) and key in first and key in second
    moved = []
    for key, both in steady.items():
        if abs(after.get(key, 0.0) - before.get(key, 0.0)) > SAME:
            cause = _cause(key[0], both, parts, found)
            if cause == "model":
                cause = WEIGHTS.get(key[0], MODEL) if same_pairs else MODEL
            moved.append(Moved(*key, before.get(key, 0.0), after.get(key, 0.0), cause))
    return tuple(sorted(moved, key=lambda line: (-abs(line.by), line.source, line.name)))


def _cause(source: str, both: bool, parts: frozenset[str], found: bool) -> str:
    """Return what changed a line: the likeliest of the parts that did change.

    `both`: the line is in both runs, so its weight changed, else it came or went; `found`: other cues were found. A rule's line that weighs otherwise is laid
    to rules.toml if that changed, although a new temperature scales it, too.
    """
    if (only := _only(parts)) is not None:
        return only
    order = ("model", TEXT) if both else (TEXT, "model")
    if source == "rule":
        order = (RULES, "model") if both else (TEXT, CUES, RULES, CODEBOOK, "model") if found else (RULES, CODEBOOK, CUES, "model")
    elif source in ("cue", "fit") and not both:
        order = (TEXT, CUES, "model", RULES) if found else ("model", RULES, CODEBOOK)
    elif source == "neural":
        order = (SECOND, "model", TEXT)
    elif source == "base":
        order = ("model", RULES, CODEBOOK)
    return next((part for part in order if part in parts), UNKNOWN)


def _only(parts: frozenset[str]) -> str | None:
    """The one thing that changed; None where it is none or several."""
    return next(iter(parts)) if len(parts) == 1 else None


def _whole(parts: frozenset[str]) -> str:
    """The cause of what no line tells."""
    only = _only(parts)
    return UNKNOWN if only is None else MODEL if only == "model" else only


def _unseen(old: View, new: View, margin: tuple[float, float] | None, parts: frozenset[str]) -> str:
    """The cause of a change that no line speaks for."""
    if old.code == new.code and abs(old.probability - new.probability) <= SAME:
        return THRESHOLD  # as sure as before, and yet it was taken once and once not
    if margin is None and CODEBOOK in parts:
        return CODEBOOK  # a code of the one run is unknown to the other
    return _whole(parts)


def threshold_alone(before: View, after: View, least_before: float | None, least_after: float | None) -> bool:
    """Return whether a change between taken and abstained is one of thresholds: the abstained one is as sure as the other run's least sure decision."""
    if before.code != after.code or (before.status == "abstained") == (after.status == "abstained"):
        return False
    unsure, least = (before, least_after) if before.status == "abstained" else (after, least_before)
    return least is not None and unsure.probability >= least - SAME
