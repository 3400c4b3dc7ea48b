"""`quarantine.jsonl`: the records that could not be read, beside the output of the run that met them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tagger.case import Quarantined
from tagger.places import is_url, place, reached
from tagger.writing.durable import output_error, replace_bytes
from tagger.writing.jsonl import dump_line

NAME = "quarantine.jsonl"


def quarantine_path(output: str | Path | None) -> Path:
    """Return where the quarantine of an output is: in its folder, or here for standard output."""
    return Path(NAME) if _is_stdout(output) else place(output).parent / NAME


def write_quarantine(output: str | Path | None, items: Iterable[Quarantined]) -> Path | None:
    """Record what one run could not read; return the file, or None if no run in this folder has anything left.

    Lines that an earlier run left for the same output are replaced, those of other outputs stay, and a line that is not ours stays too.

    Parameters
    ----------
    output : str, Path or None
        The run's output; None or "-" is standard output.
    items : iterable of Quarantined

    Raises
    ------
    OutputError
        If the file cannot be read or written.
    """
    path = quarantine_path(output)
    name = "-" if _is_stdout(output) else place(output).name
    with reached(path):
        lines = [line for line in _lines(path) if _output_of(line) != name]
    lines += [dump_line(_entry(item, name)).encode("utf-8") for item in items]
    if is_url(path):
        from tagger.writing.remote import put_bytes

        if lines:
            put_bytes(path, b"".join(lines))
        else:
            with reached(path):
                path.unlink(missing_ok=True)
        return path if lines else None
    try:
        if lines:
            replace_bytes(path, b"".join(lines))
        else:
            path.unlink(missing_ok=True)
    except OSError as problem:
        raise output_error(path, problem) from problem
    return path if lines else None


def _is_stdout(output: str | Path | None) -> bool:
    return output is None or str(output) == "-"


def _entry(item: Quarantined, output: str) -> dict[str, str]:
    place = {"file": item.origin.file, "record": item.origin.record}
    return {**place, "reason": item.reason, "message": item.message, "title": item.title, "output": output}


def _lines(path: Path) -> list[bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise output_error(path, problem) from problem
    return [line + b"\n" for line in data.split(b"\n") if line.strip()]


def _output_of(line: bytes) -> str | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry.get("output") if isinstance(entry, dict) else None
