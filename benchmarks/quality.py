"""How good are the tags? Accuracy, macro-F1 and Krippendorff's alpha on the development sets, for rules alone, classifier alone and both.

    python benchmarks/quality.py [--shared ../shared] [--json FILE] [--quick]

Hydrates the codings of corpus/codings, trains the two classifiers on what `tagger train` would train on (dev sets held out, and with them every
initiative of theirs and every near-duplicate of one of their texts), then tags dev_random and dev_spread from their description texts and from the raw wiki
pages of the dump. Every case counts, abstained ones with their best code.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.cli.corpus_texts import hydrate_to  # noqa: E402
from tagger.cli.train import pages_and_words, vectors_of  # noqa: E402
from tagger.codebook import load_codebook  # noqa: E402
from tagger.coding.rules import load_rules  # noqa: E402
from tagger.codings.splits import joined  # noqa: E402
from tagger.cues import CueFinder, load_lexicon  # noqa: E402
from tagger.learning.labelled import Labelled, read_labelled, trainable  # noqa: E402
from tagger.learning.metrics import scores  # noqa: E402
from tagger.learning.train import Settings, look_at, train  # noqa: E402
from tagger.pipeline import Tagger  # noqa: E402

SETS = ("dev_random", "dev_spread")
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
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="leave out the classifier without rules")
    arguments = parser.parse_args()
    dump = arguments.shared / "p2pwiki" / "p2pwiki-pages-articles.xml.bz2"
    book = load_codebook()
    rules, finder = load_rules(book), CueFinder(load_lexicon(book))
    with TemporaryDirectory() as folder:
        texts = [ROOT / "corpus" / "cases.jsonl", *(arguments.shared / d / "cases.jsonl" for d in ("p2pwiki", "wikipedia", "others"))]
        _, told = hydrate_to([ROOT / "corpus" / "codings"], [*texts, dump], Path(folder) / "labelled.jsonl", None)
        labelled = read_labelled(Path(folder) / "labelled.jsonl")
    print("; ".join(told), file=sys.stderr)
    groups = dict(zip(((x.set, x.case.id) for x in labelled), joined([x.group for x in labelled], [x.case.text for x in labelled]), strict=True))
    texts, _ = trainable(labelled, book)
    began = time.perf_counter()
    everything, words = pages_and_words(dump, labelled)
    print(f"read {dump.name}: {len(everything)} of {len(labelled)} cases found as pages, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    measured = {groups[x.set, x.case.id] for x in labelled if x.set in SETS}
    pool = texts + trainable(everything, book)[0]
    cases = [x for x in pool if groups[x.set, x.case.id] not in measured]  # an initiative that is measured on is not trained on, whoever wrote about it
    print(f"left out of training: {len(pool) - len(cases)} texts on initiatives of the development sets, and near-duplicates", file=sys.stderr)
    vectors = vectors_of(words, cases, pretrained=find_spec("wordllama") is not None)
    print(f"word vectors: {', '.join(v.name for v in vectors)}", file=sys.stderr)
    taggers = {"rules": Tagger(book, finder, rules)}
    for name, with_rules in (("classifier", False), ("both", True))[arguments.quick :]:
        began = time.perf_counter()
        seen = [look_at(x.case, finder, rules, book, with_rules) for x in cases]
        taggers[name] = Tagger(book, finder, rules, train(cases, seen, book, Settings(with_rules=with_rules), vectors))
        print(f"trained {name}: {len(cases)} texts, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    results = []
    print(ROW.format("set", "input", "n", "decided by", "facet", "accuracy", "macro-F1", "alpha", "coverage", "alpha there"))
    for name in SETS:
        for source, pool in (("text", labelled), ("page", everything)):
            chosen = [x for x in pool if x.set == name]
            for by, tagger in taggers.items():
                for facet, figures in measure(tagger, chosen).items():
                    results.append({"set": name, "input": source, "n": len(chosen), "by": by, "facet": facet, **figures})
                    shown = [f"{figures[k]:.3f}" if figures[k] is not None else "undef." for k in FIGURES]
                    print(ROW.format(name, source, len(chosen), by, facet, *shown), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
