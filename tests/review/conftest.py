"""Stores to test with: a file, and a database of a private PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from made_postgres import NotHere, cluster, new_schema


@pytest.fixture(scope="session")
def postgres():
    """The address of a database in a cluster of our own; skips where there is no PostgreSQL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with ExitStack() as stack:
        try:
            address = stack.enter_context(cluster())
        except NotHere as reason:
            pytest.skip(str(reason))
        yield address


@pytest.fixture
def on_postgres(postgres) -> str:
    """The address of an empty place in PostgreSQL."""
    return new_schema(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> str:
    """An empty place for a store, of each kind."""
    return str(tmp_path / "made.review.db") if request.param == "sqlite" else request.getfixturevalue("on_postgres")


@pytest.fixture
def store(place):
    """An open, empty store, of each kind."""
    from tagger.review.store import open_store

    with open_store(place) as opened:
        yield opened
