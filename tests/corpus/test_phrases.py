"""Sequences that recur, and the codebook's words in texts."""

import pytest

from tagger.codebook import load_codebook
from tagger.corpus.authored import AuthoredCase
from tagger.corpus.phrases import FURTHER, SENTENCE, CodebookWords, mentions, recurring

BOOK = load_codebook()
WORDS = CodebookWords(BOOK)


def test_a_sequence_in_more_than_so_many_texts_is_found_with_its_texts():
    texts = ["At the end of the day.", "They met AT THE END, of the week.", "nothing here", "stands at the end of the road", "up at\nthe end of the hill"]
    assert recurring(texts, 3) == [("at the end of the", (0, 1, 3, 4))]
    assert recurring(texts, 4) == []


def test_twice_in_one_text_is_once():
    assert recurring(["one two three four five, one two three four five", "one two three four five"], 2) == []


def test_overlapping_sequences_of_the_same_texts_are_one():
    texts = [f"{start} he who comes first is served first {end}" for start, end in (("a1", "b1"), ("a2", "b2"), ("a3", "b3"))]
    assert recurring(texts, 2) == [("he who comes first is served first", (0, 1, 2))]


def test_a_sequence_that_goes_on_in_fewer_texts_is_told_by_itself():
    texts = ["one two three four five six", "one two three four five six", "one two three four five seven"]
    assert recurring(texts, 1) == [("one two three four five", (0, 1, 2)), ("two three four five six", (0, 1))]


def test_a_sequence_that_repeats_itself_ends():
    assert recurring(["na na na na na na na na"] * 2, 1) == [("na na na na na", (0, 1))]


def test_a_name_does_not_count_but_the_same_words_in_a_sentence_do():
    name = "Released under the GNU General Public License."
    assert recurring([name.replace("Released", start) for start in ("Put", "Came", "Was", "Is")], 3) == []
    assert recurring(["the general public has a license"] * 4, 3) != []
    assert recurring(["in the United States of America"] * 4, 3) == []


def test_a_sequence_of_small_words_is_no_name():
    assert recurring(["At the end of the"] * 4, 3) == [("at the end of the", (0, 1, 2, 3))]


@pytest.mark.parametrize(
    "text, phrase",
    [
        ("It is passive consumption at its best.", "passive consumption"),
        ("A self-service laundry", "self service"),
        ("a Self Service laundry", "self service"),
        ("model self_service", "self service"),
        ("the co-creation of value", "co creation"),
        ("they cocreate shoes", "co creat*"),
        ("co‑designed with users", "co design*"),
        ("Crowd-sourced maps", "crowd sourc*"),
        ("crowdsourcing", "crowd sourc*"),
        ("commons-based peer production", "peer production"),
        ("peer production, non-monetary", "peer production"),
        ("attention monetised sharing", "attention monetised sharing"),
        ("darling of the sharing economy", "sharing economy"),
        ("use\nvalues", "use value"),
        ("the end-makers", "end maker"),
        ("a do-it-yourself shop", "do it yourself"),
    ],
)
def test_the_typologys_own_words_are_found(text, phrase):
    hit = WORDS.names_in(text)[0]
    assert hit.phrase == phrase
    assert text[hit.start : hit.end] == hit.text


@pytest.mark.parametrize(
    "text",
    [
        "Sharing a flat near the House of Commons, under a Creative Commons licence.",
        "None of the others stood outside; she took no initiative and paid attention.",
        "The other economy of the town. A cooperative sells fair-trade coffee to participants.",
        "It lost value. Cooperatives produce. Co-workers create. Peers produce.",
        "a coward's sourcing; the disco creator",
    ],
)
def test_what_such_texts_would_say_is_not_found(text):
    assert WORDS.names_in(text) == []


def test_every_code_name_of_two_words_is_looked_for():
    for code in (*BOOK.economies, *BOOK.models):
        name = code.label.replace("_", " ")
        if name not in ("no initiative", "other economy"):
            assert [hit.text for hit in WORDS.names_in(f"This is {name}.")] == [name]


def test_every_further_phrase_is_found():
    for phrase in FURTHER:
        assert len(WORDS.names_in(f"the {phrase.replace('*', 'es')} of it")) == 1, phrase


def test_words_in_a_row_of_a_criterion_are_found_as_one_stretch():
    sentence = BOOK.models[5].definition
    words = sentence.split()
    stretch = " ".join(words[: SENTENCE + 3]).upper().rstrip(",;:")
    text = f"Here, {stretch} to speak of."
    found = WORDS.sentences_in(text)
    assert [hit.phrase for hit in found] == [sentence]
    assert [hit.text for hit in found] == [stretch]
    assert WORDS.sentences_in("Here, " + " ".join(words[: SENTENCE - 1])) == []


def test_a_case_may_name_what_its_title_names():
    case = AuthoredCase("x", "Self-Service Laundry Museum", "A museum", "text", "other", "1", "press", True, None)
    assert WORDS.is_about(case, "self service")
    assert not WORDS.is_about(case, "peer production")


def test_mentions_name_each_wording_once():
    assert mentions(WORDS.names_in("Co-creation, co-creation and\nco creation")) == '"Co-creation", "co-creation", "co creation"'
