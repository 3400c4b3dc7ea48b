"""How well are cues found? F1, precision and recall of stated values by cue, for the lexicon's mentions alone and for cue codes, in one run.

    python benchmarks/cues.py [--labelled FILE] [--dev] [--json FILE]

Held out by initiative: every case is coded by models that have not seen its fold, and calibrated with a threshold from the other folds. With --dev the
development sets are coded instead, by a model trained on all else (without their initiatives and near-duplicates). The lexicon's value is that of its first
affirmed mention. A value counts as right only where it is the coders'; ECE is the expected calibration error (10 bins) of the probability of the value given.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.case import UNSTATED  # noqa: E402
from tagger.coding.cue_codes import shares_of  # noqa: E402
from tagger.codings.splits import joined  # noqa: E402
from tagger.cues import CueFinder  # noqa: E402
from tagger.learning.cue_training import CueSettings, Task, calibration, f1_of, held_out_scores, tasks_of, threshold, train_cue_codes  # noqa: E402
from tagger.learning.fitting import vectors_of  # noqa: E402
from tagger.learning.labelled import read_labelled, trainable  # noqa: E402
from tagger.learning.train import Seen, Settings, look_at, prepare, train  # noqa: E402
from tagger.pipeline import load_folder  # noqa: E402

ROW = "{:<14} {:>5}   {:>5} {:>5} {:>5}   {:>5} {:>5} {:>5}   {:>5}"


def by_lexicon(seen: Seen, cue: str) -> str:
    """Return the value that the first affirmed mention of a cue states (a negated one its opposite)."""
    prefix = f"cue:{cue}="
    return next((mark.removeprefix(prefix) for mark in seen.marks if mark.startswith(prefix) and "@" not in mark), UNSTATED)


def held_out_codes(task: Task, scores: np.ndarray, folds: np.ndarray, settings: CueSettings) -> tuple[list[str], np.ndarray]:
    """Return the value and its probability for each row of a task; what is set on held-out folds is set on the other ones."""
    names, found, sure = (UNSTATED, *task.values), np.zeros(len(task.y), int), np.zeros(len(task.y))
    for fold in set(folds.tolist()):
        out = folds == fold
        temperature, bias = calibration(scores[~out], task.y[~out], task.shares[~out])
        limit = threshold(shares_of((scores[~out] + bias) / temperature), task.y[~out], task.shares[~out], settings.precision)
        shares = shares_of((scores[out] + bias) / temperature)
        best = shares[:, 1:].argmax(axis=1) + 1
        found[out] = np.where(shares.max(axis=1, initial=0, where=np.arange(shares.shape[1]) > 0) >= limit, best, 0)
        sure[out] = shares[np.arange(len(shares)), found[out]]
    return [names[i] for i in found], sure


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap between probability and share right, over bins of equal width."""
    at = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(sure[at == b].mean() - right[at == b].mean()) * (at == b).mean() for b in set(at.tolist())))


def figures(cue: str, truth: Sequence[str], lexicon: Sequence[str], codes: Sequence[str], sure: np.ndarray) -> dict:
    """Return the figures of one cue."""
    error = calibration_error(sure, np.array([a == b for a, b in zip(codes, truth, strict=True)], float))
    return {"cue": cue, "lexicon": f1_of(lexicon, truth), "codes": f1_of(codes, truth), "ece": error}


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--labelled", type=Path, default=next(p for p in (ROOT / "out" / "labelled.jsonl", ROOT / "corpus" / "cases.jsonl") if p.is_file()))
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    book, lexicon, rules = load_folder()
    finder, settings, cue_settings = CueFinder(lexicon), Settings(), CueSettings()
    labelled = read_labelled(arguments.labelled)
    cases, dev = trainable(labelled, book)[0], [x for x in labelled if x.set.startswith("dev")]
    if arguments.dev:
        groups = joined([x.group for x in labelled], [x.case.text for x in labelled])
        measured = {group for x, group in zip(labelled, groups, strict=True) if x.set.startswith("dev")}
        apart = {(x.set, x.case.id) for x, group in zip(labelled, groups, strict=True) if group not in measured}
        cases = [x for x in cases if (x.set, x.case.id) in apart]
    seen = [look_at(x.case, finder, rules, book) for x in cases]
    prepared = prepare(cases, seen, book, settings, vectors_of([], cases, False))
    built, folds = prepared
    results = []
    if arguments.dev:
        weights = train(cases, seen, book, settings, prepared=prepared)
        cues = train_cue_codes(cases, *prepared, book, settings, cue_settings)
        looked = [look_at(x.case, finder, rules, book) for x in dev]
        coded = [cues.code(x.case.text, weights.words.terms, s.marks, weights.filled(x.case, s.marks)) for x, s in zip(dev, looked, strict=True)]
        for number, (cue, _) in enumerate(cues.cues):
            if not (rows := [i for i, x in enumerate(dev) if x.cues.get(cue)]):
                continue
            found = [coded[i][number] for i in rows]
            truth, alone = [dev[i].cues[cue] for i in rows], [by_lexicon(looked[i], cue) for i in rows]
            results.append(figures(cue, truth, alone, [c.value for c in found], np.array([c.probability for c in found])))
    else:
        tasks = tasks_of(cases, book, cue_settings.least)
        for task, scores in zip(tasks, held_out_scores(built, tasks, folds, cue_settings), strict=True):
            values, sure = held_out_codes(task, scores, folds[task.rows], cue_settings)
            truth, alone = [cases[i].cues[task.cue] for i in task.rows], [by_lexicon(seen[i], task.cue) for i in task.rows]
            results.append(figures(task.cue, truth, alone, values, sure))
    print(f"{arguments.labelled.name}: trained on {len(cases)} texts, measured on {len(dev) if arguments.dev else len(cases)}" + (" (dev)" * arguments.dev))
    print(ROW.format("", "", "lexic", "alone", "", "codes", "", "", ""))
    print(ROW.format("cue", "coded", "F1", "P", "R", "F1", "P", "R", "ECE"))
    for r in results:
        cells = [f"{r[by][k]:.3f}"[1:] if r[by][k] < 1 else "1" for by in ("lexicon", "codes") for k in ("f1", "precision", "recall")]
        print(ROW.format(r["cue"], r["codes"]["n"], *cells, f"{r['ece']:.3f}"))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
