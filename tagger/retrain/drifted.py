"""A batch held to the training data: one figure a feature, and the cases that differ most."""

from __future__ import annotations

import hashlib
import heapq
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tagger.case import Case, Decision
from tagger.coding.classifier import Weights
from tagger.coding.features import cue_marks, word_terms
from tagger.coding.model_manifest import DRIFT, current_folder, read_manifest, read_part
from tagger.errors import ModelError
from tagger.pipeline import Tagger, released_models
from tagger.retrain.drift import ALL, CUES, Facts, binned, read_reference, stated, unknown_share
from tagger.retrain.stability import CONFIDENCE, psi, psi_by_chance

MODERATE, STRONG = 0.1, 0.25
LEAST = 50  # cases; fewer say nothing of a batch
SHOWN = 10
SOUGHT = 4_000  # cases among which those that differ most are sought
TOGETHER = 1000  # cases counted at a time


@dataclass(frozen=True, slots=True)
class Shift:
    """A feature of a batch against the sample: population stability index (at least 0), how large it is by chance alone at most (99 % of
    batches, all features together), and how strong a shift that is: '' (none), moderate, strong.
    """

    feature: str
    index: float
    chance: float

    @property
    def strength(self) -> str:
        """By the usual limits of 0.1 and 0.25, where chance alone does not explain it."""
        return "" if self.index <= max(self.chance, MODERATE) else "moderate" if self.index <= STRONG else "strong"


@dataclass(frozen=True, slots=True)
class Unlike:
    """A case that is far more usual in the batch than in training: `surprise` is the logarithm of how many times, over all features as if they were
    independent; `features` are those that speak most for it.
    """

    id: str
    title: str
    surprise: float
    unknown: float
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a batch is from the training data.

    `sample` is the sample of the training data that it is nearest to, with `trained` cases; `unknown` and `without_cues` are (batch, sample): the mean share of
    unknown words, and the share of cases that state no cue value. `shifts` are all features, the farthest first; `unlike` the cases that differ most.
    `compared` tells whether codes and probabilities were compared, too.
    """

    cases: int
    sample: str
    trained: int
    unknown: tuple[float, float]
    without_cues: tuple[float, float]
    shifts: tuple[Shift, ...]
    unlike: tuple[Unlike, ...]
    compared: bool

    @property
    def drifted(self) -> tuple[Shift, ...]:
        """The features that shifted, the farthest first."""
        return tuple(shift for shift in self.shifts if shift.strength)

    @property
    def sentence(self) -> str:
        """What a user must know, in one line; '' where nothing shifted."""
        if not self.drifted:
            return ""
        named = ", ".join(f"{s.feature} ({s.index:.2f}, {s.strength})" for s in self.drifted[:3])
        more = f" and {len(self.drifted) - 3} more" if len(self.drifted) > 3 else ""
        nearest = "the training data" if self.sample == ALL else f"the training sample nearest to them ({self.sample})"
        return f"these {self.cases} cases are unlike {nearest} in {named}{more}: have a random share of them reviewed before relying on what is proposed"

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in JSON types."""
        return asdict(self) | {"shifts": [asdict(s) | {"strength": s.strength} for s in self.shifts], "sentence": self.sentence}


