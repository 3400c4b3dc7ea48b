"""What is measured on: nothing that the candidate learned from, random cases first, and a fifth that stays where it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_labels import PAIRS, text_of

from tagger.case import Case, Origin
from tagger.codebook import load_codebook
from tagger.learning.labelled import Labelled
from tagger.registry.versions import group_digest
from tagger.retrain.gather import AUDIT
from tagger.retrain.held_out import LEAST, samples, split, unseen

BOOK = load_codebook()


def cases(number: int, start: int = 0, **more) -> list[Labelled]:
    made = [(i, PAIRS[i % 3]) for i in range(start, start + number)]
    return [Labelled(Case(f"c{i}", f"Case {i}", text_of(p, i), Origin("made")), *p, **({"group": f"g{i:04}"} | more)) for i, p in made]


def titles(found):
    return [(sample.title.split(",")[0], len(sample.cases), sample.fifth) for sample in samples(found)]


def test_the_audit_share_decides_first():
    train, audit = cases(30), cases(LEAST, 30, set=AUDIT, random=True)
    drawn, spread = cases(LEAST, 100, set="dev_random"), cases(LEAST, 200, set="dev_spread")
    assert titles(split(train + audit, BOOK)) == [("the random audit share of the review", LEAST, False)]
    assert titles(split(train + audit + spread + drawn, BOOK)) == [
        ("the random audit share of the review", LEAST, False),
        ("all held-out cases", 3 * LEAST, False),
    ]
    assert titles(split(train + audit[:-1] + drawn + spread, BOOK)) == [
        ("held-out cases drawn at random", 2 * LEAST - 1, False),
        ("all held-out cases", 3 * LEAST - 1, False),
    ]
    assert titles(split(train + audit[:5] + spread, BOOK)) == [("all held-out cases", LEAST + 5, False)]
    assert titles(split(train + cases(LEAST, 100, set="dev", group="one"), BOOK))[0][2]  # twenty texts, one initiative


def test_a_fifth_where_nothing_else_is_held_out():
    found = split(cases(200), BOOK)
    (sample,) = samples(found)
    assert sample.fifth and 25 <= len(sample.groups) <= 55
    assert len(found.train) == 200 and not found.held
    (later,) = samples(split(cases(260), BOOK))
    assert sample.groups == later.groups & {f"g{i:04}" for i in range(200)}  # who came later moves nobody
    assert samples(found, seed=1)[0].groups != sample.groups


def test_what_is_tied_to_held_out_cases_is_not_trained_on():
    held = replace(cases(1, 50)[0], set=AUDIT)
    same, copy = replace(cases(1, 60)[0], group=held.group), replace(cases(1, 70)[0], case=replace(held.case, id="copy"))
    found = split([*cases(10), held, same, copy], BOOK)
    assert [x.case.id for x, _ in found.train] == [f"c{i}" for i in range(10)]
    assert sum(found.left.values()) == 3


def test_a_forbidden_pair_is_neither_trained_nor_measured_on():
    bad = [replace(x, economy="none") for x in (cases(1, 50)[0], cases(1, 60, set="dev")[0])]
    found = split([*cases(3), *bad], BOOK)
    assert len(found.train) == 3 and not found.held and any("none / " in reason for reason in found.left)


@pytest.mark.parametrize("saw, left", [([], 30), (["g0030"], 29), (["g0000"], 30), (["first name"], 29), ([f"g{i:04}" for i in range(30, 60)], 0)])
def test_what_a_model_has_seen_is_told_from_what_it_has_not(saw, left):
    held = cases(30, 30, set="dev")
    twin = replace(cases(1, 90)[0], case=replace(held[5].case, id="twin"), group="first name")  # the same text under another name
    found = split([*cases(30), *held, twin], BOOK)
    (sample,) = samples(found)
    part = unseen(sample, found, frozenset(map(group_digest, saw)))
    assert len(part.cases) == left and (part is sample) == (left == 30)
