"""JSON Lines, the canonical output: one object a case."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tagger.case import Decision
from tagger.writing.packed import open_part
from tagger.writing.record import as_record

# Left raw by json.dumps, but line ends to some readers (U+0085, U+2028), commands to a terminal (C1) or reordering the line for the eye (bidi).
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def dump_line(record: Any) -> str:
    """Return `record` as JSON on one line, ending with a newline; letters stay readable, invisible controls are escaped."""
    text = _encode(record)
    if text.isascii() and "\x7f" not in text:
        return text + "\n"
    return _UNSAFE.sub(lambda hit: f"\\u{ord(hit.group()):04x}", text) + "\n"


class JsonlSheet:
    """What a decision is in JSON Lines; `text` says whether the text that was tagged is kept, which `tagger review` shows."""

    def __init__(self, *, text: bool = True):
        self._text = text

    def piece(self, decision: Decision) -> bytes:
        return dump_line(as_record(decision, text=self._text)).encode("utf-8")


class JsonlWriter:
    """Writes decisions as JSON Lines to a file, durably; packed where its suffix says so.

    Parameters
    ----------
    path : str or Path
    text : bool
        Whether each record holds the text that was tagged, which `tagger review` shows.
    """

    def __init__(self, path: str | Path, *, text: bool = True):
        self._part, self._sheet = open_part(path), JsonlSheet(text=text)

    def write(self, decision: Decision) -> None:
        self.add(self._sheet.piece(decision))

    def add(self, piece: bytes) -> None:
        self._part.write_bytes(piece)

    def commit(self, summary: dict[str, Any]) -> None:
        self._part.commit()

    def abort(self) -> None:
        self._part.abort()

    def keep_partial(self) -> Path | None:
        return self._part.keep_partial()


class StdoutWriter:
    """Writes decisions as JSON Lines to standard output, in UTF-8 whatever the locale; each line is flushed, for whoever reads along."""

    def __init__(self, *, text: bool = True):
        self._sheet = JsonlSheet(text=text)

    def write(self, decision: Decision) -> None:
        self.add(self._sheet.piece(decision))

    def add(self, piece: bytes) -> None:
        sys.stdout.flush()
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()

    def commit(self, summary: dict[str, Any]) -> None:
        sys.stdout.flush()

    def abort(self) -> None:
        """Nothing to undo: what was printed is printed."""

    def keep_partial(self) -> Path | None:
        """Nothing to rename: what was printed is whole lines."""
        return None
