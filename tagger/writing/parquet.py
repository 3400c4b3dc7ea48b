"""Parquet: one row a case in typed columns (:mod:`tagger.writing.columns`), written row group by row group.

A row group closes after a fixed number of rows or of bytes, so that the file depends on the cases and their order alone, not on who made
the pieces, and memory does not grow with the number of cases.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tagger.case import Decision
from tagger.errors import OutputError
from tagger.writing.columns import Column, columns, row_of
from tagger.writing.durable import Part
from tagger.writing.record import as_record

if TYPE_CHECKING:
    import pyarrow

GROUP_ROWS = 1000
GROUP_BYTES = 32 << 20  # of pieces
_SURROGATE = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_VERSIONS = ("tagger", "codebook", "rules", "model")


class ParquetSheet:
    """What a decision is on its way to Parquet: its row as JSON on one line; `text` says whether the texts are kept."""

    def __init__(self, *, text: bool = True):
        self._text, self._columns = text, columns(text)

    def piece(self, decision: Decision) -> bytes:
        row = _encode(row_of(as_record(decision, text=self._text), self._columns))
        return (row if row.isascii() else _SURROGATE.sub("\ufffd", row)).encode() + b"\n"


class ParquetWriter:
    """Writes decisions as Parquet (zstd, page checksums), durably; parameters as of :class:`tagger.writing.jsonl.JsonlWriter`.

    Raises
    ------
    OutputError
        Where pyarrow is not installed, or the file cannot be made.
    """

    def __init__(self, path: str | Path, *, text: bool = True):
        try:
            import pyarrow.json
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise OutputError(f"{path}: Parquet needs pyarrow, which is not installed: pip install 'case-tagger[parquet]', or write .jsonl.gz") from None
        self._sheet, self._columns = ParquetSheet(text=text), columns(text)
        self._part = Part(path)
        self._sink = _Sink()
        self._file: Any = None  # made with the first group, whose versions stand in the schema
        self._pieces: list[bytes] = []
        self._bytes = 0

    def write(self, decision: Decision) -> None:
        self.add(self._sheet.piece(decision))

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._bytes += len(piece)
        if len(self._pieces) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._write_group()

    def commit(self, summary: dict[str, Any]) -> None:
        self._end()
        self._part.commit()

    def abort(self) -> None:
        self._pieces = []
        self._part.abort()

    def keep_partial(self) -> Path | None:
        if self._part.finished:
            return None
        self._end()
        return self._part.keep_partial()

    def _write_group(self) -> None:
        pieces, self._pieces, self._bytes = self._pieces, [], 0
        if self._file is None:
            self._open(json.loads(pieces[0]))
        self._file.write_table(table_of(b"".join(pieces), self._columns, self._file.schema), row_group_size=GROUP_ROWS)
        self._part.write_bytes(self._sink.taken())

    def _open(self, first: dict[str, Any]) -> None:
        import pyarrow.parquet

        from tagger import __version__

        versions = {name: first.get(f"{name}_version", "") for name in _VERSIONS} if first else {"tagger": __version__}
        schema = schema_of(self._columns, versions)
        self._file = pyarrow.parquet.ParquetWriter(self._sink, schema, compression="zstd", write_page_checksum=True)

    def _end(self) -> None:
        if self._pieces:
            self._write_group()
        if self._file is None:
            self._open({})
        if self._file.is_open:
            self._file.close()
            self._part.write_bytes(self._sink.taken())


class _Sink:
    """Where pyarrow writes to: bytes wait here, so that all that can fail on a disk fails in `Part`."""

    closed = False

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._before = 0

    def write(self, data: Any) -> int:
        self._waiting += data
        return len(data)

    def tell(self) -> int:
        return self._before + len(self._waiting)

    def flush(self) -> None:
        """Nothing to do: `taken` hands on what there is."""

    def close(self) -> None:
        """Nothing to do: the file is `Part`'s."""

    def taken(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        self._before += len(data)
        return data


def arrow_type(column: Column, raw: bool = False) -> pyarrow.DataType:
    """Return the Arrow type of a column; `raw` as the JSON reader can make it: without dictionaries and maps."""
    import pyarrow as pa

    if column.parts:
        struct = pa.struct([pa.field(part.name, arrow_type(part, raw), metadata=None if raw else _about(part)) for part in column.parts])
        return pa.list_(struct) if column.type.startswith("list") else struct
    pairs = pa.list_(pa.struct([("key", pa.string()), ("value", pa.float64())]))
    return {
        "string": pa.string(),
        "json": pa.string(),
        "code": pa.string() if raw else pa.dictionary(pa.int32(), pa.string()),
        "double": pa.float64(),
        "int64": pa.int64(),
        "list<string>": pa.list_(pa.string()),
        "list<list<int64>>": pa.list_(pa.list_(pa.int64())),
        "map<string, double>": pairs if raw else pa.map_(pa.string(), pa.float64()),
    }[column.type]


def schema_of(of: tuple[Column, ...], versions: dict[str, str]) -> pyarrow.Schema:
    """Return the schema with what each column means, and `versions` under "tagger.versions"."""
    import pyarrow as pa

    fields = [pa.field(column.name, arrow_type(column), metadata=_about(column)) for column in of]
    return pa.schema(fields, metadata={"tagger.versions": json.dumps(versions)})


def _about(column: Column) -> dict[str, str]:
    return {"meaning": column.meaning, **({"range": column.range} if column.range else {})}


def table_of(lines: bytes, of: tuple[Column, ...], schema: pyarrow.Schema) -> pyarrow.Table:
    """Return pieces of `ParquetSheet` as a table."""
    import pyarrow as pa
    import pyarrow.json

    raw = pa.schema([pa.field(column.name, arrow_type(column, raw=True)) for column in of])
    whole = pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1)  # a row must not cross the border of a block
    strict = pyarrow.json.ParseOptions(explicit_schema=raw, unexpected_field_behavior="error")
    table = pyarrow.json.read_json(pa.py_buffer(lines), read_options=whole, parse_options=strict)
    arrays = []
    for column, field in zip(of, schema, strict=True):
        array = table.column(column.name).combine_chunks()
        array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
        if column.type == "code":
            array = array.dictionary_encode()
        elif column.type.startswith("map"):
            array = pa.MapArray.from_arrays(array.offsets, array.values.field(0), array.values.field(1))
        arrays.append(array.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)
