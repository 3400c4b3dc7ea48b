"""Packed outputs: the plain bytes when unpacked, the same file every time, whole also where a run was stopped."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
import zstandard

from tagger.case import Case
from tagger.cli.outputs import partial_name
from tagger.errors import OutputError
from tagger.reading import read
from tagger.writing import open_sheet, open_writer
from tagger.writing.packed import format_of

UNPACK = {".gz": gzip.decompress, ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)}


def written(path: Path, decisions) -> bytes:
    writer = open_writer(path)
    for each in decisions:
        writer.write(each)
    writer.commit({})
    return path.read_bytes()


@pytest.mark.parametrize("packing", UNPACK)
@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_unpacked_it_is_the_plain_file(tmp_path, make, suffix, packing):
    decisions = [make(id=str(n), fields={"n": n}) for n in range(300)]
    plain = written(tmp_path / f"a{suffix}", decisions)
    data = written(tmp_path / f"a{suffix}{packing}", decisions)
    assert len(plain) > 300_000 if suffix == ".jsonl" else len(plain) > 100_000
    assert len(data) < len(plain) / 3
    assert UNPACK[packing](data) == plain
    assert written(tmp_path / f"other name{suffix}{packing}", decisions) == data, "neither time nor name is in it"


def test_gzip_header_has_no_time_and_no_name_and_zstd_has_a_checksum(tmp_path, decision):
    head = written(tmp_path / "a.jsonl.gz", [decision])[:10]
    assert head[3] == 0 and head[4:8] == b"\0\0\0\0"
    assert zstandard.get_frame_parameters(written(tmp_path / "a.jsonl.zst", [decision])).has_checksum


@pytest.mark.parametrize("packing", UNPACK)
def test_what_we_write_we_read(tmp_path, make, packing):
    written(tmp_path / f"a.jsonl{packing}", [make(id=str(n)) for n in range(20)])
    cases = list(read(tmp_path / f"a.jsonl{packing}"))
    assert [case.id for case in cases if isinstance(case, Case)] == [str(n) for n in range(20)]


@pytest.mark.parametrize("name", ["out.jsonl.gz", "out.jsonl.zst", "out.csv.gz", "out.csv", "a.b.jsonl.gz", "out.v2.html"])
def test_partial_names_agree_and_partial_files_are_whole_packed_files(tmp_path, decision, name):
    writer = open_writer(tmp_path / name)
    writer.write(decision)
    kept = writer.keep_partial()
    assert kept == Path(partial_name(str(tmp_path / name)))
    data = UNPACK.get(kept.suffix, bytes)(kept.read_bytes())
    assert b"Heron" in data
    assert format_of(kept) == format_of(name)


def test_partial_name_keeps_both_suffixes():
    assert partial_name("x/out.jsonl.gz") == str(Path("x/out.partial.jsonl.gz"))
    assert partial_name("out.jsonl") == "out.partial.jsonl"
    assert partial_name("my.results.csv") == "my.results.partial.csv"


def test_a_second_end_packs_nothing_twice(tmp_path, decision, monkeypatch):
    """Ctrl-C within commit, then keep_partial: the file has one end."""
    from tagger.writing import durable

    writer = open_writer(tmp_path / "out.jsonl.gz")
    writer.write(decision)
    replace = durable.os.replace

    def interrupted(*args):
        monkeypatch.setattr(durable.os, "replace", replace)
        raise KeyboardInterrupt

    monkeypatch.setattr(durable.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.commit({})
    assert gzip.decompress(writer.keep_partial().read_bytes()).count(b"\n") == 1


def test_sheet_of_a_packed_output_is_that_of_the_plain_one(decision):
    assert open_sheet("a.jsonl.zst").piece(decision) == open_sheet("a.jsonl").piece(decision)
    assert open_sheet("a.csv.gz").piece(decision) == open_sheet("a.csv").piece(decision)


def test_the_missing_package_is_told_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(OutputError, match=r"pip install 'case-tagger\[zstd\]'"):
        open_writer(tmp_path / "a.jsonl.zst")
    assert not list(tmp_path.iterdir())
