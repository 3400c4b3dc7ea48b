"""Parquet in: rows as cases with their types, damage placed, memory flat, row groups as shards."""

from __future__ import annotations

import datetime
import decimal
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tagger.case import Case, Quarantined, Skipped
from tagger.errors import InputError
from tagger.reading import Source, parquet, read
from tagger.reading.inputs import Unread
from tagger.reading.shards import ShardReader, plan

ROOT = Path(__file__).parents[2]


def write(path: Path, columns: dict, **options) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


CHECKED = {"write_page_checksum": True, "use_dictionary": False}


def words(seed: int, count: int) -> str:
    rng = random.Random(seed)  # noqa: S311
    return " ".join("".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(count))


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    texts = [words(i, 60) for i in range(6000)]
    path = tmp_path_factory.mktemp("p") / "large.parquet"
    return write(path, {"id": [f"r{i}" for i in range(6000)], "text": texts}, row_group_size=700, data_page_size=1 << 15, write_batch_size=50, **CHECKED)


def test_rows_are_cases(tmp_path):
    path = write(tmp_path / "a.parquet", {"Title": ["One", None], "body": ["a shop", "a club"], "ID": [7, 8], "year": [2001, None]})
    one, two = read(path)
    assert (one.id, one.title, one.text, one.fields, str(one.origin)) == ("7", "One", "a shop", {"year": 2001}, f"{path}, row 1")
    assert (two.id, two.title, two.fields) == ("8", "8", {"Title": None, "year": None})
    assert [r.text if isinstance(r, Case) else r.reason for r in read(path, text_column="title")] == ["One", "empty"]


def test_types_are_carried_as_json_would_have_them(tmp_path):
    moment = datetime.datetime(2008, 2, 29, 12, 30, tzinfo=datetime.UTC)
    nested = pa.array([[{"a": [1, None], "d": datetime.date(2001, 1, 1)}]], pa.list_(pa.struct([("a", pa.list_(pa.int8())), ("d", pa.date32())])))
    columns = {
        "text": ["x"], "day": [datetime.date(2008, 2, 29)], "moment": [moment], "money": [decimal.Decimal("0.10")], "huge": pa.array([2**64 - 1], pa.uint64()),
        "nested": nested, "flag": [True], "none": pa.nulls(1), "inf": [float("inf")], "bytes": [b"\xff\x00"], "said": [b"text"], "half": [0.5],
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())), "coded": pa.array(["c"]).dictionary_encode(), "nul": ["a\0b"],
        "nano": pa.array([1_500_000_000_000_000_001], pa.timestamp("ns")), "far": pa.array([10**17], pa.timestamp("ms")), "took": [datetime.timedelta(days=1)],
    }  # fmt: skip
    (case,) = read(write(tmp_path / "a.parquet", columns))
    far = case.fields.pop("far")
    assert far.startswith("(left out: a timestamp[")
    assert case.fields == {
        "day": "2008-02-29", "moment": "2008-02-29T12:30:00+00:00", "money": "0.10", "huge": 2**64 - 1, "nested": [{"a": [1, None], "d": "2001-01-01"}],
        "flag": True, "none": None, "inf": "inf", "bytes": "/wA=", "said": "text", "half": 0.5, "map": [["k", 1]], "coded": "c", "nul": "a\ufffdb",
        "nano": "2017-07-14T02:40:00.000000001", "took": "1 day, 0:00:00",
    }  # fmt: skip
    json.dumps(case.fields, allow_nan=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8), large=st.booleans())
@example(texts=["\ufeffa shop", "\ufeff", None, " ", "caf\xe9"], large=False)
def test_strings_come_as_in_json_lines(tmp_path, texts, large):
    rows = tmp_path / "a.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    kind = pa.large_string() if large else pa.string()
    seen = list(read(write(tmp_path / "a.parquet", {"text": pa.array(texts, kind)}), encoding="latin-1"))
    assert told(seen) == told(read(rows))
    assert len(seen) == len(texts)
    for text, record in zip(texts, seen, strict=True):
        assert not isinstance(record, Case) or record.text == text.replace("\0", "\ufffd")


def told(records):
    return [(r.text, r.notes) if isinstance(r, Case) else (type(r), r.reason) for r in records]


def test_binary_texts_and_strings_that_are_no_utf8_are_decoded(tmp_path):
    binary = [b"caf\xe9 bar", "Zürich".encode(), None]
    for column in (pa.array(binary, pa.binary()), pa.array(binary, pa.large_binary()), pa.array(binary, pa.binary()).view(pa.string())):
        first, second, third = read(write(tmp_path / "a.parquet", {"text": column}))
        assert (first.text, first.notes) == ("café bar", ("not UTF-8: read as Windows-1252",))
        assert second.text == "Zürich" and third.reason == "empty"


