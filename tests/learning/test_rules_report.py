"""Coverage, overlap, conflict and precision of rules, counted by hand."""

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tagger.case import Case, Mention, Origin
from tagger.cli.rules import app, report_on, shown
from tagger.codebook import load_codebook
from tagger.coding.rules import load_rules
from tagger.errors import InputError
from tagger.learning.labelled import Labelled
from tagger.learning.rules_report import LabelBook, RuleCounter, labels_of, wilson
from tagger.reading import read

BOOK = load_codebook()
CRITERION = BOOK.economies[0].criteria[0].id


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        # Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 1 - 0.1170, 1.0),
    ],
)
def test_wilson_interval_as_published(right, total, low, high):
    assert wilson(right, total) == pytest.approx((low, high), abs=5e-5)


class Saying:
    """A finder that finds what the case's text names: words such as licensing=open."""

    def find_in(self, case):
        found = [word.split("=") for word in case.text.split()]
        return tuple(Mention(cue, value, "affirmed", "page", i, i + 1, "x", f"{cue}-{i}") for i, (cue, value) in enumerate(found))


def rules_of(tmp_path, *rows):
    text = 'version = "1"\n'
    for id, facet, code, weight, condition in rows:
        text += f'[[rule]]\nid = "{id}"\nfacet = "{facet}"\ncode = "{code}"\nweight = {weight}\ncriterion = "{CRITERION}"\nall = ["{condition}"]\n'
    (tmp_path / "rules.toml").write_text(text)
    return load_rules(BOOK, tmp_path)


def case(text, **fields):
    return Case("x", "X", text, Origin("x"), fields=fields)


@pytest.fixture
def report(tmp_path):
    rules = rules_of(
        tmp_path,
        ("c1", "economy", "commons", 1.0, "licensing=open"),
        ("c2", "economy", "commons", 0.5, "payment=unpaid"),
        ("c-not", "economy", "commons", -1.0, "ownership=investors"),
        ("s1", "economy", "sharing", 1.0, "advertising=sells_attention"),
        ("m6", "model", "6", 1.0, "licensing=open"),
        ("never", "model", "9", 1.0, "payment=own_sales"),
    )
    counter = RuleCounter(BOOK, rules, Saying())
    for text, economy in (
        ("licensing=open payment=unpaid", "commons"),  # c1 and c2 agree
        ("licensing=open", "commons"),
        ("licensing=open advertising=sells_attention", "sharing"),  # c1 against s1
        ("ownership=investors licensing=open", "other"),  # c-not against c1
        ("ownership=investors advertising=sells_attention", "sharing"),  # no conflict: both speak against commons
        ("ownership=investors", ""),  # not labelled
        ("", "nonsense"),
        ("", "none"),
    ):
        counter.add(case(text), {"economy": economy})
    return counter.report()


def of(report, rule):
    return next(f for f in report.rules if f.rule == rule)


@pytest.mark.parametrize(
    ("rule", "fires", "overlap", "conflict", "labelled", "right"),
    [
        ("c1", 4, 1 / 4, 2 / 4, 4, 2),
        ("c2", 1, 1.0, 0.0, 1, 1),
        ("c-not", 3, 0.0, 1 / 3, 2, 2),  # right where the label is another code
        ("s1", 2, 0.0, 1 / 2, 2, 2),
        ("m6", 4, 0.0, 0.0, 0, 0),  # rules of the other facet are neither agreement nor conflict
    ],
)
def test_figures_of_a_rule(report, rule, fires, overlap, conflict, labelled, right):
    f = of(report, rule)
    assert (f.fires, f.labelled, f.right) == (fires, labelled, right)
    assert f.coverage == fires / 8
    assert (f.overlap, f.conflict) == (pytest.approx(overlap), pytest.approx(conflict))
    assert f.precision == (right / labelled if labelled else None)
    assert (f.low, f.high) == (wilson(right, labelled) if labelled else (None, None))


def test_a_rule_that_never_fires_is_listed(report):
    assert report.silent == ("never",)
    assert (of(report, "never").coverage, of(report, "never").overlap, of(report, "never").precision) == (0.0, None, None)


def test_figures_of_a_code(report):
    codes = {(f.facet, f.code): f for f in report.codes}
    assert set(codes) == {(facet, c.id) for facet in ("economy", "model") for c in BOOK.codes(facet)}
    commons = codes["economy", "commons"]
    assert (commons.fires, commons.overlap, commons.conflict, commons.labelled, commons.right) == (4, 1 / 4, 2 / 4, 4, 2)
    assert codes["economy", "sharing"].fires == 2
    assert codes["model", "9"].fires == 0


def test_labels_are_counted_and_unknown_ones_said(report):
    assert report.cases == 8
    assert report.labelled == {"economy": 6, "model": 0}
    assert report.unknown_labels == 1


def test_rules_stand_in_the_order_of_the_codebook(report):
    assert [f.rule for f in report.rules] == ["s1", "c1", "c2", "c-not", "m6", "never"]


