"""The line that is written straight is, byte for byte, what JSON makes of the canonical object."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.case import Case, Choice, CueCode, Decision, Line, Mention, OffsetMap, Origin, Page, Provenance, Role
from tagger.writing.jsonl import dump_line
from tagger.writing.record import as_record
from tagger.writing.record_line import record_line

WORDS = st.text(alphabet=st.characters() | st.sampled_from('"\\/\n\x00\x7f\x85\u2028\u202e\ud800é😀'), max_size=8)
NAMES = st.sampled_from(["commons", "sharing", 'a "quoted" name', "\u2028", ""]) | WORDS
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-20, 20) | st.integers(-(10**11), 10**11).map(lambda n: n / 10**10)
SHARES = st.floats(0, 1)


@st.composite
def decisions(draw):
    text = draw(st.text(alphabet=st.characters() | st.sampled_from("ab é\u2028"), min_size=1, max_size=40))
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted) | st.just((None, None))
    lines = st.lists(st.builds(lambda s, n, w, c, at: Line(s, n, w, c, *at), NAMES, NAMES, NUMBERS, NAMES, places), max_size=4).map(tuple)
    given = {}
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        given = {"source": f"<p>{text[:at]}<b>{text[at:]}", "offsets": OffsetMap((0, at), (3, at + 6)) if at else OffsetMap((0,), (6,))}
    page = draw(st.none() | st.builds(Page, NAMES, NAMES, st.lists(NAMES, max_size=2).map(tuple)))
    fields = draw(st.dictionaries(NAMES | st.just("page"), st.none() | st.integers() | st.floats() | NAMES, max_size=2))
    case = Case(draw(NAMES), draw(NAMES), text, Origin("x"), fields=fields, page=page, notes=tuple(draw(st.lists(NAMES, max_size=1))), **given)
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    made = st.builds(lambda c, v, at, p: Mention(c, v, "affirmed", "page", *at, text[slice(*at)], p), NAMES, NAMES, spans, NAMES)
    mentions = tuple(draw(st.lists(made, max_size=3)))
    same = draw(lines)  # both facets may show the same ledger
    choices = []
    for _ in range(2):
        shown = draw(st.dictionaries(NAMES, lines | st.just(same), min_size=1, max_size=2))
        scores = draw(st.dictionaries(NAMES, NUMBERS, max_size=3)) | dict.fromkeys(shown, 1.5)
        choices.append(Choice(draw(st.sampled_from(sorted(shown))), draw(SHARES), "decided", tuple(shown), scores, shown))
    roles = tuple(Role(name, mentions[:1]) for name in draw(st.lists(NAMES, max_size=2)))
    codes = draw(st.lists(st.builds(lambda c, v, p, at: CueCode(c, v, p, *at), NAMES, NAMES, SHARES, places), max_size=2))
    return Decision(case, *choices, roles, mentions, Provenance("1", "2", "3", draw(NAMES)), tuple(codes))


@given(decisions(), st.booleans())
def test_the_same_bytes(decision, text):
    assert record_line(decision, text=text) == dump_line(as_record(decision, text=text))


def test_the_same_bytes_of_a_whole_decision(decision, marked_up, make):
    for one in (decision, marked_up, make(payload='"\u2028</script>\n\x1b')):
        line = record_line(one)
        assert line == dump_line(as_record(one))
        assert json.loads(line)["cues"]


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf])
def test_no_number_that_json_lacks(decision, weight):
    lines = {code: (Line("rule", "r", weight),) for code in decision.economy.ledgers}
    broken = replace(decision, economy=replace(decision.economy, ledgers=lines))
    with pytest.raises(ValueError, match="JSON"):
        record_line(broken)


@pytest.mark.parametrize("weight", [0.0, -0.0, 1e-4, 9.99999999e-5, 5e-10, -5e-10, 0.1234567895, 2.5e-9, 999999.9999999999, 1e6, 1e22, -1.0, 100.0])
def test_numbers_at_the_borders(decision, weight):
    lines = {code: (Line("rule", "r", weight),) for code in decision.economy.ledgers}
    changed = replace(decision, economy=replace(decision.economy, ledgers=lines))
    assert record_line(changed) == dump_line(as_record(changed))
