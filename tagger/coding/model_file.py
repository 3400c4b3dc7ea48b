"""The weights of a model as a file, and read from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tagger.coding.classifier import Block, Weights
from tagger.coding.cue_codes import CueWeights, columns_of
from tagger.coding.model_manifest import CURRENT, FORMAT, MANIFEST, MAX_BYTES, WEIGHTS, current_folder, read_manifest, read_part
from tagger.coding.stored import expect, read_stored, table_bytes, texts_in

__all__ = ["CURRENT", "FORMAT", "MANIFEST", "MAX_BYTES", "WEIGHTS", "current_folder", "load_weights", "weights_bytes"]

CUE_ARRAYS = ("thresholds", "base", "words", "places", "marks")


def weights_bytes(weights: Weights) -> bytes:
    """Return weights as the bytes of a skops file; the same weights give the same bytes."""
    table = {
        "pairs": json.dumps(weights.pairs),
        "marks": json.dumps(weights.marks),
        "base": weights.base,
        "mark_coef": weights.mark_coef,
        "temperature": float(weights.temperature),
        "with_rules": bool(weights.with_rules),
    }
    for name, block in (("words", weights.words), ("places", weights.places)):
        table |= {f"{name}_terms": json.dumps(block.terms), f"{name}_idf": block.idf, f"{name}_coef": block.coef}
    if (cues := weights.cues) is not None:
        table["cue_values"] = json.dumps(cues.values)
        table |= {f"cue_{name}": getattr(cues, name) for name in CUE_ARRAYS}
    return table_bytes(table)


def load_weights(folder: Path) -> tuple[Weights, dict[str, Any]]:
    """Return the weights and the manifest of a model folder.

    Raises
    ------
    ModelError
        If anything is missing, changed, foreign, too large or of another format; nothing of it has been opened then.
    """
    manifest = read_manifest(folder)
    return read_stored(read_part(folder, manifest, WEIGHTS), folder / WEIGHTS, _weights), manifest


def _weights(table: Mapping[str, Any]) -> Weights:
    pairs = tuple((economy, model) for economy, model in json.loads(table["pairs"]))
    marks = texts_in(table["marks"])
    blocks = []
    for name in ("words", "places"):
        block = Block(texts_in(table[f"{name}_terms"]), table[f"{name}_idf"], table[f"{name}_coef"])
        expect(name, block.coef, (len(block.terms), len(pairs)))
        expect(name, block.idf, (len(block.terms),))
        blocks.append(block)
    expect("base", table["base"], (len(pairs),))
    expect("marks", table["mark_coef"], (len(marks), len(pairs)))
    temperature, with_rules = table["temperature"], table["with_rules"]
    if not isinstance(temperature, float) or not 0.01 <= temperature <= 100 or not isinstance(with_rules, bool):
        raise ValueError(f"temperature {temperature!r} (0.01 to 100) or with_rules {with_rules!r} (true or false) is out of range")
    cues = _cue_weights(table, len(blocks[0].terms), len(blocks[1].terms), len(marks)) if "cue_values" in table else None
    return Weights(pairs, table["base"], *blocks, marks, table["mark_coef"], temperature, with_rules, cues)


def _cue_weights(table: Mapping[str, Any], words: int, places: int, marks: int) -> CueWeights:
    values = tuple((cue, value) for cue, value in json.loads(table["cue_values"]))
    cues = [cue for cue, _ in columns_of(values)]
    if not all(isinstance(name, str) for pair in values for name in pair) or len(set(values)) != len(values) or len(set(cues)) != len(cues):
        raise ValueError("the list of cue values holds something else than texts, one twice, or a cue in two places")
    arrays = {name: table[f"cue_{name}"] for name in CUE_ARRAYS}
    for name, size in (("words", words), ("places", places), ("marks", marks)):
        expect(f"cue {name}", arrays[name], (size, len(values)))
    expect("cue base", arrays["base"], (len(values),))
    expect("cue thresholds", arrays["thresholds"], (len(cues),))
    if len(cues) and not (arrays["thresholds"].min() >= 0 and arrays["thresholds"].max() <= 1):
        raise ValueError("a cue's threshold is not between 0 and 1")
    return CueWeights(values, **arrays)
