"""How much each labelled case counts in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tagger.learning.labelled import Labelled

if TYPE_CHECKING:
    from tagger.learning.train import Settings


def case_weights(labelled: Sequence[Labelled], settings: Settings) -> np.ndarray:
    """Return a weight for each case, mean 1: rarer pairs weigh more by `balance`, smaller sets by `sources`; views of one case share one weight.

    Cases seen as text are balanced by `balance_texts`; together they weigh what they would by `balance`. Where a case is seen both as text and as a page, its
    pages have `pages` of it. A label that its coders were less sure of weighs less: its certainty to the power `certainty`.
    """
    per_pair = Counter(x.pair for x in labelled)
    per_set = Counter(x.set for x in labelled)
    per_view = Counter((x.group, x.case.id, x.case.page is not None) for x in labelled)

    def view(x: Labelled) -> float:
        as_page = x.case.page is not None
        share = settings.pages if as_page else 1 - settings.pages
        return (share if per_view[x.group, x.case.id, not as_page] else 1.0) / per_view[x.group, x.case.id, as_page]

    counts = np.array([per_pair[x.pair] for x in labelled], dtype=float)
    sources = np.array([per_set[x.set] ** -settings.sources for x in labelled])
    trust = np.array([x.certainty**settings.certainty for x in labelled])
    unbalanced = sources * trust * np.array([view(x) for x in labelled])
    weights = counts**-settings.balance * unbalanced
    texts = np.array([x.case.page is None for x in labelled], dtype=bool)
    as_texts = (counts**-settings.balance_texts * unbalanced)[texts]
    if as_texts.sum() > 0:
        weights[texts] = as_texts * (weights[texts].sum() / as_texts.sum())
    return weights / weights.mean()
