"""From a codebook folder to a :class:`Codebook`."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tagger.codebook.check import check_codebook
from tagger.codebook.conditions import Condition, CueTest
from tagger.codebook.records import FACETS, Change, Code, Codebook, Criterion, Cue, CueValue, NearMiss, Role, RoleRule, Source
from tagger.errors import CodebookError

FILE = "codebook.toml"
LIMIT = 5_000_000  # bytes; the default codebook has 60,000, so that more is a wrong file, not a long codebook


def codebook_folder(folder: Path | str | None = None) -> Path:
    """Return the folder to read from, the packaged default for None.

    Raises
    ------
    CodebookError
        Where it does not exist or is no folder.
    """
    if folder is None:
        return Path(str(resources.files("tagger.codebook") / "default"))
    folder = Path(folder)
    if folder.is_dir():
        return folder
    what = "is a file; give the folder that it lies in" if folder.exists() else f"no such folder; give one that holds {FILE}, or leave it out for the default"
    raise CodebookError([f"{folder}: {what}"])


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a data file of a codebook folder; raises :class:`CodebookError` where it is missing, unreadable or over 5 MB."""
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in path.parent.glob("*.toml"))[:10]) or "no .toml file at all" if path.parent.is_dir() else "no such folder"
        raise CodebookError([f"{path}: no such file (in its folder: {there}); copy {codebook_folder()} to start from"])
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except OSError as error:
        raise CodebookError([f"{path}: cannot be read ({error.strerror}); see to its permissions"]) from None
    if len(data) > LIMIT:
        raise CodebookError([f"{path}: over {LIMIT // 1_000_000} MB; that is no codebook file"])
    return data


def parse_toml(data: bytes, path: Path) -> dict[str, Any]:
    """Parse bytes as TOML, a byte-order mark passed over; raises :class:`CodebookError` with file and line."""
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CodebookError([f"{path}: line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"]) from None
    except ValueError as error:  # tomllib's own error is one; so is a number of 5,000 digits
        place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        where = f"line {place[1]}, column {place[2]}: " if place and place[1] else ""
        reason = str(error)[: place.start()].strip() if place else str(error)
        end = " at the end of the file (is a quote or bracket left open?)" if place and not place[1] else ""
        raise CodebookError([f"{path}: {where}no valid TOML: {reason}{end}"]) from None
    except RecursionError:
        raise CodebookError([f"{path}: arrays or tables nested too deep to read"]) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of a codebook folder (up to 5 MB, UTF-8, with or without byte-order mark).

    Raises
    ------
    CodebookError
        Where the file is missing, too large, not UTF-8 or not TOML, with file and line.
    """
    return parse_toml(read_bytes(path), path)


def read_data_file(folder: Path | str | None, name: str) -> tuple[dict[str, Any], str, Path]:
    """Return table, SHA-256 and path of a file of a codebook folder (None: the packaged one); raises as :func:`codebook_folder` and :func:`read_toml`."""
    path = codebook_folder(folder) / name
    data = read_bytes(path)
    return parse_toml(data, path), hashlib.sha256(data).hexdigest(), path


def load_codebook(folder: Path | str | None = None) -> Codebook:
    """Load ``codebook.toml`` out of a folder, the packaged default for None, checked whole.

    Raises
    ------
    CodebookError
        With every fault at once.
    """
    table, sha256, path = read_data_file(folder, FILE)
    check_codebook(table, FILE)
    return build(table, sha256, path)


def load_names(folder: Path | str | None = None) -> Codebook:
    """Return what the other files of a folder may refer to, also where ``codebook.toml`` has faults: codes and cues, the rest empty.

    Codes (and cues) are left out together where one of them has a fault, so that the other files are not blamed for it
    (:meth:`~tagger.codebook.faults.Faults.member` notes nothing where nothing is allowed).
    """
    path = codebook_folder(folder) / FILE
    sound: dict[str, Any] = {key: "" for key in ("id", "label", "version", "language", "unit")}
    sound |= {key: [] for key in ("questions", "source", "change", "level", "status", "voice", *FACETS, "cue")} | {"pairs": {}}
    try:
        table = read_toml(path)
    except CodebookError:
        return build(sound, "", path)
    try:
        check_codebook(table, FILE)
        faulty = set()
    except CodebookError as error:
        faulty = {re.split(r"[.:\[]", fault.removeprefix(f"{FILE}: "), maxsplit=1)[0] for fault in error.faults}
    for together in (FACETS, ("cue", "auxiliary")):
        if faulty.isdisjoint(together):
            sound |= {key: table[key] for key in together if key in table}
    return build(sound, "", path)


def build(table: Mapping[str, Any], sha256: str, path: Path) -> Codebook:
    """Make the records out of a table that :func:`check_codebook` has passed."""
    codes = [_code(t, facet) for facet in FACETS for t in table[facet]]
    active = {facet: tuple(c for c in codes if c.facet == facet and c.status == "active") for facet in FACETS}
    return Codebook(
        id=table["id"],
        label=table["label"],
        version=table["version"],
        language=table["language"],
        unit=table["unit"],
        questions=tuple(table["questions"]),
        sources=tuple(Source(**t) for t in table["source"]),
        changes=tuple(Change(t["version"], t["date"], t["text"]) for t in table["change"]),
        levels={t["id"]: t["label"] for t in table["level"]},
        statuses={t["id"]: t["definition"] for t in table["status"]},
        voices={t["id"]: t["definition"] for t in table["voice"]},
        economies=active["economy"],
        models=active["model"],
        retired=tuple(c for c in codes if c.status != "active"),
        cues=tuple(_cue(t, False) for t in table["cue"]),
        auxiliary=tuple(_cue(t, True) for t in table.get("auxiliary", ())),
        roles=tuple(_role(t) for t in table.get("role", ())),
        pairs={(economy, model): kind for model, row in table["pairs"].items() for kind in ("typical", "possible") for economy in row.get(kind, ())},
        sha256=sha256,
        path=path,
    )


def _code(t: Mapping[str, Any], facet: str) -> Code:
    return Code(
        id=t["id"],
        facet=facet,
        label=t["label"],
        level=t.get("level", ""),
        rung=t.get("rung"),
        short=t["short"],
        definition=t["definition"],
        use_when=tuple(Criterion(**c) for c in t["use_when"]),
        avoid_when=tuple(Criterion(**c) for c in t["avoid_when"]),
        examples=tuple(t["examples"]),
        near_misses=tuple(NearMiss(**n) for n in t["near_misses"]),
        sources=tuple(t["sources"]),
        status=t["status"],
    )


def _cue(t: Mapping[str, Any], auxiliary: bool) -> Cue:
    return Cue(t["id"], t["asks"], tuple(CueValue(**v) for v in t["values"]), dict(t.get("opposite", {})), auxiliary)


def _role(t: Mapping[str, Any]) -> Role:
    rules = tuple(RoleRule(r["id"], CueTest(**{k: tuple(Condition.parse(c) for c in r.get(k, ())) for k in ("all", "any", "none")})) for r in t["rule"])
    return Role(t["id"], t["label"], t["definition"], rules, tuple(t["sources"]))
