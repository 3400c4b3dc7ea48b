"""Golden predictions: a model that no longer says what it said is told, and one on another basis is not held to it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from made_models import BOOK, made_weights, saved

from tagger.coding.model_manifest import GOLDEN
from tagger.cues import CueFinder
from tagger.learning.model_folder import parts_of
from tagger.pipeline import Tagger, load_folder
from tagger.registry.golden import golden_bytes, golden_faults, golden_texts
from tagger.registry.verify import verify
from tagger.registry.versions import version

LOADED = load_folder()


@pytest.fixture(scope="module")
def tagger():
    book, lexicon, rules = LOADED
    return Tagger(book, CueFinder(lexicon), rules, made_weights())


@pytest.fixture(scope="module")
def golden(tagger):
    return golden_bytes(tagger)


def with_weights(tagger, weights):
    return Tagger(tagger.codebook, tagger.finder, tagger.rulebook, weights)


def test_there_is_a_text_for_each_code(golden):
    held = json.loads(golden)
    assert len(held["texts"]) == len(golden_texts(BOOK)) >= 15
    assert all(len(row["text"].split()) > 5 and len(row["scores"]) == len(held["pairs"]) for row in held["texts"])


def test_the_same_model_says_the_same(tagger, golden):
    assert golden_faults(tagger, golden) == []
    assert golden_bytes(tagger) == golden


def test_another_base_temperature_or_word_is_seen(tagger, golden):
    weights = tagger.weights
    words = replace(weights.words, coef=weights.words.coef + 1e-3)
    for other in (replace(weights, base=weights.base + 1e-5), replace(weights, temperature=1.001), replace(weights, words=words)):
        (fault,) = golden_faults(with_weights(tagger, other), golden)
        assert "golden texts are scored otherwise" in fault


@pytest.mark.parametrize(
    "bad",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"pairs": [], "texts": []}', b'{"pairs": [["a", "b"]], "texts": [{"text": "x", "scores": [NaN]}]}'],
)
def test_what_is_no_golden_file_is_a_fault(tagger, bad):
    (fault,) = golden_faults(tagger, bad)
    assert "no golden predictions" in fault


def test_a_score_that_is_not_a_number_is_a_fault(tagger, golden):
    held = json.loads(golden)
    held["texts"][0]["scores"][0] = float("nan")
    (fault,) = golden_faults(tagger, json.dumps(held).encode())
    assert fault.startswith("1 of ")


def test_verification_uses_them_on_the_basis_that_the_model_was_made_with(tmp_path, tagger):
    book, lexicon, rules = LOADED
    basis = {"codebook": book, "rules": rules, "lexicon": lexicon}
    manifest = {name: {"id": getattr(what, "id", ""), "version": what.version, "sha256": what.sha256} for name, what in basis.items()}
    other = golden_bytes(with_weights(tagger, made_weights(1)))
    saved(tmp_path, "good", parts=parts_of([], made_weights(), book, rules, lexicon), manifest=manifest)
    saved(tmp_path, "other", parts={GOLDEN: other}, manifest=manifest)
    saved(tmp_path, "moved", parts={GOLDEN: other}, manifest=manifest | {"rules": {"version": "0.9.0", "sha256": "0" * 64}})
    found = {name: verify(version(tmp_path, name), LOADED) for name in ("good", "other", "moved")}
    assert found["good"] == found["moved"] == []
    assert len(found["other"]) == 1 and "golden.json" in found["other"][0]
