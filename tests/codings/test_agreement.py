"""Agreement: against published figures, NLTK, scikit-learn and plain loops; and what must not change it."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.codings.agreement import Agreement, Confusion, agreement, confusions, disagreements, mark
from tagger.codings.coincidence import nominal_alpha, patterns, samples
from tagger.errors import InputError

_ = None
# Krippendorff, K. (2011), "Computing Krippendorff's Alpha-Reliability": the data of sections A, B, and C to E, a row for each observer
BINARY = ([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
NOMINAL = ("aabbdcccedda", "babbbccceddd")
FOUR = (
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
)
CODES = ("a", "b", "c", "d")
SCALES = {"whole": CODES, "lower": CODES[:3]}


def by_case(rows) -> dict[str, dict[str, str]]:
    columns = zip(*rows, strict=True)
    return {f"case {i:03}": {f"coder {k}": str(code) for k, code in enumerate(column) if code is not None} for i, column in enumerate(columns)}


def figures(units, scales=None, codes=None, replicates=0, seed=0) -> Agreement:
    codes = codes or sorted({code for given in units.values() for code in given.values()})
    return agreement(units, codes, scales, replicates=replicates, seed=seed)


def made_up(cases=60, coders=3, codes=CODES, missing=0.2, right=0.7, seed=0) -> dict[str, dict[str, str]]:
    """Codings where each coder gives a case's true code with chance `right`, else any code."""
    random = np.random.default_rng(seed)
    truth = random.choice(codes, cases)
    rows = [[_ if random.random() < missing else str(t if random.random() < right else random.choice(codes)) for t in truth] for _coder in range(coders)]
    return by_case(rows)


def by_loops(units, codes=CODES, ordinal=False) -> float | None:
    """Alpha as the paper lays it out, with loops over pairs of codings: apart from the code under test."""
    lists = [[code for code in unit if code in codes] for unit in units]
    lists = [unit for unit in lists if len(unit) > 1]
    n = [sum(unit.count(code) for unit in lists) for code in codes]

    def distance(a, b):
        low, high = sorted((codes.index(a), codes.index(b)))
        return (sum(n[low : high + 1]) - (n[low] + n[high]) / 2) ** 2 if ordinal else low != high

    between = {(a, b): distance(a, b) for a in codes for b in codes}
    observed = sum(between[a, b] / (len(unit) - 1) for unit in lists for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j)
    expected = sum(n[i] * n[j] * between[a, b] for i, a in enumerate(codes) for j, b in enumerate(codes))
    return 1 - (sum(n) - 1) * observed / expected if expected else None


# published figures


def test_binary_example():
    assert figures(by_case(BINARY)).alpha.value == pytest.approx(0.095, abs=5e-4)


def test_nominal_example_of_two_observers():
    assert figures(by_case(NOMINAL)).alpha.value == pytest.approx(0.692, abs=5e-4)


def test_four_observers_with_missing_data():
    found = figures(by_case(FOUR), {"one to five": list("12345")})
    assert found.alpha.value == pytest.approx(0.743, abs=5e-4)
    assert found.ordinal[0].alpha.value == pytest.approx(0.815, abs=5e-4)
    assert (found.cases, found.left_out, found.coders, found.codings) == (11, 1, 4, 40)  # the paper: n.. = 40 pairable values, unit 12 has one
    assert [c.codings for c in found.codes] == [9, 13, 10, 5, 3]  # its n_1 to n_5


# against other implementations


def test_nominal_alpha_is_that_of_the_figures():
    """Two ways to the same number: plain lists of codes, and the pattern matrices of the figures."""
    for seed in range(20):
        units = made_up(seed=seed, coders=2 + seed % 4, missing=0.3)
        assert figures(units).alpha.value == pytest.approx(nominal_alpha([list(unit.values()) for unit in units.values()]), abs=1e-12)


def test_nominal_alpha_of_any_values():
    assert nominal_alpha(list(zip(*FOUR, strict=True))) == pytest.approx(0.743, abs=5e-4)
    assert nominal_alpha([]) is None
    assert nominal_alpha([("a", "a"), ("a", None)]) is None


