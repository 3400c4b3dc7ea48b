"""A scripted month through the command line, undisturbed and with ten kills on the way: it ends in the same state."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from made_month import MONTH, REVIEWED, ROOT, WHY, Step, planted, prepare, tagger, truth_of

sys.path.insert(0, str(Path(__file__).parents[1] / "codebook"))
from made_versions import made

from tagger.codebook import load_codebook
from tagger.codebook.moves import load_with_moves
from tagger.coding.model_manifest import in_use
from tagger.codings.table import read_codings
from tagger.registry.history import MADE, PROMOTED, ROLLED_BACK, read_history
from tagger.registry.verify import verify
from tagger.registry.versions import versions
from tagger.review.exchange import export_events
from tagger.review.store import open_store

pytest.importorskip("cleanlab")
WIKI = Path(os.environ.get("P2PWIKI", ROOT.parent / "shared" / "p2pwiki"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160", "PYTHONHASHSEED": "random", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
KILLS, SEED = 10, 23
DONE = ("review", "adjudicate", "export", "retrain", "migrate", "rollback")  # run again as if killed at their very end; the others only write one file
CLOCK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(not (WIKI / "labels.csv").is_file(), reason=f"the pages of the dump, and what coders held of them, are not in {WIKI} (P2PWIKI)"),
    pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="kills by the time that a process has worked, which it reads in /proc"),
]


@dataclass
class Month:
    """A folder in which a month was played: seconds of work of every step, the steps that were killed, and how."""

    folder: Path
    work: dict[str, float]
    killed: list[tuple[str, float]]


@pytest.fixture(scope="module")
def begin(tmp_path_factory) -> Path:
    """What a month begins with: pages, authored cases, a model that was trained on these and one before it, and the next version of the codebook."""
    folder = tmp_path_factory.mktemp("month") / "begin"
    folder.mkdir()
    prepare(folder, WIKI)
    outside_is_12 = '{ facet = "model", kind = "renamed", from = ["outside"], to = ["12"] }'
    also_commons = ('12 = { typical = ["other"] }', '12 = { typical = ["other"], possible = ["commons"] }')
    made(folder / "renamed", "2.0.0", outside_is_12, retire={"outside": "12"}, add={"12": "other"}, edits=(also_commons,))
    for labelled, name in (("few.jsonl", "oldest"), ("base.jsonl", "first")):
        finish(tagger("train", "train", labelled, "-o", "models", "--name", name), folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(begin) -> Month:
    month = Month(shutil.copytree(begin, begin.with_name("undisturbed")), {}, [])
    for step in MONTH:
        month.work[step.name] = finish(step, month.folder)
    return month


@pytest.fixture(scope="module")
def disturbed(begin, undisturbed) -> Month:
    """The month with ten kills, later moments of a step likelier than earlier ones: that is where it writes. Only the killed step is run again."""
    month = Month(shutil.copytree(begin, begin.with_name("disturbed")), {}, [])
    rng = np.random.default_rng(SEED)
    drawn = rng.permutation(len(MONTH))[:KILLS]
    moments = dict(zip(drawn.tolist(), (1 - rng.random(KILLS) ** 2).tolist(), strict=True))
    for number, step in enumerate(MONTH):
        share = moments.get(number)
        for _ in range(4 if share is not None else 0):
            if killed(start(step.command, month.folder), share * undisturbed.work[step.name]):
                month.killed.append((step.name, share))
                break
            share *= 0.8  # it was faster today, and ended before: then it is done several times, which must change nothing either
        finish(step, month.folder, again=share is not None)
        if step.name in DONE:
            finish(step, month.folder, again=True)
    return month


def start(command: tuple[str, ...], folder: Path) -> subprocess.Popen:
    with (folder / ".said").open("wb") as said:
        streams = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
        return subprocess.Popen([sys.executable, *command], cwd=folder, env=ENVIRONMENT, start_new_session=True, **streams)  # noqa: S603


def finish(step: Step, folder: Path, again: bool = False) -> float:
    """Run a command to its end; return the seconds that it worked. It does its work, or says, run again, that this was done before."""
    process, work = start(step.command, folder), 0.0
    while (status := process.poll()) is None:
        work = max(work, worked(process.pid))
        time.sleep(0.005)
    said = (folder / ".said").read_text(encoding="utf-8", errors="replace")
    assert status == 0 or (again and step.done and step.done in said), (step.name, status, said)
    assert "Traceback" not in said
    return work


def killed(process: subprocess.Popen, after: float) -> bool:
    """Kill a process, and those that it started, when it has worked for so many seconds; return False where it had ended by itself."""
    while process.poll() is None:
        if worked(process.pid) >= after:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        time.sleep(0.002)
    return False


def worked(pid: int) -> float:
    """Seconds of CPU that a process has had, with all its threads, without others that it started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK


