"""What has moved on since a model was trained: nothing, rules, codebook, cues, labels; each said with how much."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tagger.case import Case, Origin
from tagger.coding.model_manifest import GOLDEN, GROUPS, MANIFEST, WEIGHTS, described
from tagger.codings.merge import Label
from tagger.cues import CueFinder
from tagger.errors import ModelError
from tagger.learning.labelled import Labelled
from tagger.learning.model_folder import training_hash
from tagger.pipeline import Tagger
from tagger.registry.golden import golden_bytes
from tagger.registry.versions import group_digest
from tagger.retrain.stale import Stale, cautions_of, stale


def labelled(name: str, model: str = "6", drawn_in: str = "wiki") -> Labelled:
    return Labelled(Case(name, name, f"About {name}.", Origin("made")), "commons", model, name, drawn_in)


TRAINED = [labelled(name) for name in ("alpha", "beta", "gamma")]


@pytest.fixture(scope="module")
def golden(in_use):
    return golden_bytes(in_use)


@pytest.fixture
def model(tmp_path, in_use, golden):
    """A function that writes the folder of a model that was trained with what is in use."""

    def make(with_golden=True, with_groups=True):
        folder = tmp_path / "2026.11"
        folder.mkdir()
        groups = "".join(f"{digest}\n" for digest in sorted(group_digest(x.group) for x in TRAINED)).encode()
        parts = ({GOLDEN: golden} if with_golden else {}) | ({GROUPS: groups} if with_groups else {})
        used = (("codebook", in_use.codebook), ("rules", in_use.rulebook), ("lexicon", in_use.finder.lexicon))
        manifest = {name: {"version": part.version, "sha256": part.sha256} for name, part in used}
        manifest |= {"format": 3, "files": {WEIGHTS: {"sha256": "0" * 64}} | {name: described(data) for name, data in parts.items()}}
        manifest["training"] = {"texts": 3, "initiatives": 3, "sha256": training_hash(TRAINED)}
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        for name, data in parts.items():
            (folder / name).write_bytes(data)
        return folder

    return make


def with_rules(tagger, **changes):
    return Tagger(tagger.codebook, tagger.finder, replace(tagger.rulebook, sha256="0" * 64, **changes), tagger.weights)


def test_nothing_has_moved(model, in_use):
    found = stale(model(), in_use, TRAINED)
    assert found == Stale("2026.11") and found.sentence == ""


def test_rules_that_weigh_otherwise_move_scores_by_as_much(model, in_use):
    moved = {rule.id: replace(rule, weight=rule.weight + 0.5) for rule in in_use.rulebook.rules}
    found = stale(model(), with_rules(in_use, version="1.7.0", rules=tuple(moved.values())))
    assert found.parts == (f"rules {in_use.rulebook.version} → 1.7.0",)
    _, texts, most = found.scores
    fewest = 0.5 / in_use.weights.temperature
    assert texts > 5 and most >= fewest - 1e-6
    assert abs(most / fewest - round(most / fewest)) < 1e-4  # so many rules fired for the pair that moved most
    assert "rules 1.1.0 → 1.7.0" in found.sentence and "tagger retrain" in found.sentence and "\n" not in found.sentence


def test_a_change_that_moves_no_score_is_said_to_move_none(model, in_use):
    found = stale(model(), with_rules(in_use))
    assert "changed under the version" in found.parts[0]
    assert "none of the" in found.sentence and "is scored otherwise" in found.sentence


def test_rules_that_are_gone_are_counted(model, in_use):
    known = {mark.removeprefix("rule:") for mark in in_use.weights.marks if mark.startswith("rule:")}
    kept = tuple(rule for rule in in_use.rulebook.rules if rule.id in known)[3:]
    assert f"with 3 of the {len(known)} rules that it corrects gone" in stale(model(), with_rules(in_use, rules=kept)).sentence


def test_codebook_and_cues(model, in_use):
    finder = CueFinder(replace(in_use.finder.lexicon, sha256="1" * 64, version="9.0.0"))
    book = replace(in_use.codebook, sha256="2" * 64, version="1.0.9")
    found = stale(model(with_golden=False), Tagger(book, finder, in_use.rulebook, in_use.weights))
    assert found.parts == ("codebook 1.0.0 → 1.0.9", f"cues {in_use.finder.lexicon.version} → 9.0.0")
    assert found.scores is None and "codebook 1.0.0 → 1.0.9, cues" in found.sentence


def test_new_labels_are_counted_by_initiative(model, in_use):
    now = [*TRAINED, labelled("delta"), labelled("delta", drawn_in="wiki"), labelled("epsilon", drawn_in="test_random"), labelled("zeta")]
    assert stale(model(), in_use, now).labels == "2 of 5 labelled initiatives (40%)"


def test_labels_that_were_changed(model, in_use):
    assert "changed since" in stale(model(), in_use, [*TRAINED[:2], labelled("gamma", model="8")]).sentence


def test_codings_without_texts(model, in_use):
    codes = {"economy": "commons", "model": "6"}
    labels = [Label(name, name, codes, "majority", ("x", "y")) for name in ("alpha", "delta", "eta")]
    labels += [Label("tied", "Tied", codes, "unresolved", ("x", "y")), Label("half", "Half", {"model": "6"}, "single", ("x",))]
    folder = model()
    assert stale(folder, in_use, labels=labels).labels == "2 of 3 labelled initiatives (67%)"
    assert stale(folder, in_use, labels=labels[:1]).sentence == ""


def test_a_model_that_does_not_record_its_initiatives(model, in_use):
    now = [*TRAINED, labelled("delta")]
    assert stale(model(with_groups=False), in_use, now).labels.startswith("about 1 of 4 labelled initiatives")


def test_golden_texts_that_are_none(model, in_use):
    folder = model()
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][GOLDEN] = described(b"{}")
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (folder / GOLDEN).write_bytes(b"{}")
    with pytest.raises(ModelError, match="golden predictions"):
        stale(folder, with_rules(in_use))


def test_the_caution_of_the_pipeline_is_said_more_fully(model, in_use):
    folder = model()
    moved = with_rules(in_use, version="1.7.0")
    moved.cautions = ("model 2026.11 was trained with another rules.toml: train anew", "something else")
    assert cautions_of(folder, moved) == ("something else", stale(folder, moved).sentence)
    assert cautions_of(folder, in_use) == in_use.cautions


def test_rules_alone_keep_their_caution(tmp_path, rules_alone):
    assert cautions_of(tmp_path, rules_alone) == rules_alone.cautions != ()
