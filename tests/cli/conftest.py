"""The command line as its user meets it: arguments in; exit status, standard output and standard error back."""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tagger.pipeline import Tagger

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160", "PYTHONWARNINGS": "ignore"}


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(scope="session")
def _loaded():
    return functools.cache(Tagger.load.__func__)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, _loaded):
    """Run a command line in this process, in a folder of its own. The same models and codebook are loaded once; ``fresh=True`` loads anew."""
    from tagger.cli import main

    original = Tagger.load
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments, input: bytes | None = None, fresh: bool = False) -> Ended:
        monkeypatch.setattr(sys, "argv", ["tagger", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(input or b""))))
        monkeypatch.setattr(Tagger, "load", original if fresh else classmethod(_loaded))
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run


@pytest.fixture
def start():
    """Start a command line in a process of its own."""

    def start(*arguments, cwd, **options) -> subprocess.Popen:
        command = [sys.executable, "-m", "tagger", *map(str, arguments)]
        return subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})  # noqa: S603

    return start


@pytest.fixture
def texts(tmp_path):
    """A folder of three texts."""
    folder = tmp_path / "texts"
    folder.mkdir()
    bakery = "The bakery is a workers' cooperative. Its members own it and share the surplus; the bread is sold in town."
    page = "<html><title>Code</title><body><p>Volunteers write <b>free software</b> under the GPL.</p></body></html>"
    (folder / "bakery.txt").write_text(bakery, encoding="utf-8")
    (folder / "clips.md").write_text("# Clips\n\nUsers upload their own videos. The company lives on advertising.\n", encoding="utf-8")
    (folder / "page.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def empty(tmp_path):
    """An empty folder for --models: the rules alone decide."""
    folder = tmp_path / "no-models"
    folder.mkdir()
    return folder
