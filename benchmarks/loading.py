"""What the benchmarks train and measure on: what `tagger train` would train on, the development sets, and the pages of the dump."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.codebook import Codebook, load_codebook  # noqa: E402
from tagger.coding.rules import RuleBook, load_rules  # noqa: E402
from tagger.codings.splits import joined  # noqa: E402
from tagger.cues import CueFinder, load_lexicon  # noqa: E402
from tagger.learning.fitting import pages_and_words, vectors_of  # noqa: E402
from tagger.learning.labelled import Labelled, read_labelled, trainable  # noqa: E402
from tagger.learning.vectors import Vectors  # noqa: E402

SETS = ("dev_random", "dev_spread")
DUMP = ROOT.parent / "shared" / "p2pwiki" / "p2pwiki-pages-articles.xml.bz2"


@dataclass(frozen=True)
class Data:
    """What a benchmark works on.

    `texts` are the training cases as descriptions, `pages` those of them that are pages of the dump, `words` the words of every page. `measured` holds the
    development sets by name, `measured_pages` the same as pages; `groups` the group of each case by (set, id): its initiative, joined with those that
    near-duplicates tie to it.
    """

    book: Codebook
    rules: RuleBook
    finder: CueFinder
    texts: list[Labelled]
    pages: list[Labelled]
    words: list[list[str]]
    measured: dict[str, list[Labelled]]
    measured_pages: dict[str, list[Labelled]]
    groups: dict[tuple[str, str], str]

    def groups_of(self, cases: Sequence[Labelled]) -> list[str]:
        """Return the group of each case."""
        return [self.groups[x.set, x.case.id] for x in cases]

    def vectors(self, pretrained: bool) -> list[Vectors]:
        """Return what words mean, learned from the dump and the training texts, and where asked for from elsewhere, too."""
        return vectors_of(self.words, self.texts, pretrained)


def load(labelled: Path, dump: Path | None, limit: int | None = None) -> Data:
    """Read everything; `limit` keeps about so many training texts (whole groups, drawn by a hash), for trying a benchmark out."""
    began = time.perf_counter()
    book = load_codebook()
    cases = read_labelled(labelled)
    names = joined([x.group for x in cases], [x.case.text for x in cases])
    groups = {(x.set, x.case.id): name for x, name in zip(cases, names, strict=True)}
    measured = {name: [x for x in cases if x.set == name] for name in SETS}
    texts, left = trainable(cases, book)
    told(f"{len(texts)} training texts; left out: {'; '.join(f'{count} ({reason})' for reason, count in left.items())}", began)
    if limit is not None:
        drawn = sorted(range(len(texts)), key=lambda i: hashlib.sha256(groups[texts[i].set, texts[i].case.id].encode()).digest())[:limit]
        last = {groups[texts[i].set, texts[i].case.id] for i in drawn}
        texts = [x for x in texts if groups[x.set, x.case.id] in last]
        told(f"--limit: {len(texts)} of them are used, so the figures tell nothing but that the benchmark runs", began)
    every, words = pages_and_words(dump, [*texts, *(x for pool in measured.values() for x in pool)]) if dump is not None else ([], [])
    pages = [x for x in every if x.set not in SETS]
    measured_pages = {name: [x for x in every if x.set == name] for name in SETS}
    told(f"{len(pages)} of them found among {len(words)} pages", began)
    return Data(book, load_rules(book), CueFinder(load_lexicon(book)), texts, pages, words, measured, measured_pages, groups)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that both benchmarks take."""
    parser.add_argument("--labelled", type=Path, default=ROOT / "out" / "labelled.jsonl", help="as `make labelled` writes it")
    parser.add_argument("--dump", type=Path, default=DUMP)
    parser.add_argument("--no-pretrained", action="store_true", help="only word vectors that are learned here, none of the package wordllama")
    parser.add_argument("--limit", type=int, help="train on about so many texts: for trying the benchmark out")
    parser.add_argument("--replicates", type=int, default=1000, help="of the bootstrap over initiatives")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)


def told(what: str, began: float) -> None:
    """Say on standard error what was done and how long after `began`."""
    print(f"{time.perf_counter() - began:6.0f} s  {what}", file=sys.stderr, flush=True)
