"""Labelled cases: reading them, faults with their line, groups and folds, what may be trained on."""

import json

import pytest

from tagger.case import Case, Origin, Page
from tagger.codebook import load_codebook
from tagger.errors import InputError
from tagger.learning.labelled import Labelled, read_labelled, trainable, with_pages

BOOK = load_codebook()
ROW = {"id": "c1", "title": "Heron", "initiative": "The Heron!", "text": "Volunteers map birds.", "economy": "commons", "model": 6}
ROW |= {"set": "train", "cues": {"payment": "unpaid"}}


def write_lines(path, *rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def folder_of(path, labels, *rows, encoding="utf-8"):
    path.mkdir(exist_ok=True)
    write_lines(path / "cases.jsonl", *rows)
    (path / "labels.csv").write_bytes(labels.encode(encoding))
    return path


def test_a_file_of_labelled_cases(tmp_path):
    (found,) = read_labelled(write_lines(tmp_path / "a.jsonl", ROW))
    assert found.pair == ("commons", "6")
    assert (found.group, found.set, found.cues) == ("theheron", "train", {"payment": "unpaid"})
    assert (found.case.id, found.case.title, found.case.text) == ("c1", "Heron", "Volunteers map birds.")
    assert str(found.case.origin) == f"{tmp_path / 'a.jsonl'}, line 1"


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(ROW).encode() + b"\r\n\n   \n" + json.dumps(ROW | {"id": "c2"}).encode())
    assert [x.case.id for x in read_labelled(path)] == ["c1", "c2"]
    assert read_labelled(path)[1].case.origin.record == "line 4"


def test_id_and_group_where_none_is_given(tmp_path):
    bare = {"text": "x", "economy": "other", "model": "outside"}
    found = read_labelled(write_lines(tmp_path / "a.jsonl", bare, bare | {"title": "Heron"}))
    assert [(x.case.id, x.group) for x in found] == [("1", "1"), ("2", "heron")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"text": "x"', "not JSON"),
        ("[1, 2]", "list in place of an object"),
        ("[" * 100_000, "not JSON"),
        ('{"economy": "other", "model": "1"}', "no text"),
        ('{"text": "  ", "economy": "other", "model": "1"}', "no text"),
        ('{"text": "x", "economy": "", "model": null}', "no economy and no model"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, line, words):
    path = write_lines(tmp_path / "a.jsonl", ROW, line)
    with pytest.raises(InputError, match=words) as caught:
        read_labelled(path)
    assert f"{path}, line 2" in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps(ROW).encode() + b'\n{"text": "caf\xe9"}\n')
    with pytest.raises(InputError, match="line 2"):
        read_labelled(path)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"cases\.jsonl and labels\.csv"):
        read_labelled(tmp_path / "gone")


LABELS = "\ufeffid,economy,model,settled,set,payment\nc1, commons ,6,yes,dev_random,unpaid\nc2,other,outside,unresolved,,\nc9,other,outside,yes,,\n"


def test_a_folder_of_cases_and_labels(tmp_path):
    rows = [{"id": i, "title": f"Title {i}", "text": "x"} for i in ("c1", "c2", "c3")]
    (found,) = read_labelled(folder_of(tmp_path / "f", LABELS, *rows))  # c2 is unresolved, c3 has no label, c9 no text
    assert (found.case.id, found.economy, found.model, found.set, found.cues) == ("c1", "commons", "6", "dev_random", {"payment": "unpaid"})


@pytest.mark.parametrize("missing", ["cases.jsonl", "labels.csv"])
def test_a_folder_that_lacks_a_file(tmp_path, missing):
    folder = folder_of(tmp_path / "f", LABELS, ROW)
    (folder / missing).unlink()
    with pytest.raises(InputError, match=f"no {missing}"):
        read_labelled(folder)


