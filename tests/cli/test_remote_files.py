"""`tagger tag` from and to an S3 server (moto's, in a process of its own)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
ROOT = Path(__file__).parents[2]
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
TEXT = "Members of the cooperative own the shop; it carries no advertising. "


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """The address of an S3 server."""
    for module in ("moto.server", "s3fs", "upath", "flask"):
        pytest.importorskip(module, reason="needs the extra remote and moto[server]")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert process.poll() is None and time.monotonic() < end, "moto's server does not begin"
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def environment(server, home):
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": server}
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "COLUMNS": "160", "XDG_CACHE_HOME": str(home / "cache"), **keys}


@pytest.fixture
def s3(server, request, tmp_path):
    """A file system with an empty bucket ``s3://box``."""
    import s3fs

    fs = s3fs.S3FileSystem(endpoint_url=server, key="test", secret="test", skip_instance_cache=True, use_listings_cache=False)  # noqa: S106
    if fs.exists("box"):
        fs.rm("box", recursive=True)
    fs.mkdir("box")
    return fs


@pytest.fixture
def start(server, tmp_path):
    """Return a function that starts `tagger tag` with rules alone, in `tmp_path`."""
    (tmp_path / "none").mkdir()
    started = []

    def start(*arguments, env=None, **options):
        command = [sys.executable, "-m", "tagger", "tag", *map(str, arguments), "--models", "none"]
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True, **options}
        started.append(subprocess.Popen(command, cwd=tmp_path, env={**environment(server, tmp_path), **(env or {})}, **given))  # noqa: S603
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ended(process, status=0):
    _, err = process.communicate(timeout=120)
    assert process.returncode == status and "Traceback" not in err, err
    return err


def texts(count, note=0):
    """Lines of JSON; `note` makes them longer than what is tagged of them."""
    more = {"note": "." * note} if note else {}
    return "".join(json.dumps({"id": f"c{i}", "title": f"T{i}", "text": TEXT * 8, **more}) + "\n" for i in range(count)).encode()


def parquet(data):
    pytest.importorskip("pyarrow", reason="needs the extra parquet")
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in data.splitlines()]), out, row_group_size=100)
    return out.getvalue()


def test_from_bucket_to_bucket_gives_what_files_give(start, s3, tmp_path):
    """A folder with files of several kinds, and every format out; what cannot be read is quarantined beside the output there."""
    import gzip

    local = tmp_path / "in"
    (local / "deep").mkdir(parents=True)
    (local / "a.jsonl").write_bytes(texts(300))
    (local / "b.jsonl.gz").write_bytes(gzip.compress(texts(50), mtime=0))
    (local / "c.parquet").write_bytes(parquet(texts(300)))
    (local / "deep" / "d.md").write_text("# Club\n\nVolunteers repair bicycles; nobody is paid.")
    (local / "bad.jsonl").write_text('{"id": 1, "text": \n')
    (local / ".hidden.txt").write_text("never read")
    (local / "picture.png").write_bytes(b"\x89PNG")
    s3.put(str(local), "box/", recursive=True)
    names = ["out.jsonl", "out.csv", "out.parquet", "out.html", "out.jsonl.gz"]
    here = ended(start("in", *(x for name in names for x in ("-o", name)), "-j", "1"), 3)
    there = ended(start("s3://box/in", *(x for name in names for x in ("-o", f"s3://box/results/{name}")), "-j", "2"), 3)
    assert "651 written + 1 skipped by rule (1 format) + 1 quarantined" in there and "listed in s3://box/results/quarantine.jsonl" in there, there
    assert here.splitlines()[0] == there.splitlines()[0]
    assert sorted(s3.ls("box/results")) == sorted(f"box/results/{name}" for name in [*names, "quarantine.jsonl"])

    def same(data):
        return data.replace(b"s3://box/in", b"in").replace(b"s3://box/results/", b"")

    for name in ("out.jsonl", "out.csv", "out.html", "quarantine.jsonl"):
        assert same(s3.cat(f"box/results/{name}")) == (tmp_path / name).read_bytes(), name
    assert same(gzip.decompress(s3.cat("box/results/out.jsonl.gz"))) == gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes())
    assert s3.cat("box/results/out.parquet")[:4] == b"PAR1"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(("s3", "tagger-"))], "no URL is taken for a local name"


