"""The database behind a review: connections that read, and the one that writes.

SQLite up to 3.51.2 can damage a file in WAL mode when two connections write or checkpoint at the same instant. So a process has one connection that writes (and
alone checkpoints), used by one thread at a time, and processes take turns by a lock on a file beside it. Every write is ``BEGIN IMMEDIATE``: a transaction
that reads first and writes later fails at once, whatever its timeout, where another has committed in between.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from tagger.errors import InputError, TaggerError
from tagger.review.store import schema
from tagger.review.store.backup import copy_sqlite
from tagger.writing.durable import output_error
from tagger.writing.locking import FileLock

PATIENCE = 30.0  # seconds that a write waits for others
_TURN = 0x74616772  # key of PostgreSQL's advisory lock


class StoreError(TaggerError):
    """A database that fails: gone, full, locked, damaged."""

    exit_status = 4


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn what a database raises into a sentence.

    Raises
    ------
    StoreError
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as problem:
        cause = " ".join(str(getattr(problem, "orig", None) or problem).split())
        raise StoreError(f"{where}: {cause[:300]}. {_way_out(cause)}") from problem


def _way_out(cause: str) -> str:
    if "malformed" in cause or "not a database" in cause:
        return "The file is damaged: take the newest backup, and export from this one what can still be read (`tagger store export`)."
    if "full" in cause or "space" in cause:
        return "Free some space; nothing of this write was kept."
    if "locked" in cause:
        return "Another program holds the database; end it, or try again."
    if "readonly" in cause or "read-only" in cause or "unable to open" in cause or "ermission" in cause:
        return "Look to the permissions of the file and of its folder."
    return "Nothing of this write was kept; see that the database is up and reachable, and try again."


class SqliteDatabase:
    """A review in one file. Made, if it is not there (mode 0600), and brought to the newest version."""

    def __init__(self, path: Path, *, create: bool = True):
        self.where, self.path = str(path), path
        fresh = _checked(path, create)
        self._turn = threading.Lock()
        try:
            if fresh:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))  # and so are -wal and -shm
            self._lock = FileLock(path.with_name(f"{path.name}-lock"))
        except OSError as problem:
            raise output_error(path, problem) from problem
        self._writer = _sqlite_engine(path, "BEGIN IMMEDIATE", ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"), 1)
        self._reader = _sqlite_engine(path, "BEGIN", ("query_only = ON", "wal_autocheckpoint = 0"), 5)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with told(self.where), self._my_turn():
            with closing(sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)) as raw:  # the id first, so that it never is in the WAL alone
                if not raw.execute("PRAGMA application_id").fetchone()[0]:
                    raw.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
                if raw.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                    raise StoreError(f"{self.where}: this folder cannot hold a database that several use at once (is it a network drive?); choose a local one")
            with self._writer.begin() as connection:
                version = schema.version_of(connection, self.where)
                if version is None:
                    schema.create(connection)
            if version is not None and version < schema.VERSION:
                self.copy_to(self.path.with_name(f"{self.path.name}.version-{version}"))
                with self._writer.begin() as connection:
                    schema.migrate(connection, version)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        with self._turn:
            try:
                with self._lock.held(PATIENCE):
                    yield
            except TimeoutError:
                raise StoreError(f"{self.where}: another tagger has been writing for {PATIENCE:.0f} seconds; end it, or try again") from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with told(self.where), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The connection that writes; all or nothing, on the disk when it is left."""
        with told(self.where), self._my_turn(), self._writer.begin() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Copy the database, as it is at this moment, to `path`: whole, verified, or not at all."""
        copy_sqlite(self.path, path)

    def close(self) -> None:
        """Close everything; the writer last, which so alone checkpoints."""
        self._reader.dispose()
        self._writer.dispose()
        self._lock.close()


def _checked(path: Path, create: bool) -> bool:
    """Tell whether the file is to be made; refuse, untouched, what is none of ours."""
    try:
        if not path.exists() and not create:
            raise InputError(f"{path}: no such file; give the database of a review")
        if not path.exists() or not path.stat().st_size:
            return not path.exists()
    except OSError as problem:
        raise InputError(f"{path}: cannot be read ({problem.strerror}); give a file") from None
    # not by open(): closing a file takes away the locks that this process holds on it; immutable: nothing is made beside it
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as raw:
            raw.execute("PRAGMA writable_schema = ON")  # after a crash the file may be shorter than it says: the rest is in the WAL
            found = raw.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError as problem:
        raise InputError(f"{path}: no SQLite database that can be read ({problem}); give another name") from None
    if found != schema.APPLICATION_ID:
        raise InputError(f"{path}: the database of another application; give another name")
    return False


def _sqlite_engine(path: Path, begin: str, pragmas: tuple[str, ...], connections: int) -> Engine:
    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}")
        return raw

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=connections, max_overflow=0 if connections == 1 else 20)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin) and None)
    return engine


class PostgresDatabase:
    """A review in a PostgreSQL database (its default schema)."""

    path = None

    def __init__(self, url: str, *, create: bool = True):
        try:
            address = make_url(url)
        except ArgumentError:
            raise InputError("this is no address of a database; give postgresql://user@host/database") from None  # not shown: it may hold a password
        if address.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
            raise InputError(f"{address.drivername}: databases are SQLite (give a path) or PostgreSQL (give postgresql://user@host/database)")
        address = address.set(drivername="postgresql+psycopg")
        self.where = address.render_as_string(hide_password=True)
        try:
            self._engine = create_engine(address, pool_pre_ping=True, isolation_level="REPEATABLE READ")
        except ImportError:
            raise InputError("PostgreSQL needs the package psycopg: pip install 'case-tagger[postgres]'") from None
        self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")  # sees what was committed while it waited for its turn
        with self.writing() as connection:
            version = schema.version_of(connection, self.where)
            if version is None and not create:
                raise InputError(f"{self.where}: holds no review")
            if version is None:
                schema.create(connection)
            else:
                schema.migrate(connection, version)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with told(self.where), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection that writes, one at a time: so events get their numbers in the order in which others come to see them."""
        with told(self.where), self._writer.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit TO on"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN})
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
