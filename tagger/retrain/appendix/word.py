"""The appendix as DOCX, for those who write with a word processor."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tagger.errors import InputError
from tagger.retrain.appendix.blocks import Block, Document, Heading, Listing, Missing, Plot, Table
from tagger.retrain.appendix.picture import png
from tagger.writing.terminal import visible

if TYPE_CHECKING:
    from docx.document import Document as Word

_EPOCH = (1980, 1, 1, 0, 0, 0)
PAGE, MARGIN = (21.0, 29.7), 2.0  # cm
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_docx(document: Document, date: str) -> bytes:
    """Return the file; `date` (2026-11-23) is noted in its properties. The same document gives the same bytes.

    Raises
    ------
    InputError
        Where python-docx or Pillow is not installed.
    """
    try:
        import docx
        import PIL  # noqa: F401
    except ModuleNotFoundError as missing:
        raise InputError(f"a .docx needs {missing.name}, which is not installed: pip install 'case-tagger[report]'; .md and .html work without it") from None
    word = docx.Document()
    about = word.core_properties
    about.title, about.author, about.comments = _text(document.title)[:255], "tagger", ""
    about.created = about.modified = datetime.fromisoformat(date).replace(tzinfo=UTC)
    _set_up(word)
    word.add_heading(_text(document.title), 0)
    for block in document.blocks:
        _add(word, block)
    out = io.BytesIO()
    word.save(out)
    return _settled(out.getvalue())


def _set_up(word: Word) -> None:
    from docx.shared import Cm, Pt

    for section in word.sections:
        section.page_width, section.page_height = map(Cm, PAGE)
        section.left_margin = section.right_margin = Cm(MARGIN)
    word.styles["Normal"].font.size = Pt(10)


def _add(word: Word, block: Block) -> None:
    from docx.shared import Cm, Pt, RGBColor

    if isinstance(block, Heading):
        word.add_heading(_text(block.text), block.level)
    elif isinstance(block, Table):
        _add_table(word, block)
    elif isinstance(block, Plot):
        picture = word.add_picture(io.BytesIO(png(block)), width=Cm(12))
        picture._inline.docPr.set("descr", _text(f"{block.title}. {block.caption}"))  # for those who cannot see it
        word.paragraphs[-1].paragraph_format.keep_with_next = True
        word.add_paragraph(_text(f"{block.title}. {block.caption}"), "Caption")
    elif isinstance(block, Listing):
        run = word.add_paragraph().add_run(_NO_XML.sub("\ufffd", visible(block.text)))
        run.font.name, run.font.size = "Courier New", Pt(9)
    else:
        run = word.add_paragraph().add_run(_text(block.text))
        if isinstance(block, Missing):
            run.bold, run.font.color.rgb = True, RGBColor(0x8A, 0x5A, 0x00)


def _add_table(word: Word, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    title = word.add_paragraph()
    title.add_run(_text(table.title)).bold = True
    title.paragraph_format.keep_with_next = True
    made = word.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    made.autofit = False
    widths = [Cm(width) for width in _widths(table)]
    for number, row in enumerate((table.columns, *table.rows)):
        cells = made.add_row().cells
        for i, text in enumerate(row):
            cells[i].width = widths[i]
            paragraph = cells[i].paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            if i >= table.words:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = paragraph.add_run(_text(text))
            run.font.size, run.bold = Pt(6.5 if table.dense else 8), not number
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # repeated on every page
    word.add_paragraph()


def _widths(table: Table) -> list[float]:
    """Return widths of columns in cm, by how much they hold; a word processor would make all alike."""
    need = [min(45, max(5, *(len(row[i]) for row in (table.columns, *table.rows)))) for i in range(len(table.columns))]
    return [(PAGE[0] - 2 * MARGIN) * n / sum(need) for n in need]


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", visible(text, one_line=True))


def _settled(data: bytes) -> bytes:
    """python-docx stamps the time on every member: take it off, so that bytes depend on content alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in given.namelist():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, given.read(name))
    return out.getvalue()
