"""Everything that there is to learn from: labelled files, codings with texts, reviews; one label a case, and why the others were left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from tagger.case import Case
from tagger.codebook import Codebook
from tagger.codings.table import Coding, read_codings
from tagger.codings.text import fingerprint
from tagger.corpus.hydrate import Hydrated, hydrate
from tagger.errors import InputError
from tagger.learning.fitting import noting_words
from tagger.learning.labelled import Labelled, read_labelled, with_pages
from tagger.retrain.pooled import Pool, labelled_of, labels_of, pooled, why_not
from tagger.retrain.reviewed import read_review

AUDIT = "test_audit"  # the set of what was drawn at random in a review: its name holds it out of every training (tagger.learning.labelled.HELD_OUT)
FOREIGN = "coded with a code that the codebook does not have, or with a pair that it does not allow"
SUPERSEDED = "labelled in a file, and coded since: the codings count"
CONTESTED = "labelled in a file, and its codings are not settled"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where labels and texts come from: labelled cases, tables of codings with the texts to join them with, a dump, stores of reviews."""

    labelled: tuple[Path, ...] = ()
    codings: tuple[Path, ...] = ()
    texts: tuple[Path, ...] = ()
    dump: Path | None = None
    stores: tuple[str, ...] = ()

    def names(self) -> list[str]:
        """Return the names of the files, for a model's card; of a database's address only what is no secret."""
        paths = [*self.labelled, *self.codings, *self.texts, *([self.dump] if self.dump else []), *(Path(store) for store in self.stores)]
        return [path.name for path in paths]


@dataclass(frozen=True)
class Gathered:
    """What there is to learn from and to measure on.

    `cases` are in the order of their ids, pages of the dump behind the texts that they are of; `left` maps each reason to the ids of the cases left out for
    it; `words` are those of every page of the dump; `reviewed` are the ids of the cases that people coded in a review.
    """

    cases: list[Labelled]
    left: dict[str, list[str]]
    words: list[list[str]] = field(default_factory=list)
    reviewed: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()


def gather(sources: Sources, codebook: Codebook) -> Gathered:
    """Read all sources (the dump once), and settle one label for each case.

    Of a labelled file's case and a coded one with the same text the coded one counts: the file's label was merged from older codings. A case that was drawn at
    random and belongs to no named set is of the audit share, and held out (:data:`AUDIT`).

    Raises
    ------
    InputError
        Where a source cannot be read, or no label is given, or codings come without texts to join them with.
    """
    if not (sources.labelled or sources.codings or sources.stores):
        raise InputError("no labels to learn from: give --labelled FILE, --codings FOLDER with --texts FILE or --dump FILE, or --store REVIEW.db")
    if sources.codings and not (sources.texts or sources.dump):
        raise InputError("--codings hold no texts: give the texts with --texts FILE, a MediaWiki export with --dump FILE, or both")
    filed = [x for path in sources.labelled for x in read_labelled(path)]
    rows = read_codings(sources.codings, codebook) if sources.codings else []
    reviews = [read_review(where, codebook) for where in sources.stores]
    hydrated, pages, words = _texts(sources, rows, {x.case.title for x in filed}.union(c.title for r in (rows, *(v.codings for v in reviews)) for c in r))
    pools = pooled(rows, hydrated, reviews)
    coded, left, contested = _settled(pools, codebook)
    if foreign := [case for review in reviews for case in review.foreign]:
        left[FOREIGN] = foreign
    kept = _without_coded(filed, coded, contested, left)
    cases = sorted((_in_audit(x) for x in [*kept, *coded]), key=lambda x: (x.case.id, x.case.origin.file, x.case.text))
    found = with_pages(cases, pages)
    told = (f"{len(found)} of {len(cases)} texts were found as pages of {sources.dump.name}",) if sources.dump else ()
    people = frozenset(key for key, pool in pools.items() if pool.reviewed)
    return Gathered([*cases, *found], left, words, people, told)


def _texts(sources: Sources, rows: Sequence[Coding], titles: set[str]) -> tuple[Hydrated | None, list[Case], list[list[str]]]:
    """Read texts and dump once: return what the codings got, the pages with one of the titles, and the words of every page."""
    from tagger.reading import read

    words: list[list[str]] = []
    pages: list[Case] = []

    def dumped(dump: Path) -> Iterator[Case]:
        for page in noting_words(dump, words):
            if page.title in titles:
                pages.append(page)
            yield page

    given = (record for record in (read(sources.texts) if sources.texts else ()) if isinstance(record, Case))
    every = chain(given, dumped(sources.dump) if sources.dump else ())
    if rows:
        return hydrate(rows, every), pages, words
    for _ in every:
        pass
    return None, pages, words


def _settled(pools: dict[str, Pool], codebook: Codebook) -> tuple[list[Labelled], dict[str, list[str]], set[str]]:
    """Return the cases with a label, those without by reason, and the fingerprints of the texts whose codings are not settled."""
    coded: list[Labelled] = []
    left: dict[str, list[str]] = {}
    contested: set[str] = set()
    for key, label in labels_of(pools, codebook).items():
        reason = why_not(pools[key], label, codebook)
        if not reason:
            coded.append(labelled_of(key, pools[key], label))
            continue
        left.setdefault(reason, []).append(key)
        text = pools[key].text
        if text is not None and label.coders:
            contested.add(fingerprint(text))
    return coded, left, contested


def _without_coded(filed: Iterable[Labelled], coded: Iterable[Labelled], contested: set[str], left: dict[str, list[str]]) -> list[Labelled]:
    """Return the cases of labelled files but for those whose text was coded; held-out ones stay, so that what is tied to them stays held out, too."""
    settled = {fingerprint(x.case.text) for x in coded}
    kept = []
    for x in filed:
        sha256 = fingerprint(x.case.text) if settled or contested else ""
        reason = SUPERSEDED if sha256 in settled else CONTESTED if sha256 in contested else ""
        if reason and not x.held_out:
            left.setdefault(reason, []).append(x.case.id)
        else:
            kept.append(x)
    return kept


def _in_audit(x: Labelled) -> Labelled:
    return replace(x, set=AUDIT) if x.random and not x.set else x
