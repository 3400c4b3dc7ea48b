"""Migrated codings as a folder of their own, there whole or not at all; the originals are only read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.case import Case
from tagger.codebook.migrate import Migration
from tagger.codings.table import Coding, coding_files, read_codings, write_codings
from tagger.codings.text import fingerprint
from tagger.errors import InputError, OutputError
from tagger.retrain.migration import Eyes, Migrated, migrate_codings
from tagger.writing.durable import output_error, replace_bytes
from tagger.writing.jsonl import dump_line

if TYPE_CHECKING:
    from tagger.pipeline import Tagger

CODERS, EYES, REVIEW, RECORD = "coders.csv", "eyes.jsonl", "review.jsonl", "MIGRATION.json"


def read_files(source: Path, migration: Migration) -> dict[Path, list[Coding]]:
    """Return the codings of each file that `source` (a file, or a folder of them) stands for; raises as :func:`tagger.codings.table.read_codings`."""
    read_codings(source, migration.old)  # the faults of all files at once
    return {path: read_codings(path, migration.old) for path in coding_files([source])}


def migrate_files(files: dict[Path, list[Coding]], migration: Migration) -> tuple[dict[Path, Migrated], Migrated]:
    """Return what becomes of each file, and of all of them together (a case that is coded in several files is one case to look at)."""
    parts = {path: migrate_codings(codings, migration) for path, codings in files.items()}
    return parts, migrate_codings([coding for codings in files.values() for coding in codings], migration)


def default_folder(source: Path, migration: Migration) -> Path:
    """Return where migrated codings go: beside the originals, with the new version in the name."""
    source = source.resolve()
    return source.with_name(f"{source.name if source.is_dir() else source.stem}-{migration.new.version}")


def write_folder(folder: Path, parts: dict[Path, Migrated], whole: Migrated, migration: Migration, review: Sequence[str] = ()) -> None:
    """Write the migrated codings, the table of coders that lay beside them, the cases to look at, and the record of what was done.

    Parameters
    ----------
    folder : Path
        Must not exist.
    parts : mapping of original file to Migrated
    whole : Migrated
        Of all files.
    migration : Migration
    review : sequence of str
        Lines for the review queue (:func:`review_lines`), if there are any.

    Raises
    ------
    OutputError
        Where the folder is there already or cannot be written; then nothing is left under its name.
    """
    if folder.exists() or folder.is_symlink():
        raise OutputError(f"{folder}: is there already, and migrated codings replace nothing; take it away, or give another name with -o")
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        shutil.rmtree(temporary, ignore_errors=True)  # left by a killed process that had our number
        temporary.mkdir()
        for path, part in parts.items():
            write_codings(temporary / path.name, part.codings, migration.new)
        for beside in {path.parent / CODERS for path in parts}:
            if beside.is_file() and not (temporary / CODERS).exists():
                replace_bytes(temporary / CODERS, beside.read_bytes())
        replace_bytes(temporary / EYES, "".join(dump_line(eyes.as_dict()) for eyes in whole.eyes).encode())
        if review:
            replace_bytes(temporary / REVIEW, "".join(review).encode())
        replace_bytes(temporary / RECORD, (json.dumps(_record(parts, whole, migration), indent=1, ensure_ascii=False) + "\n").encode())
        os.rename(temporary, folder)
        _sync(folder.parent)
    except OSError as problem:
        raise output_error(folder, problem) from problem
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sync(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder for syncing; its rename is journalled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _record(parts: dict[Path, Migrated], whole: Migrated, migration: Migration) -> dict[str, object]:
    books = {name: {"id": b.id, "version": b.version, "sha256": b.sha256} for name, b in (("from", migration.old), ("to", migration.new))}
    files = {
        path.name: {"original_sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "codings": len(part.codings), "left_out": part.left_out}
        for path, part in parts.items()
    }
    followed = [{"facet": facet, "from": a, "to": b, "labels": n} for (facet, a, b), n in sorted(whole.followed.items())]
    taken_out = [{"facet": facet, "code": code, "labels": n} for (facet, code), n in sorted(whole.taken_out.items())]
    return books | {"files": files, "stayed": whole.stayed, "followed": followed, "taken_out": taken_out, "cases_to_look_at": len(whole.eyes)}


def review_lines(eyes: Iterable[Eyes], texts: Iterable[object], tagger: Tagger) -> tuple[list[str], Counter[str]]:
    """Return the cases to look at as `tagger tag` would write them, each with what was asked of it in its fields, and what is wrong with the texts.

    Parameters
    ----------
    eyes : iterable of Eyes
    texts : iterable of records
        As :func:`tagger.reading.read` yields them; a case is found by its id.
    tagger : Tagger
        Of the new codebook.

    Returns
    -------
    lines : list of str
    problems : Counter
        Cases without a text, and with another one than was coded.

    Raises
    ------
    InputError
        Where not one case has its text.
    """
    from tagger.writing.record import as_record

    there = {record.id: record for record in texts if isinstance(record, Case)}
    lines: list[str] = []
    problems: Counter[str] = Counter()
    wanted = list(eyes)
    for one in wanted:
        case = there.get(one.case)
        if case is None:
            problems["without a text"] += 1
            continue
        if one.sha256 and fingerprint(case.as_given) != one.sha256:
            problems["with another text than was coded"] += 1
        record = as_record(tagger.tag(case))
        asked = {key: value for key, value in one.as_dict().items() if key in ("candidates", "why", "taken_out")}
        record["fields"] = {**record["fields"], "migration": asked}
        lines.append(dump_line(record))
    if wanted and not lines:
        raise InputError(f"--texts: holds none of the {len(wanted)} cases to look at, by id ({wanted[0].case!r} first); give the texts that were coded")
    return lines, problems
