"""The methods appendix: what it says, what it says to be missing, and that its three forms say the same."""

import io
import json
import re
import sys
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "learning"))
from made_outcomes import drawn

from tagger.cli.report import app, write
from tagger.codebook import load_codebook
from tagger.codings.agreement import agreement
from tagger.codings.merge import units_of
from tagger.codings.table import Coding, write_codings
from tagger.codings.variables import codes_of
from tagger.errors import InputError, OutputError
from tagger.learning.evaluation import evaluate
from tagger.learning.promised import promised
from tagger.retrain.appendix.blocks import Document, Heading, Listing, Missing, Paragraph, Plot, Table
from tagger.retrain.appendix.coded import Coded, who_coded
from tagger.retrain.appendix.document import Given, Model, appendix
from tagger.retrain.appendix.markdown import as_markdown, svg
from tagger.retrain.appendix.page import as_html
from tagger.retrain.appendix.picture import png

BOOK = load_codebook()
DAY = "2026-11-23"
ABOUT = {"codebook": f"{BOOK.name} {BOOK.sha256[:12]}, cues 1.1.0", "measured": "model small 0123"}
HOSTILE = "<script>alert(1)</script> | `x` [y](javascript:z) \x1b[31m *b* $m$ \ud800"


def coding(case, model, coder, economy="other", **more):
    return Coding(case, coder, {"economy": economy, "model": model}, **({"blind": True, "random": True, "codebook": "1.0.0"} | more))


def codings():
    found = [coding(f"c{i}", "1" if i % 3 else "2", "ada") for i in range(30)] + [coding(f"c{i}", "1" if i % 2 else "2", "bob") for i in range(20)]
    return [*found, coding("c0", "2", "eve", role="adjudicator", blind=False), coding("c1", "1", "ada", role="author", blind=False)]


@pytest.fixture(scope="module")
def evaluation():
    outcomes = drawn(300, 1)
    return json.loads(json.dumps(evaluate(outcomes, replicates=100, about=ABOUT, promises=promised(outcomes, replicates=100)).as_dict()))


@pytest.fixture(scope="module")
def document(evaluation):
    manifest = {"codebook": {"version": "1.0.0", "sha256": BOOK.sha256}, "training": {"texts": 9, "coded_by": "nobody", "economy": {"other": 9}}}
    coded = Coded("codings.csv", codings(), {"ada": "person", "bob": "language model", "eve": "person"}, {"ada": "title and text"})
    return appendix(Given(BOOK, DAY, coded, evaluation, "e.json", Model("small", manifest), {"psi": 0.25, "words": {"unknown": 0.1}}, 200))


def said(document):
    parts = []
    for block in document.blocks:
        if isinstance(block, Table):
            parts += [block.title, *block.columns, *(cell for row in block.rows for cell in row)]
        elif isinstance(block, Plot):
            parts += [block.title, block.caption]
        else:
            parts.append(block.text)
    return parts


def table(document, title):
    return next(b for b in document.blocks if isinstance(b, Table) and b.title == title)


def test_every_section_is_there_and_nothing_is_missing(document):
    sections = [b.text for b in document.blocks if isinstance(b, Heading) and b.level == 1]
    assert sections == [
        "Codebook", "Sample", "Who coded", "Coded more than once", "Agreement of the coders", "How disagreements were settled", "How good the tags are",
        "What is taken for what", "Calibration: what a probability means", "Coverage promised and reached", "Abstentions",
        "Drift: are the cases like those learned from?", "Model", "Versions", "How to cite",
    ]  # fmt: skip
    assert document.missing == ()


def test_figures_are_those_of_their_sources(document, evaluation):
    own = agreement(units_of([c for c in codings() if c.blind])["model"], codes_of(BOOK)["model"], replicates=200)
    row = next(r for r in table(document, "Agreement by facet and cue").rows if r[0] == "model")
    assert row[1:5] == ("20", "2", f"{100 * own.percent_agreement:.1f} %", f"{own.alpha.value:.3f} ({own.alpha.low:.3f} to {own.alpha.high:.3f})")
    model = evaluation["facets"]["model"]
    accuracy = model["summary"]["accuracy"]
    assert (
        next(r for r in table(document, "All cases").rows if r[0] == "model")[2] == f"{accuracy['value']:.3f} ({accuracy['low']:.3f} to {accuracy['high']:.3f})"
    )
    confused = table(document, "Confusion table, model")
    assert [[0 if n == "·" else int(n) for n in row[1:-1]] for row in confused.rows] == model["confusion"]["counts"]
    abstained = next(r for r in table(document, "How often the tool abstained, and how good it is where it decided").rows if r[0] == "model")[1]
    assert abstained.startswith(f"{1 - model['summary']['decided']['value']:.3f} ({1 - model['summary']['decided']['high']:.3f}")
    for promise in evaluation["promises"].values():
        assert [line for line in promise["sentence"].splitlines() if line not in said(document)] == []


