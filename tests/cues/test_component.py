"""The spaCy component gives what the finder gives."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import spacy

import tagger.cues.component
from tagger.codebook import codebook_folder, load_codebook
from tagger.cues import CueFinder, load_lexicon

TEXTS = [
    "Gardenwiki is written by volunteers. It carries no advertising, and everything is under a Creative Commons licence.",
    "🙂 Zürich’s co‑op was once owned by investors; we are a worker-owned cooperative now.",
    "",
    "Nothing to see.",
    "(((written by volunteers)))...and{{sold}} at a profit",
]


@pytest.fixture(scope="module")
def finder():
    return CueFinder(load_lexicon(load_codebook()))


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("case_cues")
    return nlp


def seen(doc):
    return [(s.label_, s.kb_id_, s.id_, s._.cue_status, s._.cue_voice) for s in doc.spans["cues"]]


def wanted(mentions):
    return [(m.cue, m.value, m.pattern, m.status, m.voice) for m in mentions]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_mentions(nlp, finder, text):
    doc = nlp(text)
    mentions = finder.find(text)
    assert seen(doc) == wanted(mentions)
    assert doc._.cue_mentions == mentions
    for span, mention in zip(doc.spans["cues"], mentions, strict=True):
        assert span.start_char <= mention.start < mention.end <= span.end_char


def test_there_is_something_to_compare(finder):
    assert len({(m.status, m.voice) for text in TEXTS for m in finder.find(text)}) >= 3


def test_pipe(nlp, finder):
    assert [seen(doc) for doc in nlp.pipe(TEXTS, batch_size=2)] == [wanted(finder.find(text)) for text in TEXTS]


def test_a_doc_survives_bytes(nlp, finder):
    doc = spacy.tokens.Doc(nlp.vocab).from_bytes(nlp(TEXTS[0]).to_bytes())
    assert doc._.cue_mentions == finder.find(TEXTS[0])
    assert seen(doc) == wanted(finder.find(TEXTS[0]))


@pytest.mark.slow
def test_pipe_in_two_processes(nlp, finder):
    assert [seen(doc) for doc in nlp.pipe(TEXTS, n_process=2)] == [wanted(finder.find(text)) for text in TEXTS]


def test_disk_round_trip(nlp, finder, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    assert again.pipe_names == ["case_cues"]
    assert seen(again(TEXTS[0])) == wanted(finder.find(TEXTS[0]))


def test_bytes_round_trip(nlp, finder):
    again = spacy.blank("en")
    again.add_pipe("case_cues")
    again.from_bytes(nlp.to_bytes())
    assert seen(again(TEXTS[1])) == wanted(finder.find(TEXTS[1]))


def test_another_codebook_and_key(finder):
    nlp = spacy.blank("en")
    nlp.add_pipe("case_cues", config={"codebook": str(codebook_folder()), "spans_key": "cases"})
    doc = nlp(TEXTS[0])
    assert [s.label_ for s in doc.spans["cases"]] == [m.cue for m in finder.find(TEXTS[0])]
    assert "cues" not in doc.spans


def test_the_entry_point_is_declared_and_leads_to_the_factory():
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]["spacy_factories"]
    assert declared == {"case_cues": "tagger.cues.component:make_case_cues"}
    assert callable(tagger.cues.component.make_case_cues)
    installed = [e.value for e in entry_points(group="spacy_factories") if e.name == "case_cues"]
    assert installed in ([], ["tagger.cues.component:make_case_cues"])


def test_the_example_of_the_documentation():
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("case_cues")
    doc = nlp("The encyclopedia is written by volunteers and carries no advertising.")
    found = {(span.label_, span.kb_id_, span._.cue_status) for span in doc.spans["cues"]}
    assert ("payment", "unpaid", "affirmed") in found or ("producers", "group", "affirmed") in found
    assert any(label == "advertising" for label, _, _ in found)
