"""The reference engine: spaCy's ``Matcher`` over our tokens.  Slow and plain; tests hold the fast engine to it, mention for mention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tagger.cues.compile import to_matcher
from tagger.cues.engine import Hit
from tagger.cues.notation import Item, fold

if TYPE_CHECKING:
    from spacy.tokens import Doc

# what Python calls white space, but for the line feed
BLANKS = "\t\v\f\r\x1c-\x1f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SPACE = rf"(?:[{BLANKS}]+(?:\n[{BLANKS}]*)?|\n[{BLANKS}]*)"
# Single blanks and line breaks fall between tokens. Commas in a row are one token, which is no comma: a gap has one between two words, not more.
_TOKEN = re.compile(rf"\w+(?:[-\u2010\u2011'\u2019]\w+)*['\u2019]?|\n[{BLANKS}]*\n|,(?:{SPACE}?,)+|[^\w\s]")
_ENDS = "'\u2019"


def tokenize(text: str, vocab) -> Doc:
    """Return a spaCy ``Doc`` of our tokens: words, single marks, paragraph breaks."""
    from spacy.tokens import Doc

    found = list(_TOKEN.finditer(text.encode(errors="replace").decode()))  # a lone surrogate is a mark, as in the fast engine
    doc = Doc(vocab, words=[f[0] for f in found], spaces=[False] * len(found))
    doc.user_data["starts"] = [f.start() for f in found]
    return doc


class ReferenceEngine:
    """Finds patterns with spaCy's ``Matcher``.

    Parameters
    ----------
    patterns : sequence of (id, items)
    """

    def __init__(self, patterns: Sequence[tuple[str, tuple[Item, ...]]]):
        import spacy
        from spacy.attrs import LOWER
        from spacy.matcher import Matcher

        self._vocab = spacy.blank("en").vocab
        self._vocab.lex_attr_getters[LOWER] = fold  # str.lower() makes two characters of some
        self._matcher = Matcher(self._vocab)
        for key, items in patterns:
            self._matcher.add(key, to_matcher(items))

    def find(self, text: str) -> list[Hit]:
        """Return all hits, leftmost-longest per pattern, ordered by pattern id and start."""
        doc = tokenize(text, self._vocab)
        starts = doc.user_data["starts"]
        raw: dict[str, list[tuple[int, int]]] = {}
        for key, first, last in self._matcher(doc) if len(self._matcher) else ():
            end = starts[last - 1] + len(doc[last - 1].text.rstrip(_ENDS))  # a closing quotation mark must not be part of a mention
            raw.setdefault(self._vocab.strings[key], []).append((starts[first], end))
        hits = []
        for key in sorted(raw):
            end_of_last = -1
            for start, end in sorted(raw[key], key=lambda span: (span[0], -span[1])):
                if start >= end_of_last:
                    hits.append(Hit(key, start, end))
                    end_of_last = end
        return hits
