"""``tagger explain``, ``train``, ``codebook``, and what a newcomer types first."""

from __future__ import annotations

import json
import shutil

import pytest

from tagger.codebook import codebook_folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of models, trained by the command's twin on a few cases of two codes."""
    from tagger.cli.train import train_to

    folder = tmp_path_factory.mktemp("trained")
    rows = [{"id": str(i), "title": f"T{i}", "text": f"Bakers own the bakery {i} together.", "economy": "other", "model": "10"} for i in range(6)]
    rows += [{"id": f"v{i}", "title": f"V{i}", "text": f"People post clips {i}; advertisers pay.", "economy": "sharing", "model": "9"} for i in range(6)]
    rows += [{"id": "d", "title": "D", "text": "Held out.", "economy": "sharing", "model": "9", "set": "dev_random"}]
    rows += [{"id": "x", "title": "X", "text": "Contradiction.", "economy": "none", "model": "9"}]
    path = folder / "small.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    made, told = train_to([path], folder / "models", "tiny", None, None, True)
    return made, told


def test_explain_shows_why_and_what_would_change_it(run, texts):
    done = run("explain", texts / "bakery.txt")
    assert (done.status, done.err) == (0, "")
    for said in ("bakery", "economy", "model", "(proposed)", "(runner-up)", "sum = score", "What would change this", "would be"):
        assert said in done.out


def test_explain_says_that_there_is_more(run, texts):
    done = run("explain", texts, "--limit", "2")
    assert done.out.count("What would change this") == 2
    assert "there are more" in done.err
    assert "there are more" not in run("explain", texts, "--limit", "3").err


def test_explain_without_a_text(run, tmp_path):
    (tmp_path / "none").mkdir()
    (tmp_path / "blank.txt").write_text(" ")
    for given in ("none", "blank.txt"):
        done = run("explain", given)
        assert done.status == 2 and "there is no text to explain" in done.err


def test_explain_goes_on_after_a_broken_record(run, tmp_path):
    (tmp_path / "r.jsonl").write_bytes(b'{oh\n{"text": "Free software."}\n')
    done = run("explain", "r.jsonl")
    assert done.status == 3 and "line 1" in done.err and "sum = score" in done.out


def test_train_tells_what_was_left_out(trained):
    folder, told = trained
    assert (folder / "manifest.json").is_file() and (folder / "CARD.md").is_file()
    assert (folder.parent / "CURRENT").read_text().strip() == "tiny"
    assert any("dev_random is held out" in line for line in told) and any("none / 9 is not allowed" in line for line in told)
    assert "trained on 12 texts" in told[-1]


def test_a_trained_model_is_used(run, texts, trained):
    records = run("tag", texts, "--models", trained[0].parent).records
    assert all(r["provenance"]["model"].startswith("tiny ") for r in records)
    assert any(line["source"] == "word" for r in records for line in r["evidence"])


def test_a_changed_weights_file_is_refused(run, texts, trained, tmp_path):
    models = tmp_path / "copy"
    shutil.copytree(trained[0].parent, models)
    weights = models / "tiny" / "weights.skops"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    done = run("tag", texts, "--models", models, "-o", "out.jsonl")
    assert done.status == 2 and "SHA-256" in done.err and "Traceback" not in done.err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(("key", "value"), [("id", "other-typology"), ("version", "2.0.0")])
def test_a_model_of_another_codebook_is_refused(run, texts, trained, tmp_path, key, value):
    models = tmp_path / "copy"
    shutil.copytree(trained[0].parent, models)
    path = models / "tiny" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["codebook"][key] = value
    path.write_text(json.dumps(manifest))
    done = run("tag", texts, "--models", models)
    assert done.status == 2 and value in done.err and "tagger train" in done.err


def test_train_refuses_what_it_cannot_use(run, tmp_path):
    (tmp_path / "one.jsonl").write_text('{"text": "A", "economy": "other", "model": "1"}\n')
    (tmp_path / "bare.jsonl").write_text('{"text": "A"}\n')
    (tmp_path / "file").write_text("")
    for arguments, status, said in (
        (["nowhere.jsonl", "-o", "m"], 2, "nowhere.jsonl"),
        (["one.jsonl", "-o", "m"], 2, "at least two codes"),
        (["bare.jsonl", "-o", "m"], 2, "line 1: no economy and no model"),
        (["one.jsonl", "-o", "m", "--name", "../up"], 2, "letters, digits"),
        (["one.jsonl"], 2, "--output"),
    ):
        done = run("train", *arguments)
        assert (done.status, done.out) == (status, "") and said in done.err and "Traceback" not in done.err
        assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("name", ["file", "file/models"])
def test_train_says_at_once_that_it_cannot_write(run, tmp_path, monkeypatch, name):
    from tagger.learning import train

    monkeypatch.setattr(train, "train", lambda *a: pytest.fail("trained first"))
    (tmp_path / "file").write_text("")
    rows = [{"text": "A", "economy": "other", "model": "1"}, {"text": "B", "economy": "sharing", "model": "9"}]
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    done = run("train", "two.jsonl", "-o", name)
    assert done.status == 4 and "file" in done.err and "Traceback" not in done.err


def test_codebook_check_and_show(run, tmp_path):
    done = run("codebook", "check")
    assert done.status == 0 and "no fault" in done.out
    shutil.copytree(codebook_folder(), tmp_path / "book")
    text = (tmp_path / "book" / "codebook.toml").read_text(encoding="utf-8")
    (tmp_path / "book" / "codebook.toml").write_text("nonsense = 1\n" + text, encoding="utf-8")
    done = run("codebook", "check", "book")
    assert done.status == 2 and "codebook.toml" in done.err and "nonsense" in done.err and "Traceback" not in done.err
    assert "attention_monetised_sharing" in run("codebook", "show", "9").out
    assert run("codebook", "show", "99").status == 2


@pytest.mark.parametrize("command", ["", "tag", "explain", "train", "rules", "rules report", "codebook", "codebook check", "codebook show"])
def test_help(run, command):
    for flag in ("--help", "-h"):
        done = run(*command.split(), flag)
        assert done.status == 0 and "Usage:" in done.out
        assert "completion" not in done.out
    assert all(len(line) <= 160 for line in done.out.splitlines())


def test_version(run):
    from tagger import __version__

    assert run("--version").out == f"tagger {__version__}\n"


def test_the_first_things_a_newcomer_types(run, texts):
    assert "Commands" in run().out
    hints = {"tga": "Did you mean tag?", "texts": "Did you mean `tagger tag texts`?", "zzz": "Commands: tag, explain", "tag": "Missing argument"}
    for typed, said in hints.items():
        done = run(typed)
        assert done.status == 2 and said in done.err and done.out == ""


def test_a_machine_that_fails_is_told_in_a_sentence(capsys):
    import errno
    import os

    from tagger.cli import run

    def fail(number):
        raise OSError(number, os.strerror(number), "/there/rows.csv")

    with pytest.raises(SystemExit) as ended:
        run(lambda: fail(errno.EIO))
    assert ended.value.code == 4
    assert capsys.readouterr().err == "tagger: /there/rows.csv: the machine failed us (Input/output error); see to it, then give the command again\n"
    with pytest.raises(FileNotFoundError):  # a defect of ours keeps its traceback
        run(lambda: fail(errno.ENOENT))
