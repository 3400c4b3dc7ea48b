"""Training of cue codes: a multinomial logistic regression for each cue over the columns of the classifier, calibrated, with a threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from tagger.case import UNSTATED
from tagger.codebook import Codebook
from tagger.coding.classifier import OffsetLogistic
from tagger.coding.cue_codes import CueWeights, shares_of
from tagger.learning.labelled import Labelled
from tagger.learning.train import Design, Settings, folded


@dataclass(frozen=True, slots=True)
class CueSettings:
    """How to train cue codes.

    `C`: inverse strength of the penalty. `balance`: 0 leaves the values' frequencies, 1 gives every value the same total weight. `least`: cases that a value
    must have been coded in. `precision`: what the threshold is to keep to where it can. `iterations`: upper limit of L-BFGS iterations.
    """

    C: float = 1.0
    balance: float = 0.3
    least: int = 20
    precision: float = 0.5
    iterations: int = 60


@dataclass(frozen=True, slots=True)
class Task:
    """One cue to learn: `values` are those with cases enough, `rows` the cases that the coders coded it in, `y` their values (0: unstated)."""

    cue: str
    values: tuple[str, ...]
    rows: np.ndarray
    y: np.ndarray
    shares: np.ndarray  # of each row in its case: the views of one case (text, page) add up to 1


def train_cue_codes(
    labelled: Sequence[Labelled], built: Design, folds: np.ndarray, codebook: Codebook, settings: Settings, cue_settings: CueSettings | None = None
) -> CueWeights | None:
    """Return weights of cue values, or None where no cue was coded often enough.

    Parameters
    ----------
    labelled : sequence of Labelled, length n
    built : Design
        Of the same cases.
    folds : int array (n,)
        The fold of each case, cut by initiative; probabilities and thresholds are set on held-out folds.
    codebook : Codebook
    settings : Settings
        With which `built` was made.
    cue_settings : CueSettings, optional
    """
    chosen = cue_settings or CueSettings()
    tasks = tasks_of(labelled, codebook, chosen.least)
    if not tasks:
        return None
    names = sorted(set(folds.tolist()))
    columns, base, thresholds = [], [], []
    for task, (whole, *fits) in zip(tasks, _fitted(built, tasks, [None, *names], folds, chosen), strict=True):
        held_out = _held_out(built, task, folds, names, fits)
        temperature, bias = calibration(held_out, task.y, task.shares)
        thresholds.append(threshold(shares_of((held_out + bias) / temperature), task.y, task.shares, chosen.precision))
        columns.append(whole[0] / temperature)
        base.append((whole[1] + bias) / temperature)
    words, places, marks = folded(built, np.hstack(columns), settings)
    return CueWeights(
        values=tuple((task.cue, value) for task in tasks for value in task.values),
        thresholds=np.array(thresholds),
        base=np.concatenate(base),
        words=words.astype(np.float16),
        places=places.astype(np.float16),
        marks=np.vstack([marks, np.zeros((len(built.rules), marks.shape[1]))]).astype(np.float16),  # rules are made of cues: their marks tell nothing new
    )


def tasks_of(labelled: Sequence[Labelled], codebook: Codebook, least: int) -> list[Task]:
    """Return the cues of the codebook that can be learned: at least one value, and `unstated`, coded in `least` cases each."""
    tasks = []
    for cue in codebook.cues:
        coded = [x.cues.get(cue.id, "") for x in labelled]
        cases: dict[str, set] = {}
        for x, value in zip(labelled, coded, strict=True):
            cases.setdefault(value, set()).add((x.group, x.case.id))
        values = tuple(v.id for v in cue.values if len(cases.get(v.id, ())) >= least)
        if cue.auxiliary or not values or len(cases.get(UNSTATED, ())) < least:
            continue
        number = {value: i for i, value in enumerate((UNSTATED, *values))}
        rows = np.array([i for i, value in enumerate(coded) if value in number])
        views = Counter((labelled[i].group, labelled[i].case.id) for i in rows)
        shares = np.array([1 / views[labelled[i].group, labelled[i].case.id] for i in rows])
        tasks.append(Task(cue.id, values, rows, np.array([number[coded[i]] for i in rows]), shares))
    return tasks


def held_out_scores(built: Design, tasks: Sequence[Task], folds: np.ndarray, settings: CueSettings) -> list[np.ndarray]:
    """Return, for each task, scores (rows, values) against `unstated` from models that have not seen the row's fold."""
    names = sorted(set(folds.tolist()))
    fitted = _fitted(built, tasks, names, folds, settings)
    return [_held_out(built, task, folds, names, fits) for task, fits in zip(tasks, fitted, strict=True)]


