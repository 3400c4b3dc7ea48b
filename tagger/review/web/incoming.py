"""Events as a page sends them: checked against session, case and codebook, completed by what only the server knows, and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tagger.codebook import FACETS, Codebook
from tagger.codings.variables import codes_of
from tagger.errors import InputError, TaggerError
from tagger.review.cases import ReviewCase
from tagger.review.events import Event, event_from, now
from tagger.review.store import StoreError
from tagger.review.web.desk import Desk
from tagger.review.web.policy import ADJUDICATOR, Refused, no_text
from tagger.review.web.sessions import Reviewer
from tagger.review.web.view import place

GIVEN = ("id", "kind", "case", "sha256", "codes", "sureness", "note", "marking", "seconds", "undoes", "at")  # what a page may say
COMPARED = ("shown", "codebook")  # what the page had before it, compared with what there is now
PASSED_OVER = ("coder", "blind", "versions")  # the server knows better
MARKED = ("cue", "value", "start", "end")  # what a mention is known by
MOST = 500  # events in one request
DECIDING = ("coding", "adjudication")


class Stale(Exception):
    """An event about a text, suggestion or codebook that is no longer this one; `difference` tells it."""

    def __init__(self, why: str, difference: dict[str, Any]):
        super().__init__(why)
        self.why, self.difference = why, difference


def take(desk: Desk, reviewer: Reviewer, given: Any) -> tuple[int, dict[str, Any]]:
    """Store the events of a request, in their order; each is accepted or refused by itself, so that one bad event never holds up the others.

    Returns
    -------
    status : int
        200, or 409 where an event was refused because the page is stale.
    answer : dict
        `accepted` (ids; also of events that were stored before: a retry), `refused` (id, `why`, and `difference` where stale), `progress`.

    Raises
    ------
    Refused
        Where the request is no list of at most `MOST` objects.
    """
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise Refused(400, "a list of events is needed")
    if len(given) > MOST:
        raise Refused(413, f"{len(given)} events at once; send at most {MOST}")
    accepted: list[str] = []
    refused: list[dict[str, Any]] = []
    status = 200
    for item in given:
        id = item["id"][:100] if isinstance(item.get("id"), str) and not no_text(item["id"]) else ""
        try:
            with desk.writing():
                _take_one(desk, reviewer, item)
            accepted.append(id)
        except Stale as stale:
            status = 409
            refused.append({"id": id, "why": stale.why, "stale": True, "difference": stale.difference})
        except StoreError:  # the database: all of it is sent again later, and what was stored by then is accepted then
            raise
        except (TaggerError, ValueError) as error:
            refused.append({"id": id, "why": str(error)})
    return status, {"accepted": accepted, "refused": refused, "progress": desk.progress(reviewer)}


def _take_one(desk: Desk, reviewer: Reviewer, item: Mapping[str, Any]) -> None:
    unknown = [key for key in item if key not in GIVEN + COMPARED + PASSED_OVER]
    if unknown or no_text(item):
        raise InputError(
            f"{unknown[0][:50]!r} is no part of an event" if unknown else "a text holds a character that no text has (NUL, or half a surrogate pair)"
        )
    if not isinstance(item.get("case"), str):
        raise InputError("an event needs its case, a string")
    if item.get("kind") == "adjudication" and reviewer.role != ADJUDICATOR:
        raise InputError("only an adjudicator decides where coders differ")
    stored = desk.event(item["id"]) if isinstance(item.get("id"), str) else None
    if stored is not None:
        if not _same(item, stored, reviewer):
            raise InputError("this id belongs to another event; every act needs an id of its own")
        return  # sent again; whatever changed since, it is stored as it was meant
    case = desk.case(reviewer, item["case"])
    blind = desk.is_blind(reviewer, case)
    shown = {} if blind else case.suggestion
    event = _made(case, reviewer, item)
    if event.kind in (*DECIDING, "mention"):
        _check_fresh(desk.codebook, case, item, shown)
    _check_codes(desk.codebook, case, event)
    if event.kind == "undo":
        target = desk.event(event.undoes)
        if target is None or target.coder != reviewer.name or target.case != case.id:
            raise InputError("there is no act of yours on this case with that id, so it cannot be undone")
    if item.get("shown") == {}:  # a second answer before the first was sent: nothing had been shown yet
        shown = {}
    desk.store.add(replace(event, blind=blind, shown=shown, versions=case.versions))


def _same(item: Mapping[str, Any], stored: Event, reviewer: Reviewer) -> bool:
    """Tell whether a reviewer sends again what he sent before (its places in the text are not compared: the text may be another by now)."""
    told = {"kind": "", "case": "", "codes": {}, "sureness": "", "note": "", "undoes": ""}
    return stored.coder == reviewer.name and all((item.get(key) or empty) == getattr(stored, key) for key, empty in told.items())


def _made(case: ReviewCase, reviewer: Reviewer, item: Mapping[str, Any]) -> Event:
    told = {key: item[key] for key in GIVEN if item.get(key) is not None}
    if isinstance(told.get("marking"), dict):
        told["marking"] = _marking(case, told["marking"])
    return event_from({"at": now(), "sha256": case.sha256, **told, "coder": reviewer.name})


def _marking(case: ReviewCase, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a marking with its places in code points."""
    marking = dict(given)
    mention = marking.pop("mention", None)
    if mention is not None:  # a mention that the tagger found, by its place in the list
        found = list(case.record.get("cues", ()))
        if isinstance(mention, bool) or not isinstance(mention, int) or not 0 <= mention < len(found):
            raise InputError(f"there is no mention {mention!r}; the case has {len(found)}")
        marking = {key: found[mention][key] for key in MARKED} | {"verdict": marking.get("verdict", "wrong")}
    return marking | {key: place(case, marking.get(key)) for key in ("start", "end")}


