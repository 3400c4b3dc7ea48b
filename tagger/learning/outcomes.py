"""Outcomes: what a model says of labelled cases, beside what their coders said; every figure of an evaluation is read off this one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tagger.codebook import Codebook
from tagger.coding.decide import Thresholds, probabilities, says_enough
from tagger.coding.encoder import Encoder
from tagger.coding.ledger import Ledger
from tagger.codings.splits import fold_of, joined
from tagger.errors import InputError
from tagger.learning.folds import cross_fitted, learned_mask
from tagger.learning.labelled import Labelled
from tagger.learning.second_look_training import looked_again
from tagger.learning.train import Seen, Settings
from tagger.learning.tuned_look import Tuned
from tagger.learning.vectors import Vectors

if TYPE_CHECKING:
    from tagger.pipeline import Tagger


@dataclass(frozen=True)
class Outcomes:
    """Labelled cases with the probabilities that a model gave them.

    Parameters
    ----------
    ids : tuple of str, length n
    truth : tuple of (economy, model), length n
    groups : tuple of str, length n
        The initiative, joined with those that near-duplicates tie to it: the unit of folds and of the bootstrap.
    sources : tuple of str, length n
        The set or source that each case came from.
    random : tuple of (bool or None), length n
        Whether the case was drawn at random; None where nobody recorded it.
    pairs : tuple of (economy, model), length P
        What the columns of `probabilities` are.
    probabilities : ndarray of shape (n, P)
        Rows sum to 1: softmax of score / temperature.
    enough : ndarray of bool, shape (n,), optional
        Whether the text says enough to decide on (:func:`tagger.coding.decide.says_enough`); None: all do.
    thresholds : Thresholds
        When a decision is taken.
    """

    ids: tuple[str, ...]
    truth: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    random: tuple[bool | None, ...]
    pairs: tuple[tuple[str, str], ...]
    probabilities: np.ndarray
    enough: np.ndarray | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __len__(self) -> int:
        return len(self.ids)

    def codes(self, facet: int) -> tuple[str, ...]:
        """Return the codes of a facet (0 economy, 1 model), in the order of the pairs."""
        return tuple(dict.fromkeys(pair[facet] for pair in self.pairs))

    def facet(self, facet: int) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the codes (C) of a facet and their probabilities (n, C): a code has the share of all pairs that hold it."""
        codes = self.codes(facet)
        shares = np.zeros((len(self), len(codes)))
        for column, pair in enumerate(self.pairs):  # added in the order of `decide`, so that sums are the same to the last bit
            shares[:, codes.index(pair[facet])] += self.probabilities[:, column]
        return codes, shares

    def labels(self, facet: int) -> np.ndarray:
        """Return the true codes of a facet, shape (n,)."""
        return np.array([pair[facet] for pair in self.truth], dtype=str)

    def best(self, facet: int) -> np.ndarray:
        """Return the code that is proposed for each case, abstained or not, shape (n,): that of the best pair, which need not be the likeliest code."""
        names = np.array([pair[facet] for pair in self.pairs], dtype=str)
        return names[self.probabilities.argmax(axis=1)]

    def confidence(self, facet: int) -> np.ndarray:
        """Return the probability of the proposed code, in [0, 1], shape (n,)."""
        codes, shares = self.facet(facet)
        at = np.array([codes.index(pair[facet]) for pair in self.pairs], dtype=int)[self.probabilities.argmax(axis=1)]
        return np.minimum(1.0, shares[np.arange(len(self)), at])

    def decided(self, facet: int) -> np.ndarray:
        """Return whether each case is decided or gated, not abstained, shape (n,), by the rule of :func:`tagger.coding.decide.decide`."""
        sure = self.confidence(facet) >= self.thresholds.decide
        return sure if self.enough is None else sure & self.enough

    def take(self, index: Sequence[int] | np.ndarray) -> Outcomes:
        """Return the outcomes of some cases: their places, or a mask of length n."""
        at = np.arange(len(self))[np.asarray(index, dtype=None if len(index) else int)]
        rows = {name: tuple(getattr(self, name)[i] for i in at) for name in ("ids", "truth", "groups", "sources", "random")}
        return replace(self, **rows, probabilities=self.probabilities[at], enough=None if self.enough is None else self.enough[at])


