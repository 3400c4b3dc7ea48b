"""Is every authored label what its coders gave?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tagger.codings.merge import counting, merge
from tagger.codings.text import fingerprint
from tagger.corpus.findings import Finding, fault, note

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.codings.table import Coding
    from tagger.corpus.authored import AuthoredCase


def check_codings(cases: Sequence[AuthoredCase], codings: Sequence[Coding], codebook: Codebook, coders: int | None = None) -> Iterator[Finding]:
    """Yield cases not coded, with a text changed since, tied, with a label that is not their coders', or with fewer blind coders than `coders`."""
    known = {case.id: case for case in cases}
    rows: dict[str, list[Coding]] = {}
    for coding in codings:
        if coding.case in known:
            rows.setdefault(coding.case, []).append(coding)
    prints = {case.id: fingerprint(case.text) for case in cases}
    labels = merge([coding for found in rows.values() for coding in found], codebook, prints)
    coded = {id: counting(found, prints[id]) for id, found in rows.items()}
    only_author = [id for id in known if all(coding.role == "author" for coding in rows.get(id, ()))]
    stale = [id for id, label in labels.items() if label.settled == "stale"]
    tied = [id for id, label in labels.items() if label.settled == "unresolved" and id not in only_author]
    other = [id for id, label in labels.items() if label.usable and (label.codes["economy"], label.codes["model"]) != (known[id].economy, known[id].model)]
    for ids, what in (
        (only_author, "coded by nobody but their author"),
        (stale, "text is another than was coded, code it again"),
        (tied, "unresolved, coders are tied or their codes contradict each other: a third decides"),
        (other, "label is not what coders gave: rewrite the text, or take their label"),
    ):
        if ids:
            yield fault("codings", f"{what}: {_cases(ids)}", ids)
    if coders is not None:
        out = {*only_author, *stale}
        few = [id for id in known if id not in out and len({c.coder for c in coded[id] if c.role == "coder" and c.blind}) < coders]
        if few:
            yield fault("codings", f"fewer than {coders} blind coders: {_cases(few)}", few)
    yield note("codings", f"{len(known) - len(only_author) - len(stale)} of {len(known)} cases are coded by others than their author")


def _cases(ids: Sequence[str]) -> str:
    return f"{len(ids)} case" + "s" * (len(ids) != 1)
