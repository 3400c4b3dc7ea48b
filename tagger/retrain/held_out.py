"""What a candidate is measured on: initiatives that it has not learned from, those that were drawn at random first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tagger.codebook import Codebook
from tagger.codings.splits import fold_of, joined
from tagger.learning.labelled import Labelled, trainable
from tagger.registry.versions import group_digest
from tagger.retrain.gather import AUDIT

LEAST = 20  # initiatives, below which nothing can be told from a sample
PARTS = 5  # one of them is held out where nothing else is

Grouped = tuple[Labelled, str]  # a case and its initiative, joined with those that near-duplicates tie to it


@dataclass(frozen=True)
class Split:
    """The cases to train on and those that are held out by their sets, each with its group; `left` counts the others by reason.

    `digests` maps each group to those of all its initiatives (:func:`tagger.registry.versions.group_digest`), so that a case is known as seen by a model that
    learned from a near-duplicate.
    """

    train: list[Grouped]
    held: list[Grouped]
    left: dict[str, int]
    digests: dict[str, frozenset[str]]


@dataclass(frozen=True)
class Sample:
    """Cases to measure on; `fifth` tells that they are among those to train on, and must be left out of what is measured."""

    title: str
    cases: list[Grouped]
    fifth: bool = False

    @property
    def groups(self) -> set[str]:
        """The initiatives."""
        return {group for _, group in self.cases}


def split(cases: Sequence[Labelled], codebook: Codebook) -> Split:
    """Return what is trained on and what is held out."""
    groups = joined([x.group for x in cases], [x.case.text for x in cases])
    kept, left = trainable(cases, codebook, groups)
    trained = set(map(id, kept))
    pairs = list(zip(cases, groups, strict=True))
    digests: dict[str, set[str]] = {}
    for x, group in pairs:
        digests.setdefault(group, set()).add(group_digest(x.group))
    held = [(x, group) for x, group in pairs if x.held_out and codebook.allowed(*x.pair)]
    return Split([pair for pair in pairs if id(pair[0]) in trained], held, left, {group: frozenset(found) for group, found in digests.items()})


def samples(found: Split, seed: int = 0) -> list[Sample]:
    """Return the samples to compare models on; the first must be large enough to tell anything.

    It is the first of these that has `LEAST` initiatives: what people coded of a review's random share; all that is held out and was drawn at random; all that
    is held out; a fifth of the initiatives to train on, by hash of `seed` and name, so that it stays the same as cases come in. Where it is not all that is
    held out, all that is held out comes second: it holds more of the rare codes.
    """
    wanted: list[tuple[str, Callable[[Labelled], bool]]] = [
        ("the random audit share of the review", lambda x: x.set == AUDIT),
        ("held-out cases drawn at random", lambda x: x.random is True or x.set.endswith("random")),
        ("all held-out cases", lambda x: True),
    ]
    every = Sample(wanted[-1][0], found.held)
    for title, belongs in wanted:
        sample = Sample(title, [(x, group) for x, group in found.held if belongs(x)])
        if len(sample.groups) >= LEAST:
            return [sample] if len(sample.cases) == len(every.cases) else [sample, every]
    fifth = [(x, group) for x, group in found.train if fold_of(f"held out {seed} of {group}", PARTS) == 0]
    return [Sample("a fifth of the initiatives, drawn by hash", fifth, fifth=True)]


def unseen(sample: Sample, found: Split, saw: frozenset[str]) -> Sample:
    """Return the part of a sample that a model has not learned from, which saw the initiatives of these digests; the sample itself where that is all of it."""
    cases = [(x, group) for x, group in sample.cases if not found.digests[group] & saw]
    if len(cases) == len(sample.cases):
        return sample
    return Sample(f"{sample.title}, without what the model in use was trained on", cases, sample.fifth)
