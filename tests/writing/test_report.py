"""The HTML report as a file: self-contained, and no data in it can become markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tagger.case import CueCode
from tagger.writing.report import ReportWriter, embedded

HOSTILE = [
    "</script><script>alert(1)</script>", "<!--", "<!--<script>", "]]>", "&lt;img src=x onerror=alert(1)>", "\u2028", "\x1b[31m",
    "javascript:alert(1)", "$run", "<!--cases-->", "\ud800", "__proto__",
]  # fmt: skip


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the content of scripts and styles."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.contents, self._inside = [], [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style", "title") else None
        if self._inside:
            self.contents.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.contents[-1][2] += data

    def data(self, kind):
        return [json.loads(text) for tag, attrs, text in self.contents if kind in (attrs.get("class"), attrs.get("id"))]


def write(path, decisions, labels=None, criteria=None, title="A run", summary=None):
    writer = ReportWriter(path, labels or {}, criteria or {}, title)
    for each in decisions:
        writer.write(each)
    writer.commit(summary or {})
    return path.read_bytes().decode("utf-8")


def test_policy_allows_our_script_and_style_by_hash_and_nothing_else(tmp_path, decision):
    page = Page(write(tmp_path / "r.html", [decision]))
    policy = next(attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy")
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag in ("script", "style"):
        (text,) = [text for name, attrs, text in page.contents if name == tag and not attrs]
        assert rules[f"{tag}-src"] == "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_nothing_comes_from_outside(tmp_path, decision):
    text = write(tmp_path / "r.html", [decision])
    for tag, attrs in Page(text).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "a")
        assert not {"src", "href", "srcset", "style"} & set(attrs) and not any(name.startswith("on") for name in attrs)
    assert not re.search(r"https?:|url\(|@import|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_adds_no_element(tmp_path, make, payload):
    text = f"Before {payload} after"
    evil = make(
        id=payload, title=payload, text=text, payload=payload, cues=(("cue" + payload, payload, "affirmed", "page", payload),),
        fields={payload: payload, "list": [payload]}, notes=(payload,),
    )  # fmt: skip
    labels, criteria = {("economy", "commons"): payload, ("model", "8"): payload}, {"commons.use.1": payload}
    plain = Page(write(tmp_path / "a.html", [make()]))
    page = Page(write(tmp_path / "b.html", [evil], labels, criteria, title=payload, summary={payload: payload}))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    ((row,), (detail,), (run,)) = page.data("row"), page.data("detail"), page.data("run")
    assert row["title"] == row["id"] == payload
    assert "".join(piece[0] for piece in detail["text"]) == text
    assert detail["cues"][0]["value"] == payload and [payload, payload] in detail["facts"]
    assert run["labels"]["economy"]["commons"] == run["criteria"]["commons.use.1"] == payload
    assert page.contents[0][0] == "title" and page.contents[0][2] == payload.replace("\ud800", "\\ud800")


@pytest.mark.parametrize("payload", HOSTILE)
def test_embedded_json_cannot_begin_a_tag(payload):
    text = embedded({payload: [payload]})
    assert not re.search("[<>&\u2028\u2029\x00-\x1f]", text)
    assert json.loads(text) == {payload: [payload]}


def test_segments_give_the_text_back_and_lead_to_the_places(tmp_path, decision):
    (detail,) = Page(write(tmp_path / "r.html", [decision])).data("detail")
    pieces = [piece[0] for piece in detail["text"]]
    assert "".join(pieces) == decision.case.text
    for cue, mention in zip(detail["cues"], decision.mentions, strict=True):
        assert "".join(pieces[slice(*cue["place"])]) == mention.text
    rule = next(line for line in detail["ledgers"][0]["lines"] if line["source"] == "rule")
    assert "".join(pieces[slice(*rule["place"])]) == "under the GPL"
    assert detail["ledgers"][0]["lines"][0]["place"] is None


def test_stated_cue_codes_lead_to_their_places(tmp_path, decision):
    start = decision.case.text.index("It was once")
    codes = (CueCode("payment", "unstated", 0.9), CueCode("ownership", "members", 0.61, start, start + 35), CueCode("value", "</script>", 0.5))
    (detail,) = Page(write(tmp_path / "r.html", [replace(decision, cue_codes=codes)])).data("detail")
    assert [(code["cue"], code["value"], code["probability"]) for code in detail["codes"]] == [("ownership", "members", 0.61), ("value", "</script>", 0.5)]
    pieces = [piece[0] for piece in detail["text"]]
    assert "".join(pieces[slice(*detail["codes"][0]["place"])]) == decision.case.text[start : start + 35]
    assert detail["codes"][1]["place"] is None
    rule = next(line for line in detail["ledgers"][0]["lines"] if line["source"] == "rule")
    assert "".join(pieces[slice(*rule["place"])]) == "under the GPL"


def test_ledgers_are_those_of_the_record(tmp_path, decision):
    (detail,) = Page(write(tmp_path / "r.html", [decision])).data("detail")
    assert [(one["facet"], one["code"], one["winner"]) for one in detail["ledgers"]] == [
        ("economy", "commons", True), ("economy", "sharing", False), ("model", "8", True), ("model", "6", False),
    ]  # fmt: skip
    for ledger in detail["ledgers"]:
        assert abs(sum(line["weight"] for line in ledger["lines"]) - ledger["score"]) < 1e-9
        assert len(ledger["lines"]) == len(getattr(decision, ledger["facet"]).ledgers[ledger["code"]])


def test_markup_text_is_shown_plain(tmp_path, marked_up):
    (detail,) = Page(write(tmp_path / "r.html", [marked_up])).data("detail")
    assert "".join(piece[0] for piece in detail["text"]) == "Free code under the GPL."
    assert ["page_: url", "http://example.org"] in detail["facts"] and ["note", "1 tag mended"] in detail["facts"]


def test_run_says_counts_versions_and_only_criteria_used(tmp_path, decision, labels, criteria):
    summary = {"seen": 4, "skipped": {"redirect": 2}, "quarantined": 1}
    (run,) = Page(write(tmp_path / "r.html", [decision], labels, criteria, summary=summary)).data("run")
    assert run["summary"][:3] == [["seen", "4"], ["skipped: redirect", "2"], ["quarantined", "1"]]
    assert ["version of codebook", "1.0.0"] in run["summary"] and ["tagger", "0.1.0"] in run["summary"]
    assert set(run["criteria"]) == {"commons.use.1", "model8.use.1"}
    assert run["cues"] == sorted({m.cue for m in decision.mentions})


def test_no_path_of_the_user_is_told(tmp_path, make):
    from tagger.case import Case, Origin

    text = write(tmp_path / "r.html", [make(case=Case("a", "b", "c", Origin("/home/mary/secret/in.csv", "row 2")), cues=())])
    assert "secret" not in text and "/home" not in text and "in.csv, row 2" in text


def test_partial_says_so(tmp_path, decision):
    writer = ReportWriter(tmp_path / "r.html", {}, {}, "A run")
    writer.write(decision)
    (run,) = Page(writer.keep_partial().read_text(encoding="utf-8")).data("run")
    assert run["summary"][0][0] == "partial"
