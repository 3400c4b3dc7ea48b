"""A case as the page gets it."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from made_web import TEXT, line, made_case

from tagger.review.web.flips import flips
from tagger.review.web.view import case_view, code_points, place


def test_segments_make_the_text_and_carry_mentions_lines_and_sentences(book):
    seen = case_view(made_case("a"), book, blind=False)
    assert "".join(segment["text"] for segment in seen["segments"]) == TEXT
    for index, mention in enumerate(seen["mentions"]):
        assert "".join(s["text"] for s in seen["segments"] if index in s["mentions"]) == mention["text"]
    texts = [TEXT[s["start"] : s["end"]] for s in seen["sentences"]]
    assert [text.strip() for text in texts] == ["Neighbours run the shop 🧺 themselves.", "Nobody pays a fee.", "A firm once owned it."]
    for number, text in enumerate(texts):
        assert "".join(s["text"] for s in seen["segments"] if s["sentence"] == number) == text


def test_the_ledger_leads_to_its_place(book):
    seen = case_view(made_case("a"), book, blind=False)
    lines = seen["ledger"]["model"]["9"]
    assert [(one["source"], one["sentence"]) for one in lines] == [("base", None), ("rule", 0), ("cue", 1), ("word", 0)]
    rule = lines[1]
    assert rule["criterion_text"] == book.criterion("m9.u1").text
    assert "".join(s["text"] for s in seen["segments"][slice(*rule["segments"])]) == "Neighbours run"
    assert lines[0]["segments"] is None
    assert list(seen["ledger"]["model"]) == ["9", "3"]


def test_where_a_text_is_cut_does_not_depend_on_who_looks(book):
    blind, seen = (case_view(made_case("a"), book, blind=hidden) for hidden in (True, False))
    assert [s["text"] for s in blind["segments"]] == [s["text"] for s in seen["segments"]]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "🧺"])
def test_short_texts(book, text):
    case = made_case("a", text=text, cues=[], evidence=[])
    assert "".join(s["text"] for s in case_view(case, book, blind=False)["segments"]) == text


def test_a_suggestion_of_another_codebook_is_shown_all_the_same(book):
    case = made_case("a", model="gone", evidence=[line("model", "gone", "rule", "r", 1.0, "gone.u1"), line("model", "3", "base", "base rate", 0.5)])
    seen = case_view(case, book, blind=False)
    assert seen["ledger"]["model"]["gone"][0]["criterion_text"] == ""
    assert "gone" in seen["changes"]["model"]["sentence"]


@given(st.text(max_size=12), st.data())
def test_utf16_becomes_code_points(text, data):
    cut = data.draw(st.integers(0, len(text)))
    assert code_points(text, len(text[:cut].encode("utf-16-le", errors="surrogatepass")) // 2) == cut


def test_within_a_pair_counts_as_before_it():
    assert [code_points("a🧺b", n) for n in range(5)] == [0, 1, 1, 2, 3]
    with pytest.raises(ValueError, match="ends"):
        code_points("a🧺b", 5)


@pytest.mark.parametrize("given", [None, True, "1", -1, [0, -1], [], [0], [0, 0, 0], {"segment": 0, "offset": None}, 10_000, [99, 0], 1.5])
def test_places_that_are_none(given):
    with pytest.raises(ValueError, match=r"."):
        place(made_case("a"), given)


def test_what_would_change_the_suggestion(book):
    change = flips(made_case("a").record, book)["model"]
    assert change["code"] == "3"
    assert change["lines"] == [1, 2]  # rule and cue: 2.75 + 0 - 2.5 - 1 < 0; the rule alone is not enough
    assert "r-9-members" in change["sentence"]
    assert "payment=unpaid" in change["sentence"]
    assert book.label_of("model", "3").replace("_", " ") in change["sentence"]
    assert flips(made_case("a").record, book)["economy"] == {"code": None, "lines": [], "sentence": ""}  # no ledger, nothing to say


@given(weights=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), max_size=7), base=st.floats(-1, 4))
def test_it_is_the_fewest_lines_that_do(book, weights, base):
    rows = [line("model", "9", "base", "base rate", base), line("model", "3", "base", "base rate", 0.0)]
    for n, (mine, theirs) in enumerate(weights):
        rows += [line("model", "9", "word", f"w{n}", mine), line("model", "3", "word", f"w{n}", theirs)]
    gains = [mine - theirs for mine, theirs in weights]
    left = {some: base + sum(gains) - sum(some) for size in range(len(gains) + 1) for some in combinations(gains, size)}
    assume(all(abs(lead) > 1e-6 for lead in left.values()))  # rounding decides no tie
    change = flips(made_case("a", evidence=rows).record, book)["model"]
    fewest = min((len(some) for some, lead in left.items() if lead < 0), default=None)
    assert (change["code"] == "3") == (fewest is not None)
    assert len(change["lines"]) == 2 * (fewest or 0)


def test_folded_words_count_as_one(book):
    rows = [line("model", "9", "base", "base rate", 0.0), line("model", "3", "base", "base rate", 0.0)]
    rows += [line("model", "9", "word", "20 other words", 2.0), line("model", "3", "word", "17 other words", 0.5)]
    change = flips(made_case("a", evidence=rows).record, book)["model"]
    assert change["lines"] == [2, 3]
    assert "Without the other words" in change["sentence"]


def test_where_nothing_would_change_it(book):
    rows = [line("model", "9", "base", "base rate", 5.0), line("model", "9", "word", "w", 1.0), line("model", "3", "base", "base rate", 0.0)]
    change = flips(made_case("a", evidence=rows).record, book)["model"]
    assert (change["code"], change["lines"]) == (None, [])
    assert change["sentence"].startswith("No evidence left out")
