"""A matrix with a sparse and a dense side."""

from __future__ import annotations

import numpy as np
from scipy import sparse


class Sided:
    """A matrix with a sparse and a dense side, for :class:`OffsetLogistic`: topics and word vectors are dense, and as such several times as fast."""

    def __init__(self, left: sparse.csr_matrix, right: np.ndarray):
        self.left, self.right = left, right
        self.shape = left.shape[0], left.shape[1] + right.shape[1]

    def __matmul__(self, table: np.ndarray) -> np.ndarray:
        return self.left @ table[: self.left.shape[1]] + self.right @ table[self.left.shape[1] :]

    def take(self, rows: np.ndarray, columns: np.ndarray) -> Sided:
        """Return some rows and columns (places)."""
        split = np.searchsorted(columns, self.left.shape[1])
        return Sided(self.left[rows][:, columns[:split]], self.right[np.ix_(rows, columns[split:] - self.left.shape[1])])

    @property
    def T(self) -> Sided._Transposed:
        """The transposed matrix."""
        return self._Transposed(self.left.T.tocsr(), self.right.T)

    class _Transposed:
        def __init__(self, top: sparse.csr_matrix, bottom: np.ndarray):
            self.top, self.bottom = top, bottom

        def tocsr(self) -> Sided._Transposed:
            return self

        def __matmul__(self, residual: np.ndarray) -> np.ndarray:
            return np.vstack([self.top @ residual, self.bottom @ residual])
