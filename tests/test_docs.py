"""What is written is executed: README's commands and Python, and the notebooks."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
COMMANDS = [line.strip() for block in BLOCKS for line in block.splitlines() if re.match(r"\s+(?:tagger|printf|cat \S+ \| tagger) ", line)]
ELSEWHERE = re.compile("--scheduler|s3://")  # run by tests/batch/test_clusters.py and tests/cli/test_remote_files.py, with clusters and stores of their own
COMMANDS = [command for command in COMMANDS if not ELSEWHERE.search(command)]
PYTHON = ["\n".join(line[4:] for line in block.splitlines()) for block in BLOCKS if "import spacy" in block]


SERVER = re.compile(r"tagger (review|serve) (?!.*--(xlsx|csv|import))")  # goes on until Ctrl-C


def opened_page(arguments: str, folder: Path, environment: dict[str, str]) -> str:
    """Start a command that serves a page, read the page that its address leads to, end it by Ctrl-C; return the page and what was said."""
    environment = {**environment, "PYTHONFAULTHANDLER": "1"}
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tagger", *arguments.split(), "--no-browser", "--port", "0"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = re.search(r"http://[^#\s]+", process.stdout.readline())
    assert address, process.stderr.read()
    page = urllib.request.urlopen(address[0], timeout=20).read().decode()  # noqa: S310
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:  # seen once in many runs: what it was doing then is to be told
        process.send_signal(signal.SIGABRT)
        raise AssertionError(f"did not end on Ctrl-C: {process.communicate(timeout=30)[1]}") from None
    assert process.returncode == 0, said
    return page + said


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with the corpus beside it, as README's reader has it, and a `tagger` on the path."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "corpus").symlink_to(ROOT / "corpus")
    (folder / "bin").mkdir()
    script = folder / "bin" / "tagger"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tagger "$@"\n')
    script.chmod(0o755)
    return folder


def test_readme_has_commands():
    assert len(COMMANDS) >= 8
    assert len(PYTHON) == 1


@pytest.mark.slow
@pytest.mark.timeout(900)  # it trains twice
def test_readme_commands_run(workplace):
    environment = {**os.environ, "PATH": f"{workplace / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for command in COMMANDS:
        if SERVER.match(command):
            assert "0 cases coded" in opened_page(command.removeprefix("tagger "), workplace, environment)
            continue
        done = subprocess.run(command, shell=True, cwd=workplace, env=environment, capture_output=True, text=True)  # noqa: S602 (README's own lines)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert len((workplace / "results.jsonl").read_text(encoding="utf-8").splitlines()) == 14
    assert (workplace / "report.html").stat().st_size > 10_000


def test_readme_python_runs(capsys):
    namespace: dict = {}
    import tagger.cues.component  # noqa: F401 (the entry point is only there in an installed package)

    exec(compile(PYTHON[0], "README.md", "exec"), namespace)  # noqa: S102
    printed = capsys.readouterr().out
    assert "ownership members affirmed" in printed
    assert "advertising sells_attention negated" in printed


CORPUS = ROOT / "corpus"


def listed_columns(heading: str) -> list[str]:
    """Return the columns that the datasheet's table under a heading lists, in its order."""
    section = (CORPUS / "README.md").read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    return [name for row in re.findall(r"^\| (`[a-z0-9_`, ]+) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]


def test_the_datasheet_lists_the_columns_of_the_files():
    cases = [json.loads(line) for line in (CORPUS / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(set(listed_columns("Columns of `cases.jsonl`")) == case.keys() for case in cases)
    tables = {p.name: next(csv.reader(p.open(encoding="utf-8", newline=""))) for p in sorted((CORPUS / "codings").glob("*.csv"))}
    assert tables.pop("coders.csv") == ["coder", "kind", "files", "who", "saw"]
    assert len(tables) >= 5
    for header in tables.values():
        assert header == listed_columns("Columns of `codings/*.csv`")


def test_the_datasheet_names_every_file_and_every_coder_is_described():
    text = (CORPUS / "README.md").read_text(encoding="utf-8")
    tables = [p for p in sorted((CORPUS / "codings").glob("*.csv")) if p.name != "coders.csv"]
    assert all(f"`codings/{p.name}`" in text for p in tables)
    with (CORPUS / "codings" / "coders.csv").open(encoding="utf-8", newline="") as stream:
        described = {(row["coder"], row["files"]) for row in csv.DictReader(stream) if row["kind"] in ("person", "language model")}
    for path in tables:
        with path.open(encoding="utf-8", newline="") as stream:
            assert {(row["coder"], path.name) for row in csv.DictReader(stream)} <= described, path.name


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.name)
def test_notebook_runs(path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    assert any(cell.get("outputs") for cell in notebook.cells)


def test_there_is_a_notebook():
    assert list((ROOT / "notebooks").glob("*.ipynb"))
