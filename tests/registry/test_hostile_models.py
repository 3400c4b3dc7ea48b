"""Real payloads in the place of a model: pickles of every kind, and what skops' own loader was broken with. Nothing of them runs."""

from __future__ import annotations

import functools
import gzip
import io
import json
import marshal
import operator
import os
import pickle
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_models import made_weights, rewritten

from tagger.coding.model_file import load_weights, weights_bytes
from tagger.coding.model_manifest import WEIGHTS
from tagger.coding.stored import ALLOWED
from tagger.errors import ModelError
from tagger.registry.history import read_history
from tagger.registry.promote import promote
from tagger.registry.verify import verify
from tagger.registry.versions import version


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def dumped(write) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def joblib_of(**options):
    import joblib

    return lambda path: dumped(lambda out: joblib.dump(Payload(path), out, **options))


def cloudpickled(path: Path) -> bytes:
    cloudpickle = pytest.importorskip("cloudpickle")
    return cloudpickle.dumps(lambda: os.mkdir(path))


def torch_like(path: Path) -> bytes:
    """The layout of torch.save: a zip that holds data.pkl."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("archive/data.pkl", pickle.dumps(Payload(path)))
        packed.writestr("archive/version", "3\n")
    return out.getvalue()


def pandas_pickle(path: Path) -> bytes:
    import pandas as pd

    return dumped(lambda out: pd.DataFrame({"x": [Payload(path)]}).to_pickle(out))


PICKLES = {
    **{f"pickle protocol {n}": functools.partial(lambda path, n: pickle.dumps(Payload(path), n), n=n) for n in range(6)},
    "pickle, gzipped": lambda path: gzip.compress(pickle.dumps(Payload(path))),
    "pickle that begins like a zip": lambda path: b"PK\x03\x04" + pickle.dumps(Payload(path)),
    "zip behind a pickle": lambda path: pickle.dumps(Payload(path)) + torch_like(path),
    "joblib": joblib_of(),
    "joblib, zlib": joblib_of(compress=("zlib", 3)),
    "joblib, lzma": joblib_of(compress=("lzma", 3)),
    "cloudpickle": cloudpickled,
    "pandas": pandas_pickle,
    "torch": torch_like,
    "npy of objects": lambda path: dumped(lambda out: np.save(out, np.array([Payload(path)], object), allow_pickle=True)),
    "npz of objects": lambda path: dumped(lambda out: np.savez(out, a=np.array([Payload(path)], object))),
    "marshalled code": lambda path: marshal.dumps(compile(f"import os; os.mkdir({str(path)!r})", "x", "exec")),
}


def refused(models: Path, data: bytes, audited, mark: Path) -> None:
    """Neither loading, verifying nor promoting opens `data`, though the manifest was changed to match it."""
    rewritten(models / "a", WEIGHTS, data)
    with audited() as ran:
        with pytest.raises(ModelError, match="refused before opening"):
            load_weights(models / "a")
        assert any("refused before opening" in fault for fault in verify(version(models, "a"), None, read_history(models)))
        with pytest.raises(ModelError, match="refused before opening"):
            promote(models, "a")
    assert ran == [] and not mark.exists()


@pytest.mark.parametrize("kind", PICKLES)
def test_a_pickle_in_the_place_of_a_model_never_runs(kind, models, tmp_path, audited):
    refused(models, PICKLES[kind](tmp_path / "ran"), audited, tmp_path / "ran")


def test_the_audit_sees_what_the_payload_does(tmp_path, audited):
    """What these tests rest on."""
    with audited() as ran:
        pickle.loads(PICKLES["pickle protocol 4"](tmp_path / "ran"))  # noqa: S301
    assert {event for event, _ in ran} >= {"pickle.find_class", "os.mkdir"} and (tmp_path / "ran").is_dir()


def skops_file(value) -> bytes:
    """A file that skops itself writes, with `value` where ours holds the base."""
    import skops.io

    return skops.io.dumps({"base": value, "temperature": 1.0})


class Rebuilt:
    def __init__(self, path="x"):
        self.path = path

    def __reduce__(self):
        return Rebuilt, (self.path,)


def with_node(change):
    """A good file with its schema changed by hand."""

    def make(path: Path) -> bytes:
        with zipfile.ZipFile(io.BytesIO(weights_bytes(made_weights()))) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
        schema = json.loads(members["schema.json"])
        change(schema["content"], path)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            for name, data in {**members, "schema.json": json.dumps(schema)}.items():
                packed.writestr(name, data)
        return out.getvalue()

    return make


def text_node(text: object) -> dict:
    return {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(str(text)), "is_json": True, "__id__": 90}


def tuple_node(*content: dict) -> dict:
    return {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": list(content), "__id__": 91}


def node(kind: str, module: str, loader: str, **more) -> dict:
    return {"__class__": kind, "__module__": module, "__loader__": loader, "__id__": 92, **more}


def put(key: str, made):
    return with_node(lambda content, path: content["content"].update({key: made(path)}) if "content" in content else content.update({key: made(path)}))


# CVE-2024-37065: a type that was never declared is built; CVE-2025-54412: OperatorFuncNode says one class and builds another; CVE-2025-54413: MethodNode
# takes a method of what it was trusted to hold; CVE-2025-54886: Card.get_model falls back to joblib; LossNode: skops PR 506.
ADVISORIES = {
    "CVE-2024-37065": put("pairs", lambda path: node("mkdir", "os", "ObjectNode", content=tuple_node(text_node(path)))),
    "CVE-2025-54412": put("pairs", lambda path: node("str", "builtins", "OperatorFuncNode", attrs=tuple_node(text_node("mkdir"), text_node(path)))),
    "CVE-2025-54412, call": put("pairs", lambda path: node("call", "operator", "OperatorFuncNode", attrs=tuple_node(text_node(path)))),
    "CVE-2025-54413": put("pairs", lambda path: node("str", "builtins", "MethodNode", content={"func": "__reduce_ex__", "obj": text_node(path)})),
    "CVE-2025-54886": lambda path: joblib_of()(path),
    "LossNode": put("pairs", lambda path: node("mkdir", "os", "LossNode", __reduce__={"args": tuple_node(text_node(path))}, content={"obj": text_node(path)})),
    "reduce with hostile arguments": put(
        "pairs", lambda path: node("partial", "functools", "ConstructorFromReduceNode", content=tuple_node(node("mkdir", "os", "TypeNode"), text_node(path)))
    ),
    "FunctionNode": put("pairs", lambda path: node("system", "os", "FunctionNode", content={"module_path": "os", "function": "system"})),
    "TypeNode of another type": put("pairs", lambda path: node("Popen", "subprocess", "TypeNode")),
    "JsonNode of another class": put("pairs", lambda path: node("Popen", "subprocess", "JsonNode", content='"x"', is_json=True)),
}

WRITTEN_BY_SKOPS = {
    "function": os.path.join,
    "partial": functools.partial(operator.add, 1),
    "methodcaller": operator.methodcaller("upper"),
    "attrgetter": operator.attrgetter("real"),
    "bound method": np.random.RandomState(0).normal,
    "object": Rebuilt(),
    "type": Path,
    "set": {1},
    "tuple": (1,),
    "bytes": b"x",
    "slice": slice(1),
    "ufunc": np.add,
    "generator": np.random.default_rng(0),
    "masked array": np.ma.masked_array([1.0], [True]),
    "array of objects": np.array([{1}, "x"], object),
    "scalar": np.float64(1),
}


@pytest.mark.parametrize("kind", ADVISORIES)
def test_what_skops_was_broken_with_is_refused(kind, models, tmp_path, audited):
    refused(models, ADVISORIES[kind](tmp_path / "ran"), audited, tmp_path / "ran")


@pytest.mark.parametrize("kind", WRITTEN_BY_SKOPS)
def test_what_skops_may_store_and_we_never_do_is_refused(kind, models, tmp_path, audited):
    refused(models, skops_file(WRITTEN_BY_SKOPS[kind]), audited, tmp_path / "ran")


def test_estimators_are_refused(models, tmp_path, audited):
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    x, y = np.eye(4), [0, 1, 0, 1]
    for estimator in (LogisticRegression().fit(x, y), SGDClassifier().fit(x, y)):  # the second holds a loss function: LossNode
        refused(models, skops_file(estimator), audited, tmp_path / "ran")


# fmt: off
HOSTILE = [
    "os.system", "os.popen", "os.execv", "os.mkdir", "posix.system", "nt.system", "subprocess.Popen", "subprocess.run", "subprocess.call",
    "subprocess.check_output", "builtins.eval", "builtins.exec", "builtins.compile", "builtins.__import__", "builtins.open", "builtins.getattr",
    "builtins.setattr", "builtins.globals", "operator.methodcaller", "operator.attrgetter", "operator.call", "functools.partial", "functools.reduce",
    "importlib.import_module", "runpy.run_path", "runpy.run_module", "code.interact", "pty.spawn", "shutil.rmtree", "shutil.move", "socket.socket",
    "ctypes.CDLL", "ctypes.util.find_library", "pickle.loads", "pickle.Unpickler", "marshal.loads", "joblib.load", "pandas.read_pickle", "numpy.load",
    "numpy.memmap", "numpy.f2py.compile", "webbrowser.open", "urllib.request.urlopen", "http.server.HTTPServer", "multiprocessing.Process",
    "threading.Thread", "timeit.timeit", "cProfile.run", "pathlib.Path", "sklearn.svm.SVC",
]
# fmt: on


def test_each_name_of_ours_with_each_hostile_one_in_its_place(models):
    with zipfile.ZipFile(io.BytesIO(weights_bytes(made_weights()))) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    text, tried = members["schema.json"].decode(), 0
    for ours in {name.rpartition(".")[2] for name, _ in ALLOWED} & set(re.findall(r'"__class__": "(\w+)"', text)):
        for hostile in HOSTILE:
            module, _, name = hostile.rpartition(".")
            changed, count = re.subn(rf'"__class__": "{ours}",(\s*)"__module__": "\w+"', rf'"__class__": "{name}",\1"__module__": "{module}"', text, count=1)
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
                for member, data in {**members, "schema.json": changed.encode()}.items():
                    packed.writestr(member, data)
            rewritten(models / "a", WEIGHTS, out.getvalue())
            with pytest.raises(ModelError, match=re.escape(f"holds {module}.{name}")):
                load_weights(models / "a")
            tried += count
    assert len(HOSTILE) == 50 and tried >= 150


def test_a_file_exchanged_while_it_is_checked_is_the_old_one_or_refused(models):
    """The bytes that are hashed are the bytes that are loaded, however often another writer swaps the file."""
    path, stop = models / "a" / WEIGHTS, threading.Event()
    good = path.read_bytes()
    evil = weights_bytes(made_weights(99))
    for name, data in (("good", good), ("evil", evil)):
        (models / name).write_bytes(data)

    def swap():
        while not stop.is_set():
            for name in ("evil", "good"):
                (models / "next").write_bytes((models / name).read_bytes())
                os.replace(models / "next", path)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        came = []
        while len(came) < 100 or (len(set(came)) < 2 and len(came) < 5000):
            try:
                came.append(load_weights(models / "a")[0].words.coef.tobytes())
            except ModelError as error:
                assert "SHA-256 differs" in str(error)
                came.append(None)
    finally:
        stop.set()
        thread.join()
    assert set(came) == {None, made_weights(0).words.coef.tobytes()}


def nothings(path: Path) -> bytes:
    """31 MB of empty lists in schema.json, which would take 20 times that once parsed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", '{"content": [' + "[]," * (31 << 20 >> 2) + "[]]}")
    return out.getvalue()