def test_the_sample_is_counted(document):
    texts = said(document)
    assert any(t.startswith("30 cases with 52 codings, from codings.csv. 30 of the cases were drawn at random, 0 were not.") for t in texts)
    assert table(document, "Cases coded by two coders or more").rows[1] == ("model", "30", "20", "66.7 %")
    settled = {row[0]: int(row[2]) for row in table(document, "Cases by how their label came about").rows}
    assert settled["adjudicated"] == 1 and settled["single"] == 10 and sum(settled.values()) == 30
    assert settled["unresolved"] == sum((i % 3 == 0) != (i % 2 == 0) for i in range(1, 20))
    assert any(t.endswith("Adjudicators: 1 (person).") for t in texts)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ({"language model": 3}, "All 3 coders are language models: no person has coded these texts."),
        ({"person": 2}, "All 2 coders are people."),
        ({"person": 1, "language model": 2, "not recorded": 1}, "Of 4 coders: 1 people, 2 language models, 1 of a kind that is not recorded."),
        ({"not recorded": 2}, "No coder is known to be a person."),
    ],
)
def test_it_says_outright_who_coded(kinds, words):
    assert words in who_coded(kinds)


def test_what_is_not_given_is_missing_and_never_made_up():
    bare = appendix(Given(BOOK, DAY))
    assert len(bare.missing) == 4 and all(any(what in m for m in bare.missing) for what in ("agreement", "calibration", "drift", "the model"))
    assert not any(re.search(r"\d\.\d{3}", text) for text in said(bare) if "SHA" not in text)
    assert "What this appendix cannot tell: " + "; ".join(bare.missing) + "." in said(bare)
    alone = appendix(Given(BOOK, DAY, Coded("x", [coding("c", "1", "ada")])))
    assert any("no case was coded independently by two" in m for m in alone.missing) and any("1 of 1 coders are people or" in m for m in alone.missing)


def test_parts_that_do_not_belong_together_are_told(evaluation):
    other = evaluation | {"about": {"codebook": "bauwens-2008 0.9.0 ffff", "measured": "model old ffff"}}
    given = Given(BOOK, DAY, None, other, "", Model("small", {"codebook": {"version": "0.9.0", "sha256": "0"}}))
    assert len([t for t in said(appendix(given)) if t.startswith("Caution: ")]) == 3


def test_figures_that_are_none_are_refused(evaluation):
    for wrong in ({"facets": {}}, evaluation | {"facets": {"model": {}}}, evaluation | {"facets": [1]}):
        with pytest.raises(InputError, match="is not what `tagger evaluate -o` writes"):
            appendix(Given(BOOK, DAY, None, wrong, "e.json"))


class Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def html_of(document):
    found = Texts()
    found.feed(as_html(document))
    return found


def test_the_three_forms_say_the_same(document):
    docx = pytest.importorskip("docx")
    pytest.importorskip("PIL")
    from tagger.retrain.appendix.word import as_docx

    data = as_docx(document, DAY)
    word = docx.Document(io.BytesIO(data))
    in_word = "\n".join([p.text for p in word.paragraphs] + [cell.text for t in word.tables for row in t.rows for cell in row.cells])
    in_page = "\n".join(html_of(document).texts)
    in_markdown = re.sub(r"\\(.)", r"\1", as_markdown(document, "x"))
    wanted = {" ".join(text.split()) for text in said(document)} - {""}
    for name, text in (("docx", in_word), ("html", in_page), ("md", in_markdown)):
        plain = " ".join(text.split())
        assert [w for w in wanted if w not in plain] == [], name
    plots = sum(isinstance(b, Plot) for b in document.blocks)
    assert plots == 6 and len(word.inline_shapes) == plots and html_of(document).tags.count("svg") == plots
    short = Document(document.title, (*document.blocks[:8], *[b for b in document.blocks if isinstance(b, Plot)][:1]))
    assert as_docx(short, DAY) == as_docx(short, DAY)


def test_nothing_in_a_text_is_markup(tmp_path):
    pytest.importorskip("docx")
    table = Table(HOSTILE, (HOSTILE, "b"), ((HOSTILE, "\n"),))
    bad = Document(HOSTILE, (Heading(HOSTILE), Paragraph(HOSTILE), Paragraph("1. no list"), Missing(HOSTILE, ""), table, Listing("```\n" + HOSTILE, "bibtex")))
    page = html_of(bad)
    assert "script" not in page.tags and page.texts.count("\x1b") == 0 and any("<script>" in t for t in page.texts)
    from markdown_it import MarkdownIt

    read = Texts()
    read.feed(MarkdownIt("commonmark").enable("table").render(as_markdown(bad, "x")))
    assert not {"script", "a", "em", "ol", "img"} & set(read.tags) and read.tags.count("td") == 2 and read.tags.count("pre") == 1
    for suffix in (".md", ".html", ".docx"):
        write(bad, tmp_path / f"m{suffix}", DAY)
    with zipfile.ZipFile(tmp_path / "m.docx") as packed:
        assert b"<script" not in packed.read("word/document.xml")


