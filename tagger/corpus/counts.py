"""Is there enough of everything: cases, initiatives, indirect ones, near misses, lengths, registers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tagger.corpus.findings import Finding, fault, note

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.corpus.authored import AuthoredCase
    from tagger.corpus.targets import Targets


def check_codes(cases: Sequence[AuthoredCase], codebook: Codebook) -> Iterator[Finding]:
    """Yield cases whose codes the codebook does not have or does not let go together, and near misses that are none."""
    models = [code.id for code in codebook.models]
    for case in cases:
        if not codebook.allowed(case.economy, case.model):
            yield fault("codes", f"the codebook has no pair {case.economy} / {case.model}", [case.id])
        if case.near_miss is not None and (case.near_miss == case.model or case.near_miss not in models):
            what = "its own model" if case.near_miss == case.model else "no model of the codebook"
            yield fault("codes", f"near_miss {case.near_miss!r} is {what}", [case.id])


def check_counts(cases: Sequence[AuthoredCase], codebook: Codebook, targets: Targets) -> Iterator[Finding]:
    """Yield the counts, as faults where they stay under their targets."""
    initiatives = len({case.initiative.casefold() for case in cases})
    for name, have, want in (("cases", len(cases), targets.cases), ("initiatives", initiatives, targets.initiatives)):
        yield _enough(have, want, f"{have} {name}")
    for code in codebook.models:
        yield from _of_model(code.id, [case for case in cases if case.model == code.id], targets)
    if targets.near_miss_pairs:
        yield from _pairs(cases, targets)
    yield from _lengths(cases, targets)
    registers = Counter(case.register for case in cases)
    yield note("counts", "registers: " + ", ".join(f"{r} {n}" for r, n in registers.most_common()))
    if missing := [r for r in targets.registers if r not in registers]:
        yield fault("counts", f"no case in register {', '.join(missing)}")
    if targets.registers and (unknown := [case for case in cases if case.register not in targets.registers]):
        yield fault("counts", f"registers that are not wanted: {', '.join(sorted({c.register for c in unknown}))}", [c.id for c in unknown])


def _of_model(model: str, cases: Sequence[AuthoredCase], targets: Targets) -> Iterator[Finding]:
    indirect, near = sum(case.indirect for case in cases), sum(case.near_miss is not None for case in cases)
    yield note("counts", f"model {model}: {len(cases)} cases, {indirect} indirect, {near} near misses")
    if (want := targets.wanted(model)) is not None and len(cases) < want:
        yield fault("counts", f"model {model}: {len(cases)} cases, {want} are wanted")
    if targets.indirect_share is not None and indirect < targets.indirect_share * len(cases):
        have = f"{indirect} of {len(cases)} cases are indirect ({_share(indirect, cases)})"
        yield fault("counts", f"model {model}: {have}, {targets.indirect_share:.0%} are wanted")
    if targets.near_misses is not None and near < targets.near_misses:
        yield fault("counts", f"model {model}: {near} near misses, {targets.near_misses} are wanted")


def _pairs(cases: Sequence[AuthoredCase], targets: Targets) -> Iterator[Finding]:
    found = Counter((case.model, case.near_miss) for case in cases)
    directions = [d for a, b in targets.near_miss_pairs for d in ((a, b), (b, a))]
    yield note("counts", "near misses worked through: " + ", ".join(f"{a} like {b} {found[a, b]}" for a, b in directions))
    for model, like in directions:
        if not found[model, like]:
            yield fault("counts", f"no case of model {model} that looks like {like}")


def _lengths(cases: Sequence[AuthoredCase], targets: Targets) -> Iterator[Finding]:
    words = {case.id: len(case.text.split()) for case in cases}
    long = sum(n > targets.long_words for n in words.values())
    message = f"{long} of {len(cases)} texts are over {targets.long_words} words ({_share(long, cases)})"
    yield _enough(long, None if targets.long_share is None else targets.long_share * len(cases), message, f"{targets.long_share or 0:.0%}")
    yield note("counts", f"texts have {min(words.values())} to {max(words.values())} words")
    if targets.shortest is not None and (short := [i for i, n in words.items() if n < targets.shortest]):
        yield fault("counts", f"{len(short)} texts under {targets.shortest} words", short)
    if targets.longest is not None and (over := [i for i, n in words.items() if n > targets.longest]):
        yield fault("counts", f"{len(over)} texts over {targets.longest} words", over)


def _enough(have: int, want: float | None, message: str, wanted: str = "") -> Finding:
    return fault("counts", f"{message}, {wanted or want} are wanted") if want is not None and have < want else note("counts", message)


def _share(part: int, cases: Sequence[AuthoredCase]) -> str:
    return f"{part / len(cases):.0%}" if cases else "none"
