"""A sentence encoder: sentences in, vectors out, by a model in ONNX and its tokenizer.

Any encoder that sentence-transformers publish in ONNX will do (``model.onnx`` beside ``tokenizer.json``); needs the extra `neural`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tagger.coding.model_manifest import MANIFEST, read_manifest
from tagger.errors import ModelError

AT_ONCE = 8  # sentences of about one length: more are slower for what they are filled up with, fewer for the calls
LONGEST = 128  # tokens of a sentence, where the tokenizer sets no limit
MISSING = "needs packages that are not installed: pip install 'case-tagger[neural]'"


class Encoder:
    """An encoder as it is stored: two files' bytes, opened at the first sentence.

    Parameters
    ----------
    name : str
        What it is called in ledgers.
    model, tokenizer : bytes
        What ``model.onnx`` and ``tokenizer.json`` hold.

    Raises
    ------
    ModelError
        If the extra is not installed, or the files are no encoder.
    """

    def __init__(self, name: str, model: bytes, tokenizer: bytes):
        self.name, self.model, self.tokenizer = name, model, tokenizer
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from tokenizers import Tokenizer
        except ImportError:
            raise ModelError(f"{name}: a sentence encoder {MISSING}") from None
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # one core a worker, and the same sums whatever the machine
        options.log_severity_level = 3
        try:
            self._tokens = Tokenizer.from_str(tokenizer.decode())
            self._session = InferenceSession(model, options, providers=["CPUExecutionProvider"])  # from bytes: no other file is read
        except Exception as error:  # neither package tells its errors by type
            raise ModelError(f"{name}: no sentence encoder in ONNX with its tokenizer ({str(error).strip().splitlines()[0][:200]})") from None
        self._tokens.no_padding()
        if self._tokens.truncation is None:
            self._tokens.enable_truncation(LONGEST)
        self._wanted = {given.name for given in self._session.get_inputs()}
        given = [out.name for out in self._session.get_outputs()]
        self._output = "sentence_embedding" if "sentence_embedding" in given else given[0]
        self.dimensions = self.encode(["one"]).shape[1]

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Return a vector for each sentence, shape (n, `dimensions`), float32."""
        coded = self._tokens.encode_batch_fast(list(sentences))
        ids = [c.ids or [0] for c in coded]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        groups = [order[i : i + AT_ONCE] for i in range(0, len(order), AT_ONCE)]
        found = [self._encoded([ids[i] for i in group]) for group in groups]
        out = np.empty((len(ids), found[0].shape[1] if found else self.dimensions), dtype=np.float32)
        for group, vectors in zip(groups, found, strict=True):
            out[group] = vectors
        return out

    def _encoded(self, ids: list[list[int]]) -> np.ndarray:
        length = max(map(len, ids))
        tokens, mask = np.zeros((2, len(ids), length), dtype=np.int64)
        for row, (own, there) in enumerate(zip(ids, (len(i) for i in ids), strict=True)):
            tokens[row, :there], mask[row, :there] = own, 1
        feed: dict[str, Any] = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        try:
            found = self._session.run([self._output], {name: value for name, value in feed.items() if name in self._wanted})[0]
        except Exception as error:
            raise ModelError(f"{self.name}: the sentence encoder failed ({str(error).strip().splitlines()[0][:200]})") from None
        if found.ndim == 3:  # a vector for each token
            return (found * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        return found


def read_encoder(folder: Path) -> Encoder:
    """Return the encoder in a folder: ``model.onnx`` (or another one file ``.onnx``) and ``tokenizer.json``; the folder of a model that has one will do.

    Raises
    ------
    ModelError
    """
    models = sorted(folder.glob("*.onnx")) if folder.is_dir() else []
    tokenizer = folder / "tokenizer.json"
    if len(models) != 1 or not tokenizer.is_file():
        what = "no such folder" if not folder.is_dir() else f"holds {len(models)} files .onnx and {'a' if tokenizer.is_file() else 'no'} tokenizer.json"
        raise ModelError(f"{folder}: {what}; a sentence encoder is a folder with one model.onnx and its tokenizer.json")
    name = read_manifest(folder).get("neural", {}).get("encoder") if (folder / MANIFEST).is_file() else None
    try:
        return Encoder(name or folder.resolve().name, models[0].read_bytes(), tokenizer.read_bytes())
    except OSError as error:
        raise ModelError(f"{error.filename}: cannot be read ({error.strerror})") from None
