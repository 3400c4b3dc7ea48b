"""Damage in zstd files is found, placed and survived, as in bz2 and gzip files."""

from __future__ import annotations

import random
import sys
import time
import tracemalloc

import pytest
import zstandard
from made_packed import records, split, write

from tagger.errors import InputError
from tagger.reading import read
from tagger.reading.streams import OPEN_LIMIT, unpack

SKIPPED = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"


def packed(data: bytes, checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


@pytest.fixture(scope="module")
def frames() -> list[bytes]:
    return [packed(records(i * 500, 500)) for i in range(10)]


def test_all_frames_are_read_and_those_to_be_skipped_are_no_damage(tmp_path, frames):
    for data in (b"".join(frames), SKIPPED.join([b"", *frames, b""]), (b"\0" * 40).join(frames)):
        cases, bad = split(write(tmp_path, "a.jsonl.zst", data))
        assert [c.id for c in cases] == [str(i) for i in range(5000)]
        assert bad == []


@pytest.mark.parametrize("at", range(5))
def test_a_damaged_byte_at_the_start_of_frame_six_costs_that_frame_only(tmp_path, frames, at):
    offset = sum(map(len, frames[:5]))
    data = bytearray(b"".join(frames))
    data[offset + at] ^= 0xFF
    cases, bad = split(write(tmp_path, "a.jsonl.zst", bytes(data)))
    assert [c.id for c in cases] == [str(i) for i in range(5000) if not 2500 <= i < 3000]
    assert [b.reason for b in bad] == ["zst-damaged"]
    assert str(offset + len(frames[5])) in bad[0].message


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_byte_anywhere_is_never_silent(tmp_path, frames, seed):
    data = bytearray(b"".join(frames))
    offset = random.Random(seed).randrange(len(frames[0]), len(data))  # noqa: S311
    data[offset] ^= 1 << seed % 8
    _, bad = split(write(tmp_path, "a.jsonl.zst", bytes(data)))
    assert {b.reason for b in bad} & {"zst-damaged", "zst-cut"}


@pytest.mark.parametrize("place", range(-4, 0))
def test_a_damaged_checksum_is_damage_and_without_one_nobody_can_tell(place):
    data = records(0, 20)
    damaged = bytearray(packed(data))
    damaged[place] ^= 1
    assert "checksum" in next(d for d in chunks(bytes(damaged)) if not isinstance(d, bytes)).message
    plain = bytes(range(256))  # does not pack, so it is kept as it is and the frame stays readable
    bare = bytearray(packed(plain, checksum=False))
    bare[place - 100] ^= 1
    (out,) = chunks(bytes(bare))
    assert out != plain and len(out) == 256, "if this fails zstd sees more than the docstring of streams says"


def chunks(data: bytes):
    import io

    return list(unpack(io.BytesIO(data), "zst"))


def test_a_cut_at_any_byte_is_told(frames):
    whole = b"".join(frames[:2])
    for end in range(len(frames[0]) + 1, len(whole), 997):
        assert [d.reason for d in chunks(whole[:end]) if not isinstance(d, bytes)][-1:] in (["zst-cut"], ["zst-damaged"])
    assert [d.reason for d in chunks(SKIPPED[:-1]) if not isinstance(d, bytes)] == ["zst-cut"]


@pytest.mark.parametrize(("tail", "faults"), [(b"\0" * 700, 0), (b"trailing text", 1), (b"\x28\xb5\x2f", 1), (b"\0\0x", 1), (SKIPPED, 0)])
def test_what_may_follow_the_last_frame(tmp_path, frames, tail, faults):
    cases, bad = split(write(tmp_path, "a.jsonl.zst", b"".join(frames[:2]) + tail))
    assert len(cases) == 1000
    assert len(bad) == faults


def test_what_is_no_zstd_file_is_said_in_a_sentence(tmp_path):
    cases, bad = split(write(tmp_path, "a.txt.zst", b"plain text"))
    assert cases == []
    assert "not a zstd file" in bad[0].message
    assert [b.reason for b in split(write(tmp_path, "b.txt.zst", b""))[1]] == ["empty"]


def rle(blocks: int) -> bytes:
    """A frame of blocks of 128 KiB that are one byte repeated: 4 bytes each."""
    block = ((131072 << 3) | 2).to_bytes(3, "little") + b"a"
    return b"\x28\xb5\x2f\xfd\x00\x88" + block * (blocks - 1) + ((131072 << 3) | 3).to_bytes(3, "little") + b"a"


def test_a_bomb_comes_out_in_bounded_pieces_and_is_one_quarantined_record(tmp_path):
    data = rle(8000)  # 32 kB, 1 GB
    tracemalloc.start()
    sizes = [len(chunk) for chunk in unpack(write(tmp_path, "b", data).open("rb"), "zst")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == 8000 * 131072
    assert max(sizes) <= OPEN_LIMIT
    assert peak < 2 * OPEN_LIMIT
    assert [b.reason for b in split(write(tmp_path, "a.txt.zst", rle(800)))[1]] == ["too-large"]
    assert [b.reason for b in split(write(tmp_path, "a.jsonl.zst", rle(800)))[1]] == ["too-large"]


def test_a_long_frame_to_be_skipped_takes_no_memory(tmp_path):
    size = 64 << 20
    path = write(tmp_path, "a.jsonl.zst", SKIPPED[:4] + size.to_bytes(4, "little") + b"x" * size + packed(records(0, 2)))
    tracemalloc.start()
    cases, bad = split(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(cases), bad) == (2, [])
    assert peak < 16 << 20


def test_a_window_that_is_too_large_is_said(tmp_path):
    options = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    machine = zstandard.ZstdCompressor(compression_params=options).compressobj()
    _, (bad,) = split(write(tmp_path, "a.jsonl.zst", machine.compress(records(0, 2)) + machine.flush()))
    assert "--long" in bad.message


def test_time_grows_with_size_only(tmp_path):
    """Many small frames, and heads that lead nowhere."""
    took = {}
    for name, unit in (("small", packed(b"x")), ("heads", b"\x28\xb5\x2f\xfd\xff")):
        for times in (2000, 8000):
            began = time.process_time()
            for _ in unpack(write(tmp_path, "a", unit * times).open("rb"), "zst"):
                pass
            took[name, times] = time.process_time() - began
        assert took[name, 8000] < 4 * 2.5 * took[name, 2000] + 0.1, took


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".wiki", ".csv", ".xml"])
def test_other_formats_may_be_packed_too(tmp_path, suffix):
    page = b"<mediawiki><page><title>T</title><ns>0</ns><id>1</id><revision><text>hello there</text></revision></page></mediawiki>"
    text = {".csv": b"id,text\n1,hello there\n", ".xml": page}.get(suffix, b"hello there")
    cases, bad = split(write(tmp_path, f"a{suffix}.zst", packed(text)))
    assert [c.text for c in cases] == ["hello there"]
    assert bad == []


def test_the_missing_package_is_told_with_the_way_out(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    named = [write(folder, f"a{suffix}.zst", packed(b'{"text": "a"}')) for suffix in (".jsonl", ".txt", ".csv")]
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError, match=r"pip install 'case-tagger\[zstd\]'"):
        read(named[0])
    assert [(r.reason, "pip install" in r.message) for r in read(folder)] == [("unreadable", True)] * 3
