"""The sections on coding: the sample, who coded, what was coded twice, how well coders agree, how disagreements were settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tagger.codebook import FACETS, Codebook
from tagger.codings.agreement import Agreement, Alpha, agreement, mark
from tagger.codings.merge import SETTLED, Label, counting, merge, units_of
from tagger.codings.rows import csv_rows
from tagger.codings.table import Coding
from tagger.codings.variables import codes_of, scales_of
from tagger.retrain.appendix.blocks import Block, Heading, Missing, Paragraph, Table, between, called

CODERS = "coders.csv"
MACHINE, PERSON = "language model", "person"
PEOPLE = ("person", "people", "human")
UNRECORDED = "not recorded"
MOST = 60  # coders that are listed one by one


@dataclass(frozen=True)
class Coded:
    """Codings with what is known of their coders: `kinds` maps names to person or language model, `saw` to what they had before them.

    `texts` gives the fingerprint of each case's text as it is now, where that is known; codings of another one do not count.
    """

    source: str
    codings: Sequence[Coding]
    kinds: Mapping[str, str] = field(default_factory=dict)
    saw: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] | None = None

    def kind(self, coder: str) -> str:
        """Return what kind of coder this is, in our words."""
        given = self.kinds.get(coder, "").strip().lower()
        return PERSON if given in PEOPLE else given or UNRECORDED


def read_coders(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Read a table of coders (``coder,kind,...,saw``; kind is person or language model); return kinds and what each saw.

    Raises
    ------
    InputError
    """
    rows = [row for _, row in csv_rows(path, ("coder", "kind"))]
    return {row["coder"]: row["kind"] for row in rows}, {row["coder"]: row.get("saw", "") for row in rows}


def coded_blocks(coded: Coded | None, book: Codebook, labels: Mapping[tuple[str, str], str], *, replicates: int = 2000, seed: int = 0) -> Iterator[Block]:
    """Yield the sections; where there are no codings, what is missing."""
    if coded is None or not coded.codings:
        yield Heading("Sample, coders and agreement")
        why = "no codings were given" if coded is None else f"{coded.source} holds no codings"
        yield Missing(f"sample, coders, agreement ({why})", "Give codings with --codings, or a review with --store.")
        return
    settled = merge(coded.codings, book, coded.texts)
    yield from _sample(coded, settled)
    yield from _who(coded)
    yield from _twice(coded)
    yield from _agreement(coded, book, labels, replicates, seed)
    yield from _settled(coded, settled)


def _sample(coded: Coded, settled: Mapping[str, Label]) -> Iterator[Block]:
    yield Heading("Sample")
    drawn = Counter(label.random for label in settled.values())
    said = f"{len(settled)} cases with {len(coded.codings)} codings, from {coded.source}."
    said += f" {drawn[True]} of the cases were drawn at random, {drawn[False]} were not"
    yield Paragraph(said + (f"; of {drawn[None]} it is not recorded." if drawn[None] else "."))
    sets = Counter(label.set or "(no set named)" for label in settled.values())
    if len(sets) > 1:
        random = Counter(label.set or "(no set named)" for label in settled.values() if label.random)
        yield Table("Cases by set", ("Set", "Cases", "Drawn at random"), tuple((name, str(n), str(random[name])) for name, n in sets.most_common()))
    versions = Counter(c.codebook or UNRECORDED for c in coded.codings)
    yield Paragraph("Codebook that coders say they went by: " + ", ".join(f"{name} ({count} codings)" for name, count in versions.most_common(10)) + ".")


def _who(coded: Coded) -> Iterator[Block]:
    yield Heading("Who coded")
    coders = list(dict.fromkeys(c.coder for c in coded.codings))
    kinds = Counter(coded.kind(name) for name in coders)
    yield Paragraph(who_coded(kinds))
    if kinds[UNRECORDED]:
        yield Missing(
            f"whether {kinds[UNRECORDED]} of {len(coders)} coders are people or language models",
            f"Write it into a table {CODERS} (coder,kind,saw; kind is {PERSON} or {MACHINE}) beside the codings, or name one with --coders.",
        )
    rows = []
    for name in coders[:MOST]:
        mine = [c for c in coded.codings if c.coder == name]
        roles = ", ".join(dict.fromkeys(c.role for c in mine))
        rows.append((name, coded.kind(name), roles, coded.saw.get(name, "") or UNRECORDED, str(len(mine)), str(sum(c.blind is True for c in mine))))
    yield Table("Coders", ("Coder", "Kind", "Role", "Saw", "Codings", "Blind"), tuple(rows), words=4)
    if len(coders) > MOST:
        yield Paragraph(f"{len(coders) - MOST} more coders are not listed.")
    yield Paragraph("Blind: the coder saw neither a suggestion nor anybody else's codes. An author wrote the text and knew what it was meant to carry.")


def who_coded(kinds: Mapping[str, int]) -> str:
    """Say outright whether people or language models coded; `kinds` counts coders by kind."""
    machines, people, unknown = kinds.get(MACHINE, 0), kinds.get(PERSON, 0), kinds.get(UNRECORDED, 0)
    total = sum(kinds.values())
    others = total - machines - people - unknown
    if machines == total:
        return f"All {total} coders are language models: no person has coded these texts. Their agreement says how consistent models are, not how people agree."
    if people == total:
        return f"All {total} coders are people."
    counts = ((people, "people"), (machines, "language models"), (others, "of another kind"), (unknown, "of a kind that is not recorded"))
    said = ", ".join(f"{count} {name}" for count, name in counts if count)
    return f"Of {total} coders: {said}." + (" No coder is known to be a person." if not people else "")


