"""From parts to outputs, in the order of the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tagger.batch.folder import WorkFolder
from tagger.batch.tally import Tally
from tagger.case import Decision
from tagger.reading.shards import Shard


class Taker(Protocol):
    """What takes the pieces of one sheet: a `Writer`, or whatever else wants to know of all decisions."""

    def add(self, piece: bytes) -> None:
        """Take one piece."""


def merge(folder: WorkFolder, shards: Sequence[Shard], takers: Sequence[Taker]) -> Tally:
    """Hand all pieces to the takers (one for each sheet of the job, in its order); return the counts of the whole run."""
    tally = Tally()
    for shard in shards:
        done = folder.tally(shard.number)
        assert done is not None, shard
        tally.add(done)
        for number, taker in enumerate(takers):
            with folder.part(shard.number, number).open("rb") as part:
                for piece in part:
                    taker.add(piece)
    return tally


class IdSheet:
    """The ids of cases, as digests of 16 hexadecimal digits: to tell whether one came twice without keeping them all as they are."""

    def piece(self, decision: Decision) -> bytes:
        import hashlib

        return hashlib.blake2b(decision.case.id.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest().encode() + b"\n"


class Ids:
    """Counts the cases whose id another had before; eight bytes a case."""

    def __init__(self) -> None:
        from array import array

        self._seen = array("Q")

    def add(self, piece: bytes) -> None:
        self._seen.append(int(piece, 16))

    @property
    def repeated(self) -> int:
        """How many came again."""
        import numpy as np

        return len(self._seen) - len(np.unique(np.frombuffer(self._seen, dtype=np.uint64))) if self._seen else 0
