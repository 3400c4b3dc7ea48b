"""The order of the cases: an audit share by chance, skipped ones again, and an honest end."""

from __future__ import annotations

import random
import time

import pytest
from made_reviews import NEW_TEXT, coding, event, head, undo

from tagger.errors import InputError
from tagger.review.queue import Filters, Progress, Queue, in_audit
from tagger.review.verdicts import Verdicts, verdicts

TODO, ALL = Filters(), Filters(state="all")
NOTHING = Verdicts()


def heads_of(n: int, seed: int = 1) -> list:
    r = random.Random(seed)  # noqa: S311
    return [head(f"c{i:05}", str(r.randrange(1, 12)), margin=r.expovariate(1), disagree=r.random() < 0.1) for i in range(n)]


class TestAudit:
    def test_the_share_is_drawn_by_chance(self):
        queue = Queue(heads_of(5000), seed=3, audit=0.1)
        assert len(queue.audit) == pytest.approx(500, abs=85)  # four standard deviations of a binomial
        assert queue.audit == {h.id for h in heads_of(5000) if in_audit(3, h.id, 0.1)}
        assert len(queue.audit & Queue(heads_of(5000), seed=4, audit=0.1).audit) < 100

    def test_it_does_not_hang_on_what_the_tagger_made_of_the_cases(self):
        heads = heads_of(1000)
        before = Queue(heads, 1)
        audit = [i for i in before.order(TODO, NOTHING, "ada") if i in before.audit]
        others = [head(h.id, "4", margin=9.0) for h in reversed(heads)]
        queue = Queue(others, 1)
        assert [i for i in queue.order(TODO, NOTHING, "ada") if i in queue.audit] == audit

    def test_it_stays_when_cases_are_added(self):
        few, more = Queue(heads_of(500), 1), Queue([*heads_of(500), *(head(f"new{i}") for i in range(300))], 1)
        assert few.audit == {i for i in more.audit if not i.startswith("new")}
        known = [i for i in more.order(TODO, NOTHING, "ada") if i in few.audit]
        assert known == [i for i in few.order(TODO, NOTHING, "ada") if i in few.audit]

    def test_it_is_spread_evenly(self):
        queue = Queue(heads_of(2000), 1)
        order = queue.order(TODO, NOTHING, "ada")
        for cut in (200, 500, 1000, 1700):
            assert sum(i in queue.audit for i in order[:cut]) == pytest.approx(len(queue.audit) * cut / 2000, abs=1.5)

    @pytest.mark.parametrize("share, size", [(0, 0), (1, 40)])
    def test_nothing_and_everything(self, share, size):
        assert len(Queue(heads_of(40), 1, audit=share).audit) == size

    @pytest.mark.parametrize("name", ["audit", "blind"])
    def test_a_share_beyond_one_is_refused(self, name):
        with pytest.raises(InputError, match=f"{name} share 10 is not between 0 and 1"):
            Queue([], 1, **{name: 10})


