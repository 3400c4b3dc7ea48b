"""Many cases: every record that is seen is accounted for, whatever it is."""

from __future__ import annotations

import bz2
import json

import pytest

from tagger.batch import Tally, tag_all
from tagger.case import Case, Origin, Quarantined, Skipped
from tagger.reading import read

ORIGIN = Origin("made.txt")
WIKI = "<mediawiki><siteinfo/>{}</mediawiki>"
PAGE = "<page><title>{0}</title><ns>{1}</ns><id>{2}</id><revision><text>{3}</text></revision></page>"


@pytest.fixture
def mixed(tmp_path):
    """A folder with a bit of everything that goes wrong."""
    folder = tmp_path / "mixed"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.txt").write_text("The shop is owned by its members.", encoding="utf-8")
    (folder / "deeper" / "b.md").write_text("# Club\n\nVolunteers repair bicycles; nobody is paid.", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.md").write_bytes(b" \r\n\t\n")
    (folder / "latin.txt").write_bytes("Die Genossenschaft gehört ihren Mitgliedern.".encode("cp1252"))
    rows = (b'{"id": 1, "text": "It sells advertising."}', b'{"id": 2, "text": ', b"", b'{"id": 3}', b"[1, 2]", b'{"id": 4, "text": "Free software."}')
    (folder / "rows.jsonl").write_bytes(b"\n".join(rows))
    (folder / "table.csv").write_bytes(b'id,text,year\n1,"A cooperative, of bakers",1999\n2,,2000\n3,"Users upload photographs",2001\n')
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder / ".hidden.txt").write_text("never read")
    pages = [PAGE.format("One", 0, 1, "Members own it."), PAGE.format("Talk:One", 1, 2, "Hm."), PAGE.format("Uno", 0, 3, "#REDIRECT [[One]]")]
    (folder / "wiki.xml").write_text(WIKI.format("".join(pages)), encoding="utf-8")
    packed = bytearray(bz2.compress(WIKI.format("".join(PAGE.format(f"P{i}", 0, i, f"Text {i} of a page") for i in range(50))).encode()))
    packed[len(packed) // 2] ^= 0xFF
    (folder / "damaged.xml.bz2").write_bytes(packed)
    return folder


def run(records, tagger):
    tally, written = Tally(), []
    for state in tag_all(records, tagger, tally, written.append):
        assert state is tally and tally.adds_up, str(tally)
    return tally, written


def test_every_record_is_accounted_for(mixed, rules_alone):
    records = list(read([mixed]))
    tally, written = run(iter(records), rules_alone)
    assert tally.seen == len(records)
    assert tally.written == len(written) == sum(isinstance(r, Case) for r in records)
    assert tally.skipped.total() == sum(isinstance(r, Skipped) for r in records)
    assert tally.quarantined == [r for r in records if isinstance(r, Quarantined)]
    assert [d.case for d in written] == [r for r in records if isinstance(r, Case)], "in the order read"
    assert {"empty", "format", "redirect", "namespace"} <= set(tally.skipped)
    broken = {item.origin.file.split("/")[-1] for item in tally.quarantined}
    assert {"rows.jsonl", "damaged.xml.bz2"} <= broken
    titles = {d.case.title for d in written}
    assert {"a", "Club", "latin", "One"} <= titles


def test_the_statuses_add_up_too(mixed, rules_alone):
    tally, written = run(read([mixed]), rules_alone)
    for facet in ("economy", "model"):
        assert sum(n for (f, _), n in tally.statuses.items() if f == facet) == len(written)
    shown = tally.as_dict()
    assert shown["seen"] == shown["written"] + sum(shown["skipped"].values()) + shown["quarantined"]
    assert sum(shown["model"].values()) == shown["written"]
    json.dumps(shown)
    assert tally.noted == sum(bool(d.case.notes) for d in written)


class Fails:
    """A pipeline that fails on texts that say so."""

    def __init__(self, tagger, error):
        self.tagger, self.error = tagger, error

    def tag(self, case):
        if "fail" in case.text:
            raise self.error
        return self.tagger.tag(case)


@pytest.mark.parametrize("error", [ValueError("[red]odd[/red]"), RecursionError("deep"), MemoryError(), KeyError("x"), AssertionError()])
def test_a_case_that_the_pipeline_fails_on_is_quarantined_and_the_run_goes_on(rules_alone, error):
    cases = [Case(str(i), f"T{i}", text, Origin("f.txt", f"line {i}")) for i, text in enumerate(("good", "fail here", "good again"))]
    tally, written = run(iter(cases), Fails(rules_alone, error))
    assert [d.case.id for d in written] == ["0", "2"]
    (item,) = tally.quarantined
    assert (item.reason, item.origin, item.title) == ("tagging-failed", Origin("f.txt", "line 1"), "T1")
    assert type(error).__name__ in item.message and "report" in item.message
    assert str(tally) == "3 records seen = 2 written + 0 skipped by rule + 1 quarantined"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_ends_the_run(rules_alone, error):
    cases = [Case(str(i), "", text, ORIGIN) for i, text in enumerate(("good", "fail here", "never reached"))]
    tally, written = Tally(), []
    with pytest.raises(error):
        for _ in tag_all(iter(cases), Fails(rules_alone, error()), tally, written.append):
            pass
    assert (tally.seen, tally.written, len(written)) == (1, 1, 1) and tally.adds_up


def test_a_fault_of_the_output_is_no_fault_of_the_case(rules_alone):
    """A full disk must end the run, not fill the quarantine with good texts."""

    def write(decision):
        raise OSError(28, "No space left on device")

    tally = Tally()
    with pytest.raises(OSError, match="No space"):
        list(tag_all(iter([Case("1", "", "good", ORIGIN)]), rules_alone, tally, write))
    assert not tally.quarantined


def test_records_are_taken_one_by_one(rules_alone):
    """A dump of gigabytes is streamed: nothing is read before what came before it is written."""
    events = []

    def records():
        for i in range(3):
            events.append(f"read {i}")
            yield Case(str(i), "", "text", ORIGIN)

    for _ in tag_all(records(), rules_alone, Tally(), lambda d: events.append(f"written {d.case.id}")):
        pass
    assert events == [f"{what} {i}" for i in range(3) for what in ("read", "written")]


def test_counts_that_do_not_add_up_are_seen():
    assert Tally().adds_up and str(Tally()) == "0 records seen = 0 written + 0 skipped by rule + 0 quarantined"
    assert not Tally(seen=1).adds_up
    tally = Tally(seen=4, written=1)
    tally.skipped.update(redirect=2, empty=1)
    assert tally.adds_up
    assert str(tally) == "4 records seen = 1 written + 3 skipped by rule (1 empty, 2 redirect) + 0 quarantined"


def test_repeated_ids_are_counted(tmp_path, rules_alone):
    (tmp_path / "a.txt").write_text("Volunteers write a free encyclopedia.", encoding="utf-8")
    (tmp_path / "a.md").write_text("Volunteers write a free dictionary.", encoding="utf-8")
    tally = Tally()
    written = []
    for _ in tag_all(read([tmp_path]), rules_alone, tally, written.append):
        pass
    assert (tally.written, tally.repeated) == (2, 1)
    assert len(written) == 2
    assert tally.as_dict()["repeated ids"] == 1
