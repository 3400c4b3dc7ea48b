"""The whole appendix, in the order in which it is read; what is not there is said to be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tagger import __version__
from tagger.codebook import Codebook
from tagger.retrain.appendix.blocks import Block, Document, Heading, Listing, Missing, Paragraph, Table
from tagger.retrain.appendix.coded import Coded, coded_blocks
from tagger.retrain.appendix.measured import measured_blocks

MOST = 60  # rows of figures of drift


@dataclass(frozen=True)
class Model:
    """A model in use: its name and its manifest."""

    name: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """All that an appendix is made of; None is what was not given. `date` is that of the appendix (2026-11-23)."""

    codebook: Codebook
    date: str
    coded: Coded | None = None
    evaluation: Mapping[str, Any] | None = None
    evaluation_source: str = ""
    model: Model | None = None
    drift: Mapping[str, Any] | None = None
    replicates: int = 2000
    seed: int = 0


def appendix(given: Given) -> Document:
    """Return the methods appendix.

    Raises
    ------
    InputError
        Where the evaluation is not what `tagger evaluate` writes.
    """
    book = given.codebook
    labels = {(c.facet, c.id): c.label.replace("_", " ") for c in (*book.economies, *book.models)}
    body = [
        *_codebook(book),
        *coded_blocks(given.coded, book, labels, replicates=given.replicates, seed=given.seed),
        *measured_blocks(given.evaluation, labels, given.evaluation_source),
        *_drift(given.drift),
        *_model(given.model),
        *_versions(given),
        *_citation(given),
    ]
    missing = [block.what for block in body if isinstance(block, Missing)]
    opening: list[Block] = [Paragraph(f"Made on {given.date} by tagger {__version__} from the files named below; no figure was entered by hand.")]
    if missing:
        opening.append(Paragraph(f"What this appendix cannot tell: {'; '.join(missing)}."))
    opening += [Paragraph(line) for line in _quarrels(given)]
    return Document("Methods appendix: coding and automatic tagging", (*opening, *body))


def _codebook(book: Codebook) -> Iterator[Block]:
    yield Heading("Codebook")
    pairs = list(book.pairs.values())
    yield Paragraph(
        f"{book.label}: {book.id}, version {book.version} (SHA-256 {book.sha256}). {len(book.economies)} economies, {len(book.models)} models, "
        f"{pairs.count('typical')} typical and {pairs.count('possible')} possible pairs of them (any other is a contradiction), {len(book.cues)} cues."
    )
    yield Paragraph(f"Unit of coding: {book.unit}")
    changes = tuple((c.version, c.date, c.text) for c in book.changes)
    yield Table("Versions of the codebook", ("Version", "Date", "What changed"), changes, words=3)
    codes = tuple((c.facet, c.id, c.label.replace("_", " "), c.short) for c in (*book.economies, *book.models))
    yield Table("Codes", ("Facet", "Code", "Called", "Meaning"), codes, words=4)


def _drift(drift: Mapping[str, Any] | None) -> Iterator[Block]:
    yield Heading("Drift: are the cases like those learned from?")
    if drift is None:
        yield Missing("drift (no figures were given)", "Compare the batch with the training data, and give the figures as JSON with --drift.")
        return
    rows = list(_flat(drift))
    yield Table("Batch against training data", ("Figure", "Value"), tuple(rows[:MOST]), words=2)
    if len(rows) > MOST:
        yield Paragraph(f"{len(rows) - MOST} more figures are in the file.")


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", f"{len(value)} entries" if any(isinstance(v, Mapping | list) for v in value) else ", ".join(map(str, value))
        else:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else "undefined" if value is None else str(value)


def _model(model: Model | None) -> Iterator[Block]:
    yield Heading("Model")
    if model is None:
        yield Missing("the model (none is in use: the rules alone decide)", "Name the folder of models with --models if there is one.")
        return
    manifest, training = model.manifest, _part(model.manifest, "training")
    said = f"Model {model.name}, trained on {training.get('texts', 'an unknown number of')} texts about {training.get('initiatives', 'unknown')} initiatives"
    yield Paragraph(f"{said} from {', '.join(map(str, training.get('sources', ()))) or 'unrecorded sources'}. Coded by {training.get('coded_by', 'unknown')}.")
    yield Paragraph("Thresholds: " + (", ".join(f"{name} {value}" for name, value in _part(manifest, "thresholds").items()) or "not recorded") + ".")
    for facet in ("economy", "model"):
        rows = tuple((code, str(n)) for code, n in _part(training, facet).items())
        if rows:
            yield Table(f"Training texts by code, {facet}", ("Code", "Texts"), rows)


def _versions(given: Given) -> Iterator[Block]:
    yield Heading("Versions")
    book = given.codebook
    rows = [("tagger", __version__, ""), ("codebook", book.name, book.sha256)]
    if given.model is not None:
        manifest = given.model.manifest
        weights = _part(_part(manifest, "files"), "weights.skops").get("sha256", "")
        rows += [("model", given.model.name, str(weights))]
        parts = (("rules", "trained with rules"), ("lexicon", "trained with lexicon"), ("codebook", "trained with codebook"))
        rows += [(told, str(_part(manifest, name).get("version", "")), str(_part(manifest, name).get("sha256", ""))) for name, told in parts]
        rows += [("training table", "", str(_part(manifest, "training").get("sha256", "")))]
        rows += [(name, str(version), "") for name, version in _part(manifest, "libraries").items()]
    yield Table("What made the tags", ("What", "Version", "SHA-256"), tuple(rows), words=3)


def _citation(given: Given) -> Iterator[Block]:
    yield Heading("How to cite")
    yield Paragraph("BibTeX entry; the authors of the study add their own work and, where it is published, an address.")
    yield Listing(bibtex(given), "bibtex")


def bibtex(given: Given) -> str:
    """Return a BibTeX entry of the software as it was used; it holds what is known and nothing else."""
    model = f", model {given.model.name}" if given.model is not None else ", rules alone"
    fields = {
        "author": "{The tagger authors}",
        "title": "{tagger}: codes cases by economy and hybrid model of participation, and shows why",
        "year": given.date[:4],
        "version": __version__,
        "note": f"Codebook {given.codebook.name}{model}",
    }
    width = max(map(len, fields))
    lines = ",\n".join(f"  {name:<{width}} = {{{_tex(value) if name == 'note' else value}}}" for name, value in fields.items())
    return f"@software{{case-tagger-{__version__},\n{lines}\n}}"


def _tex(text: str) -> str:
    return "".join(f"\\{c}" if c in "&%$#_{}" else "" if c in "\\~^" else c for c in text)


def _quarrels(given: Given) -> Iterator[str]:
    """Say where the parts do not belong together."""
    book = given.codebook
    if given.evaluation is not None and not str(_part(given.evaluation, "about").get("codebook", "")).startswith(f"{book.name} {book.sha256[:12]}"):
        yield f"Caution: the evaluation was made with codebook {_part(given.evaluation, 'about').get('codebook') or 'unknown'}, not with this one."
    if given.model is not None and _part(given.model.manifest, "codebook").get("sha256") != book.sha256:
        version = _part(given.model.manifest, "codebook").get("version", "unknown")
        yield f"Caution: the model was trained with codebook version {version}, which reads otherwise than this one."
    measured = str(_part(given.evaluation or {}, "about").get("measured", ""))
    if given.model is not None and measured.startswith("model ") and measured.split()[1] != given.model.name:
        yield f"Caution: the evaluation measured {measured}, not model {given.model.name}."


def _part(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}
