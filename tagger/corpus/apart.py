"""Do words give away that a text was authored?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tagger.errors import InputError

FOLDS = 5


@dataclass(frozen=True, slots=True)
class ToldApart:
    """How far words tell our texts from others: AUC in [0, 1] (0.5: not at all), and the words that speak most for ours and for the others."""

    auc: float
    ours: tuple[str, ...]
    others: tuple[str, ...]


def told_apart(ours: Sequence[str], others: Sequence[str], *, seed: int = 0, words: int = 12) -> ToldApart:
    """Measure how well a word classifier tells our texts from others: TF-IDF of words in two texts or more, logistic regression, `FOLDS` folds.

    Raises
    ------
    InputError
        Where either side has fewer texts than there are folds.
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    if min(len(ours), len(others)) < FOLDS:
        raise InputError(f"{len(ours)} of our texts against {len(others)} others: at least {FOLDS} of each are needed to tell them apart")
    texts, ours_or_not = [*ours, *others], np.array([1] * len(ours) + [0] * len(others))
    words_of = TfidfVectorizer(token_pattern=r"\w+", min_df=2, sublinear_tf=True)  # noqa: S106
    pipeline = make_pipeline(words_of, LogisticRegression(C=10, max_iter=1000, class_weight="balanced"))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    auc = cross_val_score(pipeline, texts, ours_or_not, cv=folds, scoring="roc_auc").mean()
    pipeline.fit(texts, ours_or_not)
    terms, weights = pipeline[0].get_feature_names_out(), pipeline[1].coef_[0]
    order = np.argsort(weights, kind="stable")
    return ToldApart(float(auc), tuple(map(str, terms[order[::-1][:words]])), tuple(map(str, terms[order[:words]])))
