"""Sentences in, vectors out: of both kinds of encoder, whatever stands beside a sentence; and what is no encoder is told."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from made_encoder import DIMENSIONS, TABLE, WORDS, made_encoder

from tagger.coding.encoder import AT_ONCE, LONGEST, Encoder, read_encoder
from tagger.errors import InputError, ModelError


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
        (lambda p: p.mkdir(), "has no model.onnx; a sentence encoder is a folder with model.onnx and its tokenizer.json"),
        (lambda p: (made_encoder(p) / "tokenizer.json").unlink(), "has no tokenizer.json"),
        (lambda p: (made_encoder(p) / "model.onnx").write_bytes(b"no protobuf"), "no sentence encoder in one ONNX file"),
        (lambda p: (made_encoder(p) / "tokenizer.json").write_text("{}"), "no sentence encoder in one ONNX file"),
        (lambda p: (made_encoder(p) / "tokenizer.json").write_bytes(b"\xff"), "no sentence encoder in one ONNX file"),
        (lambda p: made_encoder(p, table=TABLE[:-1]), "the sentence encoder failed"),  # fewer vectors than words
        (lambda p: made_encoder(p, table=np.full_like(TABLE, np.nan)), "something else than some finite numbers"),
        (lambda p: made_encoder(p, after=(("ReduceMax", {"keepdims": 0}),)), "is no vector for each sentence or token"),
        (lambda p: made_encoder(p, after=(("SequenceConstruct", {}),)), "is no vector for each sentence or token"),
        (lambda p: made_encoder(p, after=(("Cast", {"to": 7}),)), "is no vector for each sentence or token"),
        (lambda p: made_encoder(p, after=(("Transpose", {"perm": [2, 0, 1]}),)), "is no vector for each sentence or token"),
        (lambda p: (made_encoder(p) / "model.onnx").unlink() or (p / "model.onnx").symlink_to(p / "tokenizer.json"), "a symbolic link"),
        (lambda p: (made_encoder(p) / "model.onnx").unlink() or os.mkfifo(p / "model.onnx"), "not a plain file"),
    ],
)
def test_what_is_none_is_told(tmp_path, made, told):
    made(tmp_path / "e")
    with pytest.raises(ModelError, match=told):
        read_encoder(tmp_path / "e")


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_told(tmp_path, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=r"pip install 'case-tagger\[neural\]'"):
        Encoder("made", b"", b"")


def test_the_layout_of_the_hub_will_do(tmp_path):
    folder = made_encoder(tmp_path / "hub")
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    assert read_encoder(folder).name == "hub"


def test_the_folder_of_models_says_which_of_them_has_one(tmp_path):
    (tmp_path / "models" / "a").mkdir(parents=True)
    (tmp_path / "models" / "a" / "encoder.onnx").write_bytes(b"")
    with pytest.raises(ModelError, match=r"of the models in it these have one: a\)"):
        read_encoder(tmp_path / "models")


def test_no_other_file_is_read(tmp_path, monkeypatch):
    """Numbers in a file beside the model were bound by no hash, and read from wherever the command is given."""
    folder = made_encoder(tmp_path / "made", beside="numbers.bin")
    for place in (folder, tmp_path):
        (place / "numbers.bin").write_bytes(TABLE.tobytes())
        monkeypatch.chdir(place)
        with pytest.raises(ModelError, match="no sentence encoder in one ONNX file"):
            read_encoder(folder)
        monkeypatch.undo()


def test_a_lone_surrogate_is_a_question_mark(tmp_path):
    encoder = read_encoder(made_encoder(tmp_path / "made"))
    np.testing.assert_array_equal(encoder.encode(["members \ud800 share"]), encoder.encode(["members ? share"]))
