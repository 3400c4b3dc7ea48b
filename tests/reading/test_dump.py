"""MediaWiki exports: what counts as a page, what is skipped, and what a bad page may cost (RELIABILITY B2, B11 to B20)."""

import bz2
import random
import tracemalloc

import pytest

from tagger.case import Case
from tagger.reading import read

HEAD = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">\n<siteinfo><sitename>Trial</sitename></siteinfo>\n'


def page(id: int, text: str, title: str = "", ns: int = 0, extra: str = "") -> str:
    return (
        f"<page><title>{title or f'Page {id}'}</title><ns>{ns}</ns><id>{id}</id>{extra}<revision><id>{id + 900}</id>"
        f'<text bytes="{len(text)}" xml:space="preserve">{text}</text><sha1>x</sha1></revision></page>\n'
    )


@pytest.fixture
def dump(tmp_path):
    def write(*pages: str, end: str = "</mediawiki>", head: str = HEAD, name: str = "dump.xml") -> list:
        path = tmp_path / name
        data = (head + "".join(pages) + end).encode("utf-8", "surrogatepass")
        path.write_bytes(bz2.compress(data) if name.endswith("bz2") else data)
        return list(read([path]))

    return write


def ids(records) -> list[str]:
    return [r.id if isinstance(r, Case) else f"{type(r).__name__}:{r.reason}" for r in records]


def test_pages_redirects_and_namespaces(dump):
    records = dump(
        page(1, "A bakery &amp; more."),
        page(2, "x", extra='<redirect title="Page 1" />'),
        page(3, "talk", ns=1),
        page(4, "#REDIRECT [[Page 1]]"),
        page(5, "[[Category:Only]]"),
        name="d.xml.bz2",
    )
    assert ids(records) == ["1", "Skipped:redirect", "Skipped:namespace", "Skipped:redirect", "Skipped:empty"]
    assert records[0].text == records[0].source == "A bakery & more."
    assert records[0].title == "Page 1"
    assert [str(r.origin).rsplit(", ")[1] for r in records] == [f"page {i}" for i in range(1, 6)]


def test_a_cut_dump_keeps_the_pages_before_and_counts_one_fault(dump):
    records = dump(page(1, "one"), page(2, "two"), page(3, "three words here")[:120], end="")
    assert ids(records) == ["1", "2", "Quarantined:page-cut"]


def test_a_dump_cut_between_two_pages_is_noticed(dump):
    assert ids(dump(page(1, "one"), end="")) == ["1", "Quarantined:cut"]


def test_a_control_character_is_replaced_and_noted(dump):
    records = dump(page(1, "one \x0b bar"), page(2, "two"))
    assert ids(records) == ["1", "2"]
    assert records[0].text == "one \ufffd bar"
    assert "1 control character" in records[0].notes[0]
    assert records[1].notes == ()


@pytest.mark.parametrize(
    ("bad", "text"), [("a &#11; b", "a \ufffd b"), ("a &nbsp;b", "a \xa0b"), ("a \ud800 b", "a \ufffd\ufffd\ufffd b"), ("a \ufffe b", "a \ufffd b")]
)
def test_what_xml_forbids_is_mended(dump, bad, text):
    records = dump(page(1, bad), page(2, "two"))
    assert ids(records) == ["1", "2"]
    assert records[0].text == text


def test_a_page_that_is_not_well_formed_costs_itself_only(dump):
    records = dump(page(1, "one"), page(2, "two <b>bold</i>"), page(3, "three"))
    assert ids(records) == ["1", "Quarantined:bad-xml", "3"]
    assert records[1].title == "Page 2"
    assert records[1].origin.record == "page 2"


def test_a_page_opened_again_before_it_was_closed(dump):
    records = dump(page(1, "one"), page(2, "two").replace("</page>", ""), page(3, "three"))
    assert ids(records) == ["1", "Quarantined:page-cut", "3"]


