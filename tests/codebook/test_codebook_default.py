"""The packaged codebook: complete, and as the project's coding rules have it."""

import re
from pathlib import Path

import pytest

from tagger.codebook import STATUSES, VOICES, load_codebook

RULES = Path(__file__).parents[2].parent / "shared" / "CODEBOOK.md"
BOOK = load_codebook()
CODES = BOOK.economies + BOOK.models


def rules():
    if not RULES.exists():
        pytest.skip(f"{RULES} is not here: the reference lies beside the repository, not in it")
    return RULES.read_text(encoding="utf-8")


def test_facets_and_cues_are_complete():
    assert [c.id for c in BOOK.economies] == ["sharing", "commons", "crowdsourcing", "other", "none"]
    assert [c.id for c in BOOK.models] == [*map(str, range(1, 12)), "outside", "none"]
    assert [c.id for c in BOOK.cues] == ["initiator", "payment", "licensing", "advertising", "ownership", "value", "producers", "participation"]
    assert [c.id for c in BOOK.auxiliary] == ["kind"] and BOOK.cue("kind").auxiliary
    assert [r.id for r in BOOK.roles] == ["produser", "end-maker"]
    assert tuple(BOOK.statuses) == STATUSES and tuple(BOOK.voices) == VOICES


def test_the_two_ladders_are_counted_from_one():
    assert [c.rung for c in BOOK.models if c.level == "company"] == [1, 2, 3, 4, 5]
    assert [c.rung for c in BOOK.models if c.level == "community"] == [1, 2, 3, 4, 5, 6]
    assert BOOK.code("model", "outside").rung is None


@pytest.mark.parametrize("code", CODES, ids=lambda c: f"{c.facet}-{c.id}")
def test_every_code_has_enough_to_code_by(code):
    assert len(code.use_when) >= 3 or (len(code.use_when) >= 2 and len(code.avoid_when) >= 2)
    assert code.avoid_when and len(code.examples) >= 3 and len(code.near_misses) >= 2
    prefix = f"e-{code.id}" if code.facet == "economy" else f"m{code.id}" if code.id.isdigit() else f"m-{code.id}"
    assert [k.id for k in code.use_when] == [f"{prefix}.u{i}" for i in range(1, len(code.use_when) + 1)]
    assert [k.id for k in code.avoid_when] == [f"{prefix}.a{i}" for i in range(1, len(code.avoid_when) + 1)]
    assert all(not k.instead for k in code.use_when) and all(k.instead for k in code.avoid_when)


# Each step and each border of the order of questions: where it must be found, and by which words.
BORDERS = [
    ("none", ["several initiatives with no main one", "essay", "generic practice", "mere proposal", "kind of organisation"]),
    ("outside", ["advocacy", "toolkit", "has begun", "failed since", "residual"]),
    ("1", ["non-profit, charity or public body", "product or service", "hackable", "compatible"]),
    ("2", ["do the serving themselves", "vending", "software as a service"]),
    ("3", ["assemble", "harvest"]),
    ("4", ["configure", "offered to other customers"]),
    ("5", ["for others", "prize", "small task", "owns and offers the result"]),
    ("6", ["lasting result", "garden", "from person to person", "time bank", "local currency", "donation", "carries no advertising", "host is no company"]),
    ("7", ["land trust", "community-owned", "member association", "consumer, credit, housing or platform cooperative", "fair-trade"]),
    ("8", ["vendors", "named or implied", "releases", "foundation", "distributions"]),
    ("9", ["silent on how the platform earns", "carries no advertising", "advertising, sponsored posts, data"]),
    ("10", ["worker cooperative", "to outsiders", "shares the ownership", "own members"]),
    ("11", ["picks, prices and sells", "remain the sellers", "fabricated"]),
]


@pytest.mark.parametrize(("model", "words"), BORDERS, ids=[m for m, _ in BORDERS])
def test_every_border_is_in_a_criterion(model, words):
    said = " | ".join(k.text.lower() for k in BOOK.code("model", model).criteria)
    assert [w for w in words if w not in said] == []


@pytest.mark.parametrize(
    ("one", "other"), [("1", "outside"), ("1", "2"), ("5", "11"), ("6", "8"), ("6", "9"), ("7", "10"), ("none", "outside"), ("none", "6"), ("4", "5")]
)
def test_borders_are_kept_from_a_side_at_least(one, other):
    sends = {(c.id, k.instead) for c in BOOK.models for k in c.avoid_when}
    assert {(one, other), (other, one)} & sends


def test_economies_of_the_borders():
    texts = {c.id: " ".join(k.text for k in c.criteria) for c in BOOK.economies}
    assert "whoever started it" in texts["commons"] and "kept and improved in common" in texts["commons"]
    assert "person to person" in texts["sharing"] and "time bank" in texts["sharing"]
    assert "serve only" in texts["other"] and "stock" in texts["crowdsourcing"]


def test_pairs_are_the_table_of_the_coding_rules():
    lines = rules().split("## Economy by model")[1].splitlines()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|") and "---" not in line]
    header = rows[0][1:]
    kinds = {"T": "typical", "p": "possible"}
    expected = {(economy, row[0]): kinds[cell] for row in rows[1:] for economy, cell in zip(header, row[1:], strict=True) if cell}
    assert len(expected) > 15
    assert dict(BOOK.pairs) == expected


def test_cue_values_are_those_of_the_coding_rules():
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", rules(), re.MULTILINE)
    assert {cue: tuple(values.split(", ")) for cue, values in rows} == {c.id: c.value_ids for c in BOOK.cues}


def test_model_labels_are_those_of_the_coding_rules():
    found = dict(re.findall(r"^(\d+)\. `(\w+)`:", rules(), re.MULTILINE))
    assert found == {c.id: c.label for c in BOOK.models if c.id.isdigit()}


def test_allowed_is_what_the_table_holds():
    assert BOOK.allowed("sharing", "9") and BOOK.allowed("crowdsourcing", "11") and BOOK.allowed("none", "none")
    assert not BOOK.allowed("commons", "9") and not BOOK.allowed("none", "outside") and not BOOK.allowed("sharing", "12")
    assert {m for _, m in BOOK.pairs} == {c.id for c in BOOK.models}


def test_only_what_is_safe_has_an_opposite():
    assert BOOK.opposites == {("advertising", "sells_attention"): "refuses", ("value", "exchange"): "use"}
