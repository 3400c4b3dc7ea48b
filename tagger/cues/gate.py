"""Where patterns may begin: a look at the words of a text one by one, which lets too much through and never too little.

Each word that a pattern asks for is a *class* of tokens. What a token belongs to is looked up once for every spelling; a pattern may begin at a token of
its first class after which tokens of the others follow, near enough and in order.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tagger.cues.notation import MARK, PREFIX, REGEX, Gap, Item, Word, fold

TOKEN = re.compile(r"\w+(?:[-\u2010\u2011'\u2019]\w+)*")
REMEMBERED = 100_000  # spellings looked up; then all are forgotten, so that memory stays flat
_HYPHENS = re.compile("[-\u2010\u2011]")


class _Step(NamedTuple):
    """A class, and how many tokens its token stands behind that of the step before: at least, at most."""

    number: int
    low: int
    high: int


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
        # by the class that is rarest among patterns, so that few patterns are asked about each text
        shared = Counter(number for needs in self._needs for number in needs)
        self._by_class: dict[int, list[int]] = {}
        for i, needs in enumerate(self._needs):
            if needs:
                self._by_class.setdefault(min(needs, key=lambda n: (shared[n], n)), []).append(i)
        self.open = [i for i, items in enumerate(patterns) if not self._needs[i] or _is_mark(items[0])]  # may begin at what is no token
        self._open = frozenset(self.open)
        self._known: dict[str, tuple[int, ...]] = {}

    def possible(self, text: str) -> dict[int, Sequence[int]]:
        """Return the patterns that may occur, each with the offsets where it may begin; none are given for those in `open`, which may begin anywhere."""
        tokens = list(TOKEN.finditer(text))
        at = self._classes(tokens)
        there = at.keys()
        found: dict[int, Sequence[int]] = {i: () for i in self.open if not self._needs[i]}
        for number in there:
            for i in self._by_class.get(number, ()):
                if self._needs[i] <= there:
                    starts = _starts(self._steps[i], at)
                    if starts:
                        found[i] = () if i in self._open else [tokens[n].start() for n in starts]
        return found

    def _classes(self, tokens: Sequence[re.Match[str]]) -> dict[int, list[int]]:
        """Return each class that is there, with its tokens."""
        known, at = self._known, {}
        for n, token in enumerate(map(re.Match.group, tokens)):
            classes = known.get(token)
            if classes is None:
                classes = self._look_up(token)
            for number in classes:
                at.setdefault(number, []).append(n)
        return at

    def _look_up(self, token: str) -> tuple[int, ...]:
        folded = fold(token).replace("\u2019", "'")
        joined = _HYPHENS.sub("", folded)
        classes = {*self._literals.get(joined, ()), *self._literals.get(joined.removesuffix("'s"), ())}
        classes.update(number for n in range(1, min(len(joined), self._longest) + 1) for number in self._prefixes.get(joined[:n], ()))
        classes.update(number for expression, number in self._regexes if expression.fullmatch(folded))
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[token] = tuple(classes)
        return self._known[token]

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


def _starts(steps: Sequence[_Step], at: Mapping[int, Sequence[int]]) -> Sequence[int]:
    """Return the tokens of the first class after which those of the others follow."""
    good = at[steps[-1].number]
    for step, after in zip(steps[-2::-1], steps[:0:-1], strict=True):
        good = [n for n in at[step.number] if (i := bisect_left(good, n + after.low)) < len(good) and good[i] <= n + after.high]
        if not good:
            break
    return good


def _is_mark(item: Item) -> bool:
    return isinstance(item, Word) and item.alternatives[0][0] == MARK
