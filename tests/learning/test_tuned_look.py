"""A fine-tuned second look: read whole or refused, weighed by cases that its encoder had not seen alone, and kept as it is where there are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_encoder import DIMENSIONS, TABLE, made_encoder
from made_fit import BOOK, PAIRS

from tagger.case import Case, Origin
from tagger.coding.decide import Thresholds
from tagger.coding.encoder import Encoder
from tagger.coding.model_manifest import GROUPS, NEURAL
from tagger.coding.rules import load_rules
from tagger.coding.second_look import ARRAYS, SecondLook, second_look_parts
from tagger.coding.stored import checked, table_bytes, table_of
from tagger.cues import CueFinder, load_lexicon
from tagger.errors import ModelError
from tagger.learning.folds import cross_fitted
from tagger.learning.outcomes import cross_validated
from tagger.learning.second_look_training import add_second_look, case_vectors, looked_again, train_second_look
from tagger.learning.train import look_at
from tagger.learning.tuned_look import TUNED, Tuned, case_key, read_second, tuned_bytes

UNITS = 16
OPEN = Thresholds(decide=0.99)


@pytest.fixture(scope="module")
def look(fit, encoder):
    """Its network knows where the codes' words stand: the vectors of the first sentences of each code are its units."""
    y = np.array([PAIRS.index(x.pair) for x in fit.cases])
    X = case_vectors(encoder, [x.case for x in fit.cases]).astype(float)
    X[:, :DIMENSIONS] = X[:, 2 * DIMENSIONS :] = 0
    means = np.array([X[y == k].mean(0) for k in range(3)])
    hidden, out = np.zeros((3 * DIMENSIONS, UNITS)), np.zeros((UNITS, len(BOOK.pairs)))
    hidden[:, :3] = (means - means.mean(0)).T * 40
    for k, pair in enumerate(PAIRS):
        out[k, list(BOOK.pairs).index(pair)] = 1
    bias = np.full(len(BOOK.pairs), -3.0)
    bias[[list(BOOK.pairs).index(pair) for pair in PAIRS]] = 0
    centred = [a - a.mean(-1, keepdims=True) for a in (out, bias)]
    arrays = [a.astype(np.float16) for a in (hidden, np.zeros(UNITS), *centred)]
    return SecondLook(tuple(BOOK.pairs), encoder, *arrays, 1.0).unpacked()


@pytest.fixture(scope="module")
def tuned(fit, look):
    """It had not seen the first half of the cases."""
    cases = [x.case for x in fit.cases[:75]]
    said = look.log_odds(case_vectors(look.encoder, cases))
    return Tuned(look, "0" * 16, frozenset({"1" * 16}), {case_key(c): row for c, row in zip(cases, said, strict=True)})


def test_it_is_weighed_on_what_it_had_not_seen_and_not_learned_anew(fit, tuned):
    looked = train_second_look(fit, tuned, OPEN)
    assert looked.cases == 75 and 40 < looked.undecided <= 75
    for before, after in looked.right.values():
        assert before < 0.7 and after > before + 0.2
    np.testing.assert_array_equal(looked.look.hidden, tuned.look.hidden)
    weight = looked.look.out[0, 0] / tuned.look.out[0, 0]
    assert weight > 0
    np.testing.assert_allclose(looked.look.out, tuned.look.out * weight, rtol=2e-3, atol=1e-6)  # halved numbers
    seen = [replace(x, economy="other", model="outside") if i >= 75 else x for i, x in enumerate(fit.cases)]  # labels of what it had seen tell nothing
    again = train_second_look(replace(fit, cases=seen), tuned, OPEN)
    assert second_look_parts(again.look) == second_look_parts(looked.look) and again.right == looked.right


def test_it_brings_its_network_or_is_an_encoder_like_any_other(tmp_path, tuned):
    folder = made_encoder(tmp_path / "made")
    assert isinstance(read_second(folder), Encoder)
    (folder / TUNED).write_bytes(tuned_bytes(tuned.look, tuned.groups, tuned.held_out))
    found = read_second(folder)
    assert found.encoder.name == "made" and found.held_out.keys() == tuned.held_out.keys()
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(found.look, name), getattr(tuned.look, name))
    for key, said in found.held_out.items():
        np.testing.assert_allclose(said, tuned.held_out[key], rtol=1e-6)
    assert tuned_bytes(found.look, found.groups, found.held_out) == (folder / TUNED).read_bytes() and found.groups == tuned.groups


