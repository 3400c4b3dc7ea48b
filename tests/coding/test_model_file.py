"""Model files: the same weights come back bit for bit, and nothing foreign is opened, let alone run."""

import hashlib
import io
import json
import os
import pickle
import random
import re
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tagger.coding import stored
from tagger.coding.classifier import Block, Weights
from tagger.coding.cue_codes import CueWeights
from tagger.coding.model_file import CURRENT, MANIFEST, MAX_BYTES, WEIGHTS, current_folder, load_weights, weights_bytes
from tagger.errors import ModelError
from tagger.pipeline import released_models

PAIRS = (("sharing", "1"), ("commons", "6"), ("none", "none"))


def block(random, *terms):
    return Block(terms, random.random(len(terms)) * 3 + 1, random.normal(size=(len(terms), 3)).astype(np.float32))


def make_weights(seed=0, temperature=1.37, with_rules=True):
    random = np.random.default_rng(seed)
    words = block(random, "film", "free film", "naïve", "日本 語", "it's")
    places = block(random, "head:film", "category:two\nlines", "title:a\tb", "heading:\u2028end", "category:\ud800")
    marks = ("cue:licensing=open", "page:url", "rule:r-1")
    return Weights(PAIRS, random.normal(size=3), words, places, marks, random.normal(size=(3, 3)).astype(np.float32), temperature, with_rules)


CUES = (("licensing", "open"), ("licensing", "mixed"), ("payment", "unpaid"))


def with_cues(seed=0, values=CUES, thresholds=(0.3, 0.6), words=5):
    random = np.random.default_rng(seed)
    words, places, marks = (random.normal(size=(n, len(values))).astype(np.float16) for n in (words, 5, 3))
    return replace(make_weights(), cues=CueWeights(values, np.array(thresholds), random.normal(size=len(values)), words, places, marks))


DATA = weights_bytes(make_weights())


