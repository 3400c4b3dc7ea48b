"""A trained model as a folder: weights, manifest, card and what goes with them, written whole or not at all, and never over another."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from tagger import __version__
from tagger.codebook import Codebook
from tagger.coding.classifier import Weights
from tagger.coding.decide import Thresholds
from tagger.coding.model_manifest import CARD, CURRENT, FORMAT, GOLDEN, GROUPS, MANIFEST, NAME, PARTS, WEIGHTS, current_folder, described, read_manifest
from tagger.coding.rules import RuleBook
from tagger.cues import Lexicon
from tagger.errors import ModelError, OutputError
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings
from tagger.pipeline import Tagger
from tagger.registry.clean import COMING
from tagger.registry.golden import finder_of, golden_bytes
from tagger.registry.history import HISTORY, MADE, Entry, add, changing, now
from tagger.registry.promote import promote
from tagger.registry.verify import verify
from tagger.registry.versions import group_digest, version
from tagger.writing.durable import output_error, replace_bytes

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
        "files": {WEIGHTS: described(weights)},
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
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }


def parts_of(labelled: Sequence[Labelled], weights: Weights, codebook: Codebook, rules: RuleBook, lexicon: Lexicon) -> dict[str, bytes]:
    """Return what stands beside the weights of every model, by file name: digests of the initiatives trained on, and golden predictions."""
    groups = sorted({group_digest(x.group) for x in labelled})
    golden = golden_bytes(Tagger(codebook, finder_of(lexicon), rules, weights))
    return {GROUPS: "".join(f"{digest}\n" for digest in groups).encode(), GOLDEN: golden}


def save_model(
    models: Path,
    name: str,
    weights: Weights,
    manifest: Mapping[str, Any],
    data: bytes,
    parts: Mapping[str, bytes] | None = None,
    *,
    use: bool = True,
    why: str = "",
    by: str = "tagger train",
) -> Path:
    """Write a model folder and make it the one in use; return the folder.

    A folder is made under another name and renamed when it is whole, so that a crash at any moment leaves the model in use that was in use. A version is never
    written over: where `name` is taken by another model the new one is called ``name-2`` and so on; the very same model is not written twice.

    Parameters
    ----------
    models : Path
    name : str
    weights : Weights
    manifest : mapping
        As of :func:`manifest_of`; the hashes of all files and the parent (the model in use) are added, unless `manifest` names a parent.
    data : bytes
        The weights (:func:`tagger.coding.model_file.weights_bytes`).
    parts : mapping of file name to bytes, optional
        More files, of the names in :data:`tagger.coding.model_manifest.PARTS`: :func:`parts_of`, metrics.json, drift.json, FIGURES.md.
    use : bool
        Whether it becomes the one in use; otherwise it is kept aside (see :func:`tagger.registry.promote.promote`).
    why, by : str
        For the history.

    Raises
    ------
    OutputError, ModelError
    """
    _see_name(name, models)
    if unknown := sorted(set(parts or {}) - set(PARTS)):
        raise ValueError(f"no file of a model: {', '.join(unknown)}")
    with changing(_made(models)):
        folder = _written(models, name, weights, {"parent": _parent(models)} | dict(manifest), {**(parts or {}), WEIGHTS: data}, by)
    if use:
        promote(models, folder.name, why=why, by=by)
    return folder


def _see_name(name: str, models: Path) -> None:
    if not NAME.fullmatch(name) or name.casefold() in (CURRENT.casefold(), HISTORY.casefold()):
        raise OutputError(f"{models / name}: {name!r} cannot be the name of a model; use up to 90 letters, digits, dots, hyphens and underscores")


def _made(models: Path) -> Path:
    try:
        models.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise output_error(models, problem) from problem
    return models


def _parent(models: Path) -> dict[str, str] | None:
    """The model in use, by name and the hash of its weights; None where there is none, or none that can be read: that is no reason to lose a training."""
    try:
        folder = current_folder(models)
        return None if folder is None else {"name": folder.name, "sha256": read_manifest(folder)["files"][WEIGHTS]["sha256"]}
    except ModelError:
        return None


def _written(models: Path, name: str, weights: Weights, manifest: dict[str, Any], parts: dict[str, bytes], by: str) -> Path:
    number, called = 1, name
    while True:
        whole = {**parts, CARD: card(called, weights, manifest).encode()}
        full = manifest | {"files": {part: described(whole[part]) for part in PARTS if part in whole}}
        if not os.path.lexists(models / called):
            break
        if _is_there(models, called, full):
            return models / called
        number += 1
        called = f"{name}-{number}"
    text = (json.dumps(full, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    coming = models / f".{called}{COMING}"
    try:
        shutil.rmtree(coming, ignore_errors=True)  # what a killed process left
        coming.mkdir()
        for part, content in {**whole, MANIFEST: text}.items():
            replace_bytes(coming / part, content)
        os.rename(coming, models / called)
    except OSError as problem:
        shutil.rmtree(coming, ignore_errors=True)
        raise output_error(models / called, problem) from problem
    except BaseException:
        shutil.rmtree(coming, ignore_errors=True)
        raise
    add(models, Entry(now(), MADE, called, None, hashlib.sha256(text).hexdigest(), "", by))  # syncs `models`, too
    return models / called


def _is_there(models: Path, name: str, manifest: Mapping[str, Any]) -> bool:
    """Return whether `name` is this very model, whole; its parent may be another: the model in use, when it was trained for the first time."""
    try:
        there = version(models, name)
    except ModelError:
        return False
    return {**there.manifest, "parent": None} == json.loads(json.dumps({**manifest, "parent": None})) and not verify(there)


def cue_line(weights: Weights) -> str:
    """Return what a card says of cue codes."""
    if weights.cues is None:
        return "It codes no cues."
    stated = "; ".join(f"{cue} from {t:.2f} on" for (cue, _), t in zip(weights.cues.cues, weights.cues.thresholds, strict=True))
    return f"It also codes {len(weights.cues.values)} values of cues over the same columns, which decide nothing. A value is stated by probability: {stated}."


def neural_line(manifest: Mapping[str, Any]) -> str:
    """Return what a card says of the second look; '' where there is none."""
    neural = manifest.get("neural")
    return f"With --neural: {neural['told']}. It is one line of the ledger, whose inside cannot be read.\n" if neural else ""


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

{neural_line(manifest)}
Trained on {training["texts"]} texts about {training["initiatives"]} initiatives from {", ".join(training["sources"])}.
**Coded by {training["coded_by"]}.** Agreement among such coders overstates what people would reach.

| facet | training texts by code |
|---|---|
{counts}

Codebook {manifest["codebook"]["id"]} {manifest["codebook"]["version"]}, rules {manifest["rules"]["version"]}, lexicon {manifest["lexicon"]["version"]}.
The weights hold single words and pairs of words with numbers, no text of any page.

Limits: English only; the rare codes (2, 3, 4, 5, 9) rest mostly on authored texts; figures on held-out cases: FIGURES.md or
metrics.json where there is one, else `tagger evaluate`.
"""
