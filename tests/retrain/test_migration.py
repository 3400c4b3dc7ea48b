"""Codings, models and figures after a change of the codebook."""

import csv
import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "codebook"))
from made_versions import BEFORE, made

from tagger.cli.codebook_migrate import migrate
from tagger.codebook.migrate import migration_of
from tagger.codebook.moves import load_with_moves
from tagger.codings.table import Coding, read_codings, write_codings
from tagger.codings.text import fingerprint
from tagger.errors import InputError, OutputError
from tagger.retrain.migrated_folder import migrate_files, read_files, write_folder
from tagger.retrain.migration import incomparable, migrate_codings, models_after

OLD, _ = load_with_moves(BEFORE)
TEXT = "Makers sell what they make to each other over a shop that takes a fee."
MOVES = (
    '{ facet = "model", kind = "split", from = ["11"], to = ["12", "13"] }',
    '{ facet = "model", kind = "merged", from = ["2", "3"], to = ["2"] }',
    '{ facet = "model", kind = "redrawn", from = ["outside"], to = ["6"] }',
)


def later(folder):
    return made(folder, "2.0.0", *MOVES, retire={"11": "12", "3": "5"}, add={"12": "other", "13": "sharing"})


def way(folder):
    return migration_of(OLD, *load_with_moves(folder))


def coding(case, model, coder="ada", economy="other", **more):
    return Coding(case, coder, {"economy": economy, "model": model, **more.pop("cues", {})}, codebook="1.0.0", **more)


@pytest.fixture(scope="module")
def migration(tmp_path_factory):
    return way(later(tmp_path_factory.mktemp("book") / "new"))


def test_labels_follow_stay_or_are_taken_out_and_nothing_is_guessed(migration):
    given = [
        coding("a", "3"),
        coding("b", "1", blind=True, date="2026-11-23"),
        coding("c", "11", note="a shop", cues={"payment": "unstated"}),
        coding("d", "outside"),
    ]
    found = migrate_codings(given, migration)
    assert [dict(c.codes) for c in found.codings] == [
        {"economy": "other", "model": "2"},
        {"economy": "other", "model": "1"},
        {"economy": "other", "payment": "unstated"},
        {"economy": "other"},
    ]
    assert (found.stayed, dict(found.followed), dict(found.taken_out)) == (6, {("model", "3", "2"): 1}, {("model", "11"): 1, ("model", "outside"): 1})
    assert [e.case for e in found.eyes] == ["c", "d"] and found.eyes[0].candidates == {"model": ("12", "13")} and found.eyes[0].was == {"ada": {"model": "11"}}
    notes = [c.note for c in found.codings]
    assert notes == ["migrated from 1.0.0: model 3 -> 2", "", "a shop; migrated from 1.0.0: model 11 -> open", "migrated from 1.0.0: model outside -> open"]
    assert {c.codebook for c in found.codings} == {"2.0.0"} and found.codings[1].blind is True


def test_every_label_is_accounted_for(migration):
    given = [coding(str(i), model) for i, model in enumerate(("1", "2", "3", "11", "outside") * 4)]
    found = migrate_codings(given, migration)
    assert found.stayed + sum(found.followed.values()) + sum(found.taken_out.values()) == sum(len(c.codes) for c in given)


def test_a_pair_that_contradicts_itself_now_is_taken_out(tmp_path):
    move = '{ facet = "model", kind = "merged", from = ["9"], to = ["6"] }'
    edits = (
        ('6 = { typical = ["sharing", "commons"] }', '6 = { typical = ["commons"] }\n'),
        ('7 = { typical = ["commons"], possible = ["sharing", "other"] }', '7 = { typical = ["commons", "sharing"] }'),
    )
    found = migrate_codings(
        [coding("a", "9", economy="sharing", coder="x"), coding("a", "6", economy="commons", coder="y")],
        way(made(tmp_path / "n", "2.0.0", move, retire={"9": "7"}, edits=edits)),
    )
    assert [c.coder for c in found.codings] == ["y"] and found.left_out == 1
    assert "economy sharing contradicts model 6 in version 2.0.0" in found.eyes[0].why and found.eyes[0].candidates == {
        "economy": ("sharing",),
        "model": ("6",),
    }


def test_codings_by_another_version_are_refused(migration):
    strange = Coding("a", "ada", {"model": "1"}, codebook="bauwens-2008 0.9.0 3537")
    with pytest.raises(InputError, match=r"1 by 0\.9\.0, not by 1\.0\.0"):
        migrate_codings([coding("b", "1"), strange], migration)
    assert (
        migrate_codings([Coding("a", "ada", {"model": "1"}, codebook="CODEBOOK.md"), Coding("b", "ada", {"model": "1"}, codebook="1.0.7")], migration).stayed
        == 2
    )


def test_figures_that_are_no_longer_comparable(migration, tmp_path):
    said = {one.figure: one.why for one in incomparable(migration)}
    assert any(f.startswith("model 2, 3, 6, 11, outside, 12, 13: precision") for f in said) and "model: ordinal alpha" in said
    assert not any(f.startswith("economy") for f in said)
    assert incomparable(way(made(tmp_path / "patch", "1.0.1"))) == ()
    renamed = made(
        tmp_path / "renamed",
        "2.0.0",
        '{ facet = "model", kind = "renamed", from = ["outside"], to = ["12"] }',
        retire={"outside": "12"},
        add={"12": "other"},
        edits=(('12 = { typical = ["other"] }', '12 = { typical = ["other"], possible = ["commons"] }'),),
    )
    assert [one.figure for one in incomparable(way(renamed))] == ["word weights, ledgers"]


