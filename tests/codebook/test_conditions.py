"""Conditions over cues: their notation, and what they hold of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.case import Mention
from tagger.codebook import ANY, STATUSES, VOICES, Condition, CueTest, Faults, check_condition, load_codebook

BOOK = load_codebook()
PAIRS = [(cue, value) for cue, values in BOOK.cue_values.items() for value in values]


def mention(pair, status="affirmed", voice="page", start=0):
    cue, _, value = pair.partition("=")
    return Mention(cue, value, status, voice, start, start + 5, "words", "pattern")


@given(st.sampled_from(PAIRS), st.sampled_from([*STATUSES, ANY]), st.sampled_from([*VOICES, ANY]))
def test_notation_round_trip(pair, status, voice):
    condition = Condition(*pair, status, voice)
    assert Condition.parse(str(condition)) == condition
    assert check_condition(str(condition), BOOK.cue_values, Faults("x"), "") == condition


def test_conditions_of_the_default_roles_are_written_as_they_are_read():
    texts = [str(c) for role in BOOK.roles for rule in role.rules for c in (*rule.test.all, *rule.test.any, *rule.test.none)]
    assert "payment=unpaid" in texts and all(Condition.parse(t).status == "affirmed" for t in texts)


def test_what_is_left_out_is_affirmed_in_any_voice():
    assert Condition.parse("payment=unpaid") == Condition("payment", "unpaid", "affirmed", "any")
    assert Condition.parse("payment=unpaid~self") == Condition("payment", "unpaid", "affirmed", "self")
    assert str(Condition("payment", "unpaid", "any", "quoted")) == "payment=unpaid@any~quoted"


@pytest.mark.parametrize(
    "text", ["", "payment", "payment=", "=unpaid", "payment==unpaid", "payment=unpaid@", "payment=unpaid~", "a b=c", "a=b~page@past", "a=b@past@past"]
)
def test_what_is_no_condition(text):
    with pytest.raises(ValueError, match="is no condition"):
        Condition.parse(text)


@pytest.mark.parametrize(
    ("condition", "status", "voice", "met"),
    [
        ("payment=waged", "affirmed", "page", True),
        ("payment=waged", "affirmed", "self", True),
        ("payment=waged", "negated", "page", False),
        ("payment=waged", "past", "page", False),
        ("payment=waged@past", "past", "page", True),
        ("payment=waged@past", "affirmed", "page", False),
        ("payment=waged@any", "other", "page", True),
        ("payment=waged~self", "affirmed", "page", False),
        ("payment=waged~self", "affirmed", "self", True),
        ("payment=unpaid@any", "affirmed", "page", False),
        ("licensing=open@any", "affirmed", "page", False),
    ],
)
def test_status_and_voice_are_heeded(condition, status, voice, met):
    assert Condition.parse(condition).meets(mention("payment=waged", status, voice), BOOK.opposites) is met


def test_a_negated_mention_supports_its_opposite_and_nothing_else():
    refused = mention("advertising=sells_attention", "negated")
    assert Condition.parse("advertising=refuses").meets(refused, BOOK.opposites)
    assert not Condition.parse("advertising=refuses").meets(refused)
    assert Condition.parse("advertising=sells_attention@negated").meets(refused, BOOK.opposites)
    assert not Condition.parse("advertising=sells_attention").meets(refused, BOOK.opposites)
    assert not Condition.parse("advertising=refuses~self").meets(refused, BOOK.opposites)
    for status in ("past", "planned", "other"):
        assert not Condition.parse("advertising=refuses").meets(mention("advertising=sells_attention", status), BOOK.opposites)
    assert not Condition.parse("licensing=proprietary").meets(mention("licensing=open", "negated"), BOOK.opposites)


def cue_test(all=(), any=(), none=()):
    return CueTest(*(tuple(map(Condition.parse, texts)) for texts in (all, any, none)))


def test_evidence_is_what_meets_all_and_any_in_text_order():
    open_, wiki, sold = mention("licensing=open", start=40), mention("value=use", start=10), mention("value=exchange", start=70)
    test = cue_test(all=["licensing=open"], any=["value=use", "value=exchange"])
    assert test.evidence([open_, wiki, sold]) == (wiki, open_, sold)
    assert test.evidence([wiki, sold]) is None
    assert test.evidence([open_]) is None
    assert cue_test(all=["licensing=open"], none=["value=exchange"]).evidence([open_, sold]) is None
    assert cue_test(all=["licensing=open"], none=["value=exchange"]).evidence([open_, wiki]) == (open_,)


def roles(*pairs):
    mentions = [mention(p, start=i * 10) for i, p in enumerate(pairs)]
    return {role.id for role in BOOK.roles if role.evidence(mentions, BOOK.opposites)}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (("payment=unpaid", "producers=group", "licensing=open"), {"produser"}),
        (("producers=individuals", "advertising=sells_attention", "initiator=company"), {"produser"}),
        (("ownership=members", "value=use"), {"produser"}),
        (("ownership=members", "value=exchange", "payment=shared_surplus"), set()),
        (("participation=do_it_yourself", "initiator=company"), {"end-maker"}),
        (("participation=customise",), {"end-maker"}),
        (("participation=co_create", "payment=on_selection"), {"end-maker"}),
        (("producers=individuals", "payment=own_sales"), {"end-maker"}),
        (("producers=firm", "payment=waged", "participation=consume", "value=exchange"), set()),
        (("participation=self_serve",), set()),
        (("licensing=open", "producers=firm", "payment=waged"), set()),
    ],
)
def test_roles_follow_from_the_cues(said, shown):
    assert roles(*said) == shown


def test_a_past_or_denied_cue_shows_no_role():
    for status in ("negated", "past", "planned", "other"):
        mentions = [mention("payment=unpaid", status), mention("producers=group", status, start=10)]
        assert [role.evidence(mentions, BOOK.opposites) for role in BOOK.roles] == [(), ()]
