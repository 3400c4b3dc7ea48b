"""The whole of training: what words mean in all texts, the weights of the codes, and the weights of the cue codes over the same columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tagger.case import Case
from tagger.codebook import Codebook
from tagger.coding.classifier import Weights
from tagger.coding.decide import probabilities
from tagger.coding.features import words_of
from tagger.learning.cue_training import train_cue_codes
from tagger.learning.labelled import Labelled, with_pages
from tagger.learning.train import Design, Seen, Settings, prepare, trained
from tagger.learning.vectors import Vectors, learned_vectors, pretrained_vectors


@dataclass(frozen=True)
class Fitted:
    """Weights without cue codes yet, and what they were fitted on: the training matrix and the fold of each case (n,).

    `held_out` (n, P) are uncalibrated scores by models that have not seen the case's fold.
    """

    weights: Weights
    held_out: np.ndarray
    cases: Sequence[Labelled]
    built: Design
    folds: np.ndarray
    settings: Settings

    def probabilities(self) -> np.ndarray:
        """Return the probability of each pair by a model that has not seen the case's fold, shape (n, P)."""
        return np.array([probabilities(row / self.weights.temperature) for row in self.held_out])

    def with_cue_codes(self, codebook: Codebook) -> Weights:
        """Return the weights with those of cue codes, which take as long to fit as all else and decide nothing."""
        return replace(self.weights, cues=train_cue_codes(self.cases, self.built, self.folds, codebook, self.settings))


def fitted(
    cases: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    settings: Settings,
    vectors: Sequence[Vectors] = (),
    groups: Sequence[str] | None = None,
) -> Fitted:
    """Return weights trained on `cases`, of which `seen` are the features (:func:`tagger.learning.train.look_at`).

    `groups` (n,) are as :func:`tagger.codings.splits.joined` makes them; found anew where left out.
    """
    built, folds = prepare(cases, seen, codebook, settings, vectors, groups)
    return Fitted(*trained(cases, codebook, settings, built, folds), cases, built, folds, settings)


def vectors_of(texts: list[list[str]], cases: Iterable[Labelled], pretrained: bool) -> list[Vectors]:
    """Return what words mean, learned from all texts (their words), and where asked for from elsewhere, too.

    Raises
    ------
    InputError
        Where the package with pretrained vectors is asked for and missing.
    """
    own = [words_of(x.case.text) for x in cases if x.case.page is None]  # pages are among the texts
    found = [learned_vectors([*texts, *own])]
    if pretrained:
        found.append(pretrained_vectors(word for words in own for word in words))
    return [vectors for vectors in found if vectors is not None]


def pages_and_words(dump: Path, cases: list[Labelled]) -> tuple[list[Labelled], list[list[str]]]:
    """Read a dump once: return the cases that are pages of it, as pages, and the words of every page."""
    texts: list[list[str]] = []
    return with_pages(cases, noting_words(dump, texts)), texts


def noting_words(dump: Path, texts: list[list[str]]) -> Iterator[Case]:
    """Yield the pages of a dump, and add the words of each to `texts`."""
    from tagger.reading import read

    for record in read([dump]):
        if isinstance(record, Case):
            texts.append([sys.intern(word) for word in words_of(record.text)])  # one string a word, not one an occurrence
            yield record
