"""Runs in shards over made texts."""

from __future__ import annotations

import json

import pytest

from tagger.batch.folder import WorkFolder
from tagger.batch.work import Job
from tagger.pipeline import Tagger
from tagger.reading.shards import plan
from tagger.reading.sources import Source

TEXT = "Members of the cooperative own the shop; it carries no advertising. "


@pytest.fixture
def made(tmp_path):
    """Return a function that makes a job with its shards and begun folder: `count` texts titled T0, T1 ... in shards of some 300."""

    def make(sheets, count=1500, seconds=0.0, name="run"):
        file = tmp_path / "texts.jsonl"
        if not file.exists():
            file.write_text("".join(json.dumps({"id": f"c{i}", "title": f"T{i}", "text": TEXT, "note": "." * 800}) + "\n" for i in range(count)))
        models = tmp_path / "no-models"
        models.mkdir(exist_ok=True)
        source = Source((str(file),))
        shards = plan(source, scale=1 / 16)
        folder = WorkFolder(tmp_path / f".{name}.parts")
        folder.begin({"name": name}, shards)
        return Job(folder.path, source, models, None, Tagger.load(models).provenance, sheets, seconds), shards, folder

    return make


@pytest.fixture
def pieces():
    """Return a function that gives the pieces of all shards, one after the other."""

    def read(folder, shards):
        return b"".join(folder.part(shard.number, 0).read_bytes() for shard in shards).decode().splitlines()

    return read
