"""A comparison of two runs as one self-contained HTML page: what the data hold goes through ``textContent`` or is escaped; nothing is loaded."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from tagger.codebook import FACETS
from tagger.writing.report import csp_hash, embedded

_HERE, _HOUSE = files("tagger.retrain"), files("tagger.writing")


def diff_page(diff: Mapping[str, Any], labels: Mapping[tuple[str, str], str] | None = None, title: str = "What changed, and why") -> str:
    """Return the page.

    Parameters
    ----------
    diff : mapping
        As :meth:`tagger.retrain.diff.Diff.as_dict` gives it, or its JSON read back.
    labels : mapping of (facet, code) to str
        What codes are called.
    title : str
    """
    style = "".join(_HOUSE.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "evaluation.css"))
    style += _HERE.joinpath("diff.css").read_text(encoding="utf-8")
    script = _HERE.joinpath("diff.js").read_text(encoding="utf-8")
    called: dict[str, dict[str, str]] = {facet: {} for facet in FACETS}
    for (facet, code), label in (labels or {}).items():
        called.setdefault(facet, {})[code] = label
    return Template(_HERE.joinpath("diff.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        style=style,
        style_hash=csp_hash(style),
        script=script,
        script_hash=csp_hash(script),
        counts=html.escape(_counts(diff)),
        versions=_versions(diff["runs"]),
        moves=_moves(diff["moves"], called),
        data=embedded({"cases": diff["cases"], "labels": called}),
    )


def _counts(diff: Mapping[str, Any]) -> str:
    told = [f"{diff['changed']} of {diff['compared']} cases changed"]
    if diff["other_text"]:
        told.append(f"{diff['other_text']} have another text now")
    told += [f"{len(run['only_here'])} are in {run['name']} only" for run in diff["runs"] if run["only_here"]]
    if diff["text_not_known"]:
        told.append(f"of {diff['text_not_known']} the results hold no text, so whether it changed cannot be told")
    return "; ".join(told) + "."


def _versions(runs: Sequence[Mapping[str, Any]]) -> str:
    parts = dict.fromkeys(part for run in runs for part in run["versions"])
    rows = []
    for part in parts:
        told = [", ".join(version or "none" for version in run["versions"].get(part, [])) or "none" for run in runs]
        rows.append((part, told, len(set(told)) > 1))
    head = "".join(f'<th scope="col" class="word">{html.escape(name)}</th>' for name in ("", *(run["name"] for run in runs)))
    body = "".join(
        f'<tr{" class=other" if differs else ""}><th scope="row">{html.escape(part)}</th>'
        + "".join(f'<td class="word">{html.escape(text)}</td>' for text in told)
        + "</tr>"
        for part, told, differs in rows
    )
    return _table(head, body)


def _moves(moves: Iterable[Mapping[str, Any]], labels: Mapping[str, Mapping[str, str]]) -> str:
    head = "".join(f'<th scope="col" class="word">{name}</th>' for name in ("Facet", "From", "To")) + '<th scope="col">Cases</th>'
    head += '<th scope="col" class="word">What caused it</th>'
    body = "".join(
        f'<tr><th scope="row">{html.escape(m["facet"])}</th>'
        + "".join(f'<td class="word">{html.escape(_named(m["facet"], m[end], labels))}</td>' for end in ("from", "to"))
        + f"<td>{m['cases']}</td>"
        + f'<td class="word">{html.escape(", ".join(f"{cause} {number}" for cause, number in m["causes"].items()))}</td></tr>'
        for m in moves
    )
    return _table(head, body) if body else "<p>No case has another code or status.</p>"


def _named(facet: str, outcome: str, labels: Mapping[str, Mapping[str, str]]) -> str:
    code, bracket, status = outcome.partition(" (")
    label = labels.get(facet, {}).get(code, "")
    return (f"{code} · {label}" if label and not code[:1].isalpha() else code) + bracket + status


def _table(head: str, body: str) -> str:
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
