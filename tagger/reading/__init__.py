"""Formats in: paths to a stream of cases, where each record seen is exactly one item.

`read` yields a `Case` for each text, `Skipped` for what is left out by rule (redirects, other
namespaces, empty texts, files of no known format) and `Quarantined` for what could not be
read; so that records seen = cases + skipped + quarantined.  `plan` cuts the same records into
shards that can be read apart from each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tagger.case import Case, Quarantined, Record, Skipped
from tagger.errors import InputError
from tagger.reading.inputs import Input, Unread
from tagger.reading.paths import STDIN
from tagger.reading.sources import FORMATS, Reader, Source, open_file, unreadable


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
    source = Source(tuple(map(str, named)), format, encoding, text_column, name_of_stdin)
    if limit is not None and limit < 0:
        raise InputError(f"limit is {limit}; it counts cases, so 0 or more.")
    source.check()
    return _limited(_records(source, on_bytes), limit)


def _records(source: Source, on_bytes: Callable[[int], None] | None) -> Iterator[Record]:
    for file in source.files():
        if isinstance(file, Skipped):
            yield file
            continue
        given = source.input(file, on_bytes)
        for record in open_file(given, source.reader_of(file)):
            try:
                yield record.read() if isinstance(record, Unread) else record
            except OSError as error:
                yield unreadable(given, error)


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


__all__ = ["FORMATS", "Input", "Reader", "Source", "read"]
