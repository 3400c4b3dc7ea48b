"""What a later version of the codebook does to labels."""

import pytest
from made_versions import BEFORE, entry, made, model

from tagger.codebook.migrate import migration_of
from tagger.codebook.moves import load_with_moves
from tagger.errors import CodebookError

OLD, _ = load_with_moves(BEFORE)


def way(folder, old=OLD):
    return migration_of(old, *load_with_moves(folder))


def refused(folder, old=OLD):
    with pytest.raises(CodebookError) as caught:
        way(folder, old)
    return "\n".join(caught.value.faults)


def changed(migration):
    return {(f.facet, f.code): (f.becomes, f.candidates, f.doubtful) for f in migration.fates if f.becomes != f.code or f.doubtful}


def test_nothing_follows_from_nothing():
    same = migration_of(OLD, OLD, ())
    assert same.step == "none" and same.wording_only and changed(same) == {} and same.touched("model") == []


def test_other_words_move_no_label(tmp_path):
    found = way(made(tmp_path / "new", "1.0.1", edits=(("Individuals share what is their own", "People share what is their own"),)))
    assert (found.step, found.wording_only) == ("patch", True)
    assert changed(found) == {}


def test_a_renamed_code_takes_its_labels_along(tmp_path):
    move = '{ facet = "model", kind = "renamed", from = ["9"], to = ["12"] }'
    found = way(made(tmp_path / "new", "2.0.0", move, retire={"9": "12"}, add={"12": "sharing"}))
    assert changed(found) == {("model", "9"): ("12", (), False)}
    assert found.touched("model") == []


def test_a_merged_code_takes_its_labels_along_and_what_it_is_merged_into_is_touched(tmp_path):
    found = way(made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "merged", from = ["2", "3"], to = ["2"] }', retire={"3": "5"}))
    assert changed(found) == {("model", "3"): ("2", (), False)}
    assert found.touched("model") == ["2", "3"]


def test_split_retired_and_redrawn_codes_need_eyes(tmp_path):
    moves = (
        '{ facet = "model", kind = "split", from = ["11"], to = ["12", "13"], text = "12 where pay is per sale" }',
        '{ facet = "model", kind = "retired", from = ["3"], to = ["4"] }',
        '{ facet = "model", kind = "redrawn", from = ["outside"], to = ["6"] }',
    )
    found = way(made(tmp_path / "new", "2.0.0", *moves, retire={"11": "12", "3": "5"}, add={"12": "other", "13": "sharing"}))
    eyes = {("model", "11"): ("12", "13"), ("model", "3"): ("4",), ("model", "outside"): ("outside", "6")}
    assert changed(found) == {key: ("", candidates, False) for key, candidates in eyes.items()}
    assert "12 where pay is per sale" in found.by_code["model", "11"].why[0]


def test_a_split_that_keeps_its_id_needs_eyes_too(tmp_path):
    found = way(made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "split", from = ["9"], to = ["9", "12"] }', add={"12": "sharing"}))
    assert changed(found) == {("model", "9"): ("", ("9", "12"), False)}


def test_what_retires_without_a_word_leads_nowhere_and_is_said(tmp_path):
    found = way(made(tmp_path / "new", "2.0.0", retire={"3": "5"}))
    assert changed(found) == {("model", "3"): ("", (), False)}
    assert "does not say where" in found.by_code["model", "3"].why[0]


def test_a_new_code_leaves_labels_and_lists_those_it_may_fit_better(tmp_path):
    found = way(made(tmp_path / "new", "1.1.0", '{ facet = "model", kind = "added", from = ["6"], to = ["12"] }', add={"12": "commons"}))
    assert found.step == "minor" and changed(found) == {("model", "6"): ("6", ("12",), True)}
    silent = way(made(tmp_path / "silent", "1.1.0", add={"12": "commons"}))
    assert changed(silent) == {} and any("model 12: new" in note for note in silent.notes)


def test_moves_of_several_versions_are_taken_one_after_the_other(tmp_path):
    log = entry(
        "2.0.0", '{ facet = "model", kind = "renamed", from = ["9"], to = ["12"] }', '{ facet = "model", kind = "split", from = ["3"], to = ["2", "4"] }'
    )
    moves = '{ facet = "model", kind = "merged", from = ["12"], to = ["6"] }', '{ facet = "model", kind = "merged", from = ["4"], to = ["5"] }'
    folder = made(tmp_path / "new", "3.0.0", *moves, retire={"9": "7", "3": "5", "4": "1"}, log=log)
    file = folder / "codebook.toml"
    file.write_text(file.read_text() + model("12").replace('"active"', '"retired"'))
    found = way(folder)
    assert changed(found) == {("model", "9"): ("6", (), False), ("model", "3"): ("", ("2", "5"), False), ("model", "4"): ("5", (), False)}