def test_plots_are_drawn_alike(document):
    Image = pytest.importorskip("PIL.Image")
    plot = next(b for b in document.blocks if isinstance(b, Plot) and b.name == "reliability-model")
    assert svg(plot).startswith('<svg xmlns="http://www.w3.org/2000/svg"') and svg(plot).count('class="dot') == len(plot.series[0].points)
    image = Image.open(io.BytesIO(png(plot)))
    assert image.size == (920, 660) and png(plot) == png(plot)
    from tagger.retrain.appendix.picture import INK, _Drawing

    point = plot.series[0].points[-1]
    h, v = _Drawing(None, plot)._at(point.x, point.y)
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((round(2 * h), round(2 * v)))) == INK
    empty = replace(plot, series=(replace(plot.series[0], points=()),), lines=())
    assert png(empty) != png(plot)


def test_the_bibtex_entry_holds_what_is_known_and_is_closed(document):
    entry = next(b.text for b in document.blocks if isinstance(b, Listing))
    assert entry.startswith("@software{case-tagger-") and entry.count("{") == entry.count("}") and entry.endswith("}")
    assert "year    = {2026}" in entry and "model small" in entry and f"Codebook {BOOK.name}" in entry and "url" not in entry and "doi" not in entry


@pytest.fixture
def files(tmp_path, evaluation):
    write_codings(tmp_path / "codings.csv", codings(), BOOK)
    (tmp_path / "coders.csv").write_text("coder,kind,saw\nada,person,texts\nbob,language model,texts\neve,person,all\n")
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation))
    (tmp_path / "models").mkdir()
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_command_writes_all_forms_and_tells_what_is_missing(files):
    outputs = [files / f"m {kind}" for kind in ("a.md", "b.html", "c.docx")]
    given = ["--codings", files / "codings.csv", "--evaluation", files / "evaluation.json", "--models", files / "models", "--date", DAY, "--replicates", 100]
    result = run(*given, *(x for path in outputs for x in ("-o", path)))
    assert result.exit_code == 0, (result.output, result.exception)
    assert all(path.is_file() for path in outputs)
    assert "missing: the model (none is in use: the rules alone decide)" in result.stderr and "missing: drift" in result.stderr
    text = outputs[0].read_text()
    assert "Of 3 coders: 2 people, 1 language models." in text
    pictures = re.findall(r"\]\(([^)]+)\.svg\)", text)
    assert len(pictures) == 6 and all((files / f"{p.replace('%20', ' ')}.svg").is_file() for p in pictures)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["-o", "m.pdf"], OutputError, "choose a name that ends in .md, .html or .docx"),
        (["-o", "m.md", "--date", "tomorrow"], InputError, "is no date"),
        (["-o", "m.md", "--evaluation", "none.json"], InputError, "give what `tagger evaluate"),
        (["-o", "m.md", "--models", "nowhere"], InputError, "no such folder of models"),
        (["-o", "m.md", "--codings", "none.csv"], InputError, "no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, monkeypatch, arguments, error, words):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert isinstance(result.exception, error) and words in str(result.exception) and list(tmp_path.iterdir()) == []


def test_a_review_is_read_with_its_decisions(tmp_path):
    pytest.importorskip("sqlalchemy")
    sys.path.insert(0, str(Path(__file__).parents[1] / "review"))
    from made_cases import made_case

    from tagger.review.events import Event, new_id, now
    from tagger.review.store import open_store

    with open_store(tmp_path / "r.review.db") as store:
        store.add_cases([made_case("a"), made_case("b")])
        for case, coder, model in (("a", "ada", "9"), ("a", "bob", "6"), ("b", "ada", "9")):
            store.add(Event(new_id(), now(), coder, "coding", case, codes={"economy": "sharing", "model": model}, blind=True))
        store.add(Event(new_id(), now(), "eve", "adjudication", "a", codes={"economy": "sharing", "model": "9"}))
    result = run("--store", tmp_path / "r.review.db", "--models", tmp_path, "-o", tmp_path / "m.md", "--replicates", 100)
    assert result.exit_code == 0, (result.output, result.exception)
    text = re.sub(r"\\(.)", r"\1", (tmp_path / "m.md").read_text())
    assert "2 cases with 4 codings, from the review r.review.db." in text and "| adjudicated | an adjudicator decided | 1 | 50.0 % |" in text
    assert "whether 3 of 3 coders are people or language models" in text
