"""A store against a list in memory, whatever is done to it in whatever order."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from made_cases import made_cases
from made_reviews import coding, event, undo

from tagger.errors import InputError
from tagger.review.events import new_id
from tagger.review.store import ConflictError, open_store

CODERS, CASES = ("ada", "bo"), ("case 0", "case 1")


class Machine(RuleBasedStateMachine):
    """Adds, repeats, undoes and reopens; the model is the list of the events that were accepted."""

    acts = Bundle("acts")

    def __init__(self):
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.place = str(Path(self._folder.name) / "r.db")
        self.store = open_store(self.place)
        self.store.add_cases(made_cases(2))
        self.model = []

    @rule(target=acts, coder=st.sampled_from(CODERS), case=st.sampled_from(CASES), kind=st.sampled_from(("coding", "skip", "note")), note=st.text(max_size=20))
    def act(self, coder, case, kind, note):
        one = event(kind, case, coder, note=note)
        assert self.store.add(one)
        self.model.append(one)
        return one

    @rule(one=acts)
    def send_again(self, one):
        assert not self.store.add(one)

    @rule(one=acts)
    def take_anothers_id(self, one):
        with pytest.raises(ConflictError):
            self.store.add(replace(one, note=f"{one.note}!"))

    @rule(target=acts, one=acts, coder=st.sampled_from(CODERS))
    def undo(self, one, coder):
        back = replace(undo(one), id=new_id(), coder=coder)
        allowed = coder == one.coder and one.kind != "undo" and all(e.undoes != one.id for e in self.model)
        if allowed:
            assert self.store.add(back)
            self.model.append(back)
            return back
        with pytest.raises(InputError):
            self.store.add(back)
        return one

    @rule(cases=st.lists(st.sampled_from((*CASES, "nowhere")), max_size=4))
    def add_several(self, cases):
        several = [coding(case) for case in cases]
        if "nowhere" in cases:
            with pytest.raises(InputError):
                self.store.add_all(several)
        else:
            assert self.store.add_all(several) == len(several)
            self.model += several

    @rule()
    def reopen(self):
        self.store.close()
        self.store = open_store(self.place)

    @invariant()
    def holds_what_was_accepted(self):
        assert [e for _, e in self.store.events()] == self.model

    def teardown(self):
        assert self.store.check() == []
        self.store.close()
        self._folder.cleanup()


def test_a_store_does_what_a_list_would():
    run_state_machine_as_test(Machine, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))


@pytest.mark.slow
def test_a_store_does_what_a_list_would_for_long():
    run_state_machine_as_test(Machine, settings=settings(max_examples=200, stateful_step_count=30, deadline=None))
