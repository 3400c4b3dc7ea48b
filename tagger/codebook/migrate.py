"""From one version of a codebook to the next: what becomes of every label, and what can no longer be compared.

A label *stays* or *follows* its code by itself where the log (:mod:`tagger.codebook.moves`) says that nothing but name or place changed, or that the whole code
went into another. Somebody has to look where a code was split, retired or redrawn. What the log does not say is taken for the worse: a code that is retired
without a word leads nowhere, and one whose definition or criteria read otherwise after a major step counts as redrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from tagger.codebook.faults import listed, quoted
from tagger.codebook.moves import Move, version_of
from tagger.codebook.records import FACETS, Code, Codebook
from tagger.errors import CodebookError

MAJOR, MINOR, PATCH, NONE = "major", "minor", "patch", "none"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the labels of one code.

    `becomes` is the code that they carry by themselves, '' where somebody has to look; `candidates` are where such cases may belong. `doubtful`: the label
    stands, but a new code may fit better, so that its cases are worth a look. `why` says it in words.
    """

    facet: str
    code: str
    becomes: str
    candidates: tuple[str, ...] = ()
    doubtful: bool = False
    why: tuple[str, ...] = ()

    @property
    def eyes(self) -> bool:
        """Whether the label cannot follow by itself."""
        return not self.becomes


@dataclass(frozen=True)
class Migration:
    """The way from `old` to `new`: `step` is major, minor, patch or none, `moves` those of the log between the two."""

    old: Codebook
    new: Codebook
    step: str
    moves: tuple[Move, ...]
    fates: tuple[Fate, ...]
    notes: tuple[str, ...]
    dropped: tuple[str, ...]

    @cached_property
    def by_code(self) -> dict[tuple[str, str], Fate]:
        """The fates by facet (or cue) and code."""
        return {(fate.facet, fate.code): fate for fate in self.fates}

    @property
    def wording_only(self) -> bool:
        """Whether labels, models and figures stand as they are."""
        return self.step in (PATCH, NONE)

    def touched(self, facet: str) -> list[str]:
        """Return the codes of a facet or cue, old and new, whose meaning or extent is another now; a code that only has another id is none."""
        found: dict[str, None] = {}
        for fate in self.fates:
            if fate.facet == facet and (fate.eyes or fate.doubtful):
                found |= dict.fromkeys((fate.code, *fate.candidates))
        for move in self.moves:
            if move.facet == facet and move.kind in ("merged", "added", "split", "redrawn", "retired"):
                found |= dict.fromkeys((*move.sources, *move.targets))
        before, after = ids_of(self.old).get(facet, ()), ids_of(self.new).get(facet, ())
        renamed = {id for move in self.moves if move.facet == facet and move.kind == "renamed" for id in move.targets}
        found |= dict.fromkeys(id for id in after if id not in before and id not in renamed)
        return [id for id in dict.fromkeys((*before, *after)) if id in found]


def migration_of(old: Codebook, new: Codebook, moves: Iterable[Move]) -> Migration:
    """Return the way from one version of a codebook to a later one.

    Parameters
    ----------
    old, new : Codebook
    moves : iterable of Move
        All of the new one's log, in the order of the versions (:func:`tagger.codebook.moves.load_with_moves`).

    Raises
    ------
    CodebookError
        With every reason why there is no way: another codebook, an older version, a log with gaps, an id that comes back or is gone, a step that is too small.
    """
    first, last = version_of(old.version), version_of(new.version)
    between = tuple(move for move in moves if first < move.version <= last)
    step = NONE if first == last else next(name for name, a, b in zip((MAJOR, MINOR, PATCH), first, last, strict=True) if a != b)
    faults = list(_no_way(old, new, first, last))
    if not faults:
        faults = [*_reused(old, new, between), *_too_small(old, new, step)]
    if faults:
        raise CodebookError(faults)
    fates = tuple(_fates(old, new, between, step))
    return Migration(old, new, step, between, fates, tuple(_notes(old, new, between)), tuple(id for id in old.cue_values if id not in new.cue_values))


