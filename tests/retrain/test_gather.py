"""What is learned from: one label a case by the merging rules, whichever source it comes from, and a reason for every case left out."""

from __future__ import annotations

import bz2
from dataclasses import replace

import pytest
from made_labels import coded, made_rows, made_store, review_case, written

from tagger.codebook import load_codebook
from tagger.codings.table import Coding, write_codings
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.retrain import pooled
from tagger.retrain.gather import AUDIT, CONTESTED, FOREIGN, SUPERSEDED, Sources, gather
from tagger.review.store import open_store

BOOK = load_codebook()
OTHER = {"economy": "commons", "model": "6"}


def pairs(gathered) -> dict[str, tuple[str, str]]:
    return {x.case.id: x.pair for x in gathered.cases}


def table(path, *codings: Coding):
    write_codings(path, codings, BOOK)
    return path


def row_of(row: dict, coder: str = "ben", **more) -> Coding:
    codes = {"economy": row["economy"], "model": row["model"]} | more.pop("codes", {})
    return Coding(row["id"], coder, codes, title=row["title"], sha256=fingerprint(row["text"]), **more)


@pytest.fixture
def rows():
    return made_rows(9)


def test_labelled_files_as_they_are(tmp_path, rows):
    found = gather(Sources(labelled=(written(tmp_path / "a.jsonl", rows[:6]), written(tmp_path / "b.jsonl", rows[6:]))), BOOK)
    assert pairs(found) == {row["id"]: (row["economy"], row["model"]) for row in rows}
    assert (found.left, found.reviewed, found.words) == ({}, frozenset(), [])


def test_a_review_by_the_merging_rules(tmp_path, rows):
    single, both, tied, decided, old, half, blank, untouched, undecided = rows
    events = [coded(single), coded(both), coded(both, "ben"), coded(tied), coded(tied, "ben", **OTHER), coded(old, text="as it was")]
    events += [coded(decided), coded(decided, "ben", **OTHER), coded(decided, "eva", "adjudication", **OTHER), coded(undecided, economy="moon")]
    only = coded(half)
    del only.codes["model"]
    found = gather(Sources(stores=(made_store(tmp_path / "r.db", rows, [*events, only, coded(blank, economy="none")]),)), BOOK)
    assert pairs(found) == {single["id"]: ("sharing", "9"), both["id"]: ("commons", "6"), decided["id"]: ("commons", "6")}
    assert found.left == {
        pooled.TIED: [tied["id"]],
        pooled.STALE: [old["id"]],
        pooled.HALF: [half["id"]],
        FOREIGN: [blank["id"], undecided["id"]],
    }
    assert untouched["id"] not in {*pairs(found), *(id for ids in found.left.values() for id in ids)}
    assert found.reviewed >= set(pairs(found))


def test_two_coders_in_two_stores_are_two_coders(tmp_path, rows):
    first, second = rows[:2]
    one = made_store(tmp_path / "one.db", rows[:2], [coded(first), coded(second)])
    two = made_store(tmp_path / "two.db", rows[:2], [coded(first, "ben"), coded(second, "ben", economy="sharing", model="9")])
    found = gather(Sources(stores=(one, two)), BOOK)
    assert list(pairs(found)) == [first["id"]]
    assert found.left == {pooled.TIED: [second["id"]]}


def test_a_store_and_a_table_settle_a_case_together(tmp_path, rows):
    row, texts = rows[0], written(tmp_path / "texts.jsonl", [{k: r[k] for k in ("id", "title", "text")} for r in rows])
    codings = table(tmp_path / "codings.csv", row_of(row), row_of(row, "cem"), row_of(rows[1], "cem"))
    store = made_store(tmp_path / "r.db", rows, [coded(row, **OTHER)])
    found = gather(Sources(codings=(codings,), texts=(texts,), stores=(store,)), BOOK)
    assert pairs(found) == {row["id"]: ("sharing", "9"), rows[1]["id"]: ("commons", "6")}  # two against one
    assert found.reviewed == {row["id"]}


def test_the_text_that_was_read_last_is_the_text(tmp_path, rows):
    row, new = rows[0], "another text altogether about clips"
    texts = written(tmp_path / "texts.jsonl", [{"id": row["id"], "title": row["title"], "text": row["text"]}])
    codings = table(tmp_path / "codings.csv", row_of(row), row_of(row, "cem"))
    changed = dict(row, text=new)
    store = made_store(tmp_path / "r.db", [changed], [coded(changed, **OTHER)])
    found = gather(Sources(codings=(codings,), texts=(texts,), stores=(store,)), BOOK)
    (case,) = found.cases
    assert (case.case.text, case.pair) == (new, ("commons", "6"))  # the table's two codings are stale
    with open_store(store) as opened:
        opened.add_cases([review_case(row, "the page has changed since")])  # and nobody has coded it
    (case,) = gather(Sources(codings=(codings,), texts=(texts,), stores=(store,)), BOOK).cases
    assert (case.case.text, case.pair) == (row["text"], ("sharing", "9"))


