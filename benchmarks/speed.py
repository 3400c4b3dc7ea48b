"""Speed on one core: `tagger` with full explanations, JSONL out, beside spaCy on the same texts, in turns within one run.

    python -m benchmarks.speed [--only startup] [--texts corpus/cases.jsonl] [--dump ../shared/p2pwiki/p2pwiki-pages-articles.xml.bz2] [--pages 2000]

Processor time of this process, medians of five rounds. What counts is each ratio: other work on the machine slows both sides.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tagger.case import Case, Origin
from tagger.cues.compile import to_matcher
from tagger.pipeline import Tagger
from tagger.reading import read
from tagger.writing.jsonl import JsonlSheet

ROOT = Path(__file__).parents[1]
ROUNDS = 5
SLICE = 50  # texts before the other side's turn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=Path, default=ROOT / "corpus/cases.jsonl", help="JSONL with id, title and text")
    parser.add_argument("--dump", type=Path, default=ROOT.parent / "shared/p2pwiki/p2pwiki-pages-articles.xml.bz2", help="left out if missing")
    parser.add_argument("--pages", type=int, default=2000, help="pages of the dump")
    parser.add_argument("--matcher-texts", type=int, default=100, help="texts for the slow pipeline of Matcher and textcat")
    parser.add_argument("--only", choices=("startup", "texts"), help="leave the rest out")
    arguments = parser.parse_args()

    if arguments.only != "texts":
        compare_startup(arguments.texts)
    if arguments.only == "startup":
        return
    tagger, sheet = Tagger.load(), JsonlSheet()
    tokenise, pipeline = blank(), matcher_and_textcat(tagger)
    cases = [case_of(json.loads(line)) for line in arguments.texts.open(encoding="utf-8")]
    print(f"{len(cases)} texts of {statistics.mean(len(c.text.split()) for c in cases):.0f} words on average")

    def tag(some: Sequence[Case]) -> int:
        return sum(len(sheet.piece(tagger.tag(case))) for case in some)

    compare("spaCy tokeniser", lambda some: [tokenise(c.text) for c in some], tag, cases, 3.0)
    compare("spaCy Matcher + textcat", lambda some: [pipeline(c.text) for c in some], tag, cases[: arguments.matcher_texts], 20.0)
    if arguments.dump.exists() and arguments.only is None:
        compare_dump(arguments.dump, arguments.pages, tokenise, tag)


def case_of(row: dict) -> Case:
    return Case(str(row["id"]), row.get("title") or "", row["text"], Origin("benchmark"))


def blank() -> Callable:
    import spacy

    return spacy.blank("en").make_doc


def matcher_and_textcat(tagger: Tagger) -> Callable:
    """Return a spaCy pipeline that runs our patterns through ``Matcher``, and a bag-of-words textcat with a label for each model."""
    import spacy
    from spacy.matcher import Matcher

    nlp = spacy.blank("en")
    matcher = Matcher(nlp.vocab)
    for pattern in tagger.finder.lexicon.patterns:
        matcher.add(pattern.id, to_matcher(pattern.items))
    model = {"@architectures": "spacy.TextCatBOW.v2", "exclusive_classes": True, "ngram_size": 2, "no_output_layer": False}
    textcat = nlp.add_pipe("textcat", config={"model": model})
    for code in tagger.codebook.models:
        textcat.add_label(code.id)
    nlp.initialize()

    def run(text: str) -> None:
        matcher(nlp(text))

    return run


def seconds(work: Callable, given: Sequence) -> float:
    began = time.process_time()
    work(given)
    return time.process_time() - began


def compare(name: str, theirs: Callable, ours: Callable, cases: Sequence[Case], goal: float) -> None:
    """Print texts a second of both, and ours over theirs."""
    for work in (theirs, ours):
        work(cases)
    rounds = []
    for _ in range(ROUNDS):
        spent = [0.0, 0.0]
        for i in range(0, len(cases), SLICE):
            for side, work in enumerate((theirs, ours)):
                spent[side] += seconds(work, cases[i : i + SLICE])
        rounds.append(spent)
    report(name, len(cases), rounds, goal)


def compare_dump(dump: Path, pages: int, tokenise: Callable, tag: Callable) -> None:
    """The same from the packed dump, with decompression and wikitext on our side, and the plain texts of the same pages on theirs."""

    def ours(_: object) -> None:
        for record in islice(read(dump), pages):
            if isinstance(record, Case):
                tag([record])

    cases = [record for record in islice(read(dump), pages) if isinstance(record, Case)]
    rounds = [[seconds(lambda some: [tokenise(c.text) for c in some], cases), seconds(ours, None)] for _ in range(ROUNDS + 1)][1:]
    report("spaCy tokeniser (pages of the dump)", len(cases), rounds, 1.0)


def compare_startup(texts: Path) -> None:
    """Print the processor time of `tagger --help`, and of the first tag of one short file over that of importing spaCy and scikit-learn."""
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        one.write_text(json.loads(texts.open(encoding="utf-8").readline())["text"], encoding="utf-8")
        commands = (("-m", "tagger", "--help"), ("-m", "tagger", "tag", str(one), "-o", f"{folder}/one.jsonl"), ("-c", "import spacy, sklearn"))
        rounds = [[_child_seconds(*command) for command in commands] for _ in range(ROUNDS + 1)][1:]
    helped, tagged, imported = map(statistics.median, zip(*rounds, strict=True))
    print(f"tagger --help: {helped:.2f} s (goal: at most 0.25)")
    ratio = statistics.median(tag / both for _, tag, both in rounds)
    print(f"first tag of one file: {tagged:.2f} s; import spacy, sklearn: {imported:.2f} s; ratio {ratio:.2f} (goal: at most 1.5)", flush=True)


def _child_seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(name: str, count: int, rounds: Sequence[Sequence[float]], goal: float) -> None:
    theirs, ours, ratio = (statistics.median(values) for values in ([count / a for a, _ in rounds], [count / b for _, b in rounds], [a / b for a, b in rounds]))
    print(f"{name}: {theirs:,.0f} a second; tagger: {ours:,.0f}; ratio {ratio:.3f} (goal: at least {goal:g})", flush=True)


if __name__ == "__main__":
    main()
