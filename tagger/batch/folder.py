"""Where a run keeps its parts until they are all there: a hidden folder beside the first output, from which the same command goes on after any end."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tagger.batch.tally import Tally
from tagger.case import Origin, Skipped
from tagger.errors import OutputError
from tagger.places import is_url, key_of
from tagger.reading.shards import Shard
from tagger.writing.durable import output_error, replace_bytes, sync_folder
from tagger.writing.locking import FileLock

FORMAT = 2
PLAN, LOCK, RUN = "plan.json", "lock", "run"


def beside_of(output: str | Path, work: Path | None = None) -> Path:
    """Return the path beside which the parts of a run are whose first output is `output`.

    That is the output itself; where it is a URL, or `work` is given, a name for it in that folder (without one in ``~/.cache/tagger``), the same in every run.
    """
    if work is None and not is_url(output):
        return Path(output).absolute()
    if work is None:
        work = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "tagger")
        try:
            work.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise output_error(work, problem) from problem
    digest = hashlib.blake2b(key_of(output).encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    return work.absolute() / f"{Path(output).name}.{digest}"


def folder_of(output: str | Path) -> Path:
    """Return where the parts of a run stand whose first output is `output`."""
    path = Path(output)
    return path.with_name(f".{path.name}.parts")


def _line(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, default=str) + "\n").encode("utf-8", "backslashreplace")


def _row(shard: Shard) -> list[Any]:
    skipped = [[item.reason, item.origin.file, item.origin.record, item.title] for item in shard.skipped]
    return [list(shard.files), shard.start, shard.end, skipped, shard.size]


def _shard(number: int, row: Sequence[Any]) -> Shard:
    files, start, end, skipped, size = row
    return Shard(number, tuple(files), start, end, tuple(Skipped(reason, Origin(file, record), title) for reason, file, record, title in skipped), size)


class WorkFolder:
    """The parts of one run.

    Parameters
    ----------
    path : Path
        See `folder_of`.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lock: FileLock | None = None

    def begin(self, identity: Mapping[str, Any], shards: Sequence[Shard], run: str = "", seconds: float | None = None) -> int:
        """Take the folder for a run; return how many shards an earlier run of the same command on the same input has done.

        Parts of another run (other input, codebook, model, options or version) are removed.  `run` is another for every run: workers of an earlier one, which
        go on after Ctrl-C on a Dask cluster, leave nothing here from now on.  `seconds` is the time limit of a record (0: none; None: as it was): shards in
        which a record was left out under a shorter one are not taken for done.

        Raises
        ------
        OutputError
            If the folder cannot be made, or another run is at work in it.
        """
        data = _line({"format": FORMAT, **identity, "shards": [_row(shard) for shard in shards]})
        try:
            self._take()
            (self.path / RUN).write_text(run)
            if not self._is(data):
                self._clear()
                replace_bytes(self.path / PLAN, data)
                sync_folder(self.path.parent)
                return 0
            for left in (*self.path.glob(".*.tmp"), *self.path.glob("*.at")):  # of a process that was killed
                left.unlink(missing_ok=True)
            for shard in shards:
                self._forget_if_hasty(shard.number, seconds)
            return sum(self.is_done(shard.number, checked=True) for shard in shards)
        except OSError as problem:
            raise output_error(self.path, problem) from problem

    def _forget_if_hasty(self, shard: int, seconds: float | None) -> None:
        told = self._told(shard)
        if told is None or seconds is None or (seconds or math.inf) <= (told["seconds"] or math.inf):
            return
        if any(item.reason == "too-slow" for item in Tally.of(told["tally"]).quarantined):
            self._manifest(shard).unlink()

    def cuts(self, identity: Mapping[str, Any], shards: Sequence[Shard]) -> Sequence[Shard]:
        """Return the shards into which an earlier run, of the same command on the same input, cut it, if it has done any of them; else `shards`.

        So its parts count with any number of workers, by which `scale_for` cuts.
        """
        try:
            told = json.loads((self.path / PLAN).read_bytes())
        except (OSError, ValueError):
            return shards
        rows = told.pop("shards", ()) if isinstance(told, dict) else ()
        same = told == json.loads(_line({"format": FORMAT, **identity}))
        return [_shard(number, row) for number, row in enumerate(rows)] if same and any(self.path.glob("*.done")) else shards

    def _take(self) -> None:
        while True:
            self.path.mkdir(0o700, exist_ok=True)  # texts may be private, whatever the outputs are
            try:
                lock = FileLock(self.path / LOCK)
            except FileNotFoundError:  # a run ended, and the folder with it
                continue
            try:
                self._held = lock.held(0)
                self._held.__enter__()
            except TimeoutError:
                lock.close()
                message = f"another run is writing the same output (its parts are in {self.path.name}). Wait for it, or choose another name."
                raise OutputError(f"{self.path.parent}: {message}") from None
            except BaseException:
                lock.close()
                raise
            self._lock = lock
            if lock.stands:
                return
            self.close()  # it ended between our opening of the lock and our taking it: what we hold is no longer what others see

    def _is(self, data: bytes) -> bool:
        try:
            return (self.path / PLAN).read_bytes() == data
        except FileNotFoundError:
            return False

    def _clear(self) -> None:
        (self.path / PLAN).unlink(missing_ok=True)  # first: without it nothing here counts
        for left in self.path.iterdir():
            if left.name not in (LOCK, RUN):
                left.unlink()

    def part(self, shard: int, sheet: int) -> Path:
        """Return where the pieces are that a sheet makes of a shard."""
        return self.path / f"{shard:06}.{sheet}.part"

    def _manifest(self, shard: int) -> Path:
        return self.path / f"{shard:06}.done"

    def finish(self, shard: int, tally: Tally, parts: Sequence[tuple[int, str]], seconds: float = 0.0) -> None:
        """Tell that a shard is done: its counts, of each part the size in bytes and the SHA-256, and the time limit of a record (0: none)."""
        replace_bytes(self._manifest(shard), _line({"tally": tally.kept(), "parts": [list(part) for part in parts], "seconds": seconds}))

    def refuse_stray(self, run: str) -> None:
        """Raise OutputError in a worker whose run has ended and whose folder another has taken."""
        try:
            now = (self.path / RUN).read_text()
        except FileNotFoundError:
            now = None
        except OSError as problem:
            raise output_error(self.path / RUN, problem) from problem
        if now not in ("", run):
            raise OutputError(f"{self.path.parent}: another run has taken the parts in {self.path.name}; this one's shard is given up")

    def tally(self, shard: int) -> Tally | None:
        """Return the counts of a shard; None while it is not done."""
        told = self._told(shard)
        return Tally.of(told["tally"]) if told is not None else None

    def is_done(self, shard: int, checked: bool = False) -> bool:
        """Whether a shard is done; `checked` holds its parts to their hashes, and forgets it where they differ."""
        told = self._told(shard)
        if told is None or not checked:
            return told is not None
        for number, (size, sha256) in enumerate(told["parts"]):
            path = self.part(shard, number)
            if not path.is_file() or path.stat().st_size != size or sha256_of(path) != sha256:
                self._manifest(shard).unlink()
                return False
        return True

    def _told(self, shard: int) -> dict[str, Any] | None:
        try:
            return json.loads(self._manifest(shard).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:  # no run of ours leaves that: somebody changed it
            self._manifest(shard).unlink()
            return None

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        self._clear()
        shutil.rmtree(self.path, ignore_errors=True)
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            self._held.__exit__(None, None, None)
            self._lock.close()
            self._lock = None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
