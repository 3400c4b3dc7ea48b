"""Word vectors: what words mean, learned from texts without labels, so that labels on some words tell something about their neighbours in meaning.

A case's vector is the sum of its words' vectors by their TF-IDF, and a model is linear in it; so what is learned on vectors is folded into the weights of
the words (:func:`tagger.learning.train.weights_of`). No vector is needed, or kept, when cases are tagged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tagger.errors import InputError

PRETRAINED = "wordllama"  # the package that carries vectors
DIMENSIONS = 200
WINDOW = 5  # words to either side that count as company, the nearer the more (1 / distance)
LEAST = 10  # occurrences of a word
MOST = 40_000  # words, the most frequent ones
SMOOTH = 0.75  # exponent on the frequency of the company, which keeps rare words from counting too much


@dataclass(frozen=True)
class Vectors:
    """A vector, unit length, for each of some words: `matrix` is (W, K), `rows` maps a word to its row."""

    name: str
    rows: dict[str, int]
    matrix: np.ndarray

    def of_terms(self, terms: Sequence[str], prefix: str = "") -> np.ndarray:
        """Return a vector for each term that is `prefix` and a known word, centred, and zeros for the others, shape (len(terms), K)."""
        known = [(i, self.rows[term[len(prefix) :]]) for i, term in enumerate(terms) if term.startswith(prefix) and term[len(prefix) :] in self.rows]
        found = np.zeros((len(terms), self.matrix.shape[1]), np.float32)
        if known:
            places, rows = (list(column) for column in zip(*known, strict=True))
            found[places] = self.matrix[rows] - self.matrix[rows].mean(axis=0)
        return found


def learned_vectors(texts: Iterable[Sequence[str]], least: int = LEAST, dimensions: int = DIMENSIONS, seed: int = 0) -> Vectors | None:
    """Return vectors from the company that words keep: positive pointwise mutual information in a window, and its truncated singular value decomposition.

    Parameters
    ----------
    texts : iterable of sequence of str
        The words of each text, in order.
    least : int
        Occurrences that a word needs.
    dimensions : int
    seed : int
        Of the randomised decomposition.

    Returns
    -------
    Vectors or None
        None where fewer words than twice the dimensions occur often enough.

    Notes
    -----
    Levy, O., Goldberg, Y., Dagan, I. (2015), "Improving distributional similarity with lessons learned from word embeddings", TACL 3: PPMI with context
    distribution smoothing of 0.75, square root of the singular values.
    """
    from sklearn.utils.extmath import randomized_svd

    numbers: dict[str, int] = {}
    counts: Counter[int] = Counter()
    arrays = []
    for text in texts:
        coded = np.fromiter((numbers.setdefault(word, len(numbers)) for word in text), np.int32)
        counts.update(coded.tolist())
        arrays += [coded, np.full(WINDOW, -1, np.int32)]  # a gap, so that no window reaches from one text into the next
    names = list(numbers)
    kept = [i for i, n in sorted(counts.items(), key=lambda x: (-x[1], names[x[0]])) if n >= least][:MOST]
    if len(kept) < 2 * dimensions:
        return None
    new = np.full(len(names) + 1, -1, np.int32)  # the last place is that of the gap, -1
    new[kept] = np.arange(len(kept))
    stream = new[np.concatenate(arrays)]
    information = _information(stream, len(kept))
    left, strength, _ = randomized_svd(information, dimensions, n_iter=3, random_state=seed)
    return Vectors("company of words", {names[i]: row for row, i in enumerate(kept)}, _unit(left * np.sqrt(strength)))


def _information(stream: np.ndarray, size: int) -> sparse.csr_matrix:
    """Return the positive pointwise mutual information (size, size) of the words of a stream; -1 in it is a gap."""
    together = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        a, b = stream[:-distance], stream[distance:]
        real = (a >= 0) & (b >= 0)
        pairs = sparse.coo_matrix((np.full(int(real.sum()), 1.0 / distance, np.float32), (a[real], b[real])), shape=(size, size)).tocsr()
        together = together + pairs + pairs.T
    found = together.tocoo()
    often = found.data >= 1.0
    rows, columns, data = found.row[often], found.col[often], found.data[often].astype(float)
    totals = np.bincount(rows, weights=data, minlength=size)
    company = totals**SMOOTH
    company /= company.sum()
    value = np.log(data / (totals[rows] * company[columns]))
    positive = value > 0
    return sparse.csr_matrix((value[positive].astype(np.float32), (rows[positive], columns[positive])), shape=(size, size))


def _unit(matrix: np.ndarray) -> np.ndarray:
    return (matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def pretrained_vectors(words: Iterable[str]) -> Vectors:
    """Return the vectors of words that the package wordllama carries (256 dimensions, means of its tokens' vectors).

    Raises
    ------
    InputError
        Where the package is not installed.
    """
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("wordllama")
    if found is None or found.origin is None:
        raise InputError("--pretrained needs the package wordllama, which carries word vectors: pip install 'case-tagger[train]'")
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = Path(found.origin).parent  # the package's own loader looks for its tokenizer on the web; the files are in it
    table = next(iter(load_file(folder / "weights" / "l2_supercat_256.safetensors").values())).astype(np.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    names = sorted(set(words))
    tokens = [encoded.ids for encoded in tokenizer.encode_batch(names, add_special_tokens=False)]
    matrix = np.array([table[ids].mean(axis=0) if ids else np.zeros(table.shape[1], np.float32) for ids in tokens], np.float32)
    return Vectors(PRETRAINED, {name: row for row, name in enumerate(names)}, matrix)
