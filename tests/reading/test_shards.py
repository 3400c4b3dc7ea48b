"""Shards: read apart from each other they give what the whole gives, each record once and in order."""

from __future__ import annotations

import bz2
import gzip
import json
import random

import pytest

from tagger.case import Case, Quarantined, Skipped
from tagger.reading import Source, read
from tagger.reading.inputs import Unread
from tagger.reading.shards import ShardReader, plan

PAGE = "<page><title>P{0}</title><ns>0</ns><id>{0}</id><revision><text>{1}</text></revision></page>\n"


def words(seed: int, count: int) -> str:
    rng = random.Random(seed)  # noqa: S311
    return " ".join("".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(count))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Every kind of input, each of it in several shards of `SCALE`, with faults in it."""
    folder = tmp_path_factory.mktemp("shards")
    rows = [json.dumps({"id": f"r{i}", "text": words(i, 60)}) for i in range(6000)]
    rows[2500] = "{broken"
    plain = ("\n".join(rows) + "\n").encode()
    (folder / "rows.jsonl").write_bytes(plain)
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress(plain, mtime=0))
    dump = ("<mediawiki>" + "".join(PAGE.format(i, words(i, 60)) for i in range(5000)) + "</mediawiki>").encode()
    (folder / "one.xml.bz2").write_bytes(bz2.compress(dump))
    many = [bz2.compress(dump[i : i + 300_000]) for i in range(0, len(dump), 300_000)]
    (folder / "many.xml.bz2").write_bytes(b"".join(many))
    many[3] = many[3][:5000] + b"XX" + many[3][5002:]
    (folder / "damaged.xml.bz2").write_bytes(b"".join(many))
    table = "id,text\n" + "".join(f'{i},"{words(i, 30)}\n{words(i + 1, 30)}"\n' for i in range(6000))
    (folder / "table.csv").write_text(table)
    small = folder / "small"
    small.mkdir()
    for i in range(600):
        (small / f"{i:03}.txt").write_text(words(i, 5))
    (small / "none.png").write_bytes(b"\x89PNG")
    return folder


NAMES = ["rows.jsonl", "rows.jsonl.gz", "one.xml.bz2", "many.xml.bz2", "damaged.xml.bz2", "table.csv", "small"]
SCALE = 0.25


def opened(record):
    return record.read() if isinstance(record, Unread) else record


@pytest.mark.parametrize("name", NAMES)
def test_shards_give_what_the_whole_gives(inputs, name):
    source = Source((str(inputs / name),))
    shards = plan(source, scale=SCALE)
    assert len(shards) > 2, "or this tests nothing"
    whole = list(read([inputs / name]))
    by_shard = [[opened(r) for r in ShardReader(source).records(shard)] for shard in shards]
    assert key([r for part in by_shard for r in part]) == key(whole)
    assert sum(bool(part) for part in by_shard) > 1
    one = ShardReader(source)  # in order, by one reader that goes on where it stands
    assert [key(opened(r) for r in one.records(shard)) for shard in shards] == [key(part) for part in by_shard]
    every_other = ShardReader(source)
    assert [key(opened(r) for r in every_other.records(shard)) for shard in shards[1::2]] == [key(part) for part in by_shard[1::2]]
    backwards = ShardReader(source)
    assert [key(opened(r) for r in backwards.records(shard)) for shard in shards[::-1]] == [key(part) for part in by_shard[::-1]]


def key(records):
    return sorted_as_given([(type(r).__name__, *((r.id, r.text) if isinstance(r, Case) else (r.reason,)), str(r.origin)) for r in records])


def sorted_as_given(rows):
    """Files of no known format are known before the others are read, so they come first in their shard; all else keeps its order."""
    return [r for r in rows if r[0] == "Skipped" and r[1] == "format"] + [r for r in rows if not (r[0] == "Skipped" and r[1] == "format")]


def test_a_reader_left_in_the_middle_goes_on_rightly(inputs):
    source = Source((str(inputs / "rows.jsonl.gz"),))
    shards = plan(source, scale=SCALE)
    reader = ShardReader(source)
    half = reader.records(shards[0])
    next(half)
    half.close()
    assert key(opened(r) for r in reader.records(shards[1])) == key(opened(r) for r in ShardReader(source).records(shards[1]))


def test_what_stands_before_a_stretch_is_not_read(inputs, monkeypatch):
    source = Source((str(inputs / "one.xml.bz2"),))
    shards = plan(source, scale=SCALE)
    read_pages = []
    from tagger.reading import dump

    make = dump._record
    monkeypatch.setattr(dump, "_record", lambda given, data, number: read_pages.append(number) or make(given, data, number))
    last = [opened(r) for r in ShardReader(source).records(shards[-1])]
    assert len(read_pages) == len(last) < 2500


def test_own_outputs_are_left_out(inputs):
    source = Source((str(inputs / "small"),))
    (first, *_) = plan(source, leave_out=lambda name: name.endswith("000.txt"))
    kept = list(ShardReader(source).records(first))
    assert [r.reason for r in kept if isinstance(r, Skipped)] == ["output"]
    assert len(first.files) == 256


def test_a_file_that_goes_away_is_one_quarantined_record(inputs, tmp_path):
    file = tmp_path / "gone.jsonl"
    file.write_text('{"id": 1, "text": "a shop"}\n')
    source = Source((str(file),))
    shards = plan(source)
    file.unlink()
    (record,) = ShardReader(source).records(shards[0])
    assert isinstance(record, Quarantined) and "cannot be read" in record.message
