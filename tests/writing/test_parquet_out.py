"""Parquet out: what JSON Lines hold, in typed columns, whatever is in it; the same bytes whoever made the pieces."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tagger.case import Case, CueCode, OffsetMap, Origin
from tagger.errors import OutputError
from tagger.writing import open_sheet, open_writer, parquet
from tagger.writing.columns import COLUMNS, columns, documentation
from tagger.writing.jsonl import dump_line
from tagger.writing.record import as_record

ROOT = Path(__file__).parents[2]
HOSTILE = st.text() | st.text(alphabet=st.characters()) | st.text(alphabet='\x00\x1b\x85\u2028\u202e\ud83d\ude00\ud800\udfff"\\\n\r=😀')
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False) | HOSTILE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3),
    max_leaves=5,
)


def written(path: Path, decisions, **options) -> Path:
    writer = open_writer(path, **options)
    for each in decisions:
        writer.write(each)
    writer.commit({})
    return path


def record_of(row: dict) -> dict:
    """Turn a row into the JSON record that it came from; written for these tests, from `docs/columns.md`, not from the writer."""
    facets = {f: {"code": row[f], **{k: row[f"{f}_{k}"] for k in ("probability", "status", "set")}} for f in ("economy", "model")}
    mentions = [*row["cues"], *(mention for role in row["roles"] for mention in role["evidence"])]
    for mention in mentions:
        if mention["plain"] is None:
            del mention["plain"]
    record = {
        "id": row["id"], "title": row["title"], **facets,
        **{name: row[name] for name in ("roles", "cues", "cue_codes", "evidence")},
        "scores": {facet: dict(row[f"{facet}_scores"]) for facet in ("economy", "model")},
        "provenance": {name: row[f"{name}_version"] for name in ("tagger", "codebook", "rules", "model")},
        "fields": json.loads(row["fields"]),
    }  # fmt: skip
    if "text" in row:
        record |= {"text": row["text"], **({"plain": row["plain"]} if row["plain"] is not None else {})}
    return record | ({"notes": row["notes"]} if row["notes"] else {})


def fit(value, surrogates: str = "[\ud800-\udfff]"):
    """Replace lone surrogates in a record, but not in its fields, which are JSON."""
    if isinstance(value, dict):
        return {fit(k): v if k == "fields" else fit(v) for k, v in value.items()}
    if isinstance(value, list):
        return [fit(v) for v in value]
    return re.sub(surrogates, "\ufffd", value) if isinstance(value, str) else value


def as_read(record: dict) -> dict:
    """A record as JSON gives it back: two escaped halves of a pair are one character."""
    return json.loads(dump_line(record))


def rows(path: Path) -> list[dict]:
    return [record_of(row) for row in pyarrow.parquet.read_table(path).to_pylist()]


@pytest.mark.parametrize("text", [True, False])
def test_it_reads_back_as_the_records(tmp_path, make, marked_up, text):
    codes = (CueCode("payment", "unstated", 0.9), CueCode("licensing", "open", 0.123456789, 0, 3))
    decisions = [make(), marked_up, replace(make(status="abstained", notes=("1 NUL character replaced",)), cue_codes=codes), make(cues=(), status="gated")]
    assert rows(written(tmp_path / "a.parquet", decisions, text=text)) == [as_record(each, text=text) for each in decisions]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(id=HOSTILE, title=HOSTILE, text=HOSTILE, payload=HOSTILE, fields=st.dictionaries(HOSTILE, VALUES, max_size=4), notes=st.lists(HOSTILE, max_size=2))
@example(id="\ud800", title="\x00", text="\udfff\x00", payload="\ud83d", fields={"n": 2**70, "s": "\ud800"}, notes=[])
def test_whatever_is_in_it(tmp_path, make, id, title, text, payload, fields, notes):
    case = Case(id, title, text + "x", Origin("a"), source="<" + text + "x", offsets=OffsetMap((0,), (1,)), fields=fields, notes=tuple(notes))
    decision = make(case=case, cues=(("licensing", "open", "affirmed", "page", "x"),), payload=payload)
    path = written(tmp_path / "a.parquet", [decision])
    (row,) = rows(path)
    expected = as_record(decision)
    fields = row.pop("fields")
    assert fields == as_read({"fields": expected.pop("fields")})["fields"]
    assert row == fit(expected)


def test_bytes_and_row_groups_depend_on_the_cases_alone(tmp_path, make, monkeypatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 10)
    decisions = [make(id=str(n)) for n in range(25)]
    path = written(tmp_path / "a.parquet", decisions)
    assert [group_rows(path, i) for i in range(3)] == [10, 10, 5]
    sheet, writer = open_sheet(tmp_path / "b.parquet"), open_writer(tmp_path / "b.parquet")
    for piece in [sheet.piece(each) for each in decisions]:
        writer.add(piece)
    writer.commit({"written": 25})
    assert (tmp_path / "b.parquet").read_bytes() == path.read_bytes()
    monkeypatch.setattr(parquet, "GROUP_BYTES", 3 * len(sheet.piece(decisions[0])))
    assert group_rows(written(tmp_path / "c.parquet", decisions), 0) <= 3


def group_rows(path: Path, group: int) -> int:
    return pyarrow.parquet.ParquetFile(path).metadata.row_group(group).num_rows


def test_the_schema_says_what_columns_mean_and_what_made_them(tmp_path, decision):
    schema = pyarrow.parquet.read_schema(written(tmp_path / "a.parquet", [decision]))
    assert json.loads(schema.metadata[b"tagger.versions"]) == as_record(decision)["provenance"]
    assert schema.field("economy_probability").metadata[b"range"] == b"0 to 1"
    assert schema.field("cues").type.value_type.field("status").metadata[b"meaning"].startswith(b"In which sense")
    assert all(field.metadata[b"meaning"] for field in schema)
    assert "tagger" in json.loads(pyarrow.parquet.read_schema(written(tmp_path / "b.parquet", [])).metadata[b"tagger.versions"])


def described(type: pyarrow.DataType, name: str) -> list[tuple[str, str]]:
    """Return (name, type) of a column and of all within it, as the documentation writes them."""
    inner = type.value_type if pyarrow.types.is_list(type) else type
    if pyarrow.types.is_struct(inner):
        mark = "[]." if inner is not type else "."
        shown = "list<struct>" if inner is not type else "struct"
        return [(name, shown), *(row for field in inner for row in described(field.type, name + mark + field.name))]
    if pyarrow.types.is_dictionary(type):
        return [(name, f"dictionary<{type.value_type}>")]
    return [(name, re.sub(r"(element|item): | \('\w+'\)", "", str(type)))]


def test_the_documentation_is_what_is_written(tmp_path, decision):
    text = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")
    assert text == documentation(), "python -m tagger.writing.columns > docs/columns.md"
    listed = re.findall(r"^\| `(\S+)` \| `(.+?)` \|", text, re.MULTILINE)
    schema = pyarrow.parquet.read_schema(written(tmp_path / "a.parquet", [decision]))
    assert listed == [row for field in schema for row in described(field.type, field.name)]
    assert all(row.count("|") == 6 for row in text.splitlines() if row.startswith("|"))


def test_the_documentation_names_every_key_of_the_json_record(marked_up, make):
    listed = set(re.findall(r"`([^`]+)` \|$", (ROOT / "docs" / "columns.md").read_text(encoding="utf-8"), re.MULTILINE))
    coded = replace(make(notes=("x",)), cue_codes=(CueCode("payment", "unstated", 0.9),))
    for record in (as_record(marked_up), as_record(coded)):
        assert {key for key in keys(record) if not key.startswith(("fields.", "scores.economy.", "scores.model."))} <= listed | {
            "economy", "model", "scores", "provenance"
        }  # fmt: skip


def keys(value, name: str = ""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield name + key
            yield from keys(inner, f"{name}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, name.removesuffix(".") + "[].")


def test_without_text_there_is_none(tmp_path, decision):
    names = pyarrow.parquet.read_schema(written(tmp_path / "a.parquet", [decision], text=False)).names
    assert names == [column.name for column in COLUMNS]
    assert [column.name for column in columns()] == [*names, "text", "plain"]


def test_other_readers_open_it(tmp_path, make):
    import pandas

    table = pandas.read_parquet(written(tmp_path / "a.parquet", [make(id=str(n)) for n in range(3)]))
    assert table["economy"].dtype == "category" and table["economy_probability"].dtype == "float64"
    assert table["id"].tolist() == ["0", "1", "2"]


MEMORY = """
import re, sys
from pathlib import Path
from conftest import TEXT, make_decision
from tagger.writing import open_sheet, open_writer
piece = open_sheet("a.parquet").piece(make_decision(text="a shop " * 500 + TEXT))
writer = open_writer(sys.argv[1])
for n in range(int(sys.argv[2])):
    writer.add(piece)
writer.commit({})
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's own memory is told by /proc alone")
def test_memory_does_not_grow_with_the_cases(tmp_path):
    def peak(count: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(tmp_path / "a.parquet"), str(count)]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
        return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)  # noqa: S603

    few, many = peak(2000), peak(12000)
    assert many < 1.25 * few, (few, many)


def test_the_missing_package_is_told_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.json", None)
    with pytest.raises(OutputError, match=r"pip install 'case-tagger\[parquet\]'"):
        open_writer(tmp_path / "a.parquet")
    assert not list(tmp_path.iterdir())
