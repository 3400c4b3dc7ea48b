"""Model folders: written whole or not at all, never over another, each file hashed; the model says which initiatives it saw."""

from __future__ import annotations

import functools
import json
import os

import numpy as np
import pytest

from tagger.case import Case, Origin
from tagger.codebook import load_codebook
from tagger.coding.classifier import Block, Weights
from tagger.coding.decide import Thresholds
from tagger.coding.model_file import load_weights, weights_bytes
from tagger.coding.model_manifest import CARD, GROUPS, MANIFEST, PARTS, WEIGHTS, current_folder, in_use, model_names
from tagger.errors import ModelError, OutputError
from tagger.learning.labelled import Labelled
from tagger.learning.model_folder import manifest_of, parts_of, save_model
from tagger.learning.train import Settings
from tagger.pipeline import load_folder
from tagger.registry.history import MADE, PROMOTED, read_history
from tagger.registry.verify import verify
from tagger.registry.versions import group_digest, trained_on, version

BOOK, LEXICON, RULES = load_folder()
CASES = [Labelled(Case(str(i), f"T{i}", f"text {i}", Origin("x", str(i))), "other", "1", f"initiative {i // 2}") for i in range(6)]


def made(seed=0):
    random, pairs = np.random.default_rng(seed), tuple(load_codebook().pairs)
    block = Block(("free",), np.ones(1), random.normal(size=(1, len(pairs))).astype(np.float32))
    return Weights(pairs, random.normal(size=len(pairs)), block, block, (), np.zeros((0, len(pairs)), np.float32))


@functools.cache
def parts(seed):
    return parts_of(CASES, made(seed), BOOK, RULES, LEXICON)


def save(models, name="m", seed=0, **options):
    weights = made(seed)
    data = weights_bytes(weights)
    manifest = manifest_of(data, CASES, BOOK, RULES, LEXICON, Settings(), Thresholds(), ["made.jsonl"])
    return save_model(models, name, weights, manifest, data, parts(seed), **options)


def test_what_is_saved_is_whole_in_use_and_told(tmp_path):
    folder = save(tmp_path / "deep" / "models", why="first")
    assert folder == current_folder(tmp_path / "deep" / "models")
    assert verify(version(folder.parent, "m"), (BOOK, LEXICON, RULES)) == []
    manifest = json.loads((folder / MANIFEST).read_text())
    assert set(manifest["files"]) == {p.name for p in folder.iterdir()} - {MANIFEST} == {WEIGHTS, CARD, GROUPS, "golden.json"}
    assert manifest["settings"]["seed"] == 0 and manifest["parent"] is None and manifest["training"]["initiatives"] == 3
    assert [(e.did, e.model, e.was, e.why) for e in read_history(folder.parent)] == [(MADE, "m", None, ""), (PROMOTED, "m", None, "first")]


def test_it_says_which_initiatives_it_saw_and_names_none(tmp_path):
    folder = save(tmp_path)
    assert trained_on(folder) == {group_digest(f"initiative {i}") for i in range(3)}
    assert group_digest("initiative 3") not in trained_on(folder)
    assert all(b"initiative 1" not in p.read_bytes() for p in folder.iterdir())


def test_the_parent_is_the_model_that_was_in_use(tmp_path):
    save(tmp_path, "one")
    two = save(tmp_path, "two", 1)
    assert json.loads((two / MANIFEST).read_text())["parent"] == {"name": "one", "sha256": load_weights(tmp_path / "one")[1]["files"][WEIGHTS]["sha256"]}


def test_another_model_of_that_name_is_not_written_over(tmp_path):
    before = {p.name: p.read_bytes() for p in save(tmp_path).iterdir()}
    assert save(tmp_path, seed=1).name == "m-2" and save(tmp_path, seed=2).name == "m-3"
    assert {p.name: p.read_bytes() for p in (tmp_path / "m").iterdir()} == before
    assert "# Model m-2" in (tmp_path / "m-2" / CARD).read_text()
    assert in_use(tmp_path) == "m-3"


def test_the_same_model_is_not_written_twice(tmp_path):
    save(tmp_path)
    save(tmp_path, "n", 1)
    lines = len(read_history(tmp_path))
    assert save(tmp_path).name == "m" and in_use(tmp_path) == "m" and model_names(tmp_path) == ["m", "n"]
    assert len(read_history(tmp_path)) == lines + 1  # promoted again


def test_a_damaged_one_is_not_taken_for_the_same(tmp_path):
    (save(tmp_path) / CARD).write_text("x")
    assert save(tmp_path).name == "m-2"


def test_a_candidate_is_kept_aside(tmp_path):
    save(tmp_path)
    assert save(tmp_path, "n", 1, use=False).name == "n" and in_use(tmp_path) == "m"


def test_a_broken_pointer_does_not_lose_a_training(tmp_path):
    save(tmp_path)
    (tmp_path / "CURRENT").write_text("gone")
    save(tmp_path, "n", 1)
    assert in_use(tmp_path) == "n"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", ".a", "CURRENT", "current", "HISTORY.jsonl", "a" * 101, "a b", "a\n"])
def test_names_that_no_model_can_have(tmp_path, name):
    with pytest.raises(OutputError, match="cannot be the name"):
        save(tmp_path / "models", name)
    assert not (tmp_path / "models").exists()


def test_parts_that_no_model_has(tmp_path):
    weights = made()
    data = weights_bytes(weights)
    manifest = manifest_of(data, CASES, BOOK, RULES, LEXICON, Settings(), Thresholds(), [])
    with pytest.raises(ValueError, match=r"extra\.pkl"):
        save_model(tmp_path, "m", weights, manifest, data, {"extra.pkl": b""})
    assert not list(tmp_path.iterdir()) and "extra.pkl" not in PARTS


def test_where_it_cannot_be_written_nothing_is_left(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        save(tmp_path / "file")
    with pytest.raises(OutputError):
        save(tmp_path / "file" / "models")


@pytest.mark.parametrize("at", range(1, 9))
def test_a_full_disk_at_any_moment_leaves_the_model_in_use(tmp_path, monkeypatch, at):
    save(tmp_path)
    real, calls = os.fsync, []

    def fail(handle):
        calls.append(handle)
        if len(calls) == at:
            raise OSError(28, "No space left on device")
        return real(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError):
        save(tmp_path, "n", 1)
    monkeypatch.undo()
    assert in_use(tmp_path) == "m" and verify(version(tmp_path, "m")) == []
    assert save(tmp_path, "n", 1).name == "n" and in_use(tmp_path) == "n"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "CURRENT", "HISTORY.jsonl", "m", "n"]


def test_what_cannot_be_loaded_is_not_put_in_use(tmp_path):
    save(tmp_path)
    weights = made(1)
    weights.base[0] = np.nan
    data = weights_bytes(weights)
    manifest = manifest_of(data, CASES, BOOK, RULES, LEXICON, Settings(), Thresholds(), [])
    with pytest.raises(ModelError, match="n was not promoted"):
        save_model(tmp_path, "n", weights, manifest, data)
    assert in_use(tmp_path) == "m"
