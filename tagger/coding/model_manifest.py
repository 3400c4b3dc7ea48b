"""A model folder from outside: names from a fixed set, plain files, each read once and only as its manifest describes it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tagger.errors import ModelError

FORMAT = 4  # 2: with cue codes; 3: every file of the folder is in the manifest; 4: there may be a second look
READABLE = (1, 2, 3, FORMAT)
MANIFEST, CURRENT = "manifest.json", "CURRENT"
WEIGHTS, CARD, FIGURES, GROUPS = "weights.skops", "CARD.md", "FIGURES.md", "groups.txt"
GOLDEN, METRICS, DRIFT = "golden.json", "metrics.json", "drift.json"
NEURAL, ENCODER, TOKENIZER = "neural.skops", "encoder.onnx", "tokenizer.json"
MAX_BYTES = 100 << 20  # of the weights, and of what they unpack to; ours are a few MB
MAX_MANIFEST = 1 << 20
PARTS = {  # what a folder may hold, with size caps
    WEIGHTS: MAX_BYTES,
    CARD: 1 << 20,
    FIGURES: 1 << 20,
    GROUPS: 32 << 20,
    GOLDEN: 4 << 20,
    METRICS: 16 << 20,
    DRIFT: 16 << 20,
    NEURAL: MAX_BYTES,
    ENCODER: 512 << 20,
    TOKENIZER: 64 << 20,
}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MAX_POINTER = 1 << 10
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LINK = {errno.ELOOP, errno.EMLINK}  # what the systems answer to O_NOFOLLOW
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)  # a pipe must not make us wait


def read_plain(path: Path, most: int) -> bytes:
    """Return the bytes of a plain file, opened once; links, pipes, devices, folders and files of over `most` bytes are refused unread.

    A hard link cannot be told from a file (installers make them); what it holds is held to its hash like any other's.

    Raises
    ------
    ModelError
        Also where it is missing or may not be read.
    """
    only = "only plain files that tagger itself wrote are loaded"
    try:
        if not _NOFOLLOW and path.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        handle = os.open(path, _FLAGS)
        try:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise ModelError(f"{path}: refused before opening: not a plain file; {only}")
            if about.st_size <= most:
                with open(handle, "rb", closefd=False) as stream:
                    return stream.read(about.st_size + 1)  # one more: a file that grows meanwhile is not taken for whole
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in _LINK:
            raise ModelError(f"{path}: refused before opening: a symbolic link; {only}, so copy the file itself here") from None
        raise ModelError(f"{path}: cannot be read ({error.strerror}); restore the folder or train anew") from None
    size = f"{most >> 20} MB" if most >> 20 else f"{most} bytes"
    raise ModelError(f"{path}: refused before opening: over {size}; {only}")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a model folder; `files` of it is sound then, the rest is as it was found.

    Raises
    ------
    ModelError
        If it is missing, is none, is of another format, or names files that no model has.
    """
    return manifest_in(read_plain(folder / MANIFEST, MAX_MANIFEST), folder / MANIFEST)


def manifest_in(data: bytes, path: Path) -> dict[str, Any]:
    """Return the manifest in `data`, read from `path`; raises as :func:`read_manifest`."""
    try:
        manifest = json.loads(data)
        form, files = manifest["format"], manifest["files"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: not the manifest of a model ({type(error).__name__}: {error}); restore it or train anew") from None
    if form not in READABLE or isinstance(form, bool):
        readable = ", ".join(str(n) for n in READABLE)
        raise ModelError(f"{path}: format {form!r}; this version of tagger reads formats {readable}: train anew, or install the version that wrote it")
    if not isinstance(files, dict) or WEIGHTS not in files:
        raise ModelError(f"{path}: gives no SHA-256 of {WEIGHTS}; restore it or train anew")
    for name, entry in files.items():
        if name not in PARTS:
            raise ModelError(f"{path}: names a file that no model has: {name!r} (there are {', '.join(PARTS)}); restore it or train anew")
        if not isinstance(entry, dict) or not isinstance(entry.get("sha256"), str) or not _SHA256.fullmatch(entry["sha256"]):
            raise ModelError(f"{path}: gives no SHA-256 of {name}; restore it or train anew")
    return manifest


def described(data: bytes) -> dict[str, Any]:
    """Return what a manifest says of a file."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def read_part(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    """Return a file of a model folder, read once and held to the SHA-256 in the manifest (:func:`read_manifest`): the bytes checked are the bytes returned.

    Raises
    ------
    ModelError
        If the manifest does not name it, or it is not the file that the manifest describes.
    """
    path = folder / name
    if name not in manifest["files"]:
        raise ModelError(f"{path}: not in {MANIFEST}, so it cannot be checked; a model that is trained now has it where it is needed")
    data = read_plain(path, PARTS[name])
    if hashlib.sha256(data).hexdigest() != manifest["files"][name]["sha256"]:
        raise ModelError(f"{path}: is not the file that the manifest describes (SHA-256 differs); restore the folder or train anew")
    return data


def model_names(models: Path) -> list[str]:
    """Return the names of the model folders in `models`, sorted; a link is none, nor is what a crash left."""
    return sorted(p.parent.name for p in models.glob(f"*/{MANIFEST}") if is_model(p.parent))


def is_model(folder: Path) -> bool:
    """Return whether a folder has the name and the manifest of a model; a link to one is none."""
    return bool(NAME.fullmatch(folder.name)) and not folder.is_symlink() and (folder / MANIFEST).is_file()


def in_use(models: Path) -> str | None:
    """Return what ``CURRENT`` says, whether there is such a model or not; None where there is no such file.

    Raises
    ------
    ModelError
        If it is no plain file of one name.
    """
    pointer = models / CURRENT
    if not os.path.lexists(pointer):
        return None
    return read_plain(pointer, _MAX_POINTER).decode("utf-8", "replace").strip()


def current_folder(models: Path) -> Path | None:
    """Return the folder of the model in use: the one named in ``CURRENT``, or `models` itself where it is a model's folder; None where there is no model.

    Raises
    ------
    ModelError
        If ``CURRENT`` names a folder that is not there, or models are there and it does not say which is in use.
    """
    pointer, name = models / CURRENT, in_use(models)
    there = ", ".join(model_names(models)) or "none"
    if name is None:
        if (models / MANIFEST).is_file():
            return models.resolve()  # `.` has a name, too
        if there != "none":  # else the rules alone would decide, and nobody would notice
            raise ModelError(f"{pointer}: missing, so it is not said which model is in use (there: {there}); choose with `tagger models promote NAME`")
        return None
    if not NAME.fullmatch(name) or not is_model(models / name):
        raise ModelError(f"{pointer}: names {name!r}, which is no model here (there: {there}); choose with `tagger models promote NAME`, or train anew")
    return models / name
