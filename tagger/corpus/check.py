"""All checks of authored cases put together: do they vary, and does nothing but their content give their codes away?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tagger.codebook import FACETS
from tagger.codebook.records import NO_INITIATIVE
from tagger.codings.similar import near_duplicates
from tagger.corpus.apart import told_apart
from tagger.corpus.coded import check_codings
from tagger.corpus.counts import check_codes, check_counts
from tagger.corpus.findings import CheckReport, Finding, fault, note
from tagger.corpus.phrases import SENTENCE, CodebookWords, mentions, recurring
from tagger.corpus.style import MINIMUM, StyleResult, measurable, style_leak
from tagger.corpus.targets import Targets
from tagger.errors import InputError

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.codings.table import Coding
    from tagger.corpus.authored import AuthoredCase

CLOSE = 0.05  # cosine from which the most alike pair is worth a note
TOLD = 0.7  # AUC from which a code that style tells from the rest is worth a note


def check(
    cases: Sequence[AuthoredCase],
    codebook: Codebook,
    against: Sequence[str] | None = None,
    *,
    targets: Targets | None = None,
    codings: Sequence[Coding] | None = None,
    seed: int = 0,
) -> CheckReport:
    """Check authored cases.

    Parameters
    ----------
    cases : sequence of AuthoredCase
        With different ids.
    codebook : Codebook
        Whose words must not stand in the texts.
    against : sequence of str, optional
        Other texts; how far ours are told apart from them is then noted.
    targets : Targets, optional
        Without them counts are told and not judged, and limits are the usual ones.
    codings : sequence of Coding, optional
        Who coded what, of these cases and maybe others; labels are then compared with them.
    seed : int
        Of folds, forests and shuffling: the same corpus gives the same report.

    Raises
    ------
    InputError
        Where there is no case, or too few texts to compare with.
    """
    if not cases:
        raise InputError("there is no case to check")
    targets = targets or Targets()
    findings = [
        *check_codes(cases, codebook),
        *_near_duplicates(cases, targets),
        *_sequences(cases, targets),
        *_codebook_words(cases, codebook, targets),
        *_style(cases, targets, seed),
        *(_told_apart(cases, against, seed) if against is not None else ()),
        *check_counts(cases, codebook, targets),
        *(check_codings(cases, codings, codebook, targets.coders) if codings else [note("codings", "no codings given: labels were not compared with them")]),
    ]
    return CheckReport(len(cases), tuple(findings))


def _near_duplicates(cases: Sequence[AuthoredCase], targets: Targets) -> Iterator[Finding]:
    pairs = near_duplicates([case.text for case in cases], min(CLOSE, targets.cosine))
    for i, j, cosine in pairs:
        if cosine > targets.cosine:
            yield fault("near-duplicates", f"cosine {cosine:.2f}, over {targets.cosine:g}: rewrite one of the two", [cases[i].id, cases[j].id])
    rest = [pair for pair in pairs if pair[2] <= targets.cosine]
    if rest:
        i, j, cosine = rest[0]
        yield note("near-duplicates", f"the most alike that may be: cosine {cosine:.2f}", [cases[i].id, cases[j].id])


def _sequences(cases: Sequence[AuthoredCase], targets: Targets) -> Iterator[Finding]:
    often = recurring([case.text for case in cases], max(1, targets.sequence_cases - 1))
    for sequence, places in often:
        if len(places) > targets.sequence_cases:
            yield fault("sequences", f'"{sequence}" stands in {len(places)} cases, {targets.sequence_cases} may have it', [cases[i].id for i in places])
    edge = [sequence for sequence, places in often if len(places) == targets.sequence_cases]
    if edge:
        yield note("sequences", f"in {targets.sequence_cases} cases, as many as may be: " + ", ".join(f'"{sequence}"' for sequence in edge))


def _codebook_words(cases: Sequence[AuthoredCase], codebook: Codebook, targets: Targets) -> Iterator[Finding]:
    words = CodebookWords(codebook)
    concepts = []
    for case in cases:
        hits = words.names_in(case.text)
        free = [hit for hit in hits if not words.is_about(case, hit.phrase)]
        if case.model == NO_INITIATIVE and free and len(hits) <= targets.concept_mentions:
            concepts.append(case.id)
            yield note("codebook words", f"{mentions(hits)} in a case of `{NO_INITIATIVE}`, which may name a concept", [case.id])
        elif free:
            yield fault("codebook words", f"{mentions(free)}: say what happens instead", [case.id])
        elif hits:
            yield note("codebook words", f"{mentions(hits)} is in its title", [case.id])
        for hit in words.sentences_in(case.text):
            yield fault("codebook words", f'{mentions([hit])} stands, {SENTENCE} words or more in a row, in the codebook: "{hit.phrase}"', [case.id])
    if len(concepts) > targets.concept_cases:
        yield fault("codebook words", f"{len(concepts)} cases of `{NO_INITIATIVE}` name a concept of the codebook, {targets.concept_cases} may", concepts)


def _style(cases: Sequence[AuthoredCase], targets: Targets, seed: int) -> Iterator[Finding]:
    for facet in FACETS:
        if not measurable(cases, facet):
            yield note("style", f"{facet}: not measured, too few cases ({MINIMUM} and two codes of several initiatives are needed)")
            continue
        found = style_leak(cases, facet, seed=seed)
        telling = ", ".join(name for name, drop in found.importance[:5] if drop > 0) or "nothing in particular"
        message = (
            f"{facet} from style alone: accuracy {found.accuracy:.3f} ({found.classifier}), {found.chance:.3f} by chance;"
            f" mean recall {found.recall:.3f}, {found.recall_chance:.3f} by chance; most is told by: {telling}"
        )
        if found.excess > targets.style_margin:
            yield fault("style", f"{message}. More than {targets.style_margin:g} over chance: {_leaks(found)}")
        else:
            yield note("style", message)
            if found.recall_excess > targets.style_margin:
                yield note("style", f"{facet}: rare codes are told by style, mean recall is {found.recall_excess:.2f} over chance: {_leaks(found)}")
        for code, auc in sorted(found.by_code.items(), key=lambda item: -item[1]):
            if auc >= TOLD:
                yield note("style", f"{facet} {code} told from the rest by style, AUC {auc:.2f}: {_marks(found, code)}")


def _leaks(found: StyleResult) -> str:
    worst = sorted(found.by_code, key=lambda code: -found.by_code[code])[:3]
    return "; ".join(f"{code} has {_marks(found, code)}" for code in worst)


def _marks(found: StyleResult, code: str) -> str:
    return ", ".join(f"{'more' if difference > 0 else 'less'} {name} ({difference:+.1f} sd)" for name, difference in found.marks[code])


def _told_apart(cases: Sequence[AuthoredCase], against: Sequence[str], seed: int) -> Iterator[Finding]:
    found = told_apart([case.text for case in cases], against, seed=seed)
    yield note(
        "told apart",
        f"words tell these {len(cases)} texts from {len(against)} others with an AUC of {found.auc:.4f};"
        f" for ours: {', '.join(found.ours)}; for others: {', '.join(found.others)}",
    )
