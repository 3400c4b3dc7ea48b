"""The file or database that a store opens: what it makes, refuses, brings up to date, copies."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from made_cases import made_cases
from made_reviews import coding
from sqlalchemy import text

from tagger.errors import InputError, OutputError, TaggerError
from tagger.review.store import StoreError, database, open_store, schema


@pytest.fixture
def path(tmp_path):
    return tmp_path / "r.review.db"


def fill(path, events=3):
    with open_store(path) as store:
        store.add_cases(made_cases(3))
        store.add_all([coding(f"case {n % 3}") for n in range(events)])


def bytes_in(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_what_is_made_is_private(path):
    old = os.umask(0)
    try:
        with open_store(path) as store:
            store.add_cases(made_cases(1))
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == dict.fromkeys((path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-lock"), 0o600)


def test_closed_it_is_one_file(path):
    fill(path)
    assert {p.name for p in path.parent.iterdir()} == {path.name, f"{path.name}-lock"}


def test_how_it_writes(path):
    with open_store(path) as store, store.writing() as connection:
        values = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_write_holds_the_lock_from_its_beginning(path):
    refused = pytest.raises(sqlite3.OperationalError, match="locked")
    with open_store(path) as store, store.writing(), closing(sqlite3.connect(path, timeout=0)) as other, refused:
        other.execute("BEGIN IMMEDIATE")


def test_one_connection_writes_and_readers_cannot(path):
    with open_store(path) as store:
        with store.reading() as connection, pytest.raises(Exception, match="readonly"):
            connection.execute(text("DELETE FROM meta"))
        with store.reading() as connection:
            assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar() == 0


def test_a_write_that_fails_leaves_nothing(store):
    store.set_meta(seed="1")
    with pytest.raises(RuntimeError), store.writing() as connection:
        connection.execute(text("DELETE FROM meta"))
        raise RuntimeError
    assert store.meta() == {"seed": "1"}


def test_readers_see_one_moment(store, place):
    store.add_cases(made_cases(1))
    with store.reading() as connection, open_store(place) as other:
        count = text("SELECT count(*) FROM cases")
        before = connection.execute(count).scalar()
        other.add_cases(made_cases(5))
        assert (before, connection.execute(count).scalar(), len(store.heads())) == (1, 1, 5)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\0" * 600, b"x" * 5000])
def test_a_file_that_is_no_database_is_refused_untouched(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError, match=path.name):
        open_store(path)
    assert bytes_in(path.parent) == {path.name: content}


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_another_applications_database_is_refused_untouched(path, mode):
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.execute("CREATE TABLE events (id)")
        other.commit()
    before = bytes_in(path.parent)
    with pytest.raises(InputError, match="another application"):
        open_store(path)
    assert bytes_in(path.parent) == before


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    fill(path)
    with open_store(path) as store:
        assert len(store.events()) == 3


def test_killed_while_it_was_made_it_opens_all_the_same(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    fill(path)


def test_other_tables_in_postgres_are_refused(on_postgres):
    import psycopg

    with psycopg.connect(on_postgres) as connection:
        connection.execute("CREATE TABLE about (me text)")
    with pytest.raises(InputError, match="another application"):
        open_store(on_postgres)


@pytest.mark.parametrize("where", ["{}/none.db", "{}/none/r.db", "sqlite:///{}/none.db"])
def test_without_create_nothing_is_made(tmp_path, where):
    with pytest.raises(InputError, match="no such file"):
        open_store(where.format(tmp_path), create=False)
    assert list(tmp_path.iterdir()) == []


def test_without_create_no_tables_are_made(on_postgres):
    with pytest.raises(InputError, match="holds no review"):
        open_store(on_postgres, create=False)
    with open_store(on_postgres) as store:
        assert store.heads() == []


@pytest.mark.parametrize(
    "where, why",
    [
        ("mysql://user:secret@host/db", "PostgreSQL"),
        ("postgresql+asyncpg://user:secret@host/db", "PostgreSQL"),
        ("postgresql://user:secret@127.0.0.1:1/db?connect_timeout=2", "refused"),
        ("://secret", "no address"),
        ("{}", "unable to open"),
        ("{}/none/r.db", "there is no folder"),
    ],
)
def test_what_cannot_be_opened_is_told_in_a_sentence_without_the_password(tmp_path, where, why):
    with pytest.raises(TaggerError, match=why) as told:
        open_store(where.format(tmp_path))
    assert "secret" not in str(told.value)


def test_the_name_of_a_database_hides_the_password(on_postgres):
    with open_store(on_postgres.replace("tagger@", "tagger:secret@")) as store:
        assert "secret" not in store.where
        assert store.path is None


def test_a_newer_version_is_refused(store, place):
    store.add_cases(made_cases(1))
    with store.writing() as connection:
        connection.execute(text("UPDATE about SET version = 99"))
    with pytest.raises(InputError, match=r"version 99; this tagger knows versions up to 1\. Install a newer"):
        open_store(place)


class TestMigration:
    """A version 0 that never was: without assignments, and with the role of coders under another name."""

    @pytest.fixture
    def old(self, place):
        with open_store(place) as store:
            store.add_cases(made_cases(3))
            store.add(coding("case 1"))
            store.add_coder("ada")
            with store.writing() as connection:
                connection.execute(text("DROP TABLE assignments"))
                connection.execute(text("ALTER TABLE coders RENAME COLUMN role TO task"))
                connection.execute(text("UPDATE about SET version = 0"))
        return place

    @staticmethod
    def step(connection):
        schema.assignments.create(connection)
        connection.execute(text("ALTER TABLE coders RENAME COLUMN task TO role"))

    def test_brings_it_up_to_date_and_keeps_everything(self, old, monkeypatch):
        monkeypatch.setitem(schema.MIGRATIONS, 0, self.step)
        for _ in range(2):
            with open_store(old) as store:
                assert ([c.name for c in store.coders()], len(store.events()), len(store.heads()), store.assigned("ada")) == (["ada"], 1, 3, None)
                with store.reading() as connection:
                    assert connection.execute(text("SELECT version FROM about")).scalar() == 1

    def test_that_fails_leaves_the_old_version(self, old, monkeypatch):
        def fails(connection):
            self.step(connection)
            raise InputError("the disk is made of cheese")

        monkeypatch.setitem(schema.MIGRATIONS, 0, fails)
        with pytest.raises(InputError, match="cheese"):
            open_store(old)
        monkeypatch.setitem(schema.MIGRATIONS, 0, self.step)
        with open_store(old) as store:
            assert len(store.coders()) == 1

    def test_that_nobody_wrote_is_told(self, old):
        with pytest.raises(InputError, match="version 0 cannot be brought to version 1"):
            open_store(old)

    def test_copies_a_file_first(self, tmp_path, monkeypatch):
        path = tmp_path / "r.db"
        fill(path)
        with open_store(path) as store, store.writing() as connection:
            connection.execute(text("UPDATE about SET version = 0"))
        monkeypatch.setitem(schema.MIGRATIONS, 0, lambda connection: None)
        open_store(path).close()
        with closing(sqlite3.connect(tmp_path / "r.db.version-0")) as copy:
            assert copy.execute("SELECT version FROM about").fetchall() == [(0,)]
            assert copy.execute("SELECT count(*) FROM events").fetchall() == [(3,)]


class TestBackup:
    def test_is_a_store_of_its_own_taken_while_others_write(self, path, tmp_path):
        fill(path)
        copy = tmp_path / "copy.db"
        with open_store(path) as store:
            with store.writing() as connection:
                connection.execute(text("DELETE FROM meta"))
                store.backup(copy)
            store.add(coding("case 1"))
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            with open_store(copy) as other:
                assert [e for _, e in other.events()] == [e for _, e in store.events()][:3]
                assert other.check() == []
        assert not list(tmp_path.glob(".*"))

    def test_replaces_an_older_one(self, path, tmp_path):
        copy = tmp_path / "copy.db"
        for number in (1, 2):
            fill(path, number)
            with open_store(path) as store:
                store.backup(copy)
        with open_store(copy) as other:
            assert len(other.events()) == 3

    def test_removes_what_a_killed_one_left(self, path, tmp_path):
        killed = subprocess.Popen([sys.executable, "-c", ""])
        killed.wait()
        (tmp_path / f".copy.db.{killed.pid}.tmp").write_bytes(b"half of it")
        fill(path)
        with open_store(path) as store:
            store.backup(tmp_path / "copy.db")
        assert not list(tmp_path.glob(".*"))

    def test_of_a_damaged_file_keeps_the_older_one(self, path, tmp_path):
        fill(path, 200)
        copy = tmp_path / "copy.db"
        with open_store(path) as store:
            store.backup(copy)
        before = copy.read_bytes()
        damage(path)
        with pytest.raises(TaggerError, match="damaged"), open_store(path) as store:
            store.backup(copy)
        assert copy.read_bytes() == before
        assert not list(tmp_path.glob(".*"))

    @pytest.mark.parametrize("target, why", [("r.review.db", "is the database itself"), ("none/copy.db", "there is no folder"), (".", "is a folder")])
    def test_refuses(self, path, tmp_path, target, why):
        fill(path)
        before = path.read_bytes()
        with open_store(path) as store, pytest.raises((InputError, OutputError), match=why):
            store.backup(tmp_path / target)
        assert path.read_bytes() == before

    def test_of_postgres_is_the_export(self, on_postgres, tmp_path):
        from tagger.review.exchange import import_events

        with open_store(on_postgres) as store, open_store(tmp_path / "r.db") as other:
            store.add_cases(made_cases(2))
            store.add(coding("case 1"))
            store.backup(tmp_path / "backup.jsonl")
            import_events(tmp_path / "backup.jsonl", other)
            assert [e for _, e in other.events()] == [e for _, e in store.events()]


def damage(path):
    """Overwrite a stretch in the middle of the file, past the schema."""
    with open(path, "r+b") as stream:
        size = os.path.getsize(path)
        stream.seek(size // 2 // 4096 * 4096)
        stream.write(b"\xff" * min(16_384, size // 4))


def test_check_tells_of_a_damaged_file(path):
    fill(path, 200)
    damage(path)
    with open_store(path) as store:
        assert store.check()


HOLDS = """
import sys
from tagger.writing.locking import FileLock
with FileLock(sys.argv[1]).held(9):
    print("held", flush=True)
    input()