def put(folder, data, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(data)
    manifest = {"format": 1, "files": {WEIGHTS: {"sha256": hashlib.sha256(data).hexdigest()}}} | changes
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def members(data=DATA):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(name, data)
    return out.getvalue()


def with_schema(change):
    """The good file with `change` made to its schema."""
    parts = members()
    schema = json.loads(parts["schema.json"])
    change(schema)
    return packed({**parts, "schema.json": json.dumps(schema)})


def an_array(parts):
    return next(name for name in parts if name.endswith(".npy"))


def same(a, b):
    assert (a.pairs, a.marks, a.temperature, a.with_rules) == (b.pairs, b.marks, b.temperature, b.with_rules)
    for x, y in ((a.words, b.words), (a.places, b.places)):
        assert x.terms == y.terms
    for x, y in zip(*([w.base, w.mark_coef, w.words.idf, w.words.coef, w.places.idf, w.places.coef] for w in (a, b)), strict=True):
        assert x.dtype == y.dtype
        assert x.tobytes() == y.tobytes()


@pytest.mark.parametrize("weights", [make_weights(), make_weights(3, 0.2, False)])
def test_weights_come_back_bit_for_bit(tmp_path, weights):
    loaded, manifest = load_weights(put(tmp_path / "m", weights_bytes(weights), codebook={"id": "x"}))
    same(loaded, weights)
    assert manifest["codebook"] == {"id": "x"}


def test_cue_codes_come_back_bit_for_bit(tmp_path):
    weights = with_cues()
    data = weights_bytes(weights)
    loaded, _ = load_weights(put(tmp_path / "m", data, format=2))
    same(loaded, weights)
    assert loaded.cues.values == CUES
    for name in ("thresholds", "base", "words", "places", "marks"):
        was, now = getattr(weights.cues, name), getattr(loaded.cues, name)
        assert (was.dtype, was.tobytes()) == (now.dtype, now.tobytes())
    assert weights_bytes(loaded) == data == weights_bytes(with_cues())
    assert weights_bytes(with_cues(1)) != data


@pytest.mark.parametrize("form", [1, 2])
def test_a_model_without_cue_codes_is_read(tmp_path, form):
    """A folder of format 1 has none, and is read on."""
    loaded, _ = load_weights(put(tmp_path / "m", DATA, format=form))
    assert loaded.cues is None


@pytest.mark.parametrize(
    "bad",
    [
        {"values": (*CUES[:2], CUES[0])},  # a value twice
        {"values": (CUES[0], CUES[2], CUES[1]), "thresholds": (0.3, 0.6, 0.5)},  # a cue in two places
        {"values": (("licensing", 1), *CUES[1:])},
        {"values": (("licensing",), *CUES[1:])},
        {"thresholds": (0.3,)},
        {"thresholds": (0.3, 1.5)},
        {"thresholds": (0.3, np.nan)},
        {"words": 4},
    ],
)
def test_cue_codes_that_do_not_fit_are_refused(bad, tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_weights(put(tmp_path / "m", weights_bytes(with_cues(**bad)), format=2))


def test_empty_blocks_come_back(tmp_path):
    empty = Block((), np.zeros(0), np.zeros((0, 3), np.float32))
    weights = Weights(PAIRS, np.zeros(3), empty, empty, (), np.zeros((0, 3), np.float32))
    same(load_weights(put(tmp_path / "m", weights_bytes(weights)))[0], weights)


def test_same_weights_same_bytes(tmp_path):
    again = make_weights()
    assert weights_bytes(again) == DATA
    loaded, _ = load_weights(put(tmp_path / "m", DATA))
    assert weights_bytes(loaded) == DATA
    shared = Block(again.words.terms, again.words.idf, np.asfortranarray(again.words.coef))  # another layout in memory
    assert weights_bytes(Weights(again.pairs, again.base, shared, again.places, again.marks, again.mark_coef, again.temperature)) == DATA


def test_two_arrays_of_one_memory_are_stored_as_two():
    one = np.ones((1, 3), np.float32)
    idf = np.ones(1)
    shared = Weights(PAIRS, np.zeros(3), Block(("a",), idf, one), Block(("head:a",), idf, one), ("page:url",), one)
    apart = Weights(PAIRS, np.zeros(3), Block(("a",), idf.copy(), one.copy()), Block(("head:a",), idf.copy(), one.copy()), ("page:url",), one.copy())
    assert weights_bytes(shared) == weights_bytes(apart)


def test_other_weights_other_bytes():
    assert weights_bytes(make_weights(1)) != DATA
    assert weights_bytes(make_weights(temperature=1.38)) != DATA


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def call(module, name, path, loader="FunctionNode"):
    """A node that stands for a function; with its argument beside it, where a loader takes one."""
    argument = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(str(path)), "is_json": True, "__id__": 901}
    arguments = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [argument], "__id__": 902}
    content = {"func": name, "module_path": module, "partial": "", "obj": argument, "attrs": arguments, "module": module, "function": name}
    more = {"attrs": arguments, "type": arguments, "reduce": {"args": arguments}}
    return {"__class__": name, "__module__": module, "__loader__": loader, "content": content, "__id__": 903} | more


def node(module, name, loader):
    return lambda path: with_schema(lambda s: s["content"].update(pairs=call(module, name, path, loader)))


def pickled_member(path):
    parts = members()
    return packed({**parts, an_array(parts): pickle.dumps(Payload(path))})


def object_array(path):
    parts, out = members(), io.BytesIO()
    np.save(out, np.array([Payload(path)], dtype=object), allow_pickle=True)
    return packed({**parts, an_array(parts): out.getvalue()})


def joblib_file(path):
    import joblib

    out = io.BytesIO()
    joblib.dump(Payload(path), out, compress=3)
    return out.getvalue()


