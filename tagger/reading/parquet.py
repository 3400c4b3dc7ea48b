"""Parquet: one record a row, read row group by row group, a few rows at a time.

A Parquet file is not read from its beginning: where a reader is told that earlier records are not wanted (`Input.wanted_from`), it passes over
whole row groups without reading them.  For that, and for progress, all rows are taken to be of one length: row i of n ends at byte ``size * i / n``.
Pages may have checksums, which are held to; damage to a page without one is only seen where the page cannot be read any more.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tagger.case import Record
from tagger.errors import InputError
from tagger.places import is_url
from tagger.reading.cases import make_case
from tagger.reading.columns import Columns, can_name, find_columns
from tagger.reading.decode import decode, mend
from tagger.reading.inputs import Input, Unread
from tagger.reading.streams import RECORD_LIMIT, packing_of

if TYPE_CHECKING:
    import pyarrow
    import pyarrow.parquet

MAGIC = b"PAR1"
FOOTER_LIMIT = 16 << 20  # bytes: some 2,000 row groups of 50 columns; what it unpacks to is many times as large
VALUES_LIMIT = 1 << 24  # values of one column in one row group: lists may hold many in few bytes
SMALL = 8 << 20  # bytes of a column in a row group, up to which it is held as the values that differ: a long one may come a million times
BATCH_BYTES, BATCH_ROWS = 4 << 20, 1024  # of rows read at a time, by what the file says of their length
DEPTH = 64


class Damaged(OSError):
    """A file that is no whole Parquet file, or of a kind that is not read; the message is a sentence."""


def open_parquet(given: Input) -> tuple[pyarrow.parquet.FileMetaData, Columns]:
    """Read a Parquet file's footer and find the columns with a meaning.

    Raises
    ------
    Damaged
        If it cannot be read.
    InputError
        If pyarrow is missing, the file comes from standard input, or no column can be taken for the text.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise InputError(f"{given.name}: Parquet needs pyarrow, which is not installed: pip install 'case-tagger[parquet]'") from None
    if given.path is None:
        raise InputError("Parquet is not read from standard input, since its end is read first: save it as a file and name that.")
    _check_ends(given)
    try:
        with pq.ParquetFile(_file(given), thrift_string_size_limit=FOOTER_LIMIT) as file:
            schema, metadata = file.schema_arrow, file.metadata
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise Damaged(f"{given.name} is a damaged Parquet file, or of a kind that is not read: {_sentence(error)}.") from None
    columns = find_columns(schema.names, given.text_column)
    if isinstance(columns, str):
        raise InputError(f"{given.name}: {columns}.")
    kind = schema.field(columns.text).type
    if not _is_text(kind):
        raise InputError(f"{given.name}: the column {columns.text!r} is of type {kind}, which is no text; name another with --text-column.")
    return metadata, columns


def _file(given: Input) -> Any:
    """Return what pyarrow opens: a path of this machine, or an open file."""
    return given.open() if is_url(given.path) else given.path


def _check_ends(given: Input) -> None:
    """Raise Damaged for what is no whole Parquet file, or has a footer that no honest file has."""
    with given.open() as file:
        head = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        tail = file.read(8)
    footer, end = int.from_bytes(tail[:4], "little"), tail[4:]
    if packing_of(head):
        raise Damaged(f"{given.name} is a packed file: unpack it first. Parquet is packed within.")
    if b"PARE" in (head, end):
        raise Damaged(f"{given.name} is encrypted, which is not read.")
    if head != MAGIC:
        raise Damaged(f"{given.name} is no Parquet file.")
    if size < 12 or end != MAGIC:
        raise Damaged(f"{given.name} has no footer, without which Parquet cannot be read: it was cut. Fetch it again.")
    if footer > size - 12:
        raise Damaged(f"{given.name} is damaged: its footer would be longer than the file. Fetch it again.")
    if footer > FOOTER_LIMIT:
        limit = f"over {FOOTER_LIMIT >> 20} MiB it is not read"
        raise Damaged(f"{given.name} has a footer of {footer >> 20} MiB; {limit}. Write it again with larger row groups.")


def read_parquet(given: Input) -> Iterator[Record | Unread]:
    """Yield one record for each row; a damaged row group costs its rows from the damage on, and is one quarantined record."""
    try:
        metadata, columns = open_parquet(given)
    except Damaged as error:
        yield given.quarantined("parquet-damaged", str(error))
        return
    import pyarrow as pa

    place = _Place(given, metadata.num_rows)
    if not metadata.num_rows:
        yield given.quarantined("empty", f"{given.name} is empty: it has no rows.")
    for number in range(metadata.num_row_groups):
        last = place.row + metadata.row_group(number).num_rows
        if place.of(last) <= given.wanted_from():
            place.move_to(last)
            continue
        try:
            yield from _group(given, metadata, number, columns, place)
            if place.row != last:
                raise ValueError(f"it ends after row {place.row}, and was to end after row {last}")
        except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
            first = place.row + 1
            place.move_to(first)
            message = f"Rows {first} to {last} (row group {number + 1}) could not be read: {_sentence(error)}. Fetch the file again."
            yield given.quarantined("parquet-damaged", message, f"row {first}")
            place.move_to(last)


