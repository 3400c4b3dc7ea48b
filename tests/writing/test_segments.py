"""Cutting a text at its highlights: nothing lost, nothing twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tagger.writing.segments import segments

SPANS = st.lists(st.none() | st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=12)


@given(st.integers(0, 30), SPANS)
def test_each_character_is_in_one_segment_with_just_its_spans(length, spans):
    pieces = segments(length, spans)
    assert [c for start, end, _ in pieces for c in range(start, end)] == list(range(length))
    for start, end, inside in pieces:
        for c in range(start, end):
            assert inside == tuple(i for i, span in enumerate(spans) if span and span[0] <= c < span[1])


def test_overlap():
    assert segments(6, [(1, 4), (3, 6), None]) == [(0, 1, ()), (1, 3, (0,)), (3, 4, (0, 1)), (4, 6, (1,))]
