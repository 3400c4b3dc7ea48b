"""The rules loader: good rules become records, faults are all said at once with their place."""

import shutil

import pytest

from tagger.case import Mention
from tagger.codebook import codebook_folder, load_codebook
from tagger.coding.rules import MAX_WEIGHT, fired, load_rules
from tagger.errors import CodebookError

BOOK = load_codebook()
CRITERION = BOOK.economies[0].criteria[0].id
BASE = "[base.economy]\nsharing = -0.5\n\n[base.model]\n1 = 0.25\nnone = -1\n"
GOOD = {"id": '"r-1"', "facet": '"economy"', "code": '"sharing"', "weight": "1.5", "criterion": f'"{CRITERION}"', "all": '["licensing=open"]'}


def rule(**changes):
    entry = {k: v for k, v in (GOOD | changes).items() if v is not None}
    return "[[rule]]\n" + "\n".join(f"{k} = {v}" for k, v in entry.items()) + "\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "rules.toml").write_text(text)
        return tmp_path

    return write


def faults_of(folder):
    with pytest.raises(CodebookError) as caught:
        load_rules(BOOK, folder)
    return caught.value.faults


def test_a_good_file(write):
    second = rule(id='"r-2"', weight="-2", none='["payment=waged@any"]')
    book = load_rules(BOOK, write(f'version = "2.1"\n{BASE}\n{rule()}\n{second}'))
    assert book.version == "2.1"
    assert [(r.id, r.weight) for r in book.rules] == [("r-1", 1.5), ("r-2", -2.0)]
    assert {(r.facet, r.code, r.criterion) for r in book.rules} == {("economy", "sharing", CRITERION)}
    assert book.base["economy", "sharing"] == -0.5
    assert book.base["model", "none"] == -1.0
    assert book.base["economy", "commons"] == 0.0  # not given: says nothing
    assert set(book.base) == {(facet, code.id) for facet in ("economy", "model") for code in BOOK.codes(facet)}


@pytest.mark.parametrize("text", ['version = "1"\n', 'version = "1"\n[base.economy]\n', 'version = "1"\nrule = []\n'])
def test_no_rules_and_no_base_rates_say_nothing(write, text):
    book = load_rules(BOOK, write(text))
    assert book.rules == ()
    assert set(book.base.values()) == {0.0}


def test_the_hash_is_of_the_bytes(write):
    first = load_rules(BOOK, write(f'version = "1"\n{BASE}')).sha256
    assert load_rules(BOOK, write(f'version = "1"\n{BASE}# a note\n')).sha256 != first


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"id": None}, "rule[0].id", "missing"),
        ({"id": '"has space"'}, "rule[0].id", "is no id"),
        ({"facet": '"colour"'}, "rule[0].facet", "is not a facet"),
        ({"facet": "3"}, "rule[0].facet", "is not"),
        ({"code": '"sharign"'}, "rule[0].code", "sharing"),
        ({"code": '"1"'}, "rule[0].code", "is not a code of economy"),
        ({"code": "1"}, "rule[0].code", "is not"),
        ({"weight": '"1.5"'}, "rule[0].weight", "is not"),
        ({"weight": "0"}, "rule[0].weight", "out of range"),
        ({"weight": f"{MAX_WEIGHT + 0.1}"}, "rule[0].weight", "out of range"),
        ({"weight": f"-{MAX_WEIGHT + 0.1}"}, "rule[0].weight", "out of range"),
        ({"weight": "nan"}, "rule[0].weight", "finite"),
        ({"weight": "inf"}, "rule[0].weight", "finite"),
        ({"weight": "true"}, "rule[0].weight", "is not"),
        ({"weight": None}, "rule[0].weight", "missing"),
        ({"criterion": '"no.such"'}, "rule[0].criterion", "is not a criterion"),
        ({"criterion": None}, "rule[0].criterion", "missing"),
        ({"all": None}, "rule[0]", "no condition"),
        ({"all": None, "none": '["licensing=open"]'}, "rule[0]", "no condition"),
        ({"all": '["licence=open"]'}, "rule[0].all[0]", "is not a cue"),
        ({"all": '["licensing=opne"]'}, "rule[0].all[0]", "open"),
        ({"all": '["licensing=open@maybe"]'}, "rule[0].all[0]", "is not a status"),
        ({"all": '["licensing=open~loud"]'}, "rule[0].all[0]", "is not a voice"),
        ({"all": '["licensing is open"]'}, "rule[0].all[0]", "is no condition"),
        ({"all": '"licensing=open"'}, "rule[0].all", "is not"),
        ({"wieght": "1"}, "rule[0].wieght", "weight"),
    ],
)
def test_a_fault_is_named_with_its_place(write, changes, place, words):
    faults = faults_of(write(f'version = "1"\n{BASE}\n{rule(**changes)}'))
    assert len(faults) == 1, faults
    named = place if "id" in changes else place.replace("rule[0]", "rule[0] (r-1)")  # the entry's own id stands beside its number
    assert faults[0].startswith(f"rules.toml: {named}: ")
    assert words in faults[0]


