"""Codings without texts, and back: what may be published of codings of other people's pages, and how a reader joins it with a copy of his own.

Dehydrated, a coding keeps the page's title, the fingerprint of the coded text and its place on the page (:mod:`tagger.codings.text`), and no word of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tagger.case import Case
from tagger.codebook import FACETS, Codebook
from tagger.codings.merge import Label, merge
from tagger.codings.table import Coding
from tagger.codings.text import fingerprint, place_on, text_at

OUTCOMES = ("matched", "changed", "missing", "unplaced")


@dataclass(frozen=True, slots=True)
class Hydrated:
    """What hydrating brought.

    `texts` maps cases to their text and `initiatives` to the name of what it is about, where the text came with one; `outcome`
    maps every case to *matched* (the coded text is there), *changed* (the page is, the coded text no longer),
    *missing* (no page of that title, no text of that fingerprint) or *unplaced* (the page is there, but nobody recorded where on it the text stood).
    """

    texts: Mapping[str, str]
    outcome: Mapping[str, str]
    initiatives: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """Cases by outcome."""
        return {name: sum(o == name for o in self.outcome.values()) for name in OUTCOMES}


def dehydrate(codings: Iterable[Coding], texts: Mapping[str, str], pages: Iterable[Case]) -> list[Coding]:
    """Return the codings with fingerprint and place of the text that was coded.

    Parameters
    ----------
    codings : iterable of Coding
        Their `title` is that of the page.
    texts : mapping of str to str
        The coded text of each case; a coding whose case is not in it stays as it is.
    pages : iterable of Case
        Where the texts stand. A text that stands nowhere gets its fingerprint alone.
    """
    codings = list(codings)
    sums = {case: fingerprint(text) for case, text in texts.items()}
    by_title = {c.title: [] for c in codings if c.case in texts}
    for coding in codings:
        if coding.case in texts and coding.case not in by_title[coding.title]:
            by_title[coding.title].append(coding.case)
    places = {}
    for page in pages:
        for case in by_title.get(page.title, ()):
            if place := place_on(page, texts[case]):
                places[case] = place
    return [replace(c, sha256=sums[c.case], place=places.get(c.case)) if c.case in sums else c for c in codings]


def hydrate(codings: Iterable[Coding], pages: Iterable[Case]) -> Hydrated:
    """Join codings with texts: a whole text of the right fingerprint first, else the page of the right title.

    Parameters
    ----------
    codings : iterable of Coding
        Those without a fingerprint are left out: nothing tells which text they are about. Where a case was coded in several versions of its text, the one that
        was coded last is looked for first.
    pages : iterable of Case
        Pages of a dump, or texts of any origin; read once, so a generator will do.
    """
    versions: dict[str, dict[str, Coding]] = {}  # case: fingerprint: a coding of that text, last coded text last
    for coding in sorted((c for c in codings if c.sha256), key=lambda c: c.date):
        versions.setdefault(coding.case, {}).pop(coding.sha256, None)
        versions[coding.case][coding.sha256] = coding
    by_sum: dict[str, list[str]] = {}
    by_title: dict[str, list[str]] = {}
    for case, wanted in versions.items():
        for sha256, coding in wanted.items():
            by_sum.setdefault(sha256, []).append(case)
            if coding.title and case not in by_title.setdefault(coding.title, []):
                by_title[coding.title].append(case)
    found: dict[str, dict[str, str]] = {case: {} for case in versions}  # case: fingerprint: text
    outcome = dict.fromkeys(versions, "missing")
    initiatives: dict[str, str] = {}
    for page in pages:
        sha256 = fingerprint(page.text)
        for case in by_sum.get(sha256, ()):
            found[case].setdefault(sha256, page.text)
            if page.fields.get("initiative"):
                initiatives[case] = str(page.fields["initiative"])
        for case in by_title.get(page.title, ()):
            placed = [c for c in versions[case].values() if c.place and c.sha256 not in found[case]]
            found[case] |= {c.sha256: text for c in placed if (text := text_at(page, c.place, c.sha256)) is not None}
            if outcome[case] != "changed":
                outcome[case] = "changed" if placed else "unplaced"
    texts = {case: found[case][next(s for s in reversed(wanted) if s in found[case])] for case, wanted in versions.items() if found[case]}
    return Hydrated(texts, {case: "matched" if case in texts else told for case, told in outcome.items()}, initiatives)


def training_cases(codings: Iterable[Coding], hydrated: Hydrated, codebook: Codebook) -> tuple[list[dict], list[Label]]:
    """Return labelled cases as `tagger train` reads them (one dict a case with text), and the labels that cannot be used (tied, or by nobody who counts)."""
    labels = merge(codings, codebook, {case: fingerprint(text) for case, text in hydrated.texts.items()})
    rows, left = [], []
    for case, text in hydrated.texts.items():
        label = labels[case]
        if not label.usable:
            left.append(label)
            continue
        facets = {facet: label.codes[facet] for facet in FACETS}
        cues = {name: code for name, code in label.codes.items() if name not in FACETS}
        names = {"id": case, "initiative": hydrated.initiatives.get(case) or label.title, "title": label.title}
        about = {"set": label.set, "random": label.random, "settled": label.settled, "confidence": list(label.confidence)}
        rows.append({**names, **about, **facets, "cues": cues, "text": text})
    return sorted(rows, key=lambda row: row["id"]), left
