"""The tables of agreement: what they say, in which order, and that they fit."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from tagger.cli.agreement_view import agreement_view, codes_table, confusion_table, disagreement_table, meaning, variable_table
from tagger.codings.agreement import Alpha, agreement, confusions, disagreements

LADDER = [str(i) for i in range(1, 6)]
LABELS = {("model", code): name for code, name in zip(LADDER, ("consumption", "self service", "do it yourself", "co-design", "co-creation"), strict=True)}
MODEL = {f"case {i:02}": {"ann": LADDER[i % 5], "ben": LADDER[i % 5], "eve": LADDER[i % 4]} for i in range(40)} | {"alone": {"ann": "outside"}}
UNSTATED = {case: dict.fromkeys(given, "unstated") for case, given in MODEL.items()}


def printed(what, width=120, **options) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, **options).print(what)
    return out.getvalue()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def model():
    return agreement(MODEL, [*LADDER, "outside"], {"company's ladder": LADDER}, replicates=300)


@pytest.fixture(scope="module")
def licensing():
    return agreement(UNSTATED, ["open", "unstated"], replicates=300)


@pytest.fixture
def view(model, licensing):
    units = {"model": MODEL, "licensing": UNSTATED}
    divided = {variable: disagreements(given) for variable, given in units.items()}
    return agreement_view({"model": model}, {"licensing": licensing}, divided, {v: confusions(given) for v, given in units.items()}, LABELS)


def test_disagreements_come_first_and_codes_last(view):
    text = printed(view)
    titles = ["Where coders differ", "Codes taken for one another", "Facets", "Cues", "Codes of the facets", "Values of the cues", "Agree %", "Left out"]
    places = [re.search(f"^{re.escape(title)}", text, re.MULTILINE).start() for title in titles]
    assert places == sorted(places) and places[0] == 0


def test_a_variable_has_its_figures_with_the_scales_beneath(model):
    lines = printed(variable_table("Facets", {"model": model})).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("model"))
    for line, name, found, counts in (
        (lines[at], "model", model.alpha, f"40 3 {100 * model.percent_agreement:.1f} "),
        (lines[at + 1], "- ordinal, company's ladder", model.ordinal[0].alpha, "40 "),
    ):
        assert words(line).startswith(f"{name} {counts}{found.value:.3f} {found.low:.3f} to {found.high:.3f} below 0.667: not to be relied on")


def test_undefined_is_said_in_words(licensing):
    text = words(printed(variable_table("Cues", {"licensing": licensing})))
    assert "licensing 40 3 100.0 - - undefined (no variation: every coding is 'unstated')" in text
    text = words(printed(codes_table("Values", {"licensing": licensing})))
    assert "- open 0 - - - undefined (no compared coding gave it)" in text


def test_codes_stand_under_their_variable_with_their_names(model):
    text = printed(codes_table("Codes", {"model": model}, LABELS))
    two = model.codes[1]
    assert f"- 2 self service {two.codings} {100 * two.specific_agreement:.1f} {two.alpha.value:.3f}" in words(text)
    assert re.search(r"^model\s*$", text, re.MULTILINE) and "- outside" in text


def test_disagreements_say_who_gave_what():
    divided = disagreements(MODEL)
    text = printed(disagreement_table({"model": divided}, 3))
    assert words(text).startswith("Where coders differ Variable Case Differ Code: coders model case 04 1 of 3 5: ann, ben; 1: eve model case 05")
    assert text.count("case ") == 3 and f"and {len(divided) - 3} more" in text
    everything = printed(disagreement_table({"model": divided}, None))
    assert everything.count("case ") == len(divided) and "more" not in everything


def test_where_nobody_differs():
    assert "no case" in printed(disagreement_table({"model": []}))
    assert "Codes taken" not in printed(agreement_view({}, {}, {}, {"model": []}))


def test_confusions_have_names_and_counts():
    found = confusions({"x": {"ann": "1", "ben": "2", "eve": "2"}})
    assert "model 1 consumption / 2 self service 1 2" in words(printed(confusion_table({"model": found}, LABELS)))


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_off(view, model, width):
    text = printed(view, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for one in (model.alpha, model.ordinal[0].alpha, *(c.alpha for c in model.codes if c.codings)):
        assert f"{one.value:.3f}" in text and f"{one.low:.3f} to {one.high:.3f}" in text
    assert "Left out of model, licensing: 1 case with fewer than two codings." in words(text)
    assert "300 replicates, seed 0" in words(text)


def test_piped_output_is_plain(view):
    assert "\x1b" not in printed(view)
    assert "\x1b[1m" in printed(view, force_terminal=True, color_system="standard")


@pytest.mark.parametrize("payload", ["[red]x[/red]", "a\x1b[31mb", "c\u202ed", "[/quote]"])
def test_text_of_others_is_never_a_command(payload):
    units = {payload: {"ann": payload, "ben": "b", payload: "b"}, "2": {"ann": "b", "ben": "b"}}
    found = {payload: agreement(units, ["b", payload], {payload: ["b", payload]}, replicates=20)}
    text = printed(agreement_view(found, found, {payload: disagreements(units)}, {payload: confusions(units)}, {(payload, "b"): payload}), 200)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
    assert "[" not in payload or payload.replace("\x1b", "␛") in text


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        (Alpha(0.9, 0.7, 0.95, 0, ""), "reliable (at or over 0.800); its interval reaches below 0.800"),
        (Alpha(1.0, 1.0, 1.0, 0, ""), "reliable (at or over 0.800); no case differs, so that its interval tells nothing"),
        (Alpha(0.7, 0.68, 0.9, 7, ""), "tentative conclusions only (0.667 to 0.800); interval without 7 of 300 replicates, where alpha is undefined"),
        (Alpha(0.0, None, None, 0, "no interval: one case alone"), "below 0.667: not to be relied on; no interval: one case alone"),
        (Alpha(None, None, None, 300, "no case with two codings"), "undefined (no case with two codings)"),
    ],
)
def test_meaning(alpha, said):
    assert meaning(alpha, 300) == said
    assert meaning(alpha, 300, short=True) == (said if "undefined (" in said else re.sub(r" \(.*?\)", "", said))
