"""The tables of a review, their version, and how older ones become this one. The same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
    inspect,
    select,
)

from tagger.errors import InputError

APPLICATION = "tagger-review"
APPLICATION_ID = 0x74616772  # "tagr" in SQLite's header, so that `file` and we know our own
VERSION = 1

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is SQLite's own row number

metadata = MetaData()
about = Table("about", metadata, Column("application", String, primary_key=True), Column("version", Integer, nullable=False))
meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))
cases = Table(  # light: all of it is read when a review opens
    "cases",
    metadata,
    Column("position", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("digest", String(64), nullable=False),  # of the body, to tell changed from same
    Column("head", Text, nullable=False),  # JSON
)
bodies = Table(  # heavy: read one at a time
    "bodies",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # JSON in ASCII, deflated: whatever a text holds (NUL, lone surrogates) comes back as it was
    Column("words", Text, nullable=False),  # title and text, folded, to be searched
)
coders = Table(
    "coders",
    metadata,
    Column("position", _NUMBER, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("token_sha256", String(64), unique=True),
)
assignments = Table("assignments", metadata, Column("case_id", ForeignKey("cases.id"), primary_key=True), Column("coder", String, primary_key=True))
events = Table(
    "events",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("coder", String, nullable=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("undoes", ForeignKey("events.id"), unique=True),  # nothing is undone twice
    Column("body", Text, nullable=False),  # JSON in ASCII: the whole event
    Index("events_by_case", "case_id", "coder"),
    Index("events_by_coder", "coder"),
    sqlite_autoincrement=True,  # a number is never given twice
)

_REFUSAL = "events are only ever added"
TRIGGERS = ("events_no_update", "events_no_delete")
for _name, _verb in zip(TRIGGERS, ("UPDATE", "DELETE"), strict=True):
    _ddl = f"CREATE TRIGGER {_name} BEFORE {_verb} ON events BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    event.listen(events, "after_create", DDL(_ddl).execute_if(dialect="sqlite"))
for _ddl in (
    f"CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION events_refuse()",
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_refuse()",
    "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()",
):
    event.listen(events, "after_create", DDL(_ddl).execute_if(dialect="postgresql"))

# from version n to n + 1, within the transaction that it is called in; version 1 is the first that was released
MIGRATIONS: dict[int, Callable[[Connection], None]] = {}


def version_of(connection: Connection, where: str) -> int | None:
    """Return the version of the tables that are there; None where there are none at all.

    Raises
    ------
    InputError
        Where the tables are another application's, or of a newer version than this tagger knows.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if about.name in tables and {c["name"] for c in inspect(connection).get_columns(about.name)} >= {"application", "version"}:
        version = connection.execute(select(about.c.version).where(about.c.application == APPLICATION)).scalar()
        if version is not None:
            if version > VERSION:
                raise InputError(f"{where}: a review of version {version}; this tagger knows versions up to {VERSION}. Install a newer tagger.")
            return version
    raise InputError(f"{where}: holds the tables of another application ({', '.join(sorted(tables)[:5])}); give a new name, or an empty database")


def create(connection: Connection) -> None:
    """Make the tables of this version."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(about.insert().values(application=APPLICATION, version=VERSION))


def migrate(connection: Connection, version: int) -> None:
    """Bring tables of `version` to this one, step by step.

    Raises
    ------
    InputError
        Where a step is missing.
    """
    for step in range(version, VERSION):
        if step not in MIGRATIONS:
            raise InputError(f"a review of version {step} cannot be brought to version {VERSION}; export it with the tagger that made it, and import it")
        MIGRATIONS[step](connection)
        connection.execute(about.update().values(version=step + 1))
