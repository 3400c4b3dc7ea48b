"""What texts must not have in common: five-word sequences with each other, and the typology's own words with the codebook.

*Which words are the typology's own.*  Ids and labels of codes with two words or more ("co_creation", "sharing economy"), whatever stands between the words
(blank, hyphen, nothing), but for those in `ORDINARY`; and the patterns of `FURTHER`, each with its reason there.  Not counted, as such texts would use them in
their everyday sense: sharing, commons (House of Commons, Creative Commons), other, none, outside, attention, participants, initiative, cooperative, fair trade,
open source, proprietary, hospitality.

*Which length of a sequence counts as the codebook's sentence.*  Texts that were written without the codebook (5,517 wiki pages, 468 encyclopedia articles, 352
texts of other registers) share a sequence of four words with its definitions and criteria in 1.6 % of cases ("a part of the", "is open to all"), of five in
0.05 % (three texts, all in ordinary English: "from person to person without"), of six never.  So six is the shortest that chance does not bring about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.corpus.authored import AuthoredCase

SEQUENCE = 5  # words of a recurring sequence
SENTENCE = 6  # words in a row that make a text quote the codebook
ORDINARY = frozenset({"no initiative", "other economy"})  # labels that anybody may say ("showed no initiative")
FURTHER = {  # ending in *: with any ending; a blank is any blank or hyphen, or nothing
    "crowd sourc*": "the one code of a single word that has no other sense",
    "co creat*": "co_creation in its other forms: co-creates, co-creators",
    "co design*": "co_design in its other forms",
    "self serve": "a cue's value; a text can say who puts the coins in",
    "peer production": "heart of two codes",
    "peer to peer production": "the same, spelt out",
    "non monetary": "part of a code",
    "monetised sharing": "part of a code",
    "monetized sharing": "the same, the other spelling",
    "business ecolog*": "part of a code",
    "commons oriented": "of the definition of the commons economy",
    "use value": "of the definitions of 6 and 7, and a cue",
    "exchange value": "a cue's value",
    "value chain": "of the definition of 3, and a cue",
    "participation ladder": "what the typology calls its two scales",
    "produser": "a role",
    "end maker": "a role",
}
_WORD = re.compile(r"\w+")
_SMALL = frozenset(  # what may stand in lower case within a name, and before it
    "a an and at by da das de del den der des di do dos du e el en et for from in la las le les los of on or s the to und under van von with y".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Words of the codebook in a text: `phrase` as the codebook has it, `text` and offsets `start`, `end` as the case has it."""

    phrase: str
    text: str
    start: int
    end: int


def recurring(texts: Sequence[str], more_than: int, words: int = SEQUENCE) -> list[tuple[str, tuple[int, ...]]]:
    """Return the word sequences that stand in more than `more_than` texts.

    Words are runs of letters and digits, compared casefolded, across marks and line ends.  An occurrence that is but a name ("the GNU General Public License":
    besides small words nothing but capitals and numbers, two of them at least) does not count.

    Returns
    -------
    list of (str, tuple of int)
        Sequence and places of its texts, most frequent first.  Sequences that overlap in the same texts are one longer sequence.
    """
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for place, text in enumerate(texts):
        written = _WORD.findall(text)
        folded = [w.casefold() for w in written]
        for i in range(len(written) - words + 1):
            sequence = tuple(folded[i : i + words])
            if place not in places[sequence] and not _is_name(written[i : i + words]):
                places[sequence].add(place)
    often = {sequence: tuple(sorted(found)) for sequence, found in places.items() if len(found) > more_than}
    return sorted(_joined(often), key=lambda item: (-len(item[1]), item[0]))


def _is_name(written: Sequence[str]) -> bool:
    big = [w for w in written if w.casefold() not in _SMALL]
    return len(big) >= 2 and all(w[0].isupper() or w[0].isdigit() for w in big)


def _joined(often: dict[tuple[str, ...], tuple[int, ...]]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield sequences, those made longer that go on in the same texts."""
    after = {sequence[:-1]: sequence for sequence in sorted(often, reverse=True)}
    follows = {after[s[1:]] for s in often if s[1:] in after and often[after[s[1:]]] == often[s] and after[s[1:]] != s}
    for sequence, places in often.items():
        if sequence in follows:
            continue
        long, last, seen = list(sequence), sequence, {sequence}
        while (last := after.get(last[1:], ())) in follows and last not in seen and often[last] == places:
            seen.add(last)
            long.append(last[-1])
        yield " ".join(long), places


class CodebookWords:
    """Finds a codebook's own words in texts: names of its codes, and `SENTENCE` words in a row from its definitions and criteria."""

    def __init__(self, codebook: Codebook) -> None:
        codes = (*codebook.economies, *codebook.models, *codebook.retired)
        names = {_spaced(name) for code in codes for name in (code.id, code.label)}
        self.phrases: tuple[str, ...] = tuple(sorted({n for n in names if " " in n} - ORDINARY) + list(FURTHER))
        # the longest first, so that a text with "peer production non monetary" is told of that and not of its parts
        self._names = re.compile("|".join(f"(?P<p{i}>{_pattern(p)})" for i, p in sorted(enumerate(self.phrases), key=lambda x: -len(x[1]))), re.I)
        self._sentences: dict[tuple[str, ...], str] = {}
        for code in codes:
            for sentence in (code.short, code.definition, *(criterion.text for criterion in code.criteria)):
                folded = [w.casefold() for w in _WORD.findall(sentence)]
                for i in range(len(folded) - SENTENCE + 1):
                    self._sentences.setdefault(tuple(folded[i : i + SENTENCE]), sentence)

    def names_in(self, text: str) -> list[Hit]:
        """Return the names of codes and further words of the typology that a text holds."""
        return [Hit(self.phrases[int(m.lastgroup[1:])], m[0], *m.span()) for m in self._names.finditer(text)]

    def sentences_in(self, text: str) -> list[Hit]:
        """Return the stretches of a text, of `SENTENCE` words or more, that stand in a definition or criterion; `phrase` is that sentence."""
        words = list(_WORD.finditer(text))
        folded = [w[0].casefold() for w in words]
        found: list[Hit] = []
        for i in range(len(words) - SENTENCE + 1):
            sentence = self._sentences.get(tuple(folded[i : i + SENTENCE]))
            if sentence is not None:
                start, end = words[i].start(), words[i + SENTENCE - 1].end()
                if found and start < found[-1].end:  # the same stretch goes on
                    last = found.pop()
                    start, sentence = last.start, last.phrase
                found.append(Hit(sentence, text[start:end], start, end))
        return found

    def is_about(self, case: AuthoredCase, phrase: str) -> bool:
        """Tell whether a case's title or initiative bears a phrase, so that its text cannot do without."""
        return any(hit.phrase == phrase for hit in self.names_in(f"{case.title}\n{case.initiative}"))


def _spaced(name: str) -> str:
    return " ".join(_WORD.findall(name.replace("_", " ").casefold()))


def _pattern(phrase: str) -> str:
    """Return a phrase as an expression; words hang together by blanks, hyphens, underscores or nothing, and may stand in the plural."""
    stem = phrase.endswith("*")
    joined = r"[\s_‐‑–-]*".join(phrase.rstrip("*").split())
    return r"(?<!\w)" + joined + (r"\w*" if stem else r"s?(?!\w)")


def mentions(hits: Iterable[Hit]) -> str:
    """Return hits as a reader sees them: each wording once, quoted."""
    return ", ".join(dict.fromkeys(f'"{" ".join(hit.text.split())}"' for hit in hits))
