"""``tagger retrain`` as its user meets it: what is new, what was left out, the comparison, and who is in use afterwards."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
from pathlib import Path

import pytest
from made_encoder import made_encoder
from made_labels import coded, made_rows, made_store, written

from tagger import cli
from tagger.cli.retrain import retrained
from tagger.coding.model_manifest import CURRENT, METRICS, in_use, read_manifest, read_part
from tagger.pipeline import Tagger, load_folder
from tagger.registry.history import MADE, PROMOTED, read_history
from tagger.registry.verify import verify
from tagger.registry.versions import group_digest, trained_on, version, versions
from tagger.retrain.gather import Sources
from tagger.retrain.retraining import Options
from tagger.review.queue import in_audit

OPTIONS = ("--replicates", "100")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run ``tagger retrain`` in a folder of its own; return (status, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setitem(cli.COMMANDS, "retrain", "tagger.cli.retrain")

    def run(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tagger", "retrain", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        capsys.readouterr()
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture(scope="session")
def _first(tmp_path_factory):
    """A folder of models with one that learned from half-wrong labels, and the good labels with held-out ones."""
    folder = tmp_path_factory.mktemp("first")
    files = {"bad": made_rows(90, wrong=0.5, set="train"), "good": made_rows(120, set="train"), "dev": made_rows(30, start=500, set="dev_random")}
    for name, rows in files.items():
        written(folder / f"{name}.jsonl", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", io.StringIO())
        bad = Options("bad", anyway="to begin with", replicates=100)
        assert retrained(Sources((folder / "bad.jsonl", folder / "dev.jsonl")), folder / "models", None, bad).taken.promoted
    return folder


@pytest.fixture
def first(tmp_path, _first):
    return shutil.copytree(_first, tmp_path / "first")


def state(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


def test_better_labels_take_over_and_then_nothing_is_new(run, first):
    models = first / "models"
    given = ("--labelled", first / "good.jsonl", "--labelled", first / "dev.jsonl", "--models", models, "--name", "good", *OPTIONS)
    status, out, err = run(*given)
    assert status == 0 and in_use(models) == "good"
    assert "120 texts about 120 initiatives to learn from" in err and "new since bad: 30 initiatives" in err
    assert "left out: 30 (set dev_random is held out for measuring)" in err
    assert "On held-out cases drawn at random: 30 texts about 30 initiatives. Current: bad." in out and "good is in use now (before: bad)" in out
    manifest = read_manifest(models / "good")
    figures = json.loads(read_part(models / "good", manifest, METRICS))
    assert figures["comparisons"][0]["against"] == "bad" and figures["comparisons"][0]["facets"]["model"]["overall"]["alpha"]["difference"]["low"] > 0
    assert figures["facets"]["model"]["summary"]["cases"] == 30
    assert trained_on(models / "good") == {group_digest(f"case{i}") for i in range(120)}
    assert manifest["parent"]["name"] == "bad" and manifest["training"]["sources"] == ["good.jsonl", "dev.jsonl"]
    assert [verify(v, load_folder(), read_history(models)) for v in versions(models)] == [[], []]
    before = state(models)
    status, out, err = run(*given)
    assert status == 0 and "nothing is new" in err and "good stays in use" in out and state(models) == before


def test_a_second_look_is_trained_when_asked_for_and_missed_when_not(run, first, tmp_path):
    models, encoder = first / "models", made_encoder(tmp_path / "made")
    given = ("--labelled", first / "good.jsonl", "--labelled", first / "dev.jsonl", "--models", models, *OPTIONS)
    status, _, err = run(*given, "--name", "looks", "--neural", encoder)
    assert status == 0 and "second look by the sentence encoder made at" in err and in_use(models) == "looks"
    assert Tagger.load(models, neural=True).second.encoder.name == "made"
    assert verify(version(models, "looks"), load_folder(), read_history(models)) == []
    status, _, err = run(*given, "--name", "looks", "--neural", models / "looks")  # the folder of a model that has an encoder
    assert status == 0 and "nothing is new" in err
    status, _, err = run(*given, "--name", "plain", "--decide", "0.6")
    assert f"the candidate has no second look, which looks has: --neural {models / 'looks'} gives it one, too" in err


@pytest.mark.slow
def test_worse_labels_are_held_back_and_kept_aside(run, first):
    models = first / "models"
    assert run("--labelled", first / "good.jsonl", "--labelled", first / "dev.jsonl", "--models", models, "--name", "good", *OPTIONS)[0] == 0
    given = ("--labelled", first / "bad.jsonl", "--labelled", first / "dev.jsonl", "--models", models, "--name", "worse", *OPTIONS)
    before = state(models)
    status, out, _ = run(*given, "--dry-run")
    assert status == 1 and "Dry run" in out and "would be kept aside" in out and state(models) == before
    status, out, _ = run(*given)
    assert (status, in_use(models)) == (1, "good")
    assert "Held back by economy: alpha is lower by" in out and "good stays in use" in out and f"tagger models promote worse --models {models}" in out
    assert (models / "worse" / METRICS).is_file() and read_history(models)[-1].did == MADE
    assert Tagger.load(models).provenance.model.startswith("good ")
    status, out, _ = run(*given, "--promote", "anyway", "--why", "the old codebook's labels")
    assert (status, in_use(models)) == (0, "worse") and "in use now, anyway" in out  # the very model that was kept aside
    last = read_history(models)[-1]
    assert (last.did, last.model, last.was, last.by) == (PROMOTED, "worse", "good", "tagger retrain")
    assert last.why.startswith("anyway: the old codebook's labels (held back by: economy: alpha is lower")


def test_the_audit_share_of_a_review_decides(run, first):
    rows = made_rows(60, start=200)
    store = made_store(first / "r.review.db", rows, [coded(row) for row in rows], audit="0.5", seed="1")
    models = first / "models"
    status, out, err = run("--labelled", first / "good.jsonl", "--store", store, "--models", models, *OPTIONS)
    assert status == 0 and "On the random audit share of the review" in out and in_use(models) == "retrained"
    assert "set test_audit is held out for measuring" in err
    about = read_manifest(models / "retrained")["training"]
    assert about["coded_by"].startswith("coders of a review (") and about["texts"] == 180 - int(err.split("left out: ")[1].split()[0])
    drawn = {group_digest(f"case{int(row['id'][1:])}") for row in rows if in_audit(1, row["id"], 0.5)}
    assert drawn and not drawn & trained_on(models / "retrained")


@pytest.mark.slow
def test_without_anything_held_out_a_fifth_is_and_what_takes_over_learned_from_all(run, first):
    models = first / "models"
    status, out, err = run("--labelled", first / "good.jsonl", "--models", models, "--seed", "3", *OPTIONS)
    assert "a fifth of the initiatives, drawn by hash" in out and "what takes over learns from all" in err
    assert "initiatives to measure on: in its place stands a model that learned from the initiatives that it was trained on, without these" in err
    assert "bad, learned anew without the sample" in out
    assert status == 0 and len(trained_on(models / "retrained")) == 120
    figures = json.loads((models / "retrained" / METRICS).read_text())
    assert "all cases but these" in figures["about"]["measured"]


@pytest.mark.slow
def test_what_the_model_in_use_was_trained_on_is_said(run, first):
    seen = written(first / "seen.jsonl", made_rows(20, set="dev"))  # the model in use learned from these
    given = ("--labelled", first / "good.jsonl", "--models", first / "models", "--dry-run", *OPTIONS)
    _, out, err = run(*given, "--labelled", seen, "--labelled", first / "dev.jsonl")
    assert "bad was trained on 20 of the 50 initiatives to measure on: what it was trained on is left out of the comparison" in err
    assert "held-out cases drawn at random: 30" in out
    assert "On all held-out cases, without what the model in use was trained on: 30 texts" in out
    _, out, err = run(*given, "--labelled", seen)
    assert "bad was trained on 20 of the 20 initiatives to measure on: in its place stands" in err and "learned anew without the sample" in out


@pytest.mark.slow
def test_the_first_model_is_held_to_the_rules_alone(run, first, tmp_path):
    status, out, err = run("--labelled", first / "good.jsonl", "--models", tmp_path / "none" / "yet", *OPTIONS)
    assert status == 0 and "compared with the rules alone: there is no model in" in err and "(before: the rules alone)" in out
    assert Tagger.load(tmp_path / "none" / "yet").weights is not None


@pytest.mark.slow
def test_a_model_that_cannot_be_used_is_no_obstacle(run, first):
    models = first / "models"
    (models / "bad" / "weights.skops").write_bytes(b"PK")
    status, _, err = run("--labelled", first / "good.jsonl", "--labelled", first / "dev.jsonl", "--models", models, *OPTIONS)
    assert status == 0 and "the model in use cannot be used" in err and "SHA-256 differs" in err
    assert in_use(models) == "retrained" and Tagger.load(models).weights is not None


@pytest.mark.parametrize(
    "arguments, says",
    [
        ((), "no labels to learn from"),
        (("--labelled", "gone.jsonl"), "gone.jsonl"),
        (("--promote", "anyway", "--labelled", "x"), "--why"),
        (("--why", "x", "--labelled", "x"), "--promote anyway"),
        (("--name", "../x", "--labelled", "x"), "--name '../x'"),
        (("--store", "gone.db"), "gone.db"),
        (("--codings", "x.csv"), "--texts"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(run, first, arguments, says):
    before = state(first / "models")
    status, out, err = run("--models", first / "models", *arguments)
    assert status == 2 and says in err and "Traceback" not in err and out == ""
    assert state(first / "models") == before and (first / "models" / CURRENT).read_text() == "bad\n"


@pytest.mark.slow
def test_too_few_labels_to_tell_anything(run, first, tmp_path):
    few = written(tmp_path / "few.jsonl", made_rows(12))
    status, out, _ = run("--labelled", few, "--models", first / "models", *OPTIONS)
    assert status == 1 and "initiatives are too few to tell" in out and in_use(first / "models") == "bad"
    one = written(tmp_path / "one.jsonl", made_rows(1))
    status, _, err = run("--labelled", one, "--models", first / "models", *OPTIONS)
    assert status == 2 and "at least two codes" in err


def test_help(run):
    status, out, _ = run("--help")
    assert status == 0 and "--most-loss" in out and "status 1" in " ".join(out.split())
