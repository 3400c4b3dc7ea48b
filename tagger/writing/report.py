"""The HTML report: one self-contained file that loads nothing, shows everything, and trusts no text.

All data are JSON in ``<script type="application/json">`` elements, which browsers
do not execute, with ``<``, ``>`` and ``&`` escaped; a script of ours renders them
through ``textContent``.  The page's own policy (CSP) allows that one script and
one style sheet by their hashes, and nothing else.  Cases are written as they come,
what needs the whole batch is at the end of the file, so memory does not grow.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from tagger.case import Choice, Decision
from tagger.writing.durable import Part
from tagger.writing.jsonl import dump_line
from tagger.writing.record import FACETS, as_record, ledgers, overall_status
from tagger.writing.segments import segments

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_HERE = files("tagger.writing")


class ReportSheet:
    """What a decision is in the report: its two elements, and what of it the whole page must tell."""

    tells_place = True  # in the input: a piece made of a record that has moved since is another

    def piece(self, decision: Decision) -> bytes:
        record = as_record(decision, text=False)
        row = {"id": record["id"], "title": record["title"], "status": overall_status(decision), **{facet: record[facet] for facet in FACETS}}
        cues = sorted({cue["cue"] for cue in record["cues"]})
        used = sorted({line["criterion"] for line in record["evidence"]})
        return json.dumps([embedded(row), embedded(_detail(decision, record)), cues, used, list(record["provenance"].items())]).encode() + b"\n"


class ReportWriter:
    """Writes decisions as one HTML file, durably.

    Parameters
    ----------
    path : str or Path
    labels : mapping of (facet, code) to str
    criteria : mapping of str to str
        Criterion texts by id; only those that some evidence names are written.
    title : str
    """

    def __init__(self, path: str | Path, labels: Mapping[tuple[str, str], str], criteria: Mapping[str, str], title: str = "Tagged cases"):
        self._labels, self._criteria = labels, criteria
        self._sheet = ReportSheet()
        self._used: set[str] = set()
        self._cues: set[str] = set()
        self._versions: set[tuple[str, str]] = set()
        style, script = (_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
        page = Template(_HERE.joinpath("report.html").read_text(encoding="utf-8")).safe_substitute(
            title=html.escape(title), style=style, script=script, style_hash=csp_hash(style), script_hash=csp_hash(script)
        )
        head, _, self._tail = page.partition("<!--cases-->")
        self._part = Part(path)
        self._part.write(head)

    def write(self, decision: Decision) -> None:
        self.add(self._sheet.piece(decision))

    def add(self, piece: bytes) -> None:
        row, detail, cues, used, versions = json.loads(piece)
        self._cues.update(cues)
        self._used.update(used)
        self._versions.update(map(tuple, versions))
        self._part.write(f'<script type="application/json" class="row">{row}</script>\n')
        self._part.write(f'<script type="application/json" class="detail">{detail}</script>\n')

    def commit(self, summary: dict[str, Any]) -> None:
        self._end(summary)
        self._part.commit()

    def abort(self) -> None:
        self._part.abort()

    def keep_partial(self) -> Path | None:
        if self._part.finished:
            return None
        self._end({"partial": "the run was interrupted; these are the cases finished until then"})
        return self._part.keep_partial()

    def _end(self, summary: Mapping[str, Any]) -> None:
        labels: dict[str, dict[str, str]] = {facet: {} for facet in FACETS}
        for (facet, code), label in self._labels.items():
            labels.setdefault(facet, {})[code] = label
        versions = [(f"version of {name}" if name != "tagger" else "tagger", version or "none (rules alone)") for name, version in sorted(self._versions)]
        run = {
            "labels": labels,
            "criteria": {name: text for name, text in self._criteria.items() if name in self._used},
            "cues": sorted(self._cues),
            "summary": [*_flat(summary), *versions],
        }
        before, _, after = self._tail.partition("$run")
        self._part.write(before + embedded(run) + after)


def embedded(value: Any) -> str:
    """Return `value` as JSON that is safe inside a script element: no tag, comment or entity can begin in it."""
    return dump_line(value).rstrip("\n").translate(_ESCAPES)


def csp_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _detail(decision: Decision, record: Mapping[str, Any]) -> dict[str, Any]:
    case, mentions = decision.case, decision.mentions
    lines = [line for facet in FACETS for _, lines in ledgers(getattr(decision, facet)) for line in lines]
    spans = [(m.start, m.end) for m in mentions]
    spans += [(line.start, line.end) if line.start is not None and line.end is not None else None for line in lines]
    spans += [(code.start, code.end) if code.start is not None and code.end is not None else None for code in decision.cue_codes]
    pieces, places = [], {}
    for number, (start, end, inside) in enumerate(segments(len(case.text), spans)):
        cues = [i for i in inside if i < len(mentions)]
        ending = [i for i in cues if mentions[i].end == end]
        pieces.append([case.text[start:end], cues, ending] if cues else [case.text[start:end]])
        for i in inside:
            places[i] = (places.get(i, (number,))[0], number + 1)
    written = iter(enumerate(record["evidence"], start=len(mentions)))
    return {
        "origin": Path(case.origin.file).name + (f", {case.origin.record}" if case.origin.record else ""),
        "text": pieces,
        "cues": [{**cue, "place": places.get(i)} for i, cue in enumerate(record["cues"])],
        "codes": [
            {**{key: code[key] for key in ("cue", "value", "probability")}, "place": places.get(i)}
            for i, code in enumerate(record["cue_codes"], start=len(mentions) + len(lines))
            if decision.cue_codes[i - len(mentions) - len(lines)].stated
        ],
        "ledgers": [ledger for facet in FACETS for ledger in _ledgers(facet, getattr(decision, facet), record, written, places)],
        "roles": record["roles"],
        "facts": [*_flat(record["fields"]), *(("note", note) for note in record.get("notes", ()))],
        "provenance": "Coded by " + ", ".join(f"{name} {version or '(none)'}" for name, version in record["provenance"].items()),
    }


def _ledgers(
    facet: str, choice: Choice, record: Mapping[str, Any], written: Iterator[tuple[int, dict[str, Any]]], places: Mapping[int, tuple[int, int]]
) -> Iterator[dict[str, Any]]:
    for code, lines in ledgers(choice):
        entries = [next(written) for _ in lines]
        shown = [{**{key: entry[key] for key in ("source", "name", "weight", "criterion")}, "place": places.get(i)} for i, entry in entries]
        yield {"facet": facet, "code": code, "winner": code == choice.code, "score": record["scores"][facet].get(code, 0.0), "lines": shown}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield names and texts of what is not empty; objects within objects as "outer: inner"."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple):
            if value:
                yield f"{prefix}{name}", "; ".join(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=str) for item in value)
        elif value is not None and value != "":
            yield f"{prefix}{name}", str(value)
