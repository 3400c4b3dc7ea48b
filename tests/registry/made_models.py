"""Small made-up models, and folders of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from tagger.codebook import load_codebook
from tagger.coding.classifier import Block, Weights
from tagger.coding.model_file import weights_bytes
from tagger.coding.model_manifest import CARD, FORMAT, GROUPS, MANIFEST, METRICS, WEIGHTS, described
from tagger.learning.model_folder import save_model

BOOK = load_codebook()


def made_weights(seed: int = 0) -> Weights:
    """Weights over the pairs of the packaged codebook."""
    random, pairs = np.random.default_rng(seed), tuple(BOOK.pairs)

    def block(*terms: str) -> Block:
        return Block(terms, random.random(len(terms)) + 1, random.normal(size=(len(terms), len(pairs))).astype(np.float32))

    coef = random.normal(size=(1, len(pairs))).astype(np.float32)
    return Weights(pairs, random.normal(size=len(pairs)), block("free", "software", "members"), block("head:free"), ("page:url",), coef)


def made_manifest(data: bytes, **more) -> dict:
    """As much of a manifest as a card is written from."""
    training = {"texts": 3, "initiatives": 2, "sources": ["made.jsonl"], "coded_by": "nobody", "sha256": "0" * 64, "economy": {"other": 3}, "model": {"1": 3}}
    book = {"id": BOOK.id, "version": BOOK.version, "sha256": BOOK.sha256}
    made = {"format": FORMAT, "tagger": "0.1.0", "files": {WEIGHTS: described(data)}, "codebook": book, "training": training}
    made |= {name: {"version": "1.0.0", "sha256": "1" * 64} for name in ("rules", "lexicon")}
    return made | {"thresholds": {"decide": 0.5}, "settings": {"seed": 0}, "libraries": {"numpy": np.__version__}} | more


PARTS = {GROUPS: b"0123456789abcdef\n", METRICS: b'{"facets": {"economy": {"summary": {"macro_f1": {"value": 0.625, "low": 0.5, "high": 0.75}}}}}\n'}


def saved(models: Path, name: str, seed: int = 0, *, parts: dict | None = None, manifest: dict | None = None, **options) -> Path:
    """Save a made-up model as training does."""
    weights = made_weights(seed)
    data = weights_bytes(weights)
    return save_model(models, name, weights, made_manifest(data, **(manifest or {})), data, PARTS if parts is None else parts, **options)


def rewritten(folder: Path, name: str, data: bytes) -> None:
    """Exchange a file of a model together with its hash in the manifest, as whoever can write to the folder can."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    (folder / MANIFEST).write_text(json.dumps(manifest))


__all__ = ["BOOK", "CARD", "PARTS", "made_manifest", "made_weights", "rewritten", "saved"]