def outcomes_of(tagger: Tagger, labelled: Sequence[Labelled], groups: Sequence[str] | None = None) -> Outcomes:
    """Return what a loaded model says of labelled cases, exactly as `tagger tag` would.

    `groups` (n,), where known, are as :func:`tagger.codings.splits.joined` makes them.

    Raises
    ------
    InputError
        Where there is no case.
    """
    groups = _groups(labelled) if groups is None else groups
    scores, enough = _read_off((tagger.ledger(x.case)[0] for x in labelled), tagger.thresholds)
    return _outcomes(labelled, groups, tagger.pairs, scores, enough, tagger.thresholds)


def cross_validated(
    labelled: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    settings: Settings | None = None,
    thresholds: Thresholds | None = None,
    share: float = 1.0,
    vectors: Sequence[Vectors] = (),
    second: Encoder | Tuned | None = None,
) -> Outcomes:
    """Return what models say of cases that they have not seen: neither the case, nor its initiative, nor a near-duplicate.

    Each fold is decided by a model whose vocabulary, topics and weights come from the other folds.  Its temperature is fitted to the held-out scores
    of the other folds, as that of `train` is to the held-out scores of all.

    Parameters
    ----------
    labelled : sequence of Labelled, length n
        With pairs that the codebook allows (:func:`tagger.learning.labelled.trainable`).
    seen : sequence of Seen, length n
        The same cases with their features.
    codebook : Codebook
    settings : Settings, optional
        `folds` of them.
    thresholds : Thresholds, optional
    share : float in (0, 1]
        Share of the initiatives outside of a fold that its model learns from, for a learning curve; a smaller share is part of a larger one.
    vectors : sequence of Vectors
        What words mean, learned from texts without labels.
    second : Encoder or Tuned, optional
        What a second look at what is left undecided is made of; a fine-tuned one looks at the cases alone that it was held out of.

    Raises
    ------
    InputError
        Where there is no case, or a fold has nothing to learn from.
    ModelError
        Where a fine-tuned second look cannot be weighed.
    """
    thresholds, pairs = thresholds or Thresholds(), tuple(codebook.pairs)
    fitted = cross_fitted(labelled, seen, codebook, settings, thresholds, share, vectors)
    scores = fitted.scores if second is None else looked_again(labelled, fitted, pairs, second, thresholds, settings or Settings())
    return _outcomes(labelled, fitted.groups, pairs, scores, fitted.enough, thresholds)


def learned_from(groups: Sequence[str], settings: Settings, share: float = 1.0) -> int:
    """Return how many cases the models of :func:`cross_validated` learned from, on average over the folds."""
    folds, learned = np.array([fold_of(group, settings.folds) for group in groups]), learned_mask(groups, share)
    return round(float(np.mean([(learned & (folds != fold)).sum() for fold in set(folds.tolist())])))


def _groups(labelled: Sequence[Labelled]) -> list[str]:
    if not labelled:
        raise InputError("there is no labelled case to evaluate on; give cases with text, economy and model")
    return joined([x.group for x in labelled], [x.case.text for x in labelled])


def _read_off(ledgers: Iterable[Ledger], thresholds: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores (n, P) of ledgers and whether their texts say enough (n,); one ledger at a time is in memory."""
    read = [(ledger.scores(), says_enough(ledger, thresholds.words)) for ledger in ledgers]
    return np.array([scores for scores, _ in read]), np.array([enough for _, enough in read], dtype=bool)


def _outcomes(labelled: Sequence[Labelled], groups, pairs, scores: np.ndarray, enough: np.ndarray, thresholds: Thresholds) -> Outcomes:
    return Outcomes(
        ids=tuple(x.case.id for x in labelled),
        truth=tuple(x.pair for x in labelled),
        groups=tuple(groups),
        sources=tuple(source_of(x) for x in labelled),
        random=tuple(_at_random(x) for x in labelled),
        pairs=tuple(pairs),
        probabilities=np.array([probabilities(s) for s in scores]),
        enough=enough,
        thresholds=thresholds,
    )


def source_of(labelled: Labelled) -> str:
    """Return where a case came from: its set, else its file's name; a page with its structure is told from the text alone."""
    name = labelled.set or Path(labelled.case.origin.file).stem
    return f"{name} (page)" if labelled.case.page is not None else name


def _at_random(labelled: Labelled) -> bool | None:
    """Whether a case was drawn at random: as its record says, else by the name of its set (dev_random); None where neither does."""
    return True if labelled.random is None and labelled.set.endswith("random") else labelled.random
