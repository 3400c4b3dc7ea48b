"""Is it so? The status of a mention by the words around it, in the manner of ConText.

Source: Harkema, Dowling, Thornblade, Chapman (2009), "ConText", J. Biomed. Inform. 42(5); Chapman et al. (2001), "NegEx", ibid. 34(5).
A trigger reaches forward (or back) a number of words within its sentence, up to a stop ("but", a semicolon); a longer trigger hides a shorter one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tagger.cues.engine import Hit
from tagger.cues.lexicon import Trigger

_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_BREAK = re.compile(r"[;:]|\s[-–—]\s|\)")
_ASIDE = re.compile(r",?\s*(?:which|who|that|where|whose)\b")
# Which status wins where several triggers reach one mention: what is said of others says nothing of this case, whatever else is said of it.
_PRECEDENCE = ("other", "past", "negated", "planned")


def visible_triggers(hits: Sequence[Hit], triggers: Mapping[str, Trigger]) -> list[Hit]:
    """Return the trigger hits that no longer trigger covers; pseudo-triggers are dropped after they have hidden others."""
    longest_first = sorted(hits, key=lambda h: (h.start - h.end, h.start, h.pattern))
    kept: list[Hit] = []
    for hit in longest_first:
        if not any(k.start <= hit.start and hit.end <= k.end and (k.start, k.end) != (hit.start, hit.end) for k in kept):
            kept.append(hit)
    return [h for h in kept if triggers[h.pattern].status]


def status_of(
    text: str,
    mention: tuple[int, int],
    cue: str,
    sentence: tuple[int, int],
    hits: Sequence[Hit],
    triggers: Mapping[str, Trigger],
    stops: Sequence[Hit],
    own_words: bool,
) -> str:
    """Return affirmed, negated, past, planned or other for one mention.

    Parameters
    ----------
    text : str
    mention, sentence : (start, end)
    cue : str
        Triggers may be limited to some cues.
    hits : sequence of Hit
        Triggers of this sentence, as :func:`visible_triggers` gives them.
    triggers : mapping of id to Trigger
    stops : sequence of Hit
        Words of this sentence that end a trigger's reach.
    own_words : bool
        Whether the pattern itself is worded as a trigger ("free of advertising"); then triggers inside the mention do not count.
    """
    found = set()
    for hit in hits:
        trigger = triggers[hit.pattern]
        if (trigger.cues and cue not in trigger.cues) or cue in trigger.excluded:
            continue
        if mention[0] <= hit.start and hit.end <= mention[1]:
            if not own_words and trigger.side == "before":
                found.add(trigger.status)
            continue
        if trigger.side == "before" and hit.end <= mention[0]:
            between = (hit.end, mention[0])
        elif trigger.side == "after" and hit.start >= mention[1]:
            between = (mention[1], hit.start)
        else:
            continue
        if _reaches(text, between, trigger, stops):
            found.add(trigger.status)
    return next((status for status in _PRECEDENCE if status in found), "affirmed")


def _reaches(text: str, between: tuple[int, int], trigger: Trigger, stops: Sequence[Hit]) -> bool:
    gap = text[between[0] : between[1]]
    if _BREAK.search(gap) or any(between[0] <= s.start and s.end <= between[1] for s in stops):
        return False
    if trigger.status == "other" and _closes(gap):
        return False
    return len(_WORD.findall(gap)) <= trigger.reach


def _closes(gap: str) -> bool:
    """Has "unlike X, which sells ads, ..." come back to its own subject? The comma after the aside closes it."""
    commas = gap.count(",")
    first = gap.find(",")
    return commas > (1 if first >= 0 and _ASIDE.match(gap, first) else 0)
