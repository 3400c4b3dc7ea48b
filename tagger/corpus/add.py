"""A curator's own coded cases into a corpus: each row checked, nothing written while anything is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tagger.case import Case, Quarantined, Record
from tagger.codebook import FACETS, Codebook
from tagger.codings.rows import json_rows
from tagger.codings.table import Coding, faults_of, read_codings, write_codings
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.writing.durable import replace_bytes

CASES, CODINGS = "cases.jsonl", "codings"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: `place` is file and row, `column` '' where the row as a whole is wrong."""

    place: str
    column: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}, column {self.column}: {self.text}" if self.column else f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a curator's file holds: rows to add (text and coding), rows known already, and what is wrong."""

    new: tuple[tuple[Case, Coding], ...]
    known: int
    faults: tuple[Fault, ...]


def check_rows(
    records: Iterable[Record], codebook: Codebook, *, coder: str = "", have: Mapping[str, str] | None = None, done: Iterable[Coding] = ()
) -> Checked:
    """Check coded cases before they are added.

    Parameters
    ----------
    records : iterable of Case, Skipped or Quarantined
        As `tagger.reading.read` gives them; the columns economy, model and those of the cues are in the fields of each case.
    codebook : Codebook
    coder : str
        Who coded, for rows without a column ``coder``.
    have : mapping of str to str, optional
        Fingerprint of the text of each case in the corpus: one id cannot stand for two texts.
    done : iterable of Coding
        Codings in the corpus: the same case by the same coder with the same codes is known already.
    """
    texts = dict(have or {})
    before = {(c.case, c.coder): c for c in done}
    new: list[tuple[Case, Coding]] = []
    faults: list[Fault] = []
    known = 0
    rows: Counter[str] = Counter()
    for record in records:
        rows[record.origin.file] += 1
        place = _place(record, rows[record.origin.file] + 1)
        if isinstance(record, Quarantined):
            faults.append(Fault(place, "", record.message))
        elif not isinstance(record, Case):
            faults.append(Fault(place, "text", f"no case ({record.reason}); a row needs a text"))
        else:
            coding, wrong = _coding_of(record, codebook, coder, place)
            sum_now = fingerprint(record.text)
            same = before.get((coding.case, coding.coder))
            if texts.get(record.id, sum_now) != sum_now:
                wrong.append(Fault(place, "id", f"{record.id!r} stands for another text already; give this one an id of its own"))
            elif same is not None and same.codes == coding.codes:
                known += 1
                continue
            elif same is not None and coding.date <= same.date:
                text = f"{coding.coder!r} coded {record.id!r} otherwise before ({', '.join(f'{k} {v}' for k, v in same.codes.items() if k in FACETS)})"
                wrong.append(Fault(place, "coder", text + "; give the row a later date to correct that, or another coder"))
            faults += wrong
            if not wrong:
                texts[record.id] = sum_now
                before[coding.case, coding.coder] = coding
                new.append((record, coding))
    return Checked(tuple(new), known, tuple(faults))


def _place(record: Record, row: int) -> str:
    """Return where a record stands: in a table its row (the header is row 1), with the line of the file where that is another."""
    line = record.origin.record
    if not record.origin.file.lower().endswith((".csv", ".tsv")):
        return str(record.origin)
    return f"{record.origin.file}, row {row}" + ("" if line == f"line {row}" else f" ({line})")


def _coding_of(case: Case, codebook: Codebook, coder: str, place: str) -> tuple[Coding, list[Fault]]:
    row = {str(k).strip().casefold(): str(v).strip() for k, v in case.fields.items() if v is not None}
    row |= {"case": case.id, "coder": row.get("coder") or coder}
    wrong = [Fault(place, column, text) for column, text in faults_of({k: v for k, v in row.items() if k not in ("sha256", "place")}, codebook)]
    names = (*FACETS, *(cue.id for cue in codebook.cues))
    about = {k: row.get(k, "") for k in ("confidence", "note", "date", "shown", "set")}  # columns of the table that a curator's file may have, too
    flags = {k: {"yes": True, "no": False}.get(row.get(k, "")) for k in ("blind", "random")}
    codes = {name: row[name] for name in names if row.get(name)}
    coding = Coding(
        case.id,
        row["coder"],
        codes,
        case.title,
        row.get("role") or "coder",
        codebook=row.get("codebook") or codebook.version,
        sha256=fingerprint(case.text),
        **about,
        **flags,
    )
    return coding, wrong


def read_corpus(folder: Path, codebook: Codebook) -> tuple[dict[str, str], list[Coding]]:
    """Return the fingerprints of the texts and the codings that a corpus folder holds; both empty for a folder that is not there yet.

    Raises
    ------
    InputError
        Where what is there cannot be read: then nothing must be added to it.
    """
    texts = {}
    if (folder / CASES).is_file():
        for number, row in json_rows(folder / CASES):
            if not isinstance(row.get("text"), str) or row.get("id") is None:
                raise InputError(f"{folder / CASES}, line {number}: no id or no text; mend it before more is added")
            texts[str(row["id"])] = fingerprint(row["text"])
    held = (folder / CODINGS).is_dir() and any((folder / CODINGS).glob("*.csv"))
    return texts, read_codings(folder / CODINGS, codebook) if held else []


def add(folder: Path, new: Iterable[tuple[Case, Coding]], codebook: Codebook) -> tuple[int, int]:
    """Add checked cases to a corpus folder; return how many texts and codings were added.

    Texts are appended to ``cases.jsonl`` (once each), then codings to ``codings/<coder>.csv``; each file is replaced whole. Stopped in between, adding the same
    file once more brings the codings.

    Raises
    ------
    InputError, OutputError
    """
    new = list(new)
    texts, _ = read_corpus(folder, codebook)
    (folder / CODINGS).mkdir(parents=True, exist_ok=True)
    by_file: dict[Path, list[Coding]] = {}
    for _, coding in new:
        by_file.setdefault(folder / CODINGS / f"{_file_name(coding.coder)}.csv", []).append(coding)
    lines = []
    for case, coding in new:
        if case.id not in texts:
            texts[case.id] = coding.sha256
            facets = {facet: coding.codes.get(facet, "") for facet in FACETS}
            lines.append(json.dumps({"id": case.id, "initiative": case.title, "title": case.title, "text": case.text, **facets}, ensure_ascii=False) + "\n")
    path = folder / CASES
    before = path.read_bytes() if path.is_file() else b""
    if before and not before.endswith(b"\n"):
        before += b"\n"
    replace_bytes(path, before + "".join(lines).encode("utf-8", errors="surrogatepass"))
    for file, rows in by_file.items():
        write_codings(file, [*(read_codings(file, codebook) if file.is_file() else ()), *rows], codebook)
    return len(lines), len(new)


def _file_name(coder: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in coder.casefold())
