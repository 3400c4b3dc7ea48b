"""Results kept for the next run: what has not changed is not tagged again.

A finished run leaves its parts beside its output, with a key for each case: the digest of all that its result depends on in the input.  The next run with the
same codebook, rules, model, version and options finds the pieces by the key of what it reads and copies them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tagger.case import Case
from tagger.reading.inputs import Unread
from tagger.writing.durable import replace_bytes, sync_folder

INDEX, MADE_BY = "index.npy", "made-by.json"
OPEN = 64  # part files open at a time


def kept_folder_of(output: str | Path) -> Path:
    """Return where the results of a run are kept whose first output is `output`."""
    path = Path(output)
    return path.with_name(f".{path.name}.kept")


class Outcome(NamedTuple):
    """What the parts hold of one case: the status of its facets, whether its text had to be mended, a piece for each sheet, its key ('' where it has none), and
    whether all that was there from an earlier run.
    """

    economy: str
    model: str
    noted: bool
    pieces: Sequence[bytes]
    key: str = ""
    reused: bool = False

    def line(self) -> bytes:
        """Return the line of the keys' part."""
        return " ".join([self.key or "-", self.economy, self.model, str(int(self.noted)), *(str(len(p)) for p in self.pieces)]).encode() + b"\n"


def key_of(item: Unread | Case, places: bool) -> str:
    """Return the key of a record, '' where that cannot be told before it is read.

    Parameters
    ----------
    item : Unread or Case
    places : bool
        Whether results tell the place in the input (the HTML report does): then a record that moved has another key.
    """
    digest = hashlib.blake2b(digest_size=16)
    if isinstance(item, Unread):
        if not item.raw:
            return ""
        digest.update(b"raw" + item.raw)
    else:
        fields = json.dumps(dict(item.fields), default=repr)  # in their order, in which they are written
        for part in (item.id, item.title, item.text, item.source or "", repr(item.offsets), repr(item.page), fields, *item.notes):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(data) + data)
    if places:
        digest.update(str(item.origin).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def keep(parts: Path, kept: Path, shards: int, sheets: int, made_by: Mapping[str, Any]) -> int:
    """Make the parts of a finished run the kept results in place of earlier ones; return their size in bytes.

    Parameters
    ----------
    parts, kept : Path
        Folders; `parts` is gone afterwards.
    shards, sheets : int
        How many of each there are; the last part of a shard holds the keys.
    made_by : mapping
        What the results depend on beside the input, as `Kept.open` is to be given it.
    """
    import numpy as np

    tables: list[np.ndarray] = []
    statuses: dict[str, int] = {}
    for shard in range(shards):
        at, rows = [0] * sheets, []
        with (parts / f"{shard:06}.{sheets}.part").open() as lines:
            for line in lines:
                key, economy, model, noted, *sizes = line.split()
                lengths = list(map(int, sizes))
                if key != "-":
                    numbers = [statuses.setdefault(s, len(statuses)) for s in (economy, model)]
                    rows.append((int(key[:16], 16), int(key[16:], 16), shard, *numbers, noted == "1", at.copy(), lengths))
                at = [a + b for a, b in zip(at, lengths, strict=True)]
        tables.append(np.array(rows, dtype=_form(sheets)))
    table = np.concatenate(tables)
    table.sort(order=("high", "low"), kind="stable")
    with (parts / INDEX).open("wb") as file:  # not under its final name before the folder has that of the kept results
        np.save(file, table, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    replace_bytes(parts / MADE_BY, json.dumps({"made_by": made_by, "statuses": list(statuses), "sheets": sheets}, sort_keys=True, default=str).encode())
    for left in (*parts.glob("*.done"), *parts.glob("plan.json"), *parts.glob("run"), *parts.glob(f"*.{sheets}.part")):
        left.unlink()
    shutil.rmtree(kept, ignore_errors=True)
    parts.rename(kept)
    sync_folder(kept.parent)
    return sum(file.stat().st_size for file in kept.iterdir())


def _form(sheets: int) -> list[tuple]:
    numbers = [("high", "u8"), ("low", "u8"), ("shard", "i4"), ("economy", "u1"), ("model", "u1"), ("noted", "?")]
    return [*numbers, ("at", "i8", (sheets,)), ("length", "i8", (sheets,))]


class Kept:
    """Results of an earlier run, found by key.

    Parameters
    ----------
    folder : Path
    table : structured array
    statuses : sequence of str
    """

    def __init__(self, folder: Path, table: Any, statuses: Sequence[str]):
        self._folder, self._table, self._statuses = folder, table, statuses
        self._high = table["high"].copy()
        self._files: dict[tuple[int, int], int] = {}

    @classmethod
    def open(cls, folder: Path, made_by: Mapping[str, Any]) -> Kept | None:
        """Open what an earlier run has kept; None where there is nothing, or something else made it."""
        import numpy as np

        try:
            told = json.loads((folder / MADE_BY).read_bytes())
            table = np.load(folder / INDEX, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):  # the last: a file of no bytes
            return None
        same = json.loads(json.dumps(made_by, default=str)) == told.get("made_by")
        return cls(folder, table, told["statuses"]) if same and table.dtype == np.dtype(_form(told["sheets"])) else None

    def find(self, key: str) -> Outcome | None:
        """Return what was made of a record with this key; None where there was none."""
        high, low = int(key[:16], 16), int(key[16:], 16)
        n = int(self._high.searchsorted(self._high.dtype.type(high)))
        while n < len(self._high) and int(self._high[n]) == high:
            row = self._table[n]
            if int(row["low"]) == low:
                pieces = self._pieces(int(row["shard"]), row["at"].tolist(), row["length"].tolist())
                return Outcome(self._statuses[row["economy"]], self._statuses[row["model"]], bool(row["noted"]), pieces, key, True) if pieces else None
            n += 1
        return None

    def _pieces(self, shard: int, starts: Sequence[int], lengths: Sequence[int]) -> list[bytes] | None:
        """Read the pieces; None where a part is not as it was left."""
        pieces = []
        for sheet, (start, length) in enumerate(zip(starts, lengths, strict=True)):
            try:
                piece = os.pread(self._file(shard, sheet), length, start)
            except OSError:
                return None
            if len(piece) != length or not piece.endswith(b"\n"):
                return None
            pieces.append(piece)
        return pieces

    def _file(self, shard: int, sheet: int) -> int:
        handle = self._files.get((shard, sheet))
        if handle is None:
            if len(self._files) >= OPEN:
                self.close()
            handle = self._files[shard, sheet] = os.open(self._folder / f"{shard:06}.{sheet}.part", os.O_RDONLY)
        return handle

    def close(self) -> None:
        """Close the files."""
        for handle in self._files.values():
            os.close(handle)
        self._files.clear()

