"""Annif's part of benchmarks/peers.py, run by the Python of Annif's own environment: annif_ensemble.py FOLDER.

Reads task.json (names, texts, classes, asked) in the folder and writes found.json, the class found for each text asked. Annif's analyzers take texts apart
with a data file of NLTK that is downloaded at run time; here NLTK's tokenizers do so without it: words the same but for a full stop at the end of a sentence,
sentences by a tokenizer that knows no abbreviations.
"""

from __future__ import annotations

import csv
import functools
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

os.environ["ANNIF_PROJECTS"] = "projects.cfg"
os.environ["ANNIF_DATADIR"] = "data"

import nltk
import nltk.data
import nltk.tokenize

nltk.data.find = lambda *_, **__: None
nltk.tokenize.word_tokenize = functools.partial(nltk.tokenize.word_tokenize, preserve_line=True)
nltk.tokenize.sent_tokenize = nltk.tokenize.PunktSentenceTokenizer().tokenize

PROJECT = "[{0}]\nname={0}\nlanguage=en\nbackend={0}\nanalyzer=snowball(english)\nvocab=codes\nlimit=100\n{1}\n"
URI = "http://example.org/{}"


def train(names: Sequence[str], texts: Sequence[str], classes: Sequence[int]) -> None:
    """Train the backends and their ensemble in the working folder; `classes` are numbers of `names`."""
    import annif.cli

    backends = {"tfidf": "", "svc": "min_df=2\nngram=2\n"}
    if find_spec("fasttext"):
        backends["fasttext"] = "dim=100\nlr=0.5\nepoch=25\nloss=softmax\nwordNgrams=2\nbucket=200000\nthread=1\nchunksize=24\n"
    sources = {"ensemble": "sources=" + ",".join(backends)}
    projects = "".join(PROJECT.format(name, more) for name, more in (backends | sources).items())
    Path("projects.cfg").write_text(projects, encoding="utf-8")
    with Path("codes.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["uri", "label_en"], *([URI.format(i), f"class {i}"] for i in range(len(names)))])
    lines = (f"{' '.join(text.split())}\t<{URI.format(c)}>\n" for text, c in zip(texts, classes, strict=True))
    Path("training.tsv").write_text("".join(lines), encoding="utf-8")
    for command in (["load-vocab", "codes", "codes.csv"], *(["train", name, "training.tsv"] for name in backends)):
        annif.cli.cli.main(args=command, standalone_mode=False)


def suggester() -> Callable[[Sequence[str]], list[int]]:
    """Return what finds the classes of texts, by the ensemble in the working folder."""
    import annif
    from annif.corpus import Document

    app = annif.create_app()
    context = app.app_context() if hasattr(app, "app_context") else app.app.app_context()
    context.push()
    from annif.registry import get_project

    project = get_project("ensemble")

    def suggest(texts: Sequence[str]) -> list[int]:
        ranked = (sorted(suggestions, key=lambda s: -s.score) for suggestions in project.suggest([Document(text=" ".join(text.split())) for text in texts]))
        return [int(project.subjects[best[0].subject_id].uri.rpartition("/")[2]) if best else 0 for best in ranked]

    return suggest


def main(folder: Path) -> None:
    """Train on a task, ask the ensemble."""
    os.chdir(folder)
    task = json.loads(Path("task.json").read_text(encoding="utf-8"))
    train(task["names"], task["texts"], task["classes"])
    backends = "tfidf+svc" + ("+fasttext" if find_spec("fasttext") else "")
    Path("found.json").write_text(json.dumps({backends: suggester()(task["asked"])}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
