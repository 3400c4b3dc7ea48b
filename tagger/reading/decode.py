"""Bytes to text: byte-order marks, UTF-8, and what to do when it is neither.  Nothing is ever dropped without a note."""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def count(number: int, thing: str) -> str:
    """Return "1 thing" or "2 things"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def bom_of(data: bytes) -> tuple[str, int]:
    """Return the encoding that a byte-order mark at the start of `data` tells, and the mark's length ("", 0 if there is none)."""
    return next(((name, len(mark)) for mark, name in BOMS if data.startswith(mark)), ("", 0))


def decode(data: bytes, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Decode `data`, without its byte-order mark, and say what had to be guessed or replaced.

    Parameters
    ----------
    data : bytes
    encoding : str, optional
        What the user says it is.  Without it: the byte-order mark, else UTF-8, else Windows-1252 (Latin-1 where that has no letter).

    Returns
    -------
    text : str
        May hold NUL and lone surrogates: see :func:`mend`.
    notes : tuple of str
    """
    told, mark = bom_of(data)
    if encoding is None or (told and codecs.lookup(encoding).name.startswith(told[:6])):
        data, name = data[mark:], told or "utf-8"
    else:
        name = encoding
    try:
        return data.decode(name), ()
    except UnicodeDecodeError:
        text = data.decode(name, errors="replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if encoding is None and not told and len(_MULTIBYTE.findall(data)) <= lost:
        try:
            return data.decode("cp1252"), ("not UTF-8: read as Windows-1252",)
        except UnicodeDecodeError:
            return data.decode("latin-1"), ("not UTF-8: read as Latin-1",)
    return text, (f"{count(lost, 'undecodable place')} ({name}) replaced by U+FFFD",)


def mend(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace NUL and lone surrogates, which no later stage can write, by U+FFFD, one for one."""
    found = _UNFIT.findall(text)
    if not found:
        return text, ()
    nuls = found.count("\x00")
    notes = [f"{count(nuls, 'NUL character')} replaced by U+FFFD"] if nuls else []
    if len(found) > nuls:
        notes.append(f"{count(len(found) - nuls, 'lone surrogate')} replaced by U+FFFD")
    return _UNFIT.sub("\ufffd", text), tuple(notes)