def test_nltk_finds_the_same():
    pytest.importorskip("nltk", reason="NLTK is not installed: pip install nltk")
    from nltk.metrics.agreement import AnnotationTask

    for seed in range(10):
        units = made_up(seed=seed, coders=2 + seed % 3)
        triples = [(coder, case, code) for case, codes in units.items() for coder, code in codes.items()]
        found = figures(units, SCALES, CODES)
        assert found.alpha.value == pytest.approx(AnnotationTask(triples).alpha(), abs=1e-9)
        mid = mid_ranks([c.codings for c in found.codes])
        task = AnnotationTask(triples, distance=lambda a, b, mid=mid: (mid[a] - mid[b]) ** 2)
        assert found.ordinal[0].alpha.value == pytest.approx(task.alpha(), abs=1e-9)


def mid_ranks(numbers) -> dict[str, float]:
    return {code: sum(numbers[:i]) + numbers[i] / 2 for i, code in enumerate(CODES)}


def test_alpha_nears_kappa_where_coders_have_like_frequencies():
    """Scott's pi pools both coders' frequencies, Cohen's kappa does not; with equal frequencies they are one, and alpha is pi but for the sample size."""
    from sklearn.metrics import cohen_kappa_score

    random = np.random.default_rng(1)
    first = np.repeat(CODES, 100)
    second = first.copy()
    moved = random.permutation(400)[:120]
    second[moved] = random.permutation(second[moved])  # the same codes in another order: equal frequencies
    found = figures(by_case([first, second]))
    assert found.alpha.value == pytest.approx(1 - (1 - cohen_kappa_score(first, second)) * (800 - 1) / 800, abs=1e-9)
    for code in found.codes:
        kappa = cohen_kappa_score(first == code.code, second == code.code)
        assert code.alpha.value == pytest.approx(1 - (1 - kappa) * (800 - 1) / 800, abs=1e-9)


def test_ordinal_alpha_is_that_of_loops_over_pairs():
    for seed in range(10):
        units = made_up(cases=25, seed=seed, coders=2 + seed % 4)
        found = figures(units, SCALES, CODES)
        for scale in found.ordinal:
            assert scale.alpha.value == pytest.approx(by_loops([list(u.values()) for u in units.values()], SCALES[scale.scale], ordinal=True), abs=1e-9)


def test_specific_agreement_of_two_coders_is_f1():
    """2 both / (2 both + one alone) is the F1 of one coder by the other, whichever of them is called the truth."""
    from sklearn.metrics import f1_score

    units = made_up(coders=2, missing=0)
    first, second = zip(*(unit.values() for unit in units.values()), strict=True)
    expected = f1_score(first, second, labels=CODES, average=None)
    assert [c.specific_agreement for c in figures(units, codes=CODES).codes] == pytest.approx(list(expected))


def test_alpha_of_a_code_is_that_of_the_data_with_two_values():
    units = made_up(coders=4, seed=5)
    for code in figures(units).codes:
        two = [[given == code.code for given in unit.values()] for unit in units.values()]
        assert code.alpha.value == pytest.approx(by_loops(two, (True, False)), abs=1e-12)


# percent agreement


def test_each_case_counts_once():
    units = {"1": {"x": "a", "y": "a", "z": "b"}, "2": {"x": "a", "y": "b"}, "3": dict.fromkeys("vwxyz", "a"), "4": {"x": "b"}}
    found = figures(units)
    assert found.percent_agreement == pytest.approx((1 / 3 + 0 + 1) / 3)
    assert (found.cases, found.left_out, found.coders, found.codings) == (3, 1, 5, 10)
    a, b = found.codes
    # after one coding with a, of the same case: 1 of 2 others twice, 0 of 1, 4 of 4 five times
    assert a.specific_agreement == pytest.approx((2 * 1 / 2 + 0 + 5) / 8)
    assert (a.codings, b.codings, b.specific_agreement) == (8, 2, 0)


# the interval


def naive_interval(units, weights, of):
    lists = [list(units[case].values()) for case in sorted(units) if len(units[case]) > 1]
    counts, _cases = patterns(lists, CODES)
    like = [next(unit for unit in lists if [unit.count(c) for c in CODES] == list(row)) for row in counts]
    values = [of([unit for unit, times in zip(like, row, strict=True) for _time in range(int(times))]) for row in weights[1:]]
    return list(np.percentile([v for v in values if v is not None], [2.5, 97.5])), sum(v is None for v in values)