def _twice(coded: Coded) -> Iterator[Block]:
    yield Heading("Coded more than once")
    by_case: dict[str, list[Coding]] = {}
    for coding in coded.codings:
        by_case.setdefault(coding.case, []).append(coding)
    rows = []
    for facet in FACETS:
        numbers = [len({c.coder for c in counting(rows_) if c.role == "coder" and facet in c.codes}) for rows_ in by_case.values()]
        once, more = sum(n >= 1 for n in numbers), sum(n >= 2 for n in numbers)
        rows.append((facet, str(once), str(more), f"{100 * more / once:.1f} %" if once else "none"))
    yield Table("Cases coded by two coders or more", ("Facet", "Cases coded", "Twice or more", "Share"), tuple(rows))


def _agreement(coded: Coded, book: Codebook, labels: Mapping[tuple[str, str], str], replicates: int, seed: int) -> Iterator[Block]:
    yield Heading("Agreement of the coders")
    blind = [c for c in coded.codings if c.blind]
    used = blind or list(coded.codings)
    units = units_of(used)
    found = {
        name: agreement(units.get(name, {}), codes, scales_of(book, name), replicates=replicates, seed=seed)
        for name, codes in codes_of(book).items()
    }
    if not any(figures.cases for figures in found.values()):
        yield Missing("agreement (no case was coded independently by two coders)", "Have a random share of the cases coded twice, blind.")
        return
    if blind:
        yield Paragraph(f"Of blind codings alone ({len(blind)} of {len(coded.codings)}), without authors and adjudicators.")
    else:
        yield Paragraph("No coding is recorded as blind: coders may have seen suggestions or each other's codes, and agree the more for it.")
    columns = ("Variable", "Cases", "Coders", "Agreement", "Alpha", "What it is good for")
    yield Table("Agreement by facet and cue", columns, tuple(_rows(found)))
    for facet in FACETS:
        codes = tuple(
            (called(facet, c.code, labels), str(c.codings), "–" if c.specific_agreement is None else f"{100 * c.specific_agreement:.1f} %", _alpha(c.alpha))
            for c in found[facet].codes
        )
        yield Table(f"Agreement by code, {facet}", ("Code", "Codings", "Specific agreement", "Alpha"), codes)
    yield Paragraph(
        "Agreement: mean over cases of the share of agreeing pairs of codings; of a code, how often a second coding gives it where a first one does. "
        f"Alpha: Krippendorff's, nominal unless ordinal is said, with a 95 % interval by a bootstrap over cases ({replicates} draws, seed {seed}). "
        "The marks 0.667 and 0.800: Krippendorff, Content Analysis (2004), p. 241."
    )


def _rows(found: Mapping[str, Agreement]) -> Iterator[tuple[str, ...]]:
    for name, figures in found.items():
        share = "–" if figures.percent_agreement is None else f"{100 * figures.percent_agreement:.1f} %"
        yield name, str(figures.cases), str(figures.coders), share, _alpha(figures.alpha), mark(figures.alpha.low, figures.alpha.value)
        for scale in figures.ordinal:
            yield f"{name}, ordinal: {scale.scale}", str(scale.cases), "", "", _alpha(scale.alpha), mark(scale.alpha.low, scale.alpha.value)


def _alpha(alpha: Alpha) -> str:
    if alpha.value is None:
        return f"undefined ({alpha.why})" if alpha.why else "undefined"
    return f"{alpha.value:.3f}{between(alpha.low, alpha.high)}"


def _settled(coded: Coded, settled: Mapping[str, Label]) -> Iterator[Block]:
    yield Heading("How disagreements were settled")
    counts = Counter(label.settled for label in settled.values())
    means = {
        "unanimous": "all coders gave the same codes",
        "majority": "more coders gave these codes than any other",
        "adjudicated": "an adjudicator decided",
        "single": "one coder alone",
        "stale": "only another version of the text was coded; no label",
        "unresolved": "as many coders for one code as for another, or contradicting codes; no label",
    }
    rows = tuple((how, means[how], str(counts[how]), f"{100 * counts[how] / len(settled):.1f} %") for how in SETTLED)
    yield Table("Cases by how their label came about", ("Label", "Meaning", "Cases", "Share"), rows, words=2)
    deciders = Counter(coded.kind(c.coder) for c in {c.coder: c for c in coded.codings if c.role == "adjudicator"}.values())
    kinds = ((count, kind if kind != UNRECORDED else "of a kind that is not recorded") for kind, count in deciders.items())
    said = ", ".join(f"{count} ({kind})" for count, kind in kinds) or "none"
    yield Paragraph(
        "Of a coder who coded a case more than once the latest coding counts; an author's never does. Where an adjudicator decided, that is the label; "
        f"else the code that most coders gave. A tie gives no label. A case counts as its less certain facet. Adjudicators: {said}."
    )
