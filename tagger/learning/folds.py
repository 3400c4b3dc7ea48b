"""Models by fold: each case meets one that has seen neither it, nor its initiative, nor a near-duplicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tagger.codebook import Codebook
from tagger.coding.classifier import OffsetLogistic, Weights, ledger_of
from tagger.coding.decide import Thresholds, says_enough
from tagger.codings.splits import fold_of, joined
from tagger.errors import InputError
from tagger.learning.labelled import Labelled
from tagger.learning.train import Design, Seen, Settings, design, temperature, weights_of
from tagger.learning.vectors import Vectors
from tagger.learning.weighting import case_weights

SHARES = 10_000  # steps of the share of initiatives that is learned from


@dataclass(frozen=True)
class CrossFitted:
    """The models of a cross-validation and what they say of the cases that they have not seen.

    Parameters
    ----------
    groups : tuple of str, length n
        The initiative, joined with those that near-duplicates tie to it.
    folds : ndarray of int, shape (n,)
    models : mapping of int to Weights
        The model of each fold, learned from the others, with its temperature.
    scores : ndarray of shape (n, P)
        Log-odds of each pair, divided by the temperature.
    enough : ndarray of bool, shape (n,)
        Whether the text says enough to decide on.
    learned : ndarray of bool, shape (n,)
        Whether the case is among those that models learn from (see `share` of :func:`cross_fitted`).
    """

    groups: tuple[str, ...]
    folds: np.ndarray
    models: Mapping[int, Weights]
    scores: np.ndarray
    enough: np.ndarray
    learned: np.ndarray

    def learned_per_fold(self, mask: np.ndarray | None = None) -> float:
        """Return how many cases (of `mask` (n,), where given) a model learned from, on average over the folds."""
        counted = self.learned if mask is None else self.learned & mask
        return float(np.mean([(counted & (self.folds != fold)).sum() for fold in self.models]))


def cross_fitted(
    labelled: Sequence[Labelled],
    seen: Sequence[Seen],
    codebook: Codebook,
    settings: Settings | None = None,
    thresholds: Thresholds | None = None,
    share: float = 1.0,
    vectors: Sequence[Vectors] = (),
) -> CrossFitted:
    """Return the models of a cross-validation by initiatives.

    The vocabulary, topics and weights of each come from the other folds.  Its temperature is fitted to the held-out scores of the other folds, as that of
    `train` is to the held-out scores of all.

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
        `words` of them: from how many known words on a text says enough.
    share : float in (0, 1]
        Share of the initiatives outside of a fold that its model learns from, for a learning curve; a smaller share is part of a larger one.
    vectors : sequence of Vectors
        What words mean, learned from texts without labels.

    Raises
    ------
    InputError
        Where there is no case, or a fold has nothing to learn from.
    """
    from joblib import Parallel, delayed

    if not labelled:
        raise InputError("there is no labelled case to evaluate on; give cases with text, economy and model")
    settings, thresholds, pairs = settings or Settings(), thresholds or Thresholds(), tuple(codebook.pairs)
    y = np.array([pairs.index(x.pair) for x in labelled], dtype=int)
    groups = tuple(joined([x.group for x in labelled], [x.case.text for x in labelled]))
    folds = np.array([fold_of(group, settings.folds) for group in groups])
    learned = learned_mask(groups, share)
    present = sorted(set(folds.tolist()))
    insides = [np.flatnonzero((folds != fold) & learned) for fold in present]
    if min(len(set(y[inside].tolist())) for inside in insides) < 2:
        few = f"{len(labelled)} cases about {len(set(groups))} initiatives are too few for cross-validation"
        raise InputError(f"{few}: a fold is left with less than two codes")
    built = [design([seen[i] for i in inside], pairs, settings, vectors) for inside in insides]
    weights = [case_weights([labelled[i] for i in inside], settings) for inside in insides]
    jobs = (delayed(_fit)(b, y[inside], w, settings) for b, inside, w in zip(built, insides, weights, strict=True))
    models = {
        fold: weights_of(b, model, pairs, settings, 1.0) for fold, b, model in zip(present, built, Parallel(n_jobs=2)(jobs), strict=True)
    }
    scores, enough = np.zeros((len(labelled), len(pairs))), np.zeros(len(labelled), dtype=bool)
    for i, (fold, s) in enumerate(zip(folds.tolist(), seen, strict=True)):
        ledger = ledger_of(s.case, s.held, s.marks, pairs, None, models[fold])  # no rulebook: base rates are trained
        scores[i], enough[i] = ledger.scores(), says_enough(ledger, thresholds.words)
    heat = {fold: temperature(scores[folds != fold], y[folds != fold]) if (folds != fold).any() else 1.0 for fold in present}
    scaled = scores / np.array([heat[fold] for fold in folds.tolist()])[:, None]
    return CrossFitted(groups, folds, {fold: replace(model, temperature=heat[fold]) for fold, model in models.items()}, scaled, enough, learned)


def learned_mask(groups: Sequence[str], share: float) -> np.ndarray:
    """Return whether each case (n,) is among a share in (0, 1] of the groups: by hash, so that a smaller share is part of a larger one."""
    return np.array([fold_of(f"share of {group}", SHARES) < share * SHARES for group in groups], dtype=bool)


def _fit(built: Design, y: np.ndarray, weights: np.ndarray, settings: Settings) -> OffsetLogistic:
    return OffsetLogistic(settings.C, settings.iterations, settings.spread).fit(built.X, y, built.offset, weights, built.held, built.acts)
