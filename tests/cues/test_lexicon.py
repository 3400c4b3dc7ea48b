"""cues.toml is checked whole, and the packaged one is as broad as it should be."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tagger.codebook import load_codebook
from tagger.cues import load_lexicon
from tagger.errors import CodebookError

HEAD = 'version = "1.0.0"\n'
GOOD = '[[pattern]]\nid = "good"\ncue = "payment"\nvalue = "unpaid"\nphrase = "unpaid volunteers"\n'


@pytest.fixture(scope="module")
def codebook():
    return load_codebook()


def faults(codebook, folder: Path, toml: str) -> tuple[str, ...]:
    (folder / "cues.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CodebookError) as error:
        load_lexicon(codebook, folder)
    return error.value.faults


def pattern(**changes) -> str:
    entry = {"id": '"p"', "cue": '"payment"', "value": '"unpaid"', "phrase": '"unpaid"'} | changes
    return "[[pattern]]\n" + "".join(f"{key} = {value}\n" for key, value in entry.items() if value is not None)


def trigger(**changes) -> str:
    entry = {"id": '"t"', "status": '"negated"', "phrase": '"not"'} | changes
    return "[[trigger]]\n" + "".join(f"{key} = {value}\n" for key, value in entry.items() if value is not None)


def test_a_good_file_is_read(codebook, tmp_path):
    entries = trigger(status='""', reach="3", cues='["payment"]') + '[[stop]]\nid = "s"\nphrase = "but"\n[[list]]\nname = "l"\nwords = ["a"]\n'
    (tmp_path / "cues.toml").write_text(HEAD + GOOD + pattern(where='"start"', phrase='"<l> b"') + entries, encoding="utf-8")
    lexicon = load_lexicon(codebook, tmp_path)
    assert [(p.id, p.where) for p in lexicon.patterns] == [("good", ""), ("p", "start")]
    assert [(t.id, t.status, t.reach, t.cues) for t in lexicon.triggers] == [("t", "", 3, frozenset({"payment"}))]
    assert [key for key, _ in lexicon.stops] == ["s"]
    assert lexicon.version == "1.0.0"
    assert len(lexicon.sha256) == 64


@pytest.mark.parametrize(
    "entry, said",
    [
        (pattern(cue='"payments"'), 'pattern[1] (p).cue: "payments" is not a cue; did you mean "payment"?'),
        (pattern(value='"unpayed"'), 'pattern[1] (p).value: "unpayed" is not a value of payment; did you mean "unpaid"?'),
        (pattern(value=None), "pattern[1] (p).value: missing"),
        (pattern(id='"good"'), '"good" is there already, at pattern[0]'),
        (pattern(id=None), "pattern[1].id: missing"),
        (pattern(phrase='"<nowhere> work"'), "list <nowhere> is not defined"),
        (pattern(phrase=None), "give either phrase or tokens"),
        (pattern(tokens="[{}]"), "give either phrase or tokens"),
        (pattern(phrase="3"), "phrase = 3 is not a string"),
        (pattern(phrase='"a ~2"'), "must end with a word"),
        (pattern(phrase=None, tokens='[{LEMMA = "a"}]'), "LEMMA is not supported"),
        (pattern(phrase=None, tokens='"a"'), "is not an array"),
        (pattern(where='"middle"'), 'pattern[1] (p).where: "middle" is not a place'),
        (pattern(weight="1"), "pattern[1] (p).weight: unknown key"),
        (trigger(status='"denied"'), 'trigger[0] (t).status: "denied" is not a status'),
        (trigger(status=None), "trigger[0] (t).status: missing"),
        (trigger(side='"left"'), 'trigger[0] (t).side: "left" is not a side'),
        (trigger(reach="41"), "trigger[0] (t).reach: 41 is not a number of words from 0 to 40"),
        (trigger(reach='"far"'), 'trigger[0] (t).reach: "far" is not a whole number'),
        (trigger(cues='["pay"]'), 'trigger[0] (t).cues: "pay" is not a cue'),
        (trigger(**{"except": '["pay"]'}), 'trigger[0] (t).except: "pay" is not a cue'),
        (trigger(id='"good"'), '"good" is there already'),
        ('[[stop]]\nid = "s"\n', "give either phrase or tokens"),
        ('[[list]]\nname = "l"\nwords = []\n', "list[0].words: holds 0; at least 1 needed"),
        ('[[list]]\nname = "l"\nwords = ["a"]\n[[list]]\nname = "l"\nwords = ["b"]\n', '"l" is there already, at list[0]'),
        ('[[list]]\nname = "l"\nwords = ["a"]\nword = 1\n', "list[0].word: unknown key"),
        ("[[patterns]]\n", "patterns: unknown key"),
    ],
)
def test_a_fault_is_named(codebook, tmp_path, entry, said):
    found = faults(codebook, tmp_path, HEAD + GOOD + entry)
    assert any(said in fault for fault in found), found
    assert all(fault.startswith("cues.toml: ") for fault in found)


def test_every_fault_is_reported_at_once(codebook, tmp_path):
    toml = pattern(cue='"x"') + pattern(id='"q"', value='"x"') + pattern(id='"p"') + pattern(id='"r"', phrase='"<x>"') + trigger(status='"x"', reach="99")
    found = faults(codebook, tmp_path, toml)
    assert len(found) == 7  # version, cue, value, id, list, status, reach
    assert len(set(found)) == 7


def test_no_pattern_and_no_file(codebook, tmp_path):
    assert any("pattern" in fault for fault in faults(codebook, tmp_path, HEAD))
    (tmp_path / "cues.toml").unlink()
    with pytest.raises(CodebookError, match=r"cues\.toml"):
        load_lexicon(codebook, tmp_path)


@pytest.fixture(scope="module")
def lexicon(codebook):
    return load_lexicon(codebook)


def test_the_packaged_lexicon_is_broad(codebook, lexicon):
    assert len(lexicon.patterns) >= 350
    differing = Counter((cue, value) for cue, value, _ in {(p.cue, p.value, p.items) for p in lexicon.patterns})
    wanted = [(cue, value) for cue, values in codebook.cue_values.items() for value in values]
    assert {pair: differing[pair] for pair in wanted if differing[pair] < 6} == {}


def test_ids_are_unique(lexicon):
    ids = [e.id for e in (*lexicon.patterns, *lexicon.triggers)] + [key for key, _ in lexicon.stops]
    assert [key for key, count in Counter(ids).items() if count > 1] == []


def test_no_two_patterns_of_a_cue_are_the_same(lexicon):
    same = defaultdict(list)
    for p in lexicon.patterns:
        same[p.cue, p.where, p.items].append(p.id)
    assert [ids for ids in same.values() if len(ids) > 1] == []


def test_every_status_has_triggers(lexicon):
    assert {t.status for t in lexicon.triggers} >= {"", "negated", "past", "planned", "other"}
