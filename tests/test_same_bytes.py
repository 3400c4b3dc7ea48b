"""The fast way gives the same mentions, scores and bytes as the plain one, over pages of the dump."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from tagger.case import Case
from tagger.codebook import CueTest
from tagger.coding.classifier import Weights
from tagger.coding.cue_codes import CueWeights, Filled, shares_of
from tagger.coding.features import WORD, first_places, lowered, place_of, place_terms, word_terms
from tagger.coding.rules import fired
from tagger.cues import CueFinder
from tagger.cues.engine import FastEngine, Hit, _spans
from tagger.cues.sentences import sentence_spans
from tagger.pipeline import Tagger
from tagger.reading import read
from tagger.writing.jsonl import JsonlSheet, dump_line
from tagger.writing.record import as_record

pytestmark = pytest.mark.slow  # to compile every pattern takes seconds
DUMP = Path(__file__).parents[2] / "shared/p2pwiki/p2pwiki-pages-articles.xml.bz2"


class Ungated(FastEngine):
    """Each pattern is searched for in the whole text."""

    def find(self, text):
        encoded = {alphabet: alphabet.encode(text) for alphabet in {*self._alphabets}}
        spans = [_spans(self._pattern(i), encoded[self._alphabets[i]], text) for i in range(len(self._ids))]
        return sorted(Hit(key, start, end) for key, found in zip(self._ids, spans, strict=True) for start, end in found)


class PlainRead:
    """What :class:`~tagger.coding.read_text.ReadText` tells of a text, by the terms themselves."""

    def __init__(self, text: str, columns: dict[str, int]):
        words = lowered(text, WORD.findall(text))
        self.words = np.array([columns.get(word, -1) for word in words], dtype=int)
        self.pairs = np.array([columns.get(f"{a} {b}", -1) for a, b in pairwise(words)], dtype=int)
        self.starts = np.array([found.start() for found in WORD.finditer(text)], dtype=int)
        self.sentences = sentence_spans(text)
        self._places = first_places(text)

    def place_of(self, term: str):
        return place_of(term, self._places)


class PlainWeights(Weights):
    def filled(self, case, marks):
        blocks = [(np.array(columns, dtype=int), values) for columns, values in (self.words.values(word_terms(case)), self.places.values(place_terms(case)))]
        return Filled(*blocks, [self.marks.index(m) for m in marks if m in self._marks], PlainRead(case.text, self.words.columns))


class PlainCues(CueWeights):
    def shares(self, scores):
        return [shares_of(scores[columns]).tolist() for _, columns in self.cues]


class PlainRules:
    """Stands in for the rule and test indices."""

    def __init__(self, given, opposites):
        self.given, self.opposites = given, opposites

    def fired(self, mentions):
        return fired(self.given, mentions, self.opposites)

    def evidence(self, mentions):
        tests: list[CueTest] = self.given
        return [(i, found) for i, test in enumerate(tests) if (found := test.evidence(mentions, self.opposites)) is not None]


class PlainTagger(Tagger):
    """The pipeline without what makes it fast."""

    @classmethod
    def of(cls, fast: Tagger) -> PlainTagger:
        given = {field.name: getattr(fast.weights, field.name) for field in fields(Weights)}
        given["cues"] = PlainCues(**{field.name: getattr(fast.weights.cues, field.name) for field in fields(CueWeights)})
        model = fast.provenance.model
        plain = cls(fast.codebook, CueFinder(fast.finder.lexicon, engine=Ungated), fast.rulebook, PlainWeights(**given), model, fast.thresholds)
        plain._rules = PlainRules(fast.rulebook.rules, fast.codebook.opposites)
        plain._roles = [(role.id, PlainRules([rule.test for rule in role.rules], fast.codebook.opposites)) for role in fast.codebook.roles]
        return plain


class Both:
    @cached_property
    def fast(self) -> Tagger:
        return Tagger.load()

    @cached_property
    def plain(self) -> PlainTagger:
        return PlainTagger.of(self.fast)

    def differ(self, cases) -> tuple[list[str], int]:
        """Return the ids of cases that are not tagged alike, and the number of mentions."""
        sheet, different, mentions = JsonlSheet(), [], 0
        for case in cases:
            fast, plain = self.fast.tag(case), self.plain.tag(case)
            mentions += len(plain.mentions)
            if fast != plain or sheet.piece(fast) != dump_line(as_record(plain)).encode():
                different.append(case.id)
        return different, mentions


@pytest.fixture(scope="module")
def both():
    return Both()


def test_authored_cases(both, authored):
    different, mentions = both.differ(one.case for one in authored[::10])
    assert different == []
    assert mentions > 100


def test_the_comparison_can_fail(both, authored, monkeypatch):
    case = next(one.case for one in authored if both.fast.tag(one.case).mentions)
    find = both.fast.finder.find_in
    monkeypatch.setattr(both.fast.finder, "find_in", lambda case: find(case)[1:])
    assert both.differ([case])[0] == [case.id]


@pytest.mark.timeout(1800)
@pytest.mark.skipif(not DUMP.exists(), reason="../shared/p2pwiki is not beside the repository")
def test_pages_of_the_dump(both):
    cases = list(islice((record for record in read(DUMP) if isinstance(record, Case)), 5000))
    assert len(cases) == 5000
    different, mentions = both.differ(cases)
    assert different == []
    assert mentions > 10_000
