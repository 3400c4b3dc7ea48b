"""Real clusters on this machine, by the command line: a run on one gives the bytes of one process."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_pieces import Sheets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}", "PYTHONWARNINGS": "ignore", "COLUMNS": "160"}
TEXT = "Members of the cooperative own the shop; it carries no advertising. "


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


@pytest.fixture
def start(tmp_path):
    """Start processes, each the leader of its group, that do not outlive the test."""
    started = []

    def start(*command, cwd=tmp_path, env=ENVIRONMENT, **options):
        process = subprocess.Popen([sys.executable, *map(str, command)], cwd=cwd, env=env, start_new_session=True, **options)  # noqa: S603
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.fixture
def tag(start, tmp_path):
    """Return a function that starts `tagger tag texts.jsonl -o out.jsonl -o out.csv` in a folder below `tmp_path`."""

    def tag(name, *options, env=ENVIRONMENT):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if not (folder / "texts.jsonl").exists():
            (folder / "texts.jsonl").symlink_to(tmp_path / "texts.jsonl")
        (folder / "none").mkdir(exist_ok=True)
        command = ["-m", "tagger", "tag", "texts.jsonl", "--models", "none", "-o", "out.jsonl", "-o", "out.csv", "--no-keep", *options]
        return start(*command, cwd=folder, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    return tag


def ended(process, status=0):
    out, err = process.communicate(timeout=150)
    assert process.returncode == status, err + out
    return err


def texts(path, count=1500, note=0):
    """Write lines of JSON; `note` makes them longer than what is tagged of them."""
    path.write_text("".join(json.dumps({"id": f"c{i}", "title": f"T{i}", "text": TEXT * 12, "note": "." * note}) + "\n" for i in range(count)))


def results(folder):
    return [(folder / name).read_bytes() for name in ("out.jsonl", "out.csv")]


def listening(pids):
    """Return the addresses at which processes listen, as `ss -ltnp` tells them."""
    lines = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S607
    return {line.split()[3].rpartition(":")[0] for line in lines if pids & {int(pid) for pid in re.findall(r"pid=(\d+)", line)}}


def family(pid):
    """Return a process and all that come from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, more = set(), {pid}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return found


