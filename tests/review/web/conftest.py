"""A project to attack: a few cases, a store in a file, the application."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("sqlalchemy", reason="the extra `web` is not installed")
pytest.importorskip("httpx2", reason="starlette's TestClient needs httpx2")

from made_web import PORT, Project, made_case

from tagger.codebook import load_codebook
from tagger.review.store import Store, open_store
from tagger.review.web.app import Settings, make_app
from tagger.review.web.sessions import Sessions


@pytest.fixture(scope="session")
def book():
    return load_codebook()


@pytest.fixture
def make(tmp_path, book):
    """Return a function that makes a project."""
    opened: list[Store] = []

    def made(cases=None, *, place: str | Path | None = None, **settings) -> Project:
        store = open_store(place or tmp_path / "made.review.db")
        opened.append(store)
        store.add_cases(cases if cases is not None else [made_case(f"case {n}") for n in range(6)])
        settings = Settings(PORT, **settings)
        sessions = Sessions(store.coder_of)
        return Project(store, make_app(store, book, settings=settings, sessions=sessions), sessions, settings)

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def project(make) -> Project:
    return make()
