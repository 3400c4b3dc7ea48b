"""The dashboard: each of its figures by hand, its scopes, and what a coder may not see yet."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from made_reviews import NEW_TEXT, TEXT, coding, event, head

from tagger.codebook import load_codebook
from tagger.codings.coincidence import nominal_alpha
from tagger.errors import InputError
from tagger.review.cases import ReviewCase
from tagger.review.dashboard import Dashboard, dashboard, machine_codes
from tagger.review.verdicts import verdicts

BOOK = load_codebook()
HEADS = [head(f"c{i}", "9" if i % 2 else "7") for i in range(12)]


def board(events, heads=HEADS, **more) -> Dashboard:
    return dashboard(verdicts(events), heads, BOOK, **{"replicates": 50} | more)


def both(case: str, ada: str, ben: str, **more) -> list:
    return [coding(case, ada, **more), coding(case, ben, "ben", **more)]


def test_progress_of_each_coder():
    events = [coding("c0", blind=True, at="2026-11-23T09:00:00.000Z"), coding("c1", blind=False, at="2026-11-23T10:00:00.000Z"), event("skip", "c2")]
    events += [coding("c0", coder="ben", sureness="unsure"), event("skip", "c3", "cem")]
    found = {c.coder: c for c in board(events, audit={"c0", "c5"}, coders=["dan"], assigned={"ben": {"c0", "c1"}, "ada": None}).coders}
    assert list(found) == ["ada", "ben", "cem", "dan"]
    ada, ben, cem, dan = found.values()
    assert (ada.progress.done, ada.progress.left, ada.progress.skipped, ada.blind, ada.at) == (2, 10, 1, 1, "2026-11-23T10:00:00.000Z")
    assert (ada.progress.audit_done, ada.progress.audit_left) == (1, 1)
    assert (ben.progress.done, ben.progress.left, ben.progress.unsure) == (1, 1, 1)
    assert (cem.progress.done, cem.progress.skipped, cem.at) == (0, 1, "")
    assert (dan.progress.done, dan.progress.left) == (0, 12)


def test_disagreements_with_codes_notes_and_what_is_decided():
    events = both("c0", "9", "7") + both("c1", "9", "9", cues={"payment": "unpaid"})
    events += [coding("c1", coder="cem", cues={"payment": "waged"}, note="says so at the end")]
    events += [coding("c0", "9", "eva", kind="adjudication"), *both("c2", "2", "2")]
    found = board(events).disagreements
    assert [(d.case, d.title, d.codes, d.notes, d.decided) for d in found] == [
        ("c0", "About c0", {"model": {"ada": "9", "ben": "7"}}, {}, True),
        ("c1", "About c1", {"payment": {"ada": "unpaid", "ben": "unpaid", "cem": "waged"}}, {"cem": "says so at the end"}, False),
    ]


def test_a_coder_sees_no_disagreement_on_a_case_still_to_code():
    events = [*both("c0", "9", "7"), coding("c1", "9", "ben"), coding("c1", "7", "cem")]
    assert [d.case for d in board(events, reader="ada").disagreements] == ["c0"]
    assert [d.case for d in board(events, reader="dan").disagreements] == []
    assert [d.case for d in board(events).disagreements] == ["c0", "c1"]
    changed = [replace(h, sha256=NEW_TEXT) if h.id == "c0" else h for h in HEADS]
    fresh = [coding("c0", "9", "ben", sha256=NEW_TEXT), coding("c0", "7", "cem", sha256=NEW_TEXT)]
    assert [d.case for d in board(events + fresh, changed, reader="ada").disagreements] == []  # the new text is still to code


PAIRS = [("9", "9"), ("9", "7"), ("7", "7"), ("11", "11"), ("7", "7"), ("9", "9")]


def test_agreement_of_coders_is_krippendorffs():
    events = [e for i, pair in enumerate(PAIRS) for e in both(f"c{i}", *pair)] + [coding("c9", "2")]
    model = board(events).agreement["model"]
    assert (model.cases, model.left_out, model.coders) == (6, 1, 2)
    assert model.alpha.value == pytest.approx(nominal_alpha(PAIRS))
    assert model.alpha.low < model.alpha.value < model.alpha.high
    assert set(board(events).agreement) == {"economy", "model", *(cue.id for cue in BOOK.cues)}


def test_the_tagger_stands_against_what_people_settled():
    events = [e for i in range(6) for e in both(f"c{i}", "9", "9")]
    events += [*both("c6", "9", "7"), *both("c7", "2", "7"), coding("c7", "7", "eva", kind="adjudication")]
    model = board(events).tagger["model"]
    label = ["9"] * 6 + ["7"]  # c6 is tied, c7 decided
    machine = ["7", "9"] * 3 + ["9"]
    assert (model.cases, model.coders, model.percent_agreement) == (7, 2, pytest.approx(3 / 7))
    assert model.alpha.value == pytest.approx(nominal_alpha(zip(label, machine, strict=True)))
    assert board(events).tagger["economy"].cases == 7  # an unresolved case has no label, of neither facet
    assert board(events).tagger["payment"].cases == 0


def test_cues_of_the_tagger_where_they_are_given():
    events = [coding(f"c{i}", cues={"payment": "unpaid" if i < 3 else "waged"}) for i in range(4)]
    machine = {f"c{i}": {"model": "9", "payment": "unpaid", "no cue": "x"} for i in range(4)}
    found = board(events, machine=machine).tagger
    assert (found["payment"].cases, found["payment"].percent_agreement) == (4, 0.75)
    assert found["economy"].cases == 0


def test_codes_of_the_tagger_out_of_a_record():
    record = {"economy": {"code": "sharing"}, "model": {"code": "9"}, "cue_codes": [{"cue": "payment", "value": "unstated", "probability": 0.9}]}
    assert machine_codes(ReviewCase("c1", "", "", TEXT, record)) == {"economy": "sharing", "model": "9", "payment": "unstated"}


class TestScope:
    EVENTS = (
        *both("c0", "9", "7", blind=False),
        *both("c1", "9", "9", blind=True),
        coding("c2", "9", blind=True),
        *both("c2", "7", "9", blind=True),
        coding("c2", "9", blind=False),  # ada came round after the suggestion was uncovered
        coding("c2", "9", "eva", kind="adjudication"),
    )

    @pytest.mark.parametrize("scope, cases, alike, against", [("all", 3, 2 / 3, 2), ("blind", 2, 1 / 2, 1), ("audit", 2, 1 / 2, 1)])
    def test_scopes(self, scope, cases, alike, against):
        found = board(self.EVENTS, scope=scope, audit={"c0", "c1", "c9"})
        assert (found.scope, found.agreement["model"].cases, found.agreement["model"].percent_agreement) == (scope, cases, pytest.approx(alike))
        assert found.tagger["model"].cases == against

    def test_what_is_no_scope(self):
        with pytest.raises(InputError, match="scope 'blnd' is none of all, blind, audit"):
            board([], scope="blnd")


def test_codings_of_another_text_do_not_count():
    heads = [head("c0", sha256=NEW_TEXT), head("c1")]
    found = board(both("c0", "9", "7") + both("c1", "9", "9"), heads)
    assert (found.agreement["model"].cases, found.tagger["model"].cases, found.disagreements) == (1, 1, ())
    blind = board(both("c0", "9", "7", blind=True) + both("c1", "9", "9", blind=True), heads, scope="blind")
    assert blind.agreement["model"].cases == 1
    assert [c.progress.stale for c in found.coders] == [1, 1]


def test_codes_that_the_codebook_has_no_more_are_counted_and_left_out():
    found = board(both("c0", "9", "withdrawn") + both("c1", "9", "9"))
    assert (found.unknown, found.agreement["model"].cases, found.agreement["economy"].cases) == (1, 1, 2)
    assert [d.case for d in found.disagreements] == ["c0"]  # people still see it


def test_overturned_codes_and_rules_and_blind_report_are_there():
    events = [coding("c1", "7", blind=False, shown={"model": "9"}), coding("c3", "9", blind=True)]
    found = board(events, rules={"c1": {"model": ["r-1"]}, "c3": {"model": ["r-2"]}})
    assert [(c.code, c.overturned, c.cases) for c in found.codes] == [("9", 1, 2)]
    assert [(r.rule, r.overturned) for r in found.rules] == [("r-1", 1)]
    assert [(m.facet, m.shown, m.blind) for m in found.blind] == [("economy", 0, 1), ("model", 1, 1)]


def test_as_json_and_the_same_in_every_run():
    events = [e for i, pair in enumerate(PAIRS) for e in both(f"c{i}", *pair)]
    told = json.dumps(board(events, seed=3).as_dict(), allow_nan=False)
    assert told == json.dumps(board(events, seed=3).as_dict(), allow_nan=False)
    assert json.loads(told)["agreement"]["model"]["alpha"]["value"] == pytest.approx(nominal_alpha(PAIRS))


@pytest.mark.parametrize("events, heads", [([], []), ([], HEADS), (both("c0", "9", "7"), [])])
def test_nothing_is_no_fault(events, heads):
    found = board(events, heads)
    assert found.tagger["model"].alpha.value is None
    json.dumps(found.as_dict(), allow_nan=False)


def test_two_thousand_cases_of_three_coders_in_seconds():
    heads = [head(f"c{i}", str(1 + i % 11)) for i in range(2000)]
    given = [(h.id, coder, str(1 + (i + j * (i % 7 == 0)) % 11)) for i, h in enumerate(heads) for j, coder in enumerate("abc")]
    found = verdicts(coding(case, model, coder, cues={"payment": "unpaid"}) for case, coder, model in given)
    start = time.process_time()
    assert len(dashboard(found, heads, BOOK).coders) == 3
    assert time.process_time() - start < 6
