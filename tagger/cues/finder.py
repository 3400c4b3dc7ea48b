"""From a text to its cue mentions: patterns located, then status and voice for the sentences that hold one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tagger.case import Case, Mention
from tagger.cues.engine import FastEngine, Hit
from tagger.cues.lexicon import Lexicon, Pattern
from tagger.cues.notation import REGEX, Item, Word
from tagger.cues.sentences import sentence_at, sentence_spans
from tagger.cues.status import Context, visible_triggers
from tagger.cues.voice import Quotes, quoted_spans, speaks_of_itself, voice_of

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
        self._anywhere = engine([(p.id, p.items) for p in lexicon.patterns if p.where != "start"])
        self._at_start = engine([(p.id, p.items) for p in lexicon.patterns if p.where == "start"])
        self._context = engine([(t.id, t.items) for t in lexicon.triggers] + list(lexicon.stops))
        self._own_words = {p.id: _words(p.items) for p in lexicon.patterns}

    def find(self, text: str, quotes: Sequence[tuple[int, int]] = ()) -> tuple[Mention, ...]:
        """Return the mentions in `text`, by start and end.

        Parameters
        ----------
        text : str
        quotes : sequence of (start, end)
            Quotations known from the page's structure; those between quotation marks are found besides.
        """
        sentences = sentence_spans(text)
        start_ends = sentences[:START_SENTENCES][-1][1]
        hits = self._anywhere.find(text) + self._at_start.find(text[:start_ends])
        if not hits:
            return ()
        spoken = Quotes(quoted_spans(text, quotes))
        by_sentence: dict[int, tuple[Context, bool]] = {}
        mentions = []
        for hit in _most_specific(hits, self._patterns):
            i = sentence_at(sentences, hit.start)
            if i not in by_sentence:
                by_sentence[i] = self._context_of(text, sentences[i]), speaks_of_itself(text[slice(*sentences[i])])
            context, of_itself = by_sentence[i]
            pattern, where = self._patterns[hit.pattern], (hit.start, hit.end)
            status = context.status_of(where, pattern.cue, self._own_words[hit.pattern])
            voice = voice_of(where, of_itself, spoken)
            mentions.append(Mention(pattern.cue, pattern.value, status, voice, hit.start, hit.end, text[hit.start : hit.end], hit.pattern))
        return tuple(mentions)

    def find_in(self, case: Case) -> tuple[Mention, ...]:
        """Return the mentions in a case's text."""
        return self.find(case.text, [(q.start, q.end) for q in case.page.quotes] if case.page else ())

    def _context_of(self, text: str, sentence: tuple[int, int]) -> Context:
        start, end = sentence
        hits = [Hit(h.pattern, h.start + start, h.end + start) for h in self._context.find(text[start:end])]
        triggers = visible_triggers([h for h in hits if h.pattern in self._triggers], self._triggers)
        return Context(text, sentence, triggers, [h for h in hits if h.pattern not in self._triggers], self._triggers)


def _words(items: Sequence[Item]) -> frozenset[str]:
    """Return the words that a pattern itself names, cut at hyphens."""
    words = (text for item in items if isinstance(item, Word) for kind, text in item.alternatives if kind != REGEX)
    return frozenset(part for word in words for part in word.split("-"))


def _most_specific(hits: list[Hit], patterns: Mapping[str, Pattern]) -> list[Hit]:
    """Of two mentions of one cue, drop the one that lies within the other ("cooperative" within "worker cooperative"); of equals the first id stays."""
    kept: list[Hit] = []
    covered: dict[str, int] = {}  # by cue, the furthest end of the hits that begin before this one, or with it and are longer
    for hit in sorted(hits, key=lambda h: (h.start, -h.end, h.pattern)):
        cue = patterns[hit.pattern].cue
        if hit.end > covered.get(cue, -1):
            kept.append(hit)
            covered[cue] = hit.end
    return sorted(kept, key=lambda h: (h.start, h.end, h.pattern))
