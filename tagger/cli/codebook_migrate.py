"""``tagger codebook migrate``: what a new version of the codebook does to labels, models and figures, shown first and then done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tagger.codebook.migrate import Migration
    from tagger.retrain.migration import Incomparable, Migrated, ModelFate

SHOWN = 20  # rows of a table in the terminal
PIPED_WIDTH = 140


def migrate(
    old: Annotated[Path, typer.Argument(help="Codebook folder that labels were given by.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Folder of the later version, with its moves in the log.", show_default=False)],
    codings: Annotated[Path | None, typer.Option("--codings", help="Table of codings (.csv), or a folder of them, whose labels are to follow.")] = None,
    models: Annotated[Path | None, typer.Option("--models", help="Folder of models: which of them still work?")] = None,
    texts: Annotated[
        list[Path] | None, typer.Option("--texts", help="The coded texts (ids as in the codings): what needs eyes is written ready for `tagger review`.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="New folder for the migrated codings; beside the old ones if left out.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the consequences and write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the consequences as JSON.")] = False,
) -> None:
    """Show what a new codebook version does: codes renamed, merged, split, moved, retired; labels that follow, cases that need eyes; what is incomparable.

    With --codings the labels that follow by themselves are written to a new folder; the originals are never touched.
    """
    from tagger.cli.screen import console, say

    found = consequences(old, new, codings, models)
    if json:
        print(dumped(found))
    else:
        screen = console(highlight=False)
        if not screen.is_terminal:
            screen.width = PIPED_WIDTH
        screen.print(view(found))
    if codings is not None:
        if dry_run:
            say("Nothing was written (--dry-run).")
        else:
            for line in written(found, new, codings, output, texts or []):
                say(line)


@dataclass(frozen=True)
class Consequences:
    """All that follows from a change of the codebook; `parts` and `whole` where codings were given."""

    migration: Migration
    parts: dict[Path, Migrated]
    whole: Migrated | None
    models: tuple[ModelFate, ...] | None
    figures: tuple[Incomparable, ...]


def consequences(old: Path | None, new: Path | None, codings: Path | None, models: Path | None) -> Consequences:
    """Work out what a change of the codebook does; raises :class:`CodebookError` where there is no way, :class:`InputError` for faulty codings."""
    from tagger.codebook.migrate import migration_of
    from tagger.codebook.moves import load_with_moves
    from tagger.retrain.migrated_folder import migrate_files, read_files
    from tagger.retrain.migration import incomparable, models_after

    before, _ = load_with_moves(old)
    migration = migration_of(before, *load_with_moves(new))
    parts, whole = migrate_files(read_files(codings, migration), migration) if codings is not None else ({}, None)
    return Consequences(migration, parts, whole, models_after(models, migration) if models is not None else None, incomparable(migration))


def written(found: Consequences, new: Path, codings: Path, output: Path | None, texts: list[Path]) -> list[str]:
    """Write the migrated codings; return what to tell the user.

    Raises
    ------
    InputError, OutputError
    """
    from tagger.cli.screen import count
    from tagger.retrain.migrated_folder import EYES, REVIEW, default_folder, review_lines, write_folder

    folder = output or default_folder(codings, found.migration)
    lines: list[str] = []
    told: list[str] = []
    if texts and found.whole.eyes:
        from tagger.reading import read

        lines, problems = review_lines(found.whole.eyes, read(texts), _tagger(found.migration, new))
        told = [f"{count(number, 'case')} to look at {what}" for what, number in problems.items()]
    write_folder(folder, found.parts, found.whole, found.migration, lines)
    told.append(f"Migrated codings: {folder}; the originals are as they were.")
    if lines:
        told.append(f"Now look at {count(len(lines), 'case')}: tagger review {folder / REVIEW} --codebook {new}")
    elif found.whole.eyes:
        told.append(f"{count(len(found.whole.eyes), 'case')} to look at: {folder / EYES} (with --texts they are written ready for `tagger review`)")
    return told


def _tagger(migration: Migration, folder: Path):
    """Return the new codebook's rules alone: no model of the old one may speak for it."""
    from tagger.coding.rules import load_rules
    from tagger.cues import CueFinder, load_lexicon
    from tagger.pipeline import Tagger

    return Tagger(migration.new, CueFinder(load_lexicon(migration.new, folder)), load_rules(migration.new, folder))