def test_interval_is_that_of_a_plain_loop_over_the_same_samples():
    units = made_up(cases=24, seed=3)
    weights = samples(patterns((units[c].values() for c in sorted(units)), CODES)[1], 120, 7)
    found = figures(units, SCALES, CODES, replicates=120, seed=7)
    wanted = {
        "nominal": (found.alpha, by_loops),
        "whole": (found.ordinal[0].alpha, lambda u: by_loops(u, SCALES["whole"], ordinal=True)),
        "lower": (found.ordinal[1].alpha, lambda u: by_loops(u, SCALES["lower"], ordinal=True)),
        "b": (found.codes[1].alpha, lambda u: by_loops([[code == "b" for code in unit] for unit in u], (True, False))),
    }
    for name, (ours, of) in wanted.items():
        ends, undefined = naive_interval(units, weights, of)
        assert [ours.low, ours.high] == pytest.approx(ends, abs=1e-9), name
        assert ours.undefined == undefined == 0
        assert ours.low < ours.value < ours.high


def test_samples_are_draws_of_cases_with_replacement():
    cases = np.array([1, 2, 7])
    drawn = samples(cases, 20_000, 0)
    assert list(drawn[0]) == [1, 2, 7]
    assert set(drawn.sum(axis=1)) == {10}
    p = cases / 10
    assert drawn[1:].mean(axis=0) == pytest.approx(10 * p, abs=0.05)
    assert drawn[1:].var(axis=0) == pytest.approx(10 * p * (1 - p), rel=0.05)


def test_interval_holds_the_true_value_about_as_often_as_it_says():
    """Two coders who are right with chance q, else give any of the codes alike: alpha of very many cases is q²."""
    held = 0
    for seed in range(200):
        found = figures(made_up(cases=80, coders=2, missing=0, right=0.8, seed=seed), codes=CODES, replicates=300)
        held += found.alpha.low <= 0.64 <= found.alpha.high
    assert 0.89 <= held / 200 <= 0.99


def test_seed_and_order_of_cases():
    units = made_up()
    found = figures(units, replicates=200)
    assert found == figures(dict(reversed(units.items())), replicates=200)
    assert found.alpha.low != figures(units, replicates=200, seed=1).alpha.low


def test_few_undefined_replicates_are_left_out_and_counted():
    units = made_up(cases=200, codes=("a",), missing=0) | {f"x{i}": {"1": "b", "2": "b"} for i in range(4)}  # without any x: e^-4 = 1.8 %
    found = figures(units, replicates=2000).alpha
    assert 10 < found.undefined < 100
    assert (found.value, found.low, found.high, found.why) == (1, 1, 1, "")


def test_many_undefined_replicates_leave_no_interval():
    units = {f"{i:02}": {"1": "a", "2": "a"} for i in range(30)} | {"x": {"1": "a", "2": "b"}}
    found = figures(units, replicates=1000).alpha
    assert found.value == 0
    assert found.low is None and found.high is None
    assert 300 < found.undefined < 430  # (30/31)^31 = 36 %
    assert found.why == f"no interval: alpha is undefined in {found.undefined} of 1000 replicates"


# what is undefined, in words


