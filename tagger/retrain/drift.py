"""Drift: how far a batch is from what a model was trained on, read off counts that stand beside the model; no text of the training data is needed.

What is compared, each as a distribution over bins: the share of words that the model does not know, how many cue values are stated (none is a bin of its
own), each cue's rate, the codes proposed, and how probable they are. Training data come in samples of different kinds (a wiki, a directory, authored texts),
and a batch is usually of one kind: so it is held to the sample that it is nearest to, and drifts where it is unlike all of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tagger.codebook import FACETS
from tagger.coding.classifier import Weights
from tagger.errors import ModelError
from tagger.learning.labelled import Labelled
from tagger.learning.train import Seen

FORMAT = 1
ALL = "all"
LEAST = 100  # cases that a sample must have to be one to compare with
UNKNOWN, CUES = "unknown words", "stated cue values"
_NUMBERS = (UNKNOWN, *(f"probability of {facet}" for facet in FACETS))
_BINS = 10
_MOST_CUES = 5  # this many or more stated values are one bin


@dataclass(frozen=True, slots=True)
class Facts:
    """What drift looks at in one case: share of its words that the model does not know, stated cue values (cue, value), and by facet the proposed code and its
    probability (None: not known).
    """

    unknown: float
    cues: frozenset[tuple[str, str]]
    proposed: Mapping[str, tuple[str, float]] | None


def drift_reference(labelled: Sequence[Labelled], seen: Sequence[Seen], weights: Weights, held_out: np.ndarray | None = None) -> dict[str, Any]:
    """Return the numbers of the training data that a batch is later compared with, in JSON types (a few kB).

    Parameters
    ----------
    labelled : sequence of Labelled, length n
    seen : sequence of Seen, length n
        The same cases with their features.
    weights : Weights
    held_out : ndarray of shape (n, P), optional
        Probability of each pair by a model that has not seen the case (:meth:`tagger.learning.fitting.Fitted.probabilities`).
        Without it codes and probabilities are not compared: a model is surer of the cases that it learned from than of any new one, so that every batch would
        seem to drift.
    """
    facts = _trained(labelled, seen, weights, held_out)
    edges = {name: _edges([_number(fact, name) for fact in facts]) for name in _NUMBERS if name == UNKNOWN or held_out is not None}
    features = _features(facts, edges)
    sizes = Counter(x.set for x in labelled)
    samples = {ALL: range(len(facts))}
    samples |= {name: [i for i, x in enumerate(labelled) if x.set == name] for name, size in sorted(sizes.items()) if name and LEAST <= size < len(facts)}
    return {"format": FORMAT, "features": features, "samples": {name: _sample([facts[i] for i in at], features) for name, at in samples.items()}}


def _sample(facts: Sequence[Facts], features: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, Any]:
    rows = [binned(fact, features) for fact in facts]
    counts = {name: np.bincount([row[name] for row in rows if name in row], minlength=_size(feature)).tolist() for name, feature in features.items()}
    return {"cases": len(facts), "unknown": round(float(np.mean([fact.unknown for fact in facts])), 6), "counts": counts}


def reference_bytes(reference: Mapping[str, Any]) -> bytes:
    """Return a reference as the file that stands beside a model; the same numbers give the same bytes."""
    return (json.dumps(reference, ensure_ascii=True, sort_keys=True) + "\n").encode()


def read_reference(data: bytes) -> dict[str, Any]:
    """Return the reference in the bytes of a file.

    Raises
    ------
    ModelError
        If they are none, or of another format.
    """
    try:
        found = json.loads(data)
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']!r}, this version of tagger reads {FORMAT}")
        for sample in found["samples"].values():
            if not sample["cases"] >= 1 or not 0 <= sample["unknown"] <= 1:
                raise ValueError("a sample without a case, or a share that is none")
            for name, feature in found["features"].items():
                counts = sample["counts"][name]
                if len(counts) != _size(feature) or not all(isinstance(n, int) and n >= 0 for n in counts):
                    raise ValueError(f"counts of {name!r} are not those of its bins")
        if ALL not in found["samples"] or not {UNKNOWN, CUES} <= found["features"].keys():
            raise ValueError("something is missing")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as why:
        told = f"{type(why).__name__}: {why}"
        raise ModelError(f"the numbers to compare a batch with cannot be read ({told}); restore the model's folder or train anew") from None
    return found


def _trained(labelled: Sequence[Labelled], seen: Sequence[Seen], weights: Weights, held_out: np.ndarray | None) -> list[Facts]:
    """The facts of training cases as if their initiative had not been trained on: what only it has would be unknown then."""
    vocabulary = [{word for word in s.words if " " not in word} for s in seen]
    spread: dict[str, Counter[str]] = {}
    for x, words in zip(labelled, vocabulary, strict=True):
        for word in words & weights.words.columns.keys():
            spread.setdefault(word, Counter())[x.group] += 1
    totals = {word: groups.total() for word, groups in spread.items()}
    least = min(totals.values(), default=1)  # in how many cases a word must be to be learned
    facts = []
    for i, (x, s) in enumerate(zip(labelled, seen, strict=True)):
        known = {word for word in vocabulary[i] if word in totals and totals[word] - spread[word][x.group] >= least}
        proposed = None if held_out is None else proposals(weights.pairs, held_out[i])
        facts.append(Facts(unknown_share(s.words, known), stated(s.marks), proposed))
    return facts


def unknown_share(terms: Iterable[str], known: Iterable[str]) -> float:
    """Return the share of the words among `terms` that are not among `known` (pairs of words do not count), in [0, 1]; 0 for no word."""
    words = [term for term in terms if " " not in term]
    return sum(word not in known for word in words) / len(words) if words else 0.0


def stated(marks: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return the cue values that the marks of a case state (not those that it denies or says of somebody else)."""
    found = (mark.removeprefix("cue:").partition("=") for mark in marks if mark.startswith("cue:") and "@" not in mark)
    return frozenset((cue, value) for cue, _, value in found)


