"""The random audit share of a batch: which cases of it were drawn at random and coded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tagger.codebook import FACETS, Codebook
from tagger.codings.merge import merge
from tagger.codings.table import Coding
from tagger.codings.text import fingerprint
from tagger.errors import InputError

UNSETTLED = ("unresolved", "stale")


@dataclass(frozen=True, slots=True)
class Audit:
    """Labels of cases that were drawn at random from a batch: case to facet to code; `left` counts what was left out, by reason."""

    labels: Mapping[str, Mapping[str, str]]
    left: Mapping[str, int]

    def sentences(self) -> list[str]:
        """Say what was left out, and where that makes the sample one of easy cases."""
        said = [f"left out: {count} ({reason})" for reason, count in sorted(self.left.items())]
        unsettled = sum(self.left.get(reason, 0) for reason in map(_reason, UNSETTLED))
        if unsettled > 0.05 * (unsettled + len(self.labels)):
            whole = unsettled + len(self.labels)
            said.append(f"{unsettled} of {whole} audit cases have no settled label, seldom the easy ones: without them shares are biased, so adjudicate first")
        return said


def audit_labels(records: Iterable[Mapping[str, Any]], codings: Sequence[Coding], codebook: Codebook) -> Audit:
    """Return the settled labels of the cases of a batch that were drawn at random.

    Parameters
    ----------
    records : iterable of mapping
        The batch, as `tagger tag` writes it.
    codings : sequence of Coding
    codebook : Codebook

    Raises
    ------
    InputError
        Where no case of the batch was drawn at random and coded.
    """
    texts = {str(r["id"]): fingerprint(r["text"]) if isinstance(r.get("text"), str) else "" for r in records}
    labels: dict[str, dict[str, str]] = {}
    left: Counter[str] = Counter()
    for case, label in merge(codings, codebook, {case: now for case, now in texts.items() if now}).items():
        if case not in texts:
            left["not a case of this batch"] += 1
        elif label.random is not True:
            left["not drawn at random"] += 1
        elif not label.usable:
            left[_reason(label.settled)] += 1
        else:
            labels[case] = {facet: label.codes[facet] for facet in FACETS}
    if not labels:
        told = "; ".join(f"{count} {reason}" for reason, count in left.items()) or "no coding at all"
        raise InputError(f"audit: none of the codings is of a case of this batch that was drawn at random (random = yes) and settled: {told}")
    return Audit(labels, dict(left))


def _reason(settled: str) -> str:
    return {"stale": "the text has changed since it was coded", "unresolved": "coders differ"}[settled]
