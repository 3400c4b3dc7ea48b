"""The second look: one line more, an exact sum, only where the first leaves a case undecided; and its files are held to the manifest."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from made_encoder import DIMENSIONS, log_odds, made_encoder

from tagger.case import Case, Origin
from tagger.coding.encoder import read_encoder
from tagger.coding.model_manifest import ENCODER, MANIFEST, NEURAL, described, read_manifest
from tagger.coding.second_look import DECIMALS, SENTENCES, WORDS, SecondLook, case_vector, load_second_look, looked_at, said_of, second_look_parts
from tagger.coding.stored import table_bytes
from tagger.errors import InputError, ModelError

TEXT = "Members share tools freely. The company sells clips.\n\nViewers upload clips; nobody pays wages. Volunteers harvest."
UNITS = 5


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return read_encoder(made_encoder(tmp_path_factory.mktemp("encoder") / "made"))


@pytest.fixture
def second(encoder, rules_alone):
    random, pairs = np.random.default_rng(1), rules_alone.pairs
    out, bias = random.normal(size=(UNITS, len(pairs))), random.normal(size=len(pairs))
    arrays = (random.normal(size=(3 * DIMENSIONS, UNITS)), random.normal(size=UNITS), out - out.mean(1, keepdims=True), bias - bias.mean())
    return SecondLook(pairs, encoder, *(a.astype(np.float16) for a in arrays), 0.75).unpacked()


def case(text=TEXT, title="Tools"):
    return Case("x", title, text, Origin("x"))


def test_the_line_is_what_the_network_says_and_the_sum_is_exact(second, rules_alone):
    ledger, _ = rules_alone.ledger(case())
    looked = second.look(case(), ledger)
    said = ["Members share tools freely.", "The company sells clips.", "Viewers upload clips; nobody pays wages.", "Volunteers harvest."]
    sentences = second.encoder.encode(said)
    title = second.encoder.encode(["Tools"])[0]
    vector = np.concatenate([sentences.mean(0), sentences[:2].mean(0), title])
    expected = log_odds(second, vector[None])[0]
    assert [e.source for e in looked.entries] == [*(e.source for e in ledger.entries), "neural"]
    np.testing.assert_allclose(looked.weights[-1], expected, atol=1e-5)
    np.testing.assert_array_equal(looked.weights[-1], looked.weights[-1].round(DECIMALS))  # what differs in the last bits must not reach the bytes
    np.testing.assert_array_equal(looked.weights[:-1], ledger.weights * 0.75)
    np.testing.assert_allclose(looked.scores(), ledger.scores() * 0.75 + looked.weights[-1], atol=1e-12)


def test_its_place_is_the_sentence_without_which_it_would_be_weakest(second, rules_alone):
    ledger, _ = rules_alone.ledger(case())
    looked = second.look(case(), ledger)
    start, end = looked.entries[-1].place
    winner, spans = int(looked.scores().argmax()), looked_at(TEXT)
    assert (start, end) in spans
    *encoded, title = second.encoder.encode(said_of(case(), spans))
    without = [case_vector(np.delete(np.array(encoded), i, 0), title) for i in range(len(spans))]
    weight = dict(zip(spans, log_odds(second, np.array(without))[:, winner], strict=True))
    assert weight[start, end] == pytest.approx(min(weight.values()), abs=1e-6) and len(set(weight.values())) == len(spans)


@pytest.mark.parametrize("text", ["", " \n ", "One.", "Word " * 5000, "A. " * 300])
def test_any_text_is_looked_at(second, rules_alone, text):
    ledger, _ = rules_alone.ledger(case(text))
    looked = second.look(case(text), ledger)
    assert np.isfinite(looked.weights).all()
    place = looked.entries[-1].place
    assert place is None or text[slice(*place)].strip() == text[slice(*place)] != ""


def test_what_is_looked_at_has_an_end():
    text = "\n\n".join(f"Number {i} is said here." for i in range(100))
    assert len(looked_at(text)) == SENTENCES and [text[slice(*span)] for span in looked_at(text)[:2]] == ["Number 0 is said here.", "Number 1 is said here."]
    assert said_of(case("a b " * 100, "t " * 100_000), [(0, 400)]) == [" ".join(["a b"] * (WORDS // 2)), " ".join(["t"] * WORDS)]


def test_only_what_is_undecided_is_looked_at_again(in_use, second):
    known = [case(), case("He wrote a book about birds and lives in Kent with his dog; it was printed in 1990.", "A man")]
    ledgers = [in_use.ledger(c)[0].scores() for c in known]
    tagger = type(in_use)(in_use.codebook, in_use.finder, in_use.rulebook, in_use.weights, "m", second=replace(second, pairs=in_use.pairs))
    for least in (0.01, 0.999):
        tagger.thresholds = replace(tagger.thresholds, decide=least)
        for c, scores in zip(known, ledgers, strict=True):
            found = tagger.ledger(c)[0]
            again = [e for e in found.entries if e.source == "neural"]
            assert len(again) == (least == 0.999)
            assert np.array_equal(found.scores(), scores) == (least == 0.01)
            choice, _ = tagger.explain(c)
            for facet in (choice.economy, choice.model):
                for code, lines in facet.ledgers.items():
                    assert sum(line.weight for line in lines) == pytest.approx(facet.scores[code], abs=1e-9)


def test_too_few_words_are_not_looked_at(in_use, second):
    tagger = type(in_use)(in_use.codebook, in_use.finder, in_use.rulebook, in_use.weights, "m", in_use.thresholds, second=second)
    assert not [e for e in tagger.ledger(case("Hm.", "x"))[0].entries if e.source == "neural"]


@pytest.fixture
def stored(tmp_path, second):
    """A folder with the files of a second look, and its manifest; `keep` writes other bytes under a right hash."""
    parts = second_look_parts(second)
    folder = tmp_path / "m"
    folder.mkdir()

    def keep(**others: bytes):
        files = {"weights.skops": b"", **parts, **{name.replace("_", "."): data for name, data in others.items()}}
        for name, data in files.items():
            (folder / name).write_bytes(data)
        (folder / MANIFEST).write_text(json.dumps({"format": 4, "files": {name: described(data) for name, data in files.items()}}))
        return folder, read_manifest(folder)

    return keep


def test_it_is_read_as_it_was_written(stored, second, rules_alone):
    read = load_second_look(*stored())
    ledger, _ = rules_alone.ledger(case())
    assert read.look(case(), ledger).weights.tobytes() == second.look(case(), ledger).weights.tobytes()
    assert second_look_parts(read) == second_look_parts(second)


def table(second, **other):
    arrays = {name: getattr(second, name) for name in ("hidden", "hidden_bias", "out", "out_bias")}
    return table_bytes({"pairs": json.dumps(second.pairs), "encoder": "made", "kept": 0.75} | arrays | other)


@pytest.mark.parametrize(
    "other",
    [{"encoder": "a\nb"}, {"kept": -1.0}, {"kept": "x"}, {"hidden": np.zeros((2, UNITS))}, {"out_bias": np.full(23, np.nan)}, {"pairs": "[]"}],
)
def test_what_does_not_fit_is_refused(stored, second, other):
    with pytest.raises(ModelError, match=r"neural\.skops: cannot be loaded"):
        load_second_look(*stored(neural_skops=table(second, **other)))


def test_it_must_be_over_the_pairs_of_the_weights(stored, second):
    assert load_second_look(*stored(), second.pairs).pairs == second.pairs
    with pytest.raises(ModelError, match="other pairs of codes than the weights"):
        load_second_look(*stored(), second.pairs[::-1])


@pytest.mark.parametrize("name", [NEURAL, ENCODER, "tokenizer.json"])
def test_a_changed_file_is_refused_before_it_is_opened(stored, name):
    folder, manifest = stored()
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        load_second_look(folder, manifest)


def test_a_missing_package_is_no_fault_of_the_model(stored, monkeypatch):
    folder, manifest = stored()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"^made: a sentence encoder needs packages") as caught:
        load_second_look(folder, manifest)
    assert "train anew" not in str(caught.value)


def test_a_pickle_in_its_place_never_runs(stored, tmp_path):
    import pickle

    class Runs:
        def __reduce__(self):
            return (open, (str(tmp_path / "it-ran"), "w"))

    with pytest.raises(ModelError, match="refused before opening"):
        load_second_look(*stored(neural_skops=pickle.dumps(Runs())))
    assert not (tmp_path / "it-ran").exists()


def test_a_model_without_one_says_so(tmp_path):
    with pytest.raises(ModelError, match="without a sentence encoder"):
        load_second_look(tmp_path, {"files": {}})
