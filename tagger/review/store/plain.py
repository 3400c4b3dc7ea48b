"""Texts as every database takes them: no NUL (PostgreSQL refuses it), no lone surrogates (UTF-8 has none)."""

from __future__ import annotations

import re
import unicodedata

LONGEST_ID = 1000  # characters of a case's id
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def faults_of_name(name: str, longest: int) -> str:
    """Return what is wrong with the name of a case or coder ('' if nothing)."""
    if not name.strip():
        return "is empty"
    if len(name) > longest:
        return f"has {len(name)} characters; at most {longest}"
    return "holds a NUL or half a character (a lone surrogate); mend it" if _UNSTORABLE.search(name) else ""


def folded(text: str) -> str:
    """Return `text` so that what reads alike in small and capital letters is alike."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("\ufffd", text).casefold())


def like(word: str) -> str:
    """Return the LIKE pattern (escape ``\\``) of texts that hold the folded `word`."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
