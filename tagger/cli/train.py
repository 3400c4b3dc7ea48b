"""``tagger train``: labelled cases in, a model folder out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODER, PRETRAINED

if TYPE_CHECKING:
    from tagger.learning.labelled import Labelled

app = typer.Typer(add_completion=False)
# Cross-validated on the 2,627 wiki pages of the set `train` (36 % no case), alpha is 0.81 on both facets over the 61 % and 52 % that are as probable as this.
DECIDE = 0.7


@app.command()
def train(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled cases: .jsonl (text, economy, model), or folders of cases.jsonl and labels.csv.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of models to write to; the new model becomes the one in use there.")],
    name: Annotated[str, typer.Option("--name", help="Name of the new model (letters, digits, dots, hyphens).")] = "trained",
    dump: Annotated[
        Path | None, typer.Option("--dump", help="MediaWiki export: cases whose title is a page of it are learned from the page's structure, too.")
    ] = None,
    codebook: CODEBOOK = None,
    with_rules: Annotated[bool, typer.Option("--rules/--no-rules", help="Whether the rules enter as priors.")] = True,
    decide: Annotated[float, typer.Option("--decide", min=0.05, max=0.99, help="Abstain where the winning code is less probable than this.")] = DECIDE,
    pretrained: PRETRAINED = False,
    neural: ENCODER = None,
) -> None:
    """Train a model on labelled cases.

    Sets whose name begins with dev or test are held out for measuring and never trained on. What words mean is learned from all texts, those of the dump
    included; no vectors are needed when cases are tagged.
    """
    folder, lines = train_to(labelled, output, name, dump, codebook, with_rules, pretrained, decide, neural)
    for line in lines:
        print(line, file=sys.stderr)
    print(folder)


def train_to(
    paths: list[Path],
    output: Path,
    name: str,
    dump: Path | None,
    codebook: Path | None,
    with_rules: bool,
    pretrained: bool = False,
    decide: float = DECIDE,
    neural: Path | None = None,
) -> tuple[Path, list[str]]:
    """Train and save; return the model's folder and what to tell the user."""
    import re

    from tagger.coding.decide import Thresholds
    from tagger.coding.model_file import weights_bytes
    from tagger.cues import CueFinder
    from tagger.errors import InputError
    from tagger.learning.fitting import fitted, vectors_of
    from tagger.learning.model_folder import manifest_of, parts_of, save_model
    from tagger.learning.second_look_training import add_second_look
    from tagger.learning.train import Settings, look_at
    from tagger.learning.tuned_look import Tuned, read_second
    from tagger.pipeline import load_folder
    from tagger.retrain.drift import drift_reference, reference_bytes

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise InputError(f"--name {name!r}: use letters, digits, dots, hyphens and underscores only")
    second = read_second(neural) if neural is not None else None
    book, lexicon, rules = load_folder(codebook)
    cases, texts, told = gather(paths, dump, book)
    if isinstance(second, Tuned):
        second.check(tuple(book.pairs), cases)
    make_folder(output)
    vectors = vectors_of(texts, cases, pretrained)
    finder = CueFinder(lexicon)
    seen = [look_at(x.case, finder, rules, book, with_rules) for x in cases]
    settings = Settings(with_rules=with_rules)
    fit = fitted(cases, seen, book, settings, vectors)
    weights = fit.with_cue_codes(book)
    data = weights_bytes(weights)
    sources = [p.name for p in paths] + ([dump.name] if dump else []) + [f"word vectors: {v.name}" for v in vectors]
    manifest = manifest_of(data, cases, book, rules, lexicon, settings, Thresholds(decide=decide), sources)
    parts = parts_of(cases, weights, book, rules, lexicon)
    parts["drift.json"] = reference_bytes(drift_reference(cases, seen, weights, fit.probabilities()))
    if second is not None:
        told.append(add_second_look(fit, second, Thresholds(decide=decide), manifest, parts))
    folder = save_model(output, name, weights, manifest, data, parts)
    size = f"{len(data) / 1e6:.1f} MB; temperature {weights.temperature:.2f}"
    return folder, [*told, f"trained on {len(cases)} texts about {manifest['training']['initiatives']} initiatives; {size}"]


def make_folder(folder: Path) -> None:
    """Make the folder of models, before the training whose fruit it is to hold; OutputError where it cannot be made."""
    from tagger.errors import OutputError
    from tagger.writing.durable import output_error

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{folder}: is a file; models go into a folder, so give another name with -o") from None
    except OSError as problem:
        raise output_error(folder, problem) from problem


def gather(paths: list[Path], dump: Path | None, book) -> tuple[list[Labelled], list[list[str]], list[str]]:
    """Return the training cases, with the pages of `dump` beside the texts, the words of every page, and what was left out."""
    from tagger.errors import InputError
    from tagger.learning.fitting import pages_and_words
    from tagger.learning.labelled import read_labelled, trainable

    cases, left = trainable([x for path in paths for x in read_labelled(path)], book)
    told = [f"left out: {count} ({reason})" for reason, count in sorted(left.items())]
    texts: list[list[str]] = []
    if dump is not None:
        pages, texts = pages_and_words(dump, cases)
        told.append(f"{len(pages)} of {len(cases)} texts were found as pages of {dump.name}")
        cases = cases + pages
    if len({x.pair for x in cases}) < 2:
        raise InputError(f"{len(cases)} cases with {len({x.pair for x in cases})} kind of label: training needs cases of at least two codes")
    return cases, texts, told