def ids_of(book: Codebook) -> dict[str, tuple[str, ...]]:
    """Return the active codes of each facet and the values of each cue, auxiliary ones too."""
    return {facet: tuple(c.id for c in book.codes(facet)) for facet in FACETS} | book.cue_values


def _no_way(old: Codebook, new: Codebook, first: tuple[int, ...], last: tuple[int, ...]) -> Iterator[str]:
    if old.id != new.id:
        yield f"{new.path}: is codebook {quoted(new.id)}, not a later version of {quoted(old.id)}; labels follow within one codebook only"
    elif last < first:
        yield f"{new.path}: version {new.version} is older than {old.version}; give the older codebook first"
    elif first == last and old.sha256 != new.sha256:
        yield f"{new.path}: differs from {old.path}, but both are version {new.version}; raise its version and say under [[change]] what changed"
    else:
        missing = [change.version for change in old.changes if change.version not in {c.version for c in new.changes}]
        if missing:
            yield f"{new.path}: its log does not know version {listed(missing)} of {old.path}; a log is only added to, so take its entries over"


def _reused(old: Codebook, new: Codebook, moves: tuple[Move, ...]) -> Iterator[str]:
    retired = {(c.facet, c.id) for c in old.retired}
    there = {(c.facet, c.id) for c in (*new.economies, *new.models, *new.retired)}
    for code in (*new.economies, *new.models):
        if (code.facet, code.id) in retired:
            yield f"{code.facet} {quoted(code.id)}: retired in version {old.version} and active in {new.version}; ids are never reused, so give it another id"
    for code in (*old.economies, *old.models, *old.retired):
        if (code.facet, code.id) not in there:
            yield f"{code.facet} {quoted(code.id)}: is in {old.path} and not in {new.path}; keep it with status retired, so that old codings can be read"
    known = {(c.facet, c.id) for c in (*old.economies, *old.models, *old.retired)} | {(cue, v) for cue, values in old.cue_values.items() for v in values}
    for move in moves:
        for id in move.targets:
            if move.kind in ("renamed", "added") and (move.facet, id) in known:
                why = f"{move.kind} to an id that version {old.version} has with a meaning of its own; give it another id"
                yield f"{move.facet} {quoted(id)}: {why}, or say merged where it takes the other in"


def _too_small(old: Codebook, new: Codebook, step: str) -> Iterator[str]:
    """Tell where the version was raised by less than the changes ask for (patch: wording; minor: an added code; major: all else)."""
    if step == MAJOR:
        return
    before, after = ids_of(old), ids_of(new)
    for facet in {**before, **after}:
        was, now = set(before.get(facet, ())), set(after.get(facet, ()))
        if gone := sorted(was - now):
            yield f"{facet} {listed(gone)}: no longer there in {new.version}; that takes a major step"
        if step == PATCH and (came := sorted(now - was)):
            yield f"{facet} {listed(came)}: new in {new.version}; that takes a minor step at least"
    for facet, id in sorted({(f, i) for f in FACETS for i in before[f] if i in after[f]}):
        a, b = old.code(facet, id), new.code(facet, id)
        if (a.level, a.rung) != (b.level, b.rung):
            yield f"{facet} {quoted(id)}: stands elsewhere on the ladders in {new.version}; that takes a major step"
        if [(k.id, k.instead) for k in a.criteria] != [(k.id, k.instead) for k in b.criteria]:
            yield f"{facet} {quoted(id)}: has other criteria in {new.version}, not only other words; that takes a major step"
    if lost := sorted(set(old.pairs) - set(new.pairs)):
        yield f"pairs: {listed(' with '.join(pair) for pair in lost)} no longer allowed in {new.version}; that takes a major step"
    came_pairs = [pair for pair in new.pairs if pair not in old.pairs]
    if step == PATCH and came_pairs:
        yield f"pairs: {listed(' with '.join(pair) for pair in came_pairs)} allowed in {new.version} only; that takes a minor step at least"


