"""A copy of a SQLite database, taken while others write to it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tagger.errors import InputError, OutputError
from tagger.writing.durable import output_error, remove_left, sync_folder


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the database `source`, as it is at this moment, to `target`: one file (mode 0600), verified, there whole or not at all.

    Raises
    ------
    InputError
        Where both are the same file.
    OutputError
        Where it cannot be written, or the copy does not pass SQLite's integrity check.
    """
    if target.exists() and target.samefile(source):
        raise InputError(f"{target}: is the database itself; give another name")
    name = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        remove_left(target)
        name.unlink(missing_ok=True)
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as problem:
        raise output_error(target, problem) from problem
    try:
        with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(name, isolation_level=None)) as here:
            there.execute("PRAGMA query_only = ON")
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            faults = [row[0] for row in here.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise OutputError(f"{source}: is damaged, so no backup was made ({faults[0]}); take an older backup, and export what can still be read")
        with open(name, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(name, target)
        sync_folder(target.parent)
    except sqlite3.Error as problem:
        raise OutputError(f"{target}: the backup failed ({problem}); nothing was left under this name") from problem
    except OSError as problem:
        raise output_error(target, problem) from problem
    finally:
        name.unlink(missing_ok=True)
