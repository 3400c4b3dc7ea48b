"""The merging rules, one by one."""

import csv
from itertools import permutations
from pathlib import Path

import pytest

from tagger.codebook import load_codebook
from tagger.codings.merge import merge, units_of
from tagger.codings.table import Coding
from tagger.corpus.coded_folder import read_coded

BOOK = load_codebook()
SHARED = Path(__file__).parents[3] / "shared"
PAIRS = {"6": "commons", "9": "sharing", "1": "other", "8": "commons", "none": "none", "5": "crowdsourcing"}


def coding(model, coder, **about):
    return Coding("c", coder, {"economy": PAIRS[model], "model": model, **about.pop("cues", {})}, **about)


def settled(*codings, texts=None):
    label = merge(codings, BOOK, texts)["c"]
    return label.settled, label.codes.get("economy"), label.codes.get("model")


def test_one_coder_all_alike_and_most():
    assert settled(coding("6", "a")) == ("single", "commons", "6")
    assert settled(coding("6", "a"), coding("6", "b")) == ("unanimous", "commons", "6")
    for order in permutations([coding("6", "a"), coding("9", "b"), coding("6", "d")]):
        assert settled(*order) == ("majority", "commons", "6")


def test_a_tie_is_unresolved_and_cannot_be_used():
    for order in permutations([coding("6", "a"), coding("9", "b")]):
        assert settled(*order) == ("unresolved", None, None)
    label = merge([coding("6", "a"), coding("8", "b")], BOOK)["c"]
    assert (label.settled, label.usable, dict(label.codes)) == ("unresolved", False, {"economy": "commons"})
    assert settled(coding("6", "a"), coding("9", "b"), coding("8", "d"), coding("9", "e"), coding("8", "f"))[0] == "unresolved"


def test_adjudicated_beats_majority_and_the_later_of_two():
    votes = [coding("6", "a"), coding("6", "b"), coding("6", "d")]
    assert settled(*votes, coding("9", "judge", role="adjudicator")) == ("adjudicated", "sharing", "9")
    two = [coding("9", "judge", role="adjudicator", date="2026-02-01"), coding("8", "other judge", role="adjudicator", date="2026-01-01")]
    for order in permutations(two):
        assert settled(*votes, *order) == ("adjudicated", "sharing", "9")


def test_an_author_does_not_count():
    assert settled(coding("6", "writer", role="author"), coding("9", "a")) == ("single", "sharing", "9")
    assert settled(coding("6", "writer", role="author"))[0] == "unresolved"


def test_a_coder_who_coded_again_counts_once_with_the_latest():
    assert settled(coding("6", "a", date="2026-01-01"), coding("9", "a", date="2026-01-02")) == ("single", "sharing", "9")
    assert settled(coding("9", "a", date="2026-01-02"), coding("6", "a", date="2026-01-01")) == ("single", "sharing", "9")
    assert settled(coding("6", "a"), coding("9", "a")) == ("single", "sharing", "9")


def test_a_coding_of_another_text_is_stale():
    old, new = coding("6", "a", sha256="0" * 64), coding("9", "b", sha256="1" * 64)
    assert settled(old, new, texts={"c": "1" * 64}) == ("single", "sharing", "9")
    assert settled(old, texts={"c": "1" * 64})[0] == "stale"
    assert settled(old, coding("6", "d"), texts={"c": "1" * 64})[0] == "single"  # nobody recorded which text d saw
    assert not merge([old], BOOK, {"c": "1" * 64})["c"].usable


def test_facets_are_settled_each_and_must_go_together():
    rows = [
        Coding("c", x, {"economy": e, "model": m})
        for x, e, m in (("a", "commons", "6"), ("b", "sharing", "6"), ("d", "sharing", "9"), ("e", "commons", "8"), ("f", "sharing", "8"))
    ]
    assert settled(*rows) == ("unresolved", "sharing", None)
    contradiction = [
        Coding("c", x, {"economy": e, "model": m})
        for x, e, m in (("a", "commons", "7"), ("b", "commons", "8"), ("d", "sharing", "9"), ("e", "commons", "6"), ("f", "sharing", "9"))
    ]
    assert settled(*contradiction) == ("unresolved", "commons", "9")


def test_a_tied_cue_has_no_value_and_holds_nothing_back():
    rows = [coding("6", "a", cues={"licensing": "open", "value": "use"}), coding("6", "b", cues={"licensing": "unstated", "value": "use"})]
    label = merge(rows, BOOK)["c"]
    assert label.settled == "unanimous" and dict(label.codes) == {"economy": "commons", "model": "6", "value": "use"}


def test_agreement_compares_coders_only():
    rows = [coding("6", "a"), coding("9", "b"), coding("9", "judge", role="adjudicator"), coding("6", "writer", role="author")]
    assert units_of(rows)["model"] == {"c": {"a": "6", "b": "9"}}


def test_agreement_compares_codings_of_the_same_text_only():
    rows = [coding("6", "a", sha256="0" * 64), coding("9", "b", sha256="1" * 64), coding("9", "d", sha256="1" * 64)]
    assert units_of(rows)["model"] == {"c [00000000]": {"a": "6"}, "c [11111111]": {"b": "9", "d": "9"}}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
@pytest.mark.parametrize("folder", ["p2pwiki", "wikipedia", "others"])
def test_shared_codings_merge_to_the_shared_labels(folder):
    codings, _ = read_coded(SHARED / folder, BOOK)
    labels = merge(codings, BOOK)
    with (SHARED / folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        truth = {row["id"]: row for row in csv.DictReader(stream)}
    assert truth.keys() == labels.keys()
    for case, row in truth.items():
        assert labels[case].settled == row["settled"], case
        if labels[case].usable:
            assert (labels[case].codes["economy"], labels[case].codes["model"]) == (row["economy"], row["model"]), case