def _fates(old: Codebook, new: Codebook, moves: tuple[Move, ...], step: str) -> Iterator[Fate]:
    active = ids_of(new)
    for facet, ids in ids_of(old).items():
        mine = [move for move in moves if move.facet == facet]
        named = {id for move in mine for id in (*move.sources, *(move.targets if move.kind != "added" else ()))}
        for id in ids:
            fate = Fate(facet, id, id)
            for move in mine:
                fate = _moved(fate, move)
            if fate.becomes == id and id not in named and id in active.get(facet, ()) and step == MAJOR and facet in FACETS:
                fate = _reworded(fate, old.code(facet, id), new.code(facet, id), active[facet])
            if fate.becomes and fate.becomes not in active.get(facet, ()):
                why = "its values are gone with the cue" if facet not in active else "retired, and the log does not say where its cases belong"
                fate = replace(fate, becomes="", why=(*fate.why, why))
            yield replace(fate, candidates=tuple(c for c in fate.candidates if c in active.get(facet, ())))


def _moved(fate: Fate, move: Move) -> Fate:
    """Return what a move makes of a fate: it concerns the code that the labels carry by then, and every code that they may belong to."""
    at = (fate.becomes,) if fate.becomes else fate.candidates
    if not set(at) & set(move.sources) or move.kind in ("moved", "worded"):
        return fate
    targets, why = move.targets, (*fate.why, _said(move))
    if move.kind == "added":
        return replace(fate, candidates=_unique((*fate.candidates, *targets)), doubtful=not fate.eyes, why=why)
    if move.kind in ("renamed", "merged"):
        follow = tuple(targets[0] if id in move.sources else id for id in fate.candidates)
        becomes = targets[0] if fate.becomes in move.sources else fate.becomes
        return replace(fate, becomes=becomes, candidates=_unique(follow), why=why if becomes != fate.code or fate.eyes else fate.why)
    stays = tuple(move.sources) if move.kind == "redrawn" else ()
    others = tuple(id for id in (*at, *fate.candidates) if id not in move.sources)
    return replace(fate, becomes="", candidates=_unique((*stays, *targets, *others)), doubtful=False, why=why)


def _reworded(fate: Fate, before: Code, after: Code, active: Collection[str]) -> Fate:
    leads = {k.id: k.instead for k in before.avoid_when}  # where a criterion leads elsewhere since its code is gone, that is no change of this code

    def told(code: Code) -> list[tuple[str, ...]]:
        uses = [(k.id, k.text) for k in code.use_when]
        return [(code.definition,), *uses, *((k.id, k.text, k.instead if leads.get(k.id) in active else "") for k in code.avoid_when)]

    if told(before) == told(after):
        return fate
    why = "its definition or criteria read otherwise, and the log does not say that only the words changed (kind worded)"
    return replace(fate, becomes="", candidates=(fate.code,), why=(*fate.why, why))


def _said(move: Move) -> str:
    version = ".".join(map(str, move.version))
    to = f" into {', '.join(move.targets)}" if move.targets else ""
    words = {"renamed": f"renamed{to}", "merged": f"merged{to}", "split": f"split{to}", "retired": f"retired{', see' + to[5:] if to else ''}"}
    words |= {"redrawn": f"redrawn{', part of it may be' + to[5:] if to else ''}", "added": f"{', '.join(move.targets)} is new, and may fit better"}
    return f"{words[move.kind]} ({version})" + (f": {move.text}" if move.text else "")


def _notes(old: Codebook, new: Codebook, moves: tuple[Move, ...]) -> Iterator[str]:
    for facet, ids in ids_of(new).items():
        before = ids_of(old).get(facet)
        told = {id for move in moves if move.facet == facet for id in move.targets}
        came = [id for id in ids if before is not None and id not in before and id not in told]
        if came:
            yield f"{facet} {listed(came)}: new, and the log does not say which codes such cases were given until now; every label stays as it is"
        if before is None:
            yield f"cue {facet}: new; no case is coded by it yet"
    for facet in FACETS:
        for code in new.codes(facet):
            was = next((c for c in old.codes(facet) if c.id == code.id), None)
            if was is not None and was.label != code.label:
                yield f"{facet} {code.id}: is called {quoted(code.label)} now, {quoted(was.label)} before; its labels stay"
            if was is not None and (was.level, was.rung) != (code.level, code.rung):
                yield f"{facet} {code.id}: stands on rung {code.rung} of {code.level} now, before on rung {was.rung} of {was.level}; its labels stay"


def _unique(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
