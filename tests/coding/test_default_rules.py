"""The packaged rules: enough for every code, each standing for a line of the codebook, none said twice."""

from collections import Counter

import pytest

from tagger.case import Mention
from tagger.codebook import FACETS, load_codebook
from tagger.coding.classifier import ledger_of
from tagger.coding.rules import fired, load_rules

BOOK = load_codebook()
RULES = load_rules(BOOK)
CODES = [(facet, code.id) for facet in FACETS for code in BOOK.codes(facet)]
CRITERIA = {k.id: (facet, code.id, k.instead) for facet in FACETS for code in BOOK.codes(facet) for k in (*code.use_when, *code.avoid_when)}


def winner(*cues):
    """The pair that the rules alone decide for a text that affirms `cues` (written cue=value)."""
    mentions = tuple(Mention(*cue.split("="), "affirmed", "page", i, i + 1, "x", f"p-{i}") for i, cue in enumerate(cues))
    ledger = ledger_of(None, fired(RULES.rules, mentions, BOOK.opposites), {}, tuple(BOOK.pairs), RULES, None)
    return ledger.pairs[int(ledger.scores().argmax())]


@pytest.mark.parametrize(("facet", "code"), CODES)
def test_every_code_has_rules_that_speak_for_it(facet, code):
    assert sum((r.facet, r.code) == (facet, code) and r.weight > 0 for r in RULES.rules) >= 3


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_a_rule_stands_for_a_criterion_of_its_code_or_near_miss(rule):
    facet, code, instead = CRITERIA[rule.criterion]
    assert facet == rule.facet
    if rule.weight > 0:
        assert code == rule.code and not instead, "evidence for a code stands for a reason to use it"
    else:
        assert (code == rule.code and instead) or rule.code == instead, "evidence against a code stands for a border of it"


def test_no_rule_is_said_twice():
    assert not [k for k, n in Counter(r.id for r in RULES.rules).items() if n > 1]
    said = Counter((r.facet, r.code, *(frozenset(part) for part in (r.test.all, r.test.any, r.test.none))) for r in RULES.rules)
    assert not [k for k, n in said.items() if n > 1]


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_a_rule_can_hold(rule):
    assert not {*rule.test.all} & {*rule.test.none}, "asks for what it excludes"
    assert len(rule.test.any) == 0 or {*rule.test.any} - {*rule.test.none}


def test_every_code_has_a_base_rate():
    assert set(RULES.base) == set(CODES) and all(abs(weight) <= 3 for weight in RULES.base.values())


# The typology's own examples, by what a text on each would say.
TYPICAL = [
    (("sharing", "9"), ["initiator=company", "ownership=investors", "producers=individuals", "advertising=sells_attention"]),
    (("commons", "6"), ["payment=unpaid", "licensing=open", "initiator=community", "producers=group", "kind=project"]),
    (("commons", "8"), ["licensing=open", "initiator=company", "value=exchange", "payment=waged"]),
    (("commons", "7"), ["ownership=members", "initiator=community", "value=use"]),
    (("other", "10"), ["ownership=members", "payment=shared_surplus", "value=exchange", "producers=group"]),
    (("other", "11"), ["producers=individuals", "payment=own_sales", "value=exchange", "kind=venture"]),
    (("crowdsourcing", "5"), ["initiator=company", "producers=individuals", "payment=on_selection", "participation=co_create"]),
    (("other", "4"), ["initiator=company", "value=exchange", "participation=customise"]),
    (("other", "3"), ["initiator=company", "value=exchange", "participation=do_it_yourself"]),
    (("other", "2"), ["initiator=company", "value=exchange", "participation=self_serve"]),
    (("other", "1"), ["initiator=company", "ownership=investors", "producers=firm", "value=exchange", "payment=waged"]),
    (("other", "1"), ["ownership=foundation", "payment=waged", "producers=firm", "participation=consume"]),
    (("other", "outside"), ["kind=advocacy", "initiator=nonprofit"]),
    (("other", "outside"), ["kind=research", "initiator=nonprofit"]),
    (("none", "none"), ["kind=publication"]),
    (("none", "none"), ["kind=person"]),
    (("none", "none"), ["kind=concept"]),
    (("none", "none"), []),
]


@pytest.mark.parametrize(("pair", "cues"), TYPICAL, ids=lambda x: "/".join(x) or "nothing")
def test_what_is_typical_is_decided_without_a_model(pair, cues):
    assert winner(*cues) == pair


MADE_AT_HOME = ["producers=individuals", "participation=do_it_yourself"]  # whether by buyers or by sellers
# One cue more or less, and the near miss is meant.
BORDERS = [
    ("model", "9", "6", ["initiator=community", "producers=individuals", "value=use"], ["initiator=company", "producers=individuals", "value=use"]),
    ("model", "8", "6", ["licensing=open", "kind=project", "value=use"], ["licensing=open", "kind=project", "value=exchange", "initiator=company"]),
    ("model", "10", "7", ["ownership=members", "value=use"], ["ownership=members", "value=exchange", "producers=firm"]),
    ("model", "11", "5", ["initiator=company", "payment=on_selection"], ["initiator=company", "payment=own_sales"]),
    ("model", "2", "1", ["initiator=company", "value=exchange"], ["initiator=company", "value=exchange", "participation=self_serve"]),
    ("model", "11", "3", MADE_AT_HOME, [*MADE_AT_HOME, "payment=own_sales"]),
    ("model", "outside", "1", ["initiator=nonprofit", "producers=firm", "payment=waged"], ["initiator=nonprofit", "kind=advocacy"]),
    ("economy", "commons", "sharing", ["producers=individuals", "payment=unpaid", "value=use"], ["producers=group", "payment=unpaid", "licensing=open"]),
]


@pytest.mark.parametrize(("facet", "one", "other", "cues_of_other", "cues_of_one"), BORDERS, ids=lambda x: x if isinstance(x, str) else "")
def test_borders_are_told_apart(facet, one, other, cues_of_other, cues_of_one):
    side = FACETS.index(facet)
    assert (winner(*cues_of_one)[side], winner(*cues_of_other)[side]) == (one, other)
