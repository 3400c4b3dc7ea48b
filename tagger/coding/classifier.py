"""The classifier: a multinomial logistic regression over the allowed pairs, whose every score is a sum over named features.

:class:`OffsetLogistic` fits weights *around* the rules: their authors' weights enter as a fixed offset, and what is learned for a rule
is a correction to it, shrunk towards zero.  :class:`Weights` is what is left to apply: plain arrays and names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
from scipy import sparse

from tagger.case import Case, Mention
from tagger.coding.cue_codes import CueWeights, Filled
from tagger.coding.features import cue_marks, first_places, page_marks, place_of, shape_marks
from tagger.coding.ledger import Entry, Ledger
from tagger.coding.read_text import ReadText, Vocabulary
from tagger.coding.rules import Rule, RuleBook

SOURCES = {"cue": "cue", "rule": "fit", "page": "word", "shape": "word"}


def with_marks(
    case: Case, mentions: Sequence[Mention], held: Sequence[tuple[Rule, tuple[Mention, ...]]], opposites: Mapping
) -> dict[str, tuple[int, int] | None]:
    """Return the block *marks* of a case: each mark with the place that shows it."""
    marks: dict[str, tuple[int, int] | None] = dict.fromkeys([*page_marks(case), *shape_marks(case)])
    marks.update({name: (m.start, m.end) for name, m in cue_marks(mentions, opposites).items()})
    marks.update({f"rule:{rule.id}": (evidence[0].start, evidence[0].end) if evidence else None for rule, evidence in held})
    return marks


@dataclass(frozen=True)
class Block:
    """A TF-IDF block: `terms` (F), `idf` (F,), `coef` (F, P)."""

    terms: tuple[str, ...]
    idf: np.ndarray
    coef: np.ndarray

    @cached_property
    def columns(self) -> dict[str, int]:
        """Term to column."""
        return {term: i for i, term in enumerate(self.terms)}

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """For each column, what it is in a ledger."""
        return tuple([Entry("word", term) for term in self.terms])

    def values(self, terms: Sequence[str]) -> tuple[list[int], np.ndarray]:
        """Return the columns that `terms` fill and their values: sublinear term frequency times idf, scaled to length 1 (as ``TfidfVectorizer``)."""
        columns, values = self.weighed([column for term in terms if (column := self.columns.get(term)) is not None])
        return columns.tolist(), values

    def weighed(self, occurrences: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns that occur, ascending, and their values."""
        ordered = np.sort(np.asarray(occurrences, dtype=int))
        first = np.flatnonzero(np.diff(ordered, prepend=-1))  # of each run of equals
        columns, counts = ordered[first], np.diff(first, append=len(ordered))
        values = (1.0 + np.log(counts)) * self.idf[columns]
        return columns, values / (np.sqrt(values.dot(values)) or 1.0)


@dataclass(frozen=True)
class Weights:
    """A trained classifier: base (P,), two TF-IDF blocks, marks with coefficients (M, P), and the temperature that calibrates the sum.

    `cues` codes the cues over the same columns; it takes no part in the decision.
    """

    pairs: tuple[tuple[str, str], ...]
    base: np.ndarray
    words: Block
    places: Block
    marks: tuple[str, ...]
    mark_coef: np.ndarray
    temperature: float = 1.0
    with_rules: bool = True
    cues: CueWeights | None = None

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words that the terms of both blocks are made of."""
        return Vocabulary(self.words.terms, self.places.terms)

    @cached_property
    def _marks(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.marks)}

    @cached_property
    def _mark_entries(self) -> tuple[tuple[str, str], ...]:
        """For each mark, source and name of its entry."""
        cut = [name.partition(":") for name in self.marks]
        return tuple((SOURCES[prefix], name if prefix in ("page", "shape") else rest) for name, (prefix, _, rest) in zip(self.marks, cut, strict=True))

    def filled(self, case: Case, marks: Iterable[str]) -> Filled:
        """Return the columns that a case fills."""
        read = ReadText(case.text, self.vocabulary)
        words, places = self.words.weighed(read.occurrences()), self.places.weighed(read.in_places(case))
        return Filled(words, places, [i for m in marks if (i := self._marks.get(m)) is not None], read)

    def entries(self, marks: Mapping[str, tuple[int, int] | None], filled: Filled) -> tuple[list[Entry], list[np.ndarray]]:
        """Return what words, places and marks add to each pair: entries, and their weights in blocks of rows."""
        entries, blocks = [Entry("base", "base rate")], [self.base.astype(float)[None]]
        for i in filled.marks:
            entries.append(Entry(*self._mark_entries[i], "", marks[self.marks[i]]))
        blocks.append(self.mark_coef[filled.marks].astype(float))
        for block, (columns, values) in ((self.words, filled.words), (self.places, filled.places)):
            blocks.append(block.coef[columns] * values[:, None])
            entries += map(block.entries.__getitem__, columns.tolist())
        return entries, blocks


def ledger_of(
    case: Case,
    held: Sequence[tuple[Rule, tuple[Mention, ...]]],
    marks: Mapping[str, tuple[int, int] | None],
    pairs: Sequence[tuple[str, str]],
    rulebook: RuleBook,
    weights: Weights | None,
    filled: Filled | None = None,
) -> Ledger:
    """Return the full ledger of a case: base, rules, and, where there are weights, words, cues and corrections; calibrated.

    Without weights the base is the authors' base rate of the two codes and the rules alone decide. `filled` are the columns of the case, where they have been
    found already.
    """
    pairs = tuple(pairs)
    if weights is None:
        entries = [Entry("base", "base rate")]
        rows = [np.array([[rulebook.base["economy", e] + rulebook.base["model", m] for e, m in pairs]])]
    else:
        entries, rows = weights.entries(marks, filled or weights.filled(case, marks))
    if weights is None or weights.with_rules:
        for rule, evidence in held:
            entries.append(Entry("rule", rule.id, rule.criterion, (evidence[0].start, evidence[0].end) if evidence else None))
            rows.append(rule_row(rule, pairs)[None])
    table = np.concatenate(rows)
    return Ledger(pairs, tuple(entries), table / weights.temperature if weights is not None else table)


def rule_row(rule: Rule, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Return what a rule adds to each pair, shape (P,)."""
    return np.where(_holders(rule.facet, rule.code, tuple(pairs)), rule.weight, 0.0)


