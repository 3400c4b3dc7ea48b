"""Codings of tables and of reviews put together: one case, all its codings, one text, one label by the merging rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tagger.case import Case, Origin
from tagger.codebook import FACETS, Codebook
from tagger.codings.merge import Label, counting, merge
from tagger.codings.splits import initiative_key
from tagger.codings.table import Coding
from tagger.codings.text import fingerprint
from tagger.corpus.hydrate import Hydrated
from tagger.learning.labelled import Labelled, certainty_of
from tagger.retrain.reviewed import Review

STALE = "stale: the text is another now than was coded"
NO_TEXT = "no text found among those given"
UNKNOWN_TEXT = "the coding does not say of which text"
TIED = "unresolved: coders are tied"
FORBIDDEN = "unresolved: economy and model contradict each other"
HALF = "not coded on both facets"
AUTHOR_ONLY = "coded by nobody but its author"
_WITHOUT = {"missing": NO_TEXT, "changed": STALE, "unplaced": STALE}  # outcomes of hydrating


@dataclass
class Pool:
    """A case with all its codings, whichever source they come from. `text` is None where it was not found, for the reason `lacking`."""

    title: str
    codings: list[Coding] = field(default_factory=list)
    text: str | None = None
    lacking: str = UNKNOWN_TEXT
    initiative: str = ""
    origin: str = ""
    reviewed: bool = False

    def is_another(self, codings: Sequence[Coding], text: str | None) -> bool:
        """Tell whether these codings, of the same id, are of another case: neither title nor text is shared. Ids such as "1" are in every file."""
        if {c.title for c in codings} & {c.title for c in self.codings if c.title}:
            return False
        mine, theirs = ({c.sha256 for c in rows if c.sha256} for rows in (self.codings, codings))
        texts = {fingerprint(t) for t in (self.text, text) if t is not None}
        return not (mine & theirs) and len(texts) != 1 and bool(mine or self.text is not None) and bool(theirs or text is not None)


def pooled(rows: Sequence[Coding], hydrated: Hydrated | None, reviews: Iterable[Review]) -> dict[str, Pool]:
    """Return the cases of tables of codings (with what hydrating them brought) and of reviews, by id.

    The text that people read in a review is the newer one; a case of the same id that is another altogether is kept apart, under ``id (name of the store)``.
    """
    pools: dict[str, Pool] = {}
    for case, codings in _by_case(rows).items():
        pool = pools[case] = Pool(codings[-1].title, codings)
        if hydrated is not None and case in hydrated.texts:
            pool.text, pool.initiative = hydrated.texts[case], hydrated.initiatives.get(case, "")
        elif hydrated is not None and case in hydrated.outcome:
            pool.lacking = _WITHOUT[hydrated.outcome[case]]
        elif any(c.sha256 for c in codings):
            pool.lacking = NO_TEXT
    for review in reviews:
        for case, codings in _by_case(review.codings).items():
            text = review.texts.get(case)
            key = f"{case} ({review.name})" if case in pools and pools[case].is_another(codings, text) else case
            pool = pools.setdefault(key, Pool(codings[-1].title))
            pool.codings += [replace(c, case=key) for c in codings]
            pool.reviewed = True
            if text is not None and (pool.text is None or counting(codings, fingerprint(text))):
                pool.text, pool.title, pool.origin = text, codings[-1].title or pool.title, review.name
    return pools


def _by_case(codings: Iterable[Coding]) -> dict[str, list[Coding]]:
    found: dict[str, list[Coding]] = {}
    for coding in codings:
        found.setdefault(coding.case, []).append(coding)
    return found


def labels_of(pools: Mapping[str, Pool], codebook: Codebook) -> dict[str, Label]:
    """Return the label of each case of `pools` by the merging rules."""
    texts = {key: fingerprint(pool.text) for key, pool in pools.items() if pool.text is not None}
    return merge((c for pool in pools.values() for c in pool.codings), codebook, texts)


def why_not(pool: Pool, label: Label, codebook: Codebook) -> str:
    """Return why a case cannot be learned from, as a phrase; '' where it can."""
    if pool.text is None:
        return pool.lacking
    if label.usable:
        return ""
    if label.settled == "stale":
        return STALE
    if all(c.role == "author" for c in pool.codings):
        return AUTHOR_ONLY
    if all(facet in label.codes for facet in FACETS):
        return FORBIDDEN
    coded = {name for c in counting(pool.codings, fingerprint(pool.text)) for name in c.codes}
    return TIED if coded.issuperset(FACETS) else HALF


def labelled_of(key: str, pool: Pool, label: Label) -> Labelled:
    """Return a case with its label, as training takes it; `pool` has a text and `label` is usable."""
    assert pool.text is not None
    group = initiative_key(pool.initiative or pool.title) or key
    cues = {name: code for name, code in label.codes.items() if name not in FACETS}
    case = Case(key, pool.title, pool.text, Origin(pool.origin or "codings", f"case {key}"))
    codes = (label.codes[facet] for facet in FACETS)
    return Labelled(case, *codes, group, label.set, cues, label.random, certainty_of(list(label.confidence)))
