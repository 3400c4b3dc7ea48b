"""``tagger corpus suspects``, ``next``, ``simulate`` and ``estimate`` as their user meets them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from joblib import parallel_config

from tagger.codebook import load_codebook
from tagger.codings.table import Coding, write_codings
from tagger.review.cases import read_suggestions

WORDS = {
    ("sharing", "9"): ["clips", "viewers", "upload", "channel", "advertisers", "audience"],
    ("commons", "6"): ["volunteers", "licence", "contributors", "patches", "fork", "encyclopaedia"],
    ("other", "outside"): ["harvest", "growers", "premium", "wages", "shareholders", "factory"],
}
FLIPPED = ("c5", "c50", "c100")


@pytest.fixture(autouse=True)
def one_process():
    with parallel_config(backend="sequential"):
        yield


@pytest.fixture
def labelled(tmp_path):
    """300 cases of three codes, three of them with the label of another."""
    random, rows = np.random.default_rng(2), []
    for i in range(300):
        pair = tuple(WORDS)[i % 3]
        text = " ".join([str(w) for w in random.choice(WORDS[pair], 8)] + [f"own{i}x{j}" for j in range(30)])
        economy, model = tuple(WORDS)[(i + 1) % 3] if f"c{i}" in FLIPPED else pair
        rows.append({"id": f"c{i}", "title": f"Case {i}", "text": text, "economy": economy, "model": model, "set": "train"})
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_suspects_are_printed_and_written_for_review(run, labelled, tmp_path):
    pytest.importorskip("cleanlab")
    done = run("corpus", "suspects", labelled, "-o", "suspects.jsonl", "--share", "0.05")
    assert done.status == 0 and "Traceback" not in done.err
    assert "15 of 300 labels are ranked here" in done.err
    ids = [case.id for case in read_suggestions(tmp_path / "suspects.jsonl")]
    assert set(ids[:3]) == set(FLIPPED) and len(ids) == 15
    assert all(f"Case {id[1:]}" in done.out for id in FLIPPED)


def test_suspects_need_a_name_that_review_reads_and_ids_of_their_own(run, labelled, tmp_path):
    assert "ends so" in run("corpus", "suspects", labelled, "-o", "suspects.csv").err
    done = run("corpus", "suspects", labelled, labelled, "-o", "suspects.jsonl")
    assert done.status == 2 and "several cases ('c0'" in done.err
    assert not (tmp_path / "suspects.jsonl").exists()


@pytest.mark.slow
def test_next_shows_the_curve_and_what_more_labels_bring(run, labelled, tmp_path):
    done = run("next", labelled, "--replicates", "100", "-o", "next.json")
    assert done.status == 0 and "Traceback" not in done.err
    assert "F1 by share of the labels" in done.out and "macro-F1" in done.out
    figures = json.loads((tmp_path / "next.json").read_text(encoding="utf-8"))
    assert {(n["facet"], n["code"]) for n in figures} >= {("model", "9"), ("model", ""), ("economy", "commons")}
    for n in figures:
        cases = [p["cases"] for p in n["points"]]
        assert cases == sorted(cases) and (n["more"] is None) == bool(n["why"])
        assert n["more"] is not None or n["why"] in " ".join(done.out.split())


@pytest.mark.slow
def test_simulate_prints_both_orders_and_their_ratio(run, labelled, tmp_path):
    done = run("simulate", labelled, "--seeds", "1", "-o", "replay.json")
    assert done.status == 0 and "Traceback" not in done.err
    for said in ("cases to draw from", "Labels needed", "model, queue", "model, random", "of the labels that random order needs"):
        assert said in done.out
    figures = json.loads((tmp_path / "replay.json").read_text(encoding="utf-8"))
    assert [c["order"] for c in figures["curves"]] == ["queue", "random"] and figures["pool"] + figures["apart"] == 300
    done = run("simulate", labelled, "--seeds", "1", "--retrain-after", "1", "-o", "seldom.json")
    assert done.status == 0
    seldom = json.loads((tmp_path / "seldom.json").read_text(encoding="utf-8"))["curves"][0]["labels"]
    assert seldom[:3] == [40, 80, 160] and len(seldom) < len(figures["curves"][0]["labels"])


def test_simulate_refuses_few_cases(run, labelled):
    done = run("simulate", labelled, "--limit", "100")
    assert done.status == 2 and "at least 200 to draw from" in done.err


@pytest.fixture
def batch(tmp_path):
    """A batch of 800 suggestions, a third of those for commons wrong, and the codings of 120 that were drawn at random."""
    random, rows, codings = np.random.default_rng(4), [], []
    for i in range(800):
        truth = ("commons", "6") if random.random() < 0.3 else ("other", "outside")
        said = truth if random.random() < 0.8 else ("commons", "6")
        scores = [{code: 2.0 * (code == said[side]) for code in codes} for side, codes in enumerate((("commons", "other"), ("6", "outside")))]
        proposals = ({"code": c, "probability": 0.9, "status": "decided", "set": [c]} for c in said)
        rows.append({"id": f"c{i}", **dict(zip(("economy", "model"), proposals, strict=True)), "scores": dict(zip(("economy", "model"), scores, strict=True))})
        if i < 120:
            codings.append(Coding(f"c{i}", "ann", {"economy": truth[0], "model": truth[1]}, random=True))
    path = tmp_path / "batch.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_codings(tmp_path / "audit.csv", codings, load_codebook())
    return path


def test_estimate_corrects_what_is_counted(run, batch, tmp_path):
    done = run("estimate", batch, "--audit", "audit.csv", "-o", "shares.json")
    assert done.status == 0 and "Traceback" not in done.err
    assert "800 cases in the batch; 120 of them drawn at random and coded" in done.out and "PPI++" in done.out
    figures = json.loads((tmp_path / "shares.json").read_text(encoding="utf-8"))
    commons = next(s for s in figures["facets"]["economy"] if s["code"] == "commons")
    assert commons["uncorrected"] > 0.38  # 0.3 + 0.2 * 0.7 = 0.44
    assert commons["estimate"]["low"] < 0.3 < commons["estimate"]["high"] < 0.4
    assert commons["method"] == "prediction-powered"
    assert f"{commons['uncorrected']:.1%}" in done.out and f"{commons['adjusted']:.1%}" in done.out
    wider = run("estimate", batch, "--audit", "audit.csv", "--level", "0.99", "-o", "wide.json")
    assert wider.status == 0
    wide = next(s for s in json.loads((tmp_path / "wide.json").read_text(encoding="utf-8"))["facets"]["economy"] if s["code"] == "commons")
    assert wide["estimate"]["high"] > commons["estimate"]["high"]


def test_estimate_refuses_what_it_cannot_use(run, batch, tmp_path):
    few = (tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()[:40]
    (tmp_path / "few.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
    done = run("estimate", batch, "--audit", "few.csv")
    assert done.status == 2 and "39 cases of the random audit share are coded; at least 50" in done.err
    lines = batch.read_text(encoding="utf-8").splitlines()
    (tmp_path / "twice.jsonl").write_text("\n".join([*lines, lines[0]]) + "\n", encoding="utf-8")
    assert "line 801: id 'c0' comes a second time" in run("estimate", "twice.jsonl", "--audit", "audit.csv").err
    (tmp_path / "other.jsonl").write_text('{"id": "x"}\n', encoding="utf-8")
    assert "give a JSONL that `tagger tag` wrote" in run("estimate", "other.jsonl", "--audit", "audit.csv").err
