"""Later versions of the packaged codebook, made for the tests by editing its file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tagger.codebook import codebook_folder

BEFORE = codebook_folder()
FIRST = 'date = "2026-11-23"\ntext = "First release."\n'


def entry(version: str, *moves: str) -> str:
    """Return an entry of the change log; `moves` are inline tables."""
    told = "moves = [\n  " + ",\n  ".join(moves) + ",\n]\n" if moves else ""
    return f'\n[[change]]\nversion = "{version}"\ndate = "2027-02-01"\ntext = "Made."\n{told}'


def made(
    folder: Path,
    version: str,
    *moves: str,
    retire: Mapping[str, str] = {},
    add: Mapping[str, str] = {},
    edits: tuple[tuple[str, str], ...] = (),
    log: str = "",
) -> Path:
    """Return a copy of the packaged codebook of another version.

    `retire` gives of models that are retired the one that others point to in their place, `add` of models that are new the economy that goes with them, `edits`
    pairs of texts (old, new), `log` entries before that of `version`.
    """
    shutil.copytree(BEFORE, folder)
    file = folder / "codebook.toml"
    text = file.read_text(encoding="utf-8")
    head, rest = text.split(FIRST)
    text = head.replace('version = "1.0.0"', f'version = "{version}"', 1) + FIRST + log + entry(version, *moves) + rest
    for id, instead in retire.items():
        text = re.sub(rf'(\[\[model\]\]\nid = "{id}"\n.*?status = ")active"', r'\1retired"', text, count=1, flags=re.DOTALL)
        text = re.sub(rf'(instead|code) = "{id}"', rf'\1 = "{instead}"', text)
        text = re.sub(rf"^{id} = {{ typical.*\n", "", text, flags=re.MULTILINE)
    for id, economy in add.items():
        text = text.replace("[pairs]\n", f'[pairs]\n{id} = {{ typical = ["{economy}"] }}\n') + model(id)
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return folder


def model(id: str) -> str:
    """Return a new model as TOML, off the ladders."""
    return f"""
[[model]]
id = "{id}"
label = "made_{id}"
level = "outside"
short = "Made."
definition = "Made for a test."
use_when = [{{ id = "m{id}.u1", text = "Made for a test." }}]
avoid_when = []
examples = []
near_misses = []
sources = ["codebook-rules"]
status = "active"
"""
