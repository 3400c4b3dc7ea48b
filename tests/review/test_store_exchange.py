"""A store as files: out and in again without loss, whole or not at all; and the table of codings."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_cases import made_case, made_cases
from made_reviews import coding, event, undo

from tagger.codebook import load_codebook
from tagger.codings.table import read_codings
from tagger.errors import InputError, OutputError
from tagger.review.events import Marking, new_id
from tagger.review.exchange import export_codings, export_events, import_events
from tagger.review.store import ConflictError, open_store


@pytest.fixture
def other(tmp_path):
    with open_store(tmp_path / "other.db") as opened:
        yield opened


@pytest.fixture
def filled(store):
    fill(store)
    return store


def fill(store):
    store.add_cases(made_cases(4))
    store.set_meta(seed="3", audit="0.5", tagger="0.1", Zeta="z", a="")
    store.add_coder("zoe", "adjudicator")
    store.add_coder("ada")
    store.revoke("zoe")
    store.assign([("case 2", "ada"), ("case 0", "Zoe"), ("case 0", "ada")])
    first, second = coding("case 1", note="so\r\nit\u2028is"), coding("case 2", coder="bo", model="11")
    store.add_all([first, second, undo(first), event("mention", "case 2", marking=Marking("wrong", "payment", "none", 0, 4))])
    store.add_all([coding("case 1", model="11"), coding("case 1", coder="bo"), coding("case 1", coder="zoe", kind="adjudication", model="11")])


def test_out_and_in_and_out_is_the_same_bytes(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    new = import_events(tmp_path / "1.jsonl", other)
    export_events(other, tmp_path / "2.jsonl")
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert (new.cases, new.coders, new.assignments, new.events, new.kept) == (4, 2, 3, 7, 0)
    assert [e for _, e in other.events()] == [e for _, e in filled.events()]


def test_from_a_file_into_postgres_and_back(on_postgres, other, tmp_path):
    fill(other)
    export_events(other, tmp_path / "1.jsonl")
    with open_store(on_postgres) as there:
        import_events(tmp_path / "1.jsonl", there)
        export_events(there, tmp_path / "2.jsonl")
        assert there.check() == []
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()


def test_a_second_time_adds_nothing(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    import_events(tmp_path / "1.jsonl", other)
    again = import_events(tmp_path / "1.jsonl", other)
    assert (again.cases, again.coders, again.assignments, again.events, again.kept) == (0, 0, 0, 0, 0)


def test_no_token_goes_out(store, other, tmp_path):
    token = store.add_coder("ada")
    export_events(store, tmp_path / "1.jsonl")
    written = (tmp_path / "1.jsonl").read_text()
    assert token not in written
    assert "token" not in written
    import_events(tmp_path / "1.jsonl", other)
    assert other.coder_of(token) is None
    assert other.coder_of(other.add_coder("ada")).name == "ada"


def test_only_what_is_missing_is_added(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    other.add_cases([made_case("case 1", "Another text."), made_case("mine")])
    other.set_meta(seed="9")
    mine = coding("mine")
    other.add(mine)
    other.add(filled.events()[0][1])
    new = import_events(tmp_path / "1.jsonl", other)
    assert (new.cases, new.kept, new.events) == (3, 1, 6)
    assert other.case("case 1").text == "Another text."
    assert other.meta()["seed"] == "9"
    assert [e for _, e in other.events()] == [mine, *(e for _, e in filled.events())]


def test_an_event_that_differs_stops_it_and_nothing_is_taken_in(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    other.add_cases(made_cases(2))
    last = filled.events()[-1][1]
    other.add(replace(last, note="changed"))
    with pytest.raises(ConflictError, match=last.id):
        import_events(tmp_path / "1.jsonl", other)
    assert len(other.heads()) == 2
    assert other.coders() == []
    assert len(other.events()) == 1


def test_every_cut_is_noticed(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    lines = (tmp_path / "1.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    for gone in range(len(lines)):
        for kept in (lines[:gone], lines[:gone] + lines[gone + 1 :]):
            (tmp_path / "2.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
            with pytest.raises(InputError, match=r"2\.jsonl"):
                import_events(tmp_path / "2.jsonl", other)
    assert other.heads() == other.events() == other.coders() == []
    assert other.meta() == {}


def test_what_is_no_export_is_told_by_line(filled, other, tmp_path):
    export_events(filled, tmp_path / "1.jsonl")
    lines = (tmp_path / "1.jsonl").read_text(encoding="utf-8").split("\n")
    for line, content, why in (
        (0, {"review": {"version": 2}}, "version 2; this tagger reads version 1"),
        (0, {"id": "a", "text": "b"}, "no line of an export"),
        (0, {"meta": {}}, "stands where it may not"),
        (1, {"meta": {"seed": 7}}, "seed"),
        (2, {"case": {"id": "a"}}, "'case' is not as"),
        (2, {"case": {"id": "a", "title": "", "text": "b", "sha256": "0" * 64, "record": {}}}, "the file was changed"),
        (6, {"coder": {"name": "", "role": "coder", "active": True}}, "empty"),
        (11, {"event": {}}, "event None"),
        (2, [], "in place of an object"),
    ):
        (tmp_path / "2.jsonl").write_text("\n".join([*lines[:line], json.dumps(content), *lines[line + 1 :]]), encoding="utf-8")
        with pytest.raises(InputError, match=rf"2\.jsonl, line \d+: .*{why}"):
            import_events(tmp_path / "2.jsonl", other)
        assert other.heads() == []


def test_a_file_that_is_not_there(other, tmp_path):
    with pytest.raises(InputError, match="none"):
        import_events(tmp_path / "none.jsonl", other)
    with pytest.raises(OutputError, match="no folder"):
        export_events(other, tmp_path / "none" / "1.jsonl")


# what PostgreSQL and UTF-8 do not know is allowed in texts and notes, not in names
_names = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=8).filter(str.strip)
_texts = st.text(st.characters(), max_size=30)
_plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts
_json = st.recursive(_plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3), max_leaves=6)
_coded = st.dictionaries(_texts, _texts, max_size=2)


@st.composite
def contents(draw):
    ids = draw(st.lists(_names, min_size=1, max_size=4, unique=True))
    cases = [made_case(id, draw(_texts), draw(_texts), fields=draw(_json)) for id in ids]
    events = []
    for _ in range(draw(st.integers(0, 8))):
        undoable = [e for e in events if e.kind != "undo" and all(e.id != u.undoes for u in events)]
        if undoable and draw(st.booleans()):
            events.append(replace(undo(draw(st.sampled_from(undoable))), id=new_id()))
        else:
            made = coding(draw(st.sampled_from(ids)), coder=draw(_names), note=draw(_texts), cues=draw(_coded), shown=draw(_coded))
            events.append(replace(made, id=new_id(), seconds=draw(st.none() | st.floats(0, 1e6))))
    return cases, events, draw(st.dictionaries(_names, _names, max_size=3))


def round_trip(content, first, second, folder):
    cases, events, meta = content
    first.add_cases(cases)
    first.set_meta(**meta)
    first.add_all(events)
    export_events(first, folder / "1.jsonl")
    import_events(folder / "1.jsonl", second)
    export_events(second, folder / "2.jsonl")
    assert (folder / "1.jsonl").read_bytes() == (folder / "2.jsonl").read_bytes()
    assert [second.case(case.id) for case in cases] == cases
    assert [e for _, e in second.events()] == events
    assert second.check() == []


@settings(max_examples=8, deadline=None)
@given(content=contents())
def test_nothing_is_lost_whatever_is_in_it(content):
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/1.db") as first, open_store(f"{folder}/2.db") as second:
        round_trip(content, first, second, Path(folder))


@settings(max_examples=5, deadline=None)
@given(content=contents())
def test_nothing_is_lost_on_the_way_to_postgres(postgres, content):
    from made_postgres import new_schema

    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/1.db") as first, open_store(new_schema(postgres)) as second:
        round_trip(content, first, second, Path(folder))


@pytest.fixture(scope="module")
def book():
    return load_codebook()


class TestCodings:
    def test_are_those_that_count_and_read_back(self, filled, book, tmp_path):
        written = export_codings(filled, tmp_path / "c.csv", book)
        rows = read_codings(tmp_path / "c.csv", book)
        assert (written.codings, written.left_out) == (4, ())
        assert [(c.case, c.coder, c.role, c.codes["model"]) for c in rows] == [
            ("case 1", "ada", "coder", "11"),
            ("case 1", "bo", "coder", "9"),
            ("case 1", "zoe", "adjudicator", "11"),
            ("case 2", "bo", "coder", "11"),
        ]
        assert {c.title for c in rows} == {"Title 1", "Title 2"}
        assert all(c.random is not None for c in rows)

    def test_tell_what_was_seen(self, store, book, tmp_path):
        store.add_cases(made_cases(1))
        one = coding("case 0", shown={"economy": "sharing", "model": "9"}, blind=False, note="=1+1", at="2026-11-23T10:00:00.000Z", sureness="unsure")
        store.add(one)
        export_codings(store, tmp_path / "c.csv", book)
        (row,) = read_codings(tmp_path / "c.csv", book)
        assert (row.shown, row.blind, row.note, row.date, row.sha256) == ("economy=sharing model=9", False, "=1+1", "2026-11-23T10:00:00Z", one.sha256)
        assert row.random is None  # the review has noted no seed

    def test_that_have_no_place_are_told_and_the_others_written(self, store, book, tmp_path):
        store.add_cases(made_cases(3))
        store.add_all([coding("case 0"), coding("case 1", model="404"), coding("case 2", cues={"weather": "rain"})])
        written = export_codings(store, tmp_path / "c.csv", book)
        assert (written.codings, len(read_codings(tmp_path / "c.csv", book))) == (1, 1)
        assert ["404" in written.left_out[0], "weather" in written.left_out[1]] == [True, True]