@pytest.mark.parametrize(
    "other",
    [{"said": np.zeros((75, 3))}, {"said": np.full((75, 23), np.nan)}, {"cases": '["a", "a"]'}, {"hidden": np.zeros((2, UNITS))}, {"kept": -1.0}],
)
def test_a_foreign_network_is_refused(tmp_path, tuned, other):
    folder, path = made_encoder(tmp_path / "made"), tmp_path / "made" / TUNED
    data = tuned_bytes(tuned.look, tuned.groups, tuned.held_out)
    table = table_of(*checked(data, path))
    path.write_bytes(table_bytes(table))
    assert path.read_bytes() == data and read_second(folder).held_out
    path.write_bytes(table_bytes(table | other))
    with pytest.raises(ModelError, match=r"tuned\.skops: cannot be loaded .*; fine-tune anew"):
        read_second(folder)
    path.write_bytes(b"no zip")
    with pytest.raises(ModelError, match=r"tuned\.skops: refused before opening"):
        read_second(folder)
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(ModelError, match="a symbolic link"):
        read_second(folder)


def test_a_network_is_bound_to_its_encoder(tmp_path, tuned):
    folder = made_encoder(tmp_path / "made", table=TABLE * 2)
    (folder / TUNED).write_bytes(tuned_bytes(tuned.look, tuned.groups, tuned.held_out))
    with pytest.raises(ModelError, match="belongs to another encoder than the model"):
        read_second(folder)


def test_one_that_was_held_out_of_few_cases_or_is_over_other_pairs_is_refused(fit, tuned):
    few = dict(list(tuned.held_out.items())[:49])
    for held_out, known in ((few, 49), ({}, 0)):
        with pytest.raises(ModelError, match=f"made: {known} of the 150 cases were held out when it was fine-tuned, and at least 50 are needed"):
            train_second_look(fit, replace(tuned, held_out=held_out), OPEN)
    for held_out in (tuned.held_out, None):
        other = replace(tuned, look=replace(tuned.look, pairs=tuned.look.pairs[::-1]), held_out=held_out)
        with pytest.raises(ModelError, match="made: was fine-tuned over other pairs of codes"):
            add_second_look(fit, other, OPEN, {}, {})


def test_that_of_a_model_is_kept_as_it_is(fit, tuned):
    manifest, parts = {}, {GROUPS: b"2222222222222222\n"}
    told = add_second_look(fit, replace(tuned, held_out=None), OPEN, manifest, parts)
    both = b"1111111111111111\n2222222222222222\n"  # what either learned from
    assert parts == second_look_parts(tuned.look) | {GROUPS: both} and manifest["neural"] == {"encoder": "made", "told": told, "tuned": "0" * 16}
    assert "kept as it was fine-tuned" in told
    told = add_second_look(fit, tuned, OPEN, manifest, parts)
    assert parts[NEURAL] != second_look_parts(tuned.look)[NEURAL] and manifest["neural"]["tuned"] == "0" * 16 and "75 held-out texts" in told


def test_cross_validation_looks_again_at_what_it_had_not_seen_alone(fit, tuned):
    finder, rules = CueFinder(load_lexicon(BOOK)), load_rules(BOOK)
    given = (fit.cases, [look_at(x.case, finder, rules, BOOK) for x in fit.cases], BOOK, fit.settings, OPEN)
    plain, looked = (cross_validated(*given, second=s).probabilities for s in (None, tuned))
    changed = ~np.isclose(plain, looked).all(axis=1)
    assert changed[:75].any() and not changed[75:].any()
    other = [replace(x, economy="other", model="outside") if i >= 75 else x for i, x in enumerate(fit.cases)]  # labels of what it had seen weigh nothing
    fit_, y = cross_fitted(*given[:-1], OPEN), np.array([list(BOOK.pairs).index(x.pair) for x in fit.cases])
    assert (y[75:] != list(BOOK.pairs).index(("other", "outside"))).any()
    found = [looked_again(cases, fit_, tuple(BOOK.pairs), tuned, OPEN, fit.settings) for cases in (fit.cases, other)]
    np.testing.assert_array_equal(*found)


def test_a_case_is_known_by_what_is_read_of_it():
    case = Case("1", "A", "Text.", Origin("x"))
    assert case_key(case) == case_key(replace(case, id="2")) != case_key(replace(case, title="B")) != case_key(replace(case, text="A"))
