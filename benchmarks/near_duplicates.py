"""Which cosine makes a near-duplicate? Cosines of pairs of authored cases, and of cases with made duplicates of themselves.

    python benchmarks/near_duplicates.py [--cases corpus/cases.jsonl] [--texts FILE.jsonl ...] [--seed 0]

A duplicate is made of every case by dropping a share of its words, by replacing a share with words drawn from the whole corpus, or by dropping words and
putting the sentences in another order. Cosines are those of `tagger.codings.similar`, with the duplicates among the texts. `--texts` adds, for each file of
other texts (one JSON object with "text" a line), how long all its pairs take and how many lie over each cosine.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.codings.similar import LIMIT, near_duplicates, vectors  # noqa: E402
from tagger.corpus.authored import AuthoredCase, read_authored  # noqa: E402

SHARES = (0.1, 0.3, 0.5)
QUANTILES = (0, 0.01, 0.05, 0.5, 0.95, 0.99, 1)
ROW = "{:<55} {:>7} " + " {:>6}" * len(QUANTILES) + "  {:>9}"


def dropped(text: str, share: float, generator: random.Random, words: list[str]) -> str:
    """Return the text without a share of its words."""
    return " ".join(w for w in text.split() if generator.random() >= share)


def replaced(text: str, share: float, generator: random.Random, words: list[str]) -> str:
    """Return the text with a share of its words replaced by words of the corpus, frequent ones more often."""
    return " ".join(generator.choice(words) if generator.random() < share else w for w in text.split())


def shuffled(text: str, share: float, generator: random.Random, words: list[str]) -> str:
    """Return the text with its sentences in another order and without a share of its words."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    generator.shuffle(sentences)
    return dropped(" ".join(sentences), share, generator, words)


def row(name: str, cosines: np.ndarray) -> str:
    """Return a line of the table: how many, quantiles, and how many lie over the limit."""
    return ROW.format(name, len(cosines), *(f"{q:.3f}" for q in np.quantile(cosines, QUANTILES)), f"{(cosines > LIMIT).mean():.1%}")


def authored(cases: list[AuthoredCase]) -> None:
    """Print the cosines of pairs of different initiatives and of the same one."""
    x = vectors([case.text for case in cases])
    cosines = (x @ x.T).toarray()
    np.fill_diagonal(cosines, 0)
    name = np.array([case.initiative.casefold() for case in cases])
    same = name[:, None] == name[None, :]
    upper = np.triu(np.ones_like(same), 1)
    print(row("pairs about different initiatives", cosines[~same & upper]))
    print(row("each case's nearest other initiative", np.where(same, 0, cosines).max(axis=1)))
    if (same & upper).any():
        print(row("pairs about the same initiative", cosines[same & upper]))


def made(cases: list[AuthoredCase], seed: int) -> None:
    """Print the cosines of cases with their made duplicates."""
    texts = [case.text for case in cases]
    words = [w for text in texts for w in text.split()]
    for change in (dropped, replaced, shuffled):
        for share in SHARES:
            generator = random.Random(seed)  # noqa: S311
            x = vectors([*texts, *(change(text, share, generator, words) for text in texts)])
            pairs = np.asarray(x[: len(texts)].multiply(x[len(texts) :]).sum(axis=1)).ravel()
            print(row(f"duplicate: {share:.0%} of words {'dropped, sentences ' * (change is shuffled)}{change.__name__}", pairs))


def others(path: Path) -> None:
    """Print how many pairs of other texts lie over each cosine, and the time."""
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    start = time.perf_counter()
    pairs = near_duplicates(texts, 0.1)
    seconds = time.perf_counter() - start
    counts = ", ".join(f"{limit:.2f}: {sum(cosine > limit for *_, cosine in pairs)}" for limit in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9))
    print(f"{path}: {len(texts)} texts in {seconds:.1f} s; pairs over a cosine of {counts}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=Path, default=ROOT / "corpus" / "cases.jsonl")
    parser.add_argument("--texts", type=Path, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    cases = read_authored(arguments.cases)
    print(ROW.format("cosines", "pairs", *("min" if q == 0 else "max" if q == 1 else f"{q:.0%}" for q in QUANTILES), f"over {LIMIT}"))
    authored(cases)
    made(cases, arguments.seed)
    for path in arguments.texts:
        others(path)


if __name__ == "__main__":
    main()
