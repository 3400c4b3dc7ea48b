"""What people hold, as the table of codings that agreement is measured on and models learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.codings.table import Coding, columns_of, faults_of, write_codings
from tagger.review.queue import in_audit
from tagger.review.verdicts import verdicts

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.review.store import Store


@dataclass(frozen=True, slots=True)
class Exported:
    """How many codings were written, and those that the table has no place for, one sentence each."""

    codings: int
    left_out: tuple[str, ...]


def export_codings(store: Store, path: str | Path, codebook: Codebook) -> Exported:
    """Write every coder's current codings, and what adjudicators decided, as CSV; whole or not at all.

    `random` tells whether the case is in the audit share, where the review noted its seed and share. A coding of a text that has changed since keeps the
    fingerprint of the text that was read.

    Raises
    ------
    OutputError, StoreError
    """
    kept, left_out = [], []
    for coding in codings_of(store):
        cells = {"case": coding.case, "coder": coding.coder, "sha256": coding.sha256, "date": coding.date, **coding.codes}
        faults = [f"{column}: {text}" for column, text in faults_of(cells, codebook)]
        faults += [f"{name}: is neither a facet nor a cue of this codebook" for name in coding.codes if name not in columns_of(codebook)]
        if faults:
            left_out.append(f"case {coding.case!r}, coder {coding.coder!r}: " + "; ".join(faults))
        else:
            kept.append(coding)
    write_codings(Path(path), kept, codebook)
    return Exported(len(kept), tuple(left_out))


def codings_of(store: Store) -> Iterator[Coding]:
    """Yield what counts now, in the order of the cases: each coder's coding, by name, then the adjudication."""
    held = verdicts(event for _, event in store.events())
    meta = store.meta()
    for head in store.heads():
        drawn = in_audit(int(meta["seed"]), head.id, float(meta["audit"])) if {"seed", "audit"} <= meta.keys() else None
        for _, verdict in sorted(held.by_case.get(head.id, {}).items()):
            yield verdict.coding(title=head.title, random=drawn)
        if head.id in held.adjudications:
            yield held.adjudications[head.id].coding(role="adjudicator", title=head.title, random=drawn)
