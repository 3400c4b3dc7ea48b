"""HTML to plain text with the way back; menus, footers and scripts stay out, and no text is lost in deep or broken markup.

Own tokeniser: Python's html.parser (3.11) takes 26 s for 20,000 times ``<a `` and four
times that for the double; libxml2 drops what is nested 255 deep.  This one is linear and
does not nest.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tagger.case import OffsetMap
from tagger.reading.offsets import Builder

RAW = frozenset(("script", "style", "textarea", "iframe", "noscript", "noembed", "xmp"))  # what they hold is not markup
HARD = RAW | frozenset(["head", "template", "svg", "math", "select", "button", "object", "canvas", "audio", "video"])  # never prose
SOFT = frozenset(["nav", "footer", "aside"])  # beside the matter, unless they hold most of it
_BREAKS = (
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol"
    " p pre section summary table tbody td tfoot th thead title tr ul"
)
BREAKS = frozenset(_BREAKS.split())  # elements that stand on lines of their own
MAIN_SHARE = 0.4  # of the page's letters that <main> or <article> must hold to stand for the page
SOFT_SHARE = 0.8  # of the page's letters in navigation and footers above which these are read too
PATIENCE = 1000  # tags with "<" inside quotes that are tried: bounds the work on hostile input

_START = re.compile(r"<(?=[a-zA-Z/!?])")
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]*")
_TAGS = (
    re.compile(r"<(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>"),
    re.compile(r"<(?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}'){0,2000}+>"),
    re.compile(r"<[^<>]*>"),
)
_SPLIT = re.compile(r"[ \t\r\n\f]+|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
_LETTER = re.compile(r"\w")
_HTML = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Hypertext:
    """Text of a page, the map into its HTML, its title, and notes on what was read in spite of the markup."""

    text: str
    offsets: OffsetMap
    title: str
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Token:
    """A stretch of the source: `name` is "" for text, "p" or "/p" for a tag."""

    start: int
    end: int
    name: str = ""
    ignored: bool = False  # an opening tag that nothing closes


def looks_like_html(head: str) -> bool:
    """Whether a text begins as an HTML page does."""
    return _HTML.match(head) is not None


def read_html(source: str) -> Hypertext:
    """Read an HTML page: block elements become paragraph breaks, character references are decoded, white space is collapsed.

    Parameters
    ----------
    source : str

    Returns
    -------
    Hypertext
        `text` is that of ``<main>`` (else ``<article>``) where it holds most of the page.  An element never closed hides nothing; if navigation and
        footers hold most of the letters they are read too, with a note.
    """
    tokens = list(_tokens(source))
    broken = _ignore_unclosed(tokens)
    notes = [f"never closed, so read as text: {', '.join(sorted(broken))}"] if broken else []
    pieces = _pieces(source, tokens, HARD | SOFT)
    every = _pieces(source, tokens, HARD)
    letters, all_letters = _letters(source, pieces), _letters(source, every)
    if letters < (1 - SOFT_SHARE) * all_letters:
        pieces, letters = every, all_letters
        notes.append("nearly all text stands in nav, footer or aside: read as text")
    for name in ("main", "article"):
        part = [piece for piece in pieces if name in piece[3]]
        if part and _letters(source, part) >= MAIN_SHARE * letters:
            pieces = part
            break
    return Hypertext(*_join(source, pieces), _title(source, tokens), tuple(notes))


def _tokens(source: str) -> Iterator[_Token]:
    """Split the source into text and tags, in one pass."""
    pos = text = 0
    patience = PATIENCE
    lost: set[str] = set()  # ends that do not come any more
    lowered = source.lower() if source.isascii() else "".join(c.lower() if c.isascii() else c for c in source)  # one for one: offsets hold
    while m := _START.search(source, pos):
        start = m.start()
        end, name = 0, ""
        if source.startswith("<!--", start):
            end, name = _find(lowered, "-->", start + 4, lost), "!"
            end = end + 3 if end >= 0 else start + 4
        else:
            for k, pattern in enumerate(_TAGS):
                if k == 1 and (patience := patience - 1) < 0:
                    continue
                if tag := pattern.match(source, start):
                    end = tag.end()
                    break
            found = _NAME.match(source, start + 1)
            name = found.group().lower() if found else "!"
        if not end:
            pos = start + 1
            continue
        if start > text:
            yield _Token(text, start)
        yield _Token(start, end, name)
        text = pos = end
        if name in RAW:
            close = _find(lowered, f"</{name}", end, lost)
            if close > end:
                yield _Token(end, close)
                text = pos = close
    if len(source) > text:
        yield _Token(text, len(source))


def _find(lowered: str, what: str, start: int, lost: set[str]) -> int:
    """Find an end, and remember when there is none: a search to the end of the page is made once."""
    at = -1 if what in lost else lowered.find(what, start)
    if at < 0:
        lost.add(what)
    return at


def _ignore_unclosed(tokens: list[_Token]) -> set[str]:
    """Mark opening tags of elements that would hide text and are never closed; return their names."""
    waiting: dict[str, list[_Token]] = {}
    for token in tokens:
        if token.name in HARD or token.name in SOFT or token.name == "title":
            waiting.setdefault(token.name, []).append(token)
        elif token.name.startswith("/") and waiting.get(token.name[1:]):
            waiting[token.name[1:]].pop()
    for left in waiting.values():
        for token in left:
            token.ignored = True
    return {name for name, left in waiting.items() if left}


def _pieces(source: str, tokens: list[_Token], hidden: frozenset[str]) -> list[tuple[int, int, str, frozenset[str]]]:
    """Return what shows as (start, end, kind, inside): kind is text, verbatim, break or line; inside says whether in main or article."""
    out = []
    open_: dict[str, int] = dict.fromkeys(("main", "article", "pre", "title"), 0)
    hiding = 0
    for t in tokens:
        name = t.name.lstrip("/")
        step = -1 if t.name.startswith("/") else 1
        if name in hidden and not t.ignored and (step > 0 or open_.get(name)):
            open_[name] = open_.get(name, 0) + step
            hiding += step
        elif name in ("main", "article", "pre", "title") and not t.ignored and (step > 0 or open_[name]):
            open_[name] += step
        if hiding or open_["title"]:
            continue
        inside = frozenset(n for n in ("main", "article") if open_[n])
        if not t.name:
            out.append((t.start, t.end, "verbatim" if open_["pre"] else "text", inside))
        elif name in BREAKS:
            out.append((t.start, t.start, "break", inside))
        elif name == "br":
            out.append((t.start, t.start, "line", inside))
    return out


def _letters(source: str, pieces: list[tuple[int, int, str, frozenset[str]]]) -> int:
    return sum(len(_LETTER.findall(source, start, end)) for start, end, _, _ in pieces)


def _title(source: str, tokens: list[_Token]) -> str:
    """Return the text of ``<title>``, else of the first ``<h1>``."""
    for name in ("title", "h1"):
        parts: list[str] = []
        seen = False
        for t in tokens:
            if (t.name == f"/{name}" and seen) or len(parts) > 50:
                break
            seen = seen or t.name == name
            if seen and not t.name:
                parts.append(source[t.start : min(t.end, t.start + 1000)])
        if text := " ".join(html.unescape("".join(parts)).split()):
            return text
    return ""


def _join(source: str, pieces: list[tuple[int, int, str, frozenset[str]]]) -> tuple[str, OffsetMap]:
    """Join the pieces; a break is owed until text follows, so that none stand at the ends or in a row."""
    out, owed = Builder(), ""
    for start, end, kind, _ in pieces:
        if kind in ("break", "line"):
            owed = "\n\n" if kind == "break" or owed == "\n\n" else "\n"
            continue
        for a, b, shown in _stretches(source, start, end, kind):
            if shown == " ":
                owed = owed or " "
                continue
            if out.size and owed:
                out.put(owed, a)
            owed = ""
            if shown:
                out.put(shown, a)
            else:
                out.keep(source[a:b], a)
    return out.build()


def _stretches(source: str, start: int, end: int, kind: str) -> Iterator[tuple[int, int, str]]:
    """Split a piece into stretches kept as they are ("") and what is shown instead (a space, a decoded reference)."""
    pos = start
    for m in _SPLIT.finditer(source, start, end):
        shown = " " if m.group()[0] != "&" else html.unescape(m.group())
        inner = m.start() > start and m.end() < end  # a space at the piece's end may meet a break
        if (shown == m.group() and (inner or shown != " ")) or (kind == "verbatim" and m.group()[0] != "&"):
            continue
        if m.start() > pos:
            yield pos, m.start(), ""
        yield m.start(), m.end(), shown
        pos = m.end()
    if end > pos:
        yield pos, end, ""