def test_kinds_of_text_by_the_name_of_the_column(tmp_path):
    (case,) = read(write(tmp_path / "a.parquet", {"html": ["<p>Free <b>code</b></p>"]}))
    assert case.text.strip() == "Free code" and case.source.startswith("<p>")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": ["x"]}, "no column holds the text"),
        ({"text": [1]}, "is of type int64, which is no text"),
        ({"text": [["x"]]}, "which is no text"),
        ({"text": ["x"], "TEXT": ["y"]}, "same name"),
    ],
)
def test_a_table_without_a_text_is_told_at_once(tmp_path, columns, said):
    path = write(tmp_path / "a.parquet", columns)
    with pytest.raises(InputError, match=said):
        read(path)
    assert [r.reason for r in read(tmp_path)] == ["unreadable"], "in a folder the run goes on"


def test_what_is_no_whole_file_is_quarantined_in_a_sentence(tmp_path, large):
    data = large.read_bytes()
    huge = (parquet.FOOTER_LIMIT + 1).to_bytes(4, "little") + b"PAR1"
    cases = {
        "cut": (data[:-9], "it was cut"),
        "empty": (b"", "no Parquet file"),
        "text": (b"a shop\n" * 9, "no Parquet file"),
        "encrypted": (data[:-4] + b"PARE", "encrypted"),
        "long": (b"PAR1" + b"x" * 50 + (99).to_bytes(4, "little") + b"PAR1", "longer than the file"),
        "zeros": (b"PAR1" + bytes(50) + (50).to_bytes(4, "little") + b"PAR1", "damaged"),
        "huge": (b"PAR1" + bytes(parquet.FOOTER_LIMIT + 1) + huge, "larger row groups"),
        "packed": (b"\x1f\x8b\x08" + data, "unpack it first"),
    }
    for name, (content, said) in cases.items():
        path = tmp_path / f"{name}.parquet"
        path.write_bytes(content)
        (record,) = read(path)
        assert isinstance(record, Quarantined) and record.reason == "parquet-damaged", name
        assert said in record.message and "\n" not in record.message, (name, record.message)


@pytest.fixture(scope="module")
def damaged(large, tmp_path_factory) -> Path:
    """The third of nine row groups has a page with its middle overwritten."""
    data = bytearray(large.read_bytes())
    column = pq.ParquetFile(large).metadata.row_group(2).column(1)
    middle = column.data_page_offset + column.total_compressed_size // 2
    data[middle : middle + 64] = bytes(64)
    path = tmp_path_factory.mktemp("d") / "damaged.parquet"
    path.write_bytes(data)
    return path


