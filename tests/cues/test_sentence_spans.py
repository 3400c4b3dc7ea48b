"""Where sentences begin and end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.cues.sentences import sentence_at, sentence_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["It is free."],
        ["It is free.", " Anyone may join."],
        ["Is it free?", " Yes!", " It is"],
        ['"It is free."', " They said so."],
        ["It is free (or was.)", " 30 people work on it."],
        ["It began in the U.S. Army, under Dr. Smith, J. Doe and St. Mary, e.g. Here."],
        ["See example.org and version 2.0 of it.", " Good"],
        ["First paragraph\n\n", "second paragraph"],
        ["First paragraph\n \t\n", "second"],
        ["First line\nsecond line of it"],
        ["We offer:\n", "* bread\n", "* wine\n", "1. and\n", "2) more"],
        ["Well... yes.", " No"],
        ["One.\n\n", "Two.\n\n\n\n", "Three."],
        ["\n\n\nOne.", " Two."],
        ["= a wiki for gardeners\n\n", "Gardeners write it.", " It is free."],
        [""],
        [" \n\n "],
    ],
)
def test_sentences(sentences):
    text = "".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet='aB .!?\n*1"”(é\t', max_size=60))
def test_spans_tile_the_text(text):
    spans = sentence_spans(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert not text.strip() or all(text[start:end].strip() for start, end in spans)


def test_the_sentence_of_a_position():
    spans = sentence_spans("One. Two. Three.")
    assert [sentence_at(spans, position) for position in (0, 3, 4, 8, 9, 15)] == [0, 0, 1, 1, 2, 2]
