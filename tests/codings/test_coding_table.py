"""The table of codings: read, checked, written."""

import pytest

from tagger.codebook import load_codebook
from tagger.codings.table import Coding, columns_of, read_codings, write_codings
from tagger.codings.text import Place
from tagger.errors import InputError

BOOK = load_codebook()


def write(path, *rows, header="case,coder,economy,model,licensing,confidence,date"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_what_is_written_is_read_again(tmp_path):
    codings = [
        Coding("1", "ann", {"economy": "commons", "model": "6", "licensing": "open"}, "=Title, \"quoted\"", confidence="low", note="-a note", codebook="1.0.0",
               date="2026-11-23", blind=True, random=False, set="x", sha256="0" * 64, place=Place(((3, 4), (9, 1)), True)),
        Coding("2", "ann", {"economy": "none", "model": "none"}, blind=False, shown="model 2026.11: none", role="adjudicator"),
        Coding("3", "bob", {"model": "outside"}),
    ]  # fmt: skip
    write_codings(tmp_path / "c.csv", codings, BOOK)
    assert read_codings(tmp_path / "c.csv", BOOK) == codings
    header = (tmp_path / "c.csv").read_text(encoding="utf-8").split("\n")[0]
    assert tuple(header.split(",")) == columns_of(BOOK)
    assert '"\'=Title, ""quoted"""' in (tmp_path / "c.csv").read_text(encoding="utf-8")  # no spreadsheet runs it


def test_every_fault_is_told_with_file_row_and_column(tmp_path):
    path = write(
        tmp_path / "c.csv",
        "1,ann,comons,6,,,",
        "2,ann,commons,12,opne,sure,yesterday",
        "3,ann,commons,1,,,",
        ",,,,,,",
        "5,ann,commons,6,open,high,2026-11-23",
    )
    with pytest.raises(InputError) as told:
        read_codings(path, BOOK)
    lines = str(told.value).split("\n")
    assert lines[0] == "9 faults in the codings:"
    assert f'{path}, row 2, column economy: "comons" is not a code of economy; did you mean "commons"?' in lines[1]
    assert 'row 3, column model: "12" is not a code of model' in lines[2]
    assert "row 3, column licensing" in lines[3] and 'did you mean "open"?' in lines[3]
    assert "row 3, column confidence" in lines[4] and "row 3, column date" in lines[5]
    assert 'row 4, column economy: "commons" contradicts model "1"; with that model go: other' in lines[6]
    assert "row 5, column case" in lines[7] and "row 5, column coder" in lines[8] and "row 5, column model: neither" in lines[9]


def test_one_facet_alone_can_be_coded_and_columns_may_be_few(tmp_path):
    path = write(tmp_path / "c.csv", "1,ann,,6", header="case,coder,economy,model")
    assert read_codings(path, BOOK) == [Coding("1", "ann", {"model": "6"})]


@pytest.mark.parametrize(
    "text, told",
    [
        ("case,economy,model\n1,other,1\n", "no column coder; there are: case, economy, model"),
        ("case,coder,economy,model,licence\n1,a,other,1,open\n", '"licence" is none of the table\'s; did you mean "licensing"?'),
        ("case,coder,economy,model\n1,a,other\n", "row 2: 3 fields where the header has 4"),
        ('case,coder,economy,model\n1,"a,other,1\n', "no valid CSV"),
        ("", "no column case and no coder"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, text, told):
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="(?s)" + told.replace("(", r"\(").replace("?", r"\?")):
        read_codings(tmp_path / "c.csv", BOOK)


def test_not_utf8_is_said(tmp_path):
    (tmp_path / "c.csv").write_bytes("case,coder,economy,model\n1,Zoë,other,1\n".encode("cp1252"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_codings(tmp_path / "c.csv", BOOK)


def test_a_folder_stands_for_its_tables(tmp_path):
    write(tmp_path / "b.csv", "2,ann,other,1,,,")
    write(tmp_path / "a.csv", "1,ann,other,1,,,")
    (tmp_path / "coders.csv").write_text("coder,kind\nann,person\n", encoding="utf-8")
    assert [c.case for c in read_codings(tmp_path, BOOK)] == ["1", "2"]
    with pytest.raises(InputError, match="no such file or folder"):
        read_codings(tmp_path / "nowhere", BOOK)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no \.csv of codings"):
        read_codings(tmp_path / "empty", BOOK)


def test_one_id_is_one_case(tmp_path):
    header = "case,title,coder,economy,model,sha256"
    write(tmp_path / "a.csv", f"1,Bakery,ann,commons,6,{'a' * 64}", f"2,Mill,ann,commons,6,{'b' * 64}", f"3,Inn,ann,commons,6,{'c' * 64}", header=header)
    write(tmp_path / "b.csv", f"2,Mill,bob,commons,6,{'d' * 64}", f"3,The inn,bob,commons,6,{'c' * 64}", header=header)  # revised; retitled
    assert len(read_codings(tmp_path, BOOK)) == 5
    write(tmp_path / "b.csv", f"1,Dairy,bob,commons,6,{'d' * 64}", header=header)
    with pytest.raises(InputError, match=r"b\.csv, case 1: another title and text .*Dairy.* than under this id in .*a\.csv .*Bakery"):
        read_codings(tmp_path, BOOK)
