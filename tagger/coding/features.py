"""What the classifier sees: words, words at prominent places, and marks; every column can be traced to a place in the text.

Three blocks. *words*: single words and pairs of the text. *places*: words of the first sentences, the title and a wiki page's one-line definition, named
``head:``, ``title:`` and ``definition:``. *marks*: yes-or-no features, ``cue:licensing=open``, ``page:url``, ``page:category energy``, ``rule:<id>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from tagger.case import Case, Mention
from tagger.cues.sentences import sentence_spans
from tagger.cues.voice import speaks_of_itself

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
HEAD_SENTENCES = 2
HEAD_CHARACTERS = 2000
HEADINGS = 8
# both begin with a set of characters, which `re` looks for fast
YOU = re.compile(r"[yY](?<!\w.)(?i:ou(?:r|rself)?)\b")
FIRST_SINGULAR = re.compile(r"[Im](?<!\w.)(?:(?<=I)|(?<=m)y)\b")
_THE = re.compile(r"the\s+", re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]*")
MAX_WORDS = 1500  # a text's later words tell little of what its subject is; the readers cut long pages already


def words_of(text: str) -> list[str]:
    """Return the lower-cased words of `text`, in order (letters only, so that numbers and dates do not count)."""
    return lowered(text, WORD.findall(text)[:MAX_WORDS])


def lowered(text: str, words: Iterable[str]) -> list[str]:
    """Return the words of `text` in lower case, with straight apostrophes."""
    words = map(str.lower, words)
    return [w.replace("’", "'") for w in words] if "’" in text else list(words)


def with_pairs(words: Sequence[str]) -> list[str]:
    """Return the words and the pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def word_terms(case: Case) -> list[str]:
    """Return the terms of the block *words*."""
    return with_pairs(words_of(case.text))


def place_terms(case: Case) -> list[str]:
    """Return the terms of the block *places*, each with its place before it."""
    terms = [f"head:{t}" for t in with_pairs(words_of(case.text[: head_end(case.text)]))]
    terms += [f"title:{w}" for w in words_of(case.title)]
    if case.page:
        terms += [f"definition:{t}" for t in with_pairs(words_of(case.page.definition))]
    return terms


def head_end(text: str, sentences: Sequence[tuple[int, int]] = ()) -> int:
    """Return where the first sentences end, or the first `HEAD_CHARACTERS` of them.

    `sentences` are those of the whole text, where they are known: their first ones are those of its beginning if one more ends there.
    """
    if len(sentences) <= HEAD_SENTENCES or sentences[HEAD_SENTENCES][1] > HEAD_CHARACTERS:
        sentences = sentence_spans(text[:HEAD_CHARACTERS])
    return sentences[:HEAD_SENTENCES][-1][1]


def page_marks(case: Case) -> list[str]:
    """Return the marks that a wiki page's structure gives; a text without a page has none."""
    page = case.page
    if page is None:
        return []
    quoted = sum(q.end - q.start for q in page.quotes) / max(1, len(case.text))
    marks = ["page:url" if page.url else "page:no-url", f"page:quoted-{min(3, int(quoted * 4))}"]
    marks.append("page:definition" if page.definition else "page:no-definition")
    if not page.headings:
        marks.append("page:no-headings")
    if len(case.text) < 200:
        marks.append("page:stub")
    marks += [f"page:category {c.lower()}" for c in page.categories]
    marks += [f"page:heading {h.lower()}" for h in page.headings[:HEADINGS]]
    return list(dict.fromkeys(marks))


def shape_marks(case: Case) -> list[str]:
    """Return marks of how title and text go together: a name stands in the text with its capitals, a concept without."""
    marks, title, text = [], " ".join(case.title.split()), case.text
    words = WORD.findall(title)
    if words:
        marks.append(f"shape:title-of-{min(len(words), 5)}-words")
        generic = title.lower() != title and _stands_in(title.lower(), text, whole=True)
        marks += ["shape:title-in-lower-case"] if generic else []
        marks += ["shape:title-as-it-is"] if title in text else []
        marks += ["shape:title-first"] if _begins_with(title, text[:200]) else []
        alone = [w for w in words if len(w) > 3 and w[0].isupper()]
        lower = sum(_stands_in(w.lower(), text) for w in alone)
        if alone:
            marks.append(f"shape:title-words-in-lower-case-{min(3, int(3 * lower / len(alone)))}")
    marks.append(f"shape:length-{min(5, len(text) // 400)}")
    marks += ["shape:you"] if YOU.search(text) else []
    marks += ["shape:i"] if FIRST_SINGULAR.search(text) else []
    marks += ["shape:we"] if speaks_of_itself(text) else []
    marks += ["shape:question"] if "?" in text else []
    return marks


def _stands_in(words: str, text: str, whole: bool = False) -> bool:
    """Tell whether `words` begin a word of `text`, and end one where they must be `whole`."""
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if not (at and _is_letter(text[at - 1])) and not (whole and end < len(text) and _is_letter(text[end])):
            return True
        at = text.find(words, at + 1)
    return False


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _begins_with(title: str, head: str) -> bool:
    """Tell whether `title`, in whatever case, comes first in `head`, perhaps after "the"."""
    if not (title.isascii() and head.isascii() and title[0].isalnum()):  # compiled for each title, which is slow: only where letters fold in odd ways
        return re.match(rf"[\W_]*(?:the\s+)?{re.escape(title)}(?!\w)", head, re.IGNORECASE) is not None
    start, low, sought = _NO_WORD.match(head).end(), head.lower(), title.lower()
    article = _THE.match(head, start)
    ends = [at + len(sought) for at in (start, article.end() if article else start) if low.startswith(sought, at)]
    return any(end == len(head) or not _is_letter(head[end]) for end in ends)


def cue_marks(mentions: Sequence[Mention], opposites: Mapping[tuple[str, str], str]) -> dict[str, Mention]:
    """Return a mark for each cue value that is stated, and for each in another status, with the first mention that shows it."""
    marks: dict[str, Mention] = {}
    for m in mentions:
        if m.status == "affirmed":
            marks.setdefault(f"cue:{m.cue}={m.value}", m)
        else:
            marks.setdefault(f"cue:{m.cue}={m.value}@{m.status}", m)
            if m.status == "negated" and (opposite := opposites.get((m.cue, m.value))):
                marks.setdefault(f"cue:{m.cue}={opposite}", m)
    return marks


def first_places(text: str) -> dict[str, tuple[int, int]]:
    """Return, for each word and pair of words of `text`, the span of its first occurrence."""
    places: dict[str, tuple[int, int]] = {}
    before: tuple[str, int] | None = None
    for count, found in enumerate(WORD.finditer(text)):
        if count == MAX_WORDS:
            break
        word = found[0].lower().replace("’", "'")
        places.setdefault(word, found.span())
        if before is not None:
            places.setdefault(f"{before[0]} {word}", (before[1], found.end()))
        before = word, found.start()
    return places


def place_of(term: str, places: Mapping[str, tuple[int, int]]) -> tuple[int, int] | None:
    """Return the span of a term's first occurrence, by :func:`first_places`; None for a word of the title, which is not in the text."""
    prefix, colon, rest = term.partition(":")
    return None if prefix == "title" and colon else places.get(rest if colon else term)
