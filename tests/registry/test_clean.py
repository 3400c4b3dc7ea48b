"""Cleaning up: what is needed stays, whatever is asked for; a version is gone whole or not at all."""

from __future__ import annotations

import os
import shutil

import pytest
from made_models import saved

from tagger.coding.model_file import load_weights
from tagger.coding.model_manifest import CURRENT, MANIFEST, current_folder, model_names
from tagger.errors import ModelError
from tagger.registry.clean import clean, plan
from tagger.registry.history import HISTORY, REMOVED, read_history
from tagger.registry.promote import promote, rollback
from tagger.registry.verify import verify
from tagger.registry.versions import versions


@pytest.fixture(scope="module")
def _seven(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seven")
    for i in range(6):
        saved(folder, f"v{i}", i)
    saved(folder, "aside", 9, use=False)
    return folder


@pytest.fixture
def many(tmp_path, _seven):
    """`v0` to `v5`, and `aside`, which was never in use; `v5` is in use."""
    return shutil.copytree(_seven, tmp_path / "models")


def test_the_oldest_that_nothing_needs_go(many):
    for i, name in enumerate(["v2", "v0", "aside", "v1", "v3"]):  # of one second in the history, so by the clock of the manifest
        os.utime(many / name / MANIFEST, (1e9 + i, 1e9 + i))
    (many / HISTORY).unlink()
    what = clean(many, 2)
    assert what.versions == ("aside", "v0", "v2")
    assert model_names(many) == ["v1", "v3", "v4", "v5"]
    assert [(e.did, e.model) for e in read_history(many)] == [(REMOVED, "aside"), (REMOVED, "v0"), (REMOVED, "v2")]


def test_what_is_needed_stays(many):
    what = plan(many, 0)
    assert dict(what.kept) == {"v5": "in use (CURRENT)", "v4": "parent of v5"}
    promote(many, "v1")  # its parent is v0, before it v5 was in use
    assert dict(plan(many, 0).kept) == {"v1": "in use (CURRENT)", "v0": "parent of v1", "v5": "the way back"}
    rollback(many)
    assert set(dict(plan(many, 0).kept)) == {"v5", "v4", "v1"}  # v1 was promoted last
    clean(many, 0)
    assert model_names(many) == ["v1", "v4", "v5"]
    assert all(verify(v) == [] for v in versions(many))


def test_nothing_goes_where_enough_are_kept(many):
    before = (many / HISTORY).read_bytes()
    assert clean(many, 10).versions == ()
    assert (many / HISTORY).read_bytes() == before


def test_what_is_not_ours_to_remove_is_left_alone(many, tmp_path):
    (many / "v0" / "notes.txt").write_text("mine")
    (many / "v1" / MANIFEST).write_text("{")
    (many / "v2" / "CARD.md").unlink()
    (many / "v2" / "CARD.md").symlink_to(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / MANIFEST).write_text("{}")
    (many / "link").symlink_to(tmp_path / "kept")
    (many / ".mine.new").mkdir()
    (many / ".mine.new" / "data.csv").write_text("x")
    what = clean(many, 0)
    assert set(what.versions) == {"v3", "aside"}
    assert {name: why.split(":")[0] for name, why in what.alone} == {
        "v0": "holds what tagger did not write",
        "v1": "its manifest cannot be read",
        "v2": "holds what tagger did not write",
    }
    assert (many / "link" / MANIFEST).is_file() and (many / ".mine.new" / "data.csv").is_file() and (many / "v0" / "notes.txt").is_file()


def test_nothing_goes_where_it_is_not_said_what_is_in_use(many):
    for text in ("gone\n", None):
        (many / CURRENT).unlink() if text is None else (many / CURRENT).write_text(text)
        with pytest.raises(ModelError):
            clean(many, 0)
    assert len(model_names(many)) == 7


@pytest.mark.slow
def test_killed_anywhere_every_version_is_whole_or_gone(many, killed_everywhere, tmp_path):
    kills = 0
    for place in killed_everywhere(lambda at: shutil.copytree(many, tmp_path / f"at{at}"), lambda m: clean(m, 1)):
        kills += 1
        assert {"v4", "v5"} <= set(model_names(place))
        assert all(v.folder.joinpath("weights.skops").is_file() and not v.fault for v in versions(place))
        load_weights(current_folder(place))
        clean(place, 1)
        assert len(model_names(place)) == 3
        assert sorted(p.name for p in place.iterdir() if p.name.startswith(".")) == [".lock"]
    assert kills > 10