def second_schema(path):
    hostile = members(node("os", "mkdir", "FunctionNode")(path))["schema.json"]
    parts = members()
    with pytest.warns(UserWarning, match="Duplicate"):
        return packed([*parts.items(), ("schema.json", hostile)])


def bomb(path):
    return packed({**members(), "99.npy": b"\0" * (MAX_BYTES + 1)})


def lying_bomb(path):
    """A member that says it is as small as what the schema needs, and unpacks to 300 MB."""
    name, size, real = "99.npy", 300 << 20, 200
    data = bytearray(packed({**members(), name: b"\0" * size}))
    wanted = struct.pack("<L", size)
    assert data.count(wanted) >= 2  # local header and directory
    return bytes(data.replace(wanted, struct.pack("<L", real)))


def bzip2_bomb(path):
    return packed({**members(), "99.npy": b"\0" * (50 << 20)}, zipfile.ZIP_BZIP2)


def npy(header, body=b"\0" * 24):
    text = header.encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def array_with(header, body=b"\0" * 24):
    def make(path):
        parts = members()
        return packed({**parts, an_array(parts): npy(header, body)})

    return make


def deep(path):
    parts = members()
    return packed({**parts, "schema.json": b'{"content": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"})


def deep_nodes(path):
    def nest(schema):
        inner = schema["content"]["marks"]
        for _ in range(200):
            inner = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": [inner]}
        schema["content"]["marks"] = inner

    return with_schema(nest)


def extra_member(path):
    return packed({**members(), "evil.pkl": pickle.dumps(Payload(path))})


def escaping_member(path):
    return packed({**members(), f"../{path.name}": b"x"})


HOSTILE = {
    "pickle": lambda path: pickle.dumps(Payload(path)),
    "pickle protocol 0": lambda path: pickle.dumps(Payload(path), 0),
    "joblib": joblib_file,
    "zip with pickle member": extra_member,
    "pickle in place of an array": pickled_member,
    "array of objects": object_array,
    "second schema": second_schema,
    "os.system": node("os", "system", "FunctionNode"),
    "os.mkdir as type": node("os", "mkdir", "TypeNode"),
    "builtins.eval": node("builtins", "eval", "FunctionNode"),
    "MethodNode": node("os", "mkdir", "MethodNode"),
    "OperatorFuncNode": node("operator", "methodcaller", "OperatorFuncNode"),
    "PartialNode": node("functools", "partial", "PartialNode"),
    "ObjectNode": node("subprocess", "Popen", "ObjectNode"),
    "ReduceNode": node("os", "mkdir", "ReduceNode"),
    "LossNode": node("sklearn._loss._loss", "CyHalfBinomialLoss", "LossNode"),
    "trusted class, other loader": node("builtins", "str", "FunctionNode"),
    "forged module": node("builtins.str", "JsonNode", "JsonNode"),
    "node without class": lambda path: with_schema(lambda s: s["content"].update(pairs={"__loader__": "MethodNode", "content": {}})),
    "zip bomb": bomb,
    "zip bomb that lies": lying_bomb,
    "bzip2 bomb": bzip2_bomb,
    "huge array header": array_with("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"),
    "negative shape": array_with("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -3), }"),
    "long array header": array_with("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'x': '" + "x" * 60_000 + "'}"),
    "text array": array_with("{'descr': '<U2', 'fortran_order': False, 'shape': (3,), }"),
    "deep nesting": deep,
    "deep nodes": deep_nodes,
    "truncated": lambda path: DATA[:-200],
    "half": lambda path: DATA[: len(DATA) // 2],
    "empty": lambda path: b"",
    "no schema": lambda path: packed({n: d for n, d in members().items() if n != "schema.json"}),
    "schema is a list": lambda path: packed({**members(), "schema.json": b"[]"}),
    "path out of the folder": escaping_member,
    "too many members": lambda path: packed({**members(), **{f"{n}.npy": b"" for n in range(100, 200)}}),
}


@pytest.fixture
def untouched(monkeypatch):
    """Nothing is read at all from what is refused."""

    def never(*args, **kwargs):
        raise AssertionError("a foreign file was opened")

    monkeypatch.setattr(stored, "table_of", never)


@pytest.mark.parametrize("kind", [k for k in HOSTILE if k != "schema is a list"])
def test_hostile_files_are_refused_before_opening(kind, tmp_path, untouched):
    mark = tmp_path / "it-ran"
    folder = put(tmp_path / "m", HOSTILE[kind](mark))
    with pytest.raises(ModelError, match="refused before opening") as caught:
        load_weights(folder)
    assert not mark.exists()
    assert str(folder / WEIGHTS) in str(caught.value)
    assert "tagger" in str(caught.value)


def test_the_payload_would_run(tmp_path):
    """What the tests above rest on: unpickled, the payload does make its folder."""
    pickle.loads(HOSTILE["pickle"](tmp_path / "it-ran"))  # noqa: S301
    assert (tmp_path / "it-ran").is_dir()


def test_a_schema_of_another_kind_is_refused(tmp_path):
    with pytest.raises(ModelError):
        load_weights(put(tmp_path / "m", HOSTILE["schema is a list"](tmp_path)))


def test_a_lying_bomb_takes_no_memory(tmp_path):
    folder = put(tmp_path / "m", lying_bomb(tmp_path))
    tracemalloc.start()
    try:
        with pytest.raises(ModelError):
            load_weights(folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("class_name", ["str", "list", "dict", "ndarray"])
def test_names_of_ours_with_hostile_ones_in_their_place(class_name, tmp_path, untouched):
    text = members()["schema.json"].decode()
    for hostile in ("os.system", "builtins.eval", "builtins.exec", "subprocess.Popen", "operator.attrgetter", "sklearn.svm.SVC"):
        module, _, name = hostile.rpartition(".")
        pattern = rf'"__class__": "{class_name}",(\s*)"__module__": "\w+"'
        changed = re.sub(pattern, rf'"__class__": "{name}",\1"__module__": "{module}"', text, count=1)
        assert changed != text
        with pytest.raises(ModelError, match="refused before opening"):
            load_weights(put(tmp_path / "m", packed({**members(), "schema.json": changed})))


def test_a_file_too_large_is_refused_unread(tmp_path):
    folder = put(tmp_path / "m", DATA)
    with (folder / WEIGHTS).open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)  # a sparse file: it takes no room on the disk
    with pytest.raises(ModelError, match="refused before opening: over"):
        load_weights(folder)


def test_one_flipped_bit_is_never_another_model(tmp_path):
    folder = put(tmp_path / "m", DATA)
    chance = random.Random(0)  # noqa: S311
    for _ in range(300):
        at = chance.randrange(len(DATA) * 8)
        changed = bytearray(DATA)
        changed[at // 8] ^= 1 << at % 8
        (folder / WEIGHTS).write_bytes(changed)
        with pytest.raises(ModelError, match="SHA-256"):
            load_weights(folder)


def test_flipped_bits_under_a_matching_manifest_are_an_error_or_the_same_kind_of_weights(tmp_path):
    """Whoever changes the manifest too gets other numbers at most: never another exception than ours."""
    chance = random.Random(1)  # noqa: S311
    refused = 0
    for _ in range(300):
        changed = bytearray(DATA)
        at = chance.randrange(len(DATA) * 8)
        changed[at // 8] ^= 1 << at % 8
        try:
            weights, _ = load_weights(put(tmp_path / "m", bytes(changed)))
        except ModelError:
            refused += 1
        else:
            assert weights.words.coef.shape == (5, 3)
    assert refused > 200


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "null", "\x00", "[" * 100_000),
        *('{"format": 1}', '{"format": 1, "files": []}', '{"format": 2, "files": {}}', '{"format": 3, "files": {}}', '{"format": "1", "files": {}}'),
        *('{"format": 1, "files": {"weights.skops": "abc"}}', '{"format": 1, "files": {"weights.skops": {}}}'),
        '{"format": 1, "files": {"weights.skops": {"sha256": 5}}}',
    ],
)
def test_a_bad_manifest_is_refused(text, tmp_path, untouched):
    folder = put(tmp_path / "m", DATA)
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_weights(folder)


def test_a_manifest_that_is_not_utf8_is_refused(tmp_path):
    folder = put(tmp_path / "m", DATA)
    (folder / MANIFEST).write_bytes(b'{"format": "\xff\xfe"}')
    with pytest.raises(ModelError, match="not the manifest"):
        load_weights(folder)


@pytest.mark.parametrize("name", [WEIGHTS, MANIFEST])
def test_a_missing_file_is_named(name, tmp_path):
    folder = put(tmp_path / "m", DATA)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=re.escape(name)):
        load_weights(folder)


def edited(**changes):
    def change(schema):
        for key, value in changes.items():
            schema["content"][key]["content"] = json.dumps(value)

    return with_schema(change)


@pytest.mark.parametrize(
    "changes",
    [
        {"pairs": "[]"},
        {"pairs": json.dumps([["a", "b"]] * 4)},
        {"pairs": json.dumps([["a"], ["b"], ["c"]])},
        {"words_terms": json.dumps(["a"])},
        {"words_terms": json.dumps(["a", "a", "b", "c", "d"])},
        {"words_terms": json.dumps([1, 2, 3, 4, 5])},
        {"marks": "[" * 50_000},
        {"temperature": float("nan")},
        {"temperature": 0.0},
        {"temperature": 1e300},
        {"temperature": "1"},
        {"with_rules": "false"},
    ],
)
def test_contents_that_do_not_fit_together_are_refused(changes, tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_weights(put(tmp_path / "m", edited(**changes)))


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    weights = make_weights()
    weights.words.coef[0, 0] = np.nan
    with pytest.raises(ModelError, match="finite"):
        load_weights(put(tmp_path / "m", weights_bytes(weights)))


def test_current_names_the_model_in_use(tmp_path):
    assert current_folder(tmp_path) is None
    put(tmp_path / "2026-01", DATA)
    (tmp_path / CURRENT).write_text("2026-01\n")
    assert current_folder(tmp_path) == tmp_path / "2026-01"


def test_the_folder_of_one_model_will_do(tmp_path):
    assert current_folder(put(tmp_path / "2026-01", DATA)) == (tmp_path / "2026-01").resolve()


def test_models_of_which_none_is_said_to_be_in_use_are_not_passed_over(tmp_path):
    put(tmp_path / "2026-01", DATA)
    with pytest.raises(ModelError, match=r"missing.*2026-01"):
        current_folder(tmp_path)


@pytest.mark.parametrize("name", ["", "gone", "../2026-01", "/etc", ".", "..", "2026-01/../2026-01"])
def test_current_that_names_no_model_here_is_an_error_that_says_what_there_is(name, tmp_path):
    put(tmp_path / "2026-01", DATA)
    (tmp_path / CURRENT).write_text(name)
    with pytest.raises(ModelError, match="2026-01"):
        current_folder(tmp_path)


def test_what_is_read_is_what_skops_reads():
    """The file is skops' own format: read without skops, which imports all of scikit-learn, it holds the same."""
    import skops.io

    for data in (DATA, (current_folder(released_models()) / WEIGHTS).read_bytes()):
        ours, theirs = stored.table_of(*stored.checked(data, Path("x"))), skops.io.loads(data, trusted=[])
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            assert type(ours[name]) is type(value)
            if isinstance(value, np.ndarray):
                assert (ours[name].dtype, ours[name].tobytes()) == (value.dtype, value.tobytes())
            else:
                assert ours[name] == value
