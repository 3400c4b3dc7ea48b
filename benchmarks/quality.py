"""How good are the tags? The released model and the rules alone on the development sets, and each goal that the project set itself with what is reached.

    python benchmarks/quality.py [--models models] [--cv] [--neural] [--second out/minilm] [--json FILE]

Reads out/labelled.jsonl (`make labelled`) and the dump. The development sets were never trained on, nor were their initiatives and near-duplicates (`tagger
train` sees to that). They are tagged from their descriptions and from the raw wiki pages; every case counts, abstained ones with their best code. --cv adds
what needs many cases drawn at random: the auto-accept band, calibration, conformal sets, from models that have not seen the case (trains four, some minutes).
Intervals come from drawing initiatives anew. --neural measures on the development sets with the second look, too, and says what is reached with it; --second
does so in cross-validation: of a fine-tuned one with the third of the cases that it was held out of, the linear models with all.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from loading import ROOT, SETS, Data, add_arguments, load, told

from tagger.case import UNSTATED
from tagger.coding.decide import FACETS
from tagger.coding.encoder import Encoder
from tagger.learning.autoaccept import auto_accept
from tagger.learning.calibration import calibration
from tagger.learning.conformal import conformal
from tagger.learning.cue_training import f1_of
from tagger.learning.evaluation import GATE, Summary, summaries
from tagger.learning.labelled import Labelled
from tagger.learning.outcomes import Outcomes, cross_validated, outcomes_of
from tagger.learning.promises import halves
from tagger.learning.resampled import Figure
from tagger.learning.train import Settings, look_at
from tagger.learning.tuned_look import Tuned, read_second
from tagger.pipeline import Tagger

CUES = {"licensing": 0.80, "initiator": 0.70, "ownership": 0.70, "value": 0.70, "payment": 0.60, "participation": 0.45}
ROW = "{:<11} {:<5} {:>4}  {:<9} {:<8} {:<20} {:<20} {:<20} {:>8}  {:<20}"
GOAL = "{:<62} {:>7} {:>9}  {}"


@dataclass(frozen=True)
class Goal:
    """What was to be reached, and what was; `most` tells that less is better."""

    name: str
    wanted: float
    found: float | None
    most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the figure, rounded as it is printed, is as good as wanted."""
        return self.found is not None and (round(self.found, 3) <= self.wanted if self.most else round(self.found, 3) >= self.wanted)


def shown(f: Figure) -> str:
    """Return a figure with its interval."""
    return "undefined" if f.value is None else f"{f.value:.2f}" + ("" if f.low is None else f" ({f.low:.2f} to {f.high:.2f})")


def table(data: Data, taggers: dict[str, Tagger], replicates: int, seed: int) -> dict[tuple[str, str, str], dict[str, Summary]]:
    """Measure on the development sets, print a line each, and return the summaries by (set, input, who decided)."""
    found = {}
    print(ROW.format("set", "input", "n", "by", "facet", "accuracy", "macro-F1", "alpha", "decided", "alpha there"))
    for name in SETS:
        for source, pool in (("text", data.measured), ("page", data.measured_pages)):
            for by, tagger in taggers.items():
                figures = summaries(outcomes_of(tagger, pool[name]), replicates=replicates, seed=seed)
                found[name, source, by] = figures
                for facet in (*FACETS, GATE):
                    s = figures[facet]
                    cells = [shown(x) for x in (s.accuracy, s.macro_f1, s.alpha)] + ["" if s.decided.value is None else f"{s.decided.value:.2f}"]
                    print(ROW.format(name, source, len(pool[name]), by, facet, *cells, shown(s.alpha_decided)), flush=True)
    return found


def cue_goals(tagger: Tagger, cases: list[Labelled]) -> list[Goal]:
    """Return F1 of stated cue values, on cases whose coders gave that cue."""
    coded = [{code.cue: code.value for code in tagger.tag(x.case).cue_codes} for x in cases]
    goals = []
    for cue, wanted in CUES.items():
        rows = [(codes.get(cue, UNSTATED), x.cues[cue]) for codes, x in zip(coded, cases, strict=True) if x.cues.get(cue)]
        goals.append(Goal(f"1 cues: F1 of {cue} (dev sets, {len(rows)} texts)", wanted, f1_of(*zip(*rows, strict=True))["f1"]))
    return goals


