"""Verification: every fault is named with its way out, and nothing foreign is opened on the way."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from made_models import BOOK, made_manifest, rewritten, saved

from tagger.coding.model_manifest import CARD, DRIFT, GROUPS, MANIFEST, METRICS, WEIGHTS, read_manifest, read_part
from tagger.errors import ModelError
from tagger.pipeline import load_folder
from tagger.registry.history import read_history
from tagger.registry.verify import verify
from tagger.registry.versions import group_digest, trained_on, version, versions


def faults(models, name="c", loaded=None):
    return verify(version(models, name), loaded, read_history(models))


def changed(models, name="c", **more):
    path = models / name / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | more))


def test_what_training_writes_has_no_fault(models):
    loaded = load_folder()
    assert {name: faults(models, name, loaded) for name in "abc"} == {"a": [], "b": [], "c": []}


@pytest.mark.parametrize("name", [WEIGHTS, CARD, GROUPS, METRICS])
def test_every_file_is_held_to_the_manifest(models, name):
    path = models / "c" / name
    data = path.read_bytes()
    for bad in (data[:-1], data + b"\n", bytes([data[0] ^ 1]) + data[1:], b""):
        path.write_bytes(bad)
        (fault,) = faults(models)
        assert str(path) in fault and "SHA-256 differs" in fault
    path.unlink()
    assert "cannot be read" in "".join(faults(models))


@pytest.mark.parametrize("name", ["weights.pkl", "model.joblib", ".hidden", "CARD.html", "sub/x", DRIFT])
def test_a_foreign_file_is_named_and_not_opened(models, name, monkeypatch):
    path = models / "c" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\x80\x04.")
    real, opened = os.open, []
    monkeypatch.setattr(os, "open", lambda p, *a, **k: (opened.append(str(p)), real(p, *a, **k))[1])
    (fault,) = faults(models)
    assert str(models / "c" / name.split("/")[0]) in fault and "not opened" in fault
    assert opened and not any(name in p for p in opened)


def test_what_a_killed_write_left_is_no_fault(models):
    (models / "c" / ".CARD.md.123.tmp").write_bytes(b"x")
    assert faults(models) == []


@pytest.mark.parametrize("name", [WEIGHTS, CARD, GROUPS, MANIFEST])
def test_links_pipes_and_folders_are_not_opened(models, name, tmp_path):
    path = models / "c" / name
    data = path.read_bytes()
    (tmp_path / "outside").write_bytes(data)
    path.unlink()
    path.symlink_to(tmp_path / "outside")
    assert any("symbolic link" in fault for fault in faults(models))
    path.unlink()
    os.mkfifo(path)  # opened as a file is, this would wait for ever
    if name == MANIFEST:  # then there is no model of that name
        with pytest.raises(ModelError, match="no model 'c'"):
            faults(models)
        return
    assert any("not a plain file" in fault for fault in faults(models))
    path.unlink()
    path.mkdir()
    assert any("not a plain file" in fault for fault in faults(models))


@pytest.mark.parametrize("name", ["../weights.skops", "/etc/passwd", "model.pkl", "", CARD + "/", "CURRENT"])
def test_a_manifest_that_names_other_files_is_refused(models, name):
    manifest = json.loads((models / "c" / MANIFEST).read_text())
    changed(models, files=manifest["files"] | {name: manifest["files"][CARD]})
    (fault,) = faults(models)
    assert "no model has" in fault and repr(name) in fault


def test_a_file_too_large_is_not_read(models):
    with (models / "c" / CARD).open("wb") as stream:
        stream.truncate((1 << 20) + 1)  # a sparse file
    assert any("over 1 MB" in fault for fault in faults(models))
    with (models / "c" / MANIFEST).open("wb") as stream:
        stream.truncate((1 << 20) + 1)
    assert "over 1 MB" in "".join(faults(models))


def test_a_model_exchanged_with_its_manifest_is_not_the_one_that_was_promoted(models):
    data = (models / "a" / WEIGHTS).read_bytes()
    rewritten(models / "c", WEIGHTS, data)
    (fault,) = faults(models)
    assert "is not the one that was promoted at" in fault


@pytest.mark.parametrize(("book", "said"), [({"id": "other"}, "codebook other"), ({"version": "9.0.0"}, "9.0.0"), ({"version": None}, "None")])
def test_a_model_of_another_codebook_is_a_fault_where_the_codebook_is_known(tmp_path, book, said):
    manifest = {"codebook": {"id": BOOK.id, "version": BOOK.version, "sha256": BOOK.sha256} | book}
    saved(tmp_path, "x", manifest=manifest)
    (fault,) = faults(tmp_path, "x", load_folder())
    assert said in fault and "train anew" in fault
    assert faults(tmp_path, "x") == []


def test_a_model_of_the_same_codebook_in_other_words_fits(tmp_path):
    major, minor, _ = BOOK.version.split(".")
    saved(tmp_path, "x", manifest={"codebook": {"id": BOOK.id, "version": f"{major}.{minor}.99", "sha256": "2" * 64}})
    assert faults(tmp_path, "x", load_folder()) == []


@pytest.mark.parametrize("thresholds", [{"decide": 2.0}, {"decide": "0.5"}, {"other": 0.5}, [], 5])
def test_thresholds_that_cannot_be(models, thresholds):
    changed(models, thresholds=thresholds)
    assert any("thresholds" in fault for fault in faults(models))


def test_parts_of_another_kind(models):
    rewritten(models / "c", GROUPS, b"<script>\n")
    rewritten(models / "c", METRICS, b"[" * 100_000)
    found = faults(models)
    assert any("digests" in fault for fault in found) and any("no JSON" in fault for fault in found)


def test_every_fault_at_once(models):
    for name in (WEIGHTS, CARD, GROUPS):
        (models / "c" / name).write_bytes(b"x")
    (models / "c" / "extra").write_bytes(b"")
    assert len(faults(models)) == 4


def test_which_initiatives_a_model_saw(models):
    assert trained_on(models / "c") == {"0123456789abcdef"}
    assert group_digest("wikipedia") == hashlib.sha256(b"wikipedia").hexdigest()[:16]
    (models / "c" / GROUPS).write_bytes(b"0" * 17)
    with pytest.raises(ModelError, match="SHA-256"):
        trained_on(models / "c")


def test_a_part_that_is_not_there_is_said_to_be_missing(models):
    with pytest.raises(ModelError, match=r"drift\.json: not in manifest\.json"):
        read_part(models / "c", read_manifest(models / "c"), DRIFT)


def test_versions_and_what_cannot_be_read(models):
    (models / "b" / MANIFEST).write_text("{")
    (models / "empty").mkdir()
    (models / "file").write_text("")
    found = versions(models)
    assert [(v.name, v.used, bool(v.fault), v.parent) for v in found] == [("a", False, False, ""), ("b", False, True, ""), ("c", True, False, "b")]
    assert found[0].made.endswith("Z") and found[0].table("training")["texts"] == 3 and found[0].table("nothing") == {}


def test_a_folder_that_is_none_of_models(models, tmp_path):
    for folder, said in ((tmp_path / "none", "no such folder"), (models / "a", "is the folder of one model")):
        with pytest.raises(ModelError, match=said):
            versions(folder)


def test_manifest_of_a_made_up_model_is_read(models):
    assert set(made_manifest(b"")) <= set(read_manifest(models / "c"))