class TestOrder:
    def test_every_case_once_and_the_same_in_every_run(self):
        heads = heads_of(300)
        order = Queue(heads, 1).order(TODO, NOTHING, "ada")
        assert sorted(order) == sorted(h.id for h in heads)
        assert Queue(heads[::-1], 1).order(TODO, NOTHING, "ben") == order
        assert Queue(heads, 2).order(TODO, NOTHING, "ada") != order

    def test_assigned_cases_alone(self):
        queue = Queue(heads_of(50), 1)
        order = queue.order(TODO, NOTHING, "ada")
        mine = [order[3], order[40], order[17], "of another project"]
        assert queue.order(TODO, NOTHING, "ada", mine) == [order[3], order[17], order[40]]
        assert queue.order(TODO, NOTHING, "ada", []) == []

    def test_what_was_skipped_comes_last_the_longest_skipped_first(self):
        queue = Queue(heads_of(6), 1)
        a, b, c, d, e, f = queue.order(TODO, NOTHING, "ada")
        found = verdicts([event("skip", d), event("skip", a), event("skip", b), event("skip", d), coding(c), event("skip", f), coding(f)])
        assert queue.order(TODO, found, "ada") == [e, a, b, d]
        assert queue.order(Filters(state="skipped"), found, "ada") == [a, b, d]
        assert queue.order(ALL, found, "ada") == [c, e, f, a, b, d]

    def test_two_thousand_in_50_ms_and_forty_thousand_in_a_second(self):
        for n, limit in ((2000, 0.05), (40_000, 1.0)):
            heads = heads_of(n)
            took = []
            for _ in range(3):
                start = time.process_time()
                assert len(Queue(heads, 1).order(TODO, NOTHING, "ada")) == n
                took.append(time.process_time() - start)
            assert min(took) < limit

    def test_allowed_values(self):
        queue = Queue([head("a", "10", cues=("payment=unpaid",)), head("b", "9", economy="none", status="gated"), head("c", "none", economy="none")], 1)
        assert queue.allowed() == {
            "economy": ["none", "sharing"],
            "model": ["9", "10", "none"],
            "status": ["decided", "gated"],
            "cue": ["payment=unpaid"],
            "state": ["todo", "done", "unsure", "skipped", "stale", "all"],
        }


class TestNext:
    def test_a_coder_who_codes_and_skips_meets_every_case(self):
        queue, found, seen, after = Queue(heads_of(40), 1), Verdicts(), [], None
        for turn in range(200):
            after = queue.next(TODO, found, "ada", after=after)
            if after is None:
                break
            seen.append(after)
            found.add(event("skip", after) if turn % 3 == 0 else coding(after))
        assert after is None
        assert set(seen) == {h.id for h in queue.heads}
        assert seen[:40] == queue.order(TODO, NOTHING, "ada")  # no skipped one again before the others

    def test_going_on_without_an_answer_leads_round(self):
        queue = Queue(heads_of(4), 1)
        a, b, c, d = queue.order(TODO, NOTHING, "ada")
        assert [queue.next(TODO, NOTHING, "ada", after=x) for x in (None, a, b, c, d, "gone")] == [a, b, c, d, a, a]

    def test_skipping_what_alone_is_left_goes_round_among_them(self):
        queue = Queue(heads_of(3), 1)
        order = queue.order(TODO, NOTHING, "ada")
        found, met = verdicts(event("skip", i) for i in order), []
        after = order[-1]
        for _ in range(6):
            after = queue.next(TODO, found, "ada", after=after)
            met.append(after)
            found.add(event("skip", after))
        assert met == order * 2

    def test_looking_through_what_was_skipped_does_not_go_to_and_fro(self):
        queue = Queue(heads_of(4), 1)
        a, b, c, d = queue.order(TODO, NOTHING, "ada")
        found = verdicts([event("skip", a), event("skip", b), event("skip", c), coding(d)])
        assert [queue.next(TODO, found, "ada", after=x) for x in (a, b, c, d)] == [b, c, a, a]

    def test_a_skip_leads_on_from_where_it_was(self):
        queue = Queue(heads_of(4), 1)
        a, b, c, d = queue.order(TODO, NOTHING, "ada")
        assert queue.next(TODO, verdicts([event("skip", b)]), "ada", after=b) == c
        assert queue.next(TODO, verdicts([event("skip", d)]), "ada", after=d) == a

    def test_the_only_one_left_comes_again(self):
        queue = Queue(heads_of(2), 1)
        a, b = queue.order(TODO, NOTHING, "ada")
        assert queue.next(TODO, verdicts([coding(a)]), "ada", after=b) == b
        assert queue.next(TODO, verdicts([coding(a), event("skip", b)]), "ada", after=b) == b
        assert queue.next(TODO, verdicts([coding(a), coding(b)]), "ada", after=b) is None

    def test_undone_comes_again(self):
        queue = Queue(heads_of(2), 1)
        a, b = queue.order(TODO, NOTHING, "ada")
        assert queue.next(TODO, verdicts([made := coding(a), coding(b), undo(made)]), "ada") == a


