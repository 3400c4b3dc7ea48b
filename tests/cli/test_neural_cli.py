"""--neural from training to tags: asked for, and only then, a sentence encoder looks again at what is undecided."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_encoder import made_encoder

from tagger.cli.train import train_to
from tagger.codebook import load_codebook
from tagger.coding.encoder import Encoder, read_encoder
from tagger.coding.model_manifest import MANIFEST, NEURAL, described
from tagger.coding.second_look import SecondLook, load_second_look, second_look_parts
from tagger.errors import ModelError
from tagger.learning.labelled import read_labelled, trainable
from tagger.learning.train import Settings
from tagger.learning.tuned_look import TUNED, case_key, read_second, tuned_bytes
from tagger.pipeline import Tagger, load_folder
from tagger.registry.verify import verify
from tagger.registry.versions import group_digest, trained_on, version
from tagger.retrain.current import current_of, news
from tagger.retrain.drifted import watch_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def labelled(tmp_path_factory):
    """The first authored cases of three codes."""
    rows = [json.loads(line) for line in (ROOT / "corpus" / "cases.jsonl").read_text().splitlines()]
    path = tmp_path_factory.mktemp("labelled") / "cases.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for model in ("1", "6", "9") for row in [r for r in rows if r["model"] == model][:12]))
    return path


@pytest.fixture(scope="session")
def models(tmp_path_factory, labelled):
    folder = tmp_path_factory.mktemp("models")
    train_to([labelled], folder, "with", None, None, True, decide=0.98, neural=made_encoder(tmp_path_factory.mktemp("e") / "made"))
    return folder


@pytest.fixture(scope="session")
def without(tmp_path_factory, labelled):
    folder = tmp_path_factory.mktemp("models")
    train_to([labelled], folder, "without", None, None, True)
    return folder


@pytest.fixture
def texts(tmp_path, labelled):
    path = tmp_path / "in.jsonl"
    path.write_bytes(labelled.read_bytes())
    return path


def neural_lines(record):
    return [line for line in record["evidence"] if line["source"] == "neural"]


def test_only_where_it_is_asked_for(run, models, texts):
    plain, again = run("tag", texts, "--models", models), run("tag", texts, "--models", models, "--neural")
    assert (plain.status, again.status) == (0, 0)
    assert not any(map(neural_lines, plain.records)) and len(again.records) == 36
    looked = [record for record in again.records if neural_lines(record)]
    assert looked and {line["name"] for record in looked for line in neural_lines(record)} == {"sentence encoder made"}
    before = {record["id"]: record for record in plain.records}
    for record in again.records:
        undecided = "abstained" in (before[record["id"]]["economy"]["status"], before[record["id"]]["model"]["status"])
        assert bool(neural_lines(record)) == undecided
        assert record["provenance"]["model"].startswith(before[record["id"]]["provenance"]["model"] + "+")


def test_workers_give_the_bytes_of_one_stream_and_kept_results_are_not_mixed(run, models, texts):
    stream = run("tag", texts, "--models", models, "--neural").out
    assert run("tag", texts, "-o", "out.jsonl", "--models", models).status == 0
    plain = Path("out.jsonl").read_text()
    assert run("tag", texts, "-o", "out.jsonl", "-j", 2, "--models", models, "--neural").status == 0
    assert Path("out.jsonl").read_text() == stream != plain
    assert run("tag", texts, "-o", "out.jsonl", "--models", models).status == 0
    assert Path("out.jsonl").read_text() == plain


def test_explain_and_evaluate_take_it_too(run, models, texts):
    assert "sentence encoder made" in run("explain", texts, "--models", models, "--neural", "--limit", 36).out
    done = run("evaluate", texts, "--models", models, "--neural", "-o", "figures.json", "--replicates", 100)
    assert done.status == 0 and "+" in json.loads(Path("figures.json").read_text())["about"]["measured"]


def test_the_card_says_what_it_does(models):
    card = (models / "with" / "CARD.md").read_text()
    assert "With --neural: second look by the sentence encoder made at" in card and "right before" in card


@pytest.mark.parametrize("command", ["tag", "explain", "evaluate"])
def test_a_model_without_one_is_told(run, without, texts, command):
    done = run(command, texts, "--models", without, "--neural")
    assert done.status == 2 and "trained without a sentence encoder; leave --neural out" in done.err


def test_rules_alone_have_none(run, tmp_path, texts):
    (tmp_path / "none").mkdir()
    done = run("tag", texts, "--models", "none", "--neural")
    assert done.status == 2 and "no model is there" in done.err


def test_cross_validation_has_no_model_to_take_it_from(run, texts):
    done = run("evaluate", texts, "--cv", "--neural")
    assert done.status == 2 and "leave --cv out" in done.err


def test_a_missing_package_is_told(run, models, texts, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = run("tag", texts, "--models", models, "--neural", fresh=True)
    assert done.status == 2 and "pip install 'case-tagger[neural]'" in done.err and "train anew" not in done.err
    assert run("models", "verify", "--models", models).status == 0  # its files are held to their hashes all the same


def test_training_tells_a_wrong_folder_before_it_trains(run, labelled, tmp_path):
    done = run("train", labelled, "-o", "m", "--neural", tmp_path / "nowhere")
    assert done.status == 2 and "nowhere: no such folder; a sentence encoder is a folder with model.onnx" in done.err
    assert not list((tmp_path / "m").glob("*"))


def test_a_second_look_over_other_pairs_is_a_fault_before_it_is_used(run, models, tmp_path, without):
    """Its files are as the manifest says, yet it does not go with the weights."""
    folder = shutil.copytree(models, tmp_path / "m") / "with"
    manifest = json.loads((folder / MANIFEST).read_text())
    look = load_second_look(folder, manifest)
    data = second_look_parts(replace(look, pairs=look.pairs[::-1]))[NEURAL]
    (folder / NEURAL).write_bytes(data)
    manifest["files"][NEURAL] = described(data)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    done = run("models", "verify", "--models", tmp_path / "m")
    assert done.status != 0 and "over other pairs of codes than the weights" in done.out + done.err


@pytest.mark.parametrize("command", ["tag", "explain", "evaluate"])
def test_help_names_the_extra(run, command):
    assert "case-tagger[neural]" in run(command, "--help").out.replace("│", "").replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("neural", [False, True])
def test_codes_of_a_second_look_are_no_drift(models, labelled, neural):
    """The reference was made without one, so codes and probabilities are not compared; words and cues are."""
    tagger = Tagger.load(models, neural=neural)
    watch = watch_for(models, tagger)
    for case in [x.case for x in read_labelled(labelled)] * 2:
        watch.add(tagger.tag(case))
    report = watch.report()
    assert report.compared == (not neural)
    assert any("probability" in s.feature or "proposed" in s.feature for s in report.shifts) == (not neural) and len(report.shifts) > 2


def test_diff_lays_it_to_the_second_look(run, models, texts):
    run("tag", texts, "-o", "a.jsonl", "--models", models)
    run("tag", texts, "-o", "b.jsonl", "--models", models, "--neural")
    done = run("diff", "a.jsonl", "b.jsonl", "-o", "d.json")
    assert done.status in (0, 1)
    told = Path("d.json").read_text()
    assert '"second look"' in told and "weights of the model" not in told


@pytest.fixture(scope="session")
def tuned(tmp_path_factory):
    """An encoder that was fine-tuned (its network is drawn by lot), and cases that it was held out of."""
    rows = [json.loads(line) for line in (ROOT / "corpus" / "cases.jsonl").read_text().splitlines()]
    folder = tmp_path_factory.mktemp("tuned")
    labelled = folder / "cases.jsonl"
    labelled.write_text("".join(json.dumps(row) + "\n" for model in ("1", "6", "9") for row in [r for r in rows if r["model"] == model][:20]))
    encoder, random, pairs = read_encoder(made_encoder(folder / "tuned")), np.random.default_rng(0), tuple(load_codebook().pairs)
    shapes = ((3 * encoder.dimensions, 8), (8,), (8, len(pairs)), (len(pairs),))
    look = SecondLook(pairs, encoder, *(random.normal(size=shape).astype(np.float16) for shape in shapes), 1.0)
    cases = trainable(read_labelled(labelled), load_codebook())[0]
    (folder / "tuned" / TUNED).write_bytes(tuned_bytes(look, {"1" * 16}, {case_key(x.case): random.normal(size=len(pairs)) for x in cases}))
    train_to([labelled], folder / "models", "first", None, None, True, neural=folder / "tuned")
    return folder, labelled, cases


def test_a_fine_tuned_one_is_weighed_and_that_of_a_model_kept(tuned, tmp_path):
    folder, labelled, cases = tuned
    first, given = version(folder / "models", "first"), read_second(folder / "tuned")
    assert first.manifest["neural"]["tuned"] == given.network and "all 60 held-out texts" in first.manifest["neural"]["told"]
    assert trained_on(first.folder) == {"1" * 16, *(group_digest(x.group) for x in cases)}
    shutil.copytree(first.folder, tmp_path / "renamed")
    fewer = tmp_path / "fewer.jsonl"
    fewer.write_text("\n".join(labelled.read_text().splitlines()[:40]))
    _, told = train_to([fewer], tmp_path / "models", "second", None, None, True, neural=tmp_path / "renamed")
    second = version(tmp_path / "models", "second")
    assert any("tuned, kept as it was fine-tuned" in line for line in told) and verify(second, load_folder(), []) == []
    assert (second.folder / NEURAL).read_bytes() == (first.folder / NEURAL).read_bytes() and second.manifest["neural"]["tuned"] == given.network
    assert trained_on(second.folder) == trained_on(first.folder)  # what the second look learned from, though the weights have not
    assert Tagger.load(tmp_path / "models", neural=True).second.encoder.name == "tuned"


def test_one_that_cannot_be_weighed_is_refused_before_any_training(run, tuned, texts, tmp_path):
    done = run("train", texts, "-o", tmp_path / "m", "--neural", tuned[0] / "tuned")
    assert done.status == 2 and "tuned: 36 of the 36 cases were held out when it was fine-tuned, and at least 50 are needed" in done.err
    assert not (tmp_path / "m").exists()
    done = run("retrain", "--labelled", texts, "--models", tuned[0] / "models", "--neural", tuned[0] / "tuned")
    assert done.status == 2 and "and at least 50 are needed" in done.err


def test_another_network_or_none_is_news(tuned):
    folder, _, cases = tuned
    current, loaded = current_of(folder / "models", None, load_folder()), load_folder()
    own, given = read_second(folder / "models" / "first"), read_second(folder / "tuned")

    def same(second):
        return news(current, cases, loaded, Settings(), None, False, second).same

    assert own.held_out is None and same(None) and same(own) and same(given)
    assert not same(given.encoder) and not same(replace(given, network="f" * 16))


@pytest.mark.parametrize("tuned_as", [True, "no", 1, {}, [], ""])
def test_a_manifest_that_says_otherwise_of_a_fine_tuned_one_is_refused(tuned, tmp_path, tuned_as):
    shutil.copytree(tuned[0] / "models" / "first", tmp_path / "odd")
    manifest = json.loads((tmp_path / "odd" / MANIFEST).read_text())
    manifest["neural"]["tuned"] = tuned_as
    (tmp_path / "odd" / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"says of its second look that it was fine-tuned, but not which network"):
        read_second(tmp_path / "odd")


def test_an_encoder_that_fails_on_a_text_costs_that_text_alone_and_is_no_defect_of_ours(run, models, texts, monkeypatch):
    right = Encoder.encode
    told = [json.loads(line) for line in texts.read_text().splitlines()]

    def encode(self, sentences):
        if sentences[-1] == told[0]["title"]:
            raise ModelError("made: the sentence encoder failed (on purpose)")
        return right(self, sentences)

    monkeypatch.setattr(Encoder, "encode", encode)
    done = run("tag", texts, "-o", "out.jsonl", "--limit", 36, "--models", models, "--neural")
    (left,) = [json.loads(line) for line in Path("quarantine.jsonl").read_text().splitlines()]
    assert done.status == 3 and len(Path("out.jsonl").read_text().splitlines()) == 35
    assert left["message"].endswith("could not be tagged: made: the sentence encoder failed (on purpose)") and "defect" not in left["message"]
