"""The store of a review: cases, and what people did, which is only ever added to.

One file (SQLite), or a PostgreSQL database for a team. Whatever a method that writes has returned from is on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection

from tagger.review.cases import ReviewCase
from tagger.review.events import Event, event_from
from tagger.review.heads import Head
from tagger.review.store import coder_rows
from tagger.review.store.case_rows import Added, add_cases, all_heads, find_case, get_meta, put_meta, search
from tagger.review.store.coder_rows import Coder
from tagger.review.store.database import PostgresDatabase, SqliteDatabase
from tagger.review.store.event_rows import add_events, numbered


def open_store(where: str | Path, *, create: bool = True) -> Store:
    """Open the store of a review.

    Parameters
    ----------
    where : str or Path
        The file (SQLite), or the address of a PostgreSQL database (``postgresql://user@host/database``).
    create : bool
        Make it where there is none.

    Raises
    ------
    InputError
        Where there is none (without `create`), or what is there is not a review's, or a newer tagger's.
    StoreError
        Where the database cannot be opened.
    """
    text = str(where)
    if text.startswith("sqlite:///"):
        return Store(SqliteDatabase(Path(text.removeprefix("sqlite:///")), create=create))
    if "://" in text:
        return Store(PostgresDatabase(text, create=create))
    return Store(SqliteDatabase(Path(text), create=create))


class Store:
    """What :func:`open_store` returns: a context manager, for any number of threads; several processes may open the same one.

    Attributes
    ----------
    where : str
        The file or address, without a password.
    path : Path or None
        The file, if it is one.
    """

    def __init__(self, database: SqliteDatabase | PostgresDatabase):
        self._database = database
        self.where, self.path = database.where, database.path

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a transaction that sees one moment of the store (for neighbours in this folder)."""
        return self._database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """Return the transaction that writes, all or nothing (for neighbours in this folder)."""
        return self._database.writing()

    # events

    def add(self, event: Event) -> bool:
        """Add an event; return False where that same event is there already (a repeated sending).

        Raises
        ------
        ConflictError
            Where its id holds another event.
        InputError
            Where it is none, its case is not in the review, or it undoes what it may not: another coder's, another case's, what is undone already.
        StoreError
            Where the database fails; then it was not added, or (a connection that broke at the very end) sending it again tells.
        """
        return self.add_all([event]) == 1

    def add_all(self, given: Iterable[Event]) -> int:
        """Add events in their order, all or none; return how many are new. Raises as :meth:`add`."""
        checked = [event_from(event.as_dict()) for event in given]
        with self.writing() as connection:
            return add_events(connection, checked)

    def events(self, after: int = 0, *, coder: str | None = None, case: str | None = None) -> list[tuple[int, Event]]:
        """Return (number, event) in order of the numbers, of those above `after`."""
        with self.reading() as connection:
            return list(numbered(connection, after, coder, case))

    # cases

    def add_cases(self, given: Iterable[ReviewCase]) -> Added:
        """Add cases, all or none; one that is there with another text or suggestion is replaced, its events stay.

        Raises
        ------
        InputError
            Where an id cannot be stored or a record is none.
        """
        with self.writing() as connection:
            return add_cases(connection, given)

    def case(self, case: str) -> ReviewCase | None:
        """Return a case, None where there is none of that id."""
        with self.reading() as connection:
            return find_case(connection, case)

    def heads(self) -> list[Head]:
        """Return all cases, without their texts, in the order in which they were added."""
        with self.reading() as connection:
            return all_heads(connection)

    def search(self, words: str) -> set[str]:
        """Return the ids of the cases whose title or text holds each of the words, in small or capital letters; of all cases where there is no word.

        Raises
        ------
        InputError
            Where the words are too many.
        """
        with self.reading() as connection:
            return search(connection, words)

    # what is known of the review itself

    def meta(self) -> dict[str, str]:
        """Return what was noted of the review (`tagger`, `codebook`, `seed`, `created`, `audit`, `blind`), by key."""
        with self.reading() as connection:
            return get_meta(connection)

    def set_meta(self, **values: str) -> None:
        """Note values, over what stood there."""
        with self.writing() as connection:
            put_meta(connection, values)

    # coders

    def add_coder(self, name: str, role: str = "coder") -> str:
        """Give somebody a token (256 bits) and return it; only its SHA-256 is kept.

        Raises
        ------
        InputError
            Where the name or role cannot be, or the coder has a token.
        """
        with self.writing() as connection:
            return coder_rows.add_coder(connection, name, role)

    def coder_of(self, token: str) -> Coder | None:
        """Return whose token this is; None where it is nobody's, or was revoked."""
        with self.reading() as connection:
            return coder_rows.coder_of(connection, token)

    def revoke(self, name: str) -> None:
        """Take somebody's token away; the codings stay.

        Raises
        ------
        InputError
            Where there is no such coder.
        """
        with self.writing() as connection:
            coder_rows.revoke(connection, name)

    def coders(self) -> list[Coder]:
        """Return the coders in the order in which they were added."""
        with self.reading() as connection:
            return coder_rows.all_coders(connection)

    def assign(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Add assignments (case, coder), all or none; return how many are new.

        Raises
        ------
        InputError
            Where a case is not in the review.
        """
        with self.writing() as connection:
            return coder_rows.assign(connection, pairs)

    def assigned(self, coder: str) -> set[str] | None:
        """Return the cases of `coder`; None where nobody has been assigned anything, so that everybody gets all."""
        with self.reading() as connection:
            return coder_rows.assigned(connection, coder)

    # keeping

    def backup(self, path: str | Path) -> None:
        """Write all of the store to `path`, whole or not at all: a verified copy (SQLite), or the lossless export (PostgreSQL).

        Raises
        ------
        InputError, OutputError
        """
        if isinstance(self._database, SqliteDatabase):
            self._database.copy_to(Path(path))
        else:
            from tagger.review.exchange import export_events

            export_events(self, path)

    def check(self) -> list[str]:
        """Return what is wrong with the store: nothing, where all is well."""
        from tagger.review.store.soundness import faults_in

        return faults_in(self)