def _check_fresh(codebook: Codebook, case: ReviewCase, item: Mapping[str, Any], shown: Mapping[str, str]) -> None:
    """Raise :class:`Stale` where the page showed another text, suggestion or codebook than there is now."""
    read = item.get("sha256") or case.sha256
    if read != case.sha256:
        why = "the text of this case changed since your page showed it; read it again"
        raise Stale(why, {"what": "text", "was": str(read)[:64], "is": case.sha256, "case": case.id})
    if item.get("shown") and shown and item["shown"] != shown:
        why = "the suggestion for this case changed since your page showed it (another model or codebook); look at it again"
        raise Stale(why, {"what": "suggestion", "was": item["shown"], "is": shown, "case": case.id})
    if item.get("codebook") not in (None, codebook.name):
        was = str(item["codebook"])[:200]
        known = [change.version for change in codebook.changes]
        version = was.rpartition(" ")[2]
        since = codebook.changes[known.index(version) + 1 :] if version in known else codebook.changes[-1:]
        changes = [{"version": c.version, "date": c.date, "text": c.text} for c in since]
        why = f"the codebook is now {codebook.name}; your page had {was}. Load the page again"
        raise Stale(why, {"what": "codebook", "was": was, "is": codebook.name, "changes": changes})


def _check_codes(codebook: Codebook, case: ReviewCase, event: Event) -> None:
    """Raise InputError where codes or cues are not the codebook's, do not go together, or stand where none belong."""
    known = codes_of(codebook)
    for name, code in event.codes.items():
        if name not in known:
            raise InputError(f"{name!r} is neither a facet nor a cue of codebook {codebook.name}")
        if code not in known[name]:
            raise InputError(f"{code!r} is not a code of {name} in codebook {codebook.name}; there are: {', '.join(known[name])}")
    pair = [event.codes.get(facet) for facet in FACETS]
    if all(pair) and not codebook.allowed(*pair):
        raise InputError(f"economy {pair[0]!r} and model {pair[1]!r} do not go together in codebook {codebook.name}; choose another of either")
    if event.kind in DECIDING and not any(pair) and event.sureness != "unsure":
        raise InputError("a coding needs an economy or a model, or has to be unsure")
    if event.codes and event.kind not in DECIDING:
        raise InputError(f"codes belong in a coding, not in: {event.kind}")
    if (event.marking is not None) != (event.kind == "mention"):
        raise InputError("a marking belongs in an event of kind mention, and every such event needs one")
    mark = event.marking
    if mark is not None and mark.verdict == "added" and mark.value not in codebook.cue_values.get(mark.cue, ()):
        raise InputError(f"{mark.cue!r} = {mark.value!r} is no cue of codebook {codebook.name}")
    if (
        mark is not None
        and mark.verdict == "wrong"
        and not any(all(found[key] == getattr(mark, key) for key in MARKED) for found in case.record.get("cues", ()))
    ):
        raise InputError("there is no such mention in this case, so it cannot be wrong")
