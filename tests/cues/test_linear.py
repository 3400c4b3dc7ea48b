"""Time grows with the length of the text, whatever it is made of."""

import time

import pytest

from tagger.codebook import load_codebook
from tagger.cues import CueFinder, load_lexicon

SIZES = {
    "(": 20_000,
    "$": 20_000,
    "{{": 20_000,
    '"': 20_000,
    "“a": 20_000,
    ":(": 10_000,
    ".": 20_000,
    "?!": 20_000,
    ". \n": 20_000,
    "\n": 20_000,
    "a ": 100_000,
    "a-": 20_000,
    "é ": 20_000,
    "-volunteers": 4_000,
    "volunteers ": 2_000,
    "not written by volunteers — ": 1_000,
    "no ads, we sell no ads without ads ": 600,
    '"we are owned by the members and written by volunteers" ': 500,
}


@pytest.fixture(scope="module")
def finder():
    finder = CueFinder(load_lexicon(load_codebook()))
    for unit in SIZES:
        finder.find("x" + unit * 50)  # compiles what it needs
    return finder


def seconds(finder, text):
    """The least of several runs, of processor time: what else the machine does must not count."""
    times = []
    for _ in range(3):
        began = time.process_time()
        finder.find(text)
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("unit", SIZES)
def test_twice_the_text_takes_twice_the_time(finder, unit):
    ratio = None
    for _ in range(3):  # a busy machine gets another chance; a quadratic search would fail them all
        once, twice = (seconds(finder, "x" + unit * (SIZES[unit] * n)) for n in (1, 2))
        ratio = twice / max(once, 0.004)  # below some milliseconds, it is the clock that is measured
        if ratio <= 2.6:
            return
    pytest.fail(f"{unit!r}: twice the text takes {ratio:.1f} times as long ({twice:.3f} s)")