def dumped(found: Consequences) -> str:
    """Return the consequences as JSON."""
    import json

    migration, whole = found.migration, found.whole
    data: dict[str, Any] = {
        "from": {"id": migration.old.id, "version": migration.old.version, "sha256": migration.old.sha256},
        "to": {"id": migration.new.id, "version": migration.new.version, "sha256": migration.new.sha256},
        "step": migration.step,
        "codes": [asdict(fate) for fate in migration.fates if fate.becomes != fate.code or fate.doubtful],
        "notes": list(migration.notes),
        "incomparable": [asdict(one) for one in found.figures],
    }
    if whole is not None:
        data["labels"] = {
            "stay": whole.stayed,
            "follow": [{"facet": f, "from": a, "to": b, "labels": n} for (f, a, b), n in sorted(whole.followed.items())],
            "taken_out": [{"facet": f, "code": code, "labels": n} for (f, code), n in sorted(whole.taken_out.items())],
            "codings_left_out": whole.left_out,
            "cases": [eyes.as_dict() for eyes in whole.eyes],
        }
    if found.models is not None:
        data["models"] = [asdict(model) for model in found.models]
    return json.dumps(data, ensure_ascii=False, indent=1)


def view(found: Consequences) -> RenderableType:
    """Return the consequences in the order in which they are to be read."""
    from rich.console import Group
    from rich.text import Text

    migration = found.migration
    words = {"none": "the same codebook", "patch": "other words only: labels, models and figures stand", "minor": "a minor step", "major": "a major step"}
    parts: list[Any] = [Text(f"{migration.old.name} -> {migration.new.version}: {words[migration.step]}", style="bold")]
    changed = [fate for fate in migration.fates if fate.becomes != fate.code or fate.doubtful]
    becomes = {False: "labels follow to {}", True: "somebody has to look"}
    rows = [
        (f.facet, f.code, "label stands, worth a look" if f.doubtful else becomes[f.eyes].format(f.becomes), ", ".join(f.candidates), "; ".join(f.why))
        for f in changed
    ]
    parts += _table("Codes", ("Facet or cue", "Code", "Its labels", "May belong to", "Why"), rows)
    parts += [Text(_plain(f"- {note}")) for note in migration.notes]
    if found.whole is not None:
        parts += _labels(found.whole)
    if found.models is not None:
        rows = [(m.name + (" (in use)" if m.in_use else ""), "works" if m.works else "is refused", m.why) for m in found.models]
        parts += _table("Models", ("Model", "By the new codebook", "Why"), rows, "no model in this folder")
    parts += _table("No longer comparable with figures of the old version", ("Figure", "Why"), [(one.figure, one.why) for one in found.figures])
    return Group(*parts)


def _labels(whole: Migrated) -> list[Any]:
    from rich.text import Text

    rows = [(facet, a, b, str(n)) for (facet, a, b), n in sorted(whole.followed.items())]
    rows += [(facet, code, "to be given anew", str(n)) for (facet, code), n in sorted(whole.taken_out.items())]
    said = f"{whole.stayed} labels stay, {sum(whole.followed.values())} follow, {sum(whole.taken_out.values())} are to be given anew"
    said += f"; {len(whole.eyes)} cases need eyes"
    said += f"; {whole.left_out} codings hold no code of a facet any more and are left out" if whole.left_out else ""
    cases = [(eyes.case, eyes.title, "; ".join(eyes.why)) for eyes in whole.eyes]
    return [*_table("Labels", ("Facet or cue", "Code", "Becomes", "Labels"), rows), Text(said), *_table("Cases to look at", ("Case", "Title", "Why"), cases)]


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], empty: str = "") -> list[Any]:
    """Return a table of texts under its title (never markup), shortened to `SHOWN` rows; nothing, or `empty`, where there is no row."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return [Text(f"\n{title}: {empty}")] if empty else []
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows[:SHOWN]:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    rest = [Text(f"... and {len(rows) - SHOWN} more (--json has all)", style="dim")] if len(rows) > SHOWN else []
    return [Text(f"\n{title}", style="bold"), table, *rest]


def _plain(text: str) -> str:
    from tagger.writing.terminal import visible

    return visible(text, one_line=True)
