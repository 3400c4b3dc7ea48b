"""Words that are numbered and looked up together against the terms that are written out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagger.case import Case, Origin, Page
from tagger.coding.classifier import Block
from tagger.coding.cue_codes import CueWeights, shares_of
from tagger.coding.features import MAX_WORDS, WORD, first_places, lowered, place_of, place_terms, word_terms
from tagger.coding.read_text import ReadText, Vocabulary
from tagger.cues import remembered
from tagger.cues.sentences import sentence_spans

WORDS = ("free", "code", "the", "anyone's", "café", "i̇", "free code", "code the", "the free", "anyone's code", "free free")
PLACES = ("head:free", "head:free code", "title:code", "title:free", "title:free code", "definition:the free", "definition:café", "elsewhere:free", "free")
MADE = Vocabulary(WORDS, PLACES)
SCRAPS = st.sampled_from(
    ["free", "Free", "FREE", "code", "Code's", "the", "anyone's", "Anyone’s", "café", "CAFÉ", "İ", "cafe\u0301", "x", "free2", "_", "1", "-", "'", "’", "."]
)
TEXTS = st.lists(st.tuples(SCRAPS, st.sampled_from([" ", " ", " ", "", "\n\n", ". ", "…"])), max_size=25).map(lambda parts: "".join(map("".join, parts)))
PAGES = st.none() | st.builds(Page, TEXTS)


def differences(vocabulary: Vocabulary, words, places, case: Case) -> list[str]:
    """Return in what a text read at once is not what the plain ways say."""
    read, text = ReadText(case.text, vocabulary), case.text
    columns = {term: i for i, term in enumerate(words)}
    of_places = {term: i for i, term in enumerate(places)}
    spelled = lowered(text, WORD.findall(text))
    first = first_places(text)
    plain = {
        "occurrences": sorted(columns[t] for t in word_terms(case) if t in columns),
        "in places": sorted(of_places[t] for t in place_terms(case) if t in of_places),
        "words": [columns.get(w, -1) for w in spelled],
        "pairs": [columns.get(f"{a} {b}", -1) for a, b in pairwise(spelled)],
        "starts": [m.start() for m in WORD.finditer(text)],
        "sentences": sentence_spans(text),
        "first places": [place_of(term, first) for term in (*words, *places)],
    }
    fast = {
        "occurrences": sorted(read.occurrences().tolist()),
        "in places": sorted(read.in_places(case).tolist()),
        "words": read.words.tolist(),
        "pairs": read.pairs.tolist(),
        "starts": read.starts.tolist(),
        "sentences": read.sentences,
        "first places": [read.place_of(term) for term in (*words, *places)],
    }
    return [name for name in plain if plain[name] != fast[name]]


def case_of(text, title="", page=None):
    return Case("x", title, text, Origin("x"), page=page)


@given(TEXTS, TEXTS, PAGES)
@example("Free code. The free code. Anyone’s code.", "Free Code", Page("The free café"))
@example("free code " * MAX_WORDS, "free " * 3, None)
@example("x " * (MAX_WORDS - 1) + "free code", "", None)  # the pair lies across the last word that counts
@example("A. " * 900 + "free code", "", None)  # more sentences than the head's characters hold
@example("\u2028 free", "", None)
def test_made_up_texts(text, title, page):
    assert differences(MADE, WORDS, PLACES, case_of(text, title, page)) == []


def test_authored_cases(authored):
    terms = sorted({term for one in authored[::20] for term in word_terms(one.case)})
    places = sorted({term for one in authored[::20] for term in place_terms(one.case)})
    vocabulary = Vocabulary(terms[::3], places[::2])
    wrong = {one.case.id: found for one in authored[::10] if (found := differences(vocabulary, terms[::3], places[::2], one.case))}
    assert wrong == {}


def test_the_comparison_can_fail():
    assert differences(Vocabulary(WORDS[1:], PLACES), WORDS, PLACES, case_of("Free code.")) != []


def test_spellings_are_forgotten_when_there_are_many(monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 10)
    vocabulary = Vocabulary(WORDS, PLACES)
    many = "".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)} free " for i in range(300))
    assert differences(vocabulary, WORDS, PLACES, case_of(many)) == []
    assert len(vocabulary._spelled) <= 10


@given(st.lists(st.integers(0, len(WORDS) - 1), max_size=60))
def test_weighed_columns_are_those_of_the_terms(columns):
    block = Block(WORDS, np.linspace(1, 3, len(WORDS)), np.zeros((len(WORDS), 1)))
    plain: dict[int, int] = {}
    for column in columns:
        plain[column] = plain.get(column, 0) + 1
    wanted = np.array([(1 + np.log(plain[c])) * block.idf[c] for c in sorted(plain)])
    found, values = block.weighed(columns)
    assert found.tolist() == sorted(plain)
    assert values == pytest.approx(wanted / (np.linalg.norm(wanted) or 1.0), rel=1e-12)


@given(st.lists(st.integers(1, 6), max_size=6), st.data())
def test_the_shares_of_all_cues_at_once_are_those_of_each(sizes, data):
    values = tuple((f"cue{i}", f"value{j}") for i, size in enumerate(sizes) for j in range(size))
    scores = np.array(data.draw(st.lists(st.floats(-800, 800), min_size=len(values), max_size=len(values))))
    none = np.zeros((0, len(values)))
    weights = CueWeights(values, np.zeros(len(sizes)), np.zeros(len(values)), none, none, none)
    assert weights.shares(scores) == [shares_of(scores[columns]).tolist() for _, columns in weights.cues]