def test_two_rules_of_one_id(write):
    (fault,) = faults_of(write(f'version = "1"\n{BASE}\n{rule()}\n{rule()}'))
    assert "rule[1] (r-1).id" in fault
    assert "rule[0] (r-1)" in fault


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (BASE, "version"),
        ('version = "1"\nbase = 3\n', "base"),
        ('version = "1"\n[base]\nmodel = []\n', "base.model"),
        ('version = "1"\n[base.economy]\nshring = 1\n[base.model]\n', "base.economy"),
        ('version = "1"\n[base.economy]\nsharing = "1"\n[base.model]\n', "base.economy.sharing"),
        (f'version = "1"\nextra = 1\n{BASE}', "extra"),
        (f'version = "1"\n{BASE}[base.colour]\n', "base.colour"),
        (f'version = "1"\nrule = 3\n{BASE}', "rule"),
    ],
)
def test_faults_outside_the_rules(write, text, place):
    faults = faults_of(write(text))
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"rules.toml: {place}")


def test_every_fault_at_once(write):
    faults = faults_of(write(f'version = 1\n{BASE}\n{rule(code=chr(34) + "x" + chr(34), weight="0")}\n{rule(facet=chr(34) + "y" + chr(34))}'))
    places = [fault.split(": ")[1] for fault in faults]
    assert {"version", "rule[0] (r-1).code", "rule[0] (r-1).weight", "rule[1] (r-1).facet"} <= set(places)


def test_a_file_that_is_missing_or_no_toml(tmp_path, write):
    assert "no such file" in faults_of(tmp_path)[0]
    assert "line 2" in faults_of(write('version = "1"\n[[rule]\n'))[0]


def test_the_packaged_rules_load_from_a_copy(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(codebook_folder(), folder)
    assert load_rules(BOOK, folder) == load_rules(BOOK)


def mention(cue, value, status="affirmed", voice="page", at=0):
    return Mention(cue, value, status, voice, at, at + 4, "word", f"{cue}-{value}")


def test_fired_gives_the_rules_that_hold_with_their_evidence(write):
    q = '"'
    rules = load_rules(
        BOOK,
        write(
            f'version = "1"\n{BASE}\n{rule()}'
            + rule(id='"r-2"', all=None, any='["payment=waged", "payment=unpaid@any"]')
            + rule(id='"r-3"', none='["payment=unpaid@any"]')
            + rule(id='"r-4"', all=f"[{q}advertising=refuses{q}]")
        ),
    ).rules
    given = (mention("licensing", "open", at=9), mention("payment", "unpaid", "negated", at=5), mention("advertising", "sells_attention", "negated"))
    held = fired(rules, given, {("advertising", "sells_attention"): "refuses"})
    assert [(r.id, tuple(m.cue for m in evidence)) for r, evidence in held] == [("r-1", ("licensing",)), ("r-2", ("payment",)), ("r-4", ("advertising",))]
    assert [r.id for r, _ in fired(rules, given, {})] == ["r-1", "r-2"]
    assert fired(rules, (), {}) == []
