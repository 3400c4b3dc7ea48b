"""Paths, folders, standard input, plain texts, and the law that counts add up."""

import bz2
import io
import json
import os
import sys
from pathlib import Path

import pytest

from tagger.case import Case, Quarantined, Skipped
from tagger.errors import InputError
from tagger.reading import FORMATS, read


@pytest.fixture
def stdin(monkeypatch):
    def feed(data: bytes, **options) -> list:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return list(read(["-"], **options))

    return feed


def one(path: Path, data: bytes, **options):
    path.write_bytes(data)
    (record,) = read([path], **options)
    return record


def test_a_folder_gives_one_item_a_record_in_a_fixed_order(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name, content in {
        "b/z.txt": "z text",
        "b/a.txt": "a text",
        "a.md": "# Head\n\nbody",
        "c.jsonl": '{"text": "one"}\nbroken\n{"text": ""}\n',
        "d.csv": "id,text\n1,row\n",
        "e.pdf": "%PDF",
        "f.wiki": "#REDIRECT [[x]]",
        "g.HTML": "<p>para</p>",
        "noext": "text",
        ".secret.txt": "hidden",
        ".hidden/x.txt": "hidden",
    }.items():
        (tmp_path / name).write_text(content)
    os.symlink(tmp_path, tmp_path / "b" / "loop")
    os.mkfifo(tmp_path / "pipe.txt")
    seen = list(read([tmp_path]))
    assert [r.text if isinstance(r, Case) else f"{type(r).__name__}:{r.reason}" for r in seen] == [
        "Head\n\nbody", "a text", "z text", "one", "Quarantined:bad-json", "Skipped:empty", "row", "Skipped:format", "Skipped:redirect", "para",
        "Skipped:format",
    ]  # fmt: skip
    assert seen == list(read([tmp_path]))
    kinds = [sum(isinstance(r, kind) for r in seen) for kind in (Case, Skipped, Quarantined)]
    assert kinds == [6, 4, 1] and sum(kinds) == len(seen)


def test_a_missing_path_is_told_before_anything_is_read(tmp_path):
    (tmp_path / "articles.jsonl").write_text('{"text": "x"}\n')
    with pytest.raises(InputError, match=r"artcles\.jsonl does not exist\. Did you mean .*articles\.jsonl\?"):
        read([tmp_path / "articles.jsonl", tmp_path / "artcles.jsonl"])
    with pytest.raises(InputError, match="no folder"):
        read([tmp_path / "nowhere" / "x.txt"])
    with pytest.raises(InputError, match="Nothing in"):
        read([tmp_path / "zzzz"])


def test_unknown_suffix_format_encoding_and_limit(tmp_path):
    path = tmp_path / "a.docx"
    path.write_text("plain words")
    with pytest.raises(InputError, match=r"\.docx.*\.jsonl.*--format"):
        read([path])
    assert next(read([path], format="txt")).text == "plain words"
    for options in ({"format": "docx"}, {"encoding": "klingon"}, {"limit": -1}):
        with pytest.raises(InputError, match=r"docx|klingon|-1"):
            read([tmp_path], **options)


def test_a_file_without_suffix_is_read_by_its_first_bytes(tmp_path):
    assert one(tmp_path / "README", b"plain words").text == "plain words"
    assert one(tmp_path / "lines", b'{"text": "x"}\n').text == "x"


@pytest.mark.parametrize(
    ("data", "text", "notes"),
    [
        (b"one\r\n\r\ntwo\r\n", "one\r\n\r\ntwo\r\n", ()),
        (b"\xef\xbb\xbfone", "one", ()),
        ("é".encode("utf-16"), "é", ()),
        ("é\u20ac".encode("utf-32"), "é\u20ac", ()),
        ("Caf\xe9 \u201cx\u201d".encode("cp1252"), "Caf\xe9 \u201cx\u201d", ("not UTF-8: read as Windows-1252",)),
        (b"caf\xe9 \x81", "caf\xe9 \x81", ("not UTF-8: read as Latin-1",)),
        ("éèà".encode() + b"\xff", "éèà\ufffd", ("1 undecodable place (utf-8) replaced by U+FFFD",)),
        (b"a\x00b", "a\ufffdb", ("1 NUL character replaced by U+FFFD",)),
        (b"  indented \x1b[1m\n", "  indented \x1b[1m\n", ()),
    ],
)
def test_decoding_of_plain_text(tmp_path, data, text, notes):
    case = one(tmp_path / "a.txt", data)
    assert (case.text, case.notes) == (text, notes)
    assert case.given(0, 1) == (0, 1)
    assert (case.id, case.title) == ("a", "a")


def test_encoding_as_told(tmp_path):
    assert one(tmp_path / "a.txt", "中文".encode("gb18030"), encoding="gb18030").text == "中文"
    assert "replaced" in one(tmp_path / "a.txt", b"ok \xff", encoding="utf-8").notes[0]
    assert one(tmp_path / "a.txt", b"\xef\xbb\xbfok", encoding="utf-8").text == "ok"


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_an_empty_file_of_any_format_is_one_record(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_bytes(b"")
    (record,) = read([tmp_path])
    assert isinstance(record, Skipped | Quarantined)


def test_a_text_over_the_limit_is_quarantined(tmp_path):
    record = one(tmp_path / "a.txt", b"x" * (16 * 2**20 + 1))
    assert (type(record), record.reason) == (Quarantined, "too-large")


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(tmp_path, monkeypatch):
    for name in ("a.txt", "b.txt", "c.csv"):
        (tmp_path / name).write_text("text\nwords\n")
    opened = Path.open

    def refuse(self, *args, **kwargs):
        if self.name != "b.txt":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    records = list(read([tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.csv"]))
    assert [type(r) for r in records] == [Quarantined, Case, Quarantined]
    assert "Permission denied" in records[0].message


def test_limit_over_files(tmp_path):
    for i in range(5):
        (tmp_path / f"{i}.txt").write_text("x" if i else "")
    assert [type(r) for r in read([tmp_path], limit=2)] == [Skipped, Case, Case]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain words", "plain words"),
        (b'{"id": "1", "text": "of json"}\n', "of json"),
        (b"<!DOCTYPE html><p>of html</p>", "of html"),
        (b"<mediawiki><page><title>T</title><id>3</id><revision><text>of wiki</text></revision></page></mediawiki>", "of wiki"),
        (b"{{template}} plain", "{{template}} plain"),
        (b"id,text\n1,a\n", "a"),
        (b"\xef\xbb\xbfTitle;Description\r\nx;a\r\n", "a"),
        (b"name\tyear\ttext\nx\t1999\ta, b\n", "a, b"),
        (b"text\na\n", "text\na\n"),  # one column: as well a text
        (b"In short, content, and a title\nare words", "In short, content, and a title\nare words"),
        (b"id,text", "id,text"),  # no row
    ],
)
def test_standard_input_is_sniffed(stdin, data, text):
    (case,) = stdin(data)
    assert case.text == text
    assert case.origin.file == "-"


def test_standard_input_with_format_and_name(stdin):
    (case,) = stdin(b"id;text\n1;a\n", format="csv")
    assert (case.id, case.text) == ("1", "a")
    (case,) = stdin(b"words", name_of_stdin="pasted.txt")
    assert (case.id, case.origin.file) == ("pasted", "pasted.txt")
    assert [type(r) for r in stdin(b"")] == [Skipped]


def test_standard_input_is_read_lazily(monkeypatch):
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            line = json.dumps({"text": "again"}).encode() + b"\n"
            buffer[: len(line)] = line
            return len(line)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    assert len(list(read(["-"], format="jsonl", limit=3))) == 3


def test_markdown(tmp_path):
    source = (
        "---\ntitle: x\n---\n\n## A *great* [thing](http://x.org)\n\n* **bold** item\n1. `code` in snake_case_name and _this_\n> said 2 * 3\n![pic](a.png)end\n"
    )
    case = one(tmp_path / "note.md", source.encode())
    assert case.title == "x"
    assert case.text.strip() == "A great thing\n\nbold item\ncode in snake_case_name and this\nsaid 2 * 3\nend"
    for word in ("great", "thing", "bold", "this", "end"):
        start = case.text.index(word)
        first, last = case.given(start, start + len(word))
        assert case.as_given[first:last] == word
    assert one(tmp_path / "b.md", b"Title here\n==========\n\ntext").title == "Title here"
    assert one(tmp_path / "c.md", b"just text").title == "c"


def test_wiki_file(tmp_path):
    case = one(tmp_path / "Tool Library.mediawiki", b"'''= shared tools'''\n\nURL = http://x.org\n")
    assert (case.title, case.text, case.page.url) == ("Tool Library", "shared tools", "http://x.org")
    assert case.source.startswith("'''=")


def test_html_file(tmp_path):
    case = one(tmp_path / "a.htm", b"<title>About</title><p>We share &amp; care.</p>")
    assert (case.id, case.title, case.text) == ("a", "About", "We share & care.")


def test_the_same_path_as_text_or_list(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert list(read(str(tmp_path))) == list(read([str(tmp_path)])) == list(read([tmp_path]))


@pytest.mark.parametrize("piece", ["[", "*", "_", "`", "[a](b ", '[a](b "', " ", "#", "---\n", "> ", "a\n", "=", "[a](", "title: "])
@pytest.mark.timeout(60)  # quadratic code would take minutes
def test_hostile_markdown_takes_linear_time(tmp_path, piece):
    one(tmp_path / "a.md", b"---\n" + piece.encode() * 20_000)


def test_bytes_read_are_told(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"Volunteers write it. " * 50)
    (tmp_path / "b.jsonl.bz2").write_bytes(bz2.compress(b'{"text": "Members own it."}\n' * 5000))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    told = []
    assert sum(isinstance(r, Case) for r in read(tmp_path, on_bytes=told.append)) == 5001
    assert sum(told) == size
    assert min(told) >= 0
