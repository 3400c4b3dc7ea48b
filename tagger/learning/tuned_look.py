"""A second look whose encoder was fine-tuned on labelled cases: its network came with it, and what its labels say of it can be told on unseen cases alone.

An encoder that is as it was published learns its network here, by folds (:mod:`tagger.learning.second_look_training`). One that was fine-tuned has seen the
labels, and a network over its vectors would look far better than it is. So it brings its network, and what an encoder said that had not seen them of a part of
the cases; by these it is weighed against the linear model. The second look of a model that has one of that kind brings none, and is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tagger.case import Case
from tagger.coding.encoder import Encoder, read_encoder
from tagger.coding.model_manifest import MANIFEST, NEURAL, PARTS, read_manifest, read_plain
from tagger.coding.second_look import ARRAYS, SecondLook, load_second_look, look_of
from tagger.coding.stored import expect, read_stored, table_bytes, texts_in
from tagger.errors import ModelError
from tagger.learning.labelled import Labelled
from tagger.registry.versions import trained_on

TUNED = "tuned.skops"
FEWEST = 50  # unseen cases to weigh by
_NETWORK = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned second look.

    `network` is a digest of what was fine-tuned, however it is weighed; `groups` are digests of the initiatives that it learned from
    (:func:`tagger.registry.versions.group_digest`); `held_out` are the log-odds (P,) of cases by an encoder that had not seen them, by :func:`case_key`: None
    for one that belongs to a model, which was weighed when that was trained.
    """

    look: SecondLook
    network: str
    groups: frozenset[str] = field(repr=False)
    held_out: Mapping[str, np.ndarray] | None = field(repr=False)

    @property
    def encoder(self) -> Encoder:
        """Its encoder."""
        return self.look.encoder

    def said_of(self, cases: Sequence[Labelled]) -> tuple[np.ndarray, np.ndarray]:
        """Return the held-out log-odds of cases (n, P), 0 where there are none, and where there are some (n,)."""
        held_out, nothing = self.held_out or {}, np.zeros(len(self.look.pairs))
        keys = [case_key(x.case) for x in cases]
        return np.array([held_out.get(key, nothing) for key in keys]), np.array([key in held_out for key in keys], dtype=bool)

    def check(self, pairs: Sequence[tuple[str, str]], cases: Sequence[Labelled]) -> None:
        """Raise ModelError where it cannot be used with the pairs of a codebook, or not be weighed by these cases."""
        if self.look.pairs != tuple(pairs):
            raise ModelError(f"{self.encoder.name}: was fine-tuned over other pairs of codes than the codebook's; fine-tune it anew, or give another encoder")
        if self.held_out is not None and (known := int(self.said_of(cases)[1].sum())) < FEWEST:
            few = f"{known} of the {len(cases)} cases were held out when it was fine-tuned, and at least {FEWEST} are needed to weigh it by"
            raise ModelError(f"{self.encoder.name}: {few}; fine-tune it on these cases, or give another encoder")


def case_key(case: Case) -> str:
    """Return what stands for what the second look reads of a case: its title and text."""
    return hashlib.sha256(json.dumps([case.title, case.text]).encode()).hexdigest()[:24]


def tuned_bytes(look: SecondLook, groups: Iterable[str], held_out: Mapping[str, np.ndarray]) -> bytes:
    """Return a fine-tuned network, bound to its encoder, as a file to lie beside ``model.onnx``; the same numbers give the same bytes.

    Parameters
    ----------
    look : SecondLook
    groups : iterable of str
        Digests of the initiatives that it learned from.
    held_out : mapping of str to ndarray of shape (P,)
        By :func:`case_key`.
    """
    keys = sorted(held_out)
    said = np.array([held_out[key] for key in keys], dtype=np.float32).reshape(len(keys), len(look.pairs))
    arrays = {name: getattr(look, name).astype(np.float16) for name in ARRAYS}
    texts = {"pairs": look.pairs, "files": _files(look.encoder), "cases": keys, "groups": sorted(groups)}
    return table_bytes({name: json.dumps(value) for name, value in texts.items()} | {"kept": look.kept, "said": said} | arrays)


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
        return _of_model(folder)
    encoder, path = read_encoder(folder), folder / TUNED
    if not os.path.lexists(path):
        return encoder

    def made_of(table: dict[str, Any]) -> Tuned:
        if json.loads(table["files"]) != _files(encoder):
            raise ModelError(f"{path}: belongs to another encoder than the model.onnx and tokenizer.json beside it; restore the folder or fine-tune anew")
        look, keys = look_of(table, encoder), texts_in(table["cases"])
        expect("said", table["said"], (len(keys), len(look.pairs)))
        held_out = dict(zip(keys, table["said"].astype(float), strict=True))
        return Tuned(look, _digest(look), frozenset(texts_in(table["groups"])), held_out)

    return read_stored(read_plain(path, PARTS[NEURAL]), path, made_of, "fine-tune anew")


def _of_model(folder: Path) -> Encoder | Tuned:
    manifest = read_manifest(folder)
    told = manifest.get("neural")
    network = told.get("tuned") if isinstance(told, dict) else None
    if network is None:
        return read_encoder(folder)
    if not isinstance(network, str) or not _NETWORK.fullmatch(network) or NEURAL not in manifest["files"]:
        raise ModelError(f"{folder / MANIFEST}: says of its second look that it was fine-tuned, but not which network that is; restore it or train anew")
    return Tuned(load_second_look(folder, manifest), network, trained_on(folder), None)


def _files(encoder: Encoder) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for data in (encoder.model, encoder.tokenizer)]


def _digest(look: SecondLook) -> str:
    arrays = b"".join(getattr(look, name).astype("<f2").tobytes() for name in ARRAYS)
    return hashlib.sha256(arrays + "".join(_files(look.encoder)).encode()).hexdigest()[:16]
