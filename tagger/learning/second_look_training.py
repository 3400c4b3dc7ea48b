"""Training of the second look: networks over sentence vectors, and how they are weighed against the linear model where that is undecided.

An encoder that was fine-tuned brings its network (:mod:`tagger.learning.tuned_look`), which is only weighed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tagger.case import Case
from tagger.coding.decide import FACETS, Thresholds, undecided
from tagger.coding.encoder import Encoder
from tagger.coding.model_manifest import GROUPS
from tagger.coding.second_look import ARRAYS, SecondLook, case_vector, looked_at, said_of, second_look_parts
from tagger.errors import ModelError
from tagger.learning.fitting import Fitted
from tagger.learning.folds import CrossFitted
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings
from tagger.learning.tuned_look import Tuned
from tagger.learning.weighting import case_weights

# Chosen by cross-validation on the training cases (3 folds by initiative): 1 to 3 are alike in the penalty, 384 units as good as 768, three networks better
# than one, and all of them better than a linear layer.
NETWORKS, UNITS, PENALTY, ROUNDS, RATE, BATCH = 3, 384, 2.0, 10, 1e-3, 256
Pairs = tuple[tuple[str, str], ...]
ENOUGH = 200  # undecided cases to weigh by; with fewer all cases are taken
NEVER = 5.0  # log-odds of a pair of which there is no case, below the rarest


@dataclass(frozen=True)
class Looked:
    """A second look and what it did to the undecided cases, each coded by models that have not seen its fold.

    `right` is, by facet, the share of them whose code is the label's, before and after; of all `cases` where `undecided` are fewer than `ENOUGH`.
    """

    look: SecondLook
    cases: int
    undecided: int
    right: dict[str, tuple[float, float]]

    @property
    def told(self) -> str:
        """One sentence for the card and the screen."""
        shares = ", ".join(f"{facet} {before:.1%} right before, {after:.1%} after" for facet, (before, after) in self.right.items())
        which = f"{self.undecided} undecided of {self.cases} held-out texts"
        if self.undecided < ENOUGH:
            which = f"all {self.cases} held-out texts, as only {self.undecided} are undecided"
        return f"second look by the sentence encoder {self.look.encoder.name} at {which}: {shares}"


def train_second_look(fit: Fitted, source: Encoder | Tuned, thresholds: Thresholds) -> Looked:
    """Return a second look trained on the cases of a fit, by its folds; a fine-tuned one weighed on those of them that its encoder had not seen.

    Raises
    ------
    ModelError
        Where nothing can be learned from the encoder's vectors, or a fine-tuned one cannot be weighed (:meth:`Tuned.check`).
    """
    pairs = fit.weights.pairs
    y = np.array([pairs.index(x.pair) for x in fit.cases])
    first = fit.held_out / fit.weights.temperature
    if isinstance(source, Tuned):
        source.check(pairs, fit.cases)
        (second, known), parts = source.said_of(fit.cases), [getattr(source.look, name) for name in ARRAYS]
    else:
        X, weights = case_vectors(source, [x.case for x in fit.cases]), case_weights(fit.cases, fit.settings)
        second, known = _held_out(X, y, weights, fit.folds, len(pairs), fit.settings), np.ones(len(y), dtype=bool)
        parts = list(_network(X, y, weights, len(pairs), fit.settings))
    open_ = _open(pairs, first, thresholds, known)
    rows = open_ if len(open_) >= ENOUGH else np.flatnonzero(known)
    kept, weight = _shares(first[rows], second[rows], y[rows])
    hidden, hidden_bias, out, out_bias = parts
    with np.errstate(over="ignore"):
        stored = [part.astype(np.float16) for part in (hidden, hidden_bias, out * weight, out_bias * weight)]
    encoder = source.encoder if isinstance(source, Tuned) else source
    if not all(np.isfinite(part).all() for part in stored):
        raise ModelError(f"{encoder.name}: its vectors are too small or too large to learn from; use an encoder whose vectors have a length of about 1")
    look = SecondLook(pairs, encoder, *stored, kept).unpacked()
    both = kept * first[rows] + weight * second[rows]
    right = {facet: (_right(pairs, first[rows], y[rows], i), _right(pairs, both, y[rows], i)) for i, facet in enumerate(FACETS)}
    return Looked(look, int(known.sum()), len(open_), right)


def add_second_look(fit: Fitted, source: Encoder | Tuned, thresholds: Thresholds, manifest: dict[str, Any], parts: dict[str, bytes]) -> str:
    """Add a second look to the `parts` of a model and what it does to its `manifest`; return what to tell the user.

    It is trained, but for one that was fine-tuned and belongs to a model: of that nothing can be told on cases that it has not seen, so it is kept as it is.
    What a fine-tuned one learned from is added to the initiatives that the model was trained on.

    Raises
    ------
    ModelError
        As :func:`train_second_look` does.
    """
    if isinstance(source, Tuned) and source.held_out is None:
        source.check(fit.weights.pairs, fit.cases)
        look, told = source.look, f"second look by the sentence encoder {source.encoder.name}, kept as it was fine-tuned and weighed for an earlier model"
    else:
        looked = train_second_look(fit, source, thresholds)
        look, told = looked.look, looked.told
    parts |= second_look_parts(look)
    manifest["neural"] = {"encoder": look.encoder.name, "told": told}
    if isinstance(source, Tuned):
        manifest["neural"]["tuned"] = source.network
        parts[GROUPS] = "".join(f"{digest}\n" for digest in sorted({*parts[GROUPS].decode().split(), *source.groups})).encode()
    return told


def case_vectors(encoder: Encoder, cases: Iterable[Case]) -> np.ndarray:
    """Return the vectors of cases, shape (n, 3d), float32; a case seen as text and as a page is encoded once."""
    known: dict[tuple[str, str], np.ndarray] = {}
    rows = []
    for case in cases:
        key = (case.title, case.text)
        if key not in known:
            encoded = encoder.encode(said_of(case, looked_at(case.text)))
            known[key] = case_vector(encoded[:-1], encoded[-1])
        rows.append(known[key])
    return np.array(rows, dtype=np.float32)


def looked_again(
    cases: Sequence[Labelled], fitted: CrossFitted, pairs: Pairs, source: Encoder | Tuned, thresholds: Thresholds, settings: Settings
) -> np.ndarray:
    """Return the scores (n, P) of a cross-validation with a second look at what it leaves undecided.

    The networks of a fold are trained on the others; the two factors are fitted to the held-out scores of the others, as the temperature is.  A fine-tuned
    one looks again only at cases that it had not seen.

    Raises
    ------
    ModelError
        Where a fine-tuned one cannot be weighed (:meth:`Tuned.check`).
    """
    y, scores = np.array([pairs.index(x.pair) for x in cases]), fitted.scores.copy()
    if isinstance(source, Tuned):
        source.check(pairs, cases)
        second, known = source.said_of(cases)
    else:
        X, known = case_vectors(source, [x.case for x in cases]), np.ones(len(y), dtype=bool)
        second = _held_out(X, y, case_weights(cases, settings), fitted.folds, len(pairs), settings, fitted.learned)
    again = fitted.enough & known & np.array([undecided(pairs, row, thresholds.decide) for row in scores], dtype=bool)
    for fold in np.unique(fitted.folds):
        others, own = np.flatnonzero(known & (fitted.folds != fold)), np.flatnonzero(again & (fitted.folds == fold))
        open_ = _open(pairs, fitted.scores, thresholds, known & (fitted.folds != fold))
        rows = open_ if len(open_) >= ENOUGH else others
        if len(rows) and len(own):
            kept, weight = _shares(fitted.scores[rows], second[rows], y[rows])
            scores[own] = kept * fitted.scores[own] + weight * second[own]
    return scores


def _open(pairs: Pairs, scores: np.ndarray, thresholds: Thresholds, known: np.ndarray) -> np.ndarray:
    """The numbers of the cases (of those `known` (n,)) that scores (n, P) leave undecided."""
    return np.array([i for i in np.flatnonzero(known) if undecided(pairs, scores[i], thresholds.decide)], dtype=int)


def _held_out(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, folds: np.ndarray, pairs: int, settings: Settings, learned: np.ndarray | None = None
) -> np.ndarray:
    """The log-odds (n, P) that each case gets from networks that have not seen its fold (0 where there is no other fold), but only `learned` (n,)."""
    scores = np.zeros((len(y), pairs))
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero((folds != fold) & (True if learned is None else learned)), np.flatnonzero(folds == fold)
        if len(inside):
            hidden, hidden_bias, out, out_bias = _network(X[inside], y[inside], weights[inside], pairs, settings)
            scores[outside] = np.maximum(X[outside] @ hidden + hidden_bias, 0) @ out + out_bias
    return scores


def _network(X: np.ndarray, y: np.ndarray, weights: np.ndarray, pairs: int, settings: Settings) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`NETWORKS` networks as one whose output is their mean: hidden (3d, H), its bias (H,), out (H, P) and its bias (P,); each row of the latter sums to 0."""
    from joblib import Parallel, delayed

    mean, size = X.mean(0), _sizes(X)
    made = Parallel(n_jobs=2)(delayed(_trained)((X - mean) / size, y, weights, settings.seed + i) for i in range(NETWORKS))
    parts = []
    for classes, (hidden, out), (hidden_bias, out_bias) in made:
        wide, bias = np.zeros((len(hidden_bias), pairs)), np.full(pairs, out_bias.min() - NEVER)
        wide[:, classes], bias[classes] = out, out_bias
        parts.append((hidden / size[:, None], hidden_bias - (mean / size) @ hidden, _centred(wide), _centred(bias)))
    hidden, hidden_bias, out, out_bias = zip(*parts, strict=True)
    return np.hstack(hidden), np.concatenate(hidden_bias), np.vstack(out) / NETWORKS, np.mean(out_bias, axis=0)


