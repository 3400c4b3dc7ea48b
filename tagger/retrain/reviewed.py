"""What a review's store gives to learn from: codings as people hold them now, and the texts that they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.codebook import Codebook
from tagger.codings.table import Coding, columns_of, faults_of
from tagger.review.codings_out import codings_of

if TYPE_CHECKING:
    from tagger.review.store import Store


@dataclass(frozen=True)
class Review:
    """The codings of one store that the codebook has a place for, the text of each coded case, and the cases with codings that it has none for."""

    name: str
    codings: tuple[Coding, ...]
    texts: Mapping[str, str]
    foreign: tuple[str, ...]


def read_review(where: str | Path, codebook: Codebook) -> Review:
    """Read what counts in a store.

    Raises
    ------
    InputError, StoreError
        Where there is no store, or it cannot be opened.
    """
    from tagger.review.store import open_store

    with open_store(where, create=False) as store:
        return review_of(store, codebook)


def review_of(store: Store, codebook: Codebook) -> Review:
    """Return what counts in an open store; see :func:`read_review`."""
    known = set(columns_of(codebook))
    kept, foreign = [], []
    for coding in codings_of(store):
        cells = {"case": coding.case, "coder": coding.coder, "sha256": coding.sha256, "date": coding.date, **coding.codes}
        sound = not any(faults_of(cells, codebook)) and coding.codes.keys() <= known
        (kept if sound else foreign).append(coding)
    texts = {case: found.text for case in dict.fromkeys(c.case for c in kept) if (found := store.case(case)) is not None}
    return Review(Path(store.where).name, tuple(kept), texts, tuple(dict.fromkeys(c.case for c in foreign)))
