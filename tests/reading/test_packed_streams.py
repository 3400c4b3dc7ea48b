"""Damage in bz2 and gzip files is found, placed and survived (RELIABILITY B1 to B6)."""

import bz2
import gzip
import json
import random

import pytest
from made_packed import records, split, write


@pytest.fixture(scope="module")
def streams() -> list[bytes]:
    return [bz2.compress(records(i * 500, 500)) for i in range(10)]


def test_all_streams_of_a_multistream_file_are_read(tmp_path, streams):
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", b"".join(streams)))
    assert [c.id for c in cases] == [str(i) for i in range(5000)]
    assert bad == []


@pytest.mark.parametrize("at", range(10))
def test_a_damaged_byte_at_the_start_of_stream_six_costs_that_stream_only(tmp_path, streams, at):
    offset = sum(map(len, streams[:5]))
    data = bytearray(b"".join(streams))
    data[offset + at] ^= 0xFF
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", bytes(data)))
    assert [c.id for c in cases] == [str(i) for i in range(5000) if not 2500 <= i < 3000]
    assert [b.reason for b in bad] == ["bz2-damaged"]
    assert bad[0].origin.record == f"byte {offset}"
    assert str(offset + len(streams[5])) in bad[0].message


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_byte_anywhere_is_never_silent(tmp_path, streams, seed):
    data = bytearray(b"".join(streams))
    offset = random.Random(seed).randrange(len(streams[0]), len(data))  # noqa: S311
    data[offset] ^= 1 << seed % 8
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", bytes(data)))
    assert len(bad) >= 1
    assert 4000 <= len(cases) <= 4500
    undamaged = {json.loads(line)["text"] for stream in streams for line in bz2.decompress(stream).splitlines()}
    assert all(c.text in undamaged for c in cases)


def test_a_cut_stream_keeps_what_stood_before_and_says_so(tmp_path, streams):
    data = b"".join(streams)[: -len(streams[-1]) // 2]
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", data))
    assert len(cases) == 4500
    assert [b.reason for b in bad] == ["bz2-cut"]


@pytest.mark.parametrize(("tail", "faults"), [(b"\0" * 700, 0), (b"\0" * 70_000, 0), (b"trailing text", 1), (b"BZh", 1), (b"\0\0x", 1)])
def test_what_may_follow_the_last_stream(tmp_path, streams, tail, faults):
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", b"".join(streams[:2]) + tail))
    assert len(cases) == 1000
    assert len(bad) == faults


def test_garbage_between_streams_is_skipped_with_its_place(tmp_path, streams):
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", streams[0] + b"garbage" * 9 + streams[1]))
    assert len(cases) == 1000
    assert bad[0].origin.record == f"byte {len(streams[0])}"


def test_zeros_between_streams_are_padding(tmp_path, streams):
    cases, bad = split(write(tmp_path, "a.jsonl.bz2", streams[0] + b"\0" * 40 + streams[1]))
    assert (len(cases), bad) == (1000, [])


def test_gzip_members_cut_and_garbage(tmp_path):
    parts = [gzip.compress(records(i * 100, 100)) for i in range(3)]
    assert len(split(write(tmp_path, "a.jsonl.gz", b"".join(parts)))[0]) == 300
    cases, bad = split(write(tmp_path, "b.jsonl.gz", b"".join(parts)[:-20]))
    assert [b.reason for b in bad] == ["gz-cut"]
    assert len(cases) >= 200
    cases, bad = split(write(tmp_path, "c.jsonl.gz", parts[0] + b"garbage" + parts[1]))
    assert len(cases) == 200
    assert [b.reason for b in bad] == ["gz-damaged"]


def test_what_is_no_bz2_file_is_said_in_a_sentence(tmp_path):
    cases, bad = split(write(tmp_path, "a.txt.bz2", b"plain text"))
    assert cases == []
    assert "not a bz2 file" in bad[0].message
    assert [b.reason for b in split(write(tmp_path, "b.txt.bz2", b""))[1]] == ["empty"]


def test_a_bomb_is_quarantined_by_the_size_of_its_record(tmp_path):
    packer = bz2.BZ2Compressor()
    data = b"".join(packer.compress(b"\0" * 2**20) for _ in range(100)) + packer.flush()
    assert len(data) < 2000
    assert [b.reason for b in split(write(tmp_path, "a.txt.bz2", data))[1]] == ["too-large"]
    assert [b.reason for b in split(write(tmp_path, "a.jsonl.bz2", data))[1]] == ["too-large"]
    assert [b.reason for b in split(write(tmp_path, "a.xml.bz2", data))[1]] == ["not-a-dump"]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".wiki", ".csv"])
def test_other_formats_may_be_packed_too(tmp_path, suffix):
    text = b"id,text\n1,hello there\n" if suffix == ".csv" else b"hello there"
    for pack, name in ((bz2.compress, ".bz2"), (gzip.compress, ".gz")):
        cases, bad = split(write(tmp_path, f"a{suffix}{name}", pack(text)))
        assert [c.text for c in cases] == ["hello there"]
        assert bad == []
        assert cases[0].id == ("1" if suffix == ".csv" else "a")