@pytest.fixture
def dask(start, tmp_path):
    """A scheduler and two workers as processes; return its address."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = tmp_path / "scheduler.json"
    scheduler = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", told]
    quiet = {"cwd": elsewhere, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start(*scheduler, **quiet)
    address = wait_for(lambda: told.exists() and told.stat().st_size and json.loads(told.read_text())["address"])
    for _ in range(2):
        start("-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", **quiet)
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return address


def need(name):
    """Skip where the extra `name` is not there."""
    for module in {"dask": ("distributed",), "ray": ("ray",), "spark": ("joblibspark", "pyspark")}[name]:
        pytest.importorskip(module, reason=f"needs the extra {name}")
    if name == "spark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java (apt-get install default-jre-headless)")


def test_dask_gives_the_bytes_of_one_process(tag, dask, tmp_path):
    texts(tmp_path / "texts.jsonl")
    ended(tag("one", "-j", "1"))
    err = ended(tag("dask", "--backend", "dask", "--scheduler", dask))
    assert "1500 written" in err
    assert results(tmp_path / "dask") == results(tmp_path / "one")


@pytest.mark.parametrize("name", ["dask", "ray", "spark"])
def test_a_cluster_of_our_own_gives_the_bytes_of_one_process_and_listens_here_only(tag, tmp_path, name):
    need(name)
    texts(tmp_path / "texts.jsonl")
    ended(tag("one", "-j", "1"))
    process, heard = tag(name, "--backend", name, "-j", "2"), set()
    while process.poll() is None:
        heard |= listening(family(process.pid))
        time.sleep(0.3)
    err = ended(process)
    assert "1500 written" in err
    assert results(tmp_path / name) == results(tmp_path / "one")
    assert heard, "or the test looks at the wrong processes"
    assert all(ipaddress.ip_address(a.strip("[]").removeprefix("::ffff:")).is_loopback for a in heard), heard


@pytest.mark.parametrize("name", ["dask", "ray", "spark"])
def test_a_record_that_kills_its_worker_is_left_out_on_a_cluster_too(start, made, pieces, tmp_path, name):
    need(name)
    job, shards, folder = made(Sheets(deadly=["T7"]), count=600)
    (tmp_path / "job").write_bytes(pickle.dumps((job, shards)))
    ended(start("-m", "made_run", tmp_path / "job", name, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    assert [line.split(" ")[0] for line in pieces(folder, shards)] == [f"c{i}" for i in range(600) if i != 7]
    left_out = [(item.reason, item.origin.record) for shard in shards for item in folder.tally(shard.number).quarantined]
    assert left_out == [("worker-died", "line 8")]


def test_a_record_that_stalls_a_worker_elsewhere_is_left_out(start, made, pieces, tmp_path):
    """Dask works in threads, which no alarm reaches, and the client ends no process of another machine: the worker ends itself."""
    need("dask")
    job, shards, folder = made(Sheets(endless=["T7"]), count=600, seconds=1.0)
    (tmp_path / "job").write_bytes(pickle.dumps((job, shards)))
    elsewhere = "import runpy, tagger.batch.supervise as s; s.socket = type('Elsewhere', (), {'gethostname': lambda: 'elsewhere'})"
    code = f"{elsewhere}; runpy.run_module('made_run', run_name='__main__', alter_sys=True)"
    ended(start("-c", code, tmp_path / "job", "dask", stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    assert [line.split(" ")[0] for line in pieces(folder, shards)] == [f"c{i}" for i in range(600) if i != 7]
    left_out = [(item.reason, item.origin.record) for shard in shards for item in folder.tally(shard.number).quarantined]
    assert left_out == [("too-slow", "line 8")]


@pytest.mark.parametrize("name", ["dask", "ray", "spark"])
def test_ctrl_c_ends_it_and_the_same_command_goes_on(tag, request, tmp_path, name):
    need(name)
    texts(tmp_path / "texts.jsonl", 1500, note=5000)
    options = ["--backend", name, "-j", "2"]
    if name == "dask":
        options += ["--scheduler", request.getfixturevalue("dask")]
    process = tag(name, *options)
    parts = tmp_path / name / ".out.jsonl.parts"
    wait_for(lambda: process.poll() is not None or len(list(parts.glob("*.done"))) > 1)
    os.killpg(process.pid, signal.SIGINT)
    err = ended(process, 130)
    assert "Traceback" not in err and re.search(r"Stopped: [2-9] of \d+ parts are done", err), err
    assert not (tmp_path / name / "out.jsonl").exists()
    err = ended(tag(name, *options))
    assert "Going on:" in err and "1500 written" in err
    ended(tag("one", "-j", "1"))
    assert results(tmp_path / name) == results(tmp_path / "one")


def test_no_text_goes_through_the_client(made):
    """A task is the job and the names and bytes of a shard: small, however large the texts are."""
    import cloudpickle
    from joblib import delayed

    from tagger.batch.supervise import _in_worker

    job, shards, _ = made(Sheets(), count=600)
    sizes = [len(cloudpickle.dumps(delayed(_in_worker)(job, shard, {}, True))) for shard in shards]
    assert len(sizes) > 1 and max(sizes) < 2_000, sizes
    assert sum(shard.size for shard in shards) > 100 * sum(sizes)


@pytest.mark.parametrize(
    ("name", "scheduler", "told"),
    [
        ("dask", "tcp://127.0.0.1:9", "no scheduler answers there"),
        ("dask", "nonsense", "an address is as tcp://host:8786"),
        ("ray", "127.0.0.1:9", "no scheduler answers there"),
        ("spark", "spark://127.0.0.1:9", "no scheduler answers there"),
        ("spark", "nonsense", "Spark does not begin there"),
    ],
)
def test_a_scheduler_that_does_not_answer_is_told_in_one_sentence(tag, tmp_path, name, scheduler, told):
    need(name)
    texts(tmp_path / "texts.jsonl", 3)
    err = ended(tag(name, "--backend", name, "--scheduler", scheduler), 2)
    assert "Traceback" not in err and told in err, err


def test_a_scheduler_without_workers_is_told(tag, start, tmp_path):
    need("dask")
    texts(tmp_path / "texts.jsonl", 3)
    told = tmp_path / "alone.json"
    start("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", told, stderr=subprocess.DEVNULL)
    address = wait_for(lambda: told.exists() and told.stat().st_size and json.loads(told.read_text())["address"])
    err = ended(tag("dask", "--backend", "dask", "--scheduler", address), 2)
    assert "this Dask scheduler has no workers" in err and "Traceback" not in err, err


@pytest.mark.parametrize(("name", "module"), [("dask", "distributed"), ("ray", "ray"), ("spark", "joblibspark")])
def test_an_extra_that_is_missing_is_told_in_one_sentence(tag, tmp_path, name, module):
    texts(tmp_path / "texts.jsonl", 3)
    hidden = tmp_path / "hidden" / module
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('not here')")
    env = {**ENVIRONMENT, "PYTHONPATH": f"{hidden.parent}:{ENVIRONMENT['PYTHONPATH']}"}
    err = ended(tag(name, "--backend", name, env=env), 2)
    assert len(err.strip().splitlines()) == 1 and f"pip install 'case-tagger[{name}]'" in err, err


def test_a_worker_that_does_not_see_the_files_says_so(made):
    """It fails, where reading on would quarantine the whole input; a worker of another machine is one that finds no such file."""
    from dataclasses import replace

    from tagger.batch.supervise import _in_worker
    from tagger.errors import OutputError

    job, shards, _ = made(Sheets(), count=600)
    with pytest.raises(OutputError, match=r"texts\.jsonl: the worker on .* does not see it"):
        _in_worker(job, replace(shards[0], files=(f"/elsewhere{shards[0].files[0]}",)), {}, True)
