"""Staleness: what has moved on since a model was trained, and by how much, in one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tagger.case import Case, Origin
from tagger.coding.model_manifest import GOLDEN, GROUPS, current_folder, read_manifest, read_part
from tagger.codings.merge import Label
from tagger.codings.splits import initiative_key
from tagger.errors import ModelError
from tagger.learning.labelled import HELD_OUT, Labelled
from tagger.learning.model_folder import training_hash
from tagger.pipeline import Tagger, released_models
from tagger.registry.versions import group_digest, trained_on

SAME = 1e-6  # log-odds


@dataclass(frozen=True, slots=True)
class Stale:
    """What has moved on since a model was trained.

    `parts` are what is another now, a phrase each ("rules 1.0.0 → 1.1.0"); `scores` how far the model's scores of the texts kept beside it moved with that:
    (texts with another pair of codes, texts, largest move in log-odds), None where no texts are kept; `labels` is a phrase on labels that it has not learned
    from ('' where there are none, or nobody asked).
    """

    model: str
    parts: tuple[str, ...] = ()
    scores: tuple[int, int, float] | None = None
    labels: str = ""

    @property
    def sentence(self) -> str:
        """One line that says it; '' where nothing has moved."""
        told = []
        if self.parts:
            told.append(f"was trained with other versions ({', '.join(self.parts)}){self._by()}")
        if self.labels:
            told.append(f"has not learned from {self.labels}")
        return f"model {self.model} {', and it '.join(told)}: `tagger retrain` learns anew" if told else ""

    def _by(self) -> str:
        if self.scores is None:
            return ""
        other, texts, most = self.scores
        if most <= SAME:
            return f"; none of the {texts} texts kept beside it is scored otherwise now"
        codes = "another code" if other == 1 else "other codes"
        return f"; of the {texts} texts kept beside it {other or 'none'} would now get {codes}, scores move by up to {most:.2g}"


def stale(folder: Path, tagger: Tagger, labelled: Sequence[Labelled] | None = None, labels: Iterable[Label] | None = None) -> Stale:
    """Return what has moved on since the model in `folder` was trained.

    Parameters
    ----------
    folder : Path
        Of the model.
    tagger : Tagger
        The pipeline with that model, and the codebook, rules and cues in use.
    labelled : sequence of Labelled, optional
        The labelled cases as they are now, read as for training (without pages of a dump).
    labels : iterable of Label, optional
        Or the merged codings as they are now, without texts.

    Raises
    ------
    ModelError
        If the manifest, or a file that is needed, cannot be read.
    """
    manifest = read_manifest(folder)
    parts = _parts(manifest, tagger)
    scores = _scores(folder, manifest, tagger) if parts and GOLDEN in manifest["files"] else None
    groups = _groups(labelled, labels)
    return Stale(folder.name, parts, scores, _labels(folder, manifest, groups, labelled) if groups else "")


def cautions_of(models: Path | None, tagger: Tagger) -> tuple[str, ...]:
    """Return the cautions of a pipeline that was loaded from `models`, with that on other rules or cues said more fully: what moved on, and by how much.

    Raises
    ------
    ModelError
    """
    folder = current_folder(models or released_models())
    told = stale(folder, tagger).sentence if folder is not None else ""
    if folder is None or not told:
        return tagger.cautions
    return (*(c for c in tagger.cautions if not c.startswith(f"model {folder.name} was trained with")), told)


def _parts(manifest: Mapping[str, Any], tagger: Tagger) -> tuple[str, ...]:
    book, rules, lexicon = tagger.codebook, tagger.rulebook, tagger.finder.lexicon
    parts = []
    for name, key, version, sha256 in (
        ("codebook", "codebook", book.version, book.sha256),
        ("rules", "rules", rules.version, rules.sha256),
        ("cues", "lexicon", lexicon.version, lexicon.sha256),
    ):
        then = manifest.get(key)
        if not isinstance(then, Mapping) or then.get("sha256", sha256) == sha256:
            continue
        before = str(then.get("version"))
        moved = f"{name} {before} → {version}" if before != version else f"{name} changed under the version {version}"
        parts.append(moved + (_gone(tagger) if name == "rules" else ""))
    return tuple(parts)


def _gone(tagger: Tagger) -> str:
    """How many of the rules that the model corrects are there no more."""
    if tagger.weights is None:
        return ""
    known = [mark.removeprefix("rule:") for mark in tagger.weights.marks if mark.startswith("rule:")]
    gone = len(set(known) - {rule.id for rule in tagger.rulebook.rules})
    return f" with {gone} of the {len(known)} rules that it corrects gone" if gone else ""


def _scores(folder: Path, manifest: Mapping[str, Any], tagger: Tagger) -> tuple[int, int, float] | None:
    """Score anew the texts that were scored when the model was made; None where they are of other pairs of codes."""
    try:
        held = json.loads(read_part(folder, manifest, GOLDEN))
        texts = [str(row["text"]) for row in held["texts"]]
        before = np.array([row["scores"] for row in held["texts"]], float)
        if [tuple(pair) for pair in held["pairs"]] != list(tagger.pairs) or before.shape != (len(texts), len(tagger.pairs)) or not texts:
            return None
    except (ValueError, KeyError, TypeError, RecursionError) as why:
        raise ModelError(f"{folder / GOLDEN}: holds no golden predictions ({type(why).__name__}: {why}); restore the folder or train anew") from None
    now = np.array([tagger.ledger(Case(str(i), "", text, Origin(GOLDEN, f"text {i}")))[0].scores() for i, text in enumerate(texts)])
    return int((now.argmax(axis=1) != before.argmax(axis=1)).sum()), len(texts), float(np.abs(now - before).max())


def _groups(labelled: Sequence[Labelled] | None, labels: Iterable[Label] | None) -> frozenset[str]:
    """The initiatives that there are labels of, but for those that are held out for measuring."""
    rows = [(x.group, x.set) for x in labelled or ()]
    rows += [(initiative_key(x.title) or x.case, x.set) for x in labels or () if x.usable and all(facet in x.codes for facet in ("economy", "model"))]
    held_out = {group for group, drawn_in in rows if drawn_in.startswith(HELD_OUT)}
    return frozenset(group for group, _ in rows) - held_out


def _labels(folder: Path, manifest: Mapping[str, Any], groups: frozenset[str], labelled: Sequence[Labelled] | None) -> str:
    """What the model has not learned from."""
    training = manifest["training"] if isinstance(manifest.get("training"), Mapping) else {}
    open_ = [x for x in labelled or () if x.group in groups]
    if open_ and training.get("sha256") == training_hash(open_):
        return ""
    if GROUPS not in manifest["files"]:
        new = len(groups) - int(training.get("initiatives", 0))
        return f"about {new:,} of {len(groups):,} labelled initiatives (it does not record which it learned from)" if new > 0 else ""
    known = trained_on(folder)
    new = sum(group_digest(group) not in known for group in groups)
    if new:
        return f"{new:,} of {len(groups):,} labelled initiatives ({new / len(groups):.0%})"
    if len(open_) == training.get("texts"):
        return "labels or texts that were changed since (the training table is another)"
    return ""