def test_one_id_for_two_cases_of_two_sources(tmp_path, rows):
    here, there = rows[0], dict(rows[1], id=rows[0]["id"])
    one, two = made_store(tmp_path / "one.db", [here], [coded(here)]), made_store(tmp_path / "two.db", [there], [coded(there)])
    found = gather(Sources(stores=(one, two)), BOOK)
    assert pairs(found) == {here["id"]: ("sharing", "9"), f"{here['id']} (two.db)": ("commons", "6")}
    assert {x.case.text for x in found.cases} == {here["text"], there["text"]}


def test_codings_whose_text_is_not_there(tmp_path, rows):
    lost, authored, bare = rows[:3]
    codings = [row_of(lost), replace(row_of(authored), role="author"), replace(row_of(bare), sha256=""), row_of(rows[3])]
    texts = written(tmp_path / "texts.jsonl", [{k: r[k] for k in ("id", "title", "text")} for r in rows[1:4]])
    found = gather(Sources(codings=(table(tmp_path / "codings.csv", *codings),), texts=(texts,)), BOOK)
    assert list(pairs(found)) == [rows[3]["id"]]
    assert found.left == {pooled.NO_TEXT: [lost["id"]], pooled.AUTHOR_ONLY: [authored["id"]], pooled.UNKNOWN_TEXT: [bare["id"]]}


def test_what_was_coded_since_supersedes_a_file(tmp_path, rows):
    agreed, tied, dev = rows[0], rows[1], dict(rows[2], set="dev_random")
    events = [coded(agreed, **OTHER), coded(tied), coded(tied, "ben", economy="sharing", model="9"), coded(dev)]
    filed, store = written(tmp_path / "a.jsonl", [dict(agreed, id="other id"), tied, dev]), made_store(tmp_path / "r.db", rows, events)
    found = gather(Sources(labelled=(filed,), stores=(store,)), BOOK)
    assert sorted((x.case.id, x.pair, x.set) for x in found.cases) == [
        (agreed["id"], ("commons", "6"), ""),
        (dev["id"], ("other", "outside"), ""),
        (dev["id"], ("other", "outside"), "dev_random"),  # stays held out, and the coded one is tied to it
    ]
    assert found.left == {pooled.TIED: [tied["id"]], SUPERSEDED: ["other id"], CONTESTED: [tied["id"]]}


def test_the_audit_share_is_held_out_wherever_it_comes_from(tmp_path, rows):
    store = made_store(tmp_path / "r.db", rows, [coded(row) for row in rows], audit="0.5", seed="3")
    found = gather(Sources(stores=(store,)), BOOK)
    drawn = {x.case.id for x in found.cases if x.held_out}
    assert 0 < len(drawn) < len(rows)
    assert all(x.random is x.held_out and x.set == (AUDIT if x.held_out else "") for x in found.cases)
    texts = written(tmp_path / "texts.jsonl", [{k: r[k] for k in ("id", "title", "text")} for r in rows])
    codings = table(tmp_path / "codings.csv", row_of(rows[0], random=True), row_of(rows[1], random=True, set="train_random"))
    assert [x.set for x in gather(Sources(codings=(codings,), texts=(texts,)), BOOK).cases] == [AUDIT, "train_random"]


def test_pages_of_the_dump_and_the_words_of_all_its_pages(tmp_path, rows):
    pages = "".join(
        f"<page><title>{title}</title><ns>0</ns><id>{i}</id><revision><id>{i}</id><text>{text}</text></revision></page>"
        for i, (title, text) in enumerate([(rows[0]["title"], "'''Clips''' of viewers."), ("Elsewhere", "Harvest.")], 1)
    )
    dump = tmp_path / "wiki.xml.bz2"
    dump.write_bytes(bz2.compress(f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">{pages}</mediawiki>'.encode()))
    found = gather(Sources(labelled=(written(tmp_path / "a.jsonl", rows[:2]),), dump=dump), BOOK)
    assert [(x.case.id, x.case.page is not None) for x in found.cases] == [(rows[0]["id"], False), (rows[1]["id"], False), (rows[0]["id"], True)]
    assert found.cases[-1].pair == ("sharing", "9")
    assert [len(words) for words in found.words] == [3, 1] and "1 of 2 texts" in found.told[0]


def test_the_order_of_the_sources_changes_nothing(tmp_path, rows):
    files = [written(tmp_path / f"{i}.jsonl", rows[i::3]) for i in range(3)]
    assert gather(Sources(labelled=tuple(files)), BOOK).cases == gather(Sources(labelled=tuple(files[::-1])), BOOK).cases


@pytest.mark.parametrize("sources, says", [(Sources(), "no labels"), (Sources(codings=("x.csv",)), "--texts"), (Sources(stores=("gone.db",)), "gone.db")])
def test_what_cannot_be_gathered(tmp_path, monkeypatch, sources, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=says):
        gather(sources, BOOK)
    assert list(tmp_path.iterdir()) == []


def test_a_password_is_no_source_of_a_model():
    assert Sources(stores=("postgresql://ada:secret@host/reviews",)).names() == ["reviews"]
