"""Labels that models contradict which have not seen them: where a coder may have slipped.

Found by confident learning on out-of-fold probabilities (Northcutt, C. G., Jiang, L., Chuang, I. L. (2021), "Confident Learning: Estimating Uncertainty in
Dataset Labels", Journal of Artificial Intelligence Research 70, 1373-1411), with cleanlab.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tagger.case import Choice, Decision
from tagger.codebook import FACETS, Codebook
from tagger.coding.classifier import placed
from tagger.coding.decide import probabilities
from tagger.coding.ledger import Ledger, best_pairs
from tagger.coding.rules import RuleBook
from tagger.cues import CueFinder
from tagger.errors import InputError
from tagger.learning.folds import CrossFitted
from tagger.learning.labelled import Labelled
from tagger.writing.record import as_record

if TYPE_CHECKING:
    from tagger.pipeline import Tagger


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against the label of one facet.

    `given` is the label, `predicted` the likeliest other code, with their out-of-fold probabilities. `flagged` tells whether confident learning counts the
    label as an error.
    """

    given: str
    predicted: str
    given_probability: float
    predicted_probability: float
    flagged: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    """A labelled case (`at`: its place in the list) with the doubts of each facet.

    `rank` counts from 1, the most doubtful label. `quality` in [0, 1] is the out-of-fold probability of the labels of both facets together.
    """

    at: int
    id: str
    rank: int
    quality: float
    doubts: Mapping[str, Doubt]

    @property
    def flagged(self) -> bool:
        """Whether confident learning counts a facet's label as an error."""
        return any(doubt.flagged for doubt in self.doubts.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"rank": self.rank, "quality": self.quality, "flagged": self.flagged, "facets": {name: asdict(d) for name, d in self.doubts.items()}}


def suspects(labelled: Sequence[Labelled], fitted: CrossFitted, codebook: Codebook) -> list[Suspect]:
    """Return all labelled cases, the most doubtful label first.

    The order is that of cleanlab's self-confidence over the pairs of codes. Whether a label is flagged takes no part: where many codes are rare, far more
    labels are flagged than anyone could read.

    Parameters
    ----------
    labelled : sequence of Labelled, length n
    fitted : CrossFitted
        Of the same cases.
    codebook : Codebook

    Raises
    ------
    InputError
        Where cleanlab is not installed, or a facet has one code only.
    """
    _, quality_scores = _cleanlab()
    shares, pairs = np.array([probabilities(scores) for scores in fitted.scores]), tuple(codebook.pairs)
    _, labels, by_pair = _classes([x.pair for x in labelled], pairs, shares)
    by_facet = [_doubts([x.pair[side] for x in labelled], [pair[side] for pair in pairs], shares, name) for side, name in enumerate(FACETS)]
    quality = quality_scores(labels, by_pair, method="self_confidence")
    found = [
        Suspect(at, x.case.id, 0, float(q), dict(zip(FACETS, doubts, strict=True)))
        for at, (x, q, *doubts) in enumerate(zip(labelled, quality, *by_facet, strict=True))
    ]
    found.sort(key=lambda s: (s.quality, s.id))
    return [replace(s, rank=rank) for rank, s in enumerate(found, 1)]


def _classes(given: Sequence, columns: Sequence, shares: np.ndarray) -> tuple[list, np.ndarray, np.ndarray]:
    """Return the codes (C) that some label has, their numbers as labels (n,), and the shares (n, C); `columns` (P) are the codes of `shares` (n, P).

    Codes that no label has are left out: cleanlab takes every column for a class that there is.
    """
    codes = sorted(set(given))
    by_code = np.stack([shares[:, [i for i, column in enumerate(columns) if column == code]].sum(axis=1) for code in codes], axis=1)
    by_code = np.maximum(by_code, 1e-12)
    return codes, np.array([codes.index(code) for code in given]), by_code / by_code.sum(axis=1, keepdims=True)


def _doubts(given: Sequence[str], columns: Sequence[str], shares: np.ndarray, facet: str) -> list[Doubt]:
    find_label_issues, _ = _cleanlab()
    codes, labels, by_code = _classes(given, columns, shares)
    if len(codes) < 2:
        raise InputError(f"suspects: every case has {facet} {codes[0]!r}; labels of at least two codes are needed to tell wrong ones")
    flagged, rows = find_label_issues(labels, by_code, n_jobs=1), np.arange(len(given))
    others = by_code.copy()
    others[rows, labels] = -1.0
    other = others.argmax(axis=1)
    return [Doubt(given[i], codes[other[i]], float(by_code[i, labels[i]]), float(by_code[i, other[i]]), bool(flagged[i])) for i in rows]


def _cleanlab():
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        raise InputError("suspects are found with cleanlab, which is not installed: pip install 'cleanlab>=2.8'") from None
    return find_label_issues, get_label_quality_scores


def suspect_records(
    found: Sequence[Suspect], labelled: Sequence[Labelled], fitted: CrossFitted, codebook: Codebook, finder: CueFinder, rulebook: RuleBook
) -> Iterator[dict[str, Any]]:
    """Yield each suspect in the form in which `tagger tag` writes a suggestion, so that `tagger review` opens it.

    The suggestion is that of the fold's model, which has not seen the case; its evidence are the ledgers of the suggested code and of the given one (where
    they are the same: of the runner-up). Under ``suspect`` is what :meth:`Suspect.as_dict` gives.
    """
    from tagger.pipeline import Tagger

    taggers = {
        fold: Tagger(codebook, finder, rulebook, weights, f"cross-validation, fold {fold + 1} of {len(fitted.models)}")
        for fold, weights in fitted.models.items()
    }
    for suspect in found:
        one = labelled[suspect.at]
        record = as_record(_with_given(taggers[int(fitted.folds[suspect.at])], one))
        yield record | {"suspect": suspect.as_dict()}


def _with_given(tagger: Tagger, labelled: Labelled) -> Decision:
    """Return the decision on a case with the ledger of the given code in the place of the runner-up's."""
    decision, (ledger, _) = tagger.tag(labelled.case), tagger.ledger(labelled.case)
    scores = ledger.scores()
    best = [best_pairs(ledger.pairs, scores, side) for side in (0, 1)]
    ledger = placed(labelled.case, ledger, sorted({best[side][code] for side, code in enumerate(labelled.pair)}))
    return replace(decision, **{name: _choice(getattr(decision, name), ledger, best[side], labelled.pair[side]) for side, name in enumerate(FACETS)})


def _choice(choice: Choice, ledger: Ledger, best: Mapping[str, int], given: str) -> Choice:
    if given == choice.code:
        return choice
    return replace(choice, ledgers={choice.code: choice.ledgers[choice.code], given: ledger.lines(best[given])})
