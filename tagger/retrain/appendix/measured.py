"""The sections on the tool: how good it is, what it takes for what, what its probabilities mean, what it promises, how often it abstains."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tagger.errors import InputError
from tagger.retrain.appendix.blocks import Block, Heading, Missing, Paragraph, Plot, Table, called, shown
from tagger.writing.charts import Point, Series, percent_axis

LARGEST = 50 << 20  # bytes of a file of figures; an evaluation has some 100,000
COLUMNS = {"accuracy": "Accuracy", "macro_f1": "Macro-F1", "alpha": "Alpha"}
DECIDED = {"decided": "Decided", "accuracy_decided": "Accuracy there", "alpha_decided": "Alpha there"}
NO_EVALUATION = "Measure with `tagger evaluate ... -o evaluation.json` and give the file with --evaluation."

Labels = Mapping[tuple[str, str], str]


def read_figures(path: Path, what: str) -> dict[str, Any]:
    """Read a JSON object of figures.

    Raises
    ------
    InputError
        Where it cannot be read, is too large, or is no object.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        found = json.loads(data) if len(data) <= LARGEST else None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give {what}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no JSON ({error}); give {what}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: holds no figures; give {what}")
    return found


def measured_blocks(evaluation: Mapping[str, Any] | None, labels: Labels, source: str = "") -> list[Block]:
    """Return the sections; where there is no evaluation, what is missing.

    Parameters
    ----------
    evaluation : mapping or None
        As :meth:`tagger.learning.evaluation.Evaluation.as_dict` gives it, or its JSON read back.
    labels : mapping of (facet, code) to str
    source : str
        The file that it comes from, for messages.

    Raises
    ------
    InputError
        Where it is not what `tagger evaluate` writes.
    """
    if evaluation is None:
        topics = "accuracy, confusion table, calibration, promised coverage, abstentions"
        return [Heading("How good the tags are"), Missing(f"{topics} (no evaluation was given)", NO_EVALUATION)]
    try:
        return list(_measured(evaluation, labels))
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise InputError(f"{source}: is not what `tagger evaluate -o` writes ({type(error).__name__}: {error}); measure anew") from None


def _measured(evaluation: Mapping[str, Any], labels: Labels) -> Iterator[Block]:
    facets = evaluation["facets"]
    yield Heading("How good the tags are")
    about = "; ".join(f"{name}: {value}" for name, value in evaluation["about"].items())
    yield Paragraph(f"{evaluation['cases']} labelled cases about {evaluation['groups']} initiatives. {about}.")
    rows = tuple((name, str(f["summary"]["cases"]), *(shown(f["summary"][k]) for k in COLUMNS)) for name, f in facets.items())
    yield Table("All cases", ("Facet", "Cases", *COLUMNS.values()), rows)
    if len(evaluation["sources"]) > 1:
        rows = tuple((s, name, str(x["cases"]), *(shown(x[k]) for k in COLUMNS)) for s, parts in evaluation["sources"].items() for name, x in parts.items())
        yield Table("By source", ("Source", "Facet", "Cases", *COLUMNS.values()), rows, words=2)
    yield Paragraph(
        f"In brackets the 95 % interval: a bootstrap over initiatives, {evaluation['replicates']} draws, seed {evaluation['seed']}. Every case counts with its "
        "best code, also where the tool abstained. Alpha: Krippendorff's, nominal, labels and tool as two coders. Macro-F1: over the codes that are labels. "
        "Gate: is an initiative described at all?"
    )
    for name, found in facets.items():
        rows = tuple(
            (called(name, c["code"], labels), str(c["support"]), str(c["found"]), *(shown(c[k]) for k in ("precision", "recall", "f1"))) for c in found["codes"]
        )
        yield Table(f"By code, {name}", ("Code", "True of", "Proposed for", "Precision", "Recall", "F1"), rows)
    yield Heading("What is taken for what")
    yield Paragraph("Rows: the label; columns: what the tool proposed; in cases.")
    for name, found in facets.items():
        yield _confusion(name, found["confusion"], labels)
    yield from _calibration(evaluation)
    yield from _promised(evaluation)
    yield from _abstentions(facets)


def _confusion(name: str, confusion: Mapping[str, Any], labels: Labels) -> Table:
    codes, counts = confusion["codes"], confusion["counts"]
    rows = tuple((called(name, code, labels), *(str(n) if n else "·" for n in row), str(sum(row))) for code, row in zip(codes, counts, strict=True))
    return Table(f"Confusion table, {name}", ("Label", *codes, "all"), rows, dense=True)


def _calibration(evaluation: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("Calibration: what a probability means")
    said = {title: found["sentence"] for title, found in evaluation["promises"].items() if title.startswith("Calibration")}
    for sentence in said.values():
        yield Paragraph(sentence)
    if not said:
        yield Missing("the calibration error (the evaluation does not hold it)", NO_EVALUATION)
    for name, found in evaluation["facets"].items():
        points = tuple(Point(b["confidence"], *(b["accuracy"][k] for k in ("value", "low", "high")), f"{b['cases']} cases") for b in found["bins"])
        axes = percent_axis("probability of the proposed code"), percent_axis("share that is right")
        caption = "On the dashed line a probability is what it says; under it the tool is too sure of itself. Bars are 95 % intervals."
        yield Plot(f"reliability-{name}", f"Reliability diagram, {name}", caption, *axes, (Series("right", points),), ((Point(0, 0), Point(1, 1), ""),))


def _promised(evaluation: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("Coverage promised and reached")
    found = {title: part for title, part in evaluation["promises"].items() if not title.startswith("Calibration")}
    for title, part in found.items():
        yield Heading(title, 2)
        for line in part["sentence"].splitlines():
            yield Paragraph(line)
    if not found:
        yield Missing("promised coverage (the evaluation does not hold it)", NO_EVALUATION)


def _abstentions(facets: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("Abstentions")
    rows = []
    for name, found in facets.items():
        summary = found["summary"]
        abstained = {"value": None, "low": None, "high": None}
        if summary["decided"]["value"] is not None:
            low, high = summary["decided"]["low"], summary["decided"]["high"]
            abstained = {"value": 1 - summary["decided"]["value"], "low": None if high is None else 1 - high, "high": None if low is None else 1 - low}
        rows.append((name, shown(abstained), *(shown(summary[k]) for k in DECIDED)))
    yield Table("How often the tool abstained, and how good it is where it decided", ("Facet", "Abstained", *DECIDED.values()), tuple(rows))
    for name, found in facets.items():
        steps = [(step["coverage"], step["precision"]) for step in found["curve"] if step["precision"]["value"] is not None]
        points = tuple(Point(coverage, *(precision[k] for k in ("value", "low", "high"))) for coverage, precision in steps)
        if points:
            least = min([1.0, *(p.y if p.low is None else p.low for p in points)])
            axes = percent_axis("coverage: share of cases, the surest first"), percent_axis("precision", least)
            caption = "How often the proposed code is right when only the surest cases are taken. The band is the 95 % interval."
            yield Plot(f"coverage-{name}", f"Coverage against precision, {name}", caption, *axes, (Series("precision", points, band=True),))
