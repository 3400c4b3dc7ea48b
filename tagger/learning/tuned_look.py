"""A second look whose encoder was fine-tuned on labelled cases: its network came with it, and what its labels say of it can be told on unseen cases alone.

An encoder that is as it was published learns its network here, by folds (:mod:`tagger.learning.second_look_training`). One that was fine-tuned has seen the
labels, and a network over its vectors would look far better than it is. So it brings its network, and what an encoder said that had not seen them of a part of
the cases; by these it is weighed against the linear model. The second look of a model that has one of that kind brings none, and is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tagger.case import Case
from tagger.coding.encoder import Encoder, read_encoder
from tagger.coding.model_manifest import MANIFEST, NEURAL, PARTS, read_manifest, read_plain
from tagger.coding.second_look import ARRAYS, SecondLook, load_second_look, look_of
from tagger.coding.stored import expect, read_stored, table_bytes, texts_in
from tagger.learning.labelled import Labelled

TUNED = "tuned.skops"


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned second look, and its log-odds (P,) of cases that its encoder had not seen, by :func:`case_key`; none of a model's own."""

    look: SecondLook
    held_out: Mapping[str, np.ndarray] = field(repr=False)

    @property
    def encoder(self) -> Encoder:
        """Its encoder."""
        return self.look.encoder

    def said_of(self, cases: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
        """Return the held-out log-odds of cases (n, P), 0 where there are none, and where there are some (n,)."""
        keys = [case_key(x.case) for x in cases]
        nothing = np.zeros(len(self.look.pairs))
        return np.array([self.held_out.get(key, nothing) for key in keys]), np.array([key in self.held_out for key in keys], dtype=bool)


def case_key(case: Case) -> str:
    """Return what stands for what the second look reads of a case: its title and text."""
    return hashlib.sha256(json.dumps([case.title, case.text]).encode()).hexdigest()[:24]


def tuned_bytes(look: SecondLook, held_out: Mapping[str, np.ndarray]) -> bytes:
    """Return a fine-tuned network and the held-out log-odds as a file to lie beside ``model.onnx``; the same numbers give the same bytes."""
    keys = sorted(held_out)
    said = np.array([held_out[key] for key in keys], dtype=np.float32).reshape(len(keys), len(look.pairs))
    arrays = {name: getattr(look, name).astype(np.float16) for name in ARRAYS}
    return table_bytes({"pairs": json.dumps(look.pairs), "encoder": look.encoder.name, "kept": look.kept, "cases": json.dumps(keys), "said": said} | arrays)


def read_second(folder: Path) -> Encoder | Tuned:
    """Return what a second look is to be made of: the encoder in a folder, with its network where it was fine-tuned.

    Raises
    ------
    InputError
        If the extra `neural` is not installed.
    ModelError
        If there is no encoder, or a file is not what it should be.
    """
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        told = manifest.get("neural")
        if NEURAL in manifest["files"] and isinstance(told, dict) and told.get("tuned"):
            return Tuned(load_second_look(folder, manifest), {})
        return read_encoder(folder)
    encoder = read_encoder(folder)
    path = folder / TUNED
    if not path.exists():
        return encoder

    def made_of(table: dict[str, Any]) -> Tuned:
        look = look_of(table, encoder)
        keys = texts_in(table["cases"])
        expect("said", table["said"], (len(keys), len(look.pairs)))
        return Tuned(look, dict(zip(keys, table["said"].astype(float), strict=True)))

    return read_stored(read_plain(path, PARTS[NEURAL]), path, made_of)
