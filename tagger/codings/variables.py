"""What is coded: the codes of each facet and cue, and the scales on which they can be ordered."""

from __future__ import annotations

from tagger.case import UNSTATED
from tagger.codebook import FACETS, Codebook

ORDERED_CUES = ("participation",)  # Comtesse's five steps, in the codebook's order


def codes_of(codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """Return the codes of each facet and cue, in the codebook's order; a cue's last code is that it is not stated."""
    return {facet: tuple(c.id for c in codebook.codes(facet)) for facet in FACETS} | {cue.id: (*cue.value_ids, UNSTATED) for cue in codebook.cues}


def scales_of(codebook: Codebook, name: str) -> dict[str, tuple[str, ...]]:
    """Return the ordered scales of a facet or cue: each ladder of the models and all rungs as one scale, the steps of participation; none for the others."""
    if name in ORDERED_CUES:
        return {"steps": codebook.cue(name).value_ids}
    rungs = [(code.level, code.rung, code.id) for code in codebook.codes(name) if code.rung is not None] if name in FACETS else []
    ladders = {
        codebook.levels[level]: tuple(i for at, _, i in sorted(rungs, key=lambda r: r[1]) if at == level) for level in dict.fromkeys(r[0] for r in rungs)
    }
    return ladders | {"both ladders as one scale": tuple(i for ladder in ladders.values() for i in ladder)} if ladders else {}
