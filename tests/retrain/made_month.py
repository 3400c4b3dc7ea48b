"""A month with tagger as a list of commands, and what the people in it do; run as a script it is the people.

The texts are pages of the dump, which stays outside this repository; what "people" hold of a page is its label in the files beside the dump.
"""

from __future__ import annotations

import csv
import json
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tagger.case import Case
from tagger.codebook import codebook_folder
from tagger.codings.text import fingerprint
from tagger.pipeline import Tagger
from tagger.review.adjudication import disagreements
from tagger.review.cases import read_suggestions
from tagger.review.events import Event
from tagger.review.store import Store, open_store
from tagger.review.verdicts import verdicts

ROOT = Path(__file__).parents[2]
PAGES, REVIEWED, AUTHORED, PLANTED = 500, 120, 300, 12
FEW = 40  # authored cases of the model before the first
TOGETHER = 50  # cases that both coders code; the others are coded by one
WRONG = {"commons": ("other", "1"), "other": ("commons", "6"), "none": ("commons", "6")}  # what a mistaken coder takes an economy for


@dataclass(frozen=True)
class Step:
    """A command of the month: its name, arguments of python, and what it says where it was done before already and will not do it twice."""

    name: str
    command: tuple[str, ...]
    done: str = ""


def tagger(name: str, *arguments: str, done: str = "") -> Step:
    return Step(name, ("-m", "tagger", *arguments), done)


def people(name: str) -> Step:
    return Step(name, (__file__, name))


WHY = "the month's review"
MONTH = (
    tagger("tag", "tag", "pages.jsonl", "--models", "models", "-o", "before.jsonl"),
    people("review"),
    people("adjudicate"),
    tagger("export", "store", "export", "review.db", "codings.csv"),
    tagger(
        "retrain", "retrain", "--models", "models", "--store", "review.db", "--labelled", "base.jsonl", "--name", "month", "--replicates", "100",
        "--promote", "anyway", "--why", WHY,
    ),
    tagger("tag again", "tag", "pages.jsonl", "--models", "models", "-o", "after.jsonl"),
    tagger("diff", "diff", "before.jsonl", "after.jsonl", "-o", "diff.json"),
    tagger("hydrate", "corpus", "hydrate", "codings.csv", "--texts", "pages.jsonl", "-o", "reviewed.jsonl"),
    tagger("suspects", "corpus", "suspects", "reviewed.jsonl", "base.jsonl", "-o", "suspects.jsonl"),
    tagger(
        "migrate", "codebook", "migrate", str(codebook_folder()), "renamed", "--codings", "codings.csv", "--models", "models", "-o", "migrated",
        done="is there already",
    ),
    tagger("rollback", "models", "rollback", "--from", "month", "--models", "models", "--why", WHY, done="is in use, not month"),
)  # fmt: skip


def prepare(folder: Path, wiki: Path) -> None:
    """Write what the month begins with, but for the model: 500 short pages, what is true of 120 of them, and authored cases.

    The 120 are clear ones of three economies, of whose text alone, as it is reviewed, the released model is surest, and right: what errors are planted in
    must not be doubtful by itself.
    """
    from tagger.reading import read

    with (wiki / "labels.csv").open(encoding="utf-8", newline="") as stream:
        labels = {row["title"]: (row["economy"], row["model"]) for row in csv.DictReader(stream) if row["economy"] in WRONG}
    released, clear, others = Tagger.load(), [], []
    for page in read([str(wiki / "p2pwiki-pages-articles.xml.bz2")], limit=3000):
        if not isinstance(page, Case) or not 300 <= len(page.text) <= 2500:
            continue
        if page.title not in labels:
            others.append(page)
        elif ((found := released.tag(Case(page.id, page.title, page.text, page.origin))).economy.code, found.model.code) == labels[page.title]:
            clear.append((-found.model.probability, page))
    clear.sort(key=lambda one: (one[0], one[1].id))
    known = [[page for _, page in clear if labels[page.title][0] == economy][: REVIEWED // len(WRONG)] for economy in WRONG]
    mixed = [page for pages in zip(*known, strict=True) for page in pages]
    short = [page for page in others if len(page.text) <= 1200][: PAGES - len(mixed)]
    cases = sorted([*mixed, *short], key=lambda page: page.id)
    _write(folder / "pages.jsonl", [{"id": page.id, "title": page.title, "text": page.text} for page in cases])
    (folder / "truth.json").write_text(json.dumps({page.id: labels[page.title] for page in mixed}), encoding="utf-8")
    lines = (ROOT / "corpus" / "cases.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    chosen = np.random.default_rng(6).permutation(len(lines))[:AUTHORED]
    for name, kept in (("base.jsonl", chosen), ("few.jsonl", chosen[:FEW])):
        (folder / name).write_text("".join(lines[i] for i in sorted(kept)), encoding="utf-8")


def _write(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def truth_of(folder: Path) -> dict[str, tuple[str, str]]:
    """The right codes of the cases that are reviewed."""
    return {case: (economy, model) for case, (economy, model) in json.loads((folder / "truth.json").read_text(encoding="utf-8")).items()}


def held(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """What each coder holds of each case, by (case, coder): bob is wrong on every fourth case that ada codes, too, and on `PLANTED` that he codes alone."""
    unseen, codes = planted(folder), {}
    for n, (case, pair) in enumerate(truth_of(folder).items()):
        if n < TOGETHER:
            codes[case, "ada"], codes[case, "bob"] = pair, WRONG[pair[0]] if n % 4 == 0 else pair
        else:
            codes[case, "bob" if n % 2 else "ada"] = WRONG[pair[0]] if case in unseen else pair
    return codes


def planted(folder: Path) -> set[str]:
    """The cases on which bob is wrong and nobody else looks."""
    alone = [case for n, case in enumerate(truth_of(folder)) if n >= TOGETHER and n % 2]
    return set(alone[:PLANTED])


def event(store: Store, kind: str, coder: str, case: str, pair: tuple[str, str]) -> Event:
    """An act whose id and time follow from who does what, so that doing it again is not doing it twice."""
    there = store.case(case)
    assert there is not None and there.sha256 == fingerprint(there.text)
    id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {coder} {case}"))
    return Event(id, "2026-11-23T10:00:00.000Z", coder, kind, case, there.sha256, dict(zip(("economy", "model"), pair, strict=True)), versions=there.versions)


def review(folder: Path) -> None:
    """Two coders code 120 cases, one act after the other."""
    with open_store(folder / "review.db") as store:
        store.add_cases(read_suggestions(folder / "before.jsonl"))
        store.set_meta(seed="0", audit="0.2", blind="0.0")
        for (case, coder), pair in held(folder).items():
            store.add(event(store, "coding", coder, case, pair))


def adjudicate(folder: Path) -> None:
    """Eve, who is always right, decides wherever the two differ."""
    truth = truth_of(folder)
    with open_store(folder / "review.db", create=False) as store:
        for found in disagreements(verdicts(one for _, one in store.events())):
            store.add(event(store, "adjudication", "eve", found.case, truth[found.case]))


if __name__ == "__main__":
    {"review": review, "adjudicate": adjudicate}[sys.argv[1]](Path())
