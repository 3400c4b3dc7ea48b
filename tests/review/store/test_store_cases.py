"""Cases in a store: added, replaced, listed, searched; notes on the review; coders and whose cases are whose."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from made_cases import line, made_case, made_cases, proposal
from made_reviews import coding
from sqlalchemy import text

from tagger.errors import InputError
from tagger.review.heads import head_of
from tagger.review.store import Added, Coder

HOSTILE = "<script>alert(1)</script> \0 \ud800 '; DROP TABLE events; -- \U0001f469‍\U0001f33e\r\n"


class TestAdding:
    def test_counts_new_changed_same(self, store):
        assert store.add_cases(made_cases(3)) == Added(3, 0, 0)
        again = [*made_cases(4)[1:], made_case("case 0", "Another text.")]
        assert store.add_cases(again) == Added(1, 1, 2)
        assert store.case("case 0").text == "Another text."
        assert [head.id for head in store.heads()] == ["case 0", "case 1", "case 2", "case 3"]
        assert [head.position for head in store.heads()] == [1, 2, 3, 4]

    def test_another_suggestion_for_the_same_text_is_a_change(self, store):
        store.add_cases(made_cases(2))
        assert store.add_cases([made_case("case 0", "Text number 0.", "Title 0", model=proposal("11"))]) == Added(0, 1, 0)
        assert store.heads()[0].suggestion["model"] == "11"

    def test_events_of_an_older_text_stay(self, store):
        store.add_cases(made_cases(1))
        first = coding("case 0", sha256=store.case("case 0").sha256)
        store.add(first)
        store.add_cases([made_case("case 0", "Another text.")])
        assert [e for _, e in store.events()] == [first]
        assert first.sha256 != store.heads()[0].sha256

    def test_the_same_id_twice_in_one_go(self, store):
        assert store.add_cases([made_case("a", "one"), made_case("a", "two"), made_case("a", "two")]) == Added(1, 1, 1)
        assert store.case("a").text == "two"

    def test_whatever_stands_in_a_text_comes_back(self, store):
        given = made_case("a", HOSTILE, HOSTILE, fields={"note": HOSTILE, "n": 10**30, "x": 0.1})
        store.add_cases([given])
        assert store.case("a") == given
        assert store.heads()[0].title == HOSTILE

    def test_an_id_that_cannot_be_kept_is_refused_and_nothing_added(self, store):
        for id, why in (("a\0b", "NUL"), ("\ud800", "surrogate"), ("", "empty"), ("x" * 1001, "at most 1000")):
            with pytest.raises(InputError, match=why):
                store.add_cases([made_case("a"), made_case(id)])
        assert store.heads() == []

    def test_a_record_that_is_none_is_refused(self):
        for record in ({"evidence": [{"facet": "model"}]}, {"model": {"code": "9"}}, {"cues": [7]}, {"scores": {"model": {"9": "high"}}}):
            with pytest.raises(InputError, match="case 'a'"):
                head_of(replace(made_case("a"), record=made_case("a").record | record))

    def test_what_is_not_there_is_none(self, store):
        assert store.case("a") is store.case("\0") is None

    def test_check_finds_a_case_that_was_altered(self, store):
        store.add_cases(made_cases(2))
        assert store.check() == []
        with store.writing() as connection:
            connection.execute(text("UPDATE cases SET digest = 'x' WHERE id = 'case 1'"))
        assert store.check() == ["case 'case 1': is not as it was written; add it again from the suggestions"]


class TestHead:
    def test_is_what_the_record_tells(self):
        cues = [{"cue": "payment", "value": value, "status": status} for value, status in (("none", "affirmed"), ("wage", "negated"), ("none", "affirmed"))]
        head = head_of(made_case("a", cues=cues), 7)
        assert (head.position, head.suggestion, head.probability) == (7, {"economy": "sharing", "model": "9"}, {"economy": 0.75, "model": 0.5})
        assert (head.status["model"], head.cues, head.margin) == ("decided", ("payment=none",), 1.0)

    @pytest.mark.parametrize(
        "economy, model, expected", [((2.0, -1.0), (2.0, 1.5, 0.0), 0.5), ((2.0, 1.75), (1.0, 2.0), 0.25), ((2.0,), (1.0, 2.0), 1.0), ((2.0, 1.0), (), 1.0)]
    )
    def test_the_margin_is_that_of_the_closer_facet(self, economy, model, expected):
        scores = {"economy": dict(zip("abc", economy, strict=False)), "model": dict(zip("abc", model, strict=False))}
        assert head_of(made_case("a", scores=scores)).margin == expected

    @pytest.mark.parametrize("scores", [{}, {"model": {}}, {"model": {"9": 3.0}}, {"model": {"9": 3.0}, "economy": {"sharing": 3.0}}])
    def test_without_two_scores_there_is_no_margin(self, scores):
        assert head_of(made_case("a", scores=scores)).margin == 0.0

    @pytest.mark.parametrize(
        "evidence, disagree",
        [
            ([], False),
            ([line("9", "rule", 1.0), line("11", "word", 0.5)], True),
            ([line("9", "rule", 1.0), line("9", "word", 0.5), line("11", "word", 0.2)], False),
            ([line("9", "word", 1.0), line("11", "word", 2.0)], False),  # no rule fired
            ([line("9", "rule", 1.0), line("11", "rule", 1.0), line("11", "word", 0.5), line("9", "word", 0.1)], False),  # the rules favour both
            ([line("9", "rule", 1.0), line("11", "base", -0.5), line("9", "base", -2.0)], True),
            ([line("9", "rule", 1.0, "economy"), line("11", "word", 0.5)], False),  # of different facets
            ([line("9", "rule", -1.0), line("11", "base", -0.5), line("9", "word", 1.0)], True),  # a rule against a code
        ],
    )
    def test_disagreement_of_rules_and_all_else(self, evidence, disagree):
        assert head_of(made_case("a", evidence=evidence)).disagree is disagree


class TestSearch:
    @pytest.fixture
    def told(self, store):
        store.add_cases(
            [
                made_case("a", "They share 100% of the STRASSE_1 income.", "Co-operative ÉCOLE"),
                made_case("b", "They share 1000 of the strasse-1 income.", "A Bakery"),
                made_case("c", r"A path C:\tools and \0 more", "Windows"),
            ]
        )
        return store

    def test_finds_words_wherever_they_stand(self, told):
        wanted = {
            "share": "ab", "SHARE INCOME": "ab", "income share bakery": "b", "STRAßE": "ab", "école": "a", "e\u0301cole": "a", "nowhere": "",
            "100%": "a", "strasse_1": "a", "%": "a", "_": "a", r"c:\tools": "c", "\\": "c", "' OR 1=1 --": "",
            "": "abc", "   ": "abc", "\0": "", "\ud800": "",
        }  # fmt: skip
        assert {words: told.search(words) for words in wanted} == {words: set(found) for words, found in wanted.items()}

    def test_refuses_more_than_anybody_types(self, told):
        with pytest.raises(InputError, match="at most 1000"):
            told.search("a" * 1001)

    def test_follows_a_changed_text(self, told):
        told.add_cases([made_case("b", "They sell bread.")])
        assert (told.search("income"), told.search("bread")) == ({"a"}, {"b"})


def test_notes_on_the_review(store):
    store.set_meta(seed="1", tagger="0.1")
    store.set_meta(seed="2", blind="0.2", note="")
    assert store.meta() == {"blind": "0.2", "note": "", "seed": "2", "tagger": "0.1"}
    with pytest.raises(InputError, match="seed"):
        store.set_meta(seed="a\0")
    assert store.meta()["seed"] == "2"


class TestCoders:
    def test_a_token_opens_once_it_is_given_and_until_it_is_revoked(self, store):
        ada, bo = store.add_coder("ada"), store.add_coder("Bo O'Neill", "adjudicator")
        assert (store.coder_of(ada), store.coder_of(bo)) == (Coder("ada", "coder", True), Coder("Bo O'Neill", "adjudicator", True))
        store.revoke("ada")
        assert store.coder_of(ada) is None
        assert store.coders() == [Coder("ada", "coder", False), Coder("Bo O'Neill", "adjudicator", True)]
        anew = store.add_coder("ada")
        assert store.coder_of(anew).name == "ada"
        assert store.coder_of(ada) is None

    def test_tokens_are_256_bits_and_only_their_digest_is_kept(self, store):
        token = store.add_coder("ada")
        assert len(token) >= 43
        with store.reading() as connection:
            row = str(connection.execute(text("SELECT * FROM coders")).all())
        assert token not in row
        assert hashlib.sha256(token.encode()).hexdigest() in row

    def test_nothing_else_opens(self, store):
        store.add_coder("ada")
        store.add_coder("bo")
        store.revoke("bo")
        assert [store.coder_of(token) for token in ("", "x", "None", "\0", "\ud800", "%")] == [None] * 6

    def test_the_digest_is_no_token(self, store):
        digest = hashlib.sha256(store.add_coder("ada").encode()).hexdigest()
        assert store.coder_of(digest) is None

    def test_refuses(self, store):
        store.add_coder("ada")
        for name, role, why in (("ada", "coder", "has a token already"), ("", "coder", "empty"), ("a\0", "coder", "NUL"), ("bo", "chief", "none of")):
            with pytest.raises(InputError, match=why):
                store.add_coder(name, role)
        assert len(store.coders()) == 1

    def test_revoking_nobody_names_who_there_is(self, store):
        store.add_coder("ada")
        with pytest.raises(InputError, match="there are: ada"):
            store.revoke("eve")

    def test_without_assignments_everybody_gets_all(self, store):
        store.add_cases(made_cases(3))
        assert store.assigned("ada") is None
        assert store.assign([("case 0", "ada"), ("case 1", "ada"), ("case 0", "ada")]) == 2
        assert store.assign([("case 1", "ada"), ("case 1", "bo")]) == 1
        assert (store.assigned("ada"), store.assigned("bo"), store.assigned("eve")) == ({"case 0", "case 1"}, {"case 1"}, set())

    def test_unknown_cases_are_not_assigned(self, store):
        store.add_cases(made_cases(1))
        with pytest.raises(InputError, match="'case 7'"):
            store.assign([("case 0", "ada"), ("case 7", "ada")])
        assert store.assigned("ada") is None
