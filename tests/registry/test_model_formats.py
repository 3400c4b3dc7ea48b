"""Every retired format keeps a model here, written by the code of its day, that is still read; and the newest is the one that is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from made_models import saved

from tagger.case import Case, Origin
from tagger.coding.model_file import load_weights
from tagger.coding.model_manifest import FORMAT, MANIFEST, READABLE, current_folder
from tagger.pipeline import Tagger, load_folder
from tagger.registry.golden import finder_of
from tagger.registry.promote import promote
from tagger.registry.verify import verify
from tagger.registry.versions import version

FORMATS = Path(__file__).parent / "formats"
RETIRED = sorted(form for form in READABLE if form != FORMAT)


def test_every_retired_format_keeps_a_model():
    assert [json.loads((FORMATS / f"format-{form}" / MANIFEST).read_text())["format"] for form in RETIRED] == RETIRED


@pytest.mark.parametrize("form", RETIRED)
def test_it_is_read_number_for_number(form):
    weights, _ = load_weights(FORMATS / f"format-{form}")
    expected = json.loads((FORMATS / f"format-{form}.expected.json").read_text())
    assert [list(pair) for pair in weights.pairs] == expected["pairs"]
    assert (weights.temperature, weights.base.tolist()) == (expected["temperature"], expected["base"])
    assert (len(weights.words.terms), len(weights.places.terms), len(weights.marks)) == (expected["words"], expected["places"], expected["marks"])
    assert {term: weights.words.coef[weights.words.columns[term]].tolist() for term in expected["coef"]} == expected["coef"] != {}
    assert (None if weights.cues is None else [list(value) for value in weights.cues.values]) == expected["cues"]


@pytest.mark.parametrize("form", RETIRED)
def test_it_is_verified_promoted_and_decides(form, tmp_path):
    models, name = tmp_path / "models", f"format-{form}"
    book, lexicon, rules = loaded = load_folder()
    saved(models, "new")
    shutil.copytree(FORMATS / name, models / name)
    assert verify(version(models, name), loaded) == []
    promote(models, name, loaded=loaded)
    assert current_folder(models) == models / name
    tagger = Tagger(book, finder_of(lexicon), rules, load_weights(models / name)[0])
    decision = tagger.tag(Case("x", "Seed bank", "Members grow seeds and share them freely under an open licence.", Origin("x", "1")))
    assert decision.economy.code in decision.economy.scores
    assert (tagger.weights.cues is not None) == (form > 1)


def test_what_is_written_is_the_newest(tmp_path):
    assert json.loads((saved(tmp_path, "x") / MANIFEST).read_text())["format"] == FORMAT
