"""The doctor: every fault is found and comes with its mend; what is sound is said to be."""

from __future__ import annotations

import shutil
from importlib import metadata

import pytest

from tagger.codebook import codebook_folder
from tagger.pipeline import released_models
from tagger.retrain.checkup import FAULT, GOOD, NOTE, checkup, installation, packages, sqlite


def kinds(findings, place):
    return [f.kind for f in findings if f.place == place]


def test_packages_that_are_missing_or_too_old():
    there = {"spacy": "3.9.1", "numpy": "1.26.4", "scipy": "1.13.0"}

    def version_of(name):
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name]

    needs = ["spacy>=3.8", "numpy>=2.0", "scipy>=1.13", "skops>=0.14", "mapie>=1.6; extra == 'evaluate'", "case-tagger[web]; extra == 'dev'"]
    found = list(packages(needs, "case-tagger", version_of))
    assert [(f.kind, f.mend) for f in found] == [(FAULT, "pip install --upgrade 'numpy>=2.0'"), (FAULT, "pip install 'skops>=0.14'"), (GOOD, "")]
    assert "2 packages" in found[-1].what and "mapie" in found[-1].what


@pytest.mark.parametrize(
    "there, least, kind", [("3.10.0", "3.9", GOOD), ("2.0", "2.0.0", GOOD), ("1.1.20251105", "1.1", GOOD), ("0.9", "0.14", FAULT), ("2.0rc1", "2.1", FAULT)]
)
def test_versions_are_compared_as_numbers(there, least, kind):
    assert next(iter(packages([f"x>={least}"], "", lambda _: there))).kind == kind


@pytest.mark.parametrize("version, kind", [("3.40.1", NOTE), ("3.51.2", NOTE), ("3.51.3", GOOD), ("3.53.0", GOOD), ("4.0.0", GOOD)])
def test_sqlite_of_the_damaging_kind_is_named_with_what_to_do(version, kind):
    found = sqlite(version)
    assert found.kind == kind and version in found.what and bool(found.mend) == (kind == NOTE)


def test_this_installation_is_sound():
    assert FAULT not in [f.kind for f in installation()]


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(released_models(), folder)
    return folder, folder / (folder / "CURRENT").read_text().strip()


def test_a_sound_model(models):
    found = list(checkup(models[0], None, None))
    assert FAULT not in [f.kind for f in found]
    assert kinds(found, "codebook") == [GOOD]
    assert [f.place for f in found if f.place != "installation"] == ["codebook", "model"]


def test_a_tampered_model_is_a_fault_with_a_mend(models):
    folder, used = models
    data = bytearray((used / "weights.skops").read_bytes())
    data[len(data) // 2] ^= 1
    (used / "weights.skops").write_bytes(data)
    faults = [f for f in checkup(folder, None, None) if f.kind == FAULT]
    assert faults and all(f.place == "model" and "rollback" in f.mend for f in faults)
    assert "SHA-256" in faults[0].what


def test_a_damaged_version_that_is_not_in_use_is_worth_a_note(models):
    folder, used = models
    shutil.copytree(used, folder / "older")
    (folder / "older" / "weights.skops").write_bytes(b"cut")
    found = [f for f in checkup(folder, None, None) if f.place == "model"]
    assert {f.kind for f in found if "older" in f.what} == {NOTE}
    assert FAULT not in [f.kind for f in found]


def test_a_model_of_other_rules_is_stale(models, tmp_path):
    book = tmp_path / "book"
    shutil.copytree(codebook_folder(), book)
    rules = book / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    found = [f for f in checkup(models[0], None, book) if f.place == "model"]
    assert [f.kind for f in found] == [NOTE] and "rules changed under the version" in found[0].what


@pytest.mark.parametrize("given, kind", [("nowhere", FAULT), ("empty", NOTE), ("without", FAULT)])
def test_models_that_are_not_there(given, kind, models, tmp_path):
    (tmp_path / "empty").mkdir()
    (models[0] / "CURRENT").unlink()
    place = {"nowhere": tmp_path / "nowhere", "empty": tmp_path / "empty", "without": models[0]}[given]
    found = [f for f in checkup(place, None, None) if f.place == "model"]
    assert [f.kind for f in found] == [kind]
    assert found[0].mend or "; " in found[0].what


def test_all_faults_of_a_codebook_and_the_model_all_the_same(models, tmp_path):
    book = tmp_path / "book"
    shutil.copytree(codebook_folder(), book)
    rules = (book / "rules.toml").read_text(encoding="utf-8").replace("weight = ", "wait = ", 2)
    (book / "rules.toml").write_text(rules, encoding="utf-8")
    found = list(checkup(models[0], None, book))
    faults = [f for f in found if f.place == "codebook"]
    assert len(faults) >= 2 and {f.kind for f in faults} == {FAULT} and all("codebook check" in f.mend for f in faults)
    assert FAULT not in kinds(found, "model")


def test_the_store(tmp_path):
    pytest.importorskip("sqlalchemy")
    from tagger.review.store import open_store

    (tmp_path / "none").mkdir()
    place = tmp_path / "a.review.db"
    with open_store(place):
        pass
    assert kinds(checkup(tmp_path / "none", str(place), None), "store") == [GOOD]
    missing = tmp_path / "missing.review.db"
    assert kinds(checkup(tmp_path / "none", str(missing), None), "store") == [FAULT]
    assert not missing.exists()
    place.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert kinds(checkup(tmp_path / "none", str(place), None), "store") == [FAULT]
