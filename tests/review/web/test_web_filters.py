"""W17: what is filtered and searched by are values, never names of columns or patterns."""

from __future__ import annotations

import re
from importlib.resources import files

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from made_web import made_case

HOSTILE = [
    "' OR 1=1 --",
    "%",
    "_",
    "\\",
    '"',
    "token_sha256",
    "coders.token_sha256",
    "model DESC",
    "1; DROP TABLE events",
    "\x1b",
    "𝄞",
    "case 0' UNION SELECT body FROM events --",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["economy", "model", "status", "cue", "state"]), value=st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=20)))
@example(name="state", value="found")
def test_an_unknown_value_is_told_and_nothing_else(project, name, value):
    answer = _client(project).get("/api/next", params={name: value})
    assert answer.status_code == 400
    assert len(answer.content) < 1_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)))
@example(words="shop")
def test_words_are_searched_as_they_are(project, words):
    answer = _client(project).get("/api/next", params={"words": words})
    if "\x00" in words:
        assert answer.status_code == 400
        return
    assert answer.status_code == 200
    case = answer.json()["case"]
    if case is not None:
        text = (case["title"] + "".join(segment["text"] for segment in case["segments"])).casefold()
        assert all(word in text for word in words.casefold().split())
    else:
        assert words.strip()


_clients: dict[int, object] = {}


def _client(project):
    if id(project) not in _clients:
        _clients.clear()
        _clients[id(project)] = project.client()
    return _clients[id(project)]


def test_other_parameters_change_nothing(project):
    client = project.client()
    plain = client.get("/api/next").json()
    for name in ("found", "order", "coder", "sort", "limit", "assigned", "hidden", "__class__"):
        assert client.get("/api/next", params={name: "BEN"}).json() == plain


def test_a_parameter_stands_once(project):
    assert project.client().get("/api/next?model=9&model=3").status_code == 400
    assert project.client().get("/api/case?id=case 0&id=case 1").status_code == 400


def test_a_search_has_its_limit(project):
    answer = project.client().get("/api/next", params={"words": "x" * 201})
    assert answer.status_code == 400
    assert "201" in answer.json()["error"]


def test_filters_find_what_they_name(make):
    client = make([made_case("a", title="Bakery"), made_case("b", economy="other", model="3")]).client()
    assert client.get("/api/next?model=3").json()["case"]["id"] == "b"
    assert client.get("/api/next?words=bakery").json()["case"]["id"] == "a"
    nothing = client.get("/api/next?words=submarine").json()
    assert nothing["case"] is None
    assert "search" in nothing["why"]
    assert 'model "99"' in client.get("/api/next?model=99").json()["error"]


def test_no_sql_is_put_together_from_strings():
    for file in files("tagger.review").joinpath("store").iterdir():
        if file.name.endswith(".py"):
            assert not re.search(r"""(text|execute|exec_driver_sql)\(\s*f["'](?!PRAGMA)""", file.read_text(encoding="utf-8")), file.name
