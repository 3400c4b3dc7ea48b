"""HTML to plain text with the way back; menus, footers and scripts stay out, and no text is lost in deep or broken markup."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from tagger.case import OffsetMap
from tagger.reading.offsets import Builder

DROPPED = frozenset("script style nav footer head noscript template svg select button form aside iframe object canvas".split())
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
BREAKS = frozenset(
    "address article blockquote body center dd details dialog div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 header hr li main ol p pre section"
    " summary table tbody td tfoot th thead tr ul".split()
)
KEPT_SHARE = 0.9  # of the visible letters; below it the page is read again by the plain tag stripper
MAIN_SHARE = 0.4  # of the page's text that <main> or <article> must hold to stand for the page

_SPACE = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style|nav|footer|head|noscript|template|svg|select|button|form|aside|iframe|object|canvas)\b[^<>]*>.*?</\1\s*>", re.S | re.I)
_TAG = re.compile(r"<[/!?]?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Hypertext:
    """Text of a page, the map into its HTML, its title, and a note where the markup had to be read the plain way."""

    text: str
    offsets: OffsetMap
    title: str
    notes: tuple[str, ...] = ()


def looks_like_html(head: str) -> bool:
    """Whether a text begins as an HTML page does."""
    return re.match(r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", head, re.I | re.S) is not None


def read_html(source: str) -> Hypertext:
    """Read an HTML page: block elements become paragraph breaks, character references are decoded, white space is collapsed.

    Parameters
    ----------
    source : str

    Returns
    -------
    Hypertext
        `text` is that of ``<main>`` (else ``<article>``) where it holds most of the page.  The visible letters before and after are counted:
        where the parser lost some (a ``<script>`` never closed swallows the rest), a plain tag stripper reads the page instead.
    """
    walk = _Walk(source)
    walk.feed(source)
    walk.close()
    text, offsets = walk.build(walk.pieces)
    visible, found = _visible(source), len(_LETTER.findall(text))
    if found < KEPT_SHARE * visible:
        text, offsets = walk.build(_plainly(source))
        return Hypertext(text, offsets, walk.title, (f"markup is broken: the parser saw {found} of {visible} letters, read without it",))
    for inside in (walk.mains, walk.articles):
        pieces = [piece for piece in walk.pieces if piece[0] in inside]
        if pieces:
            part, part_offsets = walk.build(pieces)
            if len(part) >= MAIN_SHARE * len(text):
                return Hypertext(part, part_offsets, walk.title)
    return Hypertext(text, offsets, walk.title)


def _visible(source: str) -> int:
    """Count letters that stand outside tags and unseen elements; only properly closed ones count as unseen."""
    lowered = source.lower()
    rest = _UNSEEN.sub(" ", source) if len(lowered) == len(source) and _closes(lowered) else source
    return len(_LETTER.findall(_ENTITY.sub("&", _TAG.sub(" ", rest))))


def _closes(lowered: str) -> bool:
    """Whether no unseen element opens much oftener than it closes: else the expression that cuts them would be quadratic."""
    pairs = [("<!--", "-->"), *((f"<{name}", f"</{name}") for name in DROPPED)]
    return all(lowered.count(a) - lowered.count(b) < 50 for a, b in pairs)


def _plainly(source: str) -> list[tuple[int, int, str]]:
    """Return the pieces between tags."""
    pieces, pos = [], 0
    for m in _TAG.finditer(source):
        pieces += [(pos, m.start(), "text"), (m.start(), m.start(), "break")]
        pos = m.end()
    return [*pieces, (pos, len(source), "text")]


class _Walk(HTMLParser):
    """Collects pieces (start, end, kind); kind is text, verbatim, entity or break."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.source = source
        self.lines = [0, *(m.end() for m in re.finditer("\n", source))]
        self.pieces: list[tuple[int, int, str]] = []
        self.mains: set[int] = set()
        self.articles: set[int] = set()
        self.open: dict[str, int] = {}  # how often each element that matters is open: no nesting, so no depth is too deep
        self.dropped = 0
        self._titles: dict[str, list[str]] = {"title": [], "h1": []}

    @property
    def title(self) -> str:
        """The page's title: ``<title>``, else the first ``<h1>``."""
        return next((t for name in ("title", "h1") if (t := " ".join("".join(self._titles[name]).split()))), "")

    def place(self) -> int:
        """Return the offset in the source at which the parser stands."""
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("main", "article", "pre", "title", "h1") or tag in DROPPED:
            if tag == "h1" and self._titles["h1"]:
                tag = "h1 again"
            self.open[tag] = self.open.get(tag, 0) + 1
            self.dropped += tag in DROPPED
        if tag in BREAKS or tag == "h1 again":
            self._add(self.place(), self.place(), "break")
        elif tag == "br":
            self._add(self.place(), self.place(), "line")

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1" and self.open.get("h1 again"):
            self.open["h1 again"] -= 1
        elif self.open.get(tag):
            self.open[tag] -= 1
            self.dropped -= tag in DROPPED
        if tag in BREAKS:
            self._add(self.place(), self.place(), "break")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.handle_starttag(tag, attrs)
        elif tag in BREAKS:
            self._add(self.place(), self.place(), "break")

    def handle_data(self, data: str) -> None:
        self._text(len(data), "verbatim" if self.open.get("pre") else "text")

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name}")

    def _reference(self, written: str) -> None:
        closed = self.source.startswith(";", self.place() + len(written))
        self._text(len(written) + closed, "entity")

    def _text(self, size: int, kind: str) -> None:
        at = self.place()
        for name, parts in self._titles.items():
            if self.open.get(name) and sum(map(len, parts)) < 1000:
                parts.append(html.unescape(self.source[at : at + size]))
        if not self.dropped and not self.open.get("title"):
            self._add(at, at + size, kind)

    def _add(self, start: int, end: int, kind: str) -> None:
        if self.dropped:
            return
        self.pieces.append((start, end, kind))
        if self.open.get("main"):
            self.mains.add(start)
        elif self.open.get("article"):
            self.articles.add(start)

    def build(self, pieces: list[tuple[int, int, str]]) -> tuple[str, OffsetMap]:
        """Join the pieces; a break is owed until text follows, so that none stand at the ends or in a row."""
        out, owed = Builder(), ""
        for start, end, kind in pieces:
            if kind in ("break", "line"):
                owed = "\n\n" if kind == "break" or owed == "\n\n" else "\n"
                continue
            for a, b, shown in self._stretches(start, end, kind):
                if shown is not None and not shown.strip(" \n\t"):
                    owed = owed or " "
                    continue
                if out.size and owed:
                    out.put(owed, a)
                owed = ""
                if shown is None:
                    out.keep(self.source[a:b], a)
                else:
                    out.put(shown, a)
        return out.build()

    def _stretches(self, start: int, end: int, kind: str) -> list[tuple[int, int, str | None]]:
        """Split a piece into stretches kept as they are (None) and what is shown instead (a space, a decoded reference)."""
        if kind == "verbatim":
            return [(start, end, None)]
        if kind == "entity":
            return [(start, end, html.unescape(self.source[start:end]))]
        out: list[tuple[int, int, str | None]] = []
        pos = start
        for m in _SPACE.finditer(self.source, start, end):
            if m.start() > pos:
                out.append((pos, m.start(), None))
            out.append((m.start(), m.end(), " "))
            pos = m.end()
        return [*out, (pos, end, None)] if end > pos else out