def test_moves_before_the_old_version_are_past(tmp_path):
    past = entry("2.0.0", '{ facet = "model", kind = "redrawn", from = ["9"] }')
    old, _ = load_with_moves(made(tmp_path / "old", "2.0.1", log=past))
    folder = made(tmp_path / "new", "3.0.0", '{ facet = "model", kind = "redrawn", from = ["7"] }', log=past + entry("2.0.1"))
    assert list(changed(way(folder, old))) == [("model", "7")]


def test_criteria_that_read_otherwise_after_a_major_step_need_eyes_unless_the_log_says_that_only_words_changed(tmp_path):
    edits = (('id = "m-none.u1", text = "The text covers', 'id = "m-none.u1", text = "The text is about'),)
    assert changed(way(made(tmp_path / "silent", "2.0.0", edits=edits))) == {("model", "none"): ("", ("none",), False)}
    assert changed(way(made(tmp_path / "said", "2.0.0", '{ facet = "model", kind = "worded", from = ["none"] }', edits=edits))) == {}


def test_a_code_on_another_rung_keeps_its_labels_and_is_said(tmp_path):
    text = (BEFORE / "codebook.toml").read_text()
    start = text.index('[[model]]\nid = "11"')
    block = text[start : text.index("short", start)]
    found = way(made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "moved", from = ["11"] }', edits=((block, block.replace("rung = 6", "rung = 9")),)))
    assert changed(found) == {} and any("model 11: stands on rung 9" in note for note in found.notes)


def test_values_of_cues_follow_and_a_value_that_is_gone_needs_eyes(tmp_path):
    value = '{ id = "foundation"'
    text = (BEFORE / "codebook.toml").read_text()
    line = next(line for line in text.splitlines() if value in line)
    move = '{ facet = "ownership", kind = "renamed", from = ["foundation"], to = ["nonprofit_body"] }'
    edits = ((line, line.replace("foundation", "nonprofit_body", 1)),)
    assert changed(way(made(tmp_path / "new", "2.0.0", move, edits=edits))) == {("ownership", "foundation"): ("nonprofit_body", (), False)}
    assert changed(way(made(tmp_path / "silent", "2.0.0", edits=edits))) == {("ownership", "foundation"): ("", (), False)}


@pytest.mark.parametrize(
    ("version", "options", "said"),
    [
        ("0.9.0", {}, "older than 1.0.0"),
        ("1.0.0", {"edits": (("language = ", "language  = "),)}, "raise its version"),
        ("2.0.0", {"edits": (('id = "bauwens-2008"\n', 'id = "mine"\n'),)}, 'is codebook "mine"'),
        ("2.0.0", {"edits": (('version = "1.0.0"\ndate', 'version = "0.5.0"\ndate'),)}, "does not know version 1.0.0"),
        ("1.0.1", {"add": {"12": "commons"}}, "model 12: new in 1.0.1; that takes a minor step"),
        ("1.1.0", {"retire": {"3": "5"}}, "model 3: no longer there in 1.1.0; that takes a major step"),
        ("1.1.0", {"edits": (('6 = { typical = ["sharing", "commons"] }', '6 = { typical = ["commons"] }'),)}, "sharing with 6 no longer allowed"),
        ("1.0.1", {"edits": (('id = "m-none.u2"', 'id = "m-none.u9"'),)}, 'model "none": has other criteria'),
        ("2.0.0", {"edits": (('[[model]]\nid = "3"', '[[model]]\nid = "33"'), ("\n3 = {", "\n33 = {"))}, 'model "3": is in'),
    ],
)
def test_where_there_is_no_way_the_reason_is_said(tmp_path, version, options, said):
    folder = made(tmp_path / "new", version, **options)
    if said.startswith('model "3"'):  # the id is gone without a trace
        file = folder / "codebook.toml"
        file.write_text(file.read_text().replace('instead = "3"', 'instead = "33"').replace('code = "3"', 'code = "33"'))
    assert said in refused(folder)


def test_a_code_that_was_retired_and_comes_back_is_refused(tmp_path):
    old, _ = load_with_moves(made(tmp_path / "old", "2.0.0", retire={"3": "5"}))
    text = refused(made(tmp_path / "new", "3.0.0", log=entry("2.0.0")), old)
    assert 'model "3": retired in version 2.0.0 and active in 3.0.0; ids are never reused' in text


def test_a_code_is_not_renamed_to_one_that_means_something_else(tmp_path):
    text = refused(made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "renamed", from = ["3"], to = ["4"] }', retire={"3": "5"}))
    assert "with a meaning of its own" in text
