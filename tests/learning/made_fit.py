"""Cases that a sentence encoder tells apart and words do not, and a fit of the linear model to them."""

from __future__ import annotations

import numpy as np
from made_encoder import WORDS

from tagger.case import Case, Origin
from tagger.codebook import load_codebook
from tagger.coding.rules import load_rules
from tagger.cues import CueFinder, load_lexicon
from tagger.learning.fitting import Fitted, fitted
from tagger.learning.labelled import Labelled
from tagger.learning.train import Settings, look_at

BOOK = load_codebook()
PAIRS = (("sharing", "9"), ("commons", "6"), ("other", "outside"))


def made_fit() -> Fitted:
    """Cases in which every word is as frequent under every code: only which ones stand in the first sentences tells them apart."""
    random, cases = np.random.default_rng(0), []
    for i in range(150):
        of_code = [WORDS[1 + 4 * k : 5 + 4 * k] for k in range(3)]
        order = [i % 3, *(k for k in range(3) if k != i % 3)]
        own = " ".join("".join(chr(97 + c) for c in random.integers(26, size=7)) for _ in range(60))  # so that no two are near-duplicates
        text = " ".join(" ".join(random.choice(of_code[k], 6)).capitalize() + "." for k in order for _ in "ab") + f" {own.capitalize()}."
        cases.append(Labelled(Case(f"c{i}", f"Case {i}", text, Origin("made")), *PAIRS[i % 3], group=f"g{i}"))
    finder, rules, settings = CueFinder(load_lexicon(BOOK)), load_rules(BOOK), Settings(topics=0, iterations=20, folds=2, places=0.0)
    return fitted(cases, [look_at(x.case, finder, rules, BOOK) for x in cases], BOOK, settings)
