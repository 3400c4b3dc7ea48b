"""Sentences in, vectors out: of both kinds of encoder, whatever stands beside a sentence; and what is no encoder is told."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from made_encoder import DIMENSIONS, TABLE, WORDS, made_encoder

from tagger.coding.encoder import AT_ONCE, LONGEST, Encoder, read_encoder
from tagger.errors import ModelError


def mean_of(sentence: str) -> np.ndarray:
    rows = [TABLE[WORDS.index(word) if word in WORDS else 0] for word in sentence.lower().split()[:LONGEST]]
    return np.mean(rows or [TABLE[0]], axis=0)


SENTENCES = ["Members share tools", "company", "", "nobody knows these", "wages " * 5 + "clips", *(f"{word} harvest" for word in WORDS[1:]), "tools " * 300]


@pytest.mark.parametrize("kind", [{}, {"kinds": False}, {"whole": True}])
def test_a_vector_is_the_mean_of_its_tokens(tmp_path, kind):
    encoder = read_encoder(made_encoder(tmp_path / "made", **kind))
    assert (encoder.name, encoder.dimensions) == ("made", DIMENSIONS) and len(SENTENCES) > 2 * AT_ONCE
    found = encoder.encode(SENTENCES)
    assert found.shape == (len(SENTENCES), DIMENSIONS) and found.dtype == np.float32
    np.testing.assert_allclose(found, [mean_of(s) for s in SENTENCES], atol=1e-5)


def test_no_sentence_is_no_vector(tmp_path):
    assert read_encoder(made_encoder(tmp_path / "made")).encode([]).shape == (0, DIMENSIONS)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda p: None, "no such folder"),
        (lambda p: p.mkdir(), "holds 0 files .onnx and no tokenizer.json"),
        (lambda p: (made_encoder(p) / "tokenizer.json").unlink(), "holds 1 files .onnx and no tokenizer.json"),
        (lambda p: (made_encoder(p) / "second.onnx").write_bytes(b""), "holds 2 files .onnx"),
        (lambda p: (made_encoder(p) / "model.onnx").write_bytes(b"no protobuf"), "no sentence encoder in ONNX"),
        (lambda p: (made_encoder(p) / "tokenizer.json").write_text("{}"), "no sentence encoder in ONNX"),
        (lambda p: (made_encoder(p) / "tokenizer.json").write_bytes(b"\xff"), "no sentence encoder in ONNX"),
    ],
)
def test_what_is_none_is_told(tmp_path, made, told):
    made(tmp_path / "e")
    with pytest.raises(ModelError, match=told):
        read_encoder(tmp_path / "e")


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_told(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModelError, match=r"pip install 'case-tagger\[neural\]'"):
        Encoder("made", b"", b"")
