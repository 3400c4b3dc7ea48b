"""What several tests need: the authored cases, and the pipeline with a model and without."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tagger.case import Case, Origin
from tagger.pipeline import Tagger, released_models

ROOT = Path(__file__).parents[1]

# the same examples in every run, so that a red build is one's own; HYPOTHESIS_PROFILE=explore looks for new ones
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@dataclass(frozen=True)
class Authored:
    """An authored case with its labels, the names it bears in the text, and its system ('' for none)."""

    case: Case
    economy: str
    model: str
    names: tuple[str, ...]
    system: str


@pytest.fixture(scope="session")
def authored() -> list[Authored]:
    path = ROOT / "corpus" / "cases.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Authored(Case(r["id"], r["title"], r["text"], Origin(str(path), f"line {i}")), r["economy"], r["model"], tuple(r["names"]), r.get("system") or "")
        for i, r in enumerate(rows, 1)
    ]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory) -> Path:
    """A folder of models with one that was trained on the authored cases in seconds."""
    from tagger.coding.decide import Thresholds
    from tagger.coding.model_file import weights_bytes
    from tagger.learning.labelled import read_labelled
    from tagger.learning.model_folder import manifest_of, save_model
    from tagger.learning.train import Settings, look_at, train

    alone, models, path = Tagger.load(tmp_path_factory.mktemp("none")), tmp_path_factory.mktemp("models"), ROOT / "corpus" / "cases.jsonl"
    cases, settings = read_labelled(path), Settings(topics=0, iterations=30)
    weights = train(cases, [look_at(x.case, alone.finder, alone.rulebook, alone.codebook) for x in cases], alone.codebook, settings)
    data = weights_bytes(weights)
    manifest = manifest_of(data, cases, alone.codebook, alone.rulebook, alone.finder.lexicon, settings, Thresholds(), [path.name])
    save_model(models, "small", weights, manifest, data)
    return models


@pytest.fixture(scope="session")
def in_use(request) -> Tagger:
    """The pipeline with the released model, or, while there is none, with a small one."""
    there = (released_models() / "CURRENT").is_file()
    return Tagger.load() if there else Tagger.load(request.getfixturevalue("small_model"))


@pytest.fixture(scope="session")
def rules_alone(tmp_path_factory) -> Tagger:
    """The pipeline with an empty folder for models."""
    return Tagger.load(tmp_path_factory.mktemp("empty"))
