"""``tagger corpus``: hydrate, dehydrate, agreement, stats and add as a curator meets them."""

from __future__ import annotations

import csv
import json

import pytest

HEADER = "id,title,text,economy,model,licensing,coder,note"
GOOD = 'b1,Bakery,"The bakery belongs to its bakers, who sell bread.",other,10,unstated,ann,sure'
CLIPS = "c1,Clips,People post clips and advertisers pay.,sharing,9,unstated,ann,"


@pytest.fixture
def curator(tmp_path):
    """A curator's file; call it with rows."""

    def write(*rows, name="mine.csv", header=HEADER):
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return name

    return write


def codings(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_add_makes_a_corpus_and_adding_again_changes_nothing(run, curator, tmp_path):
    done = run("corpus", "add", curator(GOOD, CLIPS), "--corpus", "mine")
    assert (done.status, "added 2 texts and 2 codings" in done.err) == (0, True)
    rows = [json.loads(line) for line in (tmp_path / "mine/cases.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(r["id"], r["model"], r["text"][:10]) for r in rows] == [("b1", "10", "The bakery"), ("c1", "9", "People pos")]
    table = codings(tmp_path / "mine/codings/ann.csv")
    assert [(r["case"], r["coder"], r["model"], r["note"]) for r in table] == [("b1", "ann", "10", "sure"), ("c1", "ann", "9", "")]
    before = {p: p.read_bytes() for p in (tmp_path / "mine").rglob("*.*")}
    again = run("corpus", "add", "mine.csv", "--corpus", "mine")
    assert (again.status, "0 codings to add, 2 known already" in again.err) == (0, True)
    assert {p: p.read_bytes() for p in (tmp_path / "mine").rglob("*.*")} == before


def test_add_says_each_fault_with_row_and_column_and_writes_nothing(run, curator, tmp_path):
    bad = ["c1,Clips,A text.,sharing,99,opn,ann,", "d1,Soap,Buy soap.,commons,1,,ann,", "e1,Empty,,other,1,,ann,", 'f1,"No\ncoder",Text here.,other,1,,,']
    done = run("corpus", "add", curator(GOOD, *bad, "g1,Bad,Text.,other,0,,ann,"), "--corpus", "mine")
    assert done.status == 2
    assert 'mine.csv, row 3, column model: "99" is not a code of model' in done.err
    assert 'mine.csv, row 3, column licensing: "opn" is not a code of licensing; did you mean "open"?' in done.err
    assert 'mine.csv, row 4, column economy: "commons" contradicts model "1"; with that model go: other' in done.err
    assert "mine.csv, row 5, column text" in done.err
    assert "mine.csv, row 6, column coder: is empty" in done.err
    assert 'mine.csv, row 7 (line 8), column model: "0"' in done.err
    assert "6 faults in 5 rows; nothing was written" in done.err
    assert not (tmp_path / "mine").exists()


def test_a_second_coder_joins_and_one_id_cannot_stand_for_two_texts(run, curator, tmp_path):
    run("corpus", "add", curator(GOOD, CLIPS), "--corpus", "mine")
    done = run("corpus", "add", curator(GOOD.replace(",10,", ",1,").replace("ann", "bob")), "--corpus", "mine")
    assert (done.status, "added 0 texts and 1 coding " in done.err) == (0, True)
    assert len(codings(tmp_path / "mine/codings/bob.csv")) == 1
    other = run("corpus", "add", curator("b1,Bakery,Another text.,other,10,,bob,"), "--corpus", "mine")
    assert (other.status, "'b1' stands for another text already" in other.err) == (2, True)
    changed = run("corpus", "add", curator(GOOD.replace(",10,", ",1,")), "--corpus", "mine")
    assert (changed.status, "'ann' coded 'b1' otherwise before (economy other, model 10)" in changed.err) == (2, True)


def test_check_only_writes_nothing_and_a_coder_can_be_given(run, curator, tmp_path):
    file = curator("b1,Bakery,A text.,other,10", header="id,title,text,economy,model")
    done = run("corpus", "add", file, "--corpus", "mine", "--coder", "ann", "--check-only")
    assert (done.status, done.err.strip()) == (0, "1 coding to add")
    assert not (tmp_path / "mine").exists()


def test_a_damaged_corpus_is_not_added_to(run, curator, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/cases.jsonl").write_text('{"id": "a", "text": "b"}\n{"id": "c"\n', encoding="utf-8")
    done = run("corpus", "add", curator(GOOD), "--corpus", "mine")
    assert (done.status, "cases.jsonl, line 2: not JSON" in done.err) == (2, True)


@pytest.fixture
def coded(tmp_path):
    """A folder of coded texts, and a dump in which one of the three pages changed."""
    folder = tmp_path / "coded"
    folder.mkdir()
    texts = {"1": ("Bakery", "The bakery belongs to its bakers."), "2": ("Clips", "People post clips and advertisers pay."), "3": ("Soap", "A shop for soap.")}
    (folder / "cases.jsonl").write_text(
        "".join(json.dumps({"id": k, "title": t, "text": x, "set": "train"}) + "\n" for k, (t, x) in texts.items()), encoding="utf-8"
    )
    (folder / "codings.csv").write_text(
        "id,coder,economy,model,note\n1,a,other,10,\n1,b,other,10,\n2,a,sharing,9,\n2,b,commons,6,\n3,a,other,1,=1+1\n", encoding="utf-8"
    )
    pages = {"Bakery": "Top. '''The bakery''' belongs to its bakers.", "Clips": texts["2"][1], "Soap": "A shop for soup."}
    body = "".join(f"<page><title>{t}</title><ns>0</ns><revision><text>{x}</text></revision></page>" for t, x in pages.items())
    (tmp_path / "dump.xml").write_text(f"<mediawiki>{body}</mediawiki>", encoding="utf-8")
    return folder


def test_dehydrate_and_hydrate(run, coded, tmp_path):
    out = run("corpus", "dehydrate", coded, "-o", "table.csv", "--prefix", "x-", "--codebook-version", "1.0.0", "--dump", "dump.xml")
    assert (out.status, "5 codings of 3 cases; 2 texts found on their pages" in out.err) == (0, True)
    written = (tmp_path / "table.csv").read_text(encoding="utf-8")
    assert "bakers" not in written and "'=1+1" in written and "x-a" in written
    done = run("corpus", "hydrate", "table.csv", "--dump", "dump.xml", "-o", "local.jsonl")
    assert done.status == 3
    assert "2 of 3 cases matched" in done.err and "1 of 3 cases unplaced" in done.err and "1 matched cases left out" in done.err
    rows = [json.loads(line) for line in (tmp_path / "local.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(r["id"], r["text"], r["model"], r["settled"]) for r in rows] == [("1", "The bakery belongs to its bakers.", "10", "unanimous")]
    assert codings(tmp_path / "local.missing.csv") == [{"case": "3", "title": "Soap", "outcome": "unplaced"}]
    whole = run("corpus", "hydrate", "table.csv", "--texts", coded / "cases.jsonl", "-o", "local.jsonl")
    assert (whole.status, "3 of 3 cases matched" in whole.err) == (0, True)
    assert not (tmp_path / "local.missing.csv").exists()


def test_hydrate_says_what_is_missing(run, coded):
    run("corpus", "dehydrate", coded, "-o", "table.csv")
    assert "no texts to join with" in run("corpus", "hydrate", "table.csv", "-o", "x.jsonl").err
    assert run("corpus", "hydrate", "nowhere", "--dump", "dump.xml", "-o", "x.jsonl").err.count("no such file or folder") == 1
    ended = run("corpus", "hydrate", "table.csv", "--dump", "dump.xml", "-o", "x.csv")
    assert (ended.status, "as .jsonl" in ended.err) == (4, True)


def test_agreement_shows_disagreements_first_and_then_figures(run, coded, tmp_path):
    run("corpus", "dehydrate", coded, "-o", "table.csv")
    done = run("corpus", "agreement", "table.csv", "-o", "figures.json", "--replicates", "200")
    assert done.status == 0
    assert done.out.index("Where coders differ") < done.out.index("Facets") < done.out.index("Codes of the facets")
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert (figures["model"]["cases"], figures["model"]["left_out"], figures["model"]["percent_agreement"]) == (2, 1, 0.5)
    assert figures["licensing"]["alpha"]["value"] is None and "no case" in figures["licensing"]["alpha"]["why"]


def test_agreement_without_codings_to_compare_says_what_there_is(run, coded):
    run("corpus", "dehydrate", coded, "-o", "table.csv")
    done = run("corpus", "agreement", "table.csv", "--set", "dev")
    assert (done.status, "none of 5 codings is left to compare" in done.err, "(there are: train)" in done.err) == (2, True, True)


def test_stats_counts_cases_and_coders(run, curator, tmp_path):
    run("corpus", "add", curator(GOOD, CLIPS), "--corpus", "mine")
    (tmp_path / "mine/cases.jsonl").unlink()
    done = run("corpus", "stats", "mine", "-o", "counts.json")
    assert (done.status, "labels by model and source" in done.out, "ann (ann)" in done.out) == (0, True, True)
    assert json.loads((tmp_path / "counts.json").read_text(encoding="utf-8"))["labels by model and source"]["10"] == {"ann": 1, "all": 1}
    assert run("corpus", "stats", "nowhere").status == 2