class _Place:
    """How many rows have been passed, and how many bytes that stands for."""

    def __init__(self, given: Input, rows: int):
        self._given, self._rows, self._bytes = given, rows, 0
        self._size = given.path.stat().st_size if given.path is not None else 0
        self.row = 0

    def of(self, row: int) -> int:
        """Return the byte at which the first `row` rows end."""
        return -(-self._size * row // self._rows) if self._rows else self._size

    def move_to(self, row: int) -> None:
        now, self.row = self.of(row), row
        if self._given.on_bytes is not None:
            self._given.on_bytes(now - self._bytes)
        self._bytes = now


def _group(given: Input, metadata: pyarrow.parquet.FileMetaData, number: int, columns: Columns, place: _Place) -> Iterator[Unread]:
    import pyarrow.parquet as pq

    group = metadata.row_group(number)
    chunks = [group.column(i) for i in range(group.num_columns)]
    largest = max((chunk.num_values for chunk in chunks), default=0)
    if largest > max(VALUES_LIMIT, group.num_rows):
        raise ValueError(f"a column holds {largest} values in {group.num_rows} rows")
    small = [c.path_in_schema for c in chunks if c.physical_type == "BYTE_ARRAY" and c.total_uncompressed_size <= SMALL]
    rows = max(1, min(BATCH_ROWS, BATCH_BYTES * group.num_rows // max(1, group.total_byte_size)))
    flat = {"pre_buffer": False, "buffer_size": 1 << 20}  # otherwise whole columns are read at once
    with pq.ParquetFile(_file(given), metadata=metadata, read_dictionary=small, page_checksum_verification=True, **flat) as file:
        for batch in file.iter_batches(rows, row_groups=[number], use_threads=False):
            if place.of(place.row + batch.num_rows) <= given.wanted_from():
                place.move_to(place.row + batch.num_rows)
                continue
            for i in range(batch.num_rows):
                place.move_to(place.row + 1)
                where = f"row {place.row}"
                yield Unread(given.origin(where), partial(_record, given, batch, i, columns, where))


def _record(given: Input, batch: pyarrow.RecordBatch, i: int, columns: Columns, place: str) -> Record:
    values = {name: _value(column[i]) for name, column in zip(batch.schema.names, batch.columns, strict=True) if name != columns.text}
    data = _bytes(batch.column(columns.text)[i])
    if data is not None and data.size > RECORD_LIMIT:
        return given.quarantined("too-large", f"The text of {place} is over {RECORD_LIMIT >> 20} MiB.", place)
    text, notes = _decoded(data.to_pybytes(), batch.schema.field(columns.text).type, given.encoding) if data is not None else ("", ())
    id, title = (str(values.pop(name)) if name and can_name(values[name]) else "" for name in (columns.id, columns.title))
    fields = {mend(name)[0]: value for name, value in values.items()}
    return make_case(columns.kind, id or f"{given.stem}:{place.removeprefix('row ')}", title, text, given.origin(place), fields, notes)


def _decoded(data: bytes, type: pyarrow.DataType, encoding: str | None) -> tuple[str, tuple[str, ...]]:
    """Return a text and its notes: a string is UTF-8 whatever encoding was named and keeps all its characters, U+FEFF too, as in JSON Lines."""
    if "string" in str(type):  # of any width, in a dictionary or not
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8"), ()
    return decode(data, encoding)


def _is_text(type: pyarrow.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(type):
        type = type.value_type
    kinds = ("is_string", "is_large_string", "is_string_view", "is_binary", "is_large_binary", "is_binary_view", "is_null")
    return any(getattr(pa.types, kind)(type) for kind in kinds if hasattr(pa.types, kind))  # views came with pyarrow 16


def _bytes(scalar: pyarrow.Scalar) -> pyarrow.Buffer | None:
    """Return the bytes of a text, whether its column is of strings (which need not hold UTF-8) or binary; None for null."""
    scalar = scalar.value if hasattr(scalar, "dictionary") and scalar.is_valid else scalar
    return scalar.as_buffer() if scalar.is_valid else None


def _value(scalar: pyarrow.Scalar) -> Any:
    """Return a value as JSON would have it: dates and times in ISO 8601, decimals with all their digits as text, bytes as text or Base64."""
    try:
        return _plain(scalar.as_py())
    except Exception as error:  # pyarrow raises what it likes on strings that are no UTF-8, dates beyond the year 9999, structs with a name twice ...
        return f"(left out: a {scalar.type} that Python cannot hold: {_sentence(error)})"


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > DEPTH:
        return f"(left out: nested more than {DEPTH} deep)"
    if isinstance(value, str):
        return mend(value)[0]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {mend(str(name))[0]: _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | datetime.timedelta):
        return str(value)
    if isinstance(value, bytes):
        try:
            return mend(value.decode("utf-8"))[0]
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    return str(value)


def _sentence(error: BaseException) -> str:
    """Return the first line of what pyarrow says, without its full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