def test_unknown_elements_are_skipped_and_the_last_revision_wins(dump):
    old = "<discussionthreadinginfo><x>1</x></discussionthreadinginfo><revision><id>5</id><text>old</text></revision>"
    assert dump(page(1, "new", extra=old))[0].text == "new"


def test_content_slots_and_deleted_text(dump):
    slots = "<content><role>aside</role><text>no</text></content><content><role>main</role><text>yes</text></content>"
    slotted = f"<page><title>T</title><ns>0</ns><id>7</id><revision><id>1</id>{slots}</revision></page>"
    deleted = '<page><title>T</title><ns>0</ns><id>8</id><revision><id>1</id><text deleted="deleted" /></revision></page>'
    records = dump(slotted, deleted)
    assert records[0].text == "yes"
    assert ids(records)[1] == "Skipped:empty"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("<!DOCTYPE html><html><body>Log in</body></html>", "not-a-dump"),
        ("<rss><item>x</item></rss>", "not-a-dump"),
        (HEAD + "</mediawiki>", "no-pages"),
        (HEAD + "<logitem><id>1</id></logitem></mediawiki>", "no-pages"),
        ('<!DOCTYPE m [<!ENTITY a "ha">]>' + HEAD + page(1, "&a;") + "</mediawiki>", "doctype"),
        ('<?xml version="1.0"?><!DOCTYPE m SYSTEM "file:///etc/passwd">' + HEAD + page(1, "x") + "</mediawiki>", "doctype"),
    ],
)
def test_what_is_no_dump_is_said_in_one_sentence(tmp_path, content, reason):
    path = tmp_path / "d.xml"
    path.write_text(content)
    records = list(read([path]))
    assert ids(records) == [f"Quarantined:{reason}"]
    assert str(path) in records[0].message


def test_a_page_over_the_limit_is_quarantined_and_the_rest_read(dump):
    records = dump(page(1, "one"), page(2, "word " * 4_000_000), page(3, "three"))
    assert ids(records) == ["1", "Quarantined:too-large", "3"]


def test_a_damaged_stream_in_the_middle_keeps_the_pages_around(tmp_path):
    parts = [HEAD, *(page(i, f"text {i}") for i in range(1, 6)), "</mediawiki>"]
    streams = [bz2.compress(part.encode()) for part in parts]
    broken = bytearray(streams[3])
    broken[2] ^= 0x20
    path = tmp_path / "d.xml.bz2"
    path.write_bytes(b"".join([*streams[:3], bytes(broken), *streams[4:]]))
    assert ids(read([path])) == ["1", "2", "Quarantined:bz2-damaged", "4", "5"]


def test_limit_counts_cases_and_reads_no_further(tmp_path):
    path = tmp_path / "d.xml"
    path.write_text(HEAD + page(1, "x", ns=3) + page(2, "two") + page(3, "three") + "<page>never closed")
    assert ids(read([path], limit=1)) == ["Skipped:namespace", "2"]
    assert ids(read([path], limit=0)) == []


def test_pages_over_the_borders_of_chunks(dump):
    texts = {i: "word " * (i * 7919 % 60_000) + "end" for i in range(1, 60)}
    records = dump(*(page(i, text) for i, text in texts.items()))
    assert ids(records) == [str(i) for i in texts]
    assert all(r.source == texts[int(r.id)] for r in records)


def test_memory_is_flat(tmp_path):
    letters = random.Random(3)  # noqa: S311
    path = tmp_path / "d.xml.bz2"
    with bz2.open(path, "wb", compresslevel=1) as file:
        file.write(HEAD.encode())
        for i in range(1, 601):
            file.write(page(i, f"some words {letters.getrandbits(120_000):x}").encode())
        file.write(b"</mediawiki>")
    tracemalloc.start()
    kinds = [type(record) for record in read([path])]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kinds == [Case] * 600
    assert peak < 6_000_000  # the dump is 18 MB open