class TestProgress:
    def test_by_hand(self):
        heads = [head(f"c{i}") for i in range(10)] + [head("changed", sha256=NEW_TEXT)]
        queue = Queue(heads, 1, audit=0.3)
        events = [coding("c0", seconds=2.0), coding("c1", seconds=9.0, sureness="unsure"), coding("c2", seconds=100.0), coding("c3")]
        events += [coding("changed", seconds=4.0), event("skip", "c5"), event("skip", "c0"), coding("c9", coder="ben", seconds=50.0)]
        found = queue.progress(verdicts(events), "ada")
        audit = len(queue.audit)
        done_audit = len(queue.audit & {"c0", "c1", "c2", "c3"})
        assert 0 < done_audit < audit
        assert found == Progress(4, 7, 1, 6.5, done_audit, audit - done_audit, unsure=1, stale=1)
        assert found.as_dict()["seconds_each"] == 6.5

    def test_pace_is_that_of_the_last_twenty(self):
        queue = Queue([head(f"c{i}") for i in range(60)], 1)
        events = [coding(f"c{i}", seconds=60.0) for i in range(30)] + [coding(f"c{i}", seconds=5.0) for i in range(30, 50)]
        assert queue.progress(verdicts(events), "ada").seconds_each == 5.0
        assert queue.progress(verdicts([*events, *(coding(f"c{i}", seconds=7.0) for i in range(11))]), "ada").seconds_each == 7.0  # coded again is newest

    def test_before_anything(self):
        assert Queue([head("c0")], 1, audit=0).progress(NOTHING, "ada") == Progress(0, 1, 0, None, 0, 0)
        assert Queue([], 1).progress(NOTHING, "ada") == Progress(0, 0, 0, None, 0, 0)

    def test_of_assigned_cases(self):
        queue = Queue([head(f"c{i}") for i in range(5)], 1, audit=0)
        assert queue.progress(verdicts([coding("c0"), coding("c4")]), "ada", {"c0", "c1"}) == Progress(1, 1, 0, None, 0, 0)


CLEAR = " Clear the filter to see them."


class TestWhyEmpty:
    QUEUE = Queue([head("a", "9"), head("b", "2"), head("c", "2")], 1)
    FULL = verdicts([coding(x) for x in "abc"])

    def test_nothing_to_say_while_there_is_one(self):
        assert self.QUEUE.why_empty(TODO, NOTHING, "ada") == ""

    @pytest.mark.parametrize(
        "filters, found, assigned, said",
        [
            (TODO, FULL, None, "No case is left: ada has coded all 3."),
            (TODO, FULL, {"a", "b"}, "No case is left: ada has coded all 2. 1 case of the project is not assigned to ada."),
            (TODO, FULL, {"a"}, "No case is left: ada has coded the only one. 2 cases of the project are not assigned to ada."),
            (TODO, NOTHING, set(), "None of the 3 cases is assigned to ada."),
            (Filters(model="9"), verdicts([coding("a")]), None, "2 cases are left to code, but none passes the filter (model 9)." + CLEAR),
            (Filters(found=set()), NOTHING, {"a"}, "1 case is left to code, but none passes the filter (the text search)." + CLEAR),
            (Filters(model="9", state="done"), verdicts([coding("b", "2")]), {"b"}, "1 case is done, but none passes the filter (model 9)." + CLEAR),
            (Filters(model="9"), FULL, None, "No case is left: ada has coded all 3."),  # clearing the filter would not help
            (Filters(state="skipped"), FULL, None, "None of your 3 cases is skipped."),
            (Filters(state="stale"), NOTHING, None, "None of your 3 cases is stale."),
        ],
    )
    def test_sentences(self, filters, found, assigned, said):
        assert self.QUEUE.why_empty(filters, found, "ada", assigned) == said

    def test_a_project_without_cases(self):
        assert Queue([], 1).why_empty(TODO, NOTHING, "ada") == "There are no cases in this project yet."
