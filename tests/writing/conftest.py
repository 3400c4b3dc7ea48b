"""Decisions made up for the tests of `tagger.writing`: every kind of status, voice, status of choice and line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tagger.case import Case, Choice, Decision, Line, Mention, OffsetMap, Origin, Page, Provenance, Role

LABELS = {
    ("economy", "sharing"): "Sharing economy",
    ("economy", "commons"): "Commons economy",
    ("economy", "crowdsourcing"): "Crowdsourcing economy",
    ("economy", "other"): "Other",
    ("economy", "none"): "No initiative",
    **{("model", str(n)): f"Model number {n}" for n in range(1, 12)},
    ("model", "6"): "Peer production, non-monetary",
    ("model", "8"): "Commons with a business ecology",
    ("model", "outside"): "Outside both ladders",
    ("model", "none"): "No initiative",
}
CRITERIA = {
    "commons.use.1": "The result is open to all, and its terms keep it so.",
    "model8.use.1": "The text names firms that live on the commons: vendors, hosts, makers of additions.",
    "unused": "No line names this one.",
}
TEXT = (
    "Heron is a library of weather models that volunteers write and mend together 🌦️.\n\n"
    "It is published under the GPL and carries no advertising. It was once owned by a firm in Leeds, and hopes to become a cooperative.\n\n"
    "“We are a community of makers,” its page says. Unlike Stormly, which sells ads, several hosting firms live on it."
)
CUES = (
    ("initiator", "community", "affirmed", "page", "volunteers write and mend together"),
    ("licensing", "open", "affirmed", "page", "under the GPL"),
    ("advertising", "sells_attention", "negated", "page", "no advertising"),
    ("ownership", "investors", "past", "page", "owned by a firm"),
    ("ownership", "members", "planned", "page", "become a cooperative"),
    ("initiator", "community", "affirmed", "self", "We are a community"),
    ("producers", "group", "affirmed", "quoted", "a community of makers"),
    ("advertising", "sells_attention", "other", "page", "sells ads"),
)


def mention(text: str, cue: str, value: str, status: str, voice: str, words: str) -> Mention:
    start = text.index(words)
    return Mention(cue, value, status, voice, start, start + len(words), words, f"{cue}-{value}-1")


def choice(code: str, runner_up: str, lines: dict[str, tuple[Line, ...]], *, status: str = "decided", probability: float = 0.83, rest=()) -> Choice:
    scores = {c: sum(line.weight for line in ledger) for c, ledger in lines.items()} | dict.fromkeys(rest, -1.5)
    return Choice(code, probability, status, (code, runner_up) if status == "abstained" else (code,), scores, lines)


def make_decision(
    *,
    id: str = "heron",
    title: str = "Heron",
    text: str = TEXT,
    cues=CUES,
    status: str = "decided",
    economy: str = "commons",
    model: str = "8",
    case: Case | None = None,
    payload: str = "",
    **more,
) -> Decision:
    """Return a decision on a made-up text; `payload` goes into every name that could come from outside."""
    case = case or Case(id, title, text, Origin("cases.csv", "row 2"), **more)
    mentions = tuple(mention(case.text, *cue) for cue in cues)
    at = (mentions[1].start, mentions[1].end) if len(mentions) > 1 else (None, None)
    first = Line("base", "base rate", -0.7)
    rule = Line("rule", f"copyleft-keeps-it-open{payload}", 1.8123456789, "commons.use.1", *at)
    words = tuple(Line("word", f"word{n}{payload}", 0.3 / (n + 1) * (-1) ** n) for n in range(20))
    lines = {economy: (first, rule, *words), "sharing": (first, Line("rule", "makers-share", 0.4), *words[:3])}
    ladder = {
        model: (first, Line("rule", "firms-live-on-it", 1.1, "model8.use.1"), Line("cue", "ownership = members (planned)", -0.2)),
        "6": (first, Line("cue", "advertising refused", 0.9)),
    }
    return Decision(
        case,
        choice(economy, "sharing", lines, status=status, rest=("crowdsourcing", "other", "none")),
        choice(model, "6", ladder, status=status, probability=0.6180339887, rest=("1", "outside")),
        (Role(f"produser{payload}", mentions[:1]),),
        mentions,
        Provenance("0.1.0", "1.0.0", "1.0.0", payload or "2026-01"),
    )


@pytest.fixture
def decision() -> Decision:
    return make_decision()


@pytest.fixture
def make() -> Callable[..., Decision]:
    return make_decision


@pytest.fixture
def labels() -> dict[tuple[str, str], str]:
    return LABELS


@pytest.fixture
def criteria() -> dict[str, str]:
    return CRITERIA


@pytest.fixture
def marked_up() -> Decision:
    """A decision on a case whose source is HTML, with markup inside a mention."""
    source = "<p>Free code <b>under</b> the <i>GPL</i>.</p>"
    plain = "Free code under the GPL."
    starts = [(0, source.index("Free")), (10, source.index("under")), (15, source.index(" the")), (20, source.index("GPL")), (23, source.index(".</p>"))]
    offsets = OffsetMap(tuple(p for p, _ in starts), tuple(s for _, s in starts))
    page = Page(definition="free code", url="http://example.org", categories=("Software",))
    fields = {"page": "mine", "year": 2008}
    case = Case("h", "Markup", plain, Origin("page.html"), source=source, offsets=offsets, fields=fields, page=page, notes=("1 tag mended",))
    return make_decision(case=case, cues=tuple(("licensing", "open", "affirmed", "page", words) for words in ("Free code", "under the GPL")))
