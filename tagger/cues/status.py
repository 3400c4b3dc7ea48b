"""Is it so? The status of a mention by the words around it, in the manner of ConText.

Source: Harkema, Dowling, Thornblade, Chapman (2009), "ConText", J. Biomed. Inform. 42(5); Chapman et al. (2001), "NegEx", ibid. 34(5).
A trigger reaches forward (or back) a number of words within its sentence, up to a stop ("but", a semicolon); a longer trigger hides a shorter one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from tagger.cues.engine import Hit
from tagger.cues.lexicon import Trigger
from tagger.cues.notation import fold

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_PART = re.compile(r"\w+(?:['’]\w+)*")
_BREAK = re.compile(r"[;:]|\s[-–—]\s|\)")
_NEXT_CLAUSE = re.compile(r",\s+(?:and|so|it|they|he|she|we|the|its|this|these|their)\b")
_ASIDE = re.compile(r",?\s*(?:which|who|that|where|whose)\b")
# Which status wins where several triggers reach one mention: what is said of others says nothing of this case, whatever else is said of it.
_PRECEDENCE = ("other", "past", "negated", "planned")


def visible_triggers(hits: Sequence[Hit], triggers: Mapping[str, Trigger]) -> list[Hit]:
    """Return the trigger hits that no longer trigger covers, by start; pseudo-triggers are dropped after they have hidden others."""
    kept: list[Hit] = []
    covered = -1  # the furthest end of the hits that begin before this one, or with it and are longer
    for (_, end), same in groupby(sorted(hits, key=lambda h: (h.start, -h.end, h.pattern)), key=lambda h: (h.start, h.end)):
        if end > covered:
            kept += same
            covered = end
    return [h for h in kept if triggers[h.pattern].status]


class Context:
    """The triggers and stops of one sentence.

    Parameters
    ----------
    text : str
    sentence : (start, end)
    hits : sequence of Hit
        Triggers in this sentence, as :func:`visible_triggers` gives them.
    stops : sequence of Hit
        Words of this sentence that end a trigger's reach.
    triggers : mapping of id to Trigger
    """

    def __init__(self, text: str, sentence: tuple[int, int], hits: Sequence[Hit], stops: Sequence[Hit], triggers: Mapping[str, Trigger]):
        self._text = text
        self._triggers = triggers
        self._hits = sorted(hits, key=lambda h: h.start)
        self._stops = sorted(stops, key=lambda h: h.start)
        self._longest = max((h.end - h.start for h in hits), default=0)
        self._reach = max((triggers[h.pattern].reach for h in hits), default=0) + 1
        self._words = [found.start() for found in _WORD.finditer(text, *sentence)] if hits else []

    def status_of(self, mention: tuple[int, int], cue: str, own_words: Collection[str]) -> str:
        """Return affirmed, negated, past, planned or other for one mention.

        Parameters
        ----------
        mention : (start, end)
        cue : str
            Triggers may be limited to some cues.
        own_words : collection of str
            The words that the pattern itself names: a trigger among them ("free of advertising") says nothing about the mention; one in a gap does.
        """
        found = {self._triggers[hit.pattern].status for hit in self._near(mention) if self._bears(hit, mention, cue, own_words)}
        return next((status for status in _PRECEDENCE if status in found), "affirmed")

    def _near(self, mention: tuple[int, int]) -> list[Hit]:
        """Return the hits within reach and a few more: a sentence may be a book without a full stop."""
        if not self._hits:
            return []
        first = max(0, bisect_left(self._words, mention[0]) - self._reach)
        last = bisect_left(self._words, mention[1]) + self._reach
        low = self._words[first] - self._longest if first < len(self._words) else 0
        high = self._words[last] if last < len(self._words) else len(self._text)
        return self._hits[bisect_left(self._hits, low, key=_start) : bisect_right(self._hits, high, key=_start)]

    def _bears(self, hit: Hit, mention: tuple[int, int], cue: str, own_words: Collection[str]) -> bool:
        trigger = self._triggers[hit.pattern]
        if (trigger.cues and cue not in trigger.cues) or cue in trigger.excluded:
            return False
        if mention[0] <= hit.start and hit.end <= mention[1]:
            return trigger.side == "before" and not all(part in own_words for part in _PART.findall(fold(self._text[hit.start : hit.end].replace("’", "'"))))
        if trigger.side == "before" and hit.end <= mention[0]:
            return self._reaches(trigger, hit.end, mention[0])
        if trigger.side == "after" and hit.start >= mention[1]:
            return self._reaches(trigger, mention[1], hit.start)
        return False

    def _reaches(self, trigger: Trigger, start: int, end: int) -> bool:
        gap = self._text[start:end]
        stops = self._stops[bisect_left(self._stops, start, key=_start) : bisect_left(self._stops, end, key=_start)]
        if _BREAK.search(gap) or any(stop.end <= end for stop in stops):
            return False
        if trigger.status == "negated" and trigger.side == "before" and _NEXT_CLAUSE.search(gap):
            return False
        if trigger.status == "other" and _closes(gap):
            return False
        return len(_WORD.findall(gap)) <= trigger.reach


def _start(hit: Hit) -> int:
    return hit.start


def _closes(gap: str) -> bool:
    """Has "unlike X, which sells ads, ..." come back to its own subject? The comma after the aside closes it."""
    commas = gap.count(",")
    first = gap.find(",")
    return commas > (1 if first >= 0 and _ASIDE.match(gap, first) else 0)
