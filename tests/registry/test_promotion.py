"""Promotion and the way back: what is in use changes in one step, to nothing that was not verified, and the history tells it."""

from __future__ import annotations

import json
import shutil

import pytest
from made_models import saved

from tagger.coding.model_file import load_weights
from tagger.coding.model_manifest import CURRENT, MANIFEST, WEIGHTS, current_folder, in_use
from tagger.errors import ModelError
from tagger.pipeline import load_folder
from tagger.registry.history import HISTORY, MADE, PROMOTED, ROLLED_BACK, Entry, changing, effective, read_history, way_back
from tagger.registry.promote import promote, rollback


def switches(models):
    return [(e.did, e.model, e.was) for e in read_history(models) if e.did != MADE]


def test_promote_makes_it_the_one_in_use_and_tells_why(models):
    entry = promote(models, "a", loaded=load_folder(), why="c is worse on random pages", when="2026-11-23T10:00:00Z")
    assert in_use(models) == "a" and current_folder(models) == models / "a"
    assert read_history(models)[-1] == entry
    assert (entry.did, entry.was, entry.why, entry.when, entry.by) == (
        PROMOTED,
        "c",
        "c is worse on random pages",
        "2026-11-23T10:00:00Z",
        "tagger models promote",
    )
    assert promote(models, "a") is None
    assert read_history(models)[-1] == entry


def test_the_history_is_only_added_to(models):
    before = (models / HISTORY).read_bytes()
    promote(models, "b")
    rollback(models)
    after = (models / HISTORY).read_bytes()
    assert after.startswith(before) and after.count(b"\n") == before.count(b"\n") + 2


def test_rollback_goes_back_step_by_step(models):
    promote(models, "a")
    assert [rollback(models).model for _ in range(3)] == ["c", "b", "a"]
    with pytest.raises(ModelError, match="nothing to go back to"):
        rollback(models)
    promote(models, "c")
    assert rollback(models, why="no better").was == "c"
    assert in_use(models) == "a" and read_history(models)[-1].why == "no better"


def test_rollback_without_a_history(models):
    (models / HISTORY).unlink()
    with pytest.raises(ModelError, match="nothing to go back to"):
        rollback(models)
    promote(models, "a")
    assert rollback(models).model == "c"  # the line says what was in use before


def test_rollback_to_a_version_that_is_gone_says_which(models):
    shutil.rmtree(models / "b")
    with pytest.raises(ModelError, match=r"no model 'b' here.*a, c.*before c was b"):
        rollback(models)
    assert in_use(models) == "c"


@pytest.mark.parametrize("change", [b"", b"x", None])
@pytest.mark.parametrize("act", [lambda m: promote(m, "b"), rollback])
def test_what_is_damaged_is_not_put_in_use(models, change, act):
    path = models / "b" / WEIGHTS
    data = path.read_bytes()
    path.unlink() if change is None else path.write_bytes(data[:-1] + change)
    before = (models / HISTORY).read_bytes()
    with pytest.raises(ModelError, match=r"b was not (promoted|rolled back), and .* is as it was"):
        act(models)
    assert in_use(models) == "c" and (models / HISTORY).read_bytes() == before


@pytest.mark.parametrize("name", ["nothere", "", "..", "../c", "/", "a/../b", ".lock", CURRENT, HISTORY])
def test_a_name_that_is_no_version(models, name):
    with pytest.raises(ModelError, match=r"no model .* here; there are a, b, c"):
        promote(models, name)
    assert in_use(models) == "c"


def test_a_link_is_no_version(models, tmp_path):
    (models / "linked").symlink_to(models / "a")
    with pytest.raises(ModelError, match="a link is none"):
        promote(models, "linked")
    (models / CURRENT).write_text("linked\n")
    with pytest.raises(ModelError, match="no model here"):
        current_folder(models)


def test_promote_mends_a_pointer_that_names_nothing(models):
    (models / CURRENT).write_text("gone\n")
    promote(models, "b")
    assert current_folder(models) == models / "b"
    (models / CURRENT).unlink()
    promote(models, "a")
    assert current_folder(models) == models / "a"


