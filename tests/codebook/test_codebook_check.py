"""Every mutation of the default codebook gives its own fault, and several are reported together."""

import copy
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.codebook import codebook_folder
from tagger.codebook.check import check_codebook
from tagger.errors import CodebookError

DEFAULT = tomllib.loads((codebook_folder() / "codebook.toml").read_text(encoding="utf-8"))


def faults_of(table):
    try:
        check_codebook(table)
    except CodebookError as error:
        return error.faults
    return ()


def code(table, facet, id):
    return next(c for c in table[facet] if c["id"] == id)


def set_(path, value):
    """Return a mutation that sets the item at a path such as ("model", 3, "label")."""

    def mutate(table):
        for step in path[:-1]:
            table = table[step]
        table[path[-1]] = value

    return mutate


def drop(*path):
    def mutate(table):
        for step in path[:-1]:
            table = table[step]
        del table[path[-1]]

    return mutate


def rename(path, old, new):
    def mutate(table):
        for step in path:
            table = table[step]
        table[new] = table.pop(old)

    return mutate


MUTATIONS = [
    # what is done to a right codebook, and what must be said of it
    (set_(("model", 3, "near_misses", 0, "code"), "12"), 'model[3].near_misses[0].code: "12" is not a code of model'),
    (set_(("model", 3, "near_misses", 0, "code"), "12"), "allowed: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, outside, none"),
    (set_(("model", 0, "avoid_when", 0, "instead"), "1"), 'model[0].avoid_when[0].instead: "1" is the code itself'),
    (
        set_(("economy", 0, "avoid_when", 0, "instead"), "comons"),
        'economy[0].avoid_when[0].instead: "comons" is not a code of economy; did you mean "commons"?',
    ),
    (drop("economy", 0, "avoid_when", 0, "instead"), "economy[0].avoid_when[0].instead: missing; a string is needed"),
    (set_(("economy", 0, "use_when", 0, "instead"), "commons"), "economy[0].use_when[0].instead: unknown key"),
    (rename(("model", 2), "definition", "defintion"), 'model[2].defintion: unknown key; did you mean "definition"?'),
    (rename(("model", 2), "definition", "defintion"), "model[2].definition: missing; a string is needed"),
    (set_(("modell",), []), 'modell: unknown key; did you mean "model"?'),
    (drop("model"), "model: missing; an array is needed"),
    (drop("pairs"), "pairs: missing; a table is needed"),
    (drop("cue"), "cue: missing; an array is needed"),
    (set_(("economy",), {}), "economy: {} is not an array"),
    (set_(("model",), []), "model: holds 0; at least 1 needed"),
    (set_(("model", 4), "five"), 'model[4]: "five" is not a table'),
    (set_(("model", 1, "id"), "1"), 'model[1].id: "1" is there already, at model[0]'),
    (set_(("model", 1, "id"), 2), "model[1].id: 2 is not a string"),
    (set_(("model", 1, "id"), "a=b"), 'model[1].id: "a=b" is no id'),
    (set_(("model", 1, "label"), "passive_consumption"), 'model[1].label: "passive_consumption" is there already, at model[0]'),
    (set_(("model", 1, "label"), "  "), "model[1].label: is empty"),
    (set_(("model", 1, "label"), "a\x1b[31m"), 'model[1].label: "a\\x1b[31m" holds a control character'),
    (set_(("model", 8, "use_when", 1, "id"), "m9.u1"), 'model[8].use_when[1].id: "m9.u1" is there already, at model[8].use_when[0]'),
    (set_(("model", 8, "use_when", 1, "id"), "e-none.u1"), 'model[8].use_when[1].id: "e-none.u1" is there already, at economy[4].use_when[0]'),
    (set_(("model", 8, "use_when"), []), "model[8].use_when: holds 0; at least 1 needed"),
    (set_(("model", 8, "examples", 0), 7), "model[8].examples[0]: 7 is not a string"),
    (set_(("model", 8, "status"), "activ"), 'model[8].status: "activ" is not a status of a code; did you mean "active"?'),
    (set_(("model", 8, "sources", 0), "bauwens"), 'model[8].sources[0]: "bauwens" is not the id of a source'),
    (set_(("model", 8, "level"), "comunity"), 'model[8].level: "comunity" is not the id of a level; did you mean "community"?'),
    (set_(("model", 8, "rung"), 3), 'model[8].rung: rung 3 of "community" is taken by model[7]'),
    (set_(("model", 8, "rung"), 0), "model[8].rung: 0 is no rung"),
    (set_(("model", 8, "rung"), True), "model[8].rung: True is not a whole number"),
    (set_(("economy", 0, "level"), "company"), "economy[0].level: unknown key"),
    (set_(("version",), "1.0"), 'version: "1.0" is no version'),
    (set_(("version",), 1.0), "version: 1.0 is not a string"),
    (set_(("version",), "1.1.0"), "change: no entry for version 1.1.0"),
    (set_(("change", 0, "date"), "23.11.2026"), 'change[0].date: "23.11.2026" is no date'),
    (set_(("change",), []), "change: holds 0; at least 1 needed"),
    (set_(("cue", 1, "id"), "initiator"), 'cue[1].id: "initiator" is there already, at cue[0]'),
    (set_(("auxiliary", 0, "id"), "initiator"), 'auxiliary[0].id: "initiator" is there already, at cue[0]'),
    (set_(("cue", 0, "values", 1, "id"), "company"), 'cue[0].values[1].id: "company" is there already, at cue[0].values[0]'),
    (set_(("cue", 0, "values"), [{"id": "x", "definition": "y"}]), "cue[0].values: holds 1; at least 2 needed"),
    (set_(("cue", 3, "opposite", "sells_attention"), "refuse"), 'cue[3].opposite.sells_attention: "refuse" is not a value of the cue; did you mean "refuses"?'),
    (set_(("cue", 3, "opposite", "sells_attention"), "sells_attention"), 'cue[3].opposite.sells_attention: "sells_attention" cannot be its own opposite'),
    (set_(("cue", 3, "opposite", "ads"), "refuses"), 'cue[3].opposite.ads: "ads" is not a value of the cue'),
    (set_(("cue", 3, "opposite", "refuses"), 1), "cue[3].opposite.refuses: 1 is not a string"),
    (set_(("role", 0, "rule", 0, "all", 0), "payment"), 'role[0].rule[0].all[0]: "payment" is no condition; write cue=value'),
    (set_(("role", 0, "rule", 0, "all", 0), "pay=unpaid"), 'role[0].rule[0].all[0]: "pay" is not a cue'),
    (set_(("role", 0, "rule", 0, "all", 0), "payment=unpayed"), 'role[0].rule[0].all[0]: "unpayed" is not a value of payment; did you mean "unpaid"?'),
    (set_(("role", 0, "rule", 0, "all", 0), "payment=unpaid@negate"), '"negate" is not a status; did you mean "negated"?'),
    (set_(("role", 0, "rule", 0, "all", 0), "payment=unpaid~pages"), '"pages" is not a voice; did you mean "page"?'),
    (set_(("role", 0, "rule", 0), {"id": "empty", "none": ["payment=waged"]}), "role[0].rule[0]: no condition; give `all` or `any` at least one"),
    (set_(("role", 0, "rule", 1, "id"), "produser-unpaid"), 'role[0].rule[1].id: "produser-unpaid" is there already, at role[0].rule[0]'),
    (set_(("role", 0, "rule"), []), "role[0].rule: holds 0; at least 1 needed"),
    (drop("pairs", "7"), 'pairs: model "7" (model[6]) has no row'),
    (set_(("pairs", "12"), {"typical": ["other"]}), 'pairs.12: "12" is not a code of model'),
    (set_(("pairs", "7", "tipical"), ["other"]), 'pairs.7.tipical: unknown key; did you mean "typical"?'),
    (set_(("pairs", "7", "typical"), ["sharing"]), 'pairs.7.possible[0]: "sharing" is there already, at pairs.7.typical[0]'),
    (set_(("pairs", "7", "typical"), ["common"]), 'pairs.7.typical[0]: "common" is not a code of economy; did you mean "commons"?'),
    (set_(("pairs", "7"), {}), "pairs.7: no economy goes with this model"),
    (set_(("pairs", "7"), ["commons"]), "pairs.7: ['commons'] is not a table"),
    (set_(("pairs", "none"), {"typical": ["other"]}), 'pairs: economy "none" (economy[4]) goes with no model'),
    (set_(("pairs", "none"), {"typical": ["other"]}), 'pairs.none: "none" of economy must be among its economies'),
    (lambda table: table["model"][4].update(id=[], status="retired"), "model[4].id: [] is not a string"),
    (drop("model", 12), 'model: no active code "none"'),
    (set_(("status", 0, "id"), "said"), 'status[0].id: "said" is not a status that mentions can have'),
    (drop("voice", 1), "voice: quoted not defined"),
    (set_(("model", 4, "status"), "retired"), 'pairs.5: "5" is not a code of model'),
    (set_(("questions",), "which?"), 'questions: "which?" is not an array'),
]


