"""A PostgreSQL of our own, for as long as it is needed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_schemas = count(1)
_OPTIONS = "-c listen_addresses='' -c unix_socket_directories={} -c fsync=off -c max_connections=200"


class NotHere(Exception):
    """Why PostgreSQL cannot be started on this machine."""


def _tool(name: str) -> str:
    """Return where a tool is; Debian keeps them out of PATH, where a wrapper of that name may be another thing."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    tool = str(found[-1]) if found else shutil.which(name)
    if not tool:
        raise NotHere("PostgreSQL is not installed (apt-get install postgresql)")
    return tool


@contextmanager
def cluster() -> Iterator[str]:
    """Make and start a cluster on a Unix socket; yield the address of a database; stop and remove it.

    Raises
    ------
    NotHere
    """
    initdb, postgres = _tool("initdb"), _tool("pg_ctl")
    user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="tagger-pg-", dir="/tmp"))  # a socket's path must be short
    data = str(folder / "data")

    def run(*command: str) -> None:
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=folder, timeout=60)  # noqa: S603

    try:
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            try:
                account = pwd.getpwnam("postgres")
            except KeyError:
                raise NotHere("running as root, and there is no user postgres that could run PostgreSQL") from None
            os.chown(folder, account.pw_uid, account.pw_gid)
            user += ["runuser", "-u", "postgres", "--"]
        run(initdb, "-D", data, "-U", "tagger", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        run(postgres, "-D", data, "-o", _OPTIONS.format(folder), "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://tagger@/postgres?host={folder}"
        finally:
            run(postgres, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_schema(address: str) -> str:
    """Make an empty schema (quicker than a database) and return its address."""
    import psycopg

    name = f"review_{next(_schemas)}"
    with psycopg.connect(address) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{address}&options=-csearch_path%3D{name}"
