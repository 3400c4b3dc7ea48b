"""Near-duplicates among texts.

Texts are compared by the cosine of their TF-IDF vectors over single words and pairs of neighbouring words (sublinear term frequency).

*Why 0.2.*  Measured with ``benchmarks/near_duplicates.py`` on 747 authored cases (737 initiatives), duplicates made of every case:

==============================================  =====  =====  ======  =====  ========
cosines of                                        5 %   50 %    99 %    max  over 0.2
==============================================  =====  =====  ======  =====  ========
278,621 pairs about different initiatives       0.009  0.019   0.045  0.141       0 %
each case and its nearest other initiative      0.040  0.055   0.112  0.141       0 %
10 pairs about the same initiative              0.037  0.076   0.107  0.107       0 %
duplicates, 10 % of words replaced              0.749  0.824   0.928  0.971     100 %
duplicates, 30 % of words replaced              0.438  0.533   0.670  0.746     100 %
duplicates, 50 % of words replaced              0.233  0.313   0.427  0.563    98.9 %
duplicates, 50 % dropped                        0.359  0.442   0.568  0.623     100 %
duplicates, 50 % dropped, sentences shuffled    0.341  0.428   0.573  0.622    99.9 %
==============================================  =====  =====  ======  =====  ========

So even two texts about one initiative, written independently, stay under 0.11, and nearly every text with half of its words replaced is over 0.2: the
limit stands in the gap, 0.06 over the most alike pair of different initiatives.  A paraphrase in wholly other words is not found.  Among wiki and encyclopedia
texts, pairs from 0.2 to 0.3 are mostly of one kind ("Royal Canadian Navy", "Royal Canadian Air Force"), from 0.4 up mostly one thing under two titles ("R3.0",
"Reporting 3.0").  All pairs of 5,517 texts take 3 s on one core, of 10,000 texts 6 s and 0.5 GB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_WORD = re.compile(r"\w")
LIMIT = 0.2  # see above
BLOCK = 500  # texts whose cosines with all others are in memory at a time: 500 x 10,000 numbers are 40 MB


def near_duplicates(texts: Sequence[str], limit: float = LIMIT, *, block: int = BLOCK) -> list[tuple[int, int, float]]:
    """Return the pairs of texts that are more alike than `limit`.

    Parameters
    ----------
    texts : sequence of str
        What a word is worth is learnt from these texts, so the same pair has other cosines in other company.
    limit : float in [0, 1)
    block : int
        How many texts are compared with all others at a time; changes memory, not results.

    Returns
    -------
    list of (int, int, float)
        Places of the two texts, the smaller first, and their cosine in (limit, 1]; the most alike first.
    """
    import numpy as np

    x = vectors(texts)
    found = []
    for start in range(0, x.shape[0], block):
        rest = x[start:]
        cosines = (x[start : start + block] @ rest.T).tocoo()
        over = (cosines.data > limit) & (cosines.row < cosines.col)
        found += zip((cosines.row[over] + start).tolist(), (cosines.col[over] + start).tolist(), np.minimum(cosines.data[over], 1.0).tolist(), strict=True)
    return sorted(found, key=lambda pair: (-pair[2], pair[:2]))


def groups(count: int, pairs: Iterable[tuple[int, int, float]]) -> np.ndarray:
    """Return for each of `count` texts the number of its group, shape (count,): texts are in one group where a chain of `pairs` leads from one to the other."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def vectors(texts: Sequence[str]):
    """Return unit vectors of the texts, sparse, shape (texts, terms)."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(_WORD.search(text) for text in texts):
        return csr_matrix((len(texts), 0))  # scikit-learn refuses an empty vocabulary

    return TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts).tocsr()  # noqa: S106
