"""What does a second look cost? Articles a second without and with it, on the same texts in one run, and how many of them it looks at.

    python benchmarks/second_look.py [--limit 400]

Texts and raw pages of the development sets (out/labelled.jsonl, `make labelled`); one core; medians of five.
"""

from __future__ import annotations

import argparse
import statistics
import time

from loading import ROOT, add_arguments, load

from tagger.case import Case
from tagger.coding.decide import undecided
from tagger.pipeline import Tagger

ROW = "{:<24} {:>6} {:>10} {:>10} {:>8} {:>10} {:>12}"


def seconds(tagger: Tagger, cases: list[Case]) -> float:
    """CPU seconds for all cases."""
    began = time.process_time()
    for case in cases:
        tagger.tag(case)
    return time.process_time() - began


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_arguments(parser)
    parser.add_argument("--models", default=ROOT / "models")
    given = parser.parse_args()
    data = load(given.labelled, given.dump, given.limit)
    plain, neural = Tagger.load(given.models), Tagger.load(given.models, neural=True)
    print(ROW.format("sample", "cases", "plain/s", "neural/s", "ratio", "looked at", "ms a look"))
    for kind, pools in (("text", data.measured), ("page", data.measured_pages)):
        for name, pool in pools.items():
            cases = [x.case for x in pool]
            pairs = [(seconds(plain, cases), seconds(neural, cases)) for _ in range(6)][1:]
            first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratio = statistics.median(b / a for a, b in pairs)
            again = sum(undecided(plain.pairs, plain.ledger(c)[0].scores(), plain.thresholds.decide) for c in cases)
            each = 1000 * (second - first) / max(1, again)
            print(ROW.format(f"{name}, {kind}", len(cases), f"{len(cases) / first:.0f}", f"{len(cases) / second:.0f}", f"{ratio:.2f}", again, f"{each:.1f}"))


if __name__ == "__main__":
    main()
