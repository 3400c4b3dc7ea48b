"""What is looked up is remembered while it keeps coming up."""

from collections import Counter

from tagger.cues.remembered import Remembered


def test_what_keeps_coming_up_is_looked_up_once_and_the_rest_is_forgotten():
    asked = Counter()

    def look_up(key):
        asked[key] += 1
        return key * 2

    found = Remembered(look_up, most=10)
    for n in range(1000):
        assert (found["often"], found[f"once {n}"]) == ("oftenoften", f"once {n}" * 2)
        assert len(found) <= 10 and len(found._old) <= 10
    assert asked["often"] == 1
    assert found["once 0"] and asked["once 0"] == 2


def test_what_is_none_is_remembered_too():
    asked = []
    found = Remembered(asked.append, most=2)
    assert [found[k] for k in ("a", "b", "c", "a")] == [None] * 4
    assert asked == ["a", "b", "c"]
