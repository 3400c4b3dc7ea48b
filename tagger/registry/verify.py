"""Is a version whole, ours, and fit for the codebook in use? Every fault at once, each with its way out; nothing is opened before it was checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tagger.codebook import Codebook
from tagger.coding.classifier import Weights
from tagger.coding.decide import Thresholds
from tagger.coding.model_file import load_weights
from tagger.coding.model_manifest import CARD, DRIFT, GOLDEN, GROUPS, MANIFEST, METRICS, NEURAL, PARTS, read_manifest, read_part
from tagger.coding.rules import RuleBook
from tagger.coding.second_look import load_second_look
from tagger.cues import Lexicon
from tagger.errors import InputError, ModelError
from tagger.pipeline import Tagger
from tagger.registry.golden import finder_of, golden_faults, same_basis
from tagger.registry.history import PROMOTED, Entry
from tagger.registry.versions import Version, trained_on

Loaded = tuple[Codebook, Lexicon, RuleBook]
_LEFT = re.compile(r"\.[A-Za-z0-9._-]+\.[0-9]+\.tmp")  # what a killed durable write leaves: never opened, so no fault


def verify(version: Version, loaded: Loaded | None = None, history: Sequence[Entry] = ()) -> list[str]:
    """Return what is wrong with a version, one sentence a fault; none where all is well.

    Parameters
    ----------
    version : Version
    loaded : (Codebook, Lexicon, RuleBook), optional
        What is in use (:func:`tagger.pipeline.load_folder`): pairs and version of the codebook must fit it, and where all three are the very ones that the
        model was made with, its golden predictions must come out as they did then.
    history : sequence of Entry
        A model that was promoted must still be the one that was promoted.
    """
    try:
        manifest = read_manifest(version.folder)
    except ModelError as error:
        return [str(error)]
    faults = _files(version.folder, manifest) + _promoted(version, history) + _thresholds(version.folder, manifest) + _contents(version.folder, manifest)
    try:
        weights, _ = load_weights(version.folder)
    except ModelError as error:
        faults.append(str(error))
    else:
        faults += _second_look(version.folder, manifest, weights)
        faults += _fit(version.folder, manifest, weights, loaded) if loaded is not None else []
    return list(dict.fromkeys(faults))


def _files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Every file must be one that a model has and the one that the manifest describes; up to format 2 a card was in no manifest."""
    known = {MANIFEST, *manifest["files"], *({CARD} if manifest["format"] < 3 else ())}
    faults = []
    for path in sorted(folder.iterdir()):
        if path.name not in known and not _LEFT.fullmatch(path.name):
            why = f"{MANIFEST} does not name it" if path.name in PARTS else "no model of tagger holds a file of that name"
            faults.append(f"{path}: {why}; it was not opened: move it away")
    for name, entry in manifest["files"].items():
        try:
            data = read_part(folder, manifest, name)
        except ModelError as error:
            faults.append(str(error))
        else:
            if entry.get("bytes", len(data)) != len(data):
                faults.append(f"{folder / name}: has {len(data)} bytes, the manifest says {entry['bytes']!r}; restore the folder or train anew")
    return faults


def _promoted(version: Version, history: Sequence[Entry]) -> list[str]:
    last = next((entry for entry in reversed(history) if entry.model == version.name and entry.did == PROMOTED), None)
    if last is None or last.sha256 == version.sha256:
        return []
    return [
        f"{version.folder / MANIFEST}: is not the one that was promoted at {last.when} (SHA-256 {version.sha256[:12]}, was {last.sha256[:12]}); "
        "restore the folder, or put the new model under another name"
    ]


def _thresholds(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    try:
        Thresholds(**manifest.get("thresholds", {}))
    except (TypeError, ValueError) as error:
        return [f"{folder / MANIFEST}: thresholds cannot be read ({error}); restore the folder or train anew"]
    return []


def _contents(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What is not weights must at least be of its kind."""
    faults = []
    for name in (GROUPS, METRICS, DRIFT):
        if name in manifest["files"]:
            try:
                trained_on(folder) if name == GROUPS else json.loads(read_part(folder, manifest, name))
            except ModelError as error:
                faults.append(str(error))
            except (ValueError, RecursionError) as error:
                faults.append(f"{folder / name}: no JSON ({type(error).__name__}: {error}); restore the folder or train anew")
    return faults


def _second_look(folder: Path, manifest: Mapping[str, Any], weights: Weights) -> list[str]:
    """A second look must be one that goes with the weights; where the extra is not installed its files are held to their hashes alone."""
    if NEURAL in manifest["files"]:
        try:
            load_second_look(folder, manifest, weights.pairs)
        except ModelError as error:
            return [str(error)]
        except InputError:
            pass
    return []


def _fit(folder: Path, manifest: Mapping[str, Any], weights: Weights, loaded: Loaded) -> list[str]:
    book, lexicon, rules = loaded
    made_for = manifest.get("codebook") if isinstance(manifest.get("codebook"), dict) else {}
    same = made_for.get("id") == book.id and str(made_for.get("version")).split(".")[:2] == book.version.split(".")[:2]
    if not same or set(weights.pairs) != set(book.pairs):
        return [
            f"{folder}: was trained for codebook {made_for.get('id')} {made_for.get('version')}, but {book.id} {book.version} is in use; "
            "train anew, or name its codebook with --codebook"
        ]
    if GOLDEN not in manifest["files"]:
        return []
    tagger = Tagger(book, finder_of(lexicon), rules, weights)
    if not same_basis(manifest, tagger):
        return []  # another rulebook moves scores, as it should
    try:
        return [f"{folder / GOLDEN}: {fault}" for fault in golden_faults(tagger, read_part(folder, manifest, GOLDEN))]
    except ModelError as error:
        return [str(error)]


def damaged(faults: list[str], version: Version, models: Path, what: str) -> ModelError:
    """Return the error with which a version is refused: `what` was not done, and why."""
    listed = "\n".join(f"  {fault}" for fault in faults)
    return ModelError(f"{version.name} was not {what}, and {models} is as it was:\n{listed}")
