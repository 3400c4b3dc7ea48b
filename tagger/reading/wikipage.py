"""What a wiki page says of its initiative: definition, lead and description first, other sections only where these are short."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tagger.case import OffsetMap, Page, Quote
from tagger.reading.offsets import Builder, place
from tagger.reading.wikitext import Stripped, blank_hidden, heading_of, strip

CORE = re.compile(
    r"descriptions?|definitions?|about|summary|abstract|overview|characteristics|introduction|intro|what (?:is|are|it is|we do)|mission|general", re.I
)
ASIDE = re.compile(
    r"more info|see also|references?|external|links?$|bibliography"
    r"|sources?$|notes?$|directory|(?:table of )?contents?$|key (?:book|resource|article|essay|link)"
    r"|further|footnotes|related|publications|resources|video|contact|status",
    re.I,
)
SHORT = 60  # words of lead and description under which further sections are read (150 and 400 instead: word overlap with what coders read falls by 0.035)
FILLED = 200  # words at which they are enough
ENOUGH = 400  # the same for a page without a describing section
CAP = 450  # words at which the text ends, at a paragraph border where one is near
LEAD = 150  # words of lead before a description

_HEADING = re.compile(r"^=[^\n]*", re.M)
_CATEGORY = re.compile(r"\[\[\s*(?:category|kategorie|catégorie|categoría)\s*:\s*([^\[\]|\n]{1,300})", re.I)
_ADDRESS = re.compile(r"^[ \t'*:]*URLs?[ \t]?\d?[ \t]*[=:][ \t'\[]*([^\s\]|'<]*)", re.M | re.I)
_DEFINITION = re.compile(r"^(?:'{2,5})?[ \t]*=+[^\n]*", re.M)
_REDIRECT = re.compile(r"\s*#\s*(?:redirect(?:ion)?|weiterleitung|redirección|rinvia)\b", re.I)
_ARGUMENT = re.compile(r"(?<!\[)\|(?:[^\[\]{}|=\n]{0,60}=)?((?:[^|{}\[]|\[(?!\[)|\[\[[^\[\]]{0,500}\]\])*+)")
_WORD = re.compile(r"\S+")
_OPENS = re.compile(r"[ \t'*]*[\"“„«]")
_CLOSES = re.compile(r"[\"”“»][\s.'()\[\],;]*$")
_STOP = re.compile(r"[.!?][\"”’)]*(?=\s)")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of wikitext under one heading; the lead has level 0 and no title."""

    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PageText:
    """The case text of a page, its map into the wikitext, and the page's structure."""

    text: str
    offsets: OffsetMap
    page: Page


def is_redirect(source: str) -> bool:
    """Whether the page only sends its reader elsewhere."""
    return _REDIRECT.match(source) is not None


def sections(source: str) -> list[Section]:
    """Return the lead and the sections of a page, in order."""
    hidden = blank_hidden(source)
    out, title, level, start = [], "", 0, 0
    for m in _HEADING.finditer(hidden):
        depth, name = heading_of(m.group())
        if depth:
            out.append(Section(title, level, start, m.start()))
            title, level, start = strip(name).text, depth, m.end()
    return [*out, Section(title, level, start, len(source))]


def read_page(source: str) -> PageText:
    """Read a page of wikitext.

    Parameters
    ----------
    source : str

    Returns
    -------
    PageText
        `text` has at most 495 words, ending with a paragraph (at a sentence's end where one paragraph alone is longer).  Passages stand in page order.
    """
    parts = sections(source)
    lead, rest = strip(source, parts[0].start, parts[0].end), parts[1:]
    out = _Text(source)
    core = _core(rest)
    out.add(lead, LEAD if core else CAP)
    for section in core or rest:
        if core or out.words < SHORT or not ASIDE.match(section.title):
            out.add(strip(source, section.start, section.end), CAP)
        if out.words >= (CAP if core else ENOUGH):
            break
    if core and out.words < SHORT:
        for section in rest[rest.index(core[-1]) + 1 :]:
            if out.words >= FILLED:
                break
            if not ASIDE.match(section.title):
                out.add(strip(source, section.start, section.end), FILLED)
    if not out.words:  # nothing but asides, or templates: these may hold the whole description
        for section in rest:
            out.add(strip(source, section.start, section.end), ENOUGH)
        for start, end in [] if out.words else _arguments(source):
            out.add(strip(source, start, end), CAP)
    text, offsets = out.builder.build()
    address = _ADDRESS.search(source)
    page = Page(
        definition=_definition(source, parts[0]),
        url=address.group(1) if address and "." in address.group(1) else "",
        categories=tuple(dict.fromkeys(html.unescape(name).replace("_", " ").strip() for name in _CATEGORY.findall(source))),
        headings=tuple(section.title for section in rest),
        quotes=tuple(_placed(out.quotes, offsets, text)),
    )
    return PageText(text, offsets, page)