class Watch:
    """Takes the cases of a batch one by one and says how far they are from the training data.

    All figures are of all cases.  Those that differ most are sought among `SOUGHT` cases at most, drawn by a hash of their ids: memory stays flat.

    Parameters
    ----------
    reference : mapping
        As :func:`tagger.retrain.drift.drift_reference` gives it.
    weights : Weights
        Of the same model.
    opposites : mapping of (cue, value) to value
        Of the codebook: what denying a value states.
    proposed : bool
        Whether codes and probabilities are compared; not those of a second look, for the reference was made without one.
    """

    def __init__(self, reference: Mapping[str, Any], weights: Weights, opposites: Mapping[tuple[str, str], str], proposed: bool = True):
        self._proposed = proposed
        self._reference, self._weights, self._opposites = reference, weights, opposites
        self._names = tuple(reference["features"])
        self._number = 0
        self._unknown_words: list[float] = []  # sums of `TOGETHER` cases each, the last one of fewer
        self._uncounted: list[Sequence[int]] = []  # -1: not known
        samples = reference["samples"][ALL]["counts"]
        self._counts = {name: np.zeros(len(samples[name]), dtype=np.int64) for name in self._names}
        self._drawn: list[tuple[int, int, bytes, str, str, float]] = []  # a heap, whose first is the next to go

    def add(self, decision: Decision) -> None:
        """Take a decision."""
        self.add_facts(decision.case, self._facts(decision))

    def piece(self, decision: Decision) -> bytes:
        """Return on one line what `add_piece` of another watch takes: so workers watch their shares of a batch, and one watch tells of the whole."""
        case, facts = decision.case, self._facts(decision)
        return json.dumps([self._bins(facts), case.id, case.title, facts.unknown]).encode() + b"\n"

    def add_piece(self, piece: bytes) -> None:
        """Take a decision as `piece` told it."""
        self._take(*json.loads(piece))

    def _facts(self, decision: Decision) -> Facts:
        proposed = {"economy": (decision.economy.code, decision.economy.probability), "model": (decision.model.code, decision.model.probability)}
        return Facts(self._unknown(decision.case), stated(cue_marks(decision.mentions, self._opposites)), proposed if self._proposed else None)

    def _unknown(self, case: Case) -> float:
        return unknown_share(word_terms(case), self._weights.words.columns)

    def add_facts(self, case: Case, facts: Facts) -> None:
        """Take the facts of a case."""
        self._take(self._bins(facts), case.id, case.title, facts.unknown)

    def _bins(self, facts: Facts) -> list[int]:
        bins = binned(facts, self._reference["features"])
        return [bins.get(name, -1) for name in self._names]

    def _take(self, bins: Sequence[int], id: str, title: str, unknown: float) -> None:
        self._number += 1
        self._unknown_words.append(unknown)
        self._uncounted.append(bins)
        if len(self._uncounted) >= TOGETHER:
            self._count()
        drawn = -int.from_bytes(hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        case = (drawn, -self._number, np.array(bins, dtype=np.int16).tobytes(), id, title, unknown)
        if len(self._drawn) < SOUGHT:
            heapq.heappush(self._drawn, case)
        else:
            heapq.heappushpop(self._drawn, case)

    def _count(self) -> None:
        for (name, counted), column in zip(self._counts.items(), np.array(self._uncounted, dtype=np.int16).T, strict=True):
            self._counts[name] = counted + np.bincount(column[column >= 0], minlength=len(counted))
        new = len(self._uncounted)
        self._unknown_words[-new:] = [math.fsum(self._unknown_words[-new:])]
        self._uncounted.clear()

    def report(self, shown: int = SHOWN) -> Drift | None:
        """Return how far the batch is from the training data, with the `shown` cases that differ most; None for fewer than `LEAST` cases."""
        if self._number < LEAST:
            return None
        if self._uncounted:
            self._count()
        samples, counts = self._reference["samples"], self._counts
        found = {sample: self._shifts(counts, held["counts"]) for sample, held in samples.items()}
        sample = min(found, key=lambda name: (sum(shift.index for shift in found[name]), name != ALL))
        held = samples[sample]
        return Drift(
            cases=self._number,
            sample=sample,
            trained=held["cases"],
            unknown=(math.fsum(self._unknown_words) / self._number, held["unknown"]),
            without_cues=(float(counts[CUES][0] / self._number), held["counts"][CUES][0] / held["cases"]),
            shifts=tuple(sorted(found[sample], key=lambda shift: (-shift.index, shift.feature))),
            unlike=self._unlike(counts, held["counts"], shown),
            compared=self._proposed and "model proposed" in self._names,
        )

    def _shifts(self, counts: Mapping[str, np.ndarray], held: Mapping[str, Sequence[int]]) -> list[Shift]:
        shifts, sure = [], 1 - (1 - CONFIDENCE) / len(counts)  # Bonferroni: of many features one or the other is far off by chance
        for name, actual in counts.items():
            expected = np.asarray(held[name])
            used = int(((actual + expected) > 0).sum())
            if actual.sum() and expected.sum():
                shifts.append(Shift(name, psi(expected, actual), psi_by_chance(int(expected.sum()), int(actual.sum()), used, sure)))
        return shifts

    def _unlike(self, counts: Mapping[str, np.ndarray], held: Mapping[str, Sequence[int]], shown: int) -> tuple[Unlike, ...]:
        """The cases whose bins are most overfull: the terms of the index, as its log ratio, added up by case."""
        drawn = sorted(self._drawn, key=lambda case: -case[1])  # as they came
        rows = np.frombuffer(b"".join(case[2] for case in drawn), dtype=np.int16).reshape(len(drawn), -1)
        tables = [np.append(_log_shares(counts[name]) - _log_shares(held[name]), 0.0) for name in self._names]  # at -1: not known
        total = np.zeros(len(drawn))
        for column, table in zip(rows.T, tables, strict=True):  # one by one: all at once would be the largest thing in memory
            total += table[column]
        found = []
        for i in sorted(range(len(drawn)), key=lambda i: (-total[i], -drawn[i][5], i))[:shown]:
            if total[i] > 0:
                ratio = np.array([table[at] for table, at in zip(tables, rows[i], strict=True)])
                speak = [self._names[j] for j in np.argsort(-ratio, kind="stable")[:3] if ratio[j] > 0]
                found.append(Unlike(drawn[i][3], drawn[i][4], float(total[i]), drawn[i][5], tuple(speak)))
        return tuple(found)


def _log_shares(counted: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the logarithms of the shares, half a case added to each so that none is empty."""
    some = np.asarray(counted, dtype=float) + 0.5
    return np.log(some / some.sum())


def reference_of(models: Path | None) -> dict[str, Any]:
    """Return the numbers that stand beside the model in use, held to the hash in its manifest.

    Parameters
    ----------
    models : Path, optional
        Folder of models; the released one by default.

    Raises
    ------
    ModelError
        Where no model is in use, or it has no such numbers.
    """
    folder = current_folder(models or released_models())
    if folder is None:
        raise ModelError(f"{models or released_models()}: no model is in use, so there are no training data to compare with; the rules alone decide")
    manifest = read_manifest(folder)
    if DRIFT not in manifest["files"]:
        raise ModelError(f"{folder}: has no numbers of its training data beside it ({DRIFT}); a model that is trained now has them")
    return read_reference(read_part(folder, manifest, DRIFT))


def watch_for(models: Path | None, tagger: Tagger) -> Watch | None:
    """Return a watch over what `tagger`, loaded from `models`, is going to tag; None where there are no numbers to compare with."""
    folder = current_folder(models or released_models())
    if folder is None or tagger.weights is None or DRIFT not in read_manifest(folder)["files"]:
        return None
    return Watch(reference_of(models), tagger.weights, tagger.codebook.opposites, proposed=tagger.second is None)
