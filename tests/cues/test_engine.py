"""The fast engine against spaCy's Matcher, mention for mention."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from engines import NASTY, PATTERNS, both
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tagger.codebook import load_codebook
from tagger.cues import CueFinder, load_lexicon
from tagger.cues.engine import FastEngine, _spans
from tagger.cues.notation import REGEX, Gap, Word, parse_phrase
from tagger.cues.reference import ReferenceEngine

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "../shared/p2pwiki/cases.jsonl"


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon(load_codebook())


@pytest.fixture(scope="module")
def finders(lexicon):
    return CueFinder(lexicon), CueFinder(lexicon, engine=ReferenceEngine)


@pytest.fixture(scope="module")
def engines():
    return both(PATTERNS)


def texts_of(path, step=1, count=None):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, 0, count and count * step, step)]


def differ(finders, texts):
    """Return what differs, and how many mentions there were."""
    fast, reference = finders
    differing, count = [], 0
    for text in texts:
        mine, theirs = fast.find(text), reference.find(text)
        count += len(mine)
        differing += [(text, set(mine) ^ set(theirs))] if mine != theirs else []
    return differing, count


@pytest.mark.parametrize("text, count", NASTY, ids=range(len(NASTY)))
def test_nasty_texts(engines, text, count):
    fast, reference = engines
    hits = fast.find(text)
    assert hits == reference.find(text)
    mine = [h for h in hits if h.pattern != "prefix-alone"] if "coop " not in text else hits
    assert len(mine) == count, [(h.pattern, text[h.start : h.end]) for h in mine]


# words and marks of the patterns, and what may stand between or beside them
WORDS = """
    volunteers volunteer write kickstarter shares coop open source open-source not for profit self employed don't dont pay workers workers' co-op co op
    owned by members run the community people free of all advertising 5 % $ 100 fee terms & conditions café coöperatie ΟΔΟΣ straße in 2008 isn't aren’t
    until 1999 give very modules be swapped tools own rented much users x é e\u0301 İ ß ﬁ \u212a \u017f 🙂 _ 7 's ’s ' ’ - ‐ ‑ – , ; . ( [[ {{ \u200b
"""
SCRAPS = st.sampled_from([*WORDS.split(), "\x1c"])
SPACES = st.sampled_from(["", " ", " ", " ", " ", "\n", "  ", "\u00a0", "\n\n", " \n ", "\r\n", "\t", ",", ", ", " ,", "-", "'", "’"])


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(SCRAPS, SPACES), max_size=14))
@example([("x", "-"), ("volunteers", "")])
@example([("5", ""), ("%", "")])
def test_scraps_of_the_patterns(engines, scraps):
    text = "".join(part for pair in scraps for part in pair)
    fast, reference = engines
    assert fast.find(text) == reference.find(text)


def written(items, draw):
    """Write a pattern out as a text that it finds, or nearly."""
    words = []
    for item in items:
        if not isinstance(item, Word):
            words += draw(st.lists(st.sampled_from(["the", "our", "its own,", "co-op's"]), max_size=item.high + 1))
        elif item.low or draw(st.booleans()):
            kind, text = draw(st.sampled_from(item.alternatives))
            spellings = [text, text.upper(), text.replace("-", " "), text.replace("-", "‑"), text + "'s", text + "’", text + "s"]
            words.append("2019" if kind == REGEX else draw(st.sampled_from(spellings)))
    return draw(st.sampled_from([" ", " ", " ", "\n", "\u00a0"])).join(words)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_lexicons_own_words(lexicon, finders, data):
    patterns = data.draw(st.lists(st.sampled_from((*lexicon.patterns, *lexicon.triggers)), min_size=1, max_size=6))
    text = "".join(written(p.items, data.draw) + data.draw(st.sampled_from([" ", ", ", ". It ", "\n\n", " not ", "-", "'", " (", " was "])) for p in patterns)
    fast, reference = finders
    assert fast.find(text) == reference.find(text)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_each_pattern_finds_its_own_words(lexicon, step):
    """Written out with no gap and nothing optional, every pattern passes the gate and is found; re2 takes every expression."""
    entries = [p for p in (*lexicon.patterns, *lexicon.triggers) if all(i.low == 0 if isinstance(i, Gap) else i.alternatives[0][0] != REGEX for i in p.items)]
    engine = FastEngine([(p.id, p.items) for p in entries])
    assert len(entries) > 350
    lost = []
    for number, p in islice(enumerate(entries), 0, None, step):
        text = " ".join(i.alternatives[0][1] for i in p.items if isinstance(i, Word) for _ in range(i.low))
        data = engine._alphabets[number].encode(text)
        if number not in engine._possible(text) or next(_spans(engine._pattern(number), data, text), None) != (0, len(text)):
            lost.append((p.id, text))
    assert lost == []


def test_authored_cases_sampled(finders):
    differing, count = differ(finders, texts_of(ROOT / "corpus/cases.jsonl", step=4, count=40))
    assert differing == []
    assert count >= 100


@pytest.mark.slow
def test_authored_cases_all(finders):
    differing, count = differ(finders, texts_of(ROOT / "corpus/cases.jsonl"))
    assert differing == []
    assert count >= 300


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not PAGES.exists(), reason="../shared/p2pwiki is not beside the repository")
def test_wiki_pages(finders):
    differing, count = differ(finders, texts_of(PAGES, step=10, count=300))
    assert differing == []
    assert count >= 800


def test_the_comparison_can_fail():
    """An engine that lacks a hit is caught by the same comparison."""
    patterns = [("a", parse_phrase("open source", {})), ("b", parse_phrase("volunteers", {}))]
    fast, reference = both(patterns)
    lacking = FastEngine(patterns[:1])
    text = "Volunteers write open source."
    assert fast.find(text) == reference.find(text) != lacking.find(text)


def test_no_pattern_at_all():
    fast, reference = both([])
    assert fast.find("volunteers") == reference.find("volunteers") == []


def test_offsets_count_characters_not_bytes(finders):
    text = "🙂 Ärger — écrit: the wiki is written by volunteers in Zürich; volunteers write it."
    for mention in finders[0].find(text):
        assert text[mention.start : mention.end] == mention.text
    assert {m.text for m in finders[0].find(text)} & {"written by volunteers", "volunteers write", "volunteers"}