def test_a_pointer_that_is_a_link_is_not_followed(models, tmp_path):
    (tmp_path / "elsewhere").write_text("a\n")
    (models / CURRENT).unlink()
    (models / CURRENT).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="symbolic link"):
        promote(models, "b")
    assert (tmp_path / "elsewhere").read_text() == "a\n"


def test_killed_anywhere_promotion_leaves_one_of_the_two_and_ends_alike_when_done_again(models, killed_everywhere, tmp_path):
    def prepare(at):
        return shutil.copytree(models, tmp_path / f"at{at}")

    expected, kills, seen = [*switches(models), (PROMOTED, "a", "c")], 0, set()
    for place in killed_everywhere(prepare, lambda m: promote(m, "a")):
        kills += 1
        load_weights(current_folder(place))
        seen.add((in_use(place), len(read_history(place))))
        promote(place, "a")
        assert in_use(place) == "a" and switches(place) == expected
    assert kills >= 5
    assert {used for used, _ in seen} == {"c", "a"}
    assert len({lines for used, lines in seen if used == "c"}) == 2  # with the line announced, and before


def test_killed_anywhere_a_rollback_is_finished_by_the_next(models, killed_everywhere, tmp_path):
    expected, finished = [*switches(models), (ROLLED_BACK, "b", "c")], 0
    for place in killed_everywhere(lambda at: shutil.copytree(models, tmp_path / f"at{at}"), rollback):
        load_weights(current_folder(place))
        if in_use(place) == "c":
            finished += 1
            assert rollback(place).model == "b"
        assert in_use(place) == "b" and switches(place) == expected
    assert finished >= 4


def line(did, model, was):
    return Entry("", did, model, was, "", "", "")


@pytest.mark.parametrize(
    ("did", "current", "way"),
    [
        ([], None, []),
        ([], "a", ["a"]),
        ([("promoted", "b", "a"), ("promoted", "c", "b")], "c", ["a", "b", "c"]),
        ([("promoted", "b", "a"), ("promoted", "a", "b")], "a", ["a", "b", "a"]),
        ([("promoted", "b", "a"), ("rolled back", "a", "b")], "a", ["a"]),
        ([("promoted", "b", "a"), ("rolled back", "a", "b"), ("promoted", "c", "a")], "c", ["a", "c"]),
        ([("promoted", "b", "a"), ("promoted", "c", "b")], "b", ["a", "b"]),  # the last was announced only
        ([("promoted", "b", "a")], "x", ["a", "b", "x"]),  # CURRENT was written by hand
        ([("promoted", "a", None)], "a", ["a"]),
        ([("rolled back", "a", "b")], "a", ["a"]),  # the history was begun anew in between
    ],
)
def test_way_back(did, current, way):
    assert way_back([line(*entry) for entry in did], current) == way


def test_only_switches_count():
    entries = [line("made", "b", None), line("promoted", "b", "a"), line("removed", "a", None)]
    assert effective(entries, "b") == [entries[1]]


@pytest.mark.parametrize(
    "bad",
    [
        *("{", "[]", "null", "", '{"when": 1}', '{"when": "", "did": "promoted", "model": "../x", "was": null, "sha256": "", "why": "", "by": ""}'),
        '{"when": "", "did": "promoted", "model": "a", "was": 3, "sha256": "", "why": "", "by": ""}',
        "[" * 100_000,
    ],
)
def test_a_history_with_a_foreign_line_is_refused(models, bad):
    with (models / HISTORY).open("a") as stream:
        stream.write(bad + "\n")
    for act in (lambda: promote(models, "b"), lambda: rollback(models)):
        with pytest.raises(ModelError, match="line 7"):
            act()
    assert in_use(models) == "c"


def test_a_history_without_its_last_line_end_is_continued(models):
    path = models / HISTORY
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    promote(models, "a")
    assert read_history(models)[-1].model == "a" and len(read_history(models)) == 7


def test_one_command_at_a_time(models):
    with changing(models), pytest.raises(ModelError, match="another command"), changing(models, patience=0.01):
        pass
    promote(models, "a")


def test_a_candidate_is_kept_aside(models):
    saved(models, "candidate", 9, use=False)
    assert in_use(models) == "c" and switches(models)[-1] == (PROMOTED, "c", "b")
    assert read_history(models)[-1].did == MADE
    assert json.loads((models / "candidate" / MANIFEST).read_text())["parent"]["name"] == "c"
