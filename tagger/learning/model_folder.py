"""A trained model as a folder: weights, manifest and card, written whole or not at all; ``CURRENT`` names the one in use."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tagger import __version__
from tagger.codebook import Codebook
from tagger.coding.classifier import Weights
from tagger.coding.decide import Thresholds
from tagger.coding.model_file import CURRENT, FORMAT, MANIFEST, WEIGHTS
from tagger.coding.rules import RuleBook
from tagger.cues import Lexicon
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings
from tagger.writing.durable import replace_bytes

LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops", "google-re2")


def training_hash(labelled: Sequence[Labelled]) -> str:
    """Return the SHA-256 of the training table: id, text, label and coded cues of every case, in order."""
    digest = hashlib.sha256()
    for x in labelled:
        row = [x.case.id, x.case.text, x.economy, x.model, dict(sorted(x.cues.items()))]
        digest.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def manifest_of(
    weights: bytes,
    labelled: Sequence[Labelled],
    codebook: Codebook,
    rules: RuleBook,
    lexicon: Lexicon,
    settings: Settings,
    thresholds: Thresholds,
    sources: Sequence[str],
) -> dict[str, Any]:
    """Return all that one must know of a model: hashes of what it rests on, counts, versions, settings. It bears no date: same input, same bytes."""
    return {
        "format": FORMAT,
        "tagger": __version__,
        "files": {WEIGHTS: {"sha256": hashlib.sha256(weights).hexdigest(), "bytes": len(weights)}},
        "codebook": {"id": codebook.id, "version": codebook.version, "sha256": codebook.sha256},
        "rules": {"version": rules.version, "sha256": rules.sha256},
        "lexicon": {"version": lexicon.version, "sha256": lexicon.sha256},
        "training": {
            "sources": list(sources),
            "texts": len(labelled),
            "initiatives": len({x.group for x in labelled}),
            "sha256": training_hash(labelled),
            "economy": dict(sorted(Counter(x.economy for x in labelled).items())),
            "model": dict(sorted(Counter(x.model for x in labelled).items())),
            "coded_by": "language models (no person has coded these texts)",
        },
        "thresholds": asdict(thresholds),
        "settings": asdict(settings),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def save_model(models: Path, name: str, weights: Weights, manifest: Mapping[str, Any], data: bytes) -> Path:
    """Write a model folder and make it the one in use; return the folder.

    The manifest comes last but one and ``CURRENT`` last, so that a crash leaves the model in use that was in use.

    Raises
    ------
    OutputError
    """
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    replace_bytes(folder / WEIGHTS, data)
    replace_bytes(folder / "CARD.md", card(name, weights, manifest).encode())
    replace_bytes(folder / MANIFEST, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())
    replace_bytes(models / CURRENT, f"{name}\n".encode())
    return folder


def cue_line(weights: Weights) -> str:
    """Return what a card says of cue codes."""
    if weights.cues is None:
        return "It codes no cues."
    stated = "; ".join(f"{cue} from {t:.2f} on" for (cue, _), t in zip(weights.cues.cues, weights.cues.thresholds, strict=True))
    return f"It also codes {len(weights.cues.values)} values of cues over the same columns, which decide nothing. A value is stated by probability: {stated}."


def card(name: str, weights: Weights, manifest: Mapping[str, Any]) -> str:
    """Return the model card: what it is, what it was trained on, by whom that was coded, and what it is not good for."""
    training = manifest["training"]
    counts = "\n".join(f"| {facet} | " + ", ".join(f"{code} {n}" for code, n in training[facet].items()) + " |" for facet in ("economy", "model"))
    return f"""# Model {name}

A linear classifier over {len(weights.pairs)} pairs of economy and model: {len(weights.words.terms)} words and pairs of words,
{len(weights.places.terms)} words at prominent places, {len(weights.marks)} marks (cues, rules, page structure).
Its scores are sums of named lines; temperature {weights.temperature:.3f}.
It abstains where the winning code is less probable than {manifest["thresholds"]["decide"]:.2f}.
{cue_line(weights)}

Trained on {training["texts"]} texts about {training["initiatives"]} initiatives from {", ".join(training["sources"])}.
**Coded by {training["coded_by"]}.** Agreement among such coders overstates what people would reach.

| facet | training texts by code |
|---|---|
{counts}

Codebook {manifest["codebook"]["id"]} {manifest["codebook"]["version"]}, rules {manifest["rules"]["version"]}, lexicon {manifest["lexicon"]["version"]}.
The weights hold single words and pairs of words with numbers, no text of any page.

Limits: English only; the rare codes (2, 3, 4, 5, 9) rest mostly on authored texts; figures on held-out cases: `benchmarks/quality.py`.
"""
