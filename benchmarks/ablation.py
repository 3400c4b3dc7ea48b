"""What does each part earn? Cross-validated agreement with each part of the model left out in turn, and the difference that makes.

    python benchmarks/ablation.py [--folds 3] [--parts rules,topics] [--json FILE]

The cases are those that `tagger train` would train on, texts and pages, without the initiatives of the development sets. Folds are cut by initiative, those
that near-duplicates tie together in one. Words, topics and word vectors are found once for all cases, for they see no label; weights are fitted anew, without
the part, for every fold. A part that is left out is left out of the matrix as it is: the other columns keep their scale. A difference is that of the model
without the part to the whole one, so a part earns something where it is below zero. Its 95 % interval comes from drawing initiatives anew, the same for both;
`*` marks one that excludes zero. With so many rows, one in twenty does so by chance.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from loading import Data, add_arguments, load, told
from sided import Sided

from tagger.coding.classifier import OffsetLogistic
from tagger.codings.splits import fold_of
from tagger.learning.labelled import Labelled
from tagger.learning.resampled import Draws, Figure, alphas, figure, macro_f1s
from tagger.learning.train import Design, Seen, Settings, design, look_at
from tagger.learning.vectors import Vectors
from tagger.learning.weighting import case_weights

WHOLE = "nothing (the whole model)"
SLICES = ("all", "wiki texts", "wiki pages", "other sources", "encyclopedia", "authored")
FIGURES = {"alpha economy": (0, alphas), "alpha model": (1, alphas), "macro-F1 model": (1, macro_f1s)}
ROW = "{:<44}" + " {:>6} {:>7} {:<18}" * len(FIGURES)


@dataclass(frozen=True)
class Part:
    """A part that is left out: its columns (F,), or the rules, or a weighting; `joint` False decides each facet by a classifier of its own."""

    name: str
    columns: np.ndarray | None = None
    rules: bool = True
    weights: str = "weights"
    joint: bool = True


def column_names(built: Design, vectors: Sequence[Vectors], settings: Settings) -> np.ndarray:
    """Return for each column of the matrix the part that it belongs to, shape (F,)."""
    names = ["words: pair" if " " in term else "words: word" for term in built.words[0]]
    names += [f"places: {term.partition(':')[0]}" for term in built.places[0]]
    names += [f"marks: {mark.partition(':')[0]}" for mark in built.marks]
    maps = [(m, block) for m, block in [("topics", 0)] if len(built.maps) % 2]  # word vectors come in twos, of text and head
    maps += [(f"vectors: {known.name}", block) for known in vectors for block in (0, 1)]
    if [block for _, block in maps] != [block for block, _ in built.maps]:
        raise SystemExit("the matrix holds other maps than topics and word vectors of text and head; see tagger.learning.train.design")
    for (name, block), (_, matrix) in zip(maps, built.maps, strict=True):
        names += [f"{name}: {('text', 'head')[block]}" if name != "topics" else name] * matrix.shape[1]
    return np.array(names)


def parts_of(names: np.ndarray, vectors: Sequence[Vectors]) -> list[Part]:
    """Return the parts to be left out, the whole first."""

    def columns(label: str, *begin: str, end: str = "") -> Part:
        return Part(label, np.array([name.startswith(begin) and name.endswith(end) for name in names]))

    vector_parts = [columns(f"word vectors: {known.name}", f"vectors: {known.name}") for known in vectors]
    if len(vectors) > 1:
        vector_parts.append(columns("word vectors, all", "vectors:"))
    head = columns("places: first sentences, their vectors, too", "places: head").columns | columns("", "vectors:", end=": head").columns
    lexicon = columns("", "marks: cue").columns
    return [
        Part(WHOLE),
        Part("rules", rules=False),
        columns("marks: cues of the lexicon", "marks: cue"),
        Part("rules and cues of the lexicon", lexicon, rules=False),
        columns("marks: page structure", "marks: page"),
        columns("marks: shape of title and text", "marks: shape"),
        columns("words: pairs", "words: pair"),
        columns("words: words and pairs (topics, vectors stay)", "words:"),
        columns("words, topics and word vectors of the text", "words:", "topics", "vectors:"),
        Part("places: first sentences, their vectors, too", head),
        columns("places: title", "places: title"),
        columns("places: definition of a page", "places: definition"),
        Part("places, all", head | columns("", "places:").columns),
        columns("topics", "topics"),
        *vector_parts,
        columns("topics and word vectors", "topics", "vectors:"),
        Part("weights by the coders' confidence", weights="no confidence"),
        Part("balance of the codes", weights="no balance"),
        Part("texts balanced more than pages", weights="one balance"),
        Part("balance of the sources", weights="no sources"),
        Part("pages weigh more than the same as text", weights="no pages"),
        Part("joint decoding (a classifier for each facet)", joint=False),
    ]


def weightings(cases: Sequence[Labelled], settings: Settings) -> dict[str, np.ndarray]:
    """Return the weights of cases (n,) by name."""
    without = {
        "weights": {},
        "no confidence": {"certainty": 0.0},
        "no balance": {"balance": 0.0, "balance_texts": 0.0},
        "one balance": {"balance_texts": settings.balance},
        "no sources": {"sources": 0.0},
        "no pages": {"pages": 0.5},
    }
    return {name: case_weights(cases, replace(settings, **changed)) for name, changed in without.items()}


def held_out_codes(part: Part, fold: int, X: Sided, folds: np.ndarray, tasks: Sequence[tuple], weights: np.ndarray, settings: Settings) -> list[np.ndarray]:
    """Return, for each task (y, offset, held, acts), the class found for each case of a fold by a model that has not seen it."""
    from threadpoolctl import threadpool_limits

    inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
    columns = np.arange(X.shape[1]) if part.columns is None else np.flatnonzero(~part.columns)
    X_in, X_out = X.take(inside, columns), X.take(outside, columns)
    found = []
    with threadpool_limits(1):
        for y, offset, held, acts in tasks:
            if not part.rules:
                offset, held, acts = np.zeros_like(offset), held[:, :0], acts[:0]
            model = OffsetLogistic(settings.C, settings.iterations, settings.spread)
            model.fit(X_in, y[inside], offset[inside], weights[inside], held[inside], acts)
            scores = offset[outside] + X_out @ model.coef_ + model.intercept_ + held[outside] @ (model.moved_[:, None] * acts)
            found.append(scores.argmax(axis=1))
    return found


def facet_task(facet: int, codes: Sequence[str], cases: Sequence[Labelled], seen: Sequence[Seen], built: Design) -> tuple:
    """Return (y, offset, held, acts) of a facet by itself: the rules that act on it, on its codes (C)."""
    name = ("economy", "model")[facet]
    rules = {rule.id: rule for s in seen for rule, _ in s.held}
    acts = np.array([[rules[key].weight * (rules[key].facet == name and rules[key].code == code) for code in codes] for key in built.rules])
    acts = acts.reshape(len(built.rules), len(codes))
    return np.array([codes.index(x.pair[facet]) for x in cases]), built.held @ acts, built.held, (acts != 0).astype(float)


def slices_of(cases: Sequence[Labelled]) -> dict[str, np.ndarray]:
    """Return the cases (n,) that each slice holds; a page is one of the wiki, whatever set its label is from."""

    def slice_of(x: Labelled) -> str:
        if x.case.page is not None:
            return "wiki pages"
        return {"train_other": "other sources", "wikipedia": "encyclopedia", "authored": "authored"}.get(x.set, "wiki texts")

    names = np.array([slice_of(x) for x in cases])
    return {name: names == name if name != "all" else np.ones(len(cases), bool) for name in SLICES}


def figures_of(truth: np.ndarray, found: np.ndarray, sizes: Sequence[int], draws: Draws) -> dict[str, np.ndarray]:
    """Return each figure on every draw, shape (1 + R,); `truth` and `found` (2, n) hold numbers of codes."""
    return {name: function(draws.confusions(truth[facet], found[facet], sizes[facet])) for name, (facet, function) in FIGURES.items()}


def measured(data: Data, arguments: argparse.Namespace, settings: Settings, began: float) -> tuple[dict[str, np.ndarray], list[Labelled]]:
    """Return for each part the codes found without it, shape (2, n), and the cases."""
    from joblib import Parallel, delayed

    cases = data.texts + data.pages
    vectors = data.vectors(not arguments.no_pretrained)
    told("word vectors", began)
    seen = [look_at(x.case, data.finder, data.rules, data.book) for x in cases]
    pairs = tuple(data.book.pairs)
    built = design(seen, pairs, settings, vectors)
    told(f"matrix of {built.X.shape[0]} cases by {built.X.shape[1]} columns", began)
    names, ends = column_names(built, vectors, settings), built.ends[2]
    X = Sided(built.X[:, :ends].tocsr(), built.X[:, ends:].toarray())
    codes = [tuple(dict.fromkeys(pair[facet] for pair in pairs)) for facet in (0, 1)]
    joint = [(np.array([pairs.index(x.pair) for x in cases]), built.offset, built.held, built.acts)]
    apart = [facet_task(facet, codes[facet], cases, seen, built) for facet in (0, 1)]
    weights = weightings(cases, settings)
    folds = np.array([fold_of(group, settings.folds) for group in data.groups_of(cases)])
    parts = parts_of(names, vectors)
    wanted = [w.strip() for w in arguments.parts.split(",")] if arguments.parts else [""]
    parts = [p for p in parts if p.name == WHOLE or any(w in p.name for w in wanted)]
    code_of_pair = np.array([[codes[facet].index(pair[facet]) for pair in pairs] for facet in (0, 1)])
    found = {part.name: np.zeros((2, len(cases)), int) for part in parts}
    jobs = [(part, fold) for part in parts for fold in sorted(set(folds.tolist()))]
    # threads: the matrix is large, and products with it let go of the interpreter
    results = Parallel(n_jobs=arguments.jobs, prefer="threads", return_as="generator")(
        delayed(held_out_codes)(part, fold, X, folds, joint if part.joint else apart, weights[part.weights], settings) for part, fold in jobs
    )
    for (part, fold), classes in zip(jobs, results, strict=True):
        found[part.name][:, folds == fold] = code_of_pair[:, classes[0]] if part.joint else np.array(classes)
        told(f"without {part.name}, fold {fold}", began)
    return found, cases


def table(found: dict[str, np.ndarray], cases: Sequence[Labelled], data: Data, replicates: int, seed: int) -> list[dict]:
    """Return a row for each slice and part: each figure and its difference to the whole, with the interval of both."""
    codes = [list(dict.fromkeys(pair[facet] for pair in data.book.pairs)) for facet in (0, 1)]
    truth = np.array([[codes[facet].index(x.pair[facet]) for x in cases] for facet in (0, 1)])
    groups, rows = np.array(data.groups_of(cases)), []
    for name, mask in slices_of(cases).items():
        if not mask.any():
            continue
        draws = Draws(groups[mask], replicates, seed)
        whole = figures_of(truth[:, mask], found[WHOLE][:, mask], [len(c) for c in codes], draws)
        for part, classes in found.items():
            values = figures_of(truth[:, mask], classes[:, mask], [len(c) for c in codes], draws)
            row = {"slice": name, "cases": int(mask.sum()), "initiatives": draws.groups, "without": part, "figures": {}}
            for key in FIGURES:
                row["figures"][key] = {
                    "value": asdict(figure(values[key], draws.groups)),
                    "difference": asdict(figure(values[key] - whole[key], draws.groups)) if part != WHOLE else None,
                }
            rows.append(row)
    return rows


def shown(rows: Sequence[dict]) -> None:
    """Print a table for each slice, and which parts earn something."""
    earns: dict[str, list[str]] = {}
    costs: dict[str, list[str]] = {}
    for name in dict.fromkeys(row["slice"] for row in rows):
        chosen = [row for row in rows if row["slice"] == name]
        print(f"\n{name}: {chosen[0]['cases']} cases about {chosen[0]['initiatives']} initiatives")
        print(ROW.format("without", *(text for key in FIGURES for text in (key.split()[0], key.split()[1], "difference, 95 %"))))
        for row in chosen:
            cells = []
            for key, cell in row["figures"].items():
                value, difference = Figure(**cell["value"]), Figure(**cell["difference"]) if cell["difference"] else Figure(None)
                cells += ["undef." if value.value is None else f"{value.value:.3f}", "" if difference.value is None else f"{difference.value:+.3f}"]
                sure = difference.low is not None and (difference.high < 0 or difference.low > 0)
                cells.append("" if difference.low is None else f"[{difference.low:+.3f}, {difference.high:+.3f}]{'*' if sure else ''}")
                if sure:
                    (earns if difference.high < 0 else costs).setdefault(row["without"], []).append(f"{name} {key} {difference.value:+.3f}")
            print(ROW.format(row["without"], *cells).rstrip())
    print("\nintervals of the difference that exclude zero")
    for part in dict.fromkeys(row["without"] for row in rows if row["without"] != WHOLE):
        print(f"{part}: earns in {'; '.join(earns.get(part, ['nothing']))}" + (f"; COSTS in {'; '.join(costs[part])}" if part in costs else ""))


def main(argv: Sequence[str] | None = None) -> None:
    """Leave out, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_arguments(parser)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--parts", help="only parts whose name holds one of these words, by commas")
    parser.add_argument("--jobs", type=int, default=2, help="fits at a time")
    arguments = parser.parse_args(argv)
    began = time.perf_counter()
    settings = Settings(folds=arguments.folds, seed=arguments.seed)
    data = load(arguments.labelled, arguments.dump, arguments.limit)
    found, cases = measured(data, arguments, settings, began)
    rows = table(found, cases, data, arguments.replicates, arguments.seed)
    shown(rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
