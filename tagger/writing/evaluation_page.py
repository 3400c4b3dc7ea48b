"""The evaluation as one self-contained HTML page: no script, nothing loaded; tables, and charts as inline SVG."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from tagger.writing.charts import Axis, Point, Series, chart, legend, percent_axis
from tagger.writing.report import csp_hash

Labels = Mapping[tuple[str, str], str]
_HERE = files("tagger.writing")
COLUMNS = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "alpha": "Alpha",
    "decided": "Decided",
    "accuracy_decided": "Accuracy where decided",
    "alpha_decided": "Alpha where decided",
}
STYLES = ("a", "b", "c")
NOTES = (
    "After each figure its 95 % interval: a bootstrap over initiatives (cases of one initiative, and near-duplicates of each other, are drawn together), "
    "{replicates} draws, seed {seed}; – where a figure is undefined.",
    "Alpha is Krippendorff's, nominal, of the labels and the tool as two coders. All figures count every case, with its best code where the tool abstained, "
    "but for those that say where decided. Macro-F1 is the mean over the codes that occur in the labels.",
    "The gate is the question whether an initiative is described at all; a case counts as decided there where its economy is.",
)


def evaluation_page(evaluation: Mapping[str, Any], labels: Labels | None = None, title: str = "How good are the tags?") -> str:
    """Return the page.

    Parameters
    ----------
    evaluation : mapping
        As :meth:`tagger.learning.evaluation.Evaluation.as_dict` gives it, or its JSON read back.
    labels : mapping of (facet, code) to str
        What codes are called.
    title : str
    """
    labels = labels or {}
    style = "".join(_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "evaluation.css"))
    body = [_overview(evaluation)]
    body += [_facet(name, found, labels) for name, found in evaluation["facets"].items()]
    if evaluation["promises"]:
        body.append(_promises(evaluation["promises"]))
    if evaluation["learning"]:
        body.append(_learning(evaluation["learning"]))
    about = {**evaluation["about"], "cases": str(evaluation["cases"]), "initiatives": str(evaluation["groups"])}
    template = Template(_HERE.joinpath("evaluation.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(title),
        style=style,
        style_hash=csp_hash(style),
        about=_pairs(about),
        body="\n".join(body),
        notes="\n".join(f"<p>{html.escape(note.format(**evaluation))}</p>" for note in NOTES),
    )


def _overview(evaluation: Mapping[str, Any]) -> str:
    rows = [(name, found["summary"]["cases"], *_summary(found["summary"])) for name, found in evaluation["facets"].items()]
    parts = [_section("All cases"), _table(("Facet", "Cases", *COLUMNS.values()), rows)]
    if len(evaluation["sources"]) > 1:
        rows = [
            (source if first else "", name, summary["cases"], *_summary(summary))
            for source, facets in evaluation["sources"].items()
            for first, (name, summary) in zip((True, False, False), facets.items(), strict=True)
        ]
        parts += [_section("By source"), _table(("Source", "Facet", "Cases", *COLUMNS.values()), rows, words=2)]
    return "\n".join(parts)


def _facet(name: str, found: Mapping[str, Any], labels: Labels) -> str:
    rows = [(_called(name, c["code"], labels), c["support"], c["found"], *(c[k] for k in ("precision", "recall", "f1"))) for c in found["codes"]]
    columns = ("Code", "True of", "Proposed for", "Precision", "Recall", "F1")
    return "\n".join(
        (
            _section(name.capitalize()),
            _table(columns, rows),
            f"<h3>Which code is taken for which</h3>{_matrix(name, found['confusion'], labels)}",
            f'<div class="pair">{_reliability(name, found["bins"])}{_coverage(name, found)}</div>',
        )
    )


def _matrix(name: str, confusion: Mapping[str, Any], labels: Labels) -> str:
    codes, counts = confusion["codes"], confusion["counts"]
    head = "".join(f'<th scope="col" title="{html.escape(_called(name, c, labels))}">{html.escape(c)}</th>' for c in codes)
    rows = []
    for code, row in zip(codes, counts, strict=True):
        total = sum(row) or 1
        cells = "".join(f'<td class="s{_shade(n / total)}{" right" if c == code else ""}">{n or "·"}</td>' for c, n in zip(codes, row, strict=True))
        rows.append(f'<tr><th scope="row">{html.escape(_called(name, code, labels))}</th>{cells}<td class="soft">{sum(row)}</td></tr>')
    note = '<p class="soft small">Rows: the label; columns: what the tool proposed; the deeper the colour, the larger the share of the row.</p>'
    return f'{note}<div class="wide"><table class="matrix"><thead><tr><th></th>{head}<th>all</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _shade(share: float) -> int:
    return 0 if share == 0 else 1 + sum(share > limit for limit in (0.05, 0.15, 0.35, 0.6))


def _reliability(name: str, bins: Sequence[Mapping[str, Any]]) -> str:
    points = tuple(
        Point(b["confidence"], *_ends(b["accuracy"]), f"{b['cases']} cases, {b['confidence']:.0%} probable, {b['accuracy']['value']:.0%} right") for b in bins
    )
    axes = percent_axis("probability of the proposed code"), percent_axis("share that is right")
    drawn = chart(f"Reliability diagram, {name}", *axes, [Series("right", points)], [(Point(0, 0), Point(1, 1), "")])
    told = "Reliability: on the dashed line a probability is what it says; under it the tool is too sure of itself. Bars are 95 % intervals."
    return f"<figure>{drawn}<figcaption>{told}</figcaption></figure>"


def _coverage(name: str, found: Mapping[str, Any]) -> str:
    points = tuple(
        Point(
            s["coverage"],
            *_ends(s["precision"]),
            f"{s['coverage']:.0%} of the cases (probability {s['threshold']:.2f} and over), {_plain(s['precision'])} right",
        )
        for s in found["curve"]
    )
    least = min([1.0, *(p.y if p.low is None else p.low for p in points)])
    axes = percent_axis("coverage: share of cases, the most probable first"), percent_axis("precision", least)
    drawn = chart(f"Coverage against precision, {name}", *axes, [Series("precision", points, band=True)])
    told = "Coverage against precision: how often the proposed code is right when only the surest cases are taken. The band is the 95 % interval."
    return f"<figure>{drawn}<figcaption>{told}</figcaption></figure>"


def _learning(learning: Sequence[Mapping[str, Any]]) -> str:
    series = []
    for style, facet in zip(STYLES, learning[0]["facets"], strict=False):
        found = [(step["cases"], step["facets"][facet]["alpha"]) for step in learning]
        points = tuple(Point(cases, *_ends(alpha), f"{facet}, {cases} cases: alpha {_plain(alpha)}") for cases, alpha in found if alpha["value"] is not None)
        series.append(Series(facet, points, style))
    most = max(step["cases"] for step in learning)
    x = Axis("cases learned from", tuple((most * k / 4, str(round(most * k / 4))) for k in range(5)))
    y = Axis("alpha", tuple((k / 5, f"{k / 5:.1f}") for k in range(6)))
    told = "Learning curve, cross-validated: where it still rises at its end, more labels would help."
    rows = [(f"{step['cases']} ({step['share']:.0%})", *(step["facets"][f]["alpha"] for f in learning[0]["facets"])) for step in learning]
    table = _table(("Cases learned from", *(f"Alpha, {f}" for f in learning[0]["facets"])), rows)
    return f"{_section('Learning curve')}<figure>{chart('Learning curve', x, y, series)}{legend(series)}<figcaption>{told}</figcaption></figure>{table}"


def _promises(promises: Mapping[str, Any]) -> str:
    parts = [_section("What it promises")]
    for title, found in promises.items():
        said = "".join(f"<p>{html.escape(line)}</p>" for line in found["sentence"].splitlines())
        parts.append(f"<h3>{html.escape(title)}</h3>{said}")
    return "\n".join(parts)


def _summary(summary: Mapping[str, Any]) -> list[Any]:
    return [summary[key] for key in COLUMNS]


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]], words: int = 1) -> str:
    """Return a table; the first `words` columns hold words, and a row whose first cell is empty goes with the row above."""
    head = "".join(f'<th scope="col"{_word(i, words)}>{html.escape(c)}</th>' for i, c in enumerate(columns))
    body = []
    for row in rows:
        cells = "".join(f"<td{_word(i, words)}>{_cell(v)}</td>" for i, v in enumerate(row[1:], 1))
        opening = '<tr class="first">' if words > 1 and row[0] else "<tr>"
        body.append(f'{opening}<th scope="row">{_cell(row[0])}</th>{cells}</tr>')
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def _word(column: int, words: int) -> str:
    return ' class="word"' if column < words else ""


def _cell(value: Any) -> str:
    if not isinstance(value, Mapping):
        return html.escape(str(value))
    if value["value"] is None:
        return "–"
    between = "" if value["low"] is None else f'<span class="between">{value["low"]:.2f}–{value["high"]:.2f}</span>'
    return f"{value['value']:.3f}{between}"


def _plain(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return "undefined"
    return f"{figure['value']:.3f}" + ("" if figure["low"] is None else f" ({figure['low']:.3f} to {figure['high']:.3f})")


def _ends(figure: Mapping[str, Any]) -> tuple[float, float | None, float | None]:
    return figure["value"], figure["low"], figure["high"]


def _called(facet: str, code: str, labels: Labels) -> str:
    label = labels.get((facet, code), "")
    return f"{code} {label}" if label and not code[:1].isalpha() else code


def _section(title: str) -> str:
    return f"<h2>{html.escape(title)}</h2>"


def _pairs(values: Mapping[str, Any]) -> str:
    return "<dl>" + "".join(f"<dt>{html.escape(str(k))}</dt><dd>{html.escape(str(v))}</dd>" for k, v in values.items()) + "</dl>"
