"""``tagger retrain``: learn from curated labels, prove it on held-out cases, and take over only then."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK, ENCODER, PRETRAINED

if TYPE_CHECKING:
    from tagger.retrain.retraining import Options, Retrained

HELD_BACK = 1  # exit status where the candidate did not take over
PIPED_WIDTH = 160

app = typer.Typer(add_completion=False)


class Promote(StrEnum):
    """What --promote can say."""

    anyway = "anyway"


@app.command()
def retrain(
    models: Annotated[Path, typer.Option("--models", help="Folder of models; made where there is none.", show_default=False)],
    labelled: Annotated[
        list[Path] | None, typer.Option("--labelled", help="Labelled cases: .jsonl (text, economy, model), or a folder of cases.jsonl and labels.csv.")
    ] = None,
    codings: Annotated[list[Path] | None, typer.Option("--codings", help="Tables of codings (.csv), or folders of them.")] = None,
    texts: Annotated[list[Path] | None, typer.Option("--texts", help="Texts that were coded, found by their fingerprints.")] = None,
    dump: Annotated[Path | None, typer.Option("--dump", help="MediaWiki export: texts that were coded, pages of cases, and words to learn from.")] = None,
    store: Annotated[list[str] | None, typer.Option("--store", help="A review (.review.db, or postgresql://user@host/database).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train and compare, and write nothing.")] = False,
    promote: Annotated[Promote | None, typer.Option("--promote", help="Let the candidate take over whatever the comparison says; needs --why.")] = None,
    why: Annotated[str, typer.Option("--why", help="The reason for --promote anyway; the history keeps it.")] = "",
    most_loss: Annotated[float, typer.Option("--most-loss", min=0.0, max=1.0, help="How much F1 a code with 20 cases or more may lose.")] = 0.10,
    name: Annotated[str, typer.Option("--name", help="Name of the candidate (letters, digits, dots, hyphens).")] = "retrained",
    decide: Annotated[float | None, typer.Option("--decide", min=0.05, max=0.99, help="Abstain below this; as the model in use if left out.")] = None,
    replicates: Annotated[int, typer.Option("--replicates", min=100, max=100_000, help="Bootstrap samples of the initiatives.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is drawn.")] = 0,
    pretrained: PRETRAINED = False,
    neural: ENCODER = None,
    codebook: CODEBOOK = None,
) -> None:
    """Retrain on all labels that there are, compare with the model in use on held-out cases, and take over only where that is no step back.

    Give any of --labelled, --codings (with --texts or --dump) and --store, each as often as you like. The random audit share of a review is never trained
    on: the comparison rests on it first, then on sets named dev or test, else on a fifth of the initiatives. Ends with status 1 where the candidate is held
    back: it is kept in the folder of models, not in use.
    """
    from tagger.cli.retrain_view import lines_of, retrained_view
    from tagger.cli.screen import console, labels_of, say
    from tagger.codebook import load_codebook
    from tagger.errors import InputError
    from tagger.learning.tuned_look import read_second
    from tagger.retrain.gather import Sources
    from tagger.retrain.retraining import Options

    if (promote is not None) != bool(why.strip()):
        raise InputError('--promote anyway needs a reason, and --why needs it: --promote anyway --why "the dev set is out of date"')
    sources = Sources(tuple(labelled or ()), tuple(codings or ()), tuple(texts or ()), dump, tuple(store or ()))
    second = read_second(neural) if neural is not None else None
    found = retrained(sources, models, codebook, Options(name, dry_run, why.strip(), most_loss, decide, pretrained, replicates, seed, second=second))
    for line in lines_of(found):
        say(line)
    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    screen.print(retrained_view(found, dry_run, bool(why.strip()), labels_of(load_codebook(codebook))))
    if found.held_back and not (found.taken and found.taken.promoted):
        raise typer.Exit(HELD_BACK)


def retrained(sources, models: Path, codebook: Path | None, options: Options) -> Retrained:
    """Retrain, and tell on standard error what is being done; see :func:`tagger.retrain.retraining.retrain`."""
    from tagger.cli.screen import say
    from tagger.cli.train import make_folder
    from tagger.coding.model_manifest import NAME
    from tagger.errors import InputError
    from tagger.registry.versions import see_folder
    from tagger.retrain.retraining import retrain

    if not NAME.fullmatch(options.name):
        raise InputError(f"--name {options.name!r}: use letters, digits, dots, hyphens and underscores only")
    make_folder(models)
    see_folder(models)
    return retrain(sources, models, codebook, options, lambda what: say(f"{what} ..."))
