"""How good are the tags? Accuracy, macro-F1 and Krippendorff's alpha on the development sets, for rules alone, classifier alone and both.

    python benchmarks/quality.py [--quick] [--json FILE] [...]

Trains the two classifiers on what `tagger train` would train on (out/labelled.jsonl, which `make labelled` writes; the development sets held out, and with them
every initiative of theirs and every near-duplicate of one of their texts), then tags dev_random and dev_spread from their description texts and from the raw
wiki pages of the dump. Every case counts, abstained ones with their best code.
"""

from __future__ import annotations

import argparse
import json
import time

from loading import SETS, add_arguments, load, told

from tagger.learning.labelled import Labelled
from tagger.learning.metrics import scores
from tagger.learning.train import Settings, look_at, train
from tagger.pipeline import Tagger

FACETS = ("economy", "model")
FIGURES = ("accuracy", "macro_f1", "alpha", "coverage", "alpha_decided")
ROW = "{:<11} {:<5} {:>4}  {:<11} {:<8} {:>8} {:>8} {:>6}   {:>8} {:>11}"


def measure(tagger: Tagger, cases: list[Labelled]) -> dict[str, dict[str, float | None]]:
    """Return accuracy, macro-F1 and alpha by facet, and how many cases were decided."""
    decisions = [tagger.tag(x.case) for x in cases]
    result = {}
    for facet in FACETS:
        truth, found = [getattr(x, facet) for x in cases], [getattr(d, facet) for d in decisions]
        sure = [i for i, choice in enumerate(found) if choice.status != "abstained"]
        result[facet] = scores(truth, [choice.code for choice in found])
        result[facet]["coverage"] = len(sure) / len(cases)
        result[facet]["alpha_decided"] = scores([truth[i] for i in sure], [found[i].code for i in sure])["alpha"] if sure else None
    return result


def main() -> None:
    """Train, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_arguments(parser)
    parser.add_argument("--quick", action="store_true", help="leave out the classifier without rules")
    arguments = parser.parse_args()
    began = time.perf_counter()
    data = load(arguments.labelled, arguments.dump, arguments.limit)
    cases, vectors = data.texts + data.pages, data.vectors(not arguments.no_pretrained)
    taggers = {"rules": Tagger(data.book, data.finder, data.rules)}
    for name, with_rules in (("classifier", False), ("both", True))[arguments.quick :]:
        seen = [look_at(x.case, data.finder, data.rules, data.book, with_rules) for x in cases]
        weights = train(cases, seen, data.book, Settings(with_rules=with_rules), vectors)
        taggers[name] = Tagger(data.book, data.finder, data.rules, weights)
        told(f"trained {name}: {len(cases)} texts", began)
    results = []
    print(ROW.format("set", "input", "n", "decided by", "facet", "accuracy", "macro-F1", "alpha", "coverage", "alpha there"))
    for name in SETS:
        for source, pool in (("text", data.measured), ("page", data.measured_pages)):
            chosen = pool[name]
            for by, tagger in taggers.items():
                for facet, figures in measure(tagger, chosen).items():
                    results.append({"set": name, "input": source, "n": len(chosen), "by": by, "facet": facet, **figures})
                    shown = [f"{figures[k]:.3f}" if figures[k] is not None else "undef." for k in FIGURES]
                    print(ROW.format(name, source, len(chosen), by, facet, *shown), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
