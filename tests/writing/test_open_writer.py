"""The suffix chooses the format; all formats begin and end alike."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path

import pyarrow.parquet
import pytest
import zstandard

from tagger.errors import OutputError
from tagger.writing import SUFFIXES, durable, open_writer


@pytest.mark.parametrize("name", ["out", "out.xlsx", "out.json", "out.jsonl.bz2", "out.html.gz", "out.gz", ".csv", ".csv.gz"])
def test_unknown_suffix_names_the_allowed_ones(tmp_path, name):
    with pytest.raises(OutputError) as caught:
        open_writer(tmp_path / name)
    assert name in str(caught.value)
    assert all(suffix in str(caught.value) for suffix in SUFFIXES)
    assert not list(tmp_path.iterdir())


def content(path: Path) -> str:
    """Return a whole output as text, unpacked by other means than ours."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes()).decode("utf-8")
    if path.suffix == ".parquet":
        return str(pyarrow.parquet.read_table(path).to_pylist())
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".HTML"])
class TestEvery:
    def test_nothing_under_the_name_until_commit(self, tmp_path, suffix, make):
        path = tmp_path / f"out{suffix}"
        writer = open_writer(path)
        for n in range(50):
            writer.write(make(id=str(n)))
        assert not path.exists()
        writer.commit({"written": 50})
        assert [p.name for p in tmp_path.iterdir()] == [path.name]

    def test_no_cases_at_all_is_a_file_too(self, tmp_path, suffix):
        open_writer(tmp_path / f"out{suffix}").commit({})
        assert (tmp_path / f"out{suffix}").exists()

    def test_abort_leaves_nothing(self, tmp_path, suffix, decision):
        writer = open_writer(tmp_path / f"out{suffix}")
        writer.write(decision)
        writer.abort()
        assert not list(tmp_path.iterdir())

    def test_partial_is_named_so(self, tmp_path, suffix, decision):
        writer = open_writer(tmp_path / f"out{suffix}")
        writer.write(decision)
        kept = writer.keep_partial()
        assert kept == tmp_path / f"out.partial{suffix}"
        assert "Heron" in content(kept)
        assert writer.keep_partial() is None
        assert [p.name for p in tmp_path.iterdir()] == [kept.name]

    def test_same_input_same_bytes(self, tmp_path, suffix, make):
        for name in ("a", "b"):
            writer = open_writer(tmp_path / f"{name}{suffix}")
            writer.write(make())
            writer.commit({"written": 1})
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()

    def test_missing_folder_is_said_before_any_work(self, tmp_path, suffix):
        with pytest.raises(OutputError, match="there is no folder"):
            open_writer(tmp_path / "no" / f"out{suffix}")

    def test_full_disk(self, tmp_path, suffix, make, monkeypatch):
        writer = open_writer(tmp_path / f"out{suffix}")

        def full(*args):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(durable.os, "write", full)
        with pytest.raises(OutputError, match="full"):
            for _ in range(200):
                writer.write(make())
            writer.commit({})
        writer.abort()
        assert writer.keep_partial() is None
        assert not list(tmp_path.iterdir())
