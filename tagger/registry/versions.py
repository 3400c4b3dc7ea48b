"""The versions of a folder of models, read from their manifests alone: nothing is opened that could be large or foreign."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tagger.coding.model_manifest import GROUPS, MANIFEST, MAX_MANIFEST, NAME, in_use, is_model, manifest_in, model_names, read_manifest, read_part, read_plain
from tagger.errors import ModelError
from tagger.registry.history import MADE, read_history


@dataclass(frozen=True, slots=True)
class Version:
    """A version: its folder, the SHA-256 of its manifest, when it was made (UTC; '' where not recorded), whether it is in use.

    `fault` says why the manifest cannot be read, which is empty then.
    """

    name: str
    folder: Path
    sha256: str
    made: str
    used: bool
    manifest: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    def table(self, name: str) -> Mapping[str, Any]:
        """Return a table of the manifest; empty where there is none of that name."""
        value = self.manifest.get(name)
        return value if isinstance(value, Mapping) else {}

    @property
    def parent(self) -> str:
        """Name of the model that was in use when this one was trained; '' where there was none, or it is not recorded."""
        return str(self.table("parent").get("name") or "")


def versions(models: Path) -> list[Version]:
    """Return the versions in `models`, by name.

    Raises
    ------
    ModelError
        If `models` is no folder of models, or its history cannot be read.
    """
    see_folder(models)
    made = {entry.model: entry.when for entry in reversed(read_history(models)) if entry.did == MADE}
    used = in_use(models)
    return [_version(models / name, made.get(name, ""), name == used) for name in model_names(models)]


def version(models: Path, name: str) -> Version:
    """Return the version `name`.

    Raises
    ------
    ModelError
        If there is none of that name (the message says what there is).
    """
    see_folder(models)
    if not NAME.fullmatch(name) or not is_model(models / name):
        link = " (a link is none: copy the folder itself)" if NAME.fullmatch(name) and (models / name).is_symlink() else ""
        raise ModelError(f"{models}: no model {name!r} here{link}; there are {', '.join(model_names(models)) or 'none'}")
    return next(v for v in versions(models) if v.name == name)


def see_folder(models: Path) -> None:
    """Raise ModelError where `models` is no folder of models."""
    if not models.is_dir():
        raise ModelError(f"{models}: no such folder of models; give one that `tagger train -o` wrote")
    if (models / MANIFEST).is_file() and not model_names(models):
        raise ModelError(f"{models}: is the folder of one model; give the folder of models that it stands in ({models.resolve().parent})")


def _version(folder: Path, made: str, used: bool) -> Version:
    data = b""
    try:
        data = read_plain(folder / MANIFEST, MAX_MANIFEST)
        return Version(folder.name, folder, hashlib.sha256(data).hexdigest(), made, used, manifest_in(data, folder / MANIFEST))
    except ModelError as error:
        return Version(folder.name, folder, hashlib.sha256(data).hexdigest() if data else "", made, used, fault=str(error))


def group_digest(group: str) -> str:
    """Return the digest of an initiative (`Labelled.group`) as ``groups.txt`` holds it: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(group.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def trained_on(folder: Path) -> frozenset[str]:
    """Return the digests (:func:`group_digest`) of the initiatives that a model was trained on.

    Raises
    ------
    ModelError
        If the model does not record them (formats 1 and 2), or the file is not the one that was written.
    """
    lines = read_part(folder, read_manifest(folder), GROUPS).decode("ascii", "replace").split()
    if not all(len(line) == 16 and set(line) <= set("0123456789abcdef") for line in lines):
        raise ModelError(f"{folder / GROUPS}: holds something else than digests of 16 hexadecimal digits; restore the folder or train anew")
    return frozenset(lines)
