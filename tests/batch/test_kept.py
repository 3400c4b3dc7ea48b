"""A second run does only what changed, and its outputs are those of a run that did all."""

from __future__ import annotations

import json
import random
import stat
from types import SimpleNamespace

import pytest

from tagger.batch.backends import Backend
from tagger.batch.kept import kept_folder_of
from tagger.cli.tag_shards import Sheets, tag_shards
from tagger.reading.shards import plan
from tagger.reading.sources import Source

PAGE = "<page><title>{0}</title><ns>0</ns><id>{1}</id><revision><id>9</id><text>{2}</text></revision></page>\n"
PADDING = f"<!--{'.' * 2_000}-->"  # two shards of few pages
SHOWN = SimpleNamespace(tell=lambda state: None, resumed=lambda done, of: None)


def page(i: int, word: str = "shop") -> str:
    rng = random.Random(i)  # noqa: S311
    words = " ".join(rng.choices(["free", "users", "pay", "sell", "share"], k=60))
    return PAGE.format(f"P{i}", i, f"'''P{i}''' is a {word} that its members own. {words}{PADDING}")


@pytest.fixture
def run(tmp_path):
    """Return a function that tags pages and returns the tally and the bytes of the outputs."""
    models = tmp_path / "no-models"
    models.mkdir()

    def run(pages, keep=True, outputs=("out.jsonl", "out.csv"), name="wiki.xml", text=True):
        (tmp_path / name).write_text("<mediawiki>" + "".join(pages) + "</mediawiki>")
        source = Source((str(tmp_path / name),))
        shards = plan(source, scale=1 / 16)
        assert len(shards) > 1, "one shard alone is not kept"
        paths = tuple(str(tmp_path / output) for output in outputs)
        run.done = done = tag_shards(source, shards, Sheets(paths, models, text, False), None, Backend(), SHOWN, keep=keep)
        return done.tally, [(tmp_path / output).read_bytes() for output in outputs]

    return run


@pytest.fixture
def pages():
    return [page(i) for i in range(300)]


def test_only_what_changed_is_tagged_again(run, pages):
    first, _ = run(pages)
    assert (first.written, first.reused) == (300, 0)
    changed = [*pages[:100], page(2000), *pages[101:200], *pages[220:], page(3000, "club")]  # changed, taken out, added: all others have another place
    second, got = run(changed)
    assert (second.written, second.reused) == (len(changed), len(changed) - 2)
    undisturbed, wanted = run(changed, keep=False)
    assert got == wanted
    assert (second.statuses, second.noted, second.seen) == (undisturbed.statuses, undisturbed.noted, undisturbed.seen)


def test_a_result_that_tells_its_place_is_made_anew_where_that_moved(run, pages):
    outputs = ("out.html",)
    run(pages, outputs=outputs)
    second, got = run(pages[1:], outputs=outputs)
    assert second.reused == 0
    again, same = run(pages[1:], outputs=outputs)
    assert again.reused == len(pages) - 1
    assert same == got == run(pages[1:], keep=False, outputs=outputs)[1]


def test_what_something_else_made_is_not_taken(run, pages, tmp_path):
    run(pages)
    assert run(pages, text=False)[0].reused == 0
    assert run(pages, text=False)[0].reused == len(pages)
    told = kept_folder_of(tmp_path / "out.jsonl") / "made-by.json"
    made_by = json.loads(told.read_text())
    made_by["made_by"]["provenance"]["rules"] = "of another day"
    told.write_text(json.dumps(made_by))
    assert run(pages, text=False)[0].reused == 0


def test_a_damaged_part_is_not_taken(run, pages, tmp_path):
    _, wanted = run(pages)
    part = kept_folder_of(tmp_path / "out.jsonl") / "000000.0.part"
    part.write_bytes(part.read_bytes()[:1000])
    second, got = run(pages)
    assert got == wanted and 0 < second.reused < len(pages)


def test_they_are_for_nobody_else_to_read(run, pages, tmp_path):
    run(pages)
    assert stat.S_IMODE(kept_folder_of(tmp_path / "out.jsonl").stat().st_mode) == 0o700


def test_an_emptied_index_is_not_taken(run, pages, tmp_path):
    run(pages)
    (kept_folder_of(tmp_path / "out.jsonl") / "index.npy").write_bytes(b"")
    assert run(pages)[0].reused == 0


@pytest.fixture
def tag(tmp_path):
    """Return a function that tags rows and returns the tally and the output."""
    models = tmp_path / "no-models"
    models.mkdir()

    def tag(rows, keep=True):
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        source = Source((str(tmp_path / "rows.jsonl"),))
        shards = plan(source, scale=1 / 16)
        sheets = Sheets((str(tmp_path / "t.jsonl"),), models, True, False)
        tally = tag_shards(source, shards, sheets, None, Backend(), SHOWN, keep=keep).tally
        return tally, (tmp_path / "t.jsonl").read_bytes()

    return tag


@pytest.mark.parametrize(("before", "after"), [(("html", "a", "b"), ("wikitext", "a", "b")), (("text", "a", "b"), ("text", "b", "a"))])
def test_a_row_that_is_read_or_written_in_another_way_is_another(tag, before, after):
    """The same words in a column of another kind, or the columns in another order."""

    def rows(columns):
        texts = (f"A shop that its members own. {i} {'free ' * 400}" for i in range(300))
        return [{"id": f"r{i}"} | {column: {"a": "1", "b": "2"}.get(column, text) for column in columns} for i, text in enumerate(texts)]

    tag(rows(before))
    tally, got = tag(rows(after))
    assert tally.reused == 0 and got == tag(rows(after), keep=False)[1]


def test_rows_of_a_table_are_known_by_what_they_hold(tag):
    rows = [{"title": f"R{i}", "text": page(i)} for i in range(300)]  # called by their line: one that moved has another id
    tag(rows)
    assert tag(rows)[0].reused == 300
    assert tag(rows[1:])[0].reused == 0
    named = [{"id": f"r{i}", **row} for i, row in enumerate(rows)]
    tag(named)
    assert tag(named[1:])[0].reused == 299


def interrupted(*_):
    raise KeyboardInterrupt


def test_ctrl_c_while_the_outputs_are_put_together_counts_each_part_once(run, pages, monkeypatch, tmp_path):
    with monkeypatch.context() as patched:
        patched.setattr("tagger.cli.outputs.Outputs.commit", interrupted)
        with pytest.raises(FileNotFoundError):  # no output
            run(pages)
        assert run.done.stopped.startswith("Stopped") and run.done.tally.written == len(pages)
    run(pages)
    assert not run.done.stopped and (run.done.tally.written, run.done.tally.reused) == (len(pages), 0)


@pytest.mark.parametrize("at", ["replace_bytes", "sync_folder"])
def test_ctrl_c_while_results_are_kept_costs_the_keeping_alone(run, pages, monkeypatch, tmp_path, at):
    with monkeypatch.context() as patched:
        patched.setattr(f"tagger.batch.kept.{at}", interrupted)
        _, got = run(pages)
        assert not run.done.stopped and run.done.kept.startswith("interrupted") and run.done.tally.written == len(pages)
    assert run(pages)[1] == got
    assert run.done.tally.reused == (len(pages) if at == "sync_folder" else 0)
