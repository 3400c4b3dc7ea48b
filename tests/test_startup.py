"""``tagger --help`` imports nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("spacy", "sklearn", "pandas", "re2", "scipy", "numpy", "joblib", "skops", "pyarrow", "zstandard")
CODE = """
import sys
sys.argv = ["tagger", *{args}]
try:
    import tagger.cli
    tagger.cli.main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted(name for name in {heavy} if name in sys.modules), file=sys.stderr)
"""


def loaded(*args):
    code = CODE.format(args=list(args), heavy=HEAVY)
    run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60)  # noqa: S603
    assert run.returncode == 0, run.stderr
    return run.stdout, run.stderr.split("LOADED")[1].split()


@pytest.mark.parametrize("args", [("--help",), ("--version",)])
def test_nothing_heavy_is_imported(args):
    out, heavy = loaded(*args)
    assert "tagger" in out
    assert heavy == []


def test_the_check_can_fail():
    code = CODE.format(args=["--version"], heavy=HEAVY).replace("import sys\n", "import sys\nimport numpy\n", 1)
    run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60)  # noqa: S603
    assert "numpy" in run.stderr.split("LOADED")[1]