def _trained(X: np.ndarray, y: np.ndarray, weights: np.ndarray, seed: int) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    known = np.unique(y)
    for _ in range(3 - len(known)):  # scikit-learn makes one column of two classes, so there are three, of which the last are left out below
        y, weights, X = np.append(y, y.max() + 1), np.append(weights, 1e-9), np.vstack([X, X[:1]])
    net = MLPClassifier((UNITS,), alpha=PENALTY, max_iter=ROUNDS, learning_rate_init=RATE, batch_size=min(BATCH, len(y)), random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early
        net.fit(X, y, sample_weight=weights)
    (hidden, out), (hidden_bias, out_bias) = net.coefs_, net.intercepts_
    return known, [hidden, out[:, : len(known)]], [hidden_bias, out_bias[: len(known)]]


def _sizes(X: np.ndarray) -> np.ndarray:
    """The root mean square of each of the three vectors around its mean, for every column (3d,); of one that is the same in all cases, that of all."""
    blocks, whole = np.split(X - X.mean(0), 3, axis=1), np.sqrt((X**2).mean()) or 1.0
    found = [np.sqrt((block**2).mean()) for block in blocks]
    return np.repeat([size if size > 1e-3 * whole else whole for size in found], X.shape[1] // 3)


def _centred(logits: np.ndarray) -> np.ndarray:
    return logits - logits.mean(-1, keepdims=True)


def _shares(first: np.ndarray, second: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The two factors under which the labels are most probable, both at least 0; a second look of which nothing is known weighs nothing."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    rows = np.arange(len(y))

    def loss(factors: np.ndarray) -> tuple[float, np.ndarray]:
        scores = factors[0] * first + factors[1] * second
        log = scores - logsumexp(scores, axis=1, keepdims=True)
        share = np.exp(log)
        slope = [(share * part).sum(1) - part[rows, y] for part in (first, second)]
        return -log[rows, y].mean(), np.array([s.mean() for s in slope])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, bounds=[(0.05, 5.0), (0.0, 5.0)], method="L-BFGS-B").x
    return float(found[0]), float(found[1])


def _right(pairs: Pairs, scores: np.ndarray, y: np.ndarray, facet: int) -> float:
    codes = np.array([pair[facet] for pair in pairs])
    return float((codes[scores.argmax(1)] == codes[y]).mean())
