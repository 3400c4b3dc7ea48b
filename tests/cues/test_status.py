"""Is it so? Triggers, their reach, stops, precedence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.codebook import load_codebook
from tagger.cues import CueFinder, load_lexicon
from tagger.cues.engine import Hit
from tagger.cues.lexicon import Trigger
from tagger.cues.status import visible_triggers

CUES = """
version = "1.0.0"
[[pattern]]
id = "ads"
cue = "advertising"
value = "sells_attention"
phrase = "advertising|ads"
[[pattern]]
id = "ad-free"
cue = "advertising"
value = "refuses"
phrase = "free of advertising"
[[pattern]]
id = "owned"
cue = "ownership"
value = "members"
phrase = "is ~2 owned"
[[pattern]]
id = "definition"
cue = "initiator"
value = "company"
phrase = "company"
where = "start"
[[trigger]]
id = "not"
status = "negated"
phrase = "no|not|without"
reach = 3
[[trigger]]
id = "free-of"
status = "negated"
phrase = "free of"
[[trigger]]
id = "not-only"
status = ""
phrase = "not only"
[[trigger]]
id = "once"
status = "past"
phrase = "once"
reach = 2
[[trigger]]
id = "gone"
status = "past"
phrase = "was dropped"
side = "after"
reach = 2
[[trigger]]
id = "will"
status = "planned"
phrase = "plans"
cues = ["advertising"]
[[trigger]]
id = "unlike"
status = "other"
phrase = "unlike"
reach = 20
[[stop]]
id = "but"
phrase = "but"
"""


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cues")
    (folder / "cues.toml").write_text(CUES, encoding="utf-8")
    return CueFinder(load_lexicon(load_codebook(), folder))


@pytest.mark.parametrize(
    "text, statuses",
    [
        ("It sells advertising.", ["affirmed"]),
        ("It sells no advertising.", ["negated"]),
        ("It sells not one bit of advertising.", ["negated"]),  # three words between
        ("It sells not one little bit of advertising.", ["affirmed"]),
        ("It sells not only advertising.", ["affirmed"]),
        ("It has no fees but advertising.", ["affirmed"]),
        ("It has no fees; advertising pays.", ["affirmed"]),
        ("It has no fees – advertising pays.", ["affirmed"]),
        ("It has no fees. Advertising pays.", ["affirmed"]),
        ("(It has no fees) advertising pays", ["affirmed"]),
        ("Advertising not.", ["affirmed"]),  # "not" reaches forward only
        ("It once sold advertising.", ["past"]),
        ("Advertising was dropped.", ["past"]),
        ("Advertising of all kinds was dropped.", ["affirmed"]),
        ("It plans ads.", ["planned"]),
        ("It plans what is owned.", ["affirmed"]),  # limited to another cue
        ("It once had no ads.", ["past"]),  # past goes before negated
        ("Unlike X, which once sold ads, it is owned.", ["other", "affirmed"]),  # the comma closes the aside
        ("Unlike X it once sold ads.", ["other"]),  # other goes before all
        ("It is free of advertising.", ["affirmed"]),  # the trigger is the pattern's own wording
        ("It is not owned.", ["negated"]),  # the trigger stands in a gap of the mention
        ("It is not free of advertising.", ["negated"]),
        ("No ads. Ads.", ["negated", "affirmed"]),
    ],
)
def test_status(finder, text, statuses):
    assert [m.status for m in finder.find(text)] == statuses


@pytest.mark.parametrize(
    "text, count",
    [
        ("A company. It grows.", 1),
        ("It grows. A company.", 1),
        ("It grows. It sells. A company.", 0),
        ("\n\n\nIt grows.\n\n\n\nA company.", 1),  # blank lines are no sentences
        ("= the home of a company\n\nIt grows.", 1),
        ("= the home of peers\n\nA company made it.", 1),
        ("= the home of peers\n\nIt grows. A company made it.", 0),
    ],
)
def test_start_is_the_first_two_sentences(finder, text, count):
    assert len(finder.find(text)) == count


def test_the_longer_mention_of_a_cue_stays_alone(finder):
    assert [m.pattern for m in finder.find("It is free of advertising, and has advertising.")] == ["ad-free", "ads"]


TRIGGERS = {key: Trigger(key, status, ()) for key, status in (("a", "negated"), ("b", "past"), ("c", ""))}


@given(
    st.lists(
        st.builds(lambda key, start, length: Hit(key, start, start + length), st.sampled_from("abc"), st.integers(0, 12), st.integers(1, 6)),
        max_size=10,
        unique=True,
    )
)
def test_a_longer_trigger_hides_a_shorter_one(hits):
    def hidden(hit):
        return any(h.start <= hit.start and hit.end <= h.end and h[1:] != hit[1:] for h in hits)

    assert sorted(visible_triggers(hits, TRIGGERS)) == sorted(h for h in hits if h.pattern != "c" and not hidden(h))