@pytest.mark.parametrize(("mutate", "said"), MUTATIONS, ids=[f"{i}-{said[:40]}" for i, (_, said) in enumerate(MUTATIONS)])
def test_a_fault_is_named_with_file_key_and_what_is_allowed(mutate, said):
    table = copy.deepcopy(DEFAULT)
    mutate(table)
    faults = faults_of(table)
    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith("codebook.toml: ") for fault in faults)
    assert all(fault.isprintable() for fault in faults)


def test_the_default_has_no_fault():
    assert faults_of(DEFAULT) == ()


def test_mutual_instead_is_normal():
    # 5 sends to 11 and 11 sends to 5: each keeps out what belongs to the other
    sends = {(c["id"], k["instead"]) for c in DEFAULT["model"] for k in c["avoid_when"]}
    assert ("5", "11") in sends and ("11", "5") in sends


def test_all_faults_of_all_sections_are_reported_together():
    table = copy.deepcopy(DEFAULT)
    set_(("version",), "one")(table)
    set_(("model", 3, "near_misses", 0, "code"), "12")(table)
    set_(("economy", 1, "labell"), "x")(table)
    set_(("cue", 0, "values", 1, "id"), "company")(table)
    set_(("role", 1, "rule", 0, "any"), ["participation=customize"])(table)
    set_(("pairs", "9", "typical"), ["sharings"])(table)
    faults = faults_of(table)
    for part in ("version:", "model[3].near_misses[0].code", "economy[1].labell", "cue[0].values[1].id", "role[1].rule[0].any[0]", "pairs.9.typical[0]"):
        assert sum(part in fault for fault in faults) == 1, (part, faults)


