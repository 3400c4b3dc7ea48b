"""Who says it: page, quoted or self."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.cues.voice import Quotes, quoted_spans, speaks_of_itself, voice_of

LONG = "the whole thing is written and kept in order by volunteers"


@pytest.mark.parametrize(
    "sentence",
    ["We are a community.", "Join us.", "It is OUR wiki", "contact us!", "“we write it”", "Here we're free", "Support us—now"],
)
def test_first_person_plural(sentence):
    assert speaks_of_itself(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It is run from the US.",
        "US firms",
        "The U.S. army",
        "They were weekly",
        "the hours",
        "see example.org/about-us",
        "us.example.org",
        "bus",
        "status",
        "I am",
        "Trust",
    ],
)
def test_no_first_person_plural(sentence):
    assert not speaks_of_itself(sentence)


@pytest.mark.parametrize(
    "text, count",
    [
        (f'The page says: "{LONG}."', 1),
        (f"The page says: “{LONG}” (source)", 1),
        (f'"{LONG}"', 1),
        (f'("{LONG}")', 1),
        ('They call it a "wiki" and "open".', 0),
        (f'an unclosed " {LONG}', 0),
        (f'5" {LONG} 6"', 0),
        (f'"{LONG}" and "{LONG}"', 2),
    ],
)
def test_quotation_marks(text, count):
    spans = quoted_spans(text)
    assert len(spans) == count
    assert all(text[start:end].rstrip(".") == LONG for start, end in spans)


def test_quotes_known_from_the_page_are_kept():
    assert quoted_spans("abc", [(0, 2)]) == [(0, 2)]


def test_the_voice():
    quotes = Quotes([(10, 50)])
    assert voice_of((12, 20), False, quotes) == "quoted"
    assert voice_of((12, 20), True, quotes) == "self"
    assert voice_of((45, 55), False, quotes) == "page"
    assert voice_of((0, 5), False, Quotes([])) == "page"


SPAN = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(SPAN, max_size=8), SPAN)
def test_quotes_hold_what_one_of_them_holds(spans, span):
    assert Quotes(spans).hold(*span) == any(start <= span[0] and span[1] <= end for start, end in spans)
