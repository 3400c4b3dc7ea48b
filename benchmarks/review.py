"""How fast does a review open, and how fast comes the next case? Times of `tagger review` on this machine.

    python benchmarks/review.py [--cases 2000] [--next 300]

Tags texts of the corpus again and again under other ids until there are so many cases, then: takes them into a new store and opens it (the first time), opens
it again, and asks the server for the next case and sends a coding, as the page does. Prints seconds of the clock and of the processor, medians and 95th
percentiles.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.case import Case, Origin  # noqa: E402
from tagger.pipeline import Tagger  # noqa: E402
from tagger.writing.jsonl import dump_line  # noqa: E402
from tagger.writing.record import as_record  # noqa: E402


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block took."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what:<52} {time.perf_counter() - wall:7.2f} s wall {time.process_time() - cpu:7.2f} s CPU", flush=True)


def suggestions(path: Path, wanted: int) -> None:
    """Write so many suggestions."""
    tagger = Tagger.load()
    rows = [json.loads(line) for line in (ROOT / "corpus" / "cases.jsonl").read_text(encoding="utf-8").splitlines()[:400]]
    lines = [as_record(tagger.tag(Case(row["id"], row["title"], row["text"], Origin("corpus")))) for row in rows]
    with path.open("w", encoding="utf-8") as out:
        for number, record in zip(range(wanted), itertools.cycle(lines)):
            out.write(dump_line(record | {"id": f"{record['id']}-{number}"}))
    print(f"{wanted} cases, {path.stat().st_size / wanted / 1000:.1f} kB each")


def opened(path: Path, what: str):
    """Open a review as `tagger review` does before it says its address; return (store, desk)."""
    from tagger.cli.reviewing import checked, default_store, plan_of, take_in
    from tagger.codebook import load_codebook
    from tagger.review.store import open_store
    from tagger.review.web.desk import Desk

    with timed(what):
        book, digest = load_codebook(), checked(path)
        store = open_store(default_store(path))
        take_in(store, path, digest, book)
        desk = Desk(store, book, plan_of(store, None, None, None))
    return store, desk


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--next", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.jsonl"
        suggestions(path, arguments.cases)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tagger", "review", "--help"], cwd=ROOT, capture_output=True, check=True)
        print(f"{'tagger review --help, a new process':<52} {time.perf_counter() - began:7.2f} s wall")
        store, _ = opened(path, "opened the first time (cases into the store)")
        store.close()
        store, desk = opened(path, "opened again")
        steps = asked(store, desk, arguments.next)
        for name, times in steps.items():
            ordered = sorted(times)
            print(f"{name:<52} median {statistics.median(times) * 1000:6.1f} ms, 95 % within {ordered[int(0.95 * len(ordered))] * 1000:6.1f} ms")
        store.close()


def asked(store, desk, count: int) -> dict[str, list[float]]:
    """Code so many cases through the server; return the seconds of each request by what was asked."""
    from starlette.testclient import TestClient

    from tagger.review.events import new_id, now
    from tagger.review.web.app import Settings, make_app
    from tagger.review.web.sessions import Reviewer, Sessions

    sessions = Sessions(lambda token: None)
    app = make_app(store, desk.codebook, settings=Settings(80, plan=desk.plan), sessions=sessions, desk=desk)
    client = TestClient(app, base_url="http://127.0.0.1", headers={"X-Tagger": "1", "Sec-Fetch-Site": "same-origin"})
    client.post("/api/login", json={"token": sessions.one_time_token(Reviewer("ann", "coder"))}).raise_for_status()
    steps: dict[str, list[float]] = {"next case": [], "a coding": []}
    for _ in range(count):
        began = time.perf_counter()
        case = client.get("/api/next").raise_for_status().json()["case"]
        middle = time.perf_counter()
        event = {"id": new_id(), "at": now(), "kind": "coding", "case": case["id"], "sha256": case["sha256"], "codes": {"economy": "commons", "model": "6"}}
        found = client.post("/api/events", json=[event]).raise_for_status().json()
        if found["refused"]:
            raise SystemExit(f"refused: {found['refused']}")
        steps["next case"].append(middle - began)
        steps["a coding"].append(time.perf_counter() - middle)
    return steps


if __name__ == "__main__":
    main()