def test_a_damaged_row_group_costs_its_own_rows_only(damaged, monkeypatch):
    monkeypatch.setattr(parquet, "BATCH_ROWS", 50)
    seen = list(read(damaged))
    (bad,) = [r for r in seen if isinstance(r, Quarantined)]
    assert bad.reason == "parquet-damaged" and "to 2100 (row group 3) could not be read" in bad.message
    first = int(bad.origin.record.removeprefix("row "))
    assert 1401 < first < 2100, "what stood before the damage is kept"
    assert [c.id for c in seen if isinstance(c, Case)] == [f"r{i}" for i in range(6000) if not first - 1 <= i < 2100]


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_bit_never_ends_the_run(large, tmp_path, seed):
    rng, data = random.Random(seed), bytearray(large.read_bytes())  # noqa: S311
    footer = int.from_bytes(data[-8:-4], "little") + 8
    data[rng.randrange(len(data) - footer, len(data)) if seed % 2 else rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    try:
        for record in read(path, limit=800):
            assert isinstance(record, Case | Skipped | Quarantined)
    except InputError as error:
        assert "column" in str(error), "a name in the schema was hit"


def test_pages_with_checksums_tell_every_flipped_bit(tmp_path):
    path = write(tmp_path / "a.parquet", {"text": [words(i, 60) for i in range(500)]}, compression="none", **CHECKED)
    data = bytearray(path.read_bytes())
    data[data.index(words(250, 60).encode()) + 5] ^= 1
    path.write_bytes(data)
    assert "CRC" in next(r for r in read(path) if isinstance(r, Quarantined)).message


def opened(record):
    return record.read() if isinstance(record, Unread) else record


def key(records):
    return [(type(r).__name__, r.text if isinstance(r, Case) else r.reason, str(r.origin)) for r in records]


@pytest.mark.parametrize("name", ["large", "damaged", "one group"])
def test_shards_give_what_the_whole_gives(large, damaged, tmp_path, name):
    path = {"large": large, "damaged": damaged}.get(name) or write(tmp_path / "one.parquet", pq.read_table(large).to_pydict())
    source = Source((str(path),))
    shards = plan(source, scale=0.25)
    assert len(shards) > 3, "or this tests nothing"
    by_shard = [key(opened(r) for r in ShardReader(source).records(shard)) for shard in shards]
    assert [row for part in by_shard for row in part] == key(read(path))
    assert all(by_shard) or name == "damaged", "rows are spread evenly, also within a row group"
    one, others = ShardReader(source), ShardReader(source)
    assert [key(opened(r) for r in one.records(shard)) for shard in shards] == by_shard
    assert [key(opened(r) for r in others.records(shard)) for shard in shards[1::2]] == by_shard[1::2]


def test_row_groups_before_a_shard_are_not_opened(large, monkeypatch):
    source, groups = Source((str(large),)), []
    shards = plan(source, scale=0.25)
    make = parquet._group
    monkeypatch.setattr(parquet, "_group", lambda given, file, number, *rest: groups.append(number) or make(given, file, number, *rest))
    assert list(ShardReader(source).records(shards[-1]))
    assert 0 < len(groups) <= 9 / len(shards) + 2 and groups[-1] == 8
    groups.clear()
    reader = ShardReader(source)
    for shard in (shards[0], shards[-1]):
        list(reader.records(shard))
    assert len(groups) <= 2 * (9 / len(shards) + 2) < 9, "nor those between two shards of one reader"


def test_progress_adds_up_to_the_file(large):
    read_bytes: list[int] = []
    assert sum(1 for _ in read(large, on_bytes=read_bytes.append)) == 6000
    assert sum(read_bytes) == large.stat().st_size


MEMORY = """
import re, sys
from pathlib import Path
from tagger.reading import read
seen = sum(len(case.text) for case in read(sys.argv[1]))
print(seen, int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's own memory is told by /proc alone")


def peak(path: Path) -> tuple[int, int]:
    command = [sys.executable, "-c", MEMORY, str(path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)  # noqa: S603
    return tuple(map(int, done.stdout.split()))


@linux
def test_memory_does_not_grow_with_the_file(tmp_path):
    texts = [words(i, 500) for i in range(2000)]
    few = peak(write(tmp_path / "few.parquet", {"text": texts}))
    many = peak(write(tmp_path / "many.parquet", {"text": [f"{n} {text}" for n in range(10) for text in texts]}))  # all in one row group
    assert many[0] > 9 * few[0] and many[1] < few[1] + 60, (few, many)


@linux
def test_a_text_that_comes_a_thousand_times_is_held_once(tmp_path):
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 600, pa.int32()), ["a" * (1 << 20)])
    path = write(tmp_path / "bomb.parquet", {"text": texts}, dictionary_pagesize_limit=4 << 20, store_schema=False)
    assert path.stat().st_size < 200_000 and pq.read_schema(path).field("text").type == pa.string()
    seen, megabytes = peak(path)
    assert seen == 600 << 20
    assert megabytes < 300


def test_a_text_that_is_too_large_and_lists_without_end(tmp_path):
    (record,) = read(write(tmp_path / "a.parquet", {"text": ["a" * ((16 << 20) + 1)]}))
    assert record.reason == "too-large"
    endless = pa.ListArray.from_arrays([0, parquet.VALUES_LIMIT + 1], pa.nulls(parquet.VALUES_LIMIT + 1, pa.int8()))
    (record,) = read(write(tmp_path / "b.parquet", {"text": ["a"], "list": endless}))
    assert record.reason == "parquet-damaged" and "values in 1 rows" in record.message


def test_ways_in_by_name_by_format_and_by_first_bytes_but_not_by_standard_input(tmp_path, monkeypatch):
    path = write(tmp_path / "a.parquet", {"text": ["a shop"]})
    (tmp_path / "bare").write_bytes(path.read_bytes())
    (tmp_path / "a.bin").write_bytes(path.read_bytes())
    for name, format in (("bare", None), ("a.bin", "parquet"), ("a.parquet", None)):
        assert [r.text for r in read(tmp_path / name, format=format)] == ["a shop"]
    with path.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        (record,) = read("-")
    assert "standard input" in record.message


def test_no_rows_are_told(tmp_path):
    assert [r.reason for r in read(write(tmp_path / "a.parquet", {"text": pa.array([], pa.string())}))] == ["empty"]


@pytest.mark.parametrize("missing", [("pyarrow.parquet",), ("pyarrow", "pyarrow.parquet")])
def test_the_missing_package_is_told_with_the_way_out(tmp_path, monkeypatch, missing):
    path = write(tmp_path / "a.parquet", {"text": ["a shop"]})
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"pip install 'case-tagger\[parquet\]'"):
        read(path)
    assert ["pip install" in r.message for r in read(tmp_path)] == [True]
