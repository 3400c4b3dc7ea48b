"""The words of a text, looked at once: which columns of a classifier they fill, and where they stand.

:func:`tagger.coding.features.word_terms` and :func:`~tagger.coding.features.place_terms` say in plain words which terms a case has. Here no term is ever
written out: words are numbered, a pair is a pair of numbers, and what they fill is looked up for all words of a text together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from tagger.case import Case
from tagger.coding.features import MAX_WORDS, WORD, head_end
from tagger.cues.remembered import Remembered
from tagger.cues.sentences import sentence_spans

_SPLIT = re.compile(f"({WORD.pattern})").split  # what stands between words, and words, in turns
PLACES = ("head", "title", "definition")


class Vocabulary:
    """The words that a classifier's terms are made of, numbered from 0; `size` stands for every other word.

    Parameters
    ----------
    words, places : sequence of str
        The terms of the blocks of these names; the second with their places before them (``head:free software``).
    """

    def __init__(self, words: Sequence[str], places: Sequence[str]):
        self.numbers: dict[str, int] = {}
        by_place: dict[str, list[tuple[int, str]]] = {"": list(enumerate(words)), **{place: [] for place in PLACES}}
        for column, term in enumerate(places):
            place, colon, rest = term.partition(":")
            if colon and place in by_place:
                by_place[place].append((column, rest))
        split = {place: [(column, *self._split(term)) for column, term in terms] for place, terms in by_place.items()}
        self.size = len(self.numbers)
        self.columns = {place: _Columns(terms, self.size) for place, terms in split.items()}
        self._spelled = Remembered(self._number)

    def of(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of words as they are spelled in a text."""
        return list(map(self._spelled.__getitem__, words))

    def _number(self, spelled: str) -> int:
        return self.numbers.get(spelled.lower().replace("’", "'"), len(self.numbers))

    def _split(self, term: str) -> tuple[int, int]:
        first, space, second = term.partition(" ")
        number = self.numbers.setdefault
        return number(first, len(self.numbers)), number(second, len(self.numbers)) if space else -1


class _Columns:
    """The columns of single words, by number, and of pairs, found by bisection.

    Parameters
    ----------
    terms : list of (column, number of the first word, number of the second or -1)
    size : int
        Numbers are 0 to `size`, both included.
    """

    def __init__(self, terms: Sequence[tuple[int, int, int]], size: int):
        self._singles = np.full(size + 1, -1)
        for column, first, second in terms:
            if second < 0:
                self._singles[first] = column
        self._base = size + 1
        pairs = sorted((first * self._base + second, column) for column, first, second in terms if second >= 0)
        self._keys = np.array([key for key, _ in pairs] + [self._base * self._base])  # one more than any pair: bisection never runs over the end
        self._of_pair = np.array([column for _, column in pairs] + [-1])

    def singles(self, numbers: np.ndarray) -> np.ndarray:
        """Return the column of each word, -1 where it has none."""
        return self._singles[numbers]

    def pairs(self, numbers: np.ndarray) -> np.ndarray:
        """Return the column of each word with the next, -1 where they have none; one shorter than `numbers`."""
        keys = numbers[:-1] * self._base + numbers[1:]
        at = self._keys.searchsorted(keys)
        return np.where(self._keys[at] == keys, self._of_pair[at], -1)

    def filled(self, numbers: np.ndarray) -> np.ndarray:
        """Return the columns that the words and pairs fill, as often as they do."""
        columns = np.concatenate((self.singles(numbers), self.pairs(numbers)))
        return columns[columns >= 0]


class ReadText:
    """The words of one text, found once.

    Parameters
    ----------
    text : str
    vocabulary : Vocabulary

    Attributes
    ----------
    words, pairs : int arrays (n,), (n - 1,)
        The column of each word in the block *words*, and of it with the next one; -1 where it has none. All words of the text are here, though only the
        first `MAX_WORDS` count.
    """

    def __init__(self, text: str, vocabulary: Vocabulary):
        self._text, self._vocabulary = text, vocabulary
        self._parts = _SPLIT(text)
        self._found = self._parts[1::2]
        self._listed = vocabulary.of(self._found)
        self._numbers = np.array(self._listed, dtype=int)
        columns = vocabulary.columns[""]
        self.words, self.pairs = columns.singles(self._numbers), columns.pairs(self._numbers)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each word begins, shape (n,)."""
        return np.cumsum([*map(len, self._parts[:-1])], dtype=int)[::2]

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """The spans of the sentences."""
        return sentence_spans(self._text)

    def occurrences(self) -> np.ndarray:
        """Return the columns of the block *words* that the text fills, as often as it does."""
        columns = np.concatenate((self.words[:MAX_WORDS], self.pairs[: MAX_WORDS - 1]))
        return columns[columns >= 0]

    def in_places(self, case: Case) -> np.ndarray:
        """Return the columns of the block *places* that the case of this text fills, as often as it does."""
        columns = self._vocabulary.columns
        parts = [columns["head"].filled(self._numbered(self._text, head_end(self._text, self.sentences)))]
        title = columns["title"].singles(self._numbered(case.title))
        parts.append(title[title >= 0])
        if case.page:
            parts.append(columns["definition"].filled(self._numbered(case.page.definition)))
        return np.concatenate(parts)

    def _numbered(self, text: str, end: int = sys.maxsize) -> np.ndarray:
        return np.array(self._vocabulary.of(WORD.findall(text, 0, end)[:MAX_WORDS]), dtype=int)

    def place_of(self, term: str) -> tuple[int, int] | None:
        """Return the span of the first occurrence of a term of the vocabulary; None for a word of the title, which is not in the text."""
        prefix, colon, rest = term.partition(":")
        if prefix == "title" and colon:
            return None
        first, _, second = (rest if colon else term).partition(" ")
        numbers, at = self._vocabulary.numbers, -1
        number, after = numbers.get(first), numbers.get(second)
        if number is None or (second and after is None):
            return None
        while True:
            try:
                at = self._listed.index(number, at + 1, MAX_WORDS)
            except ValueError:
                return None
            if not second:
                return self._span(at, at)
            if at + 1 < MAX_WORDS and self._listed[at + 1 : at + 2] == [after]:
                return self._span(at, at + 1)

    def _span(self, first: int, last: int) -> tuple[int, int]:
        starts = self._starts
        return starts[first], starts[last] + len(self._found[last])

    @cached_property
    def _starts(self) -> list[int]:
        return self.starts.tolist()
