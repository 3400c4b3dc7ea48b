"""How much each labelled case counts in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tagger.learning.labelled import AUTHORED, Labelled

if TYPE_CHECKING:
    from tagger.learning.train import Settings


def case_weights(labelled: Sequence[Labelled], settings: Settings) -> np.ndarray:
    """Return a weight for each case, mean 1: rarer pairs weigh more by `balance`, smaller sets by `sources`; views of one case share one weight.

    Where a case is seen both as text and as a page, its pages have `pages` of it. Authored texts weigh `authored`, and a label that its coders were less
    sure of weighs less: its certainty to the power `certainty`.
    """
    per_pair = Counter(x.pair for x in labelled)
    per_set = Counter(x.set for x in labelled)
    per_view = Counter((x.group, x.case.id, x.case.page is not None) for x in labelled)

    def view(x: Labelled) -> float:
        as_page = x.case.page is not None
        share = settings.pages if as_page else 1 - settings.pages
        return (share if per_view[x.group, x.case.id, not as_page] else 1.0) / per_view[x.group, x.case.id, as_page]

    frequencies = np.array([per_pair[x.pair] ** -settings.balance * per_set[x.set] ** -settings.sources for x in labelled])
    trust = np.array([x.certainty**settings.certainty * (settings.authored if x.set == AUTHORED else 1.0) for x in labelled])
    weights = frequencies * trust * np.array([view(x) for x in labelled])
    return weights / weights.mean()
