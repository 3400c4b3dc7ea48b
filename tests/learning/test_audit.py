"""Which cases of a batch were drawn at random and coded."""

from __future__ import annotations

import pytest

from tagger.codebook import load_codebook
from tagger.codings.table import Coding
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.learning.audit import audit_labels

BOOK = load_codebook()
COMMONS, OTHER = {"economy": "commons", "model": "6"}, {"economy": "other", "model": "outside"}


def coding(case: str, codes=COMMONS, coder: str = "ann", **more) -> Coding:
    return Coding(case, coder, codes, **{"random": True, **more})


def records(*ids: str) -> list[dict]:
    return [{"id": id, "text": f"Text of {id}."} for id in ids]


def test_only_random_settled_cases_of_the_batch_count():
    codings = [
        coding("a"),
        coding("b", random=False),
        coding("c", random=None),
        coding("d"),
        coding("d", OTHER, "bob"),
        coding("e", sha256=fingerprint("An older text.")),
        coding("f", sha256=fingerprint("Text of f.")),
        coding("elsewhere"),
    ]
    found = audit_labels(records("a", "b", "c", "d", "e", "f", "g"), codings, BOOK)
    assert dict(found.labels) == {"a": COMMONS, "f": COMMONS}
    assert found.left == {"not drawn at random": 2, "coders differ": 1, "the text has changed since it was coded": 1, "not a case of this batch": 1}
    assert any("2 of 4 audit cases have no settled label" in line for line in found.sentences())


def test_few_unsettled_cases_are_no_matter_for_alarm():
    ids = [f"c{i}" for i in range(40)]
    found = audit_labels(records(*ids), [*(coding(id) for id in ids), coding("c0", OTHER, "bob")], BOOK)
    assert len(found.labels) == 39 and found.sentences() == ["left out: 1 (coders differ)"]


def test_an_audit_without_a_case_is_refused():
    with pytest.raises(InputError, match="1 not drawn at random"):
        audit_labels(records("a"), [coding("a", random=False)], BOOK)
    with pytest.raises(InputError, match="no coding at all"):
        audit_labels(records("a"), [], BOOK)
