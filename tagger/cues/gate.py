"""Where patterns may begin: a look at the words of a text one by one, which lets too much through and never too little.

Each word that a pattern asks for is a *class* of tokens. What a token belongs to is looked up once for every spelling; a pattern may begin at a token of
its first class after which tokens of the others follow, near enough and in order. A hyphenated word may stand in several tokens ("in-house", "in house"):
the first belongs to the class only where a token follows that goes on with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from tagger.cues.notation import MARK, PREFIX, REGEX, Gap, Item, Word, fold
from tagger.cues.remembered import Remembered

TOKEN = re.compile(r"\w+(?:[-\u2010\u2011'\u2019]\w+)*")
SHORT = 4  # letters: English words of fewer are in nearly every text
_SPLIT = re.compile(f"({TOKEN.pattern})").split  # what stands between tokens, and tokens, in turns
_HYPHENS = re.compile("[-\u2010\u2011]")


class _Step(NamedTuple):
    """A class, and how many tokens its token stands behind that of the step before: at least, at most."""

    number: int
    low: int
    high: int


class _Ask(NamedTuple):
    """At a token that may be the step `at` of `pattern`: is there one of class `other` from `low` to `high` tokens on (or back)?"""

    pattern: int
    at: int
    other: int
    low: int
    high: int


class _Kind:
    """What tokens of the same classes have in common: these, what to ask about where one stands, and how several tokens may make one word.

    `heads` gives, for the rests of words that such a token may begin, the classes of these words; `tails` are the rests that it may be.
    """

    def __init__(self, classes: frozenset[int], asks: Sequence[_Ask], alone: Sequence[int], heads: Mapping[str, Sequence[int]], tails: frozenset[str]):
        self.classes, self.asks, self.alone, self.heads, self.tails = classes, asks, alone, heads, tails
        self.joined: dict[_Kind, _Kind] = {}  # by the kind of the next token


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
        self._heads: dict[str, dict[str, list[int]]] = {}
        self._tails: dict[str, list[str]] = {}  # rests of words as they stand, to their names
        self._tail_prefixes: dict[str, list[str]] = {}
        self._longest = 0  # of the prefixes
        self._numbers: dict[Word, int] = {}
        self._steps = [self._steps_of(items) for items in patterns]
        self._begun = self._prefixes.keys() | self._tail_prefixes.keys()
        self._anywhere = [i for i, steps in enumerate(self._steps) if not steps]
        self._open = frozenset(i for i, items in enumerate(patterns) if self._steps[i] and _is_mark(items[0]))  # may begin at what is no token
        self._asks: dict[int, list[_Ask]] = {}
        self._alone: dict[int, list[int]] = {}
        self._put_up()
        self._nothing = _Kind(frozenset(), (), (), {}, frozenset())
        self._margin = [self._nothing] * max((abs(d) for asks in self._asks.values() for ask in asks for d in ask[3:]), default=0)
        self._kinds: dict[tuple[frozenset[int], str, frozenset[str]], _Kind] = {}
        self._known = Remembered(self._look_up)

    def possible(self, text: str) -> dict[int, Sequence[int]]:
        """Return the patterns that may occur, each with the offsets where it may begin; with none where it may begin anywhere."""
        parts = _SPLIT(text)
        kinds = self._kinds_of(parts[1::2])
        first: dict[int, set[int]] = {}
        different = set(kinds)
        there = frozenset().union(*[kind.classes for kind in different])
        live = {kind: [ask for ask in kind.asks if ask.other in there] for kind in different if kind.asks or kind.alone}
        padded = [*self._margin, *kinds, *self._margin]
        for n, kind in enumerate(kinds, len(self._margin)):
            if kind in live:
                for i in kind.alone:
                    first.setdefault(i, set()).add(n)
                for i, at, other, low, high in live[kind]:
                    for m in range(n + low, n + high + 1):
                        if other in padded[m].classes:
                            if begins := _begins(self._steps[i], at, n, padded):
                                first.setdefault(i, set()).update(begins)
                            break
        found: dict[int, Sequence[int]] = dict.fromkeys(self._anywhere, ())
        if first:
            ends, shift = [*accumulate(map(len, parts))], len(self._margin)
            found.update((i, () if i in self._open else [ends[2 * (n - shift)] for n in sorted(tokens)]) for i, tokens in first.items())
        return found

    def _kinds_of(self, tokens: Sequence[str]) -> list[_Kind]:
        """Return the kind of each token, that of words in several tokens among them."""
        kinds = list(map(self._known.__getitem__, tokens))
        for n in [n for n, kind in enumerate(kinds) if kind.heads]:
            if n + 1 < len(kinds) and (after := kinds[n + 1]).tails:
                kind = kinds[n]
                if after not in kind.joined:
                    more = {number for rest in after.tails for number in kind.heads.get(rest, ())}
                    kind.joined[after] = self._kind(kind.classes | more, "", frozenset()) if more else kind
                kinds[n] = kind.joined[after]
        return kinds

    def _look_up(self, token: str) -> _Kind:
        folded = fold(token).replace("\u2019", "'")
        joined = _HYPHENS.sub("", folded)
        spelled = (joined, joined.removesuffix("'s"))
        classes = {number for text in spelled for number in self._literals.get(text, ())}
        tails = {rest for text in spelled for rest in self._tails.get(text, ())}
        for n in range(1, min(len(joined), self._longest) + 1):
            if (begun := joined[:n]) in self._begun:
                classes.update(self._prefixes.get(begun, ()))
                tails.update(self._tail_prefixes.get(begun, ()))
        classes.update(number for expression, number in self._regexes if expression.fullmatch(folded))
        return self._kind(frozenset(classes), joined if joined in self._heads else "", frozenset(tails))

    def _kind(self, classes: frozenset[int], head: str, tails: frozenset[str]) -> _Kind:
        if not (classes or head or tails):
            return self._nothing
        key = classes, head, tails
        if key not in self._kinds:
            asks = [ask for number in classes for ask in self._asks.get(number, ())]
            alone = [i for number in classes for i in self._alone.get(number, ())]
            self._kinds[key] = _Kind(classes, asks, alone, self._heads.get(head, {}), tails)
        return self._kinds[key]

    def _steps_of(self, items: Sequence[Item]) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        low = high = 0
        for item in items:
            if isinstance(item, Gap):
                low, high = low + item.low, high + item.high
            elif not _is_mark(item):
                tokens = max(1 if kind == REGEX else text.count("-") + 1 for kind, text in item.alternatives)
                if item.low:
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
                self._longest = max(self._longest, len(text) if kind == PREFIX else 0)
                (self._prefixes if kind == PREFIX else self._literals).setdefault(text.replace("-", ""), []).append(number)
                self._add_cuts(text.split("-"), kind, number)
        return self._numbers[word]

    def _add_cuts(self, parts: Sequence[str], kind: str, number: int) -> None:
        """Note how a hyphenated word may be cut: what its first token may be, and with that the second."""
        for n in range(1, len(parts)):
            for m in range(n + 1, len(parts) + 1):
                rest, tails = "".join(parts[n:m]), self._tail_prefixes if kind == PREFIX and m == len(parts) else self._tails
                name = f"{rest}*" if tails is self._tail_prefixes else rest
                if name not in tails.setdefault(rest, []):
                    tails[rest].append(name)
                self._heads.setdefault("".join(parts[:n]), {}).setdefault(name, []).append(number)

    def _put_up(self) -> None:
        """Choose for each pattern the class that is likely the rarest, so that few patterns are asked about: no short words, and in few other patterns."""
        shared = Counter(number for steps in self._steps for number in {step.number for step in steps})
        rank = {n: (min(len(text) for _, text in word.alternatives) < SHORT, shared[n], n) for word, n in self._numbers.items()}
        for i, steps in enumerate(self._steps):
            if len(steps) == 1:
                self._alone.setdefault(steps[0].number, []).append(i)
            elif steps:
                at = min(range(len(steps)), key=lambda k: (rank[steps[k].number], k))
                ahead, back = steps[at + 1 : at + 2], steps[at - 1 : at] if at else ()
                asks = [_Ask(i, at, step.number, step.low, step.high) for step in ahead]
                asks += [_Ask(i, at, step.number, -steps[at].high, -steps[at].low) for step in back]
                self._asks.setdefault(steps[at].number, []).append(min(asks, key=lambda ask: (ask.high - ask.low, rank[ask.other])))


def _begins(steps: Sequence[_Step], at: int, n: int, kinds: Sequence[_Kind]) -> Iterable[int]:
    """Return the tokens where a pattern may begin whose step `at` is token `n`; none where the steps after it do not follow."""
    here = {n}
    for step in steps[at + 1 :]:
        here = {m for k in here for m in range(k + step.low, min(k + step.high + 1, len(kinds))) if step.number in kinds[m].classes}
        if not here:
            return here
    here = {n}
    for k in range(at, 0, -1):
        number, (_, low, high) = steps[k - 1].number, steps[k]
        here = {m for k in here for m in range(max(0, k - high), k - low + 1) if number in kinds[m].classes}
    return here


def _is_mark(item: Item) -> bool:
    return isinstance(item, Word) and item.alternatives[0][0] == MARK