def proposals(pairs: Sequence[tuple[str, str]], shares: np.ndarray) -> dict[str, tuple[str, float]]:
    """Return code and probability that go to each facet with the best pair, as :func:`tagger.coding.decide.decide` gives them; `shares` has shape (P,)."""
    winner = pairs[int(shares.argmax())]
    return {facet: (winner[i], float(sum(s for p, s in zip(pairs, shares, strict=True) if p[i] == winner[i]))) for i, facet in enumerate(FACETS)}


def _number(fact: Facts, name: str) -> float:
    if name == UNKNOWN:
        return fact.unknown
    return fact.proposed[name.removeprefix("probability of ")][1] if fact.proposed else 0.0


def _edges(values: Sequence[float]) -> list[float]:
    """The inner edges of bins with about as many values each."""
    return sorted({round(float(edge), 6) for edge in np.quantile(values, np.arange(1, _BINS) / _BINS)})


def _features(facts: Sequence[Facts], edges: Mapping[str, list[float]]) -> dict[str, dict[str, list[Any]]]:
    """What the bins are: `edges` of a number, `codes` of what has names; one more bin takes codes that training does not know."""
    features: dict[str, dict[str, list[Any]]] = {name: {"edges": found} for name, found in edges.items()}
    features[CUES] = {"edges": [n + 0.5 for n in range(_MOST_CUES)]}
    for cue in sorted({cue for fact in facts for cue, _ in fact.cues}):
        features[f"cue {cue}"] = {"codes": ["stated", "not stated"]}
    if any(fact.proposed for fact in facts):
        features |= {f"{facet} proposed": {"codes": sorted({fact.proposed[facet][0] for fact in facts if fact.proposed})} for facet in FACETS}
    return features


def binned(fact: Facts, features: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, int]:
    """Return the bin of a case in each feature; a feature that is not known of it is left out."""
    bins: dict[str, int] = {}
    cues = {cue for cue, _ in fact.cues}
    for name, feature in features.items():
        if name == CUES:
            bins[name] = int(np.searchsorted(feature["edges"], len(fact.cues)))
        elif name.startswith("cue "):
            bins[name] = int(name.removeprefix("cue ") not in cues)
        elif name == UNKNOWN or (fact.proposed and name in _NUMBERS):
            bins[name] = int(np.searchsorted(feature["edges"], _number(fact, name), side="right"))
        elif fact.proposed:
            code, codes = fact.proposed[name.removesuffix(" proposed")][0], list(feature["codes"])
            bins[name] = codes.index(code) if code in codes else len(codes)
    return bins


def _size(feature: Mapping[str, Sequence[Any]]) -> int:
    return len(feature.get("edges", feature.get("codes", ()))) + 1