@pytest.mark.parametrize(
    ("labels", "encoding", "words"),
    [
        ("name,economy\nc1,other\n", "utf-8", "no column id and no model"),
        ("", "utf-8", "no column id"),
        ('id,economy,model\nc1,"other"x,1\n', "utf-8", "line 2 or before: no valid CSV"),
        ("id,economy,model\nc1,café,1\n", "latin-1", "UTF-8"),
    ],
)
def test_faulty_labels(tmp_path, labels, encoding, words):
    folder = folder_of(tmp_path / "f", labels, ROW, encoding=encoding)
    with pytest.raises(InputError, match=words) as caught:
        read_labelled(folder)
    assert str(folder / "labels.csv") in str(caught.value)


def labelled(id, economy, model, set="", title="T", text=None, group=None):
    own = " ".join(f"{id}word{i}" for i in range(30)) if text is None else text  # like no other's: near-duplicates of held-out texts are left out
    return Labelled(Case(id, title, own, Origin("a.jsonl")), economy, model, group or id, set)


def test_what_may_be_trained_on():
    economy, model = next(iter(BOOK.pairs))
    forbidden = next((e.id, m.id) for e in BOOK.economies for m in BOOK.models if not BOOK.allowed(e.id, m.id))
    cases = [
        labelled("1", economy, model, "train"),
        labelled("2", economy, model, "dev_random"),
        labelled("3", economy, model, "test"),
        labelled("4", *forbidden),
        labelled("5", "nonsense", model),
        labelled("6", economy, model, "developed"),  # begins with dev: better left out than trained on
    ]
    kept, left = trainable(cases, BOOK)
    assert [x.case.id for x in kept] == ["1"]
    assert sum(left.values()) == 5
    assert left["set dev_random is held out for measuring"] == 1
    assert any("not allowed" in reason and "nonsense" in reason for reason in left)


def test_what_is_tied_to_a_held_out_case_is_not_trained_on():
    economy, model = next(iter(BOOK.pairs))
    text = "The bakers own the bakery and share what it earns after each season, says the board of the mill in the valley below the old bridge."
    cases = [
        labelled("1", economy, model, "train"),
        labelled("2", economy, model, "dev_random", text=text, group="bakery"),
        labelled("3", economy, model, "train", group="bakery"),  # the same initiative in other words
        labelled("4", economy, model, "train", text=text.replace("each season", "every season")),  # nearly the same words under another name
        labelled("5", economy, model, "train", group="3"),
    ]
    kept, left = trainable(cases, BOOK)
    assert [x.case.id for x in kept] == ["1", "5"]
    assert sorted(left.values()) == [1, 2]


def test_pages_get_the_labels_of_the_cases_with_their_title():
    cases = [labelled("b", "other", "outside", title="Heron"), labelled("a", "commons", "6", title="Egret"), labelled("c", "other", "1", title="Heron")]
    pages = [Case("77", "Heron", "long text", Origin("dump.xml"), page=Page(url="u")), Case("78", "Stork", "y", Origin("dump.xml"))]
    found = with_pages(cases, pages)
    assert [(x.case.id, x.case.text, x.model, x.group) for x in found] == [("b", "long text", "outside", "b"), ("c", "long text", "1", "c")]
    assert found[0].case.page.url == "u"


def test_a_label_counts_by_the_confidence_of_its_coders(tmp_path):
    given = [None, "high", "low", ["high", "low"], ["medium", "medium"], [], ["", "low"]]
    path = tmp_path / "a.jsonl"
    write_lines(path, *({**ROW, "id": str(i), "confidence": c} for i, c in enumerate(given)))
    assert [round(x.certainty, 6) for x in read_labelled(path)] == [1.0, 1.0, 0.4, 0.7, 0.7, 1.0, 0.7]
    from tagger.learning.train import Settings
    from tagger.learning.weighting import case_weights

    sure, unsure = case_weights(read_labelled(path)[1:3], Settings(balance=0.0, balance_texts=0.0, certainty=1.0))
    assert unsure / sure == pytest.approx(0.4)
