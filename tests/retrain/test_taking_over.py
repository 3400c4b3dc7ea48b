"""What holds a candidate back, and taking over: the model in use is whole at every moment, killed or with a full disk."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tagger.codebook import load_codebook
from tagger.coding.classifier import Block, Weights
from tagger.coding.model_file import load_weights, weights_bytes
from tagger.coding.model_manifest import GROUPS, METRICS, WEIGHTS, current_folder, described, in_use
from tagger.errors import OutputError
from tagger.learning.resampled import Figure
from tagger.pipeline import load_folder
from tagger.registry.history import PROMOTED, read_history
from tagger.registry.promote import promote, rollback
from tagger.registry.verify import verify
from tagger.registry.versions import versions
from tagger.retrain.compare import CodePair, Comparison, FacetPair, Pair
from tagger.retrain.held_out import LEAST
from tagger.retrain.promotion import ENOUGH, Taken, held_back, summary, take_over

BOOK = load_codebook()


def pair(change: float | None, low: float | None = None, high: float | None = None) -> Pair:
    return Pair(Figure(0.7), Figure(0.7), Figure(change, low, high))


SAME = pair(0.0, -0.02, 0.02)


def comparison(title="made cases", groups=100, codes=(), **overall: Pair) -> Comparison:
    facets = {}
    for facet in ("economy", "model", "gate"):
        given = {name: overall.get(f"{facet}_{name}", SAME) for name in ("alpha", "macro_f1", "accuracy")}
        facets[facet] = FacetPair(given, tuple(codes) if facet == "model" else ())
    return Comparison(title, "old", groups, groups, facets, 1000, 0)


@pytest.mark.parametrize(
    "change, holds",
    [
        (pair(-0.05, -0.08, -0.02), True),
        (pair(-0.05, -0.12, 0.0), False),  # within the reach of the interval
        (pair(-0.05, -0.12, 0.01), False),
        (pair(0.05, 0.02, 0.08), False),
        (pair(-0.05), True),  # and nothing tells how sure that is
        (pair(0.0), False),
        (pair(None), False),
    ],
)
@pytest.mark.parametrize("figure", ["economy_alpha", "model_alpha", "model_macro_f1"])
def test_worse_overall_beyond_the_interval(figure, change, holds):
    found = held_back([comparison(**{figure: change})])
    assert bool(found) is holds
    if holds:
        assert len(found) == 1 and found[0].startswith(figure.split("_")[0]) and "0.050" in found[0]


def test_accuracy_and_the_gate_are_shown_and_hold_nothing_back():
    bad = pair(-0.2, -0.3, -0.1)
    assert held_back([comparison(economy_accuracy=bad, gate_alpha=bad)]) == ()


@pytest.mark.parametrize(
    "cases, change, most, holds",
    [(ENOUGH, -0.11, 0.10, True), (ENOUGH - 1, -0.5, 0.10, False), (99, -0.09, 0.10, False), (99, -0.09, 0.05, True)],
)
def test_no_code_may_fall_by_more_than_a_stated_amount(cases, change, most, holds):
    found = held_back([comparison(codes=[CodePair("9", cases, pair(change, -0.6, 0.3)), CodePair("6", 50, pair(None))])], most)
    assert bool(found) is holds and all("model 9" in line and f"{most:.2f}" in line for line in found)


def test_a_second_sample_holds_back_too():
    bad, fallen = pair(-0.2, -0.3, -0.1), CodePair("9", 30, pair(-0.2))
    assert held_back([comparison(), comparison("more", economy_alpha=bad)]) == ("economy: alpha is lower by 0.200 (0.100 to 0.300) on more",)
    assert held_back([comparison(), comparison("more", groups=3)]) == ()
    (found,) = held_back([comparison(), comparison("more", codes=[fallen])])
    assert "30 cases of more" in found


def test_few_initiatives_tell_nothing():
    assert "19 initiatives are too few" in held_back([comparison(groups=LEAST - 1)])[0]
    assert held_back([comparison(groups=LEAST)]) == ()


def test_the_history_is_told_how_it_did():
    assert summary(comparison(model_alpha=pair(0.0312, 0.01, 0.05))) == (
        "alpha on made cases (100 initiatives): economy +0.000 (-0.020 to +0.020), model +0.031 (+0.010 to +0.050)"
    )


# taking over


@cache
def loaded():
    return load_folder()


@cache
def weights(seed: int) -> tuple[Weights, bytes]:
    random, pairs = np.random.default_rng(seed), tuple(BOOK.pairs)

    def block(*terms: str) -> Block:
        return Block(terms, random.random(len(terms)) + 1, random.normal(size=(len(terms), len(pairs))).astype(np.float32))

    coef = random.normal(size=(1, len(pairs))).astype(np.float32)
    made = Weights(pairs, random.normal(size=len(pairs)), block("free", "software"), block("head:free"), ("page:url",), coef)
    return made, weights_bytes(made)


def take(models: Path, name: str, seed: int, why: str | None = "better", instead_of: str | None = "old") -> Taken:
    made, data = weights(seed)
    training = {"texts": 3, "initiatives": 2, "sources": ["made.jsonl"], "coded_by": "nobody", "sha256": "0" * 64, "economy": {}, "model": {}}
    book = {"id": BOOK.id, "version": BOOK.version, "sha256": BOOK.sha256}
    manifest = {"format": 3, "tagger": "0", "files": {WEIGHTS: described(data)}, "codebook": book, "training": training, "thresholds": {"decide": 0.5}}
    manifest |= {name: {"version": "1.0.0", "sha256": "1" * 64} for name in ("rules", "lexicon")} | {"settings": {"seed": 0}, "libraries": {}}
    parts = {GROUPS: b"0123456789abcdef\n", METRICS: b"{}\n"}
    return take_over(models, name, made, data, manifest, parts, instead_of=instead_of, why=why, loaded=loaded())


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    assert take(folder, "old", 0, instead_of=None).promoted
    return folder


def whole(models: Path) -> set[str]:
    """Return the names of the versions, all of which must be whole; that in use must load."""
    found = versions(models)
    assert [fault for version in found for fault in verify(version, loaded(), read_history(models))] == []
    load_weights(current_folder(models))
    return {version.name for version in found}


def test_taking_over_and_going_back(models):
    taken = take(models, "new", 1)
    assert taken == Taken(models / "new", True) and in_use(models) == "new"
    last = read_history(models)[-1]
    assert (last.did, last.model, last.was, last.why, last.by) == (PROMOTED, "new", "old", "better", "tagger retrain")
    assert rollback(models).model == "old"
    assert whole(models) == {"old", "new"}


def test_kept_aside(models):
    assert take(models, "new", 1, why=None) == Taken(models / "new", False)
    assert in_use(models) == "old" and whole(models) == {"old", "new"}
    promote(models, "new", loaded=loaded())
    assert in_use(models) == "new"


def test_another_model_that_came_meanwhile_stays(models):
    take(models, "theirs", 2)
    taken = take(models, "new", 1)
    assert not taken.promoted and in_use(models) == "theirs" and whole(models) == {"old", "theirs", "new"}


def test_a_name_that_is_taken(models):
    assert take(models, "old", 1) == Taken(models / "old-2", True)
    assert take(models, "old", 1, instead_of="old") == Taken(models / "old-2", True)  # the very same is not written twice
    assert whole(models) == {"old", "old-2"}


TOUCHES = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree")


def killed(models: Path, at: int) -> int:
    """Take over in a child that dies before its change number `at` to the folder; return its exit status."""
    if (child := os.fork()) == 0:
        left = at

        def kill(event: str, args: tuple) -> None:
            nonlocal left
            if event in TOUCHES and str(models) in str(args[0]) and not (event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR)):
                left -= 1
                if not left:
                    os._exit(77)

        try:
            sys.addaudithook(kill)
            take(models, "new", 1)
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_before_any_change_the_model_in_use_is_whole_and_the_same_call_ends_alike(models, tmp_path):
    moments, used = 0, []
    while (status := killed(place := shutil.copytree(models, tmp_path / f"at{moments + 1}"), moments + 1)) != 0:
        assert status == 77
        moments += 1
        used.append(in_use(place))
        assert whole(place) <= {"old", "new"}
        assert take(place, "new", 1).promoted
        assert in_use(place) == "new" and whole(place) == {"old", "new"}
        assert [e.model for e in read_history(place) if e.did == PROMOTED] == ["old", "new"]
    assert moments >= 15 and used[0] == "old" and used == sorted(used, reverse=True)  # one step from old to new, and never back


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "rename", "mkdir", pytest.param("open", marks=pytest.mark.slow)])
def test_on_a_full_disk_the_model_in_use_is_whole(models, tmp_path, monkeypatch, call):
    """The writer's system calls fail one after another, as on a disk that is full from then on, until one run comes through."""
    original = getattr(os, call)
    for moment in range(1, 100):
        place, count = shutil.copytree(models, tmp_path / f"at{moment}"), 0

        def fails(*args, moment=moment, place=place, **more):
            nonlocal count
            writes = call != "open" or (str(place) in str(args[0]) and args[1] & os.O_CREAT)
            count += writes
            if writes and count >= moment:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return original(*args, **more)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fails)
            try:
                taken = take(place, "new", 1)
            except OutputError as problem:
                assert "full" in str(problem)
            else:
                assert taken.promoted
                break
        assert in_use(place) in ("old", "new") and whole(place) <= {"old", "new"}
        assert not [p for p in place.glob(".*.tmp")]
        assert take(place, "new", 1).promoted and whole(place) == {"old", "new"}
    assert moment > 1, "the fault was never met"

