"""Targets of a corpus: read, or refused with every fault."""

from pathlib import Path

import pytest

from tagger.corpus.targets import Targets, read_targets
from tagger.errors import InputError

CORPUS = Path(__file__).parents[2] / "corpus"


def test_the_corpus_has_the_targets_that_were_asked_for():
    targets = read_targets(CORPUS)
    assert targets == read_targets(CORPUS / "targets.toml")
    assert (targets.cases, targets.initiatives, targets.longest, targets.shortest, targets.style_margin) == (700, 450, 500, 40, 0.1)
    assert [targets.wanted(model) for model in ("1", "none", "outside")] == [45, 60, 60]
    assert ("6", "8") in targets.near_miss_pairs


def test_a_folder_without_targets_has_none(tmp_path):
    assert read_targets(tmp_path) == Targets()
    assert Targets().wanted("1") is None


def test_all_faults_are_said_at_once(tmp_path):
    path = tmp_path / "t.toml"
    path.write_text('case = 3\ninitiatives = "many"\ncosine = 2\nof_model = { none = -1 }\nregisters = [1]\nnear_miss_pairs = [["1"]]\nlongest = true\n')
    with pytest.raises(InputError) as error:
        read_targets(path)
    said = str(error.value)
    assert "7 faults" in said
    assert "case: unknown" in said
    assert "cases" in said
    for key, value in (("initiatives", "'many'"), ("cosine", "2"), ("of_model", "{'none': -1}"), ("registers", "[1]"), ("near_miss_pairs", "[['1']]")):
        assert f"{key}: {value} in place of" in said
    assert "longest: True in place of a count" in said


@pytest.mark.parametrize("content, said", [(None, "cannot be read"), ("= 1", "not TOML")])
def test_a_file_that_is_none_is_said(tmp_path, content, said):
    path = tmp_path / "t.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said):
        read_targets(path)
