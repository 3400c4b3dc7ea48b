"""Formats in: paths to a stream of cases, where each record seen is exactly one item.

`read` yields a `Case` for each text, `Skipped` for what is left out by rule (redirects, other
namespaces, empty texts, files of no known format) and `Quarantined` for what could not be
read; so that records seen = cases + skipped + quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tagger.case import Case, Quarantined, Record, Skipped
from tagger.errors import InputError
from tagger.reading.cases import make_case
from tagger.reading.decode import decode
from tagger.reading.dump import read_dump
from tagger.reading.inputs import Input
from tagger.reading.jsonlines import read_jsonl
from tagger.reading.paths import STDIN, check_encoding, check_exists, sniff, suffix_and_stem, walk
from tagger.reading.tables import header, read_table

Reader = Callable[[Input], Iterator[Record]]


def _one_text(kind: str) -> Reader:
    """Return a reader of files that hold one text each."""

    def read_text(given: Input) -> Iterator[Record]:
        data = given.whole()
        if isinstance(data, Quarantined):
            yield data
            return
        text, notes = decode(data, given.encoding)
        title = given.stem if kind in ("text", "wikitext") else ""
        yield make_case(kind, given.stem, title, text, given.origin(), notes=notes)

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
}  # each also packed: .bz2, .gz


def read(
    paths: str | Path | Iterable[str | Path],
    *,
    format: str | None = None,
    encoding: str | None = None,
    text_column: str | None = None,
    limit: int | None = None,
    name_of_stdin: str = STDIN,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Case | Skipped | Quarantined]:
    """Read texts of any known format, lazily.

    Parameters
    ----------
    paths : list of str or Path
        Files and folders (walked in sorted order; hidden files left out; files of unknown suffix are skipped as "format"); ``-`` is standard input.
    format : str, optional
        A suffix of `FORMATS`, with or without dot, for all files whatever their name.
    encoding : str, optional
        Of all files; without it the byte-order mark, UTF-8 or Windows-1252.
    text_column : str, optional
        Column (CSV) or key (JSON Lines) of the text.
    limit : int, optional
        Stop after that many cases (0 or more).
    name_of_stdin : str
        What standard input is called in origins.
    on_bytes : callable, optional
        Is told, again and again, how many more bytes of the files (as they lie on disk, packed or not) have been read: for progress.

    Returns
    -------
    iterator of Case, Skipped or Quarantined
        One item for each record seen.

    Raises
    ------
    InputError
        At once, before anything is read: a path that does not exist, an unknown format or encoding, a table without a text column.
    """
    named = [paths] if isinstance(paths, str | Path) else list(paths)
    reader = _reader_of(format)
    check_encoding(encoding)
    if limit is not None and limit < 0:
        raise InputError(f"limit is {limit}; it counts cases, so 0 or more.")
    check_exists(Path(path) for path in named if str(path) != STDIN)

    def given(path: Path) -> Input:
        return Input(str(path), suffix_and_stem(path)[1], path, encoding, text_column)

    for path in (Path(p) for p in named if str(p) != STDIN):  # what was named by hand is checked by hand; in folders faults are quarantined
        if path.is_dir():
            continue
        suffix = suffix_and_stem(path)[0]
        if reader is None and suffix and suffix not in FORMATS:
            raise InputError(f"{path}: I do not read {suffix} files. Known: {', '.join(FORMATS)} (and .bz2, .gz of them); or say what it is with --format.")
        if path.is_file() and (reader or FORMATS.get(suffix)) is read_table:
            _check_header(given(path))

    def watched(path: Path) -> Input:
        return replace(given(path), on_bytes=on_bytes)

    def stream() -> Iterator[Record]:
        for path in named:
            if str(path) == STDIN:
                stem = "stdin" if name_of_stdin == STDIN else Path(name_of_stdin).stem
                yield from _read_one(Input(name_of_stdin, stem, None, encoding, text_column), reader)
            elif Path(path).is_dir():
                for file in walk(Path(path)):
                    known = reader or FORMATS.get(suffix_and_stem(file)[0])
                    if known is None:
                        yield Skipped("format", given(file).origin(), file.name)
                    else:
                        yield from _read_one(watched(file), known)
            else:
                yield from _read_one(watched(Path(path)), reader or FORMATS.get(suffix_and_stem(Path(path))[0]))

    return _limited(stream(), limit)


def _reader_of(format: str | None) -> Reader | None:
    """Return the reader of a format named by the user."""
    if format is None:
        return None
    suffix = "." + format.lower().lstrip(".")
    if suffix not in FORMATS:
        raise InputError(f"Unknown format {format!r}; known: {', '.join(name[1:] for name in FORMATS)}.")
    return FORMATS[suffix]


def _check_header(given: Input) -> None:
    """Raise InputError for a table that has no text column; what cannot be opened at all is quarantined later, with the rest of the run going on."""
    try:
        header(given)
    except OSError:
        return


def _read_one(given: Input, reader: Reader | None) -> Iterator[Record]:
    """Read one file; what goes wrong with it as a whole is one quarantined record."""
    try:
        if reader is None:  # no suffix: look at the first bytes
            first, given = given.peeked()
            reader = FORMATS[sniff(first)]
        yield from reader(given)
    except InputError as error:
        yield given.quarantined("unreadable", str(error))
    except OSError as error:
        yield given.quarantined("unreadable", f"{given.name} cannot be read: {error.strerror or error}.")


def _limited(records: Iterator[Record], limit: int | None) -> Iterator[Record]:
    """Pass records on until `limit` cases have passed."""
    left = limit
    if left == 0:
        return
    for record in records:
        yield record
        if left is not None and isinstance(record, Case):
            left -= 1
            if left == 0:
                return


__all__ = ["FORMATS", "Input", "Reader", "read"]
