"""W7 and W23 as far as the server goes: texts are data, pages load nothing from outside. What browsers make of them is tested in Chromium."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from made_web import SENT, event, made_case

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</script><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "]]><!--",
    "\u2028\u2029\u202e",
]
HERE = files("tagger.review.web")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_escaped_in_every_page(make, name):
    project = make()
    clients = project.client(name), project.client(name, "adjudicator")
    for client in clients:
        for route in project.app.routes:
            if route.path.startswith(("/api", "/static")) or "GET" not in route.methods:
                continue
            page = client.get(route.path).text
            assert "49" not in page or "{{ 7*7 }}" not in name
            for mark in ("<script>alert", "<img src=x", "<svg onload", "]]><!--"):
                assert mark not in page, route.path


def test_hostile_texts_are_json_and_nothing_else(make):
    hostile = "".join(HOSTILE)
    case = made_case(hostile, title=hostile, text=f"{hostile} and more.", cues=[], evidence=[], cue_codes=[])
    client = make([case]).client()
    answer = client.get("/api/next")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = answer.json()["case"]
    assert (shown["id"], shown["title"], "".join(s["text"] for s in shown["segments"])) == (hostile, hostile, case.text)
    refused = client.post("/api/events", json=[event(hostile, codes={hostile: hostile})])
    assert refused.headers["content-type"] == "application/json"
    assert json.loads(refused.text)["refused"]


def test_an_address_that_does_not_exist_is_not_repeated(project):
    answer = project.browser(**SENT).get("/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert "alert" not in answer.text


def test_the_pages_hold_no_script_style_or_handler_of_their_own():
    for file in HERE.joinpath("templates").iterdir():
        page = file.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+\s*=|\sstyle\s*=|javascript:|\|\s*safe|Markup\(|autoescape\s+false", page), file.name


def test_the_script_makes_no_html_of_texts():
    for file in HERE.joinpath("static").iterdir():
        if file.name.endswith(".js"):
            code = file.read_text(encoding="utf-8")
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|createContextualFragment", code
            ), file.name


def test_nothing_names_another_host():
    for folder in ("templates", "static"):
        for file in HERE.joinpath(folder).iterdir():
            found = re.findall(r"(?:https?:)?//[\w-]+\.[\w.-]+", re.sub(r"^\s*//.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
            assert [one for one in found if "www.w3.org" not in one] == [], file.name


def test_no_code_of_the_server_marks_texts_as_safe():
    for file in HERE.iterdir():
        if file.name.endswith(".py"):
            assert not re.search(
                r"Markup|\|safe|FileResponse|StaticFiles|request\.url|RedirectResponse", file.read_text(encoding="utf-8").replace("``request.url``", "")
            ), file.name
