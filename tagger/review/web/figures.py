"""What the team sees of itself: the dashboard, and the cases that an adjudicator decides."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

from tagger.codings.variables import codes_of
from tagger.review.adjudication import Disagreement, disagreements
from tagger.review.dashboard import CoderProgress, dashboard, machine_codes
from tagger.review.overturned import rules_for
from tagger.review.verdicts import Verdicts
from tagger.review.web.desk import Desk
from tagger.review.web.policy import ADJUDICATOR, Call


class Figures:
    """The dashboard, made anew only when there are new events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
        self._machine: dict[str, dict[str, str]] = {}
        self._rules: dict[str, dict[str, tuple[str, ...]]] = {}

    def __call__(self, call: Call) -> dict[str, Any]:
        """GET /api/dashboard?scope=all|blind|audit. An adjudicator's is made of everything; a coder's of the cases that he coded himself, and of progress."""
        desk, reviewer, scope = call.app.state.desk, call.reviewer, call.query.get("scope") or "all"
        who = "" if reviewer.role == ADJUDICATOR else reviewer.name
        with self._lock:  # one at a time: the intervals are bootstraps
            seen, seq = desk.seen_by(reviewer)
            if self._made.get((who, scope), (None,))[0] != seq:
                self._made[who, scope] = seq, self._figures(desk, seen, scope, who)
            return self._made[who, scope][1]

    def _figures(self, desk: Desk, seen: Verdicts, scope: str, reader: str) -> dict[str, Any]:
        for id in {*seen.by_case, *seen.adjudications} - self._machine.keys():
            case = desk.store.case(id)
            if case is not None:
                self._machine[id], self._rules[id] = machine_codes(case), rules_for(case, desk.codebook)
        made = dashboard(
            seen,
            desk.heads.values(),
            desk.codebook,
            scope=scope,
            audit=desk.queue.audit,
            machine=self._machine,
            rules=self._rules,
            reader=reader or None,
            seed=desk.plan.seed,
        ).as_dict()
        return made | {"coders": [asdict(one) for one in desk.read(lambda verdicts: _progress(desk, verdicts))], "reader": reader, "scope": scope}


def _progress(desk: Desk, verdicts: Verdicts) -> list[CoderProgress]:
    """Return how far everybody is: numbers alone."""
    names = {coder.name for coder in desk.store.coders()} | {*verdicts.by_coder, *verdicts.skips}
    found = []
    for name in sorted(names):
        held = verdicts.by_coder.get(name, {}).values()
        progress = desk.queue.progress(verdicts, name, desk.store.assigned(name))
        found.append(CoderProgress(name, progress, sum(v.blind is True for v in held), max((v.at for v in held), default="")))
    return found


def _markings(verdicts: Verdicts, one: Disagreement, text: str | None) -> dict[str, list[dict[str, Any]]]:
    """Return what each coder of a case marked on its mentions, as the text is now."""
    by_coder = {v.coder: verdicts.markings(one.case, v.coder) for v in one.verdicts}
    return {coder: [asdict(e.marking) for e in events if e.marking is not None and text in (None, e.sha256)] for coder, events in by_coder.items()}


def divided(call: Call) -> dict[str, Any]:
    """GET /api/disagreements: where coders differ, what each of them holds, and what was decided; those that are open first."""
    desk = call.app.state.desk
    texts, titles = ({id: getattr(head, what) for id, head in desk.heads.items()} for what in ("sha256", "title"))
    names = tuple(codes_of(desk.codebook))
    told = desk.read(lambda verdicts: [
        {**asdict(one), "title": titles.get(one.case, ""), "open": one.open, "markings": _markings(verdicts, one, texts.get(one.case))}
        for one in disagreements(verdicts, texts=texts, names=names, decided=True)
    ])  # fmt: skip
    return {"disagreements": sorted(told, key=lambda one: not one["open"])}