def test_killed_and_given_again_it_goes_on(start, s3, tmp_path):
    data = texts(1400, 8000)
    s3.pipe("box/in.jsonl", data)
    (tmp_path / "in.jsonl").write_bytes(data)
    command = ["s3://box/in.jsonl", "-o", "s3://box/out.jsonl", "-j", "2", "--no-keep"]
    process = start(*command)
    end = time.monotonic() + 100
    while not list((tmp_path / "cache").rglob("*.done")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not s3.exists("box/out.jsonl") and s3.ls("box") == ["box/in.jsonl"]
    err = ended(start(*command))
    assert "Going on:" in err and "1400 written" in err, err
    assert not list((tmp_path / "cache" / "tagger").iterdir()), "nothing is left"
    ended(start("in.jsonl", "-o", "out.jsonl", "-j", "1", "--no-keep"))
    assert s3.cat("box/out.jsonl") == (tmp_path / "out.jsonl").read_bytes()
    s3.pipe("box/in.jsonl", data[: len(data) // 2])
    assert "Going on" not in ended(start(*command[:3], "--no-keep"), 3), "another object of that name is another input"


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (["s3://nowhere/in.jsonl", "-o", "out.jsonl"], {}, r"s3://nowhere/in.jsonl does not exist"),
        (["s3://box/none.jsonl", "-o", "out.jsonl"], {}, r"s3://box/none.jsonl does not exist"),
        (["s3://box/in.jsonl", "-o", "s3://nowhere/out.jsonl"], {}, "there is no s3://nowhere"),
        (["s3://box/in.jsonl", "-o", "s3://box/in.jsonl"], {}, "is also an input"),
        (["s3://box/in.jsonl", "-o", "out.jsonl"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, "the connection failed"),
        (["s3://box/in.jsonl", "-o", "out.jsonl"], NO_KEYS, "access denied"),
        (["odd://box/in.jsonl", "-o", "out.jsonl"], {}, "no file system is known for odd://"),
        (["s3://box/in.jsonl", "-o", "s3://box/out.jsonl", "--backend", "dask", "--scheduler", "tcp://127.0.0.1:9"], {}, "name one with --work"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(start, s3, tmp_path, arguments, env, told):
    s3.pipe("box/in.jsonl", texts(3))
    process = start(*arguments, env=env)
    _, err = process.communicate(timeout=120)
    assert process.returncode in (2, 4, 5) and "Traceback" not in err and told in err, err
    assert len(err.strip().splitlines()) == 1, err
    assert not (tmp_path / "out.jsonl").exists()


class Cutting(threading.Thread):
    """Between client and server; once `after` bytes of answers have gone through, every connection is cut and none is taken any more."""

    def __init__(self, server, after):
        super().__init__(daemon=True)
        self._to, self._left = server.rpartition(":")[2], after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open = []
        self.start()

    def run(self):
        while self._left > 0:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", int(self._to)))
            self._open += [client, there]
            threading.Thread(target=self._pass, args=(client, there, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(there, client, True), daemon=True).start()

    def _pass(self, source, target, counted):
        try:
            while data := source.recv(1 << 14):
                if counted:
                    self._left -= len(data)
                    if self._left <= 0:
                        self.close()
                        return
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def close(self):
        self._left = 0
        for end in (self._listening, *self._open):
            cut(end)


def cut(end):
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def test_a_connection_that_breaks_in_the_middle_loses_nothing(start, s3, server, tmp_path):
    """The run ends with a sentence, nothing is taken for unreadable, and the same command goes on to the same bytes."""
    data = texts(2100, 9000)
    assert len(data) > 18 << 20
    s3.pipe("box/in.jsonl", data)
    cutting = Cutting(server, 14 << 20)
    command = ["s3://box/in.jsonl", "-o", "out.jsonl", "-j", "1", "--no-keep"]
    err = ended(start(*command, env={"AWS_ENDPOINT_URL": cutting.url}), 5)
    cutting.close()
    assert "the connection failed" in err and "the same command goes on" in err, err
    assert not (tmp_path / "out.jsonl").exists() and list((tmp_path / ".out.jsonl.parts").glob("*.done"))
    err = ended(start(*command))
    assert "Going on:" in err and "2100 written + 0 skipped by rule + 0 quarantined" in err, err
    (tmp_path / "in.jsonl").write_bytes(data)
    ended(start("in.jsonl", "-o", "whole.jsonl", "-j", "1", "--no-keep"))
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
