"""The terminal: text is text, never markup or a command."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tagger.case import CueCode, Line
from tagger.writing.terminal import Shown, explain, highlighted, results_table, visible

HOSTILE = [
    "[red]red[/red]", "Case [/quote] end", "[link=file:///etc/passwd]x[/link]", "\x1b[31mred", "\x1b]8;;http://e\x1b\\x",
    "a\rb", "\u202eevil", "\x9b31m", "\x00\x07\x08", "\ud800",
]  # fmt: skip
FLIPS = {"economy": ("sharing", (Line("rule", "copyleft", 1.8), Line("word", "wiki", 0.5))), "model": None}


def printed(what, **options) -> str:
    out = io.StringIO()
    Console(file=out, width=110, **options).print(what)
    return out.getvalue()


def test_table_shows_each_proposal(make, labels):
    text = printed(results_table(map(Shown.of, [make(), make(title="", id="no title", status="abstained")]), labels))
    assert "Heron" in text and "commons" in text and "0.83" in text and "0.62" in text
    assert "8 Commons with a business" in text
    assert "no title" in text and "abstained" in text


def test_explain_shows_everything(decision, labels, criteria):
    text = printed(explain(decision, labels, criteria, FLIPS))
    assert "under the GPL[2] and carries no advertising[3]." in text
    assert "[3] advertising = sells_attention “no advertising” (negated)" in text
    assert "economy: Commons economy (proposed)" in text and "economy: Sharing economy (runner-up)" in text
    assert "commons.use.1: The result is open to all" in text
    assert "+1.81" in text and "█" in text and "10 smaller lines together" in text
    assert "What would change this" in text
    assert "economy: without rule copyleft (+1.80) and word wiki (+0.50) it would be Sharing economy" in text
    assert "model: no evidence whose removal would change the code was found" in text
    assert "produser: initiator = community" in text
    assert "tagger 0.1.0" in text


def test_abstention_names_the_set(make, labels):
    assert "cannot tell apart: Commons economy, Sharing economy" in " ".join(printed(explain(make(status="abstained"), labels, {}, {})).split())


def test_highlights_cover_just_the_mentions(decision):
    text = highlighted(decision)
    styled = [text.plain[span.start : span.end] for span in text.spans if "reverse" in str(span.style)]
    assert "under the GPL" in styled and "no advertising" not in styled
    assert re.sub(r"\[[\d,]+\]", "", text.plain) == decision.case.text


def test_no_cues(make, labels):
    assert "No cues found" in printed(explain(make(cues=()), labels, {}, {}))


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("colours", [False, True])
def test_hostile_text_in_every_field(make, payload, colours):
    text = f"Before {payload} after"
    decision = make(id=payload, title=payload, text=text, payload=payload, cues=(("cue", payload, "affirmed", "page", payload),))
    labels = {("economy", "commons"): payload, ("model", "8"): payload}
    flips = {"economy": ("sharing", (Line("word", payload, 1.0),)), "model": None}
    for what in (results_table([Shown.of(decision)], labels, title=payload), explain(decision, labels, {"commons.use.1": payload}, flips)):
        out = printed(what, force_terminal=colours, color_system="standard" if colours else None)
        plain = re.sub(r"\x1b\[[\d;]*m", "", out) if colours else out  # our own colours
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", plain)
        assert visible(payload, one_line=True)[:5] in plain.replace("\n", "")
        assert "\x1b]8" not in out and ("\x1b[31mred" not in out)


def test_visible_keeps_lines_and_paragraphs():
    assert visible("a\r\nb\n\nc\td\u2028e") == "a\nb\n\nc    d\ne"
    assert visible("a\x1b\x7f\x9b\u202e") == "a␛␡⟨U+009B⟩⟨U+202E⟩"


def test_coded_cues_with_the_sentences_that_are_no_mentions(decision, labels):
    text, mention = decision.case.text, decision.mentions[1]
    start = text.index("It was once")
    codes = (
        CueCode("licensing", "open", 0.934, mention.start, mention.end),
        CueCode("ownership", "members", 0.61, start, start + 35),
        CueCode("payment", "unstated", 0.9),
        CueCode("value", "use", 0.5),
    )
    shown = printed(explain(replace(decision, cue_codes=codes), labels, {}, {}))
    assert "coded cues: licensing open 0.93, ownership members 0.61, value use 0.50" in shown
    assert f"ownership members: “{text[start : start + 35]}”" in shown
    assert "licensing open: “" not in shown and "payment" not in shown
    assert "coded cues: none stated" in printed(explain(replace(decision, cue_codes=codes[2:3]), labels, {}, {}))
    assert "coded cues" not in printed(explain(decision, labels, {}, {}))


@pytest.mark.parametrize("payload", HOSTILE)
def test_coded_cues_command_nothing(make, labels, payload):
    decision = make(text=f"{payload} is.", cues=())
    shown = printed(explain(replace(decision, cue_codes=(CueCode(payload, payload, 0.5, 0, len(payload)),)), labels, {}, {}), force_terminal=False)
    assert visible(payload, one_line=True) in shown and not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown)