def test_the_report_as_plain_data(report):
    plain = json.loads(json.dumps(report.as_dict()))
    assert plain["never_fire"] == ["never"]
    assert plain["rules"][0]["rule"] == "s1"
    assert plain["rules"][0]["precision"] == 1.0
    assert {"facet", "code", "fires", "coverage", "overlap", "conflict", "precision", "low", "high"} <= set(plain["codes"][0])


@pytest.mark.parametrize(
    ("fields", "labels"),
    [
        ({"economy": "commons", "model": 6}, {"economy": "commons", "model": "6"}),
        ({"economy": " commons ", "model": ""}, {"economy": "commons"}),
        ({"economy": {"code": "commons"}, "model": None}, {}),  # a result of ours is no label
        ({"economy": True}, {}),
        ({}, {}),
    ],
)
def test_labels_in_the_columns_of_the_input(fields, labels):
    assert labels_of(case("", **fields)) == labels


def labelled(id, title, economy="commons"):
    return Labelled(Case(id, title, "x", Origin("f")), economy, "6", id)


def test_labels_are_looked_up_by_id_unless_the_titles_differ_then_by_title():
    book = LabelBook([labelled("1", "Heron"), labelled("2", "Egret", "other"), labelled("3", "Twice"), labelled("4", "Twice", "other"), labelled("5", "")])

    def find(id, title):
        return book.of(Case(id, title, "x", Origin("g"))).get("economy")

    assert find("1", "Heron") == "commons"
    assert find("1", "Egret") == "other"  # another file's number 1
    assert find("1", "Stork") is None
    assert find("77", "Egret") == "other"
    assert find("77", "Twice") is None  # coded in two ways
    assert find("4", "Twice") == "other"
    assert find("5", "Whatever") == "commons"
    assert find("1", "1") == "commons"  # a reader gives the id as title where there is none


TEXTS = [
    {
        "id": "a",
        "title": "Heron [red]map[/red]",
        "text": "Volunteers write the software together and publish it under the GNU General Public License.",
        "economy": "commons",
        "model": "6",
    },
    {"id": "b", "title": "Stork", "text": "Nothing that a rule knows.", "economy": "other", "model": "outside"},
]


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in TEXTS))
    return path


def printed(found):
    console = Console(width=160, record=True, file=open("/dev/null", "w"), color_system=None)  # noqa: SIM115
    console.print(shown(found))
    return console.export_text()


def test_report_on_a_file(texts):
    found, faults = report_on(read([texts]))
    assert faults == []
    assert (found.cases, found.labelled) == (2, {"economy": 2, "model": 2})
    fires = [f for f in found.rules if f.fires]
    assert fires
    text = printed(found)
    assert all(f.rule in text for f in fires)
    assert "Never fire" in text
    assert "2 cases, with a label of economy 2, of model 2" in text


def test_labels_from_a_file_go_before_the_columns(texts, tmp_path):
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps(TEXTS[0] | {"economy": "other", "model": "outside"}) + "\n")
    found, _ = report_on(read([texts]), labels)
    assert found.labelled == {"economy": 1, "model": 1}


def test_labels_of_other_cases_are_an_error(texts, tmp_path):
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps(TEXTS[0] | {"id": "z", "title": "Egret"}) + "\n")
    with pytest.raises(InputError, match="none of its 1 labelled cases"):
        report_on(read([texts]), labels)


def test_without_labels_there_is_no_precision(tmp_path):
    path = tmp_path / "plain.txt"
    path.write_text(TEXTS[0]["text"])
    found, _ = report_on(read([path]))
    assert found.labelled == {"economy": 0, "model": 0}
    text = printed(found)
    assert "no labels" in text
    assert "95 %" not in text


def test_the_command_writes_json_and_says_what_could_not_be_read(texts, tmp_path):
    texts.write_text(texts.read_text() + "not json\n")
    out = tmp_path / "report.json"
    result = CliRunner().invoke(app, ["report", str(texts), "-o", str(out)])
    assert result.exit_code == 3, result.output
    assert json.loads(out.read_text())["cases"] == 2
    assert "1 records left out" in result.stderr
    assert "Codes of economy" in result.stdout


def test_the_command_never_replaces_its_input(texts):
    before = texts.read_bytes()
    result = CliRunner().invoke(app, ["report", str(texts), "-o", str(texts)])
    assert result.exit_code != 0
    assert "is also an input" in str(result.exception)
    assert texts.read_bytes() == before


def test_a_case_that_the_rules_fail_on_costs_itself_alone(texts, monkeypatch):
    from tagger.cues import CueFinder

    find_in = CueFinder.find_in

    def fails(self, case):
        if case.id == "b":
            raise ZeroDivisionError("made up")
        return find_in(self, case)

    monkeypatch.setattr(CueFinder, "find_in", fails)
    found, faults = report_on(read([texts]))
    assert found.cases == 1
    assert "ZeroDivisionError" in faults[0]
    assert "line 2" in faults[0]
