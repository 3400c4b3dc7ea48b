"""What counts of all that people did: of each coder and case the newest coding that was not undone, with skips, markings, notes and adjudications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tagger.codings.table import Coding
from tagger.errors import InputError
from tagger.review.events import Event

_CONFIDENCE = {"sure": "high", "unsure": "low"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a coder holds of a case now. `event` is the id of the event that said so; the other fields are that event's (see :class:`Event`)."""

    case: str
    coder: str
    event: str
    codes: Mapping[str, str]
    sha256: str = ""
    blind: bool | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    sureness: str = ""
    at: str = ""
    seconds: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, event: Event) -> Verdict:
        """Return the verdict that a coding or an adjudication gives."""
        return cls(
            event.case,
            event.coder,
            event.id,
            event.codes,
            event.sha256,
            event.blind,
            event.shown,
            event.note,
            event.sureness,
            event.at,
            event.seconds,
            event.versions,
        )

    def stale(self, sha256: str) -> bool:
        """Tell whether another text was coded than the one with this fingerprint; where either is not recorded ('') it counts as the same."""
        return bool(self.sha256 and sha256) and self.sha256 != sha256

    def coding(self, *, role: str = "coder", title: str = "", random: bool | None = None) -> Coding:
        """Return the verdict as a row of the table of codings."""
        return Coding(
            self.case,
            self.coder,
            dict(self.codes),
            title=title,
            role=role,
            confidence=_CONFIDENCE.get(self.sureness, ""),
            note=self.note,
            codebook=self.versions.get("codebook", ""),
            date=f"{self.at[:19]}Z" if self.at else "",  # the table knows seconds, no fractions
            blind=self.blind,
            shown=" ".join(f"{name}={code}" for name, code in self.shown.items()),
            random=random,
            sha256=self.sha256,
        )


class Verdicts:
    """What counts, kept up to date event by event.

    An undone event counts as if it had never been: the coding before it counts again. Events are taken in the order in which
    they were added to the store, not by their clock: a computer whose clock is wrong must not hide what its coder did last. Not thread-safe: whoever shares
    one holds a lock.

    Parameters
    ----------
    events : iterable of Event

    Attributes
    ----------
    by_case : dict of case to dict of coder to Verdict
    by_coder : dict of coder to dict of case to Verdict
        In the order of coding, the newest last.
    skips : dict of coder to dict of case to Event
        The newest skip of each case, in the order of skipping, the newest last; a skip stays when the case is coded afterwards.
    adjudications : dict of case to Verdict
        The newest one of any adjudicator.

    Raises
    ------
    InputError
        Where an event undoes one that does not stand before it, is another's or another case's, an undo, or undone already.
    """

    def __init__(self, events: Iterable[Event] = ()):
        self.by_case: dict[str, dict[str, Verdict]] = {}
        self.by_coder: dict[str, dict[str, Verdict]] = {}
        self.skips: dict[str, dict[str, Event]] = {}
        self.adjudications: dict[str, Verdict] = {}
        self._events: dict[str, Event] = {}
        self._undone: set[str] = set()
        self._codings: dict[tuple[str, str], list[Event]] = {}
        self._active: dict[tuple[str, str, str], dict[str, Event]] = {}  # by kind, case and coder; in order, without what is undone
        self._acts: dict[str, dict[str, Event]] = {}  # by coder, in order, without undos and what is undone
        for event in events:
            self.add(event)

    def __iter__(self) -> Iterator[Verdict]:
        """Yield every verdict of coders (without adjudications), case by case."""
        return (verdict for by_coder in self.by_case.values() for verdict in by_coder.values())

    def __len__(self) -> int:
        return sum(map(len, self.by_case.values()))

    def add(self, event: Event) -> None:
        """Take one more event; one that was taken already (same id) changes nothing. Raises as the class does, and is then as it was."""
        if event.id in self._events:
            return
        if event.kind == "undo":
            self._undo(event)
        else:
            if event.kind == "coding":
                self._codings.setdefault((event.case, event.coder), []).append(event)
            self._active.setdefault(_key(event), {})[event.id] = event
            self._acts.setdefault(event.coder, {})[event.id] = event
            self._update(event)
        self._events[event.id] = event

    def get(self, case: str, coder: str) -> Verdict | None:
        """Return what a coder holds of a case, None where nothing."""
        return self.by_case.get(case, {}).get(coder)

    def codings(self, case: str, coder: str, *, undone: bool = False) -> list[Verdict]:
        """Return every coding of a case by a coder, in order, with those that were undone or without; of the latter the last one is what counts."""
        return [Verdict.of(event) for event in self._codings.get((case, coder), ()) if undone or event.id not in self._undone]

    def markings(self, case: str, coder: str) -> list[Event]:
        """Return what a coder marked on the mentions of a case, in order."""
        return list(self._active.get(("mention", case, coder), {}).values())

    def notes(self, case: str, coder: str) -> list[Event]:
        """Return the notes that a coder wrote on a case, in order (without those that came with a coding)."""
        return list(self._active.get(("note", case, coder), {}).values())

    def undone(self, id: str) -> bool:
        """Tell whether an event is undone."""
        return id in self._undone

    def last(self, coder: str) -> Event | None:
        """Return the newest event of a coder that can be undone, None where there is none."""
        return _newest(self._acts.get(coder, {}))

    def _undo(self, undo: Event) -> None:
        target = self._events.get(undo.undoes)
        if target is None:
            why = "does not stand before it"
        elif (target.coder, target.case) != (undo.coder, undo.case):
            why = f"is of {target.coder!r} on case {target.case!r}, not of {undo.coder!r} on case {undo.case!r}"
        elif target.kind == "undo" or target.id in self._undone:
            why = "is an undo itself" if target.kind == "undo" else "is undone already"
        else:
            self._undone.add(target.id)
            del self._active[_key(target)][target.id], self._acts[target.coder][target.id]
            self._update(target)
            return
        raise InputError(f"event {undo.id} undoes {undo.undoes}, which {why}; see `tagger store check`")

    def _update(self, event: Event) -> None:
        """Take the newest event of this one's kind, coder and case as the one that counts."""
        newest = _newest(self._active.get(_key(event), {}))
        if event.kind == "coding":
            verdict = Verdict.of(newest) if newest else None
            _put(self.by_case.setdefault(event.case, {}), event.coder, verdict)
            _put(self.by_coder.setdefault(event.coder, {}), event.case, verdict)
        elif event.kind == "skip":
            _put(self.skips.setdefault(event.coder, {}), event.case, newest)
        elif event.kind == "adjudication":
            _put(self.adjudications, event.case, Verdict.of(newest) if newest else None)


def verdicts(events: Iterable[Event]) -> Verdicts:
    """Return what counts of the events, given in the order in which they were added. Raises as :class:`Verdicts`."""
    return Verdicts(events)


def _key(event: Event) -> tuple[str, str, str]:
    return event.kind, event.case, "" if event.kind == "adjudication" else event.coder  # of all adjudicators the newest counts


def _newest(events: Mapping[str, Event]) -> Event | None:
    return events[next(reversed(events))] if events else None


def _put(where: dict, key: str, value: object) -> None:
    where.pop(key, None)  # so that what is newest stands last
    if value is not None:
        where[key] = value
