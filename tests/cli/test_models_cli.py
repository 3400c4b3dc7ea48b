"""``tagger models``: what a user sees of the registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tagger import cli
from tagger.registry.history import read_history

FORMATS = Path(__file__).parents[1] / "registry" / "formats"


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(cli.COMMANDS, "models", "tagger.cli.models")


@pytest.fixture
def models(tmp_path):
    """Two models, format-2 in use."""
    folder = tmp_path / "models"
    for name in ("format-1", "format-2"):
        shutil.copytree(FORMATS / name, folder / name)
    (folder / "CURRENT").write_text("format-2\n")
    return folder


def test_list_marks_the_one_in_use(run, models):
    done = run("models", "list", "--models", models)
    rows = done.out.splitlines()
    assert done.status == 0 and done.err == ""
    assert [row.startswith("in use") for row in rows[1:]] == [False, True]
    assert "format-1" in rows[1] and "249" in rows[1] and all(len(row) <= 160 for row in rows)


def test_list_names_what_is_wrong(run, models, tmp_path):
    (models / "format-1" / "manifest.json").write_text("{")
    (models / "CURRENT").write_text("gone\n")
    done = run("models", "list", "--models", models)
    assert done.status == 0 and "unreadable" in done.out and "not the manifest" in done.err and "none of these is in use (CURRENT: gone)" in done.err
    (tmp_path / "none").mkdir()
    assert "no model here" in run("models", "list", "--models", "none").err
    assert run("models", "list", "--models", "nowhere").status == 2


def test_show_tells_all(run, models):
    run("models", "promote", "format-1", "--why", "to compare", "--models", models)
    done = run("models", "show", "format-1", "--models", models)
    assert done.status == 0
    facts = ("format-1 (in use)", "bauwens-2008 1.0.0", "249 texts about 249 initiatives", "language models", "seed 0", "numpy", "weights.skops", "to compare")
    for said in facts:
        assert said in done.out
    assert "format-1, format-2" in run("models", "show", "nothing", "--models", models).err


def test_promote_and_rollback(run, models, texts):
    done = run("models", "promote", "format-1", "--models", models)
    assert (done.status, done.out, done.err) == (0, "", "format-1 is in use now (before: format-2)\n")
    assert all(r["provenance"]["model"].startswith("format-1 ") for r in run("tag", texts, "--models", models, fresh=True).records)
    assert "already" in run("models", "promote", "format-1", "--models", models).err
    assert run("models", "rollback", "--models", models, "--why", "worse").err == "format-2 is in use again (before: format-1)\n"
    assert all(r["provenance"]["model"].startswith("format-2 ") for r in run("tag", texts, "--models", models, fresh=True).records)
    done = run("models", "rollback", "--models", models)
    assert done.status == 2 and "nothing to go back to" in done.err
    assert [(e.did, e.why) for e in read_history(models)] == [("promoted", ""), ("rolled back", "worse")]


def test_verify_ends_with_1_where_there_is_a_fault(run, models):
    assert run("models", "verify", "--models", models).out == "format-1: no fault\nformat-2: no fault\n"
    weights = models / "format-1" / "weights.skops"
    weights.write_bytes(weights.read_bytes()[:-1])
    done = run("models", "verify", "--models", models)
    assert (done.status, done.out) == (1, "format-1: 1 fault\nformat-2: no fault\n") and "SHA-256 differs" in done.err
    assert run("models", "verify", "format-2", "--models", models).status == 0
    done = run("models", "promote", "format-1", "--models", models)
    assert done.status == 2 and "format-1 was not promoted" in done.err and "Traceback" not in done.err
    assert (models / "CURRENT").read_text() == "format-2\n"


def test_gc_says_what_it_would_do_and_does_it(run, models):
    for name in ("old", "older"):
        shutil.copytree(models / "format-1", models / name)
    before = sorted(p.name for p in models.iterdir())
    dry = run("models", "gc", "--keep", "1", "--dry-run", "--models", models)
    assert sorted(p.name for p in models.iterdir()) == before and dry.out.count("would be removed") == 2
    done = run("models", "gc", "--keep", "1", "--models", models)
    assert done.out == dry.out.replace("would be removed", "removed") and "format-2: kept, in use (CURRENT)" in done.out
    assert len([p for p in models.iterdir() if p.is_dir()]) == 2


def test_a_hostile_manifest_is_neither_obeyed_nor_taken_for_markup(run, models):
    path = models / "format-1" / "manifest.json"
    manifest = json.loads(path.read_text())
    evil = "\x1b]8;;file:///etc/passwd\x07x[/bold][link=file:///x]\r\u202egnp\n[red]"
    manifest["training"] |= {"coded_by": evil, "sources": [evil, {"a": 1}], "economy": {evil: evil}, "model": [evil], "texts": evil}
    manifest |= {"parent": {"name": evil, "sha256": 7}, "libraries": {evil: evil, "": 1}, "codebook": {"id": evil, "version": evil}, "thresholds": [evil]}
    manifest["files"]["weights.skops"]["bytes"] = evil
    path.write_text(json.dumps(manifest))
    for arguments in (["list"], ["show", "format-1"], ["verify"]):
        done = run("models", *arguments, "--models", models)
        assert done.status in (0, 1) and "Traceback" not in done.err
        said = done.out + done.err
        assert "\x1b" not in said and "\r" not in said and "\u202e" not in said and "\x07" not in said
    assert "[/bold][link=file:///x]" in run("models", "show", "format-1", "--models", models).out


@pytest.mark.parametrize("command", ["", "list", "show", "promote", "rollback", "verify", "gc"])
def test_help(run, command):
    done = run("models", *command.split(), "--help")
    assert done.status == 0 and "Usage:" in done.out
