"""``tagger doctor`` as its user meets it."""

from __future__ import annotations

import json
import shutil

import pytest

from tagger.cli import COMMANDS
from tagger.coding.model_manifest import DRIFT, MANIFEST, described
from tagger.learning.labelled import Labelled
from tagger.learning.train import look_at
from tagger.pipeline import released_models
from tagger.retrain.drift import drift_reference, reference_bytes
from tagger.writing.jsonl import dump_line


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(COMMANDS, "doctor", "tagger.cli.doctor")


def test_all_is_well(run):
    done = run("doctor")
    assert (done.status, done.err) == (0, "")
    for said in ("installation", "SQLite", "codebook", "model", "No fault."):
        assert said in done.out


def test_a_fault_ends_with_status_one_and_names_its_mend(run):
    done = run("doctor", "--models", "nowhere", "--store", "nothing.review.db")
    assert done.status == 1 and "2 faults." in done.out
    assert "nowhere: no such folder of models" in done.out and "→ give one that `tagger train -o` wrote" in done.out


def test_a_batch_is_held_to_the_training_data(run, tmp_path, in_use, authored):
    """A model with the numbers of its training data beside it; a batch of which every other text is in no language."""
    cases = [Labelled(x.case, x.economy, x.model, x.case.id) for x in authored[::8]]
    seen = [look_at(x.case, in_use.finder, in_use.rulebook, in_use.codebook) for x in cases]
    shutil.copytree(released_models(), tmp_path / "models", ignore=shutil.ignore_patterns("HISTORY.jsonl"))  # it knows the manifest as it was
    folder = tmp_path / "models" / (tmp_path / "models" / "CURRENT").read_text().strip()
    data = reference_bytes(drift_reference(cases, seen, in_use.weights))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][DRIFT] = described(data)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (folder / DRIFT).write_bytes(data)
    rows = [{"id": f"s{i}", "title": f"Strange {i}", "text": "Zorbel quint mavik drossel henk tulven. " * 9} for i in range(40)]
    rows += [{"id": x.case.id, "title": x.case.title, "text": x.case.text} for x in authored[1::19]]
    (tmp_path / "batch.jsonl").write_text("".join(dump_line(row) for row in rows), encoding="utf-8")
    kept = [{"id": x.case.id, "title": x.case.title, "text": x.case.text, "economy": x.economy, "model": x.model} for x in cases]
    (tmp_path / "train.jsonl").write_text("".join(dump_line(row) for row in kept), encoding="utf-8")
    done = run("doctor", "--models", "models", "--batch", "batch.jsonl", "--against", "train.jsonl", fresh=True)
    assert done.status == 0, done.err
    for said in ("unlike the training data", "unknown words", "strong", "Strange 1", "area under the curve", "zorbel"):
        assert said in done.out
    assert "codes and probabilities are not compared" in done.out


def test_a_batch_needs_the_numbers(run, tmp_path):
    (tmp_path / "x.txt").write_text("A text.")
    done = run("doctor", "--batch", "x.txt")
    assert done.status == 2 and ("a model that is trained now has them" in done.err or "it takes 50 texts" in done.err)


def test_what_is_held_against_nothing(run):
    assert run("doctor", "--against", "x.jsonl").status == 2
