"""Files that are no codebook, and what the records give."""

import pickle
import shutil

import pytest

from tagger.codebook import codebook_folder, load_codebook, read_toml
from tagger.codebook.load import LIMIT
from tagger.errors import CodebookError, InputError


@pytest.fixture
def folder(tmp_path):
    shutil.copy(codebook_folder() / "codebook.toml", tmp_path)
    return tmp_path


def fault(call, *arguments):
    with pytest.raises(CodebookError) as caught:
        call(*arguments)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


def test_a_copy_gives_the_same_codebook(folder):
    copy, default = load_codebook(folder), load_codebook()
    assert copy.sha256 == default.sha256 and copy.models == default.models and copy.pairs == default.pairs
    assert copy.path == folder / "codebook.toml" and copy.name == "bauwens-2008 1.0.0"


def test_byte_order_mark_and_carriage_returns_change_nothing_but_the_hash(folder):
    file = folder / "codebook.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    changed, default = load_codebook(folder), load_codebook()
    assert changed.models == default.models and changed.unit == default.unit and changed.sha256 != default.sha256


def test_what_is_written_in_the_file_is_what_the_records_say(folder):
    file = folder / "codebook.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('label = "sharing economy"', 'label = "économie [bold]du partage"'), encoding="utf-8")
    assert load_codebook(folder).label_of("economy", "sharing") == "économie [bold]du partage"


def test_a_missing_folder_or_file_says_the_way_out(tmp_path):
    assert "no such folder" in fault(load_codebook, tmp_path / "nowhere") and "leave it out" in fault(load_codebook, tmp_path / "nowhere")
    (tmp_path / "cues.toml").write_text("")
    said = fault(load_codebook, tmp_path)
    assert str(tmp_path / "codebook.toml") in said and "cues.toml" in said and str(codebook_folder()) in said
    assert "give the folder" in fault(load_codebook, tmp_path / "cues.toml")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'a = 1\nb = "open\n', "line 2, column"),
        (b"a = [1,\n", "end of the file"),
        (b"a = 1\na = 2\n", "line 2"),
        (b'a = 1\nb = 2\nc = "\xe9"\n', "line 3: byte 0xe9 is not UTF-8"),
        (b'a = "\xff\xfe"', "is not UTF-8"),
        (b"a = " + b"[" * 20_000, "nested too deep"),
        (b"a = " + b"9" * 5_000, "no valid TOML"),
        (b"\x00\x00", "line 1"),
    ],
    ids=["open-quote", "open-bracket", "twice", "latin-1", "utf-16", "nested", "digits", "nul"],
)
def test_what_is_no_toml_is_said_with_file_and_line(tmp_path, data, said):
    file = tmp_path / "rules.toml"
    file.write_bytes(data)
    message = fault(read_toml, file)
    assert said in message and message.startswith(str(file))


def test_a_file_over_the_limit_is_refused_unread(tmp_path):
    file = tmp_path / "codebook.toml"
    file.write_bytes(b"#" * (LIMIT + 1))
    assert "over 5 MB" in fault(load_codebook, tmp_path)
    file.write_bytes(b"#" * LIMIT)
    assert read_toml(file) == {}


def test_a_folder_in_place_of_the_file_is_no_file(tmp_path):
    (tmp_path / "codebook.toml").mkdir()
    assert "no such file" in fault(load_codebook, tmp_path)


def test_names_that_do_not_exist_are_said_with_those_that_do():
    book = load_codebook()
    with pytest.raises(InputError, match=r'"12" is not a code of model .*there are: 1, 2, 3'):
        book.code("model", "12")
    with pytest.raises(InputError, match='did you mean "licensing"'):
        book.cue("licencing")
    with pytest.raises(InputError, match=r'"m9\.u99" is not a criterion'):
        book.criterion("m9.u99")


def test_criteria_lead_to_their_code():
    book = load_codebook()
    for code in book.economies + book.models:
        for criterion in code.criteria:
            assert book.criterion(criterion.id) is criterion and book.code_of(criterion.id) is code


def test_a_retired_code_is_kept_for_reading_and_not_given(folder):
    file = folder / "codebook.toml"
    text = file.read_text(encoding="utf-8")
    old = '[[economy]]\nid = "gift"\nlabel = "gift economy"\nshort = "x"\ndefinition = "x"\nuse_when = [{ id = "e-gift.u1", text = "x" }]\navoid_when = []\n'
    old += 'examples = []\nnear_misses = []\nsources = []\nstatus = "retired"\n\n'
    file.write_text(text.replace("[[economy]]", old + "[[economy]]", 1), encoding="utf-8")
    book = load_codebook(folder)
    assert book.economies[0].id == "sharing" and book.label_of("economy", "gift") == "gift economy"
    assert [c.id for c in book.retired] == ["gift"]


def test_the_codebook_goes_to_worker_processes():
    book = load_codebook()
    assert book.opposites and pickle.loads(pickle.dumps(book)) == book  # noqa: S301 (our own bytes)
