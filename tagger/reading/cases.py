"""From one text of a known kind to a `Case`: plain, Markdown, HTML or wikitext."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tagger.case import Case, OffsetMap, Origin, Skipped
from tagger.reading.decode import mend
from tagger.reading.hypertext import read_html
from tagger.reading.offsets import Builder
from tagger.reading.wikipage import is_redirect, read_page

_UNDERLINE = re.compile(r"(?:={2,}|-{2,})[ \t\r]*\Z")
_FRONT = re.compile(r"---[ \t]*\r?\n.*?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_FRONT_TITLE = re.compile(r"^title[ \t]*:([^\n]*)", re.M | re.I)
_MARKS = re.compile(
    r"^[ \t]*#{1,6}[ \t]+|^[ \t]*(?:[*+-]|\d{1,3}[.)])[ \t]+|^[ \t]*>[ \t]?|^(?:={2,}|-{2,}|\*{3,}|`{3,}[^\n]*)[ \t]*$"
    r"|\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`"
    r"|!?\[(?P<label>[^\[\]\n]{0,1000})\]\((?P<target>[^()\s]{0,2000})(?:[ \t]+\"[^\"\n]{0,500}\")?\)",
    re.M,
)


def make_case(
    kind: str, id: str, title: str, given: str, origin: Origin, fields: Mapping[str, Any] | None = None, notes: tuple[str, ...] = ()
) -> Case | Skipped:
    """Make a case of one text.

    Parameters
    ----------
    kind : {"text", "markdown", "html", "wikitext"}
    id, title : str
        An empty `title` is taken from the text where its kind tells one, else is the `id`.
    given : str
        The text as the user gave it, decoded.

    Returns
    -------
    Case or Skipped
        Skipped with "empty" if no text is left, or "redirect" for a wiki page that only is one.
    """
    given, mended = mend(given)
    notes += mended
    text, source, offsets, page = given, None, None, None
    if kind == "wikitext":
        if is_redirect(given):
            return Skipped("redirect", origin, title)
        read = read_page(given)
        text, source, offsets, page = read.text, given, read.offsets, read.page
    elif kind == "html":
        hypertext = read_html(given)
        text, source, offsets = hypertext.text, given, hypertext.offsets
        title, notes = title or hypertext.title, notes + hypertext.notes
    elif kind == "markdown":
        (text, offsets), source = strip_markdown(given), given
        title = title or markdown_title(given)
    title, _ = mend(title)
    if not text.strip():
        return Skipped("empty", origin, title or id)
    return Case(id, title or id, text, origin, source, offsets, dict(fields or {}), page, notes)


def markdown_title(given: str) -> str:
    """Return the title in the front matter, else the first heading (``# so`` or underlined), else ''."""
    front = _FRONT.match(given)
    if front and (m := _FRONT_TITLE.search(front.group())):
        return m.group(1).strip(" \t\r\"'")
    before = ""
    for line in given[front.end() if front else 0 :].split("\n"):
        marks = len(line) - len(line.lstrip("#"))
        if 1 <= marks <= 6 and line[marks : marks + 1] in (" ", "\t"):
            return strip_markdown(line.strip("# \t\r"))[0].strip()
        if before.strip() and _UNDERLINE.match(line):
            return strip_markdown(before)[0].strip()
        before = line
    return ""


def strip_markdown(given: str) -> tuple[str, OffsetMap]:
    """Take out front matter, heading, list, quotation and emphasis marks and link targets; all else stays as it is."""
    out = Builder()
    front = _FRONT.match(given)
    pos = front.end() if front else 0
    for m in _MARKS.finditer(given, pos):
        out.keep(given[pos : m.start()], pos)
        if m["target"] is not None and not m.group().startswith("!"):
            out.keep(m["label"], m.start("label"))
        pos = m.end()
    out.keep(given[pos:], pos)
    return out.build()
