"""From a text to its cue mentions: patterns located, then status and voice for the sentences that hold one."""

from __future__ import annotations

from collections.abc import Sequence

from tagger.case import Case, Mention
from tagger.cues.engine import FastEngine, Hit
from tagger.cues.lexicon import Lexicon
from tagger.cues.notation import Word
from tagger.cues.sentences import sentence_at, sentence_spans
from tagger.cues.status import status_of, visible_triggers
from tagger.cues.voice import quoted_spans, voice_of

START_SENTENCES = 2  # `where = "start"`: the sentences that say what the subject is


class CueFinder:
    """Finds the cues of a lexicon in texts.

    Parameters
    ----------
    lexicon : Lexicon
    engine : type, optional
        :class:`~tagger.cues.engine.FastEngine`, or :class:`~tagger.cues.reference.ReferenceEngine` to check it.
    """

    def __init__(self, lexicon: Lexicon, engine=FastEngine):
        self.lexicon = lexicon
        self._patterns = {p.id: p for p in lexicon.patterns}
        self._triggers = {t.id: t for t in lexicon.triggers}
        self._engine = engine([(p.id, p.items) for p in lexicon.patterns])
        self._context = engine([(t.id, t.items) for t in lexicon.triggers] + list(lexicon.stops))
        self._own_words = {p.id for p in lexicon.patterns if self._context.find(" ".join(_words(p.items)))}

    def find(self, text: str, quotes: Sequence[tuple[int, int]] = ()) -> tuple[Mention, ...]:
        """Return the mentions in `text`, by start and end.

        Parameters
        ----------
        text : str
        quotes : sequence of (start, end)
            Quotations known from the page's structure; those between quotation marks are found besides.
        """
        hits = self._engine.find(text)
        if not hits:
            return ()
        sentences = sentence_spans(text)
        start_ends = sentences[min(START_SENTENCES, len(sentences)) - 1][1]
        hits = _most_specific([h for h in hits if self._patterns[h.pattern].where != "start" or h.end <= start_ends], self._patterns)
        spans = quoted_spans(text, quotes)
        by_sentence: dict[int, tuple[list[Hit], list[Hit]]] = {}
        mentions = []
        for hit in hits:
            i = sentence_at(sentences, hit.start)
            if i not in by_sentence:
                by_sentence[i] = self._context_of(text, sentences[i])
            pattern = self._patterns[hit.pattern]
            triggers, stops = by_sentence[i]
            where = (hit.start, hit.end)
            status = status_of(text, where, pattern.cue, sentences[i], triggers, self._triggers, stops, hit.pattern in self._own_words)
            voice = voice_of(where, text[slice(*sentences[i])], spans)
            mentions.append(Mention(pattern.cue, pattern.value, status, voice, hit.start, hit.end, text[hit.start : hit.end], hit.pattern))
        return tuple(mentions)

    def find_in(self, case: Case) -> tuple[Mention, ...]:
        """Return the mentions in a case's text."""
        return self.find(case.text, [(q.start, q.end) for q in case.page.quotes] if case.page else ())

    def _context_of(self, text: str, sentence: tuple[int, int]) -> tuple[list[Hit], list[Hit]]:
        start, end = sentence
        hits = [Hit(h.pattern, h.start + start, h.end + start) for h in self._context.find(text[start:end])]
        return visible_triggers([h for h in hits if h.pattern in self._triggers], self._triggers), [h for h in hits if h.pattern not in self._triggers]


def _words(items) -> list[str]:
    return [text for item in items if isinstance(item, Word) and len(item.alternatives) <= 6 for _, text in item.alternatives]


def _most_specific(hits: list[Hit], patterns) -> list[Hit]:
    """Of two mentions of one cue, drop the one that lies within the other ("cooperative" within "worker cooperative"); of equals the first id stays."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start, h.pattern)):
        cue = patterns[hit.pattern].cue
        if not any(k.start <= hit.start and hit.end <= k.end and patterns[k.pattern].cue == cue for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: (h.start, h.end, h.pattern))
