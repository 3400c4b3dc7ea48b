"""The page of an evaluation: self-contained, safe, and with every figure on it."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from tagger.writing.charts import Axis, Point, Series, chart, percent_axis
from tagger.writing.evaluation_page import evaluation_page

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def figure(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def summary(alpha=0.512345):
    keys = ("accuracy", "macro_f1", "decided", "accuracy_decided", "alpha_decided")
    return {"cases": 40, "groups": 39, "alpha": figure(alpha, 0.41, 0.61), **{key: figure(None) for key in keys}}


def evaluation(code="6", **more):
    facet = {
        "summary": summary(),
        "codes": [{"code": c, "support": 20, "found": 19, **dict.fromkeys(("precision", "recall", "f1"), figure(0.75, 0.7, 0.8))} for c in (code, "none")],
        "confusion": {"codes": [code, "none"], "counts": [[17, 3], [0, 20]]},
        "curve": [{"threshold": 0.9 - c / 2, "coverage": c, "precision": figure(1 - c / 4, 0.9 - c / 4, 1.0)} for c in (0.25, 0.5, 1.0)],
        "bins": [{"low": 0.8, "high": 0.9, "cases": 40, "confidence": 0.85, "accuracy": figure(0.925)}],
    }
    facets = {name: facet for name in ("economy", "model", "gate")}
    base = {"cases": 40, "groups": 39, "facets": facets, "sources": {}, "replicates": 1000, "seed": 7, "about": {}, "promises": {}, "learning": []}
    return {**base, **more}


class Elements(HTMLParser):
    """Elements and attributes as a browser meets them."""

    VOID = ("meta", "br", "img", "input")

    def __init__(self, page):
        super().__init__()
        self.met, self.open, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.met.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.met.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closes what it did not open"

    def handle_data(self, data):
        self.texts.append(data)


def test_every_figure_is_there(labels):
    page = evaluation_page(evaluation(), labels)
    text = " ".join("".join(Elements(page).texts).split())
    for shown in ("0.512", "0.41–0.61", "0.750", "Peer production, non-monetary", "initiatives", "39", "1000 draws, seed 7", "Gate"):
        assert shown in text
    assert page.count("<svg") == 6  # reliability and coverage, of three facets
    assert ">17</td>" in page and ">·</td>" in page and "–" in text


def test_tags_are_closed_and_nothing_is_loaded(labels):
    found = Elements(evaluation_page(evaluation(), labels))
    assert not found.open
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in found.met}
    attributes = {name for _, given in found.met for name in given}
    assert not {"style", "href", "src"} & attributes and not any(name.startswith("on") for name in attributes)


def test_the_policy_allows_the_style_and_nothing_else(labels):
    page = evaluation_page(evaluation(), labels)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert "@import" not in style and "url(" not in style


def test_no_text_from_outside_is_markup():
    nasty = {
        "sources": {NASTY: {f: summary() for f in ("economy", "model", "gate")}, "b": {f: summary() for f in ("economy", "model", "gate")}},
        "about": {NASTY: NASTY},
        "promises": {NASTY: {"sentence": f"{NASTY}\n{NASTY}", "figures": None}},
        "learning": [{"share": 1.0, "cases": 10, "facets": {NASTY: summary()}}],
    }
    page = evaluation_page(evaluation(NASTY, **nasty), {("economy", NASTY): NASTY}, title=NASTY)
    found = Elements(page)
    assert not found.open and not {"script", "img"} & {tag for tag, _ in found.met}
    assert sum(NASTY in text for text in found.texts) >= 9


def test_sources_promises_and_learning_curve_where_there_are_some(labels):
    bare = evaluation_page(evaluation(sources={"a": {}}), labels)
    assert all(title not in bare for title in ("By source", "What it promises", "Learning curve"))
    step = {"economy": summary(0.3), "model": summary(0.4)}
    more = {
        "sources": {s: {f: summary() for f in ("economy", "model", "gate")} for s in ("wiki", "others")},
        "promises": {"Auto-accept": {"sentence": "37 % may go unread.", "figures": None}},
        "learning": [{"share": 0.5, "cases": 50, "facets": step}, {"share": 1.0, "cases": 100, "facets": step}],
    }
    full = evaluation_page(evaluation(**more), labels)
    assert all(title in full for title in ("By source", "wiki", "What it promises", "37 % may go unread.", "Learning curve", "100 (100%)"))


def test_the_same_figures_give_the_same_page(labels):
    assert evaluation_page(evaluation(), labels) == evaluation_page(evaluation(), labels)


def test_a_chart_puts_points_where_they_belong():
    points = (Point(0, 0), Point(0.5, 1, 0.5, 1.0, "half <way>"), Point(9, -9))
    svg = ET.fromstring(chart("t", percent_axis("x"), percent_axis("y"), [Series("s", points)]))  # noqa: S314 (ours)
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter("circle")]
    assert dots == [(52, 286), (250, 12), (448, 286)]  # what is beyond the ends stays on the edge
    assert [t.text for t in svg.iter("title")] == [None, "half <way>", None]
    bar = next(e for e in svg.iter("line") if "bar" in e.get("class"))
    assert (float(bar.get("y1")), float(bar.get("y2"))) == (149, 12)


def test_a_band_goes_there_and_back():
    points = (Point(0, 0.5, 0.4, 0.6), Point(1, 0.5, 0.4, 0.6))
    svg = ET.fromstring(chart("t", percent_axis("x"), percent_axis("y"), [Series("s", points, band=True)]))  # noqa: S314
    assert len(next(svg.iter("polygon")).get("points").split()) == 4


@pytest.mark.parametrize("least, first, count", [(0.0, 0, 6), (0.33, 0.3, 8), (0.87, 0.85, 4), (0.999, 0.9, 3), (-0.2, 0, 6)])
def test_ticks_of_a_percent_axis(least, first, count):
    axis = percent_axis("x", least)
    assert axis.ticks[0][0] == pytest.approx(first) and len(axis.ticks) == count and axis.ticks[-1] == (1.0, "100 %")


def test_an_axis_of_one_value():
    assert Axis("x", ((0.0, "0"), (0.0, "0"))).share(0) == 0
