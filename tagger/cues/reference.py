"""The reference engine: spaCy's ``Matcher`` over our tokens.  Slow and plain; tests hold the fast engine to it, mention for mention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tagger.cues.compile import to_matcher
from tagger.cues.engine import Hit, settle
from tagger.cues.notation import Item

if TYPE_CHECKING:
    from spacy.tokens import Doc

_BLANK = "\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TOKEN = re.compile(rf"\w+(?:[-\u2010\u2011'\u2019]\w+)*['\u2019]?|\n[{_BLANK}]*\n|[^\w\s]|(?P<space>[{_BLANK}\n]+?)")


def tokenize(text: str, vocab) -> Doc:
    """Return a spaCy ``Doc`` of our tokens: words, single marks, paragraph breaks."""
    from spacy.tokens import Doc

    words: list[str] = []
    spaces: list[bool] = []
    at: list[int] = []
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "space":
            continue
        words.append(found[0])
        at.append(found.start())
        spaces.append(False)
    doc = Doc(vocab, words=words, spaces=spaces)
    doc.user_data["starts"] = at
    return doc


class ReferenceEngine:
    """Finds patterns with spaCy's ``Matcher``.

    Parameters
    ----------
    patterns : sequence of (id, items)
    """

    def __init__(self, patterns: Sequence[tuple[str, tuple[Item, ...]]]):
        import spacy
        from spacy.matcher import Matcher

        self._nlp = spacy.blank("en")
        self._matcher = Matcher(self._nlp.vocab)
        for key, items in patterns:
            self._matcher.add(key, to_matcher(items))

    def find(self, text: str) -> list[Hit]:
        """Return all hits, leftmost-longest per pattern, ordered by pattern id and start."""
        doc = tokenize(text, self._nlp.vocab)
        starts = doc.user_data["starts"]
        raw: dict[str, list[tuple[int, int]]] = {}
        for key, first, last in self._matcher(doc):
            raw.setdefault(self._nlp.vocab.strings[key], []).append((starts[first], starts[last - 1] + len(doc[last - 1])))
        hits = []
        for key in sorted(raw):
            end_of_last = -1
            for start, end in sorted(raw[key], key=lambda span: (span[0], -span[1])):
                if start >= end_of_last:
                    hits.append(Hit(key, start, settle(text, end)))
                    end_of_last = end
        return hits