def state(folder: Path) -> dict[str, object]:
    """What a month leaves: every file by its bytes, the history without its times, the review without what SQLite arranges as it likes."""
    with open_store(folder / "review.db", create=False) as store:
        assert store.check() == []
        export_events(store, folder / "review.jsonl")
    files = [path for path in folder.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    found: dict[str, object] = {str(path.relative_to(folder)): path.read_bytes() for path in files if not path.name.startswith("review.db")}
    history = read_history(folder / "models")
    return found | {"models/HISTORY.jsonl": [(e.did, e.model, e.was, e.sha256, e.why, e.by) for e in history], "in use": in_use(folder / "models")}


def test_the_month_learns_from_people_and_goes_back(undisturbed):
    folder = undisturbed.folder
    models, records = folder / "models", [json.loads(line) for line in (folder / "before.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 500 and {r["provenance"]["model"].split()[0] for r in records} == {"first"}
    assert {json.loads(line)["provenance"]["model"].split()[0] for line in (folder / "after.jsonl").read_text(encoding="utf-8").splitlines()} == {"month"}
    done = [(e.did, e.model) for e in read_history(models)]
    assert done[:2] == [(MADE, "oldest"), (PROMOTED, "oldest")]
    assert done[2:] == [(MADE, "first"), (PROMOTED, "first"), (MADE, "month"), (PROMOTED, "month"), (ROLLED_BACK, "first")]
    assert in_use(models) == "first" and read_history(models)[-1].why == WHY
    assert [verify(version) for version in versions(models)] == [[], [], []]
    assert json.loads((folder / "diff.json").read_text(encoding="utf-8"))["changed"]


def test_adjudication_undoes_the_errors_that_a_second_coder_shows(undisturbed):
    folder, truth, unseen = undisturbed.folder, truth_of(undisturbed.folder), planted(undisturbed.folder)
    reviewed = [json.loads(line) for line in (folder / "reviewed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(reviewed) == REVIEWED and {r["id"] for r in reviewed if (r["economy"], r["model"]) != truth[r["id"]]} == unseen
    deciders = {coding.coder for coding in read_codings(folder / "codings.csv", load_codebook()) if coding.role == "adjudicator"}
    assert deciders == {"eve"}


def test_most_of_the_planted_errors_are_among_the_top_suspects(undisturbed):
    ranked = [json.loads(line)["id"] for line in (undisturbed.folder / "suspects.jsonl").read_text(encoding="utf-8").splitlines()]
    unseen = planted(undisturbed.folder)
    assert len(ranked) == round(0.2 * 420)
    assert len(unseen.intersection(ranked)) > len(unseen) / 2


def test_the_renamed_code_took_its_labels_along(undisturbed):
    book, _ = load_with_moves(undisturbed.folder / "renamed")
    before = read_codings(undisturbed.folder / "codings.csv", load_codebook())
    after = read_codings(undisturbed.folder / "migrated", book)
    renamed = [c.codes["model"] for c in before].count("outside")
    assert renamed and [c.codes["model"] for c in after].count("12") == renamed and not any(c.codes["model"] == "outside" for c in after)


def test_killed_ten_times_it_ends_in_the_same_state(undisturbed, disturbed):
    assert len(disturbed.killed) == KILLS, disturbed.killed
    was, now = state(undisturbed.folder), state(disturbed.folder)
    assert sorted(was) == sorted(now)
    assert [name for name in was if was[name] != now[name]] == [], disturbed.killed
