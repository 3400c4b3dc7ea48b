"""MediaWiki XML export: pages cut out of the byte stream one by one, each parsed alone, so that one bad page never stops the rest."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import partial
from xml.etree import ElementTree  # each page alone, in a fragment that can hold no DOCTYPE

from tagger.case import Record, Skipped
from tagger.reading.cases import make_case
from tagger.reading.decode import count
from tagger.reading.hypertext import looks_like_html
from tagger.reading.inputs import Input, Unread
from tagger.reading.streams import RECORD_LIMIT, Damage

HEAD_LIMIT = 1024 * 1024
BORDER = 1100  # bytes of a tag that may stand on the border of two chunks
_OPEN, _CLOSE = re.compile(rb"<page(?:\s[^<>]{0,1000})?>"), b"</page>"
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#(\d{1,10})|#[xX]([0-9a-fA-F]{1,8})|([a-zA-Z][a-zA-Z0-9]{0,31}));")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))


def read_dump(given: Input) -> Iterator[Record | Unread]:
    """Yield one record for each page, with flat memory; the wikitext of the last revision is its text."""
    number = 0
    for piece in _pages(given):
        if isinstance(piece, bytes):
            number += 1
            has_id = b"<id>" in piece[: piece.find(b"<revision>")]  # else it is called by its place
            yield Unread(given.origin(f"page {number}"), partial(_record, given, piece, number), piece if has_id else b"")
        elif isinstance(piece, Damage):
            yield given.damaged(piece)
        else:
            reason, message = piece
            broken = reason in ("page-cut", "too-large")
            number += broken
            yield given.quarantined(reason, message, f"page {number}" if broken else "")


def _pages(given: Input) -> Iterator[bytes | Damage | tuple[str, str]]:
    """Cut the stream into pages; what is no page comes as `Damage` or as (reason, message)."""
    buffer, head, seen = b"", b"", 0
    page, scan = -1, 0  # where the open page begins in the buffer (-1: between pages), and up to where was searched
    closed = dropping = damaged = False
    for chunk in given.chunks():
        if isinstance(chunk, Damage):
            yield chunk  # stands for the page it broke, too
            buffer, page, scan, dropping, damaged = b"", -1, 0, False, True
            continue
        if not seen and not damaged and len(head) < HEAD_LIMIT:
            head += chunk
            if fault := _foreign(head, given, final=_OPEN.search(head) is not None):
                yield fault
                return
        buffer += chunk
        while True:
            if page < 0:
                if (m := _OPEN.search(buffer, scan)) is None:
                    closed = closed or buffer.find(b"</mediawiki>", scan) >= 0
                    scan = max(scan, len(buffer) - BORDER)
                    break
                page, scan, seen = m.start(), m.end(), seen + 1
            end = buffer.find(_CLOSE, scan)
            again = _OPEN.search(buffer, scan, end if end >= 0 else len(buffer))
            if again:
                if not dropping:
                    yield "page-cut", f"Page {seen} of {given.name} is not closed before the next one begins."
                page, scan, dropping = -1, again.start(), False
                continue
            if end < 0:
                scan = max(scan, len(buffer) - BORDER)
                if not dropping and len(buffer) - page > RECORD_LIMIT:
                    yield "too-large", f"Page {seen} of {given.name} is over {RECORD_LIMIT >> 20} MiB (all its revisions together)."
                    dropping = True
                page = scan if dropping else page
                break
            if not dropping:
                yield buffer[page : end + len(_CLOSE)]
            page, scan, dropping = -1, end + len(_CLOSE), False
        done = scan if page < 0 else page
        buffer, scan, page = buffer[done:], scan - done, min(page, 0)
    if page == 0 and not dropping:
        yield "page-cut", f"{given.name} ends in the middle of page {seen}: it was cut. The pages before it were read; fetch the file again."
    elif not damaged and not seen:
        yield _foreign(head, given, final=True) or ("no-pages", f"{given.name} is a MediaWiki export that holds no pages (a log, or an empty export).")
    elif not damaged and not closed and not dropping:
        yield "cut", f"{given.name} ends after page {seen} without </mediawiki>: it was cut, and pages may be missing. Fetch it again."


def _foreign(head: bytes, given: Input, final: bool) -> tuple[str, str] | None:
    """Say what a file is that is no dump; None while it may be one."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", text, re.I) and not looks_like_html(text[:4000].decode("latin-1")):
        return "doctype", f"{given.name} holds a DOCTYPE, which no MediaWiki export has: refused."
    if looks_like_html(text[:4000].decode("latin-1")):
        return "not-a-dump", f"{given.name} is an HTML page (an error or login page?), not a MediaWiki export. Fetch the dump again, or rename it to .html."
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "not-a-dump", f"{given.name} is in UTF-16; MediaWiki exports are UTF-8. Convert it first."
    if not final:
        return None
    if not text:
        return "empty", f"{given.name} is empty: there is no MediaWiki export in it."
    if b"<mediawiki" not in text:
        return "not-a-dump", f"{given.name} is no MediaWiki export: it has no <mediawiki> element."
    return None


def _record(given: Input, data: bytes, number: int) -> Record:
    """Read one page."""
    data, wrong = _CONTROL.subn(b"\xef\xbf\xbd", data)
    notes = (f"{count(wrong, 'control character')} replaced by U+FFFD",) if wrong else ()
    try:
        page = ElementTree.fromstring(data)  # noqa: S314
    except ElementTree.ParseError:
        try:
            text, more = _mended(data)
            page, notes = ElementTree.fromstring(text), notes + more  # noqa: S314
        except (ElementTree.ParseError, RecursionError) as error:
            return given.quarantined("bad-xml", f"Page {number} is not well-formed ({error}); the other pages are read.", f"page {number}", _title(data))
    title = page.findtext("title") or ""
    id = page.findtext("id") or f"{given.stem}:{number}"
    origin = given.origin(f"page {number}")
    if (page.findtext("ns") or "0").strip() != "0":
        return Skipped("namespace", origin, title)
    if page.find("redirect") is not None:
        return Skipped("redirect", origin, title)
    return make_case("wikitext", id.strip(), title, _text(page), origin, notes=notes)


def _text(page: ElementTree.Element) -> str:
    """Return the text of the last revision (of its main slot, in export 0.11)."""
    revisions = page.findall("revision")
    if not revisions:
        return ""
    text = revisions[-1].findtext("text")
    if text is None:
        slots = [slot for slot in revisions[-1].findall("content") if (slot.findtext("role") or "main").strip() == "main"]
        text = slots[0].findtext("text") if slots else None
    return text or ""


def _mended(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Replace what XML does not allow: wrong bytes, wrong characters, references to them, names of HTML."""
    text = data.decode("utf-8", errors="replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    text, unfit = _UNFIT.subn("\ufffd", text)
    lost += unfit

    def reference(m: re.Match[str]) -> str:
        nonlocal lost
        if m[3]:
            return m.group() if m[3] in _XML_NAMES else html.escape(html.unescape(m.group()))
        code = int(m[1]) if m[1] else int(m[2], 16)
        if code > 0x10FFFF or _UNFIT.match(chr(code)):
            lost += 1
            return "\ufffd"
        return m.group()

    text = _REFERENCE.sub(reference, text)
    return text, (f"{count(lost, 'illegal character')} replaced by U+FFFD",) if lost else ()


def _title(data: bytes) -> str:
    m = re.search(rb"<title>([^<]{1,1000})</title>", data)
    return html.unescape(m.group(1).decode("utf-8", "replace")) if m else ""