def _arguments(source: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of template arguments that read like prose: five words or more."""
    if "{{" not in source:
        return
    for m in _ARGUMENT.finditer(source):
        if len(source[m.start(1) : m.end(1)].split()) >= 5:
            yield m.span(1)


def _core(rest: list[Section]) -> list[Section]:
    """Return the describing sections with their subsections."""
    out: list[Section] = []
    under = 0
    for section in rest:
        if under and section.level > under:
            if not ASIDE.match(section.title):
                out.append(section)
            continue
        under = section.level if CORE.match(section.title) else 0
        if under:
            out.append(section)
    return out


def _definition(source: str, lead: Section) -> str:
    """Return the one-line definition of the header, ``'''= ...'''``, without its marks."""
    m = _DEFINITION.search(source, lead.start, lead.end)
    return strip(source, m.start(), m.end()).text if m else ""


class _Text:
    """The case text as it grows: paragraph by paragraph, with a budget of words."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.builder = Builder()
        self.words = 0
        self.quotes: list[tuple[int, int, str]] = []  # places in the wikitext of first and last character, link

    def add(self, part: Stripped, budget: int) -> None:
        """Append paragraphs of `part` until the text has `budget` words."""
        taken = False
        for start, end in _paragraphs(part.text):
            count = len(part.text[start:end].split())
            room = budget - self.words
            if count > room + budget / 10:
                if self.words >= budget * 2 / 3:
                    break
                end = _cut(part.text, start, end, room)
                count = len(part.text[start:end].split())
            if self.builder.size:
                self.builder.put("\n\n", part.offsets.at(start))
            self.builder.keep_from(part.text, part.offsets, start, end)
            self.words += count
            taken = True
            if room <= count:
                break
        if taken:
            self.quotes += _quotes(part)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans between empty lines."""
    start = 0
    while start < len(text):
        end = text.find("\n\n", start)
        end = len(text) if end < 0 else end
        part = text[start:end]
        if kept := part.strip():
            first = start + part.index(kept[0])
            yield first, first + len(kept)
        start = end + 2


def _cut(text: str, start: int, end: int, words: int) -> int:
    """Return where to end a paragraph of more than `words` words: at the last sentence's end in the latter half, else after the word."""
    last = start
    for k, m in enumerate(_WORD.finditer(text, start, end), 1):
        last = m.end()
        if k >= words:
            break
    stops = [m.end() for m in _STOP.finditer(text, start + (last - start) // 2, last + 1)]
    return stops[-1] if stops else last


def _quotes(part: Stripped) -> Iterator[tuple[int, int, str]]:
    """Yield quoted passages, the house style of many wikis: it opens a paragraph with a quotation mark and closes one, a source link behind it.

    A passage that is never closed counts where a source link ends it.
    """
    text = part.text
    marks = [(place(part.offsets, len(text), at), url) for at, url in part.links]
    opened, next_mark = -1, 0
    for start, end in _paragraphs(text):
        if opened < 0 and (m := _OPENS.match(text, start, end)):
            opened = m.end() - 1
        if opened < 0:
            continue
        # The link stands behind the paragraph's last letter, in brackets that were cut with it, or alone in the next line.
        while next_mark < len(marks) and marks[next_mark][0] < end - 1:
            next_mark += 1
        link = marks[next_mark][1] if next_mark < len(marks) and marks[next_mark][0] <= end + 3 else ""
        closes = _CLOSES.search(text, max(opened + 1, end - 12), end)
        if closes or link:
            last = closes.start() + 1 if closes else end
            yield part.offsets.at(opened), part.offsets.at(last - 1), link
            opened = -1


def _placed(quotes: Iterable[tuple[int, int, str]], offsets: OffsetMap, text: str) -> Iterator[Quote]:
    """Move quotes from the wikitext into the case text, and leave out what the cap left out."""
    for first, last, link in quotes:
        start = place(offsets, len(text), first)
        end = min(place(offsets, len(text), last) + 1, len(text))
        if end > start:
            yield Quote(start, end, link)
