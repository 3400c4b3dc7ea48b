"""The direction of imports: a file imports only from floors below its own, and rooms on one floor do not know each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tagger"
# from the bottom up; names are files or folders in tagger/
FLOORS = (
    ("case", "errors"),
    ("places",),
    ("reading", "writing", "codebook"),
    ("codings",),
    ("cues",),
    ("coding",),
    ("pipeline",),
    ("registry",),
    ("batch", "learning", "corpus"),
    ("review",),
    ("retrain",),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imported(source: str, module: tuple[str, ...]) -> set[tuple[int, str]]:
    """Return (line, room) of every import of a room of the package, also within functions and under TYPE_CHECKING; room '' is the package itself."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(module[: len(module) - node.level]) if node.level else []
            base += node.module.split(".") if node.module else []
            names = [[*base, alias.name] if base == ["tagger"] else base for alias in node.names]
        else:
            continue
        found |= {(node.lineno, name[1] if len(name) > 1 else "") for name in names if name[0] == "tagger"}
    return found


def violations(package: Path) -> list[str]:
    """Return what is wrong, one line a fault."""
    faults = []
    for file in sorted(package.rglob("*.py")):
        inside = file.relative_to(package)
        module = ("tagger", *inside.with_suffix("").parts)
        room = module[1]
        for line, other in sorted(imported(file.read_text(encoding="utf-8"), module)):
            at = f"{inside}:{line}"
            if inside.name == "__init__.py" and len(inside.parts) == 1:
                faults.append(f"{at}: tagger/__init__.py imports {other}")
            elif room not in FLOOR:
                faults.append(f"{at}: {room} stands on no floor")
            elif other in ("", "__version__") or other == room:
                continue
            elif FLOOR.get(other, len(FLOORS)) >= FLOOR[room]:
                faults.append(f"{at}: {room} imports {other}")
    return faults


def test_imports_lead_downwards():
    assert violations(PACKAGE) == []


def test_every_room_has_its_floor():
    rooms = {p.stem for p in PACKAGE.glob("*.py")} | {p.parent.name for p in PACKAGE.glob("*/*.py")}
    assert sorted(rooms - set(FLOOR) - {"__init__"}) == []


@pytest.mark.parametrize(
    "file, source, fault",
    [
        ("reading/a.py", "from tagger.cues import CueFinder", "reading imports cues"),
        ("reading/a.py", "def f():\n    import tagger.writing.jsonl", "reading imports writing"),
        ("cues/a.py", "if TYPE_CHECKING:\n    from tagger.coding.rules import RuleBook", "cues imports coding"),
        ("coding/a.py", "from tagger import pipeline", "coding imports pipeline"),
        ("coding/a.py", "from .. import batch", "coding imports batch"),
        ("coding/a.py", "from ..pipeline import Tagger", "coding imports pipeline"),
        ("batch.py", "from tagger.learning.train import train", "batch imports learning"),
        ("case.py", "import tagger.errors", "case imports errors"),
        ("pipeline.py", "from tagger.nowhere import x", "pipeline imports nowhere"),
        ("__init__.py", "from tagger.cues import CueFinder", "tagger/__init__.py imports cues"),
        ("attic/a.py", "from tagger.case import Case", "attic stands on no floor"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path, file, source, fault):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(source, encoding="utf-8")
    found = violations(tmp_path)
    assert len(found) == 1
    assert found[0].endswith(fault)


def test_what_is_allowed_passes(tmp_path):
    (tmp_path / "cues").mkdir()
    (tmp_path / "cues" / "a.py").write_text(
        "import re\nfrom tagger import __version__\nfrom tagger.case import Case\nfrom .b import c\nfrom tagger.cues.b import d\n", encoding="utf-8"
    )
    assert violations(tmp_path) == []
