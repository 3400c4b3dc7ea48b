"""The moves of the change log: what is refused, and what is read."""

import pytest
from made_versions import entry, made, model

from tagger.codebook import load_codebook
from tagger.codebook.moves import Move, load_with_moves
from tagger.errors import CodebookError


def refused(folder):
    with pytest.raises(CodebookError) as caught:
        load_with_moves(folder)
    return "\n".join(caught.value.faults)


def test_the_packaged_codebook_has_a_log_that_can_be_read():
    book, moves = load_with_moves()
    assert book.version == book.changes[-1].version and moves == ()


def test_moves_are_read_in_the_order_of_their_versions(tmp_path):
    later = '{ facet = "model", kind = "split", from = ["12"], to = ["13", "14"], text = "by owner" }'
    first = entry("2.0.0", '{ facet = "model", kind = "renamed", from = ["9"], to = ["12"] }')
    folder = made(tmp_path / "new", "3.0.0", later, retire={"9": "13"}, add={"13": "sharing", "14": "sharing"}, log=first)
    file = folder / "codebook.toml"
    file.write_text(file.read_text() + model("12").replace('"active"', '"retired"'))  # it came and went between
    _, moves = load_with_moves(folder)
    assert moves == (Move((2, 0, 0), "model", "renamed", ("9",), ("12",)), Move((3, 0, 0), "model", "split", ("12",), ("13", "14"), "by owner"))


@pytest.mark.parametrize(
    ("version", "move", "said"),
    [
        ("2.0.0", '{ facet = "modle", kind = "worded", from = ["9"] }', ["change[1].moves[0].facet", 'did you mean "model"?']),
        ("2.0.0", '{ facet = "model", kind = "splitted", from = ["9"], to = ["6", "7"] }', ['did you mean "split"?']),
        ("2.0.0", '{ facet = "model", kind = "split", from = ["9"], to = ["6"] }', ["moves[0].to: holds 1", "at least 2"]),
        ("2.0.0", '{ facet = "model", kind = "renamed", from = ["9", "6"], to = ["7"] }', ["moves[0].from: holds 2", "exactly 1"]),
        ("2.0.0", '{ facet = "model", kind = "worded", from = ["99"] }', ['"99" is not a code of model', "status retired"]),
        ("2.0.0", '{ facet = "model", kind = "redrawn", from = ["9"], to = ["66"] }', ['"66" is no active code of model']),
        ("2.0.0", '{ facet = "model", kind = "merged", from = ["9"], to = ["9"] }', ["holds only the code that it is merged into"]),
        ("2.0.0", '{ facet = "model", kind = "worded", from = ["9"], where = "x" }', ["unknown key"]),
        ("2.0.0", '{ facet = "model", kind = "retired", from = ["9"] }', ['"9" was retired in version 2.0.0 and is active', "never reused"]),
        ("2.1.0", '{ facet = "model", kind = "redrawn", from = ["9"] }', ['"redrawn" in version 2.1.0', "a major one"]),
        ("1.0.1", '{ facet = "model", kind = "added", to = ["9"] }', ['"added" in version 1.0.1', "minor"]),
    ],
)
def test_what_is_wrong_with_a_move_is_said_with_its_place(tmp_path, version, move, said):
    text = refused(made(tmp_path / "new", version, move))
    assert [s for s in said if s not in text] == [], text


def test_an_id_that_was_retired_does_not_come_back_in_a_later_version(tmp_path):
    log = entry("2.0.0", '{ facet = "model", kind = "retired", from = ["9"] }')
    text = refused(made(tmp_path / "new", "3.0.0", '{ facet = "model", kind = "added", to = ["9"] }', log=log))
    assert '"9" was retired in version 2.0.0' in text and "never reused" in text


def test_other_faults_of_the_codebook_are_found_too(tmp_path):
    assert "langauge" in refused(made(tmp_path / "new", "2.0.0", edits=(('language = "en"', 'langauge = "en"'),)))


def test_a_codebook_with_moves_is_loaded_as_any_other(tmp_path):
    folder = made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "worded", from = ["9"] }')
    assert load_codebook(folder) == load_with_moves(folder)[0]
    wrong = made(tmp_path / "wrong", "2.0.0", '{ facet = "model", kind = "worded", from = ["99"] }')
    with pytest.raises(CodebookError, match='"99" is not a code of model'):
        load_codebook(wrong)
