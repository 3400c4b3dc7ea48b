"""The jobs that are disturbed: all writers of the package, small, and each with something there already that must not be lost."""

from __future__ import annotations

import functools
import json
import shutil
import sqlite3
import sys
import uuid
from contextlib import closing
from pathlib import Path

import harness

TEXT = "Members of the cooperative own the shop; it carries no advertising. "


def command(act):
    """Make `act` end as the command line does."""
    from tagger.cli import run

    run(act)


def tagger(*arguments: object) -> None:
    """Run the command line in this process; nothing looks by the clock, so that each time the same calls are made."""
    from tagger.batch import supervise
    from tagger.cli import main

    supervise.LOOK = 3600.0
    sys.argv = ["tagger", *map(str, arguments)]
    main()


def hidden(name: str) -> bool:
    """Tell whether a file is one that nobody takes for a result."""
    return any(part.startswith(".") for part in Path(name).parts)


class Job:
    """Something that is done in `folder`: `prepare` makes what is there before, `act` is what is disturbed, given anew afterwards it must end as if it had
    never been. Whatever stands under a name without a leading dot must be whole at any time.
    """

    name = ""
    normal = 0  # exit status
    leaves = r"\."  # how the names of the temporary files begin that a killed one may leave

    def __init__(self, folder: Path):
        self.folder = folder

    def prepare(self) -> None:
        raise NotImplementedError

    def act(self) -> None:
        raise NotImplementedError

    def touches(self, line: str) -> bool:
        """Tell, by its line in the trace, whether a call is one of those to disturb."""
        return str(self.folder) in line

    def look(self) -> dict[str, bytes]:
        """Return all files with their bytes."""
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in sorted(self.folder.rglob("*")) if p.is_file()}

    def partial(self, now: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes], ended: harness.Ended) -> list[str]:
        """Return what stands under a final name that is neither the old nor the new."""
        names = {name for name in (*now, *old, *new) if not hidden(name)}
        return [f"{name} is neither as before nor as it ought to be" for name in sorted(names) if now.get(name) not in (old.get(name), new.get(name))]


class Tag(Job):
    """`tagger tag` in shards, two outputs, one bad record, a part of it kept from an earlier run on other input."""

    name, normal, leaves = "tag", 3, r"\.quarantine\."  # small, and other runs may be writing it

    def rows(self, changed: bool) -> str:
        rows = [{"id": f"c{i}", "title": f"T{i}", "text": f"{TEXT * (4 - i % 3)} It is number {i + 100 * (changed and i % 7 == 0)}."} for i in range(18)]
        return "".join(json.dumps(row) + "\n" for row in rows[: 18 if changed else 15]) + "{no JSON\n" * changed

    def prepare(self) -> None:
        (self.folder / ".no-models").mkdir()
        (self.folder / "in.jsonl").write_text(self.rows(changed=False))
        scratch = self.folder.parent / "scratch"
        ended = harness.undisturbed(self.act, scratch)
        assert ended.status == 0, ended
        (self.folder / "in.jsonl").write_text(self.rows(changed=True))

    def act(self) -> None:
        out = self.folder / "out"
        tagger("tag", self.folder / "in.jsonl", "-o", f"{out}.jsonl", "-o", f"{out}.csv", "--models", self.folder / ".no-models", "--quiet")

    def touches(self, line: str) -> bool:
        return super().touches(line) and "/in.jsonl" not in line  # what cannot be read is told in the quarantine: another result, and no fault of a writer


class Report(Tag):
    """`tagger tag` to a report, with nothing kept."""

    name = "report"

    def act(self) -> None:
        report = self.folder / "out.html"
        tagger("tag", self.folder / "in.jsonl", "-o", report, "--models", self.folder / ".no-models", "--quiet", "--no-keep")


class Quarantine(Job):
    """The quarantine of one run beside those of others."""

    name = "quarantine"

    def items(self, *names: str) -> list:
        from tagger.case import Origin, Quarantined

        return [Quarantined("not-json", "This line is no JSON.", Origin("in.jsonl", name)) for name in names]

    def prepare(self) -> None:
        from tagger.writing.quarantine import write_quarantine

        write_quarantine(self.folder / "a.jsonl", self.items("line 1", "line 2"))
        write_quarantine(self.folder / "b.jsonl", self.items("line 7"))

    def act(self) -> None:
        from tagger.writing.quarantine import write_quarantine

        command(lambda: write_quarantine(self.folder / "a.jsonl", self.items(*(f"line {n}" for n in range(3000)))))