def names_of_nothing(path: Path) -> bytes:
    return put("words_terms", lambda p: {**text_node(""), "content": json.dumps("[" + "[]," * (31 << 20 >> 2) + "[]]")})(path)


MEASURE = """
import resource, sys, time
from pathlib import Path
from tagger.coding.model_file import load_weights
from tagger.errors import ModelError
import skops.io
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    load_weights(Path(sys.argv[1]))
except ModelError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10, time.process_time() - start, str(error)[-200:])
"""


@pytest.mark.parametrize(("bomb", "said"), [(nothings, "schema.json is larger"), (names_of_nothing, "list of names holds over 1,000,000")])
def test_a_bomb_of_empty_lists_is_refused_unparsed(bomb, said, models, tmp_path):
    rewritten(models / "a", WEIGHTS, bomb(tmp_path))
    with pytest.raises(ModelError, match=said):
        load_weights(models / "a")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows does not count a process's memory so")
@pytest.mark.parametrize("bomb", [nothings, names_of_nothing])
def test_a_bomb_takes_little_memory(bomb, models, tmp_path):
    rewritten(models / "a", WEIGHTS, bomb(tmp_path))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [Path(__file__).parents[2], *sys.path]))}
    done = subprocess.run([sys.executable, "-c", MEASURE, models / "a"], capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    megabytes, seconds, _ = done.stdout.split(maxsplit=2)
    assert int(megabytes) < 200 and float(seconds) < 5, done.stdout


@pytest.mark.parametrize("number", [1e7, -1e300, np.inf, np.nan])
def test_numbers_that_would_decide_everything_are_refused(number, models):
    weights = made_weights()
    weights.base[3] = number
    rewritten(models / "a", WEIGHTS, weights_bytes(weights))
    with pytest.raises(ModelError, match="base"):
        load_weights(models / "a")
