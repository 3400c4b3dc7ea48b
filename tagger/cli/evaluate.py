"""``tagger evaluate``: how good the tags are, on labelled cases that the model did not see."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, LIMIT, MODELS, NEURAL, PRETRAINED

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.learning.evaluation import Evaluation
    from tagger.learning.labelled import Labelled
    from tagger.learning.vectors import Vectors
    from tagger.pipeline import Tagger

app = typer.Typer(add_completion=False)

SUFFIXES = (".json", ".html")
SHARES = {0.125: "an eighth", 0.25: "a quarter", 0.5: "half", 1.0: "all"}  # of the initiatives, in the learning curve
PIPED_WIDTH = 160


@app.command()
def evaluate(
    labelled: Annotated[list[Path], typer.Argument(help="Labelled cases: .jsonl (text, economy, model), or folders of cases.jsonl and labels.csv.")],
    models: MODELS = None,
    cv: Annotated[
        bool,
        typer.Option("--cv", help="Cross-validate: train on these cases, by folds of initiatives, instead of measuring a model. Sets dev* and test* stay out."),
    ] = False,
    dump: Annotated[
        Path | None, typer.Option("--dump", help="MediaWiki export: cases whose title is a page of it are measured on the page, too, as a source of their own.")
    ] = None,
    output: Annotated[list[Path] | None, typer.Option("-o", "--output", help="Write the figures as .json or as an .html page (may be given twice).")] = None,
    learning_curve: Annotated[bool, typer.Option("--learning-curve", help="With --cv: also from an eighth, a quarter and half of the initiatives.")] = False,
    replicates: Annotated[int, typer.Option("--replicates", min=100, max=100_000, help="Bootstrap samples of the initiatives.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the bootstrap.")] = 0,
    pretrained: PRETRAINED = False,
    neural: NEURAL = False,
    codebook: CODEBOOK = None,
    limit: LIMIT = None,
) -> None:
    """Measure how good the tags are: accuracy, macro-F1 and Krippendorff's alpha by facet, code and source, each with a 95 % interval.

    Without --cv the model in use is measured: give cases that it was not trained on.
    """
    from tagger.cli.screen import console, labels_of, say
    from tagger.errors import InputError

    if learning_curve and not cv:
        raise InputError("--learning-curve needs models that learn from ever more cases: add --cv")
    if cv and models is not None:
        raise InputError("--cv trains models of its own on the labelled cases: leave --models out, or leave --cv out to measure the model in that folder")
    if cv and neural:
        raise InputError("--neural is of a model that has a sentence encoder: leave --cv out (training one tells what it does to held-out cases)")
    with ExitStack() as made:
        parts = [(path, made.enter_context(_part(path))) for path in output or []]  # before the long work, whose fruit they are to hold
        shares = tuple(SHARES) if learning_curve else ()
        found, book, told = evaluated(labelled, models, codebook, dump, cv, shares, limit, replicates, seed, pretrained, neural)
        for path, part in parts:
            part.write(rendered(found, book, path))
    for line in told:
        say(line)
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    from tagger.cli.evaluation_view import evaluation_view

    screen.print(evaluation_view(found, labels_of(book)))


def evaluated(
    paths: list[Path],
    models: Path | None,
    codebook: Path | None,
    dump: Path | None,
    cv: bool,
    shares: tuple[float, ...],
    limit: int | None,
    replicates: int,
    seed: int,
    pretrained: bool = False,
    neural: bool = False,
) -> tuple[Evaluation, Codebook, list[str]]:
    """Evaluate the model in use, or cross-validate; return the evaluation, the codebook, and what to tell the user."""
    from tagger.learning.evaluation import evaluate
    from tagger.learning.promised import promised

    tagger = _tagger(models, codebook, cv, neural)
    cases, texts, told = gather(paths, dump, tagger.codebook, cv, limit)
    about = {"labelled cases": ", ".join(p.name for p in paths) + (f" with pages of {dump.name}" if dump else "")}
    if cv:
        from tagger.learning.fitting import vectors_of

        outcomes, learning, few = _cross_validated(tagger, cases, vectors_of(texts, cases, pretrained), shares, replicates, seed)
        told += few
        about["measured"] = "cross-validated: each case by a model that saw neither its initiative nor a near-duplicate"
    else:
        from tagger.learning.outcomes import outcomes_of

        outcomes, learning = outcomes_of(tagger, cases), ()
        about["measured"] = f"model {tagger.provenance.model}" if tagger.provenance.model else "the rules alone"
        told = [*tagger.cautions, *told, *_flattered(tagger, models, cases)]
    about |= {"codebook": tagger.provenance.codebook, "rules": tagger.provenance.rules}
    more = {"about": about, "learning": learning, "promises": promised(outcomes, replicates=replicates, seed=seed)}
    return evaluate(outcomes, replicates=replicates, seed=seed, **more), tagger.codebook, told


def _tagger(models: Path | None, codebook: Path | None, cv: bool, neural: bool) -> Tagger:
    from tagger.cues import CueFinder
    from tagger.pipeline import Tagger, load_folder

    if not cv:
        return Tagger.load(models, codebook, neural)
    book, lexicon, rules = load_folder(codebook)  # no model is needed, nor need one be there
    return Tagger(book, CueFinder(lexicon), rules)


def gather(paths: list[Path], dump: Path | None, book: Codebook, cv: bool, limit: int | None) -> tuple[list[Labelled], list[list[str]], list[str]]:
    """Return the cases to measure on, with the pages of `dump` beside the texts, the words of every page, and what was left out.

    Raises
    ------
    InputError
        Where no case is left.
    """
    from tagger.errors import InputError
    from tagger.learning.fitting import pages_and_words
    from tagger.learning.labelled import read_labelled, trainable

    given = [x for path in paths for x in read_labelled(path)]
    if cv:
        cases, left = trainable(given, book)
        told = [f"left out: {count} ({reason})" for reason, count in sorted(left.items())]
    else:
        cases = [x for x in given if book.allowed(*x.pair)]
        told = [f"left out: {len(given) - len(cases)} (pair not allowed by the codebook)"] if len(cases) < len(given) else []
    if not cases:
        raise InputError(f"{', '.join(map(str, paths))}: none of {len(given)} labelled cases can be measured on" + "".join(f"; {line}" for line in told))
    cases = cases[:limit]
    texts: list[list[str]] = []
    if dump is not None:
        pages, texts = pages_and_words(dump, cases)
        told.append(f"{len(pages)} of {len(cases)} texts were found as pages of {dump.name}")
        cases += pages
    return cases, texts, told


def _cross_validated(tagger: Tagger, cases: list[Labelled], vectors: list[Vectors], shares: tuple[float, ...], replicates: int, seed: int):
    """Return the outcomes of cross-validation, the learning curve over `shares`, and which of these were too small to learn from."""
    from tagger.errors import InputError
    from tagger.learning.evaluation import learning_curve
    from tagger.learning.outcomes import cross_validated, learned_from
    from tagger.learning.train import Settings, look_at

    settings, told = Settings(), []
    seen = [look_at(x.case, tagger.finder, tagger.rulebook, tagger.codebook) for x in cases]
    outcomes = cross_validated(cases, seen, tagger.codebook, settings, vectors=vectors)
    steps = []
    for share in shares:
        try:
            part = outcomes if share == 1 else cross_validated(cases, seen, tagger.codebook, settings, share=share, vectors=vectors)
        except InputError as why:
            told.append(f"learning curve: {SHARES[share]} of the initiatives is left out ({why})")
        else:
            steps.append((share, learned_from(outcomes.groups, settings, share), part))
    return outcomes, learning_curve(steps, replicates=replicates, seed=seed), told


def _flattered(tagger: Tagger, models: Path | None, cases: list[Labelled]) -> list[str]:
    """Say so where the model learned from initiatives that it is measured on, or may have: older models do not record their initiatives."""
    from tagger.coding.model_file import current_folder
    from tagger.errors import ModelError
    from tagger.pipeline import released_models
    from tagger.registry.versions import group_digest, trained_on

    folder = current_folder(models or released_models()) if tagger.weights is not None else None
    if folder is None:
        return []
    try:
        learned = trained_on(folder)
    except ModelError:
        open_ = sum(not x.held_out for x in cases)
        said = "are in no set named dev or test: if the model learned from them, these figures flatter it; --cv does not"
    else:
        open_ = sum(group_digest(x.group) in learned for x in cases)
        said = "are about initiatives that the model learned from: these figures flatter it; --cv does not"
    return [f"{open_} of {len(cases)} cases {said}"] if open_ else []


def _part(path: Path):
    from tagger.errors import OutputError
    from tagger.writing.durable import Part

    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"{path}: choose a name that ends in {' or '.join(SUFFIXES)}")
    return Part(path)


def rendered(found: Evaluation, book: Codebook, path: Path) -> str:
    """Return an evaluation as the text of the file `path`, whose suffix tells the format."""
    import json

    from tagger.cli.screen import labels_of
    from tagger.writing.evaluation_page import evaluation_page

    figures = found.as_dict()
    return json.dumps(figures, ensure_ascii=False, indent=1) + "\n" if path.suffix.lower() == ".json" else evaluation_page(figures, labels_of(book))
