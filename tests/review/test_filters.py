"""Which cases pass, and what is said of values that no case has."""

from __future__ import annotations

import pytest
from made_reviews import NEW_TEXT, coding, event, head

from tagger.errors import InputError
from tagger.review.queue import Filters, Queue
from tagger.review.verdicts import verdicts

HEADS = [
    head("open", "9", cues=("payment=unpaid",)),
    head("coded", "9", economy="commons"),
    head("doubtful", "11"),
    head("passed", "2", status="abstained"),
    head("changed", "2", sha256=NEW_TEXT, cues=("payment=unpaid", "initiator=company")),
]
EVENTS = [coding("coded", "7"), coding("doubtful", "11", sureness="unsure"), event("skip", "passed"), coding("changed", "2"), event("skip", "coded")]
QUEUE = Queue(HEADS, seed=1)


def shown(filters: Filters, coder: str = "ada", queue: Queue = QUEUE) -> set[str]:
    return set(queue.order(filters, verdicts(EVENTS), coder))


@pytest.mark.parametrize(
    "state, ids",
    [
        ("todo", {"open", "passed", "changed"}),
        ("done", {"coded", "doubtful"}),
        ("unsure", {"doubtful"}),
        ("skipped", {"passed"}),  # what was coded after all, or before, is not
        ("stale", {"changed"}),
        ("all", {h.id for h in HEADS}),
    ],
)
def test_states(state, ids):
    assert shown(Filters(state=state)) == ids


def test_states_are_a_coders_own():
    assert shown(Filters(state="todo"), "ben") == {h.id for h in HEADS}
    assert shown(Filters(state="done"), "ben") == set()


@pytest.mark.parametrize(
    "given, ids",
    [
        ({"model": "9"}, {"open", "coded"}),  # suggested
        ({"model": "7"}, {"coded"}),  # given by the coder, suggested nowhere
        ({"economy": "commons"}, {"coded"}),
        ({"economy": "sharing", "model": "2"}, {"passed", "changed"}),
        ({"status": "abstained"}, {"passed"}),
        ({"cue": "payment=unpaid"}, {"open", "changed"}),
        ({"cue": "payment=unpaid", "model": "2"}, {"changed"}),
        ({"found": {"open", "coded", "of another project"}}, {"open", "coded"}),
        ({"found": set()}, set()),
    ],
)
def test_values(given, ids):
    assert shown(Filters(state="all", **given)) == ids


@pytest.mark.parametrize(
    "given, said",
    [
        ({"model": "12"}, r'no case has model "12".*there are: 2, 7, 9, 11'),  # sorted as numbers, the coder's own 7 among them
        ({"economy": "shring"}, r'did you mean "?sharing'),
        ({"status": "gated"}, r"there are: abstained, decided"),
        ({"cue": "payment"}, r"there are: initiator=company, payment=unpaid"),
        ({"state": "finished"}, r"none of todo, done, unsure, skipped, stale, all"),
        ({"cue": "' OR 1=1 --"}, r"no case has cue"),
    ],
)
def test_unknown_values_are_refused_with_what_there_is(given, said):
    with pytest.raises(InputError, match=said):
        shown(Filters(**{"state": "all"} | given))


def test_another_coders_code_is_not_a_value():
    with pytest.raises(InputError, match='"7"'):
        shown(Filters(state="all", model="7"), "ben")


def test_filters_do_not_tell_what_a_blind_case_hides():
    queue = Queue(HEADS, seed=1, blind=1.0)
    assert shown(Filters(state="all", model="9"), queue=queue) == {"coded"}  # the one that is answered
    assert shown(Filters(state="all", status="abstained"), queue=queue) == set()
    assert shown(Filters(state="all", model="2"), queue=queue) == {"changed"}  # by the code that the coder gave the old text
    assert shown(Filters(state="all", cue="payment=unpaid"), queue=queue) == {"open", "changed"}  # cues are in sight
    assert shown(Filters(state="all"), queue=queue) == {h.id for h in HEADS}


def test_filters_in_words():
    assert str(Filters()) == ""
    assert str(Filters(economy="sharing", cue="payment=unpaid", found=set(), state="all")) == "economy sharing, cue payment=unpaid, the text search"
