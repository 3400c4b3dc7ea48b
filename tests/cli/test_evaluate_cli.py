"""``tagger evaluate`` as its user meets it."""

from __future__ import annotations

import json

import pytest
from joblib import parallel_config

WORDS = {
    ("sharing", "9"): "People upload clips {} and viewers watch them; the company sells advertising to an audience of fans, number {}.",
    ("commons", "6"): "Volunteers write patches {} for the free encyclopaedia under an open licence and share them with all, number {}.",
    ("other", "outside"): "The factory {} pays wages to its staff and sells premium harvest tools to growers, says shareholder {}.",
}


@pytest.fixture(autouse=True)
def one_process():
    with parallel_config(backend="sequential"):
        yield


@pytest.fixture
def labelled(tmp_path):
    """Cases of three codes with words of their own, so that hardly two are near-duplicates."""
    rows = []
    for i in range(45):
        (economy, model), text = list(WORDS.items())[i % 3]
        own = " ".join(f"w{i}x{j}" for j in range(60))
        rows.append(
            {"id": f"c{i}", "title": f"T{i}", "text": f"{text.format(i, i)} {own}", "economy": economy, "model": model, "set": ("train", "dev_a")[i % 5 == 0]}
        )
    rows.append({"id": "x", "title": "X", "text": "A contradiction.", "economy": "none", "model": "9", "set": "train"})
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_model_is_measured(run, labelled, empty, tmp_path):
    done = run("evaluate", labelled, "--models", empty, "--replicates", "100", "-o", "out.json", "-o", "out.html")
    assert done.status == 0 and "Traceback" not in done.err
    assert "flatter" not in done.err  # rules have not learned from anything
    for said in (
        "All cases",
        "By source",
        "dev_a",
        "economy",
        "model",
        "gate",
        "6 peer production non monetary",
        "Codes taken for another",
        "Auto-accept",
    ):
        assert said in done.out
    assert "left out: 1 (pair not allowed by the codebook)" in done.err
    figures = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert figures["cases"] == 45 and figures["about"]["measured"] == "the rules alone"
    assert figures["sources"]["dev_a"]["model"]["cases"] == 9
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "the rules alone" in page and "labelled.jsonl" in page


def test_it_says_that_figures_on_training_cases_flatter(run, labelled):
    assert run("train", labelled, "-o", "m").status == 0
    done = run("evaluate", labelled, "--models", "m", "--replicates", "100")
    assert done.status == 0 and "36 of 45 cases are about initiatives that the model learned from: these figures flatter it" in done.err
    (labelled.parent / "m" / "trained" / "groups.txt").unlink()
    manifest = json.loads((labelled.parent / "m" / "trained" / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]["groups.txt"]
    (labelled.parent / "m" / "trained" / "manifest.json").write_text(json.dumps(manifest | {"format": 2}), encoding="utf-8")
    done = run("evaluate", labelled, "--models", "m", "--replicates", "100")  # an older model does not say which
    assert done.status == 0 and "36 of 45 cases are in no set named dev or test" in done.err


def test_cross_validation(run, labelled, tmp_path):
    done = run("evaluate", labelled, "--cv", "--replicates", "100", "-o", "cv.json")
    assert done.status == 0, done.err
    assert "set dev_a is held out" in done.err and "flatter" not in done.err and "Learning curve" not in done.out
    figures = json.loads((tmp_path / "cv.json").read_text(encoding="utf-8"))
    assert figures["cases"] == 36 and "cross-validated" in figures["about"]["measured"]
    assert figures["facets"]["model"]["summary"]["accuracy"]["value"] > 0.8


@pytest.mark.slow
def test_a_learning_curve_and_the_same_figures_twice(run, labelled, tmp_path):
    done = run("evaluate", labelled, "--cv", "--learning-curve", "--replicates", "100", "-o", "cv.json")
    assert done.status == 0 and "Learning curve" in done.out
    assert "learning curve: an eighth of the initiatives is left out" in done.err
    figures = json.loads((tmp_path / "cv.json").read_text(encoding="utf-8"))
    assert [step["share"] for step in figures["learning"]] == [0.25, 0.5, 1.0]
    assert [step["cases"] for step in figures["learning"]] == sorted({step["cases"] for step in figures["learning"]})
    assert run("evaluate", labelled, "--cv", "--replicates", "100", "-o", "again.json").status == 0
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["facets"] == figures["facets"]


def test_pages_of_a_dump_are_a_source_of_their_own(run, labelled, empty, tmp_path):
    page = "<page><title>T0</title><ns>0</ns><id>7</id><revision><id>8</id><text>'''T0''' sells advertising. [[Category:Video]]</text></revision></page>"
    (tmp_path / "wiki.xml").write_text(f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">{page}</mediawiki>', encoding="utf-8")
    done = run("evaluate", labelled, "--models", empty, "--dump", "wiki.xml", "--replicates", "100", "-o", "o.json")
    assert done.status == 0 and "1 of 45 texts were found as pages of wiki.xml" in done.err
    figures = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert figures["cases"] == 46 and figures["sources"]["dev_a (page)"]["model"]["cases"] == 1


def test_limit(run, labelled, empty, tmp_path):
    assert run("evaluate", labelled, "--models", empty, "--limit", "12", "--replicates", "100", "-o", "o.json").status == 0
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["cases"] == 12


@pytest.mark.parametrize(
    "arguments, status, said",
    [
        (("--learning-curve",), 2, "add --cv"),
        (("--cv", "--models", "m"), 2, "leave --models out"),
        (("-o", "out.csv"), 4, ".json or .html"),
        (("-o", "nowhere/out.json"), 4, "no folder"),
        (("--models", "nowhere"), 2, "no such folder of models"),
        (("--cv", "--limit", "2"), 2, "too few for cross-validation"),
        (("--dump", "nowhere.xml"), 2, "nowhere.xml"),
    ],
)
def test_what_can_go_wrong(run, labelled, arguments, status, said, tmp_path):
    done = run("evaluate", labelled, *arguments)
    assert done.status == status and said in done.err and "Traceback" not in done.err and not done.out
    assert not list(tmp_path.glob("*out*"))


def test_nothing_to_measure_on(run, tmp_path):
    (tmp_path / "none.jsonl").write_text('{"text": "Held out.", "economy": "sharing", "model": "9", "set": "dev_random"}\n')
    done = run("evaluate", "none.jsonl", "--cv")
    assert done.status == 2 and "none of 1 labelled cases" in done.err and "held out" in done.err
    (tmp_path / "empty.jsonl").write_text("")
    assert "none of 0 labelled cases" in run("evaluate", "empty.jsonl").err
    assert run("evaluate", "nowhere.jsonl").status == 2
