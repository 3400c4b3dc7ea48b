"""What the user named to be read: checked before anything is read, then file by file with the reader of its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tagger.case import Record, Skipped
from tagger.errors import InputError
from tagger.places import place
from tagger.reading.cases import make_case
from tagger.reading.decode import decode
from tagger.reading.dump import read_dump
from tagger.reading.inputs import Input, Unread
from tagger.reading.jsonlines import read_jsonl
from tagger.reading.parquet import open_parquet, read_parquet
from tagger.reading.paths import STDIN, check_encoding, check_exists, sniff, suffix_and_stem, walk
from tagger.reading.streams import PACKINGS, check_packing
from tagger.reading.tables import header, read_table

Reader = Callable[[Input], Iterator[Record | Unread]]


def _one_text(kind: str) -> Reader:
    """Return a reader of files that hold one text each."""

    def read_text(given: Input) -> Iterator[Record | Unread]:
        yield Unread(given.origin(), lambda: made(given))

    def made(given: Input) -> Record:
        try:
            data = given.whole()
        except InputError as error:
            return given.quarantined("unreadable", str(error))
        if not isinstance(data, bytes):
            return data
        text, notes = decode(data, given.encoding)
        title = given.stem if kind in ("text", "wikitext") else ""
        return make_case(kind, given.stem, title, text, given.origin(), notes=notes)

    return read_text


FORMATS: dict[str, Reader] = {
    ".txt": _one_text("text"),
    ".md": _one_text("markdown"),
    ".markdown": _one_text("markdown"),
    ".html": _one_text("html"),
    ".htm": _one_text("html"),
    ".xhtml": _one_text("html"),
    ".mediawiki": _one_text("wikitext"),
    ".wiki": _one_text("wikitext"),
    ".xml": read_dump,
    ".csv": read_table,
    ".tsv": read_table,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
}  # each also packed (.bz2, .gz, .zst), but for Parquet, which is packed within
MANY = (read_dump, read_table, read_jsonl, read_parquet)  # readers of files that hold many records


@dataclass(frozen=True, slots=True)
class Source:
    """Files and folders as the user named them, and how they are to be read.

    Parameters
    ----------
    named : tuple of str
        Files and folders; ``-`` is standard input.
    format : str, optional
        A suffix of `FORMATS`, with or without dot, for all files whatever their name.
    encoding, text_column : str, optional
        Of all files.
    stdin : str
        What standard input is called in origins.
    base : str
        The folder that relative names count from, for workers that stand elsewhere; '': the current one.
    """

    named: tuple[str, ...]
    format: str | None = None
    encoding: str | None = None
    text_column: str | None = None
    stdin: str = STDIN
    base: str = ""

    def check(self) -> None:
        """Raise InputError for a path that does not exist, an unknown format or encoding, a table without a text column, or a package that is missing."""
        reader = self.reader
        check_encoding(self.encoding)
        paths = [place(path) for path in self.named if path != STDIN]
        check_exists(paths)
        for path in paths:  # what was named by hand is checked by hand; in folders faults are quarantined
            if path.is_dir():
                continue
            suffix = suffix_and_stem(path)[0]
            if reader is None and suffix and suffix not in FORMATS:
                known = f"Known: {', '.join(FORMATS)} (and .bz2, .gz, .zst of them)"
                raise InputError(f"{path}: I do not read {suffix} files. {known}; or say what it is with --format.")
            if path.suffix.lower().lstrip(".") in PACKINGS:
                check_packing(path.suffix.lower().lstrip("."))
            if path.is_file() and (reader or FORMATS.get(suffix)) in (read_table, read_parquet):
                _check_header(self.input(str(path)), reader or FORMATS[suffix])

    @property
    def reader(self) -> Reader | None:
        """The reader of the format that the user named, if any.

        Raises
        ------
        InputError
            For a format that is not known.
        """
        if self.format is None:
            return None
        suffix = "." + self.format.lower().lstrip(".")
        if suffix not in FORMATS:
            raise InputError(f"Unknown format {self.format!r}; known: {', '.join(name[1:] for name in FORMATS)}.")
        return FORMATS[suffix]

    def input(self, name: str, on_bytes: Callable[[int], None] | None = None) -> Input:
        """Return a file, or standard input, as something to be read."""
        if name == STDIN:
            stem = "stdin" if self.stdin == STDIN else Path(self.stdin).stem
            return Input(self.stdin, stem, None, self.encoding, self.text_column)
        return Input(name, suffix_and_stem(Path(name))[1], place(name, self.base), self.encoding, self.text_column, on_bytes=on_bytes)

    def reader_of(self, name: str) -> Reader | None:
        """Return what reads a file; None where only a look into it can tell."""
        return self.reader or (FORMATS.get(suffix_and_stem(Path(name))[0]) if name != STDIN else None)

    def files(self) -> Iterator[str | Skipped]:
        """Yield the files one by one (folders walked in sorted order, hidden files left out); those in folders that are of no known format as skipped."""
        for name in self.named:
            if name == STDIN or not place(name).is_dir():
                yield name
                continue
            for file in walk(place(name)):
                known = self.reader_of(str(file))
                yield Skipped("format", self.input(str(file)).origin(), file.name) if known is None else str(file)


def open_file(given: Input, reader: Reader | None) -> Iterator[Record | Unread]:
    """Read one file, its records unread where that can wait; what goes wrong with it as a whole is one quarantined record."""
    try:
        if reader is None:  # no suffix: look at the first bytes
            first, given = given.peeked()
            reader = FORMATS[sniff(first)]
        yield from reader(given)
    except InputError as error:
        yield given.quarantined("unreadable", str(error))
    except OSError as error:
        yield unreadable(given, error)


def unreadable(given: Input, error: OSError) -> Record:
    """Return what stands for a file that cannot be read."""
    return given.quarantined("unreadable", f"{given.name} cannot be read: {error.strerror or error}.")


def _check_header(given: Input, reader: Reader) -> None:
    """Raise InputError for a table that has no text column; what cannot be opened at all is quarantined later, with the rest of the run going on."""
    try:
        if reader is read_table:
            header(given)
        else:
            open_parquet(given)
    except OSError:
        return