def test_no_variation():
    found = figures({"1": {"x": "unstated", "y": "unstated"}, "2": {"x": "open"}}, {"steps": ["open", "unstated"]}, replicates=50)
    assert found.alpha.value is None and found.alpha.low is None and found.alpha.undefined == 50
    assert found.alpha.why == "no variation: every coding is 'unstated'"
    assert found.ordinal[0].alpha.why == "no variation: every coding on the scale is 'unstated'"
    assert found.percent_agreement == 1
    assert [(c.code, c.alpha.why, c.specific_agreement) for c in found.codes] == [
        ("open", "no compared coding gave it", None), ("unstated", "no variation: every coding gave it", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("units", [{}, {"1": {}}, {"1": {"x": "a"}, "2": {"y": "b"}}])
def test_no_case_with_two_codings(units):
    found = agreement(units, CODES, SCALES, replicates=20)
    assert (found.cases, found.left_out, found.coders, found.codings, found.percent_agreement) == (0, len(units), 0, 0, None)
    assert found.alpha.value is None and found.alpha.why == "no case with two codings"
    assert {o.alpha.why for o in found.ordinal} == {"no case with two codings on the scale"}
    assert {c.alpha.why for c in found.codes} == {"no case with two codings"}


def test_codes_off_the_scale_are_missing():
    units = {"1": {"x": "a", "y": "b", "z": "d"}, "2": {"x": "a", "y": "d"}, "3": {"x": "c", "y": "c"}}
    found = agreement(units, CODES, {"lower": CODES[:3], "d": ["d"]}, replicates=0)
    alone = agreement({"1": {"x": "a", "y": "b"}, "3": units["3"]}, CODES, {"lower": CODES[:3]}, replicates=0)
    assert found.cases == 3 and found.ordinal[0].cases == 2
    assert found.ordinal[0].alpha.value == pytest.approx(alone.ordinal[0].alpha.value)
    assert found.ordinal[1].cases == 0 and found.ordinal[1].alpha.why == "no case with two codings on the scale"


def test_one_case_alone_has_no_interval():
    found = figures({"1": {"x": "a", "y": "b"}}, replicates=100).alpha
    assert (found.value, found.low, found.why) == (0, None, "no interval: one case alone")
    assert figures(made_up()).alpha.why == "no interval: no replicates were asked for"


@pytest.mark.parametrize(
    ("units", "scales", "said"),
    [
        ({"Heron": {"ann": "e"}}, {}, r"case 'Heron', coder 'ann': 'e' is no code of the variable; there are: a, b, c, d"),
        ({}, {"steps": ["a", "z"]}, r"scale 'steps' holds 'z'"),
        ({}, {"steps": ["a", "b", "a"]}, r"scale 'steps' names a code twice: a, b, a"),
    ],
)
def test_faults_name_value_and_place(units, scales, said):
    with pytest.raises(InputError, match=said):
        agreement(units, CODES, scales)


# what must not change alpha

CODINGS = st.dictionaries(
    st.text("0123456789", min_size=1, max_size=3), st.dictionaries(st.sampled_from("vwxyz"), st.sampled_from(CODES), max_size=5), min_size=1, max_size=12
)


def same(one, other, absolute=1e-9):
    assert (one.value is None) == (other.value is None)
    assert one.value is None or one.value == pytest.approx(other.value, abs=absolute)
    assert one.low is None or (one.low, one.high) == pytest.approx((other.low, other.high), abs=absolute)
    assert one.undefined == other.undefined


@settings(max_examples=50)
@given(CODINGS, st.permutations(CODES))
def test_names_of_codes_do_not_matter_to_nominal_alpha(units, names):
    name = dict(zip(CODES, names, strict=True))
    one = agreement(units, CODES, replicates=40)
    other = agreement({case: {coder: name[code] for coder, code in given.items()} for case, given in units.items()}, CODES, replicates=40)
    same(one.alpha, other.alpha)
    assert one.percent_agreement == other.percent_agreement
    renamed = {c.code: c for c in other.codes}
    for code in one.codes:
        same(code.alpha, renamed[name[code.code]].alpha)


@settings(max_examples=50)
@given(CODINGS, st.permutations("vwxyz"))
def test_who_coded_does_not_matter(units, names):
    name = dict(zip("vwxyz", names, strict=True))
    other = {case: {name[coder]: code for coder, code in reversed(given.items())} for case, given in units.items()}
    assert agreement(units, CODES, SCALES, replicates=40) == agreement(other, CODES, SCALES, replicates=40)


@settings(max_examples=50)
@given(CODINGS, st.lists(st.sampled_from(CODES), max_size=5))
def test_cases_coded_once_change_nothing(units, codes):
    one = agreement(units, CODES, SCALES, replicates=40)
    other = agreement(units | {f"once {i}": {"new": code} for i, code in enumerate(codes)}, CODES, SCALES, replicates=40)
    assert {**one.as_dict(), "left_out": 0} == {**other.as_dict(), "left_out": 0}
    assert other.left_out == one.left_out + len(codes)


@settings(max_examples=50)
@given(CODINGS)
def test_a_scale_read_backwards_gives_the_same(units):
    found = agreement(units, CODES, {"up": CODES, "down": CODES[::-1]}, replicates=40)
    same(found.ordinal[0].alpha, found.ordinal[1].alpha)


@settings(max_examples=50)
@given(CODINGS)
def test_two_codes_have_no_order(units):
    """On a scale of two codes ordinal alpha is nominal alpha."""
    two = {case: {coder: "a" if code in "ab" else "b" for coder, code in given.items()} for case, given in units.items()}
    found = agreement(two, "ab", {"both": "ab"}, replicates=40)
    same(found.ordinal[0].alpha, found.alpha)
    same(found.codes[0].alpha, found.alpha)
    same(found.codes[1].alpha, found.alpha)


@settings(max_examples=50)
@given(CODINGS)
def test_figures_stay_in_their_ranges(units):
    found = agreement(units, CODES, SCALES, replicates=40)
    for one in (found.alpha, *(o.alpha for o in found.ordinal), *(c.alpha for c in found.codes)):
        assert one.value is None or (math.isfinite(one.value) and one.value <= 1)
        assert one.low is None or one.low <= one.high <= 1
        assert one.why if one.low is None else not one.why
    assert all(c.specific_agreement is None or 0 <= c.specific_agreement <= 1 for c in found.codes)
    assert sum(c.codings for c in found.codes) == found.codings
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["cases"] == found.cases
    divided = {d.case for d in disagreements(units)}
    assert (found.percent_agreement == 1) == (found.cases > 0 and not divided)


# marks, disagreements, confusions


@pytest.mark.parametrize(
    ("low", "value", "words"),
    [
        (0.81, 0.9, "reliable (at or over 0.800)"),
        (0.8, 0.8, "reliable (at or over 0.800)"),
        (0.7, 0.85, "reliable (at or over 0.800); its interval reaches below 0.800"),
        (0.6, 0.85, "reliable (at or over 0.800); its interval reaches below 0.667"),
        (0.667, 0.799, "tentative conclusions only (0.667 to 0.800)"),
        (0.5, 0.667, "tentative conclusions only (0.667 to 0.800); its interval reaches below 0.667"),
        (-0.2, 0.1, "below 0.667: not to be relied on"),
        (None, 0.9, "reliable (at or over 0.800)"),
        (None, None, "undefined"),
    ],
)
def test_marks(low, value, words):
    assert mark(low, value) == words


DIVIDED = {
    "all alike": {"x": "a", "y": "a"},
    "one of four": {"w": "a", "x": "a", "y": "b", "z": "a"},
    "two of five": {"v": "a", "w": "b", "x": "a", "y": "b", "z": "a"},
    "once": {"x": "d"},
    "two b": {"y": "b", "x": "a"},
    "two a": {"x": "b", "y": "a"},
    "three": {"x": "a", "y": "b", "z": "c"},
}


def test_the_most_divided_come_first():
    found = disagreements(DIVIDED)
    assert [(d.case, d.differ, d.divided) for d in found] == [
        ("three", 2, 1.0), ("two a", 1, 1.0), ("two b", 1, 1.0), ("two of five", 2, 0.6), ("one of four", 1, 0.5),
    ]  # fmt: skip
    assert list(found[2].codes.items()) == [("x", "a"), ("y", "b")]


def test_confusions_are_counted_by_pairs_and_cases():
    assert confusions(DIVIDED) == [Confusion(("a", "b"), 5, 12), Confusion(("a", "c"), 1, 1), Confusion(("b", "c"), 1, 1)]
    assert confusions({}) == []


def test_thousands_of_cases_take_a_second_or_two():
    codes = [str(i) for i in range(13)]
    units = made_up(5500, 3, codes, missing=0.1)
    start = time.process_time()
    agreement(units, codes, {"lower": codes[:5], "upper": codes[5:11], "both": codes[:11]})
    assert time.process_time() - start < 3  # 0.25 s where nothing else runs
