"""Result files are read packed as they are read plain, with the same line numbers, and damage is told."""

from __future__ import annotations

import bz2
import gzip
import json

import pytest
import zstandard

from tagger.codings.rows import json_rows
from tagger.errors import InputError

PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstandard.ZstdCompressor(write_checksum=True).compress}
PLAIN = b'{"id": "1"}\n\n' + b"".join(json.dumps({"id": str(n), "text": "x" * 3000}).encode() + b"\n" for n in range(900)) + b'{"id": "last \xe2\x80\xa8"}'


@pytest.mark.parametrize("suffix", PACK)
def test_packed_rows_are_the_plain_ones(tmp_path, suffix):
    (tmp_path / "r.jsonl").write_bytes(PLAIN)
    (tmp_path / f"r.jsonl{suffix}").write_bytes(PACK[suffix](PLAIN))
    plain = list(json_rows(tmp_path / "r.jsonl"))
    assert [line for line, _ in plain] == [1, *range(3, 904)]
    assert plain[-1][1] == {"id": "last \u2028"}
    assert list(json_rows(tmp_path / f"r.jsonl{suffix}")) == plain


@pytest.mark.parametrize("suffix", PACK)
def test_damage_is_raised_or_noted(tmp_path, suffix):
    path = tmp_path / f"r.jsonl{suffix}"
    path.write_bytes(PACK[suffix](PLAIN) + b"junk" + PACK[suffix](b'{"id": "after"}\n'))
    with pytest.raises(InputError, match="left out"):
        list(json_rows(path))
    faults: list[str] = []
    rows = [row for _, row in json_rows(path, faults)]
    assert len(faults) == 1 and "left out" in faults[0]
    assert rows[-2:] == [{"id": "last \u2028"}, {"id": "after"}]


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(json_rows(tmp_path / "none.jsonl"))
    with pytest.raises(InputError, match="cannot be read"):
        list(json_rows(tmp_path))
    (tmp_path / "r.parquet").write_bytes(b"PAR1\x00\xff")
    with pytest.raises(InputError, match=r"give the \.jsonl"):
        list(json_rows(tmp_path / "r.parquet"))
