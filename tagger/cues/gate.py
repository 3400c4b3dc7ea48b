"""Where patterns may begin: a look at the words of a text one by one, which lets too much through and never too little.

Each word that a pattern asks for is a *class* of tokens. What a token belongs to is looked up once for every spelling; a pattern may begin at a token of
its first class after which tokens of the others follow, near enough and in order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from tagger.cues.notation import MARK, PREFIX, REGEX, Gap, Item, Word, fold

TOKEN = re.compile(r"\w+(?:[-\u2010\u2011'\u2019]\w+)*")
REMEMBERED = 100_000  # spellings looked up; then all are forgotten, so that memory stays flat
SHORT = 4  # letters: English words of fewer are in nearly every text
_HYPHENS = re.compile("[-\u2010\u2011]")


class _Step(NamedTuple):
    """A class, and how many tokens its token stands behind that of the step before: at least, at most."""

    number: int
    low: int
    high: int


class _Kind:
    """What tokens of the same classes have in common: these (as a set, and as a number with a bit for each), and the patterns to ask about."""

    def __init__(self, classes: frozenset[int], patterns: tuple[int, ...]):
        self.classes, self.bits, self.patterns = classes, _bits(classes), patterns


class WordGate:
    """Tells which patterns may begin at which tokens.

    Parameters
    ----------
    patterns : sequence of tuples of Item
    """

    def __init__(self, patterns: Sequence[tuple[Item, ...]]):
        self._literals: dict[str, list[int]] = {}
        self._prefixes: dict[str, list[int]] = {}
        self._regexes: list[tuple[re.Pattern[str], int]] = []
        self._longest = 0  # of the prefixes
        self._numbers: dict[Word, int] = {}
        self._steps = [self._steps_of(items) for items in patterns]
        self._needs = [frozenset(step.number for step in steps) for steps in self._steps]
        self._bits = [_bits(needs) for needs in self._needs]
        self._open = frozenset(i for i, items in enumerate(patterns) if not self._needs[i] or _is_mark(items[0]))  # may begin at what is no token
        # by the class that is likely the rarest, so that few patterns are asked about each text: no short words, and in few other patterns
        shared = Counter(number for needs in self._needs for number in needs)
        rank = {n: (min(len(text) for _, text in word.alternatives) < SHORT, shared[n], n) for word, n in self._numbers.items()}
        self._by_class: dict[int, list[int]] = {}
        for i, needs in enumerate(self._needs):
            if needs:
                self._by_class.setdefault(min(needs, key=rank.__getitem__), []).append(i)
        self._known: dict[str, _Kind | None] = {}
        self._kinds: dict[frozenset[int], _Kind | None] = {frozenset(): None}

    def possible(self, text: str) -> dict[int, Sequence[int]]:
        """Return the patterns that may occur, each with the offsets where it may begin; with none where it may begin anywhere."""
        at: dict[_Kind, list[int]] = {}
        known = self._known
        for n, token in enumerate(TOKEN.findall(text)):
            kind = known[token] if token in known else self._look_up(token)
            if kind is not None:
                at.setdefault(kind, []).append(n)
        there = reduce(or_, (kind.bits for kind in at), 0)
        asked = [i for i in {i for kind in at for i in kind.patterns} if self._bits[i] & there == self._bits[i]]
        places = _places(at, frozenset().union(*(self._needs[i] for i in asked)))
        first = {i: tokens for i in asked if (tokens := _starts(self._steps[i], places))}
        offsets = [*map(re.Match.start, TOKEN.finditer(text))] if first else []  # found again: to keep all matches of a long text is slower
        found: dict[int, Sequence[int]] = {i: () for i in self._open if not self._needs[i]}
        found.update((i, () if i in self._open else [offsets[n] for n in tokens]) for i, tokens in first.items())
        return found

    def _look_up(self, token: str) -> _Kind | None:
        folded = fold(token).replace("\u2019", "'")
        joined = _HYPHENS.sub("", folded)
        classes = {*self._literals.get(joined, ()), *self._literals.get(joined.removesuffix("'s"), ())}
        classes.update(number for n in range(1, min(len(joined), self._longest) + 1) for number in self._prefixes.get(joined[:n], ()))
        classes.update(number for expression, number in self._regexes if expression.fullmatch(folded))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        kind = self._known[token] = self._kind(frozenset(classes))
        return kind

    def _kind(self, classes: frozenset[int]) -> _Kind | None:
        if classes not in self._kinds:
            self._kinds[classes] = _Kind(classes, tuple(i for number in classes for i in self._by_class.get(number, ())))
        return self._kinds[classes]

    def _steps_of(self, items: Sequence[Item]) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        low = high = 0
        for item in items:
            if isinstance(item, Gap):
                low, high = low + item.low, high + item.high
            elif not _is_mark(item):
                tokens = max(1 if kind == REGEX else text.count("-") + 1 for kind, text in item.alternatives)
                if item.low and all(text.isascii() for _, text in item.alternatives):  # how other letters fold is for re2 to say
                    steps.append(_Step(self._number(item), low, high))
                    low = high = 0
                low, high = low + item.low, high + item.high * tokens
        return tuple(steps) if steps and steps[0].high == 0 else ()

    def _number(self, item: Word) -> int:
        word = Word(item.alternatives)
        if word not in self._numbers:
            number = self._numbers[word] = len(self._numbers)
            for kind, text in word.alternatives:
                if kind == REGEX:
                    self._regexes.append((re.compile(text), number))
                    continue
                parts = text.split("-")
                for n in range(1, len(parts)):  # the rest may stand in the tokens that follow
                    self._literals.setdefault("".join(parts[:n]), []).append(number)
                self._longest = max(self._longest, len(text) if kind == PREFIX else 0)
                (self._prefixes if kind == PREFIX else self._literals).setdefault("".join(parts), []).append(number)
        return self._numbers[word]


def _places(at: Mapping[_Kind, Sequence[int]], wanted: frozenset[int]) -> dict[int, list[int]]:
    """Return the tokens of each wanted class."""
    places: dict[int, list[int]] = {}
    for kind, tokens in at.items():
        for number in wanted & kind.classes:
            places.setdefault(number, []).extend(tokens)
    for tokens in places.values():
        tokens.sort()
    return places


def _starts(steps: Sequence[_Step], at: Mapping[int, Sequence[int]]) -> Sequence[int]:
    """Return the tokens of the first class after which those of the others follow."""
    good = at[steps[-1].number]
    for step, after in zip(steps[-2::-1], steps[:0:-1], strict=True):
        good = [n for n in at[step.number] if (i := bisect_left(good, n + after.low)) < len(good) and good[i] <= n + after.high]
        if not good:
            break
    return good


def _bits(numbers: Iterable[int]) -> int:
    return reduce(or_, (1 << number for number in numbers), 0)


def _is_mark(item: Item) -> bool:
    return isinstance(item, Word) and item.alternatives[0][0] == MARK
