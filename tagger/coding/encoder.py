"""A sentence encoder: sentences in, vectors out, by a model in ONNX and its tokenizer.

An encoder that is published in ONNX for sentence-transformers will do, where its vector is the mean of its tokens' (or an output ``sentence_embedding``).
Needs the extra `neural`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tagger.coding.model_manifest import ENCODER, MANIFEST, PARTS, TOKENIZER, read_manifest, read_part, read_plain
from tagger.errors import InputError, ModelError

AT_ONCE = 8  # sentences of about one length: more are slower for what they are filled up with, fewer for the calls
LONGEST = 128  # tokens of a sentence, where the tokenizer sets no limit
NOWHERE = os.path.join(os.devnull, "none")


class Encoder:
    """An encoder as it is stored: two files' bytes, opened and tried out at once.

    Parameters
    ----------
    name : str
        What it is called in ledgers.
    model, tokenizer : bytes
        What ``model.onnx`` and ``tokenizer.json`` hold.

    Raises
    ------
    InputError
        If the extra is not installed.
    ModelError
        If the files are no encoder.
    """

    def __init__(self, name: str, model: bytes, tokenizer: bytes):
        self.name, self.model, self.tokenizer, self.dimensions = name, model, tokenizer, 0
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from tokenizers import Tokenizer
        except ImportError:
            raise InputError(f"{name}: a sentence encoder needs packages that are not installed: pip install 'case-tagger[neural]'") from None
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # one core a worker, and the same sums with any number of workers
        options.log_severity_level = 4
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", NOWHERE)  # no file but this: its hash is what was checked
        try:
            self._tokens = Tokenizer.from_str(tokenizer.decode())
            self._session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # neither package tells its errors by type
            raise ModelError(f"{name}: no sentence encoder in one ONNX file with its tokenizer ({_first_line(error)})") from None
        self._tokens.no_padding()
        if self._tokens.truncation is None:
            self._tokens.enable_truncation(LONGEST)
        self._wanted = {given.name for given in self._session.get_inputs()}
        given = [out.name for out in self._session.get_outputs()]
        self._output = "sentence_embedding" if "sentence_embedding" in given else given[0]
        self.dimensions = self._encoded([[0]]).shape[1]
        self._encoded([[self._tokens.get_vocab_size() - 1]])  # the last of the vocabulary, and a text that is cut: what fails is told before any work
        self.encode(["one", "one " * 1000])

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Return a vector for each sentence, shape (n, `dimensions`), float32.

        A quantised encoder may round a sentence otherwise in other company: the same list gives the same vectors, a sentence alone nearly those.

        Raises
        ------
        ModelError
            Where the encoder fails, or gives anything but finite numbers.
        """
        coded = self._tokens.encode_batch_fast([s.encode("utf-8", "replace").decode() for s in sentences])
        ids = [c.ids or [0] for c in coded]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.empty((len(ids), self.dimensions), dtype=np.float32)
        for at in range(0, len(order), AT_ONCE):
            group = order[at : at + AT_ONCE]
            out[group] = self._encoded([ids[i] for i in group])
        return out

    def _encoded(self, ids: list[list[int]]) -> np.ndarray:
        length = max(map(len, ids))
        tokens, mask = np.zeros((2, len(ids), length), dtype=np.int64)
        for row, own in enumerate(ids):
            tokens[row, : len(own)], mask[row, : len(own)] = own, 1
        feed: dict[str, Any] = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        try:
            found = self._session.run([self._output], {name: value for name, value in feed.items() if name in self._wanted})[0]
        except Exception as error:
            raise ModelError(f"{self.name}: the sentence encoder failed ({_first_line(error)})") from None
        shape = getattr(found, "shape", ())
        if len(shape) == 3 and shape[:2] == tokens.shape and found.dtype.kind == "f":  # a vector for each token
            found = (found * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        elif len(shape) != 2 or shape[0] != len(ids) or found.dtype.kind != "f":
            raise ModelError(f"{self.name}: its output {self._output!r} is no vector for each sentence or token, so it is no sentence encoder")
        if not found.shape[1] or found.shape[1] != (self.dimensions or found.shape[1]) or not np.isfinite(found).all():
            raise ModelError(f"{self.name}: the sentence encoder gave something else than {self.dimensions or 'some'} finite numbers for a sentence")
        return found


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def read_encoder(folder: Path) -> Encoder:
    """Return the encoder in a folder: ``model.onnx`` (there or in its folder ``onnx``) and ``tokenizer.json``, or that of a model's folder.

    Raises
    ------
    InputError
        If the extra is not installed.
    ModelError
        If there is none, or it is not the one that the manifest of the model describes.
    """
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        if ENCODER not in manifest["files"]:
            raise ModelError(f"{folder}: this model has no sentence encoder; name the folder of one")
        told = manifest.get("neural")
        name = told.get("encoder") if isinstance(told, dict) else None
        named = name if isinstance(name, str) and name.isprintable() else folder.resolve().name
        return Encoder(named, read_part(folder, manifest, ENCODER), read_part(folder, manifest, TOKENIZER))
    models = [path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.exists()]
    if not models or not (folder / "tokenizer.json").exists():
        lacks = "no such folder" if not folder.is_dir() else "has no model.onnx" if not models else "has no tokenizer.json"
        below = ", ".join(sorted(path.parent.name for path in folder.glob(f"*/{ENCODER}"))) if folder.is_dir() else ""
        hint = f" (of the models in it these have one: {below})" if below else ""
        raise ModelError(f"{folder}: {lacks}{hint}; a sentence encoder is a folder with model.onnx and its tokenizer.json")
    name = "".join(c for c in folder.resolve().name if c.isprintable())
    return Encoder(name, read_plain(models[0], PARTS[ENCODER]), read_plain(folder / "tokenizer.json", PARTS[TOKENIZER]))
