"""A model folder: ``manifest.json`` and ``weights.skops``, checked before anything in it is opened.

Only strings, numbers and plain arrays are stored, so that nothing in the file can run; the list of allowed nodes is exactly what we write
(findings 5 and 6 of the reliability notes: skops' own default list is far wider, and it has no size limit).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tagger.coding.classifier import Block, Weights
from tagger.errors import ModelError

FORMAT = 1
WEIGHTS, MANIFEST, CURRENT = "weights.skops", "manifest.json", "CURRENT"
MAX_BYTES = 100 << 20
MAX_MEMBERS = 64
MAX_DEPTH = 64
ALLOWED = {("builtins.dict", "DictNode"), ("builtins.list", "ListNode"), ("builtins.str", "JsonNode"), ("builtins.str", "TypeNode"), ("numpy.ndarray", "NdArrayNode")}
_EPOCH = (1980, 1, 1, 0, 0, 0)


def weights_bytes(weights: Weights) -> bytes:
    """Return weights as the bytes of a skops file; the same weights give the same bytes."""
    import skops.io

    table = {
        "pairs": "\n".join("\t".join(pair) for pair in weights.pairs),
        "marks": "\n".join(weights.marks),
        "base": np.asarray(weights.base, np.float64),
        "mark_coef": weights.mark_coef,
        "temperature": float(weights.temperature),
        "with_rules": bool(weights.with_rules),
    }
    for name, block in (("words", weights.words), ("places", weights.places)):
        table |= {f"{name}_terms": "\n".join(block.terms), f"{name}_idf": block.idf.astype(np.float32), f"{name}_coef": block.coef}
    return _settled(skops.io.dumps(table))


def _settled(data: bytes) -> bytes:
    """skops names members by memory address and stamps the time: number them in order instead, so that bytes depend on content alone."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        schema = packed.read("schema.json").decode()
        members = {name: packed.read(name) for name in packed.namelist() if name != "schema.json"}
    numbers: dict[str, str] = {}
    schema = re.sub(r'("__id__": |"file": ")(\d+)', lambda m: m[1] + numbers.setdefault(m[2], str(len(numbers) + 1)), schema)
    renamed = {f"{numbers[name.removesuffix('.npy')]}.npy": value for name, value in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, value in sorted({**renamed, "schema.json": schema.encode()}.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, value)
    return out.getvalue()


def current_folder(models: Path) -> Path | None:
    """Return the folder of the model in use: the one named in ``CURRENT``; None where there is no such file.

    Raises
    ------
    ModelError
        If ``CURRENT`` names a folder that is not there.
    """
    pointer = models / CURRENT
    if not pointer.is_file():
        return None
    name = pointer.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or not (models / name / MANIFEST).is_file():
        there = ", ".join(sorted(p.parent.name for p in models.glob(f"*/{MANIFEST}"))) or "none"
        raise ModelError(f"{pointer}: names {name!r}, which is no model here (there: {there}); write one of these names into it, or train anew")
    return models / name


def load_weights(folder: Path) -> tuple[Weights, dict[str, Any]]:
    """Return the weights and the manifest of a model folder.

    Raises
    ------
    ModelError
        If anything is missing, changed, foreign, too large or of another format; nothing of it has been opened then.
    """
    manifest = _manifest(folder)
    try:
        data = (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise ModelError(f"{folder / WEIGHTS}: cannot be read ({error.strerror}); restore the folder or train anew") from None
    wanted = manifest["files"].get(WEIGHTS, {}).get("sha256")
    if hashlib.sha256(data).hexdigest() != wanted:
        raise ModelError(f"{folder / WEIGHTS}: is not the file that the manifest describes (SHA-256 differs); restore the folder or train anew")
    _refuse_foreign(data, folder / WEIGHTS)
    import skops.io

    try:
        table = skops.io.loads(data, trusted=[])
        return _weights(table), manifest
    except Exception as error:  # skops fails in eight different ways on a bad file; all of them mean the same to the user
        raise ModelError(f"{folder / WEIGHTS}: cannot be loaded ({type(error).__name__}: {error}); train anew") from error


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        known = manifest["format"], manifest["files"]
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); a model folder holds {MANIFEST} and {WEIGHTS}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: not the manifest of a model ({error}); restore it or train anew") from None
    if known[0] != FORMAT or not isinstance(known[1], dict):
        raise ModelError(f"{path}: format {known[0]!r}; this version of tagger reads format {FORMAT}: train anew, or install the version that wrote it")
    return manifest


def _refuse_foreign(data: bytes, path: Path) -> None:
    def refuse(why: str) -> None:
        raise ModelError(f"{path}: refused before opening: {why}; only files that tagger itself wrote are loaded")

    if not data.startswith(b"PK"):
        refuse("not a skops file (a pickle or something else stands in its place)")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            infos = packed.infolist()
            if len(infos) > MAX_MEMBERS or len({i.filename for i in infos}) != len(infos):
                refuse("too many members, or two of one name")
            if sum(i.file_size for i in infos) > MAX_BYTES:
                refuse(f"over {MAX_BYTES >> 20} MB unpacked")
            if any(i.filename != "schema.json" and not re.fullmatch(r"\d+\.npy", i.filename) for i in infos):
                refuse("a member that is neither schema.json nor an array")
            schema = json.loads(packed.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError, OSError) as error:
        refuse(f"damaged ({type(error).__name__})")
    for kind in _nodes(schema, 0):
        if kind not in ALLOWED:
            refuse(f"holds {kind[0]} ({kind[1]})")


def _nodes(node: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        yield "nesting", f"deeper than {MAX_DEPTH}"
        return
    if isinstance(node, Mapping):
        if "__loader__" in node or "__class__" in node:
            yield f"{node.get('__module__')}.{node.get('__class__')}", str(node.get("__loader__"))
        for value in node.values():
            yield from _nodes(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value, depth + 1)


def _weights(table: Mapping[str, Any]) -> Weights:
    pairs = tuple(tuple(line.split("\t")) for line in table["pairs"].split("\n"))
    marks = tuple(table["marks"].split("\n")) if table["marks"] else ()
    blocks = []
    for name in ("words", "places"):
        terms = tuple(table[f"{name}_terms"].split("\n")) if table[f"{name}_terms"] else ()
        block = Block(terms, table[f"{name}_idf"].astype(np.float64), table[f"{name}_coef"])
        _expect(name, block.coef, (len(terms), len(pairs)))
        _expect(name, block.idf, (len(terms),))
        blocks.append(block)
    _expect("base", table["base"], (len(pairs),))
    _expect("marks", table["mark_coef"], (len(marks), len(pairs)))
    temperature = float(table["temperature"])
    if not 0.01 <= temperature <= 100:
        raise ValueError(f"temperature {temperature} is out of range")
    return Weights(pairs, table["base"], *blocks, marks, table["mark_coef"], temperature, bool(table["with_rules"]))


def _expect(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"array {name}: shape {array.shape} of {array.dtype}, wanted finite numbers of shape {shape}")