"""


def test_a_writer_that_never_ends_is_told(path, monkeypatch):
    fill(path)
    holder = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", HOLDS, f"{path}-lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        holder.stdout.readline()
        monkeypatch.setattr(database, "PATIENCE", 0.05)
        with pytest.raises(StoreError, match="another tagger has been writing"):
            open_store(path)
    finally:
        holder.kill()
        holder.communicate()
    open_store(path).close()  # the lock died with its holder


def test_a_full_disk_is_told(path, monkeypatch):
    with open_store(path) as store:
        store.add_cases(made_cases(3))
        with store.writing() as connection:
            connection.execute(text("PRAGMA max_page_count = 40"))
        with pytest.raises(StoreError, match="Free some space"):
            store.add_all([coding("case 1", note="long " * 1000) for _ in range(60)])
        assert store.events() == []
        assert store.add(coding("case 1"))


def test_what_a_crash_in_the_middle_of_a_checkpoint_leaves_is_opened(path):
    """The file tells of more pages than it has yet; they are in the WAL."""
    fill(path, 3)
    with open_store(path) as store:
        before = path.read_bytes()
        store.add_all([coding("case 1", note="x" * 9000) for _ in range(5)])
        wal = path.with_name(f"{path.name}-wal").read_bytes()
        wanted = store.events()
    after = path.read_bytes()
    page = int.from_bytes(after[16:18], "big")
    assert len(after) > len(before)
    path.write_bytes(after[:page] + before[page:])
    path.with_name(f"{path.name}-wal").write_bytes(wal)
    with open_store(path) as store:
        assert store.events() == wanted
        assert store.check() == []
