"""What a corpus holds: cases and codings counted by code, source, register, length, coder."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tagger.codebook import Codebook
from tagger.codings.merge import SETTLED, merge
from tagger.codings.table import Coding
from tagger.corpus.authored import AuthoredCase

if TYPE_CHECKING:
    import pandas as pd

LENGTHS = (0, 40, 100, 150, 300, 500)  # lower ends, in words


@dataclass(frozen=True, slots=True)
class Count:
    """A table of counts with its caption; index and columns are the things counted by."""

    title: str
    table: pd.DataFrame


def length_class(words: int) -> str:
    """Return the class of a text's length, such as ``100-149``."""
    at = max(i for i, low in enumerate(LENGTHS) if words >= low)
    return f"{LENGTHS[at]}-{LENGTHS[at + 1] - 1}" if at + 1 < len(LENGTHS) else f"{LENGTHS[at]}+"


def stats(cases: Sequence[AuthoredCase], codings: dict[str, Sequence[Coding]], codebook: Codebook) -> list[Count]:
    """Return the counts of a corpus.

    Parameters
    ----------
    cases : sequence of AuthoredCase
        May be empty.
    codings : dict of str to sequence of Coding
        Codings by source (the file that they stand in).
    codebook : Codebook
    """
    import pandas as pd

    models = [c.id for c in codebook.models]
    found = []
    if cases:
        frame = pd.DataFrame(
            [
                (c.economy, c.model, c.register, length_class(len(c.text.split())), "indirect" if c.indirect else "direct", c.near_miss or "none given")
                for c in cases
            ],
            columns=["economy", "model", "register", "words", "cues", "near miss"],
        )
        order = [f"{a}-{b - 1}" for a, b in itertools.pairwise(LENGTHS)] + [f"{LENGTHS[-1]}+"]
        for column, columns in (("economy", [c.id for c in codebook.economies]), ("register", None), ("words", order), ("cues", None)):
            found.append(Count(f"authored cases by model and {column}", _crossed(frame, "model", column, models, columns)))
    labels = {source: list(merge(rows, codebook).values()) for source, rows in codings.items()}
    by_label = pd.DataFrame(
        [(source, x.codes.get("model", "unsettled"), x.settled, _drawn(x.random), x.set) for source, rows in labels.items() for x in rows],
        columns=["source", "model", "settled", "drawn", "set"],
    )
    if len(by_label):
        found.append(Count("labels by model and source", _crossed(by_label, "model", "source", [*models, "unsettled"], None)))
        found.append(Count("labels by source and how they were settled", _crossed(by_label, "source", "settled", None, list(SETTLED))))
        found.append(Count("labels by source and how the case was drawn", _crossed(by_label, "source", "drawn", None, None)))
    by_coding = pd.DataFrame(
        [
            (source, x.coder, x.role if x.role != "coder" else {True: "blind", False: "shown", None: "not recorded"}[x.blind])
            for source, rows in codings.items()
            for x in rows
        ],
        columns=["source", "coder", "kind"],
    )
    if len(by_coding):
        by_coding["who"] = by_coding["coder"] + " (" + by_coding["source"] + ")"
        found.append(Count("codings by coder and kind", _crossed(by_coding, "who", "kind", None, None)))
    return found


def _drawn(random: bool | None) -> str:
    return {True: "at random", False: "chosen", None: "not recorded"}[random]


def _crossed(frame: pd.DataFrame, rows: str, columns: str, row_order: list[str] | None, column_order: list[str] | None) -> pd.DataFrame:
    import pandas as pd

    table = pd.crosstab(frame[rows], frame[columns])
    if row_order is not None:
        table = table.reindex([r for r in row_order if r in table.index])
    if column_order is not None:
        table = table.reindex(columns=[c for c in column_order if c in table.columns])
    table["all"] = table.sum(axis=1)
    table.loc["all"] = table.sum()
    return table
