"""The gate lets through whatever a plain search over the whole text finds, and at the places where it is found."""

from __future__ import annotations

import pytest
from engines import NASTY, PATTERNS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagger.codebook import load_codebook
from tagger.cues import load_lexicon, remembered
from tagger.cues.engine import FastEngine, Hit, _spans
from tagger.cues.gate import WordGate

LEXICON = load_lexicon(load_codebook())
WORDS = """volunteers volunteer writers volunteering open source open-source opensource not for profit not-for-profit self employed self-employed
    owned by members workers' co-op co op run the community people modules be swapped tools own rented 5 % $ 100 fee terms & café CAFÉ until 1999 give very
    much in 2008 ΟΔΟΣ οδος STRASSE straße STRAẞE coöperatie isn’t x , . - ’"""


class Ungated(FastEngine):
    """The fast engine without its gate: each pattern is searched for from the first character to the last."""

    def find(self, text):
        encoded = {alphabet: alphabet.encode(text) for alphabet in {*self._alphabets}}
        spans = [_spans(self._pattern(i), encoded[self._alphabets[i]], text) for i in range(len(self._ids))]
        return sorted(Hit(key, start, end) for key, found in zip(self._ids, spans, strict=True) for start, end in found)


def both(patterns):
    return FastEngine(patterns), Ungated(patterns)


@pytest.fixture(scope="module")
def made():
    return both(PATTERNS)


@pytest.mark.parametrize("text", [text for text, _ in NASTY], ids=range(len(NASTY)))
def test_nasty_texts(made, text):
    gated, plain = made
    assert gated.find(text) == plain.find(text)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(WORDS.split()), st.sampled_from([" ", " ", " ", "", "-", "’s ", "\n", ", "])), max_size=16))
def test_scraps(made, scraps):
    text = "".join(part for pair in scraps for part in pair)
    gated, plain = made
    assert gated.find(text) == plain.find(text)


@pytest.mark.parametrize("step", [60, pytest.param(1, marks=pytest.mark.slow)])
def test_authored_cases(authored, step):
    entries = [(p.id, p.items) for p in (*LEXICON.patterns[:: min(step, 6)], *LEXICON.triggers)] + list(LEXICON.stops)
    gated, plain = both(entries)
    found = 0
    for one in authored[::step]:
        hits = gated.find(one.case.text)
        assert hits == plain.find(one.case.text), one.case.id
        found += len(hits)
    assert found > 20


def test_few_patterns_pass():
    """What the gate is for: of all the patterns, a text without their words is searched for none, and one with few for few."""
    words = WordGate([p.items for p in LEXICON.patterns])
    assert words.possible("Quick brown foxes jump.") == {}
    assert 0 < len(words.possible("A library of weather models that volunteers write together.")) < 30


def test_spellings_are_forgotten_when_there_are_many(monkeypatch, made):
    monkeypatch.setattr(remembered, "MOST", 10)
    text = "".join(f"w{i} volunteers open-source " for i in range(50))
    fresh = FastEngine(PATTERNS)
    assert fresh.find(text) == made[1].find(text)
    assert len(fresh._gate._known) <= 10


def test_the_comparison_can_fail(made):
    lacking = FastEngine(PATTERNS)
    lacking._gate._known["volunteers"] = lacking._gate._nothing
    assert lacking.find("volunteers") != made[1].find("volunteers") == made[0].find("volunteers")
