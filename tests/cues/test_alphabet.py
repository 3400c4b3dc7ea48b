"""One byte for each character, of the right kind."""

from __future__ import annotations

import re

import pytest

from tagger.cues.alphabet import LETTERS, ROOM, Alphabet
from tagger.cues.engine import FastEngine
from tagger.cues.notation import parse_phrase
from tagger.errors import CodebookError

EVERY = "".join(map(chr, range(0x110000)))


def test_every_character_is_one_byte_and_letters_are_letters():
    data = Alphabet("жя").encode(EVERY)
    assert len(data) == len(EVERY)
    letters = {m.start() for m in re.finditer(LETTERS.encode("latin-1"), data)}
    assert letters == {n for n, c in enumerate(EVERY) if c.isalnum() or c == "_"}
    blanks = {n for n, b in enumerate(data) if b == 0x20}
    assert blanks == {n for n, c in enumerate(EVERY) if c.isspace() and c != "\n"}
    assert {n for n, b in enumerate(data) if b == 0x0A} == {0x0A}


def test_letters_that_patterns_name_are_told_from_others_in_both_cases():
    alphabet = Alphabet("жя")
    assert alphabet.encode("ЖЯжя") == alphabet.encode("жяжя")
    assert len({alphabet.encode(c) for c in "жяßéz"}) == 5
    assert alphabet.encode("Б") == alphabet.encode("д") == Alphabet().encode("ж")
    assert Alphabet().encode("É€") == Alphabet().encode("é€") != Alphabet().encode("è£")


@pytest.mark.parametrize("letters", ["жукъ", "αβγ"])
def test_words_of_other_scripts_are_found(letters):
    engine = FastEngine([("a", parse_phrase(f"{letters} ~2 wiki", {})), ("b", parse_phrase("café", {}))])
    text = f"A {letters.upper()} in a Wiki, {letters}s wiki, Café."
    assert [text[hit.start : hit.end] for hit in engine.find(text)] == [f"{letters.upper()} in a Wiki", "Café"]


def test_a_pattern_of_too_many_letters_is_told():
    many = "|".join(chr(0x4E00 + n) for n in range(ROOM + 1))
    with pytest.raises(CodebookError, match=f"zzz: names {ROOM + 1} different letters"):
        FastEngine([("zzz", parse_phrase(many, {}))])
    FastEngine([("one", parse_phrase(many[: 2 * ROOM - 1], {})), ("two", parse_phrase("жук", {}))])