@pytest.fixture
def models(tmp_path):
    """A folder of models of which only the manifest matters here."""
    folder = tmp_path / "models"
    (folder / "small").mkdir(parents=True)
    (folder / "small" / "manifest.json").write_text(json.dumps({"codebook": {"id": OLD.id, "version": OLD.version, "sha256": OLD.sha256}}))
    (folder / "CURRENT").write_text("small\n")
    return folder


def test_models_work_on_after_other_words_and_are_refused_after_more(models, migration, tmp_path):
    assert [(m.in_use, m.works) for m in models_after(models, way(made(tmp_path / "patch", "1.0.1")))] == [(True, True)]
    refused = models_after(models, migration)
    assert [(m.in_use, m.works) for m in refused] == [(True, False)] and "train anew" in refused[0].why
    (models / "broken").mkdir()
    (models / "broken" / "manifest.json").write_text("[1")
    assert "cannot be read" in models_after(models, migration)[0].why


@pytest.fixture
def codings(tmp_path):
    folder = tmp_path / "codings"
    folder.mkdir()
    write_codings(folder / "one.csv", [coding("a", "3"), coding("b", "11", sha256=fingerprint(TEXT)), coding("c", "1")], OLD)
    write_codings(folder / "two.csv", [coding("b", "11", coder="bob", sha256=fingerprint(TEXT))], OLD)
    (folder / "coders.csv").write_text("coder,kind,files,who,saw\nada,person,one.csv,Ada,texts\n")
    return folder


def run(*arguments):
    app = typer.Typer()
    app.command()(migrate)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_command_shows_consequences_and_a_dry_run_writes_nothing(tmp_path, codings, models):
    new = later(tmp_path / "new")
    before = sorted(p for p in tmp_path.rglob("*"))
    result = run(BEFORE, new, "--codings", codings, "--models", models, "--dry-run")
    assert result.exit_code == 0 and sorted(p for p in tmp_path.rglob("*")) == before
    for said in ("labels follow to 2", "split into 12, 13", "1 follow, 2 are to be given anew; 1 cases need eyes", "is refused", "model: ordinal alpha"):
        assert said in result.output
    data = json.loads(run(BEFORE, new, "--codings", codings, "--dry-run", "--json").stdout)
    assert data["labels"]["follow"] == [{"facet": "model", "from": "3", "to": "2", "labels": 1}] and data["step"] == "major"


def test_migrated_codings_are_a_folder_that_the_new_codebook_reads_and_the_originals_stay(tmp_path, codings):
    new = later(tmp_path / "new")
    before = {p.name: p.read_bytes() for p in codings.iterdir()}
    result = run(BEFORE, new, "--codings", codings)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "codings-2.0.0"
    assert {p.name: p.read_bytes() for p in codings.iterdir()} == before
    assert sorted(p.name for p in folder.iterdir()) == ["MIGRATION.json", "coders.csv", "eyes.jsonl", "one.csv", "two.csv"]
    book, _ = load_with_moves(new)
    assert {(c.case, c.coder, c.codes.get("model")) for c in read_codings(folder, book)} == {
        ("a", "ada", "2"),
        ("b", "ada", None),
        ("c", "ada", "1"),
        ("b", "bob", None),
    }
    (line,) = (folder / "eyes.jsonl").read_text().splitlines()
    assert json.loads(line)["was"] == {"ada": {"model": "11"}, "bob": {"model": "11"}}
    record = json.loads((folder / "MIGRATION.json").read_text())
    assert record["files"]["two.csv"]["codings"] == 1 and record["cases_to_look_at"] == 1
    again = run(BEFORE, new, "--codings", codings)
    assert isinstance(again.exception, OutputError) and "is there already" in str(again.exception)


def test_a_failure_leaves_no_folder(tmp_path, codings, monkeypatch):
    found = way(later(tmp_path / "new"))
    parts, whole = migrate_files(read_files(codings, found), found)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tagger.retrain.migrated_folder.os.rename", full)
    with pytest.raises(OutputError, match="full"):
        write_folder(tmp_path / "out", parts, whole, found)
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_with_the_texts_the_cases_are_ready_for_the_review(tmp_path, codings):
    from tagger.review.cases import read_suggestions

    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"id": "b", "title": "A shop", "text": TEXT}) + "\n")
    new = made(tmp_path / "new", "2.0.0", '{ facet = "model", kind = "redrawn", from = ["11"], to = ["10"] }')
    result = run(BEFORE, new, "--codings", codings, "--texts", texts, "-o", tmp_path / "out")
    assert result.exit_code == 0 and "tagger review" in result.output, (result.output, result.exception)
    (case,) = read_suggestions(tmp_path / "out" / "review.jsonl")
    assert (case.id, case.text, case.record["fields"]["migration"]["candidates"]) == ("b", TEXT, {"model": ["11", "10"]})
    assert "2.0.0" in case.versions["codebook"] and "model" not in case.versions
    texts.write_text(json.dumps({"id": "x", "text": TEXT}) + "\n")
    nothing = run(BEFORE, new, "--codings", codings, "--texts", texts, "-o", tmp_path / "none")
    assert isinstance(nothing.exception, InputError) and "holds none of the 1 cases" in str(nothing.exception) and not (tmp_path / "none").exists()


def test_the_real_corpus_migrates_without_a_loss(tmp_path):
    corpus = Path(__file__).parents[2] / "corpus" / "codings"
    with (corpus / "wikipedia.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = way(later(tmp_path / "new"))
    parts, whole = migrate_files(read_files(corpus / "wikipedia.csv", found), found)
    (part,) = parts.values()
    assert len(part.codings) + part.left_out == len(rows)
    assert whole.followed.get(("model", "3", "2"), 0) == sum(r["model"] == "3" for r in rows) and whole.taken_out["model", "11"] == sum(
        r["model"] == "11" for r in rows
    )
