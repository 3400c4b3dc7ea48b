"""Learning curves by code and what is told of them."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.errors import InputError
from tagger.learning.label_next import ALL, Step, label_next, power_law, wanted

SIZES = np.array([60.0, 120, 180, 240, 360, 480])


def made(law, n: int = 1500, cases=SIZES, seed: int = 0) -> list[Step]:
    """Steps in which the share of right proposals for model 9 follows `law` of its cases; those of model 6 are right by 0.7 throughout."""
    rng = np.random.default_rng(seed)
    truth = [("sharing", "9") if i % 2 else ("commons", "6") for i in range(n)]
    luck = rng.random(n)  # the same at each step: who is right with few labels is so with more
    steps = []
    for size in cases:
        found = [(("other", "1") if luck[i] > (law(size) if i % 2 else 0.7) else pair) for i, pair in enumerate(truth)]
        learned = {("model", c): float(size) for c in ("9", "6", "1")} | {("economy", c): float(size) for c in ("sharing", "commons", "other")}
        steps.append(Step(size / cases[-1], truth, found, [f"g{i}" for i in range(n)], learned | {("model", ALL): 2.0 * size, ("economy", ALL): 2.0 * size}))
    return steps


def of(found, code: str, facet: str = "model"):
    return next(n for n in found if (n.facet, n.code) == (facet, code))


def test_a_power_law_is_found_again():
    values = np.array([0.8 - 1.5 * SIZES**-0.5, 0.95 - 4.0 * SIZES**-1.0])
    a, b, c, fit = power_law(SIZES, values, np.ones(6))
    assert a == pytest.approx([0.8, 0.95]) and b == pytest.approx([1.5, 4.0]) and c == pytest.approx([0.5, 1.0]) and fit == pytest.approx([1, 1])
    more = wanted(480.0, a, b, c, 0.02)
    assert 0.8 - 1.5 * (480 + more[0]) ** -0.5 == pytest.approx(values[0, -1] + 0.02)
    assert wanted(480.0, a, b, c, 0.2)[1] == np.inf  # past its limit


def test_a_falling_curve_has_no_slope_and_none_passes_one():
    _, b, _, fit = power_law(SIZES, np.linspace(0.7, 0.5, 6)[None], np.ones(6))
    assert b == pytest.approx([0.0]) and fit == pytest.approx([0.0])
    a, *_ = power_law(SIZES, np.linspace(0.2, 0.99, 6)[None], np.ones(6))
    assert a <= 1


def test_what_more_labels_bring():
    def law(cases: float) -> float:
        return 0.95 - 4.0 * cases**-0.5

    n = of(label_next(made(law)), "9")

    def f1(cases: float) -> float:  # nothing else is taken for 9, so its precision is 1
        return 2 * law(cases) / (1 + law(cases))

    more = next(m for m in range(1, 2000) if f1(480 + m) >= f1(480) + 0.05)
    assert n.more.value == pytest.approx(more, rel=0.35)
    assert n.more.low < more and (n.more.high is None or n.more.high > more)
    assert n.fit > 0.9
    assert f"model 9 end: about {round(n.more.value, -1):,.0f} more cases" in n.sentence("9 end") and n.sentence().endswith("for +0.05")
    assert of(label_next(made(law), gain=0.02), "9").more.value < n.more.value


def test_a_flat_curve_tells_nothing():
    n = of(label_next(made(lambda cases: 0.6)), "9")
    assert n.more is None and "flat" in n.sentence()
    n = of(label_next(made(lambda cases: 0.5 + 0.02 * np.sin(cases))), "9")
    assert n.more is None


def test_a_gain_past_the_limit_is_not_promised():
    n = of(label_next(made(lambda cases: 0.8 - 200.0 * cases**-1.8), gain=0.2), "9")
    assert n.more is None and "levels off at" in n.why
    n = of(label_next(made(lambda cases: 0.95 - 4.0 * cases**-0.5), gain=0.08), "9")
    assert n.more is None and "too far past those at hand" in n.why


def test_a_curve_that_is_no_power_law_is_refused():
    n = of(label_next(made(lambda cases: 0.3 + 0.4 * (cases > 300) - 0.3 * (100 < cases < 300))), "9")
    assert n.more is None and n.fit < 0.7 and "no power law" in n.why


def test_few_cases_are_refused():
    n = of(label_next(made(lambda cases: 0.8 - cases**-0.5, cases=SIZES / 80)), "9")
    assert n.more is None and n.why.startswith("too few cases (6)")
    with pytest.raises(InputError, match="3 shares"):
        label_next(made(lambda cases: 0.8)[:3])


def test_the_facet_as_a_whole_has_a_curve():
    found = label_next(made(lambda cases: 0.95 - 4.0 * cases**-0.5))
    whole = of(found, ALL)
    assert [p.cases for p in whole.points] == pytest.approx(2 * SIZES)
    assert whole.points[0].f1.value < whole.points[-1].f1.value
    assert found == label_next(made(lambda cases: 0.95 - 4.0 * cases**-0.5))
