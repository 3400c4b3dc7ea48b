"""Labelled cases: texts with an economy and a model that somebody coded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tagger.case import Case, Origin
from tagger.codebook import Codebook
from tagger.codings.rows import csv_rows, json_rows
from tagger.codings.splits import initiative_key, joined
from tagger.errors import InputError

CERTAINTY = {"high": 1.0, "medium": 0.7, "low": 0.4}  # what a coder's confidence counts; not recorded: 1
HELD_OUT = ("dev", "test")  # sets whose name begins so are for measuring and never trained on


@dataclass(frozen=True, slots=True)
class Labelled:
    """A case with its label; `group` is the initiative (splits never cut one), `set` the sample that it was drawn in, `cues` the coded cue values,
    `random` whether it was drawn at random (None: not recorded), `certainty` how much a label counts in training, by the confidence of its coders.
    """

    case: Case
    economy: str
    model: str
    group: str
    set: str = ""
    cues: dict[str, str] = field(default_factory=dict)
    random: bool | None = None
    certainty: float = 1.0

    @property
    def pair(self) -> tuple[str, str]:
        """(economy, model)."""
        return self.economy, self.model

    @property
    def held_out(self) -> bool:
        """Whether it is for measuring and never trained on."""
        return self.set.startswith(HELD_OUT)


def read_labelled(path: Path) -> list[Labelled]:
    """Read labelled cases from a JSONL file (one object a case with text, economy and model) or a folder of cases.jsonl and labels.csv.

    Raises
    ------
    InputError
        Where there is nothing to read, or a record lacks text or labels (with its line).
    """
    path = Path(path)
    if path.is_dir():
        return list(_from_folder(path))
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder; give a .jsonl of labelled cases, or a folder that holds cases.jsonl and labels.csv")
    return [_labelled(row, row, path, line) for line, row in json_rows(path)]


def _from_folder(folder: Path) -> Iterator[Labelled]:
    for name in ("cases.jsonl", "labels.csv"):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: holds no {name}; a folder of labelled cases has cases.jsonl (id, title, text) and labels.csv (id, economy, model)")
    labels = {row["id"]: row for _, row in csv_rows(folder / "labels.csv", ("id", "economy", "model"))}
    for line, row in json_rows(folder / "cases.jsonl"):
        label = labels.get(str(row.get("id")))
        if label is not None and label.get("settled") != "unresolved":
            yield _labelled(row, label, folder / "cases.jsonl", line)


def _labelled(row: dict, label: dict, path: Path, line: int) -> Labelled:
    missing = [k for k, source in (("text", row), ("economy", label), ("model", label)) if not str(source.get(k) or "").strip()]
    if missing:
        raise InputError(f"{path}, line {line}: no {' and no '.join(missing)}; a labelled case needs text, economy and model")
    title = str(row.get("title") or "")
    key = str(row.get("id") or line)
    coded = row.get("cues") if isinstance(row.get("cues"), dict) else {k: v for k, v in label.items() if k in CODED_CUES}
    group = initiative_key(str(row.get("initiative") or title)) or key
    drawn = row.get("random") if isinstance(row.get("random"), bool) else None
    case = Case(id=key, title=title, text=str(row["text"]), origin=Origin(str(path), f"line {line}"))
    codes = str(label["economy"]).strip(), str(label["model"]).strip()
    drawn_in = str(row.get("set") or label.get("set") or "")
    return Labelled(case, *codes, group, drawn_in, dict(coded), drawn, certainty_of(row.get("confidence")))


def certainty_of(confidences: object) -> float:
    """Return the mean weight of what a record says of its coders' confidence (a list, or one value); 1 where it says nothing."""
    given = confidences if isinstance(confidences, list) else [confidences]
    return sum(CERTAINTY.get(str(c), 1.0) for c in given) / len(given) if given else 1.0


CODED_CUES = ("initiator", "payment", "licensing", "advertising", "ownership", "value", "producers", "participation")


def trainable(cases: Iterable[Labelled], codebook: Codebook, groups: Sequence[str] | None = None) -> tuple[list[Labelled], dict[str, int]]:
    """Return the cases that may be trained on, and how many were left out for which reason.

    Left out are held-out sets, what is tied to one of their cases (the same initiative, or a near-duplicate text: :func:`tagger.codings.splits.joined`),
    contradictory pairs and unknown codes. `groups` (n,), where known, are as `joined` makes them.
    """
    cases = list(cases)
    kept: list[Labelled] = []
    left: dict[str, int] = {}
    if groups is None:
        groups = [""] * len(cases)
        if any(x.held_out for x in cases):
            groups = joined([x.group for x in cases], [x.case.text for x in cases])
    measured = {group for group, x in zip(groups, cases, strict=True) if x.held_out}
    for labelled, group in zip(cases, groups, strict=True):
        if labelled.held_out:
            reason = f"set {labelled.set} is held out for measuring"
        elif not codebook.allowed(*labelled.pair):
            reason = f"pair {labelled.economy} / {labelled.model} is not allowed by the codebook"
        elif group in measured:
            reason = "about an initiative that is held out for measuring, or near-duplicate of one of its texts"
        else:
            kept.append(labelled)
            continue
        left[reason] = left.get(reason, 0) + 1
    return kept, left


def with_pages(cases: Iterable[Labelled], pages: Iterable[Case]) -> list[Labelled]:
    """Return, for the cases whose title is that of a page, the same label on the page as the reader gives it (text, structure and all)."""
    by_title: dict[str, list[Labelled]] = {}
    for labelled in cases:
        by_title.setdefault(labelled.case.title, []).append(labelled)
    found = []
    for page in pages:
        for labelled in by_title.get(page.title, ()):
            found.append(replace(labelled, case=replace(page, id=labelled.case.id)))
    return sorted(found, key=lambda x: x.case.id)
