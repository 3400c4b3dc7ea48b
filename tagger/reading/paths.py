"""Which files to read: folders walked in order, missing paths told before anything is read, formats by suffix or first bytes."""

from __future__ import annotations

import codecs
import difflib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tagger.errors import InputError
from tagger.places import files_below, is_there, is_url
from tagger.reading.hypertext import looks_like_html
from tagger.reading.streams import Damage
from tagger.reading.tables import looks_like_table

PACKED = (".bz2", ".gz", ".zst")
STDIN = "-"


def check_encoding(encoding: str | None) -> None:
    """Raise InputError if Python knows no text encoding of that name."""
    if encoding is None:
        return
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except LookupError:
        raise InputError(f"{encoding!r} is no encoding I know; try utf-8, utf-16, cp1252, latin-1 or gb18030.") from None


def check_exists(paths: Iterable[Path]) -> None:
    """Raise InputError for the first path that is not there, with names in its folder that are like it."""
    for path in paths:
        if is_there(path):
            continue
        if is_url(path):
            tool = f"aws s3 ls {path.parent}/" if str(path).startswith(("s3://", "s3a://")) else "the tool of that file system"
            raise InputError(f"{path} does not exist; look at the names there with {tool}.")
        folder = path.parent
        if not folder.is_dir():
            raise InputError(f"{path} does not exist: there is no folder {folder}.")
        near = difflib.get_close_matches(path.name, sorted(os.listdir(folder)), n=3, cutoff=0.6)
        hint = f" Did you mean {' or '.join(str(folder / name) for name in near)}?" if near else f" Nothing in {folder} has a name like it."
        raise InputError(f"{path} does not exist.{hint}")


def walk(folder: Path) -> Iterator[Path]:
    """Yield the plain files under a folder, sorted by path; hidden files and folders are left out, links to folders not followed."""
    if is_url(folder):
        yield from files_below(folder)
        return
    for name in sorted(os.listdir(folder)):
        path = folder / name
        if name.startswith("."):
            continue
        if path.is_dir():
            if not path.is_symlink():
                yield from walk(path)
        elif path.is_file():
            yield path


def suffix_and_stem(path: Path) -> tuple[str, str]:
    """Return a file's suffix in lower case, without the one of its packing, and its name without both."""
    name = path.name
    if path.suffix.lower() in PACKED and name[0] != ".":
        name = Path(name).stem
    return Path(name).suffix.lower(), Path(name).stem


def sniff(chunk: bytes | Damage | None) -> str:
    """Return the suffix that stands for the format of a file by its beginning: .parquet, .jsonl, .xml, .html, .csv (known columns), else .txt."""
    if not isinstance(chunk, bytes):
        return ".txt"
    if chunk.startswith(b"PAR1"):
        return ".parquet"
    head = chunk[:4000].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if head.startswith("{") and not head.startswith(("{{", "{|")):
        return ".jsonl"
    if looks_like_html(head):
        return ".html"
    if head.startswith("<mediawiki") or (head.startswith("<?xml") and "<mediawiki" in head):
        return ".xml"
    return ".csv" if looks_like_table(head) else ".txt"