class Store(Job):
    """Events into the store of a review; each is acknowledged in a file outside of the folder once `add` has returned."""

    name = "store"
    adding = range(2, 8)

    @property
    def acknowledged(self) -> Path:
        return self.folder.parent / "acknowledged"

    def event(self, number: int):
        from tagger.review.events import Event

        at = f"2026-11-23T10:00:{number:02}.000Z"
        return Event(str(uuid.UUID(int=number + 1)), at, "ada", "coding", "case 1", codes={"economy": "sharing"}, note="x" * 900 * number)

    def prepare(self) -> None:
        from made_cases import made_cases

        from tagger.review.store import open_store

        with open_store(self.folder / "review.db") as store:
            store.add_cases(made_cases(3))
            store.add_all([self.event(0), self.event(1)])

    def act(self) -> None:
        command(self._add)

    def _add(self) -> None:
        from tagger.review.store import open_store

        self.acknowledged.unlink(missing_ok=True)
        with self.acknowledged.open("w") as told, open_store(self.folder / "review.db") as store:
            for number in self.adding:
                store.add(self.event(number))
                print(self.event(number).id, file=told, flush=True)

    def look(self) -> dict[str, bytes]:
        from tagger.review.store import open_store

        with open_store(self.folder / "review.db") as store:
            return {"check": repr(store.check()).encode()} | {event.id: repr(event).encode() for _, event in store.events()}

    def partial(self, now, old, new, ended) -> list[str]:
        told = set(self.acknowledged.read_text().split()) if self.acknowledged.exists() else set()
        present = set(now) - set(old)
        lost = [f"{id} was acknowledged and is not there" for id in sorted(told - present)]
        more = ["more than one event that was not acknowledged"] if len(present - told) > 1 else []
        return [*lost, *more, *([] if now["check"] == b"[]" else [now["check"].decode()]), *(id for id in now if now[id] != new[id])]


class Backup(Store):
    """A backup of a store over an older one."""

    name = "backup"

    def prepare(self) -> None:
        super().prepare()
        self._back_up()
        self._add()

    def _back_up(self) -> None:
        from tagger.review.store import open_store

        with open_store(self.folder / "review.db") as store:
            store.backup(self.folder / "backup.db")

    def act(self) -> None:
        command(self._back_up)

    def look(self) -> dict[str, bytes]:
        with closing(sqlite3.connect(f"file:{self.folder / 'backup.db'}?mode=ro", uri=True)) as copy:
            return {**super().look(), "backup.db": "\n".join([*copy.iterdump(), *copy.execute("PRAGMA integrity_check").fetchone()]).encode()}

    def partial(self, now, old, new, ended) -> list[str]:
        return Job.partial(self, now, old, new, ended)


class Promote(Job):
    """Another version of a model into use."""

    name = "promote"

    def prepare(self) -> None:
        from made_models import saved

        for seed, name in enumerate("abc"):
            saved(self.folder, name, seed)

    def act(self) -> None:
        from tagger.registry.promote import promote

        command(lambda: promote(self.folder, "a", why="better", when="2026-11-23T10:00:00Z"))


class Corpus(Job):
    """A curator's coded cases into a corpus that has some."""

    name = "corpus"

    def rows(self, numbers) -> str:
        rows = [{"id": f"c{i}", "title": f"T{i}", "text": f"{TEXT} {i}", "economy": "sharing", "coder": f"coder {i % 2}"} for i in numbers]
        return "".join(json.dumps({**row, "date": "2026-11-23"}) + "\n" for row in rows)

    def prepare(self) -> None:
        self._give(range(4))
        ended = harness.undisturbed(self.act, self.folder.parent / "scratch")
        assert ended.status == 0, ended
        self._give(range(9))

    def _give(self, numbers) -> None:
        (self.folder / "rows.jsonl").write_text(self.rows(numbers))

    def act(self) -> None:
        tagger("corpus", "add", self.folder / "rows.jsonl", "--corpus", self.folder / "corpus")

    def touches(self, line: str) -> bool:
        return super().touches(line) and "/rows.jsonl" not in line


JOBS = {job.name: job for job in (Tag, Report, Quarantine, Store, Backup, Promote, Corpus)}


def warm() -> None:
    """Have at hand what all children need: small shards, and a pipeline that is loaded once."""
    import tagger.reading.shards as shards
    from tagger.pipeline import Tagger

    shards.PLAIN_BYTES = 1500
    Tagger.load = staticmethod(functools.cache(Tagger.load))


def made(job: type[Job], place: Path) -> Job:
    """Return a job with its folder prepared; a copy of that stays beside it."""
    (place / "scratch").mkdir(parents=True, exist_ok=True)
    folder = place / "job"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = job(folder)
    made.prepare()
    shutil.copytree(folder, place / "before")
    return made
