"""``file://`` is this machine: the same file as the plain path, in every part of the command."""

from __future__ import annotations

import pytest

from tagger.errors import InputError
from tagger.places import is_url, key_of, place, plain
from tagger.writing import open_writer
from tagger.writing.jsonl import JsonlWriter


@pytest.mark.parametrize("before", ["file://", "FILE://", "local://", "file://localhost"])
def test_a_url_of_this_machine_is_its_path(tmp_path, before):
    file = tmp_path / "a b%é.jsonl"
    url = before + str(file).replace("%", "%25").replace(" ", "%20")
    assert plain(url) == str(file)
    assert place(url) == file and type(place(url)) is type(file) and not is_url(place(url))
    assert key_of(url) == key_of(file)


def test_links_and_dots_are_one_file(tmp_path):
    (tmp_path / "here").symlink_to(tmp_path)
    assert key_of(f"file://{tmp_path}/here/../{tmp_path.name}/a.csv") == key_of(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["-", "a.csv", "C://a.csv", "file:a.csv", "profile:///a.csv", "a%20b.csv"])
def test_other_names_stay(name):
    assert plain(name) == name


def test_bytes_that_are_no_utf8_come_back(tmp_path):
    assert plain("file:///%ff.txt") == "/\udcff.txt"


@pytest.mark.parametrize("name", ["file://", "file://other/a.csv", "file://a.csv", "file://localhostess/a.csv", "local://a.csv", "file:///a%00b"])
def test_no_file_of_this_machine(name):
    with pytest.raises(InputError, match="three slashes"):
        place(name)


def test_a_writer_of_such_a_url_writes_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    writer = open_writer(f"file://{tmp_path}/o.jsonl")
    assert isinstance(writer, JsonlWriter)
    writer.commit({})
    assert [path.name for path in tmp_path.iterdir()] == ["o.jsonl"]
