"""What commands need that train on labelled cases without keeping the model: cases, features, codebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tagger.codebook import Codebook
    from tagger.coding.rules import RuleBook
    from tagger.cues import CueFinder
    from tagger.learning.labelled import Labelled
    from tagger.learning.train import Seen
    from tagger.learning.vectors import Vectors


@dataclass(frozen=True)
class Given:
    """What cases are looked at with."""

    codebook: Codebook
    finder: CueFinder
    rulebook: RuleBook
    vectors: list[Vectors]


def training_cases(paths: list[Path], codebook: Path | None, limit: int | None) -> tuple[list[Labelled], list[Seen], Given, list[str]]:
    """Return the cases that may be trained on with their features, what they were looked at with, and what to tell the user.

    Raises
    ------
    InputError
        Where no case is left.
    """
    from tagger.cli.evaluate import gather
    from tagger.cues import CueFinder
    from tagger.learning.fitting import vectors_of
    from tagger.learning.train import look_at
    from tagger.pipeline import load_folder

    book, lexicon, rules = load_folder(codebook)
    cases, texts, told = gather(paths, None, book, True, limit)
    finder = CueFinder(lexicon)
    return cases, [look_at(x.case, finder, rules, book) for x in cases], Given(book, finder, rules, vectors_of(texts, cases, False)), told
