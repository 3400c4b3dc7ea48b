"""A case as one run of the tool saw it, in the form in which two runs are compared: read from a result file, or made by a pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tagger.case import Case
from tagger.codebook import FACETS
from tagger.coding.decide import Thresholds, decide
from tagger.coding.ledger import Ledger
from tagger.codings.rows import json_rows
from tagger.codings.text import fingerprint
from tagger.errors import InputError
from tagger.pipeline import Tagger

OTHER_WORDS = ("word", "other words")
_FOLDED = re.compile(r"[0-9]+ other words")
_BOOK = re.compile(r"(?P<codebook>.*), cues (?P<cues>.*)", re.DOTALL)

Key = tuple[str, str]  # (source, name) of a ledger line
Lines = Mapping[Key, float]


@dataclass(frozen=True, slots=True)
class View:
    """A decision on one facet.

    `scores` gives each code its log-odds score, `lines` those codes of which the ledger is known each line's weight. Lines are those of a code's best pair and
    add up to its score; words that were folded into one line are in `OTHER_WORDS`.
    """

    code: str
    probability: float
    status: str
    scores: Mapping[str, float]
    lines: Mapping[str, Lines]

    @property
    def outcome(self) -> tuple[str, str]:
        """(code, status): what a user sees change."""
        return self.code, self.status

    def best_but(self, code: str) -> str | None:
        """Return the code with the highest score but `code`, of those whose lines are known where there are any; None where there is none."""
        others = [c for c in self.scores if c != code]
        known = [c for c in others if c in self.lines]
        return max(known or others, key=lambda c: self.scores[c], default=None)


@dataclass(frozen=True, slots=True)
class Side:
    """A case in one run. `sha256` is the fingerprint of its text ('' where the run does not hold it), `versions` what made the decision (text, codebook, cues,
    rules, model, tagger), `mentions` the cues found (cue, value, status, voice, how often).
    """

    id: str
    title: str
    sha256: str
    versions: Mapping[str, str]
    mentions: frozenset[tuple[Any, ...]]
    facets: Mapping[str, View]


def sides_of(path: Path, wanted: Iterable[str] | None = None, repeated: list[str] | None = None) -> Iterator[Side]:
    """Yield the cases of a JSONL that `tagger tag` wrote, only `wanted` ids where given; of cases with one id the first, the others' ids go to `repeated`.

    Raises
    ------
    InputError
        Where the file cannot be read, or a line is none that `tagger tag` writes (with its number).
    """
    chosen = None if wanted is None else frozenset(wanted)
    seen: set[str] = set()
    for line, row in json_rows(path):
        key = row.get("id")
        if isinstance(key, str) and key in seen:
            if repeated is not None:
                repeated.append(key)
            continue
        try:
            if not isinstance(key, str):
                raise TypeError("no id")
            seen.add(key)
            if chosen is None or key in chosen:
                yield side_of_record(row)
        except (KeyError, TypeError, ValueError, AttributeError) as why:
            raise InputError(f"{path}, line {line}: not a result as `tagger tag` writes it ({type(why).__name__}: {why}); give its .jsonl output") from None


def side_of_record(record: Mapping[str, Any]) -> Side:
    """Return a result of `tagger tag` (:func:`tagger.writing.record.as_record`) as a side; its ledgers are the best code's and the runner-up's."""
    plain, text = record.get("plain"), record.get("text")
    text = plain["text"] if isinstance(plain, Mapping) else text
    ledgers: dict[str, dict[str, dict[Key, float]]] = {facet: {} for facet in FACETS}
    for line in record.get("evidence", ()):
        key = _key(str(line["source"]), str(line["name"]))
        lines = ledgers[line["facet"]].setdefault(str(line["code"]), {})
        lines[key] = lines.get(key, 0.0) + float(line["weight"])
    views = {
        facet: View(
            code=str(record[facet]["code"]),
            probability=float(record[facet]["probability"]),
            status=str(record[facet]["status"]),
            scores={str(code): float(score) for code, score in record["scores"][facet].items()},
            lines=ledgers[facet],
        )
        for facet in FACETS
    }
    found = [(str(c["cue"]), str(c["value"]), str(c["status"]), str(c["voice"])) for c in record.get("cues", ())]
    sha256 = fingerprint(text) if isinstance(text, str) else ""
    return Side(record["id"], str(record.get("title") or ""), sha256, versions_of(record["provenance"]), counted(found), views)


def _key(source: str, name: str) -> Key:
    return OTHER_WORDS if source == "word" and _FOLDED.fullmatch(name) else (source, name)


def counted(found: Iterable[tuple[str, ...]]) -> frozenset[tuple[Any, ...]]:
    """Return the cues found, each with how often."""
    counts: dict[tuple[str, ...], int] = {}
    for mention in found:
        counts[mention] = counts.get(mention, 0) + 1
    return frozenset((*mention, number) for mention, number in counts.items())


def versions_of(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Return what made a result, part by part; of a model the hash alone, as its folder's name says nothing of its weights."""
    book = _BOOK.fullmatch(str(provenance["codebook"]))
    parts = book.groupdict() if book else {"codebook": str(provenance["codebook"]), "cues": ""}
    model, _, second = str(provenance.get("model") or "").rsplit(" ", 1)[-1].partition("+")
    return {**parts, "rules": str(provenance["rules"]), "model": model, "second look": second, "tagger": str(provenance["tagger"])}