def goals_on_dev(figures: dict[tuple[str, str, str], dict[str, Summary]], by: str) -> list[Goal]:
    """Return the goals of agreement, as `by` reaches them."""
    random, spread = figures["dev_random", "page", by], figures["dev_spread", "text", by]
    goals = [Goal(f"2 alpha of {facet}, all cases (dev_random, raw page)", 0.75, random[facet].alpha.value) for facet in FACETS]
    goals += [Goal(f"2 alpha of {facet}, all cases (dev_spread, text)", w, spread[facet].alpha.value) for facet, w in zip(FACETS, (0.70, 0.65), strict=True)]
    goals.append(Goal("2 macro-F1 of model (dev_spread, text)", 0.60, spread["model"].macro_f1.value))
    for facet in FACETS:
        goals.append(Goal(f"3 alpha of {facet} where decided (dev_random, raw page)", 0.80, random[facet].alpha_decided.value))
        goals.append(Goal(f"3 share decided on {facet} (dev_random, raw page)", 0.60, random[facet].decided.value))
    goals.append(Goal("3 alpha of the gate where decided (dev_random, raw page)", 0.85, random[GATE].alpha_decided.value))
    return goals


def goals_by_cross_validation(data: Data, tagger: Tagger, second: Encoder | Tuned | None, vectors, seed: int) -> tuple[list[Goal], list[str]]:
    """Return the goals that need many held-out cases, and what is to be said of them; wiki pages as pages, one model for texts and pages.

    With a fine-tuned second look only the cases count that it was held out of.
    """
    cases = data.texts + data.pages
    seen = [look_at(x.case, data.finder, data.rules, data.book) for x in cases]
    outcomes = cross_validated(cases, seen, data.book, Settings(), tagger.thresholds, vectors=vectors, second=second)
    page = np.array([x.case.page is not None for x in cases])
    if isinstance(second, Tuned):
        known = second.said_of(cases)[1]
        outcomes, page = outcomes.take(known), page[known]
    drawn = np.array([r is True for r in outcomes.random])
    checked = {group for group, r in zip(outcomes.groups, drawn & page, strict=True) if r}
    random, rest = outcomes.take(drawn & page), outcomes.take(page & np.array([g not in checked for g in outcomes.groups]))
    band = auto_accept(rest, random, seed=seed)
    goals = [Goal(f"4 share of random pages accepted unread at 5 % error ({len(random)} pages)", 0.45, band.share)]
    said = [f"Auto-accept: {band.sentence()}"]
    for facet in FACETS:
        for name, part in (("all wiki pages", outcomes.take(page)), ("random pages", random)):
            found = calibration(part, facet, seed=seed)
            goals.append(Goal(f"5 calibration error of {facet}, {name}", 0.05, found.equal_width.value, most=True))
    sets = conformal(*halves(outcomes.take(page), seed), seed=seed)
    return goals, [*said, sets.sentence(), *_summary(random)]


def _summary(random: Outcomes) -> list[str]:
    found = summaries(random)
    return [
        f"Random pages, cross-validated ({len(random)}), {name}: alpha {shown(s.alpha)}; decided {shown(s.decided)}, alpha there {shown(s.alpha_decided)}"
        for name, s in found.items()
    ]


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_arguments(parser)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--cv", action="store_true", help="also what takes cross-validation")
    parser.add_argument("--neural", action="store_true", help="also with the second look of the model's sentence encoder")
    parser.add_argument("--second", type=Path, help="with --cv: what the second look was made of (out/minilm), to cross-validate with one, too")
    arguments = parser.parse_args()
    second = read_second(arguments.second) if arguments.second is not None else None
    if second is not None and (not arguments.cv or (isinstance(second, Tuned) and second.held_out is None)):
        parser.error("--second goes with --cv and takes what the second look was made of (out/minilm), not a model")
    began = time.perf_counter()
    data = load(arguments.labelled, arguments.dump, arguments.limit)
    tagger = Tagger.load(arguments.models)
    taggers = {"rules": Tagger(data.book, data.finder, data.rules), "released": tagger}
    if arguments.neural:
        taggers["neural"] = Tagger.load(arguments.models, neural=True)
    figures = table(data, taggers, arguments.replicates, arguments.seed)
    goals = [*cue_goals(tagger, [x for pool in data.measured.values() for x in pool]), *goals_on_dev(figures, list(taggers)[-1])]
    told("measured on the development sets", began)
    said: list[str] = []
    if arguments.cv:
        more, said = goals_by_cross_validation(data, tagger, second, data.vectors(not arguments.no_pretrained), arguments.seed)
        goals += more
        told("cross-validated", began)
    print("\n" + GOAL.format("Reach", "wanted", "found", ""))
    for goal in goals:
        found = "-" if goal.found is None else f"{goal.found:.3f}"
        print(GOAL.format(goal.name, f"{'<= ' if goal.most else ''}{goal.wanted:.2f}", found, "yes" * goal.reached))
    print("", *said, sep="\n")
    if arguments.json:
        rows = [{"set": a, "input": b, "by": c, "facet": f, **asdict(s)} for (a, b, c), by in figures.items() for f, s in by.items()]
        result = {"dev": rows, "reach": [asdict(goal) | {"reached": goal.reached} for goal in goals], "said": said}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
