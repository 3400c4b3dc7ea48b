"""How versions of the model look on a terminal. Names and manifests may be anybody's: nothing of them is taken for markup or obeyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tagger.cli import printable

if TYPE_CHECKING:
    from tagger.registry.history import Entry
    from tagger.registry.versions import Version

FACETS = ("economy", "model")


def versions_view(found: Sequence[Version]) -> RenderableType:
    """Return the table of versions, oldest first where it is recorded when they were made."""
    table = Table(box=None, pad_edge=False)
    for column in ("", "name", "made (UTC)", "codebook", "lexicon", "rules", "texts", "initiatives", "parent"):
        table.add_column(column, no_wrap=True, justify="right" if column in ("texts", "initiatives") else "left")
    for version in sorted(found, key=lambda v: (v.made, v.name)):
        mark = Text("in use", style="bold") if version.used else Text("")
        if version.fault:
            table.add_row(mark, _text(version.name), _text(version.made), Text("unreadable", style="red"))
            continue
        names = [_text(version.table(name).get("version", "")) for name in ("codebook", "lexicon", "rules")]
        counts = [_text(version.table("training").get(name, "")) for name in ("texts", "initiatives")]
        table.add_row(mark, _text(version.name), _text(version.made), *names, *counts, _text(version.parent))
    return table


def version_view(version: Version, history: Sequence[Entry], figures: Mapping[str, Any]) -> RenderableType:
    """Return all that is known of a version."""
    parts: list[RenderableType] = [_text(f"{version.name}{' (in use)' if version.used else ''}", "bold")]
    if version.fault:
        return Group(*parts, _text(version.fault, "red"))
    training, parent = version.table("training"), version.table("parent")
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    rows = [("made (UTC)", version.made or "not recorded"), ("format", version.manifest.get("format")), ("by tagger", version.manifest.get("tagger"))]
    rows.append(("parent", f"{parent.get('name')} {str(parent.get('sha256'))[:12]}" if parent else "none"))
    rows += [(name, _dated(version.table(name))) for name in ("codebook", "rules", "lexicon")]
    rows.append(("trained on", f"{training.get('texts')} texts about {training.get('initiatives')} initiatives, SHA-256 {str(training.get('sha256'))[:12]}"))
    rows += [("", source) for source in training.get("sources") or () if isinstance(source, str)]
    rows.append(("coded by", training.get("coded_by")))
    rows += [(facet, ", ".join(f"{code} {n}" for code, n in _map(training.get(facet)).items())) for facet in FACETS]
    rows += [("thresholds", _listed(version.table("thresholds"))), ("settings", _listed(version.table("settings")))]
    rows.append(("libraries", ", ".join(_library(name, then) for name, then in version.table("libraries").items())))
    rows += [(f"macro-F1, {facet}", said) for facet in FACETS if (said := _macro_f1(figures, facet))]
    for name, value in rows:
        facts.add_row(_text(name), _text(value))
    parts += [facts, Text(""), _files(version.table("files"))]
    if lines := [entry for entry in history if version.name in (entry.model, entry.was)]:
        parts += [Text(""), _history(lines)]
    return Group(*parts)


def _files(files: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("file")
    table.add_column("bytes", justify="right")
    table.add_column("SHA-256")
    for name, entry in files.items():
        table.add_row(_text(name), _text(entry.get("bytes", "")), _text(entry["sha256"][:12]))
    return table


def _history(entries: Sequence[Entry]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("when (UTC)", "what", "before", "by", "why"):
        table.add_column(column, no_wrap=column != "why")
    for entry in entries:
        table.add_row(_text(entry.when), _text(f"{entry.model} {entry.did}"), _text(entry.was or ""), _text(entry.by), _text(entry.why))
    return table


def _text(value: object, style: str = "") -> Text:
    return Text(printable(" ".join(str(value).split())), style=style)


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _dated(table: Mapping[str, Any]) -> str:
    return f"{table.get('id', '')} {table.get('version')} {str(table.get('sha256'))[:12]}".strip()


def _library(name: str, then: object) -> str:
    """A library's version at training, and the one that is installed where it is another."""
    try:
        now = metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        now = "none"
    return f"{name} {then}" if now == then else f"{name} {then} (installed: {now})"


def _macro_f1(figures: Mapping[str, Any], facet: str) -> str:
    """The macro-F1 of an evaluation (:meth:`tagger.learning.evaluation.Evaluation.as_dict`) with its interval; '' where there is none."""
    found = _map(_map(_map(_map(figures.get("facets")).get(facet)).get("summary")).get("macro_f1"))
    value, low, high = (found.get(name) for name in ("value", "low", "high"))
    if not isinstance(value, float | int):
        return ""
    return f"{value:.3f}" + (f" [{low:.3f}, {high:.3f}]" if isinstance(low, float | int) and isinstance(high, float | int) else "")
