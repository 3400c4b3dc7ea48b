"""``tagger codebook check`` and ``show``."""

import shutil

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tagger.cli.codebook import app, codebook_check, codebook_show
from tagger.codebook import codebook_folder, load_codebook
from tagger.errors import CodebookError, InputError
from tagger.pipeline import Tagger

BOOK = load_codebook()


def shown(code, folder=None):
    console = Console(width=200, record=True, file=open("/dev/null", "w"), color_system=None)  # noqa: SIM115
    console.print(codebook_show(code, folder))
    return console.export_text()


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "book"
    shutil.copytree(codebook_folder(), copy)
    return copy


def test_a_model_is_shown_whole():
    text = shown("9")
    code = BOOK.code("model", "9")
    said = [code.label, code.short, code.definition, "community's ladder, rung 4", "sharing (typical)", "crowdsourcing (possible)", "-> 11 individual_exchange"]
    said += [k.id for k in code.criteria] + [k.text for k in code.criteria if len(k.text) < 150]
    assert [s for s in said if s not in text and len(s) < 150] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sharing", ["economy sharing", "-> commons", "9 attention_monetised_sharing (typical)"]),
        ("attention_monetised_sharing", ["model 9"]),
        ("licensing", ["On what terms", "open", "proprietary", "mixed"]),
        ("advertising", ["negated sells_attention", "-> refuses"]),
        ("kind", ["auxiliary", "publication"]),
        ("m9.u1", ["m9.u1: use model 9"]),
        ("m9.a1", ["m9.a1: avoid model 9", "-> 6 (peer_production_non_monetary)"]),
        ("produser", ["role produser", "payment=unpaid"]),
        ("none", ["economy none", "model none"]),
    ],
)
def test_whatever_has_the_name_is_shown(name, said):
    text = shown(name)
    assert [s for s in said if s not in text] == []


@pytest.mark.parametrize("name", [c.id for c in BOOK.models + BOOK.economies + BOOK.cues + BOOK.auxiliary + BOOK.roles])
def test_everything_can_be_shown(name):
    assert name in shown(name)


def test_an_unknown_name_is_said_with_what_there_is():
    with pytest.raises(InputError) as caught:
        codebook_show("sharring")
    said = str(caught.value)
    assert 'did you mean "sharing"?' in said
    assert "models: 1 passive_consumption" in said and "cues: initiator" in said and "roles: produser" in said and "criteria: e-sharing.u1" in said


def test_markup_in_a_codebook_is_text(folder):
    file = folder / "codebook.toml"
    label = "[red]x[/blue] [link=file:///etc/passwd]y"
    file.write_text(file.read_text(encoding="utf-8").replace('label = "sharing economy"', f'label = "{label}"'), encoding="utf-8")
    assert label in shown("sharing", folder)


def test_check_counts_what_there_is(folder):
    if not (folder / "cues.toml").exists() or not (folder / "rules.toml").exists():
        pytest.skip("cues.toml or rules.toml is not written yet")
    for given in (None, folder):
        summary = codebook_check(given)
        assert "bauwens-2008 1.0.0: no fault" in summary and "5 economies, 13 models" in summary and "8 cues with 30 values" in summary
        assert "patterns" in summary and "rules" in summary


def test_check_reports_the_other_files_together(folder):
    for name in ("cues.toml", "rules.toml"):
        (folder / name).write_text("versoin = '1.0.0'\n")
    with pytest.raises(CodebookError) as caught:
        codebook_check(folder)
    assert {f.split(":")[0] for f in caught.value.faults} == {"cues.toml", "rules.toml"}


def edited(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_faulty_codebook_does_not_hide_what_is_wrong_with_the_other_files(folder):
    edited(folder / "codebook.toml", 'language = "en"', 'langauge = "en"')
    edited(folder / "cues.toml", 'cue = "licensing"', 'cue = "lisencing"')
    edited(folder / "rules.toml", 'facet = "economy"', 'facet = "econ"')
    for check in (lambda: codebook_check(folder), lambda: Tagger.load(codebook=folder)):
        with pytest.raises(CodebookError) as caught:
            check()
        faults = caught.value.faults
        assert len(faults) == 4  # the unknown key, and the missing one
        assert [f.split(":")[0] for f in faults] == ["codebook.toml", "codebook.toml", "cues.toml", "rules.toml"]
        assert 'did you mean "licensing"?' in faults[2] and 'did you mean "economy"?' in faults[3]


@pytest.mark.parametrize("damage", ["bad cue id", "bad code id", "no TOML", "missing"])
def test_the_other_files_are_not_blamed_for_faults_of_the_codebook(folder, damage):
    file = folder / "codebook.toml"
    if damage == "missing":
        file.unlink()
    elif damage == "no TOML":
        file.write_text("id = ", encoding="utf-8")
    else:
        edited(file, 'id = "licensing"' if "cue" in damage else 'id = "sharing"', 'id = "?"')
    edited(folder / "rules.toml", "weight = ", "wieght = ")
    with pytest.raises(CodebookError) as caught:
        codebook_check(folder)
    other = [f for f in caught.value.faults if not f.startswith("codebook.toml") and str(file) not in f]
    assert len(other) == 2 and all("eight" in f and f.startswith("rules.toml") for f in other)


def test_commands_have_help_and_print(folder):
    run = CliRunner()
    for arguments in (["--help"], ["check", "--help"], ["show", "--help"]):
        assert run.invoke(app, arguments).exit_code == 0
    result = run.invoke(app, ["show", "9", "--codebook", str(folder)])
    assert result.exit_code == 0 and "attention_monetised_sharing" in result.output
