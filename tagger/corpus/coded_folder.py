"""A folder of coded texts (cases.jsonl, codings.csv and, where coders differed, labels.csv) as codings and texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tagger.codebook import FACETS, Codebook
from tagger.codings.rows import csv_rows, json_rows
from tagger.codings.table import Coding, code_faults
from tagger.errors import InputError


def read_coded(folder: Path, codebook: Codebook, *, prefix: str = "", version: str = "", date: str = "") -> tuple[list[Coding], dict[str, str]]:
    """Return the codings of a folder, and the coded text of each case.

    A label that labels.csv calls adjudicated, and that is not what its coders' codes come to, is taken in as the coding of an adjudicator.

    Parameters
    ----------
    folder : Path
        cases.jsonl (id, title, text, set), codings.csv (id, coder, facets, cues, confidence, note), optionally labels.csv (id, facets, cues, settled).
    codebook : Codebook
    prefix : str
        Put before the coders' names, so that coders of different folders stay apart.
    version, date : str
        Of the codebook used and of the coding, for rows that do not say it; '' where nobody recorded it.

    Raises
    ------
    InputError
        With every faulty row.
    """
    cases = _cases(folder / "cases.jsonl")
    names = (*FACETS, *(cue.id for cue in codebook.cues))
    faults: list[str] = []
    codings: list[Coding] = []
    label_file = folder / "labels.csv"
    sources = [(folder / "codings.csv", False), *([(label_file, True)] if label_file.is_file() else [])]
    for path, labels in sources:
        for number, row in csv_rows(path, ("id", *FACETS, "settled" if labels else "coder")):
            if labels and row["settled"] != "adjudicated":
                continue
            faults += [f"{path}, row {number}, column {column}: {text}" for column, text in code_faults(row, codebook)]
            case = cases.get(row["id"])
            if case is None:
                faults.append(f"{path}, row {number}, column id: no case {row['id']!r} in {folder / 'cases.jsonl'}")
                continue
            drawn = str(case.get("set") or "")
            codings.append(
                Coding(
                    case=row["id"],
                    coder=prefix + ("adjudicator" if labels else row["coder"]),
                    codes={name: row[name] for name in names if row.get(name)},
                    title=str(case.get("title") or ""),
                    role="adjudicator" if labels else "coder",
                    confidence=row.get("confidence", ""),
                    note=row.get("note", ""),
                    codebook=row.get("codebook") or version,
                    date=row.get("date") or date,
                    blind=not labels,
                    random=_drawn_at_random(drawn),
                    set=drawn,
                )
            )
    if faults:
        raise InputError(f"{len(faults)} faults:\n  " + "\n  ".join(faults[:20]))
    order = {case: i for i, case in enumerate(cases)}
    codings.sort(key=lambda c: order[c.case])
    return codings, {case: row["text"] for case, row in cases.items()}


def _drawn_at_random(name: str) -> bool | None:
    """Tell from a set's name whether it was drawn at random; None where part of it was (a set called train) or there is none."""
    if name.endswith("random"):
        return True
    return None if name in ("", "train") else False


def _cases(path: Path) -> Mapping[str, dict]:
    cases = {}
    for number, row in json_rows(path):
        if not all(isinstance(row.get(key), str) for key in ("id", "text")):
            raise InputError(f"{path}, line {number}: no id or no text; a folder of coded texts has cases.jsonl (id, title, text) and codings.csv")
        cases[row["id"]] = row
    return cases