@lru_cache(maxsize=256)
def _holders(facet: str, code: str, pairs: tuple[tuple[str, str], ...]) -> np.ndarray:
    side = 0 if facet == "economy" else 1
    return np.array([pair[side] == code for pair in pairs], dtype=bool)


def placed(case: Case, ledger: Ledger, pairs: Sequence[int], read: ReadText | None = None) -> Ledger:
    """Return the ledger with places filled in for the words that will be shown for `pairs` (finding them all would cost more than it tells)."""
    place, entries = read.place_of if read else partial(place_of, places=first_places(case.text)), list(ledger.entries)
    for i in {i for pair in pairs for i in ledger.named_words(pair).tolist()}:
        entry = entries[i]
        entries[i] = Entry(entry.source, entry.name, entry.criterion, place(entry.name))
    return ledger.with_entries(tuple(entries))


class OffsetLogistic:
    """Multinomial logistic regression with rules as an offset and an L2 penalty, fitted by L-BFGS.

    Minimises ``sum_i w_i * -log softmax(offset_i + X_i W + b + H_i diag(d) M)[y_i] + |W|^2 / (2 C) + |d|^2 / (2 s^2)``: each rule has one number `d`,
    the correction to its author's weight, which acts where that weight acts.

    Parameters
    ----------
    C : float
        Inverse strength of the penalty (> 0), as in scikit-learn.
    iterations : int
        Upper limit of L-BFGS iterations.
    spread : float
        `s`, how far labels may be expected to move a rule, in log-odds (> 0): the standard deviation of the prior around the author's weight.
    """

    def __init__(self, C: float = 1.0, iterations: int = 200, spread: float = 1.0):
        self.C = C
        self.iterations = iterations
        self.spread = spread

    def fit(
        self,
        X: sparse.csr_matrix,
        y: np.ndarray,
        offset: np.ndarray,
        sample_weight: np.ndarray,
        held: sparse.csr_matrix | None = None,
        acts: np.ndarray | None = None,
    ) -> OffsetLogistic:
        """Fit.

        Parameters
        ----------
        X : sparse matrix (n, F)
        y : int array (n,)
            Index of the true pair.
        offset : array (n, P)
        sample_weight : array (n,)
        held : sparse matrix (n, R), optional
            `H`: 1 where a rule holds for a case.
        acts : array (R, P), optional
            `M`: 1 where a rule's weight acts on a pair.
        """
        from scipy.optimize import minimize

        n, features = X.shape
        pairs = offset.shape[1]
        held = sparse.csr_matrix((n, 0)) if held is None else held
        acts = np.zeros((0, pairs)) if acts is None else acts
        held_transposed = held.T.tocsr()
        transposed = X.T.tocsr()
        counts = np.bincount(y, weights=sample_weight, minlength=pairs)
        start = np.zeros((features + 1, pairs))
        start[-1] = np.log((counts + 0.5) / (counts.sum() + 0.5 * pairs))
        rows, size = np.arange(n), start.size

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            table, moved = flat[:size].reshape(features + 1, pairs), flat[size:]
            scores = X @ table[:-1] + table[-1] + offset + held @ (moved[:, None] * acts)
            scores -= scores.max(axis=1, keepdims=True)
            log_total = np.log(np.exp(scores).sum(axis=1))
            value = float(sample_weight @ (log_total - scores[rows, y]))
            residual = np.exp(scores - log_total[:, None])
            residual[rows, y] -= 1.0
            residual *= sample_weight[:, None]
            gradient = np.empty_like(table)
            gradient[:-1] = transposed @ residual + table[:-1] / self.C
            # a slight pull keeps the intercept of a pair that no case has from running off
            gradient[-1] = residual.sum(axis=0) + 0.01 * (table[-1] - start[-1])
            value += 0.5 / self.C * float((table[:-1] ** 2).sum()) + 0.005 * float(((table[-1] - start[-1]) ** 2).sum())
            moved_gradient = ((held_transposed @ residual) * acts).sum(axis=1) + moved / self.spread**2
            value += 0.5 / self.spread**2 * float((moved**2).sum())
            return value, np.concatenate([gradient.ravel(), moved_gradient])

        options = {"maxiter": self.iterations, "maxcor": 10, "ftol": 1e-7}
        found = minimize(loss, np.concatenate([start.ravel(), np.zeros(len(acts))]), jac=True, method="L-BFGS-B", options=options)
        table = found.x[:size].reshape(features + 1, pairs)
        self.coef_, self.intercept_, self.moved_ = table[:-1], table[-1], found.x[size:]
        return self
