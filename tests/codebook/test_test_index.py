"""Tests asked together say what each says alone."""

from hypothesis import example, given
from hypothesis import strategies as st

from tagger.case import Mention
from tagger.codebook import ANY, STATUSES, VOICES, Condition, CueTest
from tagger.codebook.conditions import TestIndex

OPPOSITES = {("ads", "sells"): "refuses", ("licence", "open"): "closed", ("ads", "refuses"): "sells"}
CUES = st.sampled_from([("ads", "sells"), ("ads", "refuses"), ("licence", "open"), ("licence", "closed"), ("pay", "waged")])
CONDITIONS = st.builds(lambda pair, status, voice: Condition(*pair, status, voice), CUES, st.sampled_from([*STATUSES, ANY]), st.sampled_from([*VOICES, ANY]))
SOME = st.lists(CONDITIONS, max_size=3).map(tuple)
TESTS = st.lists(st.builds(CueTest, SOME, SOME, SOME), max_size=5)
MENTIONS = st.lists(
    st.builds(
        lambda pair, status, voice, start, pattern: Mention(*pair, status, voice, start, start + 3, "say", pattern),
        CUES,
        st.sampled_from(STATUSES),
        st.sampled_from(VOICES),
        st.integers(0, 3),
        st.sampled_from("pq"),
    ),
    max_size=6,
)
REFUSED = Mention("ads", "sells", "negated", "page", 0, 3, "say", "p")


def alone(tests, mentions):
    return [(i, found) for i, test in enumerate(tests) if (found := test.evidence(mentions, OPPOSITES)) is not None]


@given(TESTS, st.lists(MENTIONS, max_size=3))
@example([CueTest(none=(Condition("pay", "waged"),)), CueTest(all=(Condition("ads", "refuses"),))], [[], [REFUSED]])
def test_what_holds_and_by_what(tests, texts):
    index = TestIndex(tests, OPPOSITES)
    for mentions in (*texts, *texts):  # twice: what a kind of mention meets is remembered
        assert index.evidence(mentions) == alone(tests, mentions)


def test_the_comparison_can_fail():
    tests = [CueTest(all=(Condition("ads", "refuses"),))]
    assert TestIndex(tests, OPPOSITES).evidence([REFUSED]) == alone(tests, [REFUSED]) == [(0, (REFUSED,))]
    assert TestIndex(tests, {}).evidence([REFUSED]) == []
