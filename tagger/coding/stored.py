"""What is stored of a model: a skops file of strings, numbers and plain arrays, checked before anything in it is opened.

Nothing in such a file can run; the list of allowed nodes is exactly what we write (findings 5 and 6 of the reliability notes: skops' own default list is far
wider, and it has no size limit).
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tagger.coding.model_manifest import MAX_BYTES
from tagger.errors import ModelError, TaggerError

MAX_SCHEMA = 32 << 20
MAX_NODES = 1000  # brackets and commas in schema.json; ours has 229
MAX_TERMS = 1_000_000  # of each block; ours have 25,000
LARGEST = 1e6  # of any number: log-odds and idf stay below 100, and sums of far larger ones overflow
MAX_MEMBERS = 64
MAX_DEPTH = 64
ALLOWED = {
    ("builtins.dict", "DictNode"),
    ("builtins.list", "ListNode"),
    ("builtins.str", "JsonNode"),
    ("builtins.str", "TypeNode"),
    ("numpy.ndarray", "NdArrayNode"),
}
T = TypeVar("T")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"')


def table_bytes(table: Mapping[str, Any]) -> bytes:
    """Return a table of texts, numbers and arrays as the bytes of a skops file; the same table gives the same bytes."""
    import skops.io

    return _settled(skops.io.dumps({name: _plain(value) if isinstance(value, np.ndarray) else value for name, value in table.items()}))


def read_stored(data: bytes, path: Path, made_of: Callable[[dict[str, Any]], T], way_out: str = "train anew") -> T:
    """Return what `made_of` makes of the table in a file of ours; `path` and `way_out` are for messages.

    Raises
    ------
    ModelError
        If it is foreign, damaged or too large (nothing of it has been opened then), or `made_of` fails.
    """
    schema, members = checked(data, path)
    try:
        return made_of(table_of(schema, members))
    except TaggerError:  # which says itself what is the matter
        raise
    except Exception as error:  # a bad file fails in many ways; all of them mean the same to the user
        raise ModelError(f"{path}: cannot be loaded ({type(error).__name__}: {error}); {way_out}") from error


def _plain(array: np.ndarray) -> np.ndarray:
    """The same numbers in one layout, in memory of their own: skops stores what is shared once, and then bytes would not depend on content alone."""
    return np.array(array, order="C", dtype=array.dtype.newbyteorder("<"))


def _settled(data: bytes) -> bytes:
    """skops names members by memory address and stamps the time: number them in order instead, so that bytes depend on content alone."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        schema = packed.read("schema.json").decode()
        members = {name: packed.read(name) for name in packed.namelist() if name != "schema.json"}
    numbers: dict[str, str] = {}
    schema = re.sub(r'("__id__": |"file": ")(\d+)', lambda m: m[1] + numbers.setdefault(m[2], str(len(numbers) + 1)), schema)
    renamed = {f"{numbers[name.removesuffix('.npy')]}.npy": value for name, value in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, value in sorted({**renamed, "schema.json": schema.encode()}.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, value)
    return out.getvalue()


class _Foreign(Exception):
    """Why a file is not one that we wrote."""


def checked(data: bytes, path: Path) -> tuple[Any, dict[str, bytes]]:
    """Return the schema and the members of a skops file, looked at.

    These bytes are read afterwards, not the file as given: what a zip says of itself (sizes, names, two entries at one place) need not be what it holds.
    """
    try:
        members = _members(data)
        schema = _schema(members["schema.json"])
        for kind in _nodes(schema, 0):
            if kind not in ALLOWED:
                raise _Foreign(f"holds {kind[0]} ({kind[1]})")
        for name, member in members.items():
            if name != "schema.json":
                _check_array(name, member)
    except _Foreign as why:
        reason = str(why)
    except Exception as error:  # zipfile, zlib, json and numpy fail in a dozen ways on damaged bytes
        reason = f"damaged ({type(error).__name__}: {error})"
    else:
        return schema, members
    raise ModelError(f"{path}: refused before opening: {reason}; only files that tagger itself wrote are loaded")


def _members(data: bytes) -> dict[str, bytes]:
    """The members of a zip, never more than `MAX_BYTES` of them in memory, whatever sizes it claims."""
    if not data.startswith(b"PK"):
        raise _Foreign("not a skops file (a pickle or something else stands in its place)")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        infos = packed.infolist()
        if len(infos) > MAX_MEMBERS or len({i.filename for i in infos}) != len(infos):
            raise _Foreign("too many members, or two of one name")
        if sum(i.file_size for i in infos) > MAX_BYTES:
            raise _Foreign(f"over {MAX_BYTES >> 20} MB unpacked")
        for info in infos:
            if info.filename != "schema.json" and not re.fullmatch(r"[0-9]+\.npy", info.filename):
                raise _Foreign(f"a member that is neither schema.json nor an array: {info.filename!r}")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others unpack whole, whatever size was claimed
                raise _Foreign(f"{info.filename} is packed in a way that tagger does not use")
        members = {}
        for info in infos:
            with packed.open(info) as stream:  # reading a number of bytes unpacks no more than that number
                members[info.filename] = stream.read(info.file_size) + stream.read(1)
        return members


def _schema(data: bytes) -> Any:
    """Parse schema.json; one that would take far more memory than its size, as lists of nothing do, is not parsed."""
    if len(data) > MAX_SCHEMA or _brackets(_STRINGS.sub(b"", data)) > MAX_NODES:
        raise _Foreign("schema.json is larger than any that tagger writes")
    return json.loads(data)


def _brackets(data: bytes) -> int:
    return sum(data.count(c) for c in (b"{", b"[", b","))


def _check_array(name: str, data: bytes) -> None:
    """See that an array is plain numbers and that its header claims as much as there is (a header costs nothing, the memory that it asks for does)."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise _Foreign(f"{name} is of another array format than tagger writes")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind != "f" or any(n < 0 for n in shape):
        raise _Foreign(f"{name} holds {dtype} of shape {shape}, not numbers")
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise _Foreign(f"{name} claims shape {shape}, which is not what it holds")


def _nodes(node: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        yield "nesting", f"deeper than {MAX_DEPTH}"
        return
    if isinstance(node, Mapping):
        if "__loader__" in node or "__class__" in node:
            yield f"{node.get('__module__')}.{node.get('__class__')}", str(node.get("__loader__"))
        for value in node.values():
            yield from _nodes(value, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value, depth + 1)


def table_of(schema: Mapping[str, Any], members: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what a looked-at file holds, as ``skops.io.loads`` does (the tests hold it to that); skops itself would import all of scikit-learn for it."""
    table: dict[str, Any] = {}
    for name, node in schema["content"].items():
        if node["__loader__"] == "NdArrayNode" and node["type"] == "numpy":
            table[name] = np.lib.format.read_array(io.BytesIO(members[node["file"]]), allow_pickle=False)
        elif node["__loader__"] == "JsonNode":
            table[name] = json.loads(node["content"])
        else:
            raise ValueError(f"{name} is a {node['__loader__']}")
    return table


def texts_in(packed: str) -> tuple[str, ...]:
    """Return a stored list of names; ValueError where it is none, or holds one twice."""
    if _brackets(packed.encode()) > 2 * MAX_TERMS:
        raise ValueError(f"a list of names holds over {MAX_TERMS:,}")
    texts = tuple(json.loads(packed))
    if not all(isinstance(t, str) for t in texts) or len(set(texts)) != len(texts):
        raise ValueError("a list of names holds something else than texts, or one twice")
    return texts


def expect(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise ValueError where an array is not one of finite, not too large numbers of `shape`."""
    if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"array {name}: shape {array.shape} of {array.dtype}, wanted finite numbers of shape {shape}")
    if array.size and (largest := float(np.abs(array).max())) > LARGEST:
        raise ValueError(f"array {name}: a number of {largest:g}; no log-odds are over {LARGEST:g}")
