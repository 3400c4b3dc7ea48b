"""`tagger tag`: options that would do nothing are refused, and JSON lines of progress end with the final counts."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tagger.batch.supervise import State
from tagger.case import Origin, Quarantined
from tagger.cli import shard_progress
from tagger.cli.shard_progress import LinesOfStream
from tagger.cli.tag_report import Done, report

LINES = b"".join(b'{"id": "%d", "text": "Free software, written by volunteers."}\n' % n for n in range(5))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--scheduler", "tcp://nowhere:1"], "--scheduler needs files"),
        (["--work", "/nonexistent"], "--work needs files"),
        (["--time-limit", "3"], "--time-limit needs files"),
        (["-j", "2"], "several workers need files"),
        (["--backend", "dask", "--scheduler", "tcp://nowhere:1", "--time-limit", "3"], "several workers and --scheduler and --time-limit need files"),
    ],
)
@pytest.mark.parametrize("stream", [["-", "-o", "o.jsonl"], ["in.jsonl", "-o", "o.jsonl", "--limit", "2"], ["in.jsonl"]])
def test_a_stream_refuses_what_it_would_not_heed(run, tmp_path, empty, stream, options, told):
    (tmp_path / "in.jsonl").write_bytes(LINES)
    done = run("tag", *stream, *options, "--models", empty, input=LINES)
    assert done.status == 2 and told in done.err and not done.out, done.err
    assert not (tmp_path / "o.jsonl").exists()


@pytest.mark.parametrize("options", [[], ["--time-limit", "0"], ["-j", "1"]])
def test_a_stream_takes_what_it_does_anyway(run, tmp_path, empty, options):
    assert run("tag", "-", "--format", "jsonl", *options, "--models", empty, input=LINES).status == 0


def test_parts_are_not_kept_under_a_url(run, tmp_path, empty):
    (tmp_path / "in.jsonl").write_bytes(LINES)
    done = run("tag", "in.jsonl", "-o", "o.jsonl", "--work", "s3://box/parts", "--models", empty)
    assert done.status == 2 and "s3://box/parts: parts are kept in a folder of a file system" in done.err
    (tmp_path / "the parts").mkdir()
    assert run("tag", "in.jsonl", "-o", "o.jsonl", "--work", f"file://{tmp_path}/the%20parts", "--models", empty).status == 0


@pytest.mark.parametrize("quiet", [[], ["-q"]])
@pytest.mark.parametrize("output", [["--limit", "4"], ["-o", "o.jsonl"]])
def test_the_last_line_has_the_final_counts(run, tmp_path, empty, output, quiet):
    """With -q as without it: whoever asks for JSON lines has something that reads them."""
    (tmp_path / "in.jsonl").write_bytes(LINES)
    done = run("tag", "in.jsonl", *output, "--progress", "json", *quiet, "--models", empty)
    last = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")][-1]
    assert (last["records"], last["share"], last["parts"], last["parts_of"]) == (4 if "--limit" in output else 5, 1.0, 1, 1)
    assert ("records seen" in done.err) != bool(quiet)


def tally(seen, quarantined=0):
    return SimpleNamespace(seen=seen, quarantined=[None] * quarantined)


def told(capsys):
    return [(line["records"], line["quarantined"], line["share"], line["parts"]) for line in map(json.loads, capsys.readouterr().err.splitlines())]


@pytest.mark.parametrize("whole", [True, False])
def test_a_stream_tells_its_end(capsys, whole):
    lines = LinesOfStream()
    for seen in range(1, 9):
        lines.show(tally(seen))
    lines.end(tally(9, 1), whole=whole)
    assert told(capsys) == [(1, 0, None, 0), (9, 1, *((1.0, 1) if whole else (None, 0)))]


def test_a_stopped_run_in_shards_tells_its_end_once(capsys):
    with pytest.raises(KeyboardInterrupt), shard_progress.shard_progress("json", quiet=True) as shown:
        for records in range(1, 5):
            shown.tell(State(records, 0, records / 10, 1, 3, 0))
        raise KeyboardInterrupt
    assert told(capsys) == [(1, 0, 0.1, 1), (4, 0, 0.4, 1)]


@pytest.mark.parametrize(("listed", "words"), [(True, "1 quarantined, listed in co/q"), (False, "to be listed in co/quarantine.jsonl once the run is done")])
def test_a_quarantine_that_is_not_written_yet_is_not_named_as_if_it_were(capsys, listed, words):
    from tagger.batch import Tally

    bad = Tally(seen=1, quarantined=[Quarantined("bad-json", "Line 1 is not JSON.", Origin("a.jsonl", "line 1"))])
    report(Done(bad, [], {}, stopped="Stopped: ...", listed=listed), ["co/o.jsonl"])
    assert words in capsys.readouterr().err


def test_a_stopped_run_in_shards_has_written_no_quarantine(run, tmp_path, empty, monkeypatch):
    """Ctrl-C after the first part: the quarantine comes at the end of the run that goes on."""
    from tagger.batch import supervise

    (tmp_path / "in.jsonl").write_bytes(LINES + b"{oh\n")

    def stopped(job, shards, backend, tell):
        supervise.tag_shard(job, shards[0])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(supervise, "run", stopped)
        done = run("tag", "in.jsonl", "-o", "o.jsonl", "-j", "1", "--models", empty)
    assert done.status == 130 and "to be listed in quarantine.jsonl once the run is done" in done.err, done.err
    assert not (tmp_path / "quarantine.jsonl").exists()
    done = run("tag", "in.jsonl", "-o", "o.jsonl", "-j", "1", "--models", empty)
    assert done.status == 3 and "1 quarantined, listed in quarantine.jsonl" in done.err


def test_what_is_cut_well_is_not_listed_again(run, tmp_path, empty, monkeypatch):
    from tagger.reading.sources import Source

    (tmp_path / "in.jsonl").write_bytes(LINES)
    listed, files = [], Source.files
    monkeypatch.setattr(Source, "files", lambda self: listed.append(self) or files(self))
    assert run("tag", "in.jsonl", "-o", "o.jsonl", "-j", "1", "--models", empty).status == 0
    assert len(listed) == 1


def test_help_names_every_exit_status(run):
    help = " ".join(run("--help").out.replace("│", " ").split())
    assert all(f"{status} " in help for status in (0, 1, 2, 3, 4, 5, 130)) and "5 a place elsewhere could not be reached" in help