def _fitted(built: Design, tasks: Sequence[Task], left_out: Sequence[int | None], folds: np.ndarray, settings: CueSettings) -> list[list[tuple]]:
    """Return, for each task, (coefficients, intercepts) for each fold left out (None: nothing left out)."""
    from joblib import Parallel, delayed

    inside = [(task, folds[task.rows] != (-1 if fold is None else fold)) for task in tasks for fold in left_out]
    fits = Parallel(n_jobs=2)(delayed(_fit)(built.X, task, rows, settings) for task, rows in inside)  # joblib maps the matrix into both processes
    return [fits[i : i + len(left_out)] for i in range(0, len(fits), len(left_out))]


def _fit(X: csr_matrix, task: Task, inside: np.ndarray, settings: CueSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (F, V) and intercepts (V,) of the values less those of `unstated`."""
    rows, y = task.rows[inside], task.y[inside]
    size = len(task.values) + 1
    counts = np.maximum(np.bincount(y, weights=task.shares[inside], minlength=size), 1.0)
    weights = counts[y] ** -settings.balance * task.shares[inside]
    offset = np.zeros((len(rows), size))
    if not len(rows):
        return np.zeros((X.shape[1], size - 1)), np.zeros(size - 1)
    model = OffsetLogistic(settings.C, settings.iterations).fit(X[rows], y, offset, weights / weights.mean())
    return model.coef_[:, 1:] - model.coef_[:, :1], model.intercept_[1:] - model.intercept_[0]


def _held_out(built: Design, task: Task, folds: np.ndarray, names: Sequence[int], fits: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the scores (rows, values) that each row gets from the fit that left its fold out."""
    scores = np.zeros((len(task.rows), len(task.values)))
    for fold, (coef, intercept) in zip(names, fits, strict=True):
        outside = folds[task.rows] == fold
        scores[outside] = built.X[task.rows[outside]] @ coef + intercept
    return scores


def calibration(scores: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the temperature in [0.2, 5] and the biases (V,) with which ``(scores + bias) / temperature`` has the least log loss.

    Notes
    -----
    Alexandari, A., Kundaje, A., Shrikumar, A. (2020), "Maximum likelihood with bias-corrected calibration is hard-to-beat at label shift adaptation", ICML:
    temperature scaling with a bias for each class, which takes back what weighting the classes did to their frequencies.
    """
    from scipy.optimize import minimize

    rows, size = np.arange(len(y)), scores.shape[1]

    def loss(at: np.ndarray) -> float:
        shares = shares_of((scores + at[1:]) / np.exp(at[0]))[rows, y]
        return float(-(weights @ np.log(np.maximum(shares, 1e-12))) / weights.sum() + 1e-4 * (at[1:] ** 2).sum())

    limits = [(np.log(0.2), np.log(5.0)), *[(-5.0, 5.0)] * size]
    found = minimize(loss, np.zeros(1 + size), method="L-BFGS-B", bounds=limits).x
    return float(np.exp(found[0])), found[1:]


def threshold(shares: np.ndarray, y: np.ndarray, weights: np.ndarray, precision: float) -> float:
    """Return the least probability of the best stated value at which F1 of stated values is highest among those of at least `precision`.

    Where none reaches that precision, the highest F1 decides alone.

    Parameters
    ----------
    shares : array (n, 1 + V)
        Probabilities, `unstated` first.
    y : int array (n,)
        The true values, 0 for unstated.
    weights : array (n,)
    precision : float in [0, 1]
    """
    best = shares[:, 1:].argmax(axis=1) + 1
    at = shares[np.arange(len(y)), best]
    order = np.argsort(-at, kind="stable")
    stated = np.cumsum(weights[order])
    right = np.cumsum((weights * (best == y))[order])
    f1 = 2 * right / (stated + weights[y > 0].sum())
    last = np.append(at[order][1:] != at[order][:-1], True)  # cases of one probability are stated together
    fit = last & (right >= precision * stated)
    usable = fit if fit.any() else last
    i = int(np.where(usable, f1, -1.0).argmax())
    after = at[order][i + 1] if i + 1 < len(order) else 0.0
    return float((at[order][i] + after) / 2)  # between the two, so that a rounding of weights does not move a case across


def f1_of(found: Sequence[str], truth: Sequence[str]) -> Mapping[str, float]:
    """Return precision, recall and F1 of stated values over all cases, and how often the coders stated one (`n`)."""
    right = sum(a == b != UNSTATED for a, b in zip(found, truth, strict=True))
    stated, coded = sum(a != UNSTATED for a in found), sum(b != UNSTATED for b in truth)
    return {"f1": 2 * right / max(1, stated + coded), "precision": right / max(1, stated), "recall": right / max(1, coded), "n": coded}
