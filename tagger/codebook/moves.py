"""What became of the codes, as data: the ``moves`` of the change log in ``codebook.toml``.

An entry of the log may say which codes it touched, so that labels can follow::

    [[change]]
    version = "2.0.0"
    date = "2027-02-01"
    text = "Model 9 is split by who owns the platform."
    moves = [
      { facet = "model", kind = "split", from = ["9"], to = ["12", "13"], text = "12 where an investor owns the platform, else 13" },
      { facet = "payment", kind = "renamed", from = ["unpaid"], to = ["gift"] },
    ]

`facet` is economy, model or a cue. The log is only added to: what an older version moved stays said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tagger.codebook.check import check_codebook, check_version
from tagger.codebook.faults import Faults, join, listed, quoted
from tagger.codebook.load import FILE, build, read_data_file
from tagger.codebook.records import FACETS, Codebook

MANY = 1000  # more codes than any move names
# kind: fewest and most codes in `from`, fewest and most in `to`, and the step of the version that it takes (3: any, 2: minor, 1: major)
KINDS: dict[str, tuple[int, int, int, int, int]] = {
    "renamed": (1, 1, 1, 1, 1),  # another id, the same meaning: labels follow
    "merged": (1, MANY, 1, 1, 1),  # all of several codes is one now: labels follow
    "split": (1, 1, 2, MANY, 1),  # one code is several now: somebody has to look
    "redrawn": (1, 1, 0, MANY, 1),  # other criteria: some cases may belong in `to` now, somebody has to look
    "retired": (1, 1, 0, MANY, 1),  # given to no case any more; `to` are where its cases may belong
    "moved": (1, 1, 0, 0, 1),  # another place on the ladders, the same meaning: labels stay
    "added": (0, MANY, 1, 1, 2),  # a new code; cases that were given `from` may belong there now
    "worded": (1, 1, 0, 0, 3),  # said in other words, the same meaning: labels stay
}
_STEPS = {1: "a major one (2.0.0)", 2: "at least a minor one (1.1.0)"}
_GOING = ("renamed", "merged", "split", "retired")  # after which an id that is not in `to` is gone for good
_COMING = ("renamed", "added")  # whose `to` must not have been there before


@dataclass(frozen=True, slots=True)
class Move:
    """What became of some codes in a version; `facet` is economy, model or a cue, `kind` one of `KINDS`."""

    version: tuple[int, int, int]
    facet: str
    kind: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    text: str = ""


def version_of(text: str) -> tuple[int, int, int]:
    """Return ``x.y.z`` as numbers."""
    major, minor, patch = text.split(".")
    return int(major), int(minor), int(patch)


def load_with_moves(folder: Path | str | None = None) -> tuple[Codebook, tuple[Move, ...]]:
    """Load a codebook with the moves of its log, in the order of the versions.

    Raises
    ------
    CodebookError
        With every fault at once.
    """
    table, sha256, path = read_data_file(folder, FILE)
    check_codebook(table, FILE)
    found = [
        Move(version_of(change["version"]), m["facet"], m["kind"], tuple(m.get("from", ())), tuple(m.get("to", ())), m.get("text", ""))
        for change in table["change"]
        for m in change.get("moves", ())
    ]
    return build(table, sha256, path), tuple(sorted(found, key=lambda move: move.version))


def check_moves(table: Mapping[str, Any], faults: Faults) -> None:
    """Note what is wrong with the moves of a table whose other parts are sound: unknown codes, too small a step, an id that comes back."""
    known, active = _ids(table)
    entries: list[tuple[tuple[int, int, int], str, Mapping[str, Any]]] = []
    for at, change in faults.tables(table, "change"):
        for place, move in faults.tables(change, "moves", at, required=False):
            version = check_version(change, Faults(faults.file))
            if _check_move(move, version, known, faults, place) and version is not None:
                entries.append((version_of(version), place, move))
    entries.sort(key=lambda entry: entry[0])
    gone: dict[tuple[str, str], str] = {}
    for version, at, move in entries:
        facet, kind, sources, targets = move["facet"], move["kind"], move.get("from", []), move.get("to", [])
        said = f"{kind} in version {'.'.join(map(str, version))}"
        for id in (*sources, *targets):
            if (facet, id) in gone:
                faults.add(at, f"{facet} {quoted(id)} was {gone[facet, id]}; ids are never reused, so give what is meant now another id")
        if kind in _GOING:
            gone |= {(facet, id): said for id in sources if id not in targets}
    later = {(move["facet"], id) for _, _, move in entries for id in move.get("from", ())}
    for _, at, move in entries:
        for id in move.get("to", ()):
            if id not in active[move["facet"]] and (move["facet"], id) not in later:
                faults.add(join(at, "to"), f"{quoted(id)} is no active code of {move['facet']}; there are: {listed(active[move['facet']])}")
    for (facet, id), said in gone.items():
        if id in active[facet]:
            faults.add("change", f"{facet} {quoted(id)} was {said} and is active; ids are never reused, so give what is meant now another id")


def _ids(table: Mapping[str, Any]) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """Return of each facet and cue the ids that there are, retired ones too, and those that are active."""
    known: dict[str, set[str]] = {}
    active: dict[str, list[str]] = {}
    for facet in FACETS:
        known[facet] = {c["id"] for c in table[facet]}
        active[facet] = [c["id"] for c in table[facet] if c["status"] == "active"]
    for cue in (*table["cue"], *table.get("auxiliary", ())):
        active[cue["id"]] = [v["id"] for v in cue["values"]]
        known[cue["id"]] = set(active[cue["id"]])
    return known, active


def _check_move(move: Mapping[str, Any], version: str | None, known: Mapping[str, Collection[str]], faults: Faults, at: str) -> bool:
    """Note what is wrong with one move as it stands; tell whether it is sound."""
    before = len(faults)
    faults.unknown(move, ("facet", "kind", "from", "to", "text"), at)
    facet, kind = faults.require(move, "facet", str, at), faults.require(move, "kind", str, at)
    faults.require(move, "text", str, at, default="")
    a_facet = faults.member(facet, known, join(at, "facet"), "a facet or cue")
    sides = {side: faults.strings(move, side, at, required=False) for side in ("from", "to")}
    for side, ids in sides.items():
        if len(set(ids)) < len(ids):
            faults.add(join(at, side), "names a code twice; name each once")
    if faults.member(kind, KINDS, join(at, "kind"), "a kind of move"):
        least_from, most_from, least_to, most_to, step = KINDS[kind]
        for side, least, most in (("from", least_from, most_from), ("to", least_to, most_to)):
            if not least <= len(sides[side]) <= most:
                wanted = f"exactly {least}" if least == most else f"at least {least}" if most == MANY else f"at most {most}"
                faults.add(join(at, side), f"holds {len(sides[side])}; {quoted(kind)} takes {wanted}")
        if kind in _COMING and set(sides["from"]) & set(sides["to"]):
            faults.add(join(at, "to"), f"{quoted(sides['to'][0])} is in `from`, too; what is {kind} has an id that was not there before")
        if kind == "merged" and sides["from"] == sides["to"]:
            faults.add(join(at, "from"), "holds only the code that it is merged into; name those that are taken in")
        if version is not None and any(version_of(version)[step:]):
            faults.add(at, f"{quoted(kind)} in version {version}: such a change takes a new version of its own, {_STEPS[step]}")
    if a_facet and facet in FACETS:  # the values of a cue have no status and leave the file
        for id in sides["from"]:
            faults.member(id, known[facet], join(at, "from"), f"a code of {facet} (keep it, with status retired, so that old codings can be read)")
    return len(faults) == before
