"""``tagger models``: which versions of the model there are, which is in use, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tagger.cli.options import CODEBOOK

if TYPE_CHECKING:
    from rich.console import Console

    from tagger.registry.clean import Plan
    from tagger.registry.verify import Loaded
    from tagger.registry.versions import Version

app = typer.Typer(no_args_is_help=True, add_completion=False, help="List the versions of the model, verify them, choose the one in use, go back, clean up.")

FOLDER = Annotated[Path | None, typer.Option("--models", help="Folder of models; the released one if left out.")]
VERSION = Annotated[str, typer.Argument(help="Name of a version, as `tagger models list` gives it.")]
PIPED_WIDTH = 160
WHY = Annotated[str, typer.Option("--why", help="The reason, for the history.")]


@app.command("list")
def list_(models: FOLDER = None) -> None:
    """List the versions, newest last; the one in use is marked. Reads manifests only: `verify` reads all."""
    from tagger.cli.models_view import versions_view
    from tagger.cli.screen import say
    from tagger.registry.history import read_history
    from tagger.registry.versions import versions

    folder = folder_of(models)
    found = versions(folder)
    if not found:
        say(f"{folder}: no model here; `tagger train -o {folder}` makes one")
        return
    _screen().print(versions_view(found))
    for line in pending(folder, found, read_history(folder)):
        say(line)


@app.command()
def show(name: VERSION, models: FOLDER = None) -> None:
    """Show what is known of a version: what it was trained on and with, its figures, its files, its history."""
    from tagger.cli.models_view import version_view
    from tagger.registry.history import read_history
    from tagger.registry.versions import version

    folder = folder_of(models)
    found = version(folder, name)
    _screen().print(version_view(found, read_history(folder), figures_of(found)))


@app.command()
def promote(name: VERSION, why: WHY = "", models: FOLDER = None, codebook: CODEBOOK = None) -> None:
    """Make a version the one in use, once it is verified; the history keeps when, by what and why."""
    from tagger.cli.screen import say
    from tagger.registry.promote import promote as promoted

    folder = folder_of(models)
    entry = promoted(folder, name, loaded=_loaded(codebook), why=why)
    say(f"{name} is in use already" if entry is None else f"{name} is in use now" + (f" (before: {entry.was})" if entry.was else ""))


@app.command()
def rollback(
    of: Annotated[str, typer.Option("--from", help="Only if this version is in use: given twice, it goes back once.", show_default=False)] = "",
    why: WHY = "",
    models: FOLDER = None,
    codebook: CODEBOOK = None,
) -> None:
    """Go back to the version that was in use before; again, to the one before that."""
    from tagger.cli.screen import say
    from tagger.registry.promote import rollback as rolled_back

    entry = rolled_back(folder_of(models), of=of, loaded=_loaded(codebook), why=why)
    say(f"{entry.model} is in use again (before: {entry.was})")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="Name of a version; all if left out.")] = None, models: FOLDER = None, codebook: CODEBOOK = None
) -> None:
    """Verify that versions are whole and ours, fit the codebook, and still say what they said when they were made.

    Nothing of a version is opened that its manifest does not describe. Ends with status 1 where there is a fault.
    """
    from tagger.cli.screen import count, say

    found = verified(folder_of(models), name, _loaded(codebook))
    for version, faults in found:
        typer.echo(f"{version.name}: {count(len(faults), 'fault') if faults else 'no fault'}")
        for fault in faults:
            say(f"  {fault}")
    if any(faults for _, faults in found):
        raise typer.Exit(1)


@app.command()
def gc(
    keep: Annotated[int, typer.Option("--keep", min=0, help="How many of the versions that nothing needs are kept, newest first.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and remove nothing.")] = False,
    models: FOLDER = None,
) -> None:
    """Remove old versions: never the one in use, its parent, the way back, or what was promoted last; nor a folder that holds foreign files."""
    from tagger.registry.clean import clean, plan

    folder = folder_of(models)
    for line in told(plan(folder, keep) if dry_run else clean(folder, keep), dry_run):
        typer.echo(line)


def folder_of(models: Path | None) -> Path:
    """Return the folder of models that is meant, or raise ModelError where there is none."""
    from tagger.pipeline import released_models
    from tagger.registry.versions import see_folder

    folder = models or released_models()
    see_folder(folder)
    return folder


def verified(models: Path, name: str | None, loaded: Loaded) -> list[tuple[Version, list[str]]]:
    """Verify a version, or all; return each with its faults."""
    from tagger.registry.history import read_history
    from tagger.registry.verify import verify as faults_of
    from tagger.registry.versions import version, versions

    history = read_history(models)
    return [(v, faults_of(v, loaded, history)) for v in (versions(models) if name is None else [version(models, name)])]


def figures_of(version: Version) -> dict:
    """Return what metrics.json of a version holds, checked against its manifest; empty where there is none, or it cannot be read (`verify` says why)."""
    import json

    from tagger.coding.model_manifest import METRICS, read_part
    from tagger.errors import ModelError

    try:
        found = json.loads(read_part(version.folder, version.manifest, METRICS)) if not version.fault else {}
    except (ModelError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def pending(models: Path, found: list[Version], history: list) -> list[str]:
    """Return what the listing does not show: no version in use, or a change that was announced and did not take place."""
    from tagger.coding.model_manifest import in_use
    from tagger.registry.history import SWITCHES, unfinished

    used = in_use(models)
    lines = [] if any(v.used for v in found) else [f"none of these is in use (CURRENT: {used or 'missing'}); choose with `tagger models promote NAME`"]
    lines += [f"{v.name}: {v.fault}" for v in found if v.fault]
    last = next((entry for entry in reversed(history) if entry.did in SWITCHES), None)
    if last is not None and unfinished(last, used):
        lines.append(f"{last.model} was to be {last.did} at {last.when} and is not in use: do it again to finish, or leave it")
    return lines


def told(what: Plan, dry_run: bool) -> list[str]:
    """Return what gc says: what goes, what stays and why."""
    goes = "would be removed" if dry_run else "removed"
    lines = [f"{name}: {goes}" for name in what.versions]
    lines += [f"{name}: {goes} (left by a command that was killed)" for name in what.left]
    return [*lines, *(f"{name}: kept, {why}" for name, why in what.kept), *(f"{name}: left alone, {why}" for name, why in what.alone)]


def _screen() -> Console:
    from tagger.cli.screen import console

    screen = console(highlight=False)
    if not screen.is_terminal:
        screen.width = PIPED_WIDTH
    return screen


def _loaded(codebook: Path | None) -> Loaded:
    from tagger.pipeline import load_folder

    return load_folder(codebook)
