"""Events in a store: only ever added, once each, all or none."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from made_cases import made_cases
from made_reviews import coding, event, undo
from sqlalchemy import text

from tagger.errors import InputError
from tagger.review.events import Marking, new_id
from tagger.review.store import ConflictError, StoreError, open_store
from tagger.review.store.schema import events


@pytest.fixture
def filled(store):
    store.add_cases(made_cases(3))
    return store


def test_an_event_comes_back_as_it_was_also_from_another_connection(filled, place):
    given = coding(
        "case 1",
        note="Naïve? 'quoted' \0 \ud800 \U0001f469‍\U0001f33e\r\n",
        sureness="unsure",
        seconds=2.25,
        blind=False,
        shown={"model": "9"},
        versions={"codebook": "1.0"},
        marking=Marking("added", "payment", "none", 3, 9),
    )
    assert filled.add(given)
    with open_store(place) as again:
        assert [e for _, e in again.events()] == [given]


def test_a_repeated_sending_is_no_second_event(filled):
    first = coding("case 1")
    assert [filled.add(first), filled.add(first), filled.add(replace(first))] == [True, False, False]
    assert len(filled.events()) == 1


def test_an_id_never_holds_two_events(filled):
    first = coding("case 1")
    filled.add(first)
    with pytest.raises(ConflictError, match=first.id):
        filled.add(replace(first, codes={"model": "11"}))
    assert [e for _, e in filled.events()] == [first]


def test_a_case_that_is_not_in_the_review_is_refused(filled):
    with pytest.raises(InputError, match="'case 9' is not in the review"):
        filled.add(coding("case 9"))


def test_what_is_no_event_is_refused(filled):
    for field, value in (("coder", ""), ("kind", "opinion"), ("coder", "a\0b"), ("coder", "\ud800"), ("case", "a\0b"), ("id", "17")):
        with pytest.raises(InputError):
            filled.add(replace(coding("case 1"), **{field: value}))
    assert filled.events() == []


def test_numbers_rise_and_filters_hold(filled):
    given = [coding("case 0"), coding("case 1", coder="bo"), coding("case 1"), event("skip", "case 2")]
    for one in given:
        filled.add(one)
    numbers = [number for number, _ in filled.events()]
    assert numbers == sorted(set(numbers))
    assert [e for _, e in filled.events()] == given
    assert [e for _, e in filled.events(numbers[1])] == given[2:]
    assert [e for _, e in filled.events(coder="ada")] == [given[0], *given[2:]]
    assert [e for _, e in filled.events(coder="ada", case="case 1")] == [given[2]]
    assert filled.events(numbers[-1]) == filled.events(case="nowhere") == filled.events(case="\0") == []


class TestUndo:
    def test_of_ones_own(self, filled):
        first = coding("case 1")
        filled.add(first)
        assert filled.add(undo(first))

    def test_of_nothing_else(self, filled):
        first = coding("case 1")
        filled.add(first)
        for change, why in (({"coder": "bo"}, "another coder's"), ({"case": "case 2"}, "of another case"), ({"undoes": new_id()}, "no event of this review")):
            with pytest.raises(InputError, match=why):
                filled.add(replace(undo(first), **change))

    def test_of_what_is_undone_already(self, filled):
        first = coding("case 1")
        filled.add_all([first, undo(first)])
        with pytest.raises(InputError, match="undone already"):
            filled.add(undo(first))

    def test_of_an_undo(self, filled):
        first = coding("case 1")
        back = undo(first)
        filled.add_all([first, back])
        with pytest.raises(InputError, match="an undo itself"):
            filled.add(undo(back))

    def test_repeated_sending_of_an_undo_is_accepted(self, filled):
        first = coding("case 1")
        back = undo(first)
        filled.add_all([first, back])
        assert not filled.add(back)

    def test_within_one_sending(self, filled):
        first = coding("case 1")
        with pytest.raises(InputError, match="undone already"):
            filled.add_all([first, undo(first), undo(first)])
        assert filled.events() == []


def test_all_or_none(filled):
    good = [coding("case 0"), coding("case 1")]
    with pytest.raises(InputError):
        filled.add_all([*good, coding("case 9")])
    assert filled.events() == []
    assert filled.add_all(good) == 2
    assert filled.add_all([*good, coding("case 2")]) == 1
    assert filled.add_all([]) == 0


def test_more_events_than_one_statement_takes(filled):
    given = [coding(f"case {n % 3}", coder=f"coder {n % 5}") for n in range(1203)]
    assert filled.add_all(given) == 1203
    assert [e for _, e in filled.events()] == given
    assert filled.add_all(given) == 0


@pytest.mark.parametrize("statement", ["UPDATE events SET coder = 'eve'", "DELETE FROM events"])
def test_the_database_itself_refuses_to_change_events(filled, statement):
    first = coding("case 1")
    filled.add(first)
    with pytest.raises(StoreError, match="events are only ever added"), filled.writing() as connection:
        connection.execute(text(statement))
    assert [e for _, e in filled.events()] == [first]


def test_postgres_refuses_to_empty_the_table(on_postgres):
    with open_store(on_postgres) as opened, pytest.raises(StoreError, match="events are only ever added"), opened.writing() as connection:
        connection.execute(text("TRUNCATE events CASCADE"))


def test_sqlite_refuses_to_replace_an_event(tmp_path):
    with open_store(tmp_path / "r.db") as opened:
        opened.add_cases(made_cases(2))
        first = coding("case 1")
        opened.add(first)
        other = "SELECT seq, id, 'eve', case_id, kind, undoes, body FROM events"
        with pytest.raises(StoreError, match="events are only ever added"), opened.writing() as connection:
            connection.execute(text(f"INSERT OR REPLACE INTO events {other}"))


def test_twenty_coders_at_once(filled):
    given = {f"coder {n}": [coding(f"case {k % 3}", coder=f"coder {n}") for k in range(8)] for n in range(20)}
    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(lambda events: all(filled.add(e) for e in events), given.values()))
    for coder, made in given.items():
        assert [e for _, e in filled.events(coder=coder)] == made
    assert filled.check() == []


class TestCheck:
    def test_finds_an_event_that_does_not_decode(self, filled):
        self._insert(filled, coding("case 1"), body="{}")
        assert "event number 1" in filled.check()[0]

    def test_finds_columns_that_tell_another_event(self, filled):
        self._insert(filled, coding("case 1"), coder="eve")
        assert "another event" in filled.check()[0]

    def test_finds_an_undo_of_anothers(self, filled):
        first = coding("case 1")
        filled.add(first)
        self._insert(filled, replace(undo(first), coder="eve"))
        assert "eve" in filled.check()[0]

    def test_finds_a_missing_trigger(self, filled, place):
        on = " ON events" if "://" in place else ""
        with filled.writing() as connection:
            connection.execute(text(f"DROP TRIGGER events_no_update{on}"))
        assert filled.check() == ["trigger events_no_update: is gone, so events could be changed"]

    @staticmethod
    def _insert(store, made, **otherwise):
        row = {"id": made.id, "coder": made.coder, "case_id": made.case, "kind": made.kind, "undoes": made.undoes or None, "body": json.dumps(made.as_dict())}
        with store.writing() as connection:
            connection.execute(events.insert(), row | otherwise)
