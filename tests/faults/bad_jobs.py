"""What nobody should do: the harness must find it out."""

from __future__ import annotations

import os

from jobs import Job, command


class Naive(Job):
    """Written under its final name."""

    name = "naive"

    def prepare(self) -> None:
        (self.folder / "out.jsonl").write_bytes(b"old\n" * 5000)

    def act(self) -> None:
        from tagger.errors import OutputError

        def write() -> None:
            try:
                with open(self.folder / "out.jsonl", "wb", buffering=0) as file:
                    for number in range(6):
                        file.write(b"%d\n" % number * 3000)
                    os.fsync(file.fileno())
            except OSError as problem:
                raise OutputError(str(problem)) from problem

        command(write)


class Retrying(Naive):
    """A second fsync after one that failed may succeed without the data."""

    name = "retrying"

    def act(self) -> None:
        handle = os.open(self.folder / ".out.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(handle, b"new\n" * 5000)
        try:
            os.fsync(handle)
        except OSError:
            os.fsync(handle)
        os.replace(self.folder / ".out.tmp", self.folder / "out.jsonl")


class Unsynced(Naive):
    """A name for data that nobody synced."""

    name, synced = "unsynced", False

    def act(self) -> None:
        with open(self.folder / ".out.tmp", "wb") as file:
            file.write(b"new\n" * 5000)
            file.flush()
            if self.synced:
                os.fsync(file.fileno())
        os.replace(self.folder / ".out.tmp", self.folder / "out.jsonl")


class Nameless(Unsynced):
    """Synced data whose name nobody synced."""

    name, synced = "nameless", True


BAD = {job.name: job for job in (Naive, Retrying, Unsynced, Nameless)}
