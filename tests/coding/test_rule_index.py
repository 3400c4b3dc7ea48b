"""The rules and roles asked together against each asked alone, over the authored cases and over mentions of every kind."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.codebook import STATUSES, VOICES, load_codebook
from tagger.codebook.conditions import TestIndex
from tagger.coding.rules import RuleIndex, fired, load_rules
from tagger.cues import CueFinder, load_lexicon

BOOK = load_codebook()
RULES = load_rules(BOOK).rules
FINDER = CueFinder(load_lexicon(BOOK))
INDEX = RuleIndex(RULES, BOOK.opposites)


@pytest.fixture(scope="module")
def found(authored):
    return [FINDER.find_in(one.case) for one in authored]


def test_rules_of_the_authored_cases(found):
    held = 0
    for mentions in found:
        assert INDEX.fired(mentions) == fired(RULES, mentions, BOOK.opposites)
        held += len(INDEX.fired(mentions))
    assert held > 1000


def test_roles_of_the_authored_cases(found):
    shown = 0
    for role in BOOK.roles:
        index = TestIndex([rule.test for rule in role.rules], BOOK.opposites)
        for mentions in found:
            alone = [(i, seen) for i, rule in enumerate(role.rules) if (seen := rule.test.evidence(mentions, BOOK.opposites)) is not None]
            assert index.evidence(mentions) == alone
            shown += len(alone)
    assert shown > 100


@given(st.data())
def test_whatever_the_status_and_voice(found, data):
    mentions = data.draw(st.sampled_from(found))
    kinds = st.tuples(st.sampled_from(STATUSES), st.sampled_from(VOICES))
    changed = [replace(m, status=status, voice=voice) for m in mentions for status, voice in [data.draw(kinds)]]
    changed = data.draw(st.permutations(changed))
    assert INDEX.fired(changed) == fired(RULES, changed, BOOK.opposites)
