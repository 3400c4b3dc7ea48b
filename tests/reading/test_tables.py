"""CSV and TSV: columns by alias, everything a string, no row shifted or swallowed (RELIABILITY B32 to B39)."""

import random
import time

import pytest

from tagger.case import Case, Quarantined
from tagger.errors import InputError
from tagger.reading import read


@pytest.fixture
def table(tmp_path):
    def write(content: str | bytes, name: str = "t.csv", **options) -> list:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read([path], **options))

    return write


def show(records) -> list[str]:
    return [f"{r.id}={r.text}" if isinstance(r, Case) else f"{r.reason}@{r.origin.record}" for r in records]


def test_columns_by_alias_and_the_rest_carried_through(table):
    records = table("Case_ID,Initiative,Description,Country,Year\n007,None,A text,NA,2008\n,null,Other,,1e5\n")
    assert show(records) == ["007=A text", "t:3=Other"]
    assert [r.title for r in records] == ["None", "null"]
    assert [dict(r.fields) for r in records] == [{"Country": "NA", "Year": "2008"}, {"Country": "", "Year": "1e5"}]
    assert str(records[0].origin).endswith("t.csv, line 2")


def test_long_ids_and_lookalikes_of_missing_survive(table):
    ids = ["123456789012345678901", "1e5", "true", "NA", "None", "12.0", "007", "nan"]
    records = table("id,text\n" + "".join(f"{id},{id}\n" for id in ids))
    assert [(r.id, r.text) for r in records] == [(id, id) for id in ids]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(table, delimiter):
    content = delimiter.join(["id", '"text"', "note"]) + "\n" + delimiter.join(["1", f'"a{delimiter}b ""c"""', "1,5" if delimiter != "," else "x"]) + "\r\n"
    records = table(content)
    assert show(records) == [f'1=a{delimiter}b "c"']


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-8", "cp1252"])
def test_encodings(table, encoding):
    data = "id,text\r\n1,Café „Zwölf“\r\n".encode(encoding)
    records = table(data, encoding="utf-16-le" if encoding == "utf-16-le" else None)
    assert show(records) == ["1=Café „Zwölf“"]
    assert bool(records[0].notes) == (encoding == "cp1252")


def test_newlines_and_crlf_in_quoted_fields_are_kept(table):
    assert show(table('id,text\r\n1,"a\r\n\r\nb\u2028c\x85d"\r\n2,e\r\n')) == ["1=a\r\n\r\nb\u2028c\x85d", "2=e"]


def test_rows_with_too_many_or_few_fields_are_quarantined(table):
    records = table("id,text\n1,a\n2,b,extra\n3\n4,d\n")
    assert show(records) == ["1=a", "field-count@line 3", "field-count@line 4", "4=d"]
    assert "3 fields where the header has 2" in records[1].message


def test_a_quote_never_closed_costs_its_row_only(table):
    records = table('id,text\n1,a\n2,"b\n3,c\n4,"d"\n5,e\n')
    assert show(records) == ["1=a", "open-quote@line 3", "3=c", "4=d", "5=e"]


def test_a_quote_never_closed_to_the_end(table):
    assert show(table('id,text\n1,"a\n2,b\n3,c\n')) == ["open-quote@line 2", "2=b", "3=c"]
    assert show(table('id,text\n1,"a\nmore of it\n\n3,c\n')) == ["open-quote@lines 2 to 3", "3=c"]


def test_an_open_quote_closed_by_a_later_one_is_seen_by_the_fields(table):
    assert show(table('id,text\n1,"a\n2,b","z"\n3,c\n')) == ["open-quote@line 2", "field-count@line 3", "3=c"]


def test_text_after_a_closing_quote(table):
    assert show(table('id,text\n1,"a" b\n2,c\n')) == ["open-quote@line 2", "2=c"]


def test_conservation_under_random_damage(table):
    dice = random.Random(5)  # noqa: S311
    for _ in range(60):
        rows = [f'{i},"text {i}, with ""quotes""",more\n' for i in range(30)]
        content = list("id,text,note\n" + "".join(rows))
        for _ in range(3):
            content[dice.randrange(15, len(content))] = dice.choice('",\n;x')
        records = table("".join(content))
        whole = {f'{i}=text {i}, with "quotes"' for i in range(30)}
        assert len(whole & set(show(records))) >= 22
        assert len(records) >= 26


def test_fields_over_the_limit_of_the_csv_module(table):
    text = "word " * 60_000
    assert table(f"id,text\n1,{text}\n")[0].text == text
    assert show(table("id,text\n1," + "x" * (16 * 2**20) + "\n2,b\n")) == ["too-large@line 2", "2=b"]


def test_empty_cells_blank_lines_and_a_header_again(table):
    assert show(table("id,text\n1,\n\n2,  \nid,text\n3,c\n")) == ["empty@line 2", "empty@line 4", "header@line 5", "3=c"]


def test_nul_is_replaced_and_noted(table):
    record = table(b"id,text\n1,a\x00b\n")[0]
    assert (record.text, record.notes) == ("a\ufffdb", ("1 NUL character replaced by U+FFFD",))


def test_columns_of_wikitext_and_html_are_read_as_such(table):
    wiki = table("id,wikitext\n1,'''a''' [[b|c]]\n")[0]
    assert (wiki.text, wiki.source) == ("a c", "'''a''' [[b|c]]")
    assert table("id,html\n1,<p>a &amp; b</p>\n")[0].text == "a & b"


def test_text_column(table):
    assert show(table("id,text,Story\n1,a,b\n", text_column="story")) == ["1=b"]
    with pytest.raises(InputError, match=r"no column 'tale'.*'id', 'text'"):
        table("id,text\n1,a\n", text_column="tale")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", r"no column holds the text \(columns found: 'a', 'b'\).*text, wikitext, html, description"),
        ("id,text,Text\n1,2,3\n", r"'text', 'Text'"),
        ("id,text,x,x\n1,2,3,4\n", r"'x', 'x'"),
        ("", "empty"),
        ("\n\n", "empty"),
        ('id,"text\n1,2\n', """columns found: 'id,"text'"""),
        ("id,text\r1,a\r2,b", "carriage return|new-line"),
    ],
)
def test_tables_that_cannot_be_read_are_told_at_once(tmp_path, content, said):
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode())
    with pytest.raises(InputError, match=said) as caught:
        read([path])  # before the first record is asked for
    assert str(path) in str(caught.value)
    (quarantined,) = read([tmp_path])  # in a folder, the others go on
    assert isinstance(quarantined, Quarantined)


def test_the_first_alias_wins_and_others_are_fields(table):
    record = table("summary,text,id,key\ns,t,1,k\n")[0]
    assert (record.text, record.id, dict(record.fields)) == ("t", "1", {"summary": "s", "key": "k"})


def test_ten_thousand_columns(table):
    names = ",".join(["id", "text", *(f"c{i}" for i in range(10_000))])
    assert len(table(f"{names}\n1,a{',' * 10_000}\n")[0].fields) == 10_000


@pytest.mark.parametrize("row", ['1,"a""\n', '1,"a\n', '"\n', '""x\n'])
def test_hostile_quotes_take_linear_time(table, row):
    start = time.perf_counter()
    table("id,text\n" + row * 10_000)
    assert time.perf_counter() - start < 6


def test_lines_that_end_with_a_bare_carriage_return_are_told(tmp_path):
    (tmp_path / "mac.csv").write_bytes(b"id,text\r1,a\r2,b\r")
    with pytest.raises(InputError, match=r"bare carriage returns.*LF or CRLF"):
        read([tmp_path / "mac.csv"])