def test_one_fault_does_not_hide_behind_another():
    table = copy.deepcopy(DEFAULT)
    drop("model", 0, "label")(table)
    assert faults_of(table) == ("codebook.toml: model[0].label: missing; a string is needed",)


def test_a_retired_code_needs_no_pair_and_nobody_may_point_to_it():
    table = copy.deepcopy(DEFAULT)
    code(table, "model", "4")["status"] = "retired"
    del table["pairs"]["4"]
    assert faults_of(table)
    for other in table["model"]:
        other["avoid_when"] = [k for k in other["avoid_when"] if k["instead"] != "4"]
        other["near_misses"] = [n for n in other["near_misses"] if n["code"] != "4"]
    assert faults_of(table) == ()


@pytest.mark.parametrize("value", [None, 0, 1.5, True, "x", [], {}, [1], [[]], {"a": {"b": 1}}], ids=repr)
@pytest.mark.parametrize("key", sorted(DEFAULT))
def test_any_value_at_any_key_of_the_top_is_a_fault_and_never_a_crash(key, value):
    table = {**DEFAULT, key: value}
    texts = key in ("id", "label", "language", "unit") and value == "x"
    if texts or (key in ("auxiliary", "role") and value == []):  # a codebook may do without these
        assert faults_of(table) == ()
    else:
        assert faults_of(table)


def places(value, path=()):
    """Yield the path of every value in a nested table."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


PLACES = list(places(DEFAULT))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_nothing_that_a_file_can_hold_crashes_the_check(changes):
    table = copy.deepcopy(DEFAULT)
    for path, value in changes:
        try:
            set_(path, value)(table)
        except (KeyError, IndexError, TypeError):  # an earlier change took the place away
            continue
    assert all(fault.isprintable() for fault in faults_of(table))