def side_of_case(tagger: Tagger, case: Case, sha256: str = "") -> tuple[Side, Ledger]:
    """Return a case as a pipeline sees it, and its ledger; the lines of a code are added with :func:`on_pairs`."""
    ledger, mentions = tagger.ledger(case)
    made = tagger.provenance
    versions = versions_of({"codebook": made.codebook, "rules": made.rules, "model": made.model, "tagger": made.tagger})
    found = counted((m.cue, m.value, m.status, m.voice) for m in mentions)
    return Side(case.id, case.title, sha256, versions, found, views_of(ledger, tagger.thresholds)), ledger


def views_of(ledger: Ledger, thresholds: Thresholds) -> dict[str, View]:
    """Return the decision on each facet, without lines."""
    return {facet: View(choice.code, choice.probability, choice.status, choice.scores, {}) for facet, choice in decide(ledger, thresholds).items()}


def on_pairs(view: View, ledger: Ledger, pairs: Mapping[str, tuple[str, str]]) -> View:
    """Return a view with score and lines of each code in `pairs` (code: the pair that stands for it), and of no other."""
    scores, at = ledger.scores(), {code: ledger.pairs.index(pair) for code, pair in pairs.items()}
    return replace(view, scores={code: float(scores[i]) for code, i in at.items()}, lines={code: _column(ledger, i) for code, i in at.items()})


def _column(ledger: Ledger, pair: int) -> dict[Key, float]:
    lines: dict[Key, float] = {}
    for entry, weight in zip(ledger.entries, ledger.weights[:, pair], strict=True):
        if weight:
            lines[entry.source, entry.name] = lines.get((entry.source, entry.name), 0.0) + float(weight)
    return lines


def aligned(before: Lines, after: Lines) -> tuple[dict[Key, float], dict[Key, float]]:
    """Return two ledgers of one code in the same lines: a word that one names and the other has folded away goes to `OTHER_WORDS` in both.

    A ledger without a folded line names all its words, so that a word that it lacks weighs nothing in it.
    """
    first, second = dict(before), dict(after)
    for mine, other in ((first, after), (second, before)):
        if OTHER_WORDS in other:
            for key in [k for k in mine if k[0] == "word" and k != OTHER_WORDS and k not in other]:
                mine[OTHER_WORDS] = mine.get(OTHER_WORDS, 0.0) + mine.pop(key)
    return first, second

