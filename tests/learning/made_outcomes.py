"""Made outcomes whose probabilities are known to be right, or wrong by a known amount."""

from __future__ import annotations

import numpy as np

from tagger.learning.outcomes import Outcomes

PAIRS = (("none", "none"), ("market", "1"), ("market", "2"), ("commons", "3"), ("commons", "4"))


def of_rows(rows: list[tuple[tuple[float, ...], tuple[str, str]]], groups: list[str] | None = None, tag: str = "c") -> Outcomes:
    """Return outcomes of (probabilities, true pair) each; every case its own group unless given."""
    n = len(rows)
    ids = tuple(f"{tag}{i}" for i in range(n))
    shares = np.array([row for row, _ in rows], dtype=float).reshape(n, len(PAIRS))
    return Outcomes(ids, tuple(pair for _, pair in rows), tuple(groups or ids), ("made",) * n, (True,) * n, PAIRS, shares)


def drawn(n: int, seed: int, tag: str = "c", sharp: float = 3.0, temperature: float = 1.0, repeats: int = 1) -> Outcomes:
    """Return n cases drawn by their own probabilities, which are then told sharper by 1 / temperature; each comes `repeats` times in one group."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, sharp, (n, len(PAIRS))) + np.array([1.5, 0.5, 0.0, 0.0, -1.0])
    right = _softmax(scores)
    truth = (right.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1).clip(max=len(PAIRS) - 1)
    groups = np.repeat([f"{tag}{i}" for i in range(n)], repeats)
    ids = tuple(f"{g}.{j}" for j, g in enumerate(groups))
    shares = np.repeat(_softmax(scores / temperature), repeats, axis=0)
    pairs = tuple(PAIRS[i] for i in np.repeat(truth, repeats))
    return Outcomes(ids, pairs, tuple(groups.tolist()), ("made",) * len(ids), (True,) * len(ids), PAIRS, shares)


def _softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
