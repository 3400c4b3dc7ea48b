"""Wikitext to plain text in one linear pass, with the way back to the wikitext.

mwparserfromhell is quadratic in runs of tags and brackets; here every construct is
found by its own bounded expression, and opened constructs wait on a stack.  What is
never closed stays in the text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from tagger.case import OffsetMap
from tagger.reading.offsets import Builder
from tagger.reading.wikimarks import BEHIND, BLOCK, FIRST_LINE, HIDING, HOLE, INNER, LETTERS, LINE_KINDS, OUTER, PREFIX, SCHEME, SPACES, TARGET_LIMIT, UNSHOWN


@dataclass(frozen=True, slots=True)
class Stripped:
    """Plain text of a stretch of wikitext, the map back, and what was taken out: `headings` and `links` as (place in the wikitext, content)."""

    text: str
    offsets: OffsetMap
    headings: tuple[tuple[int, str], ...]
    links: tuple[tuple[int, str], ...]


def heading_of(line: str) -> tuple[int, str]:
    """Return a line's heading level, 1 to 6, and title; (0, "") for a line that is none (such as the house style ``= one-line definition``)."""
    line = line.strip()
    level = min(len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")), 6)
    title = line[level : len(line) - level].strip()
    return (level, title) if level and title.strip("=") else (0, "")


def strip(source: str, start: int = 0, end: int | None = None) -> Stripped:
    """Strip ``source[start:end]`` of its markup.

    Templates, tables, comments, references, files, categories and magic words go; link labels stay; headings become paragraph breaks; list items
    become lines.  Offsets count from the beginning of `source`.  Linear in the length of the stretch.
    """
    end = len(source) if end is None else end
    walk = _Walk(source, start, end)
    walk.outer()
    walk.inner()
    text, offsets = _tidy(*walk.build())
    return Stripped(text, offsets, tuple(walk.headings), tuple(walk.links))


def blank_hidden(source: str) -> str:
    """Return `source`, of the same length, with what stands in comments, nowiki and pre overwritten by spaces."""
    if "<" not in source:
        return source
    parts, pos, lost = [], 0, set()
    for m in HIDING.finditer(source):
        name = (m["tag"] or "--").lower()
        if m.start() < pos or name in lost:
            continue
        _, stop = _find_close(source, name, m.end(), len(source))
        if stop < 0:
            lost.add(name)
            continue
        parts += [source[pos : m.start()], LETTERS.sub(" ", source[m.start() : stop])]
        pos = stop
    return "".join([*parts, source[pos:]])


class _Walk:
    """The state of one :func:`strip`: `cuts` are (start, end, what stands there instead)."""

    def __init__(self, source: str, start: int, end: int) -> None:
        self.source, self.start, self.end = source, start, end
        self.cuts: list[tuple[int, int, str]] = []
        self.literal: list[tuple[int, int]] = []
        self.headings: list[tuple[int, str]] = []
        self.links: list[tuple[int, str]] = []

    def outer(self) -> None:
        """Find what goes whole: comments, references, templates, tables; and what is not to be looked into (nowiki)."""
        source, end, pos = self.source, self.end, self.start
        if all(source.find(mark, pos, end) < 0 for mark in ("{{", "{|", "<")):
            return
        lost: set[str] = set()  # closing tags that do not come any more: looked for once
        opened: list[list] = []  # [kind, where, braces left]
        count = {"{{": 0, "{|": 0}
        while m := OUTER.search(source, pos, end):
            pos = m.end()
            if m["open"]:
                opened.append(["{{", m.start(), len(m["open"])])
                count["{{"] += 1
            elif m["table"]:
                opened.append(["{|", m.start("table"), 2])
                count["{|"] += 1
            elif m["end"] and count["{|"]:
                self._close(opened, count, "{|", pos, 2)
            elif m["close"]:
                left = len(m["close"])
                while left >= 2 and count["{{"]:
                    left -= self._close(opened, count, "{{", pos - left, left)
            elif m["end"]:
                continue
            else:
                pos = self._element(m, lost)

    def _close(self, opened: list[list], count: dict[str, int], kind: str, at: int, braces: int) -> int:
        """Close the latest open `kind`; return how many of the `braces` at `at` that took."""
        while opened[-1][0] != kind:  # opened inside, never closed: goes with what holds it
            count[opened.pop()[0]] -= 1
        top = opened[-1]
        taken = min(braces, top[2])
        top[2] -= taken
        self.cuts.append((top[1] + top[2], at + taken if kind == "{{" else at, ""))
        if top[2] < 2:
            opened.pop()
            count[kind] -= 1
        return taken

    def _element(self, m: re.Match[str], lost: set[str]) -> int:
        """Cut a comment or a dropped tag with its content, or mark nowiki as literal; return where to go on."""
        name = (m["tag"] or "--").lower()
        if name != "--" and m.group().endswith("/>"):
            return m.end()  # empty tag: the inner walk cuts it
        closing = -1
        if name not in lost:
            closing, stop = _find_close(self.source, name, m.end(), self.end)
        if closing < 0:
            lost.add(name)
            return m.end()
        if name == "nowiki":
            self.cuts += [(m.start(), m.end(), ""), (closing, stop, "")]
            self.literal.append((m.end(), closing))
        else:
            self.cuts.append((m.start(), stop, ""))
        return stop

    def inner(self) -> None:
        """Find links, tags, entities and line markup in what is left."""
        skip = sorted([(a, b) for a, b, _ in self.cuts] + self.literal)
        source, end, pos, i = self.source, self.end, self.start, 0
        links: list[int] = []
        externals: list[int] = []
        m = FIRST_LINE.match(source, pos, end) or INNER.search(source, pos, end)
        while m:
            pos, kind, b = m.end(), m.lastgroup, m.end()
            a = m.start(kind) if kind in LINE_KINDS else m.start()
            while i < len(skip) and skip[i][1] <= a:
                i += 1
            if i < len(skip) and skip[i][0] <= a:
                pos = skip[i][1]
            elif kind == "link":
                links.append(a)
            elif kind == "done" and links:
                self._link(links.pop(), a)
            elif kind == "done" or kind == "shut":
                if externals:
                    at = externals.pop()
                    self.cuts.append((a, a + 1, ""))
                    pos = max(a + 1, at)
            elif kind == "ext":
                self.links.append((a, m.group()[1:].strip()))
                self.cuts.append((a, b, ""))
                externals.append(a)
            elif kind in ("quotes", "magic", "rule", "address", "bullet"):
                self.cuts.append((a, b, ""))
            elif kind == "tag":
                self.cuts.append((a, b, "\n" if BLOCK.match(m.group()) else ""))
            elif kind == "entity":
                decoded = html.unescape(m.group())
                if decoded != m.group():
                    self.cuts.append((a, b, decoded))
            elif kind == "url":
                pos = self._bare(m)
            elif kind == "para":
                links.clear()
                externals.clear()
                pos = b - 1  # the line start after it
            elif kind == "head":
                pos = self._head(a, b)
            m = INNER.search(source, pos, end)

    def _head(self, start: int, end: int) -> int:
        """Cut a heading line whole, of a house-style definition only its marks; return where to go on."""
        line = self.source[start:end]
        level, title = heading_of(line)
        if level:
            self.headings.append((start, title))
            self.cuts.append((start, end, "\n\n"))
            return end
        marks = len(line) - len(line.lstrip("'= \t"))
        self.cuts.append((start, start + marks, ""))
        return start + marks

    def _link(self, at: int, close: int) -> None:
        """Cut ``[[target|`` and ``]]``, or all of a file or category."""
        if UNSHOWN.match(self.source, at + 2, min(at + 60, close)):
            self.cuts.append((at, close + 2, ""))
            return
        bar = self.source.find("|", at + 2, min(at + 2 + TARGET_LIMIT, close))
        label = bar + 1 if 0 <= bar < close - 1 else PREFIX.match(self.source, at + 2, close).end()
        self.cuts += [(at, label, ""), (bar if bar == close - 1 else close, close + 2, "")]

    def _bare(self, m: re.Match[str]) -> int:
        """Cut a bare address, but not the sentence mark or bracket that stands behind it; return where to go on."""
        scheme = SCHEME.search(self.source, max(self.start, m.start() - 5), m.start())
        if not scheme:
            return m.start() + 1
        url = self.source[scheme.start() : m.end()].rstrip(BEHIND)
        if "(" not in url:
            url = url.split(")")[0].rstrip(BEHIND)
        end = scheme.start() + len(url)
        self.links.append((scheme.start(), url))
        self.cuts.append((scheme.start(), end, ""))
        return max(end, m.start() + 1)

    def build(self) -> tuple[str, OffsetMap]:
        out, pos, source = Builder(), self.start, self.source
        for a, b, instead in sorted(self.cuts, key=lambda cut: (cut[0], -cut[1])):
            if a < pos:  # inside something that is gone already (a cut reaches over it, or up to a part of it)
                pos = max(pos, b)
                continue
            out.keep(source[pos:a], pos)
            out.put(instead, a)
            pos = b
        out.keep(source[pos : self.end], pos)
        return out.build()


def _find_close(source: str, name: str, start: int, end: int) -> tuple[int, int]:
    """Return where the closing tag of `name` (``--`` for a comment) starts and ends, or (-1, -1)."""
    if name == "--":
        at = source.find("-->", start, end)
        return (at, at + 3) if at >= 0 else (-1, -1)
    m = re.compile(rf"</{name}\s*>", re.I).search(source, start, end)
    return m.span() if m else (-1, -1)


def _tidy(text: str, offsets: OffsetMap) -> tuple[str, OffsetMap]:
    """Take out brackets that the cuts left empty, then double spaces and more than one empty line."""
    holes = [m.span() for m in HOLE.finditer(text) if _cut_inside(offsets, *m.span())] if "(" in text else []
    if holes:
        text, offsets = _without(text, offsets, holes)
    first = len(text) - len(text.lstrip())
    last = max(first, len(text.rstrip()))
    cuts = [(0, first)]
    for m in SPACES.finditer(text, first, last):
        if m["second"]:
            cuts += [(m.start() + 1, m.start("second")), (m.end("second"), m.end())]
        else:
            cuts.append((m.start() + 1, m.end()))
    return _without(text, offsets, [*cuts, (last, len(text))])


def _without(text: str, offsets: OffsetMap, cuts: list[tuple[int, int]]) -> tuple[str, OffsetMap]:
    """Return the text and map without the spans `cuts`, which ascend."""
    out, pos = Builder(), 0
    for start, end in cuts:
        if end > start:
            out.keep_from(text, offsets, pos, start)
            pos = end
    out.keep_from(text, offsets, pos, len(text))
    return out.build()


def _cut_inside(offsets: OffsetMap, start: int, end: int) -> bool:
    """Whether something of the source was cut between two plain places."""
    return offsets.at(end - 1) - offsets.at(start) > end - 1 - start
