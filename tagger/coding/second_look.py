"""The second look: what a sentence encoder makes of a case that the linear model leaves undecided, as one more line of its ledger.

A network of one hidden layer takes three vectors of a case (the mean of its sentences, the mean of the first two, its title) and gives log-odds for each pair.
They stand in the ledger as what they are: one line, ``neural``, whose place is the sentence without which it would be weakest. All other lines are scaled by
one factor, fitted with it on held-out cases, so that the sum stays exact.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tagger.case import Case
from tagger.coding.encoder import Encoder
from tagger.coding.ledger import Entry, Ledger
from tagger.coding.model_manifest import ENCODER, NEURAL, TOKENIZER, read_part
from tagger.coding.stored import expect, read_stored, table_bytes
from tagger.cues.sentences import sentence_spans
from tagger.errors import ModelError

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

TEXT, SENTENCES, WORDS = 12_000, 20, 60  # of a case: characters, sentences, words of each that are looked at
DECIMALS = 6
FIRST = 2  # sentences that tell what a case is
ARRAYS = ("hidden", "hidden_bias", "out", "out_bias")


@dataclass(frozen=True)
class SecondLook:
    """An encoder of d dimensions and the network over its vectors.

    `hidden` (3d, H), `hidden_bias` (H,), `out` (H, P) and `out_bias` (P,) give the log-odds of the pairs; each row of `out`, and `out_bias`, sums to 0.
    `kept` is the factor of the ledger's other lines.
    """

    pairs: tuple[tuple[str, str], ...]
    encoder: Encoder
    hidden: np.ndarray
    hidden_bias: np.ndarray
    out: np.ndarray
    out_bias: np.ndarray
    kept: float

    def unpacked(self) -> SecondLook:
        """Return it with numbers to reckon with; they are stored in a quarter of the bytes."""
        return replace(self, **{name: getattr(self, name).astype(np.float64) for name in ARRAYS})

    def log_odds(self, vectors: np.ndarray) -> np.ndarray:
        """Return the log-odds of the pairs (n, P) from vectors of cases (n, 3d), as :func:`case_vector` makes them."""
        return self._rows(vectors @ self.hidden)

    def _rows(self, reached: np.ndarray) -> np.ndarray:
        """The log-odds of the pairs (n, P), from what reaches the hidden units; rounded, for matrix products differ in the last bits from run to run."""
        return np.round(np.maximum(reached + self.hidden_bias, 0) @ self.out + self.out_bias, DECIMALS)

    def look(self, case: Case, ledger: Ledger) -> Ledger:
        """Return the ledger of a case with the line of the second look."""
        spans = looked_at(case.text)
        encoded = self.encoder.encode(said_of(case, spans))
        with _blas().limit(limits=1):  # a second thread would only wait, and wait busily
            row, *without = self._rows(self._reached(encoded[:-1].astype(float), encoded[-1].astype(float)))
        winner = int((ledger.scores() * self.kept + row).argmax())
        place = spans[int(np.argmin([less[winner] for less in without]))] if without else None
        entry = Entry("neural", f"sentence encoder {self.encoder.name}", "", place)
        return Ledger(ledger.pairs, (*ledger.entries, entry), np.vstack([ledger.weights * self.kept, row]))

    def _reached(self, sentences: np.ndarray, title: np.ndarray) -> np.ndarray:
        """What reaches the hidden units (1 + n, H): of the whole case, and, where there are two sentences to tell apart, without each of them.

        A mean of sentences reaches what the mean of their products reaches, so every sentence is multiplied once.
        """
        by_mean, by_first, by_title = np.split(self.hidden, 3)
        count, base = len(sentences), title @ by_title
        if not count:
            return base[None]
        means, firsts = sentences @ by_mean, sentences[: FIRST + 1] @ by_first
        found = [means.mean(0) + firsts[:FIRST].mean(0)]
        for i in range(count if count > 1 else 0):
            others = [j for j in range(min(count, FIRST + 1)) if j != i][:FIRST]
            found.append((means.sum(0) - means[i]) / (count - 1) + firsts[others].mean(0))
        return base + np.array(found)


@cache
def _blas() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def looked_at(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences that are looked at, without the white space around them."""
    text = text[:TEXT]
    spans = []
    for start, end in sentence_spans(text)[: 2 * SENTENCES]:
        said = text[start:end].strip()
        if said:
            first = text.index(said, start)
            spans.append((first, first + len(said)))
    return spans[:SENTENCES]


def said_of(case: Case, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return the beginnings of the sentences of a case, and of its title last, of at most `WORDS` words each."""
    return [" ".join(said.split()[:WORDS]) for said in (*(case.text[start:end] for start, end in spans), case.title[:TEXT])]


def case_vector(sentences: np.ndarray, title: np.ndarray) -> np.ndarray:
    """Return what the network is given of a case, shape (3d,), from the vectors of its sentences (n, d) and of its title (d,)."""
    if not len(sentences):
        sentences = np.zeros((1, len(title)))
    return np.concatenate([sentences.mean(0, dtype=float), sentences[:FIRST].mean(0, dtype=float), title])


def second_look_parts(look: SecondLook) -> dict[str, bytes]:
    """Return the files of a second look, by name; the same weights give the same bytes."""
    arrays = {name: getattr(look, name).astype(np.float16) for name in ARRAYS}
    table = {"pairs": json.dumps(look.pairs), "encoder": look.encoder.name, "kept": float(look.kept)}
    return {NEURAL: table_bytes(table | arrays), ENCODER: look.encoder.model, TOKENIZER: look.encoder.tokenizer}


def load_second_look(folder: Path, manifest: Mapping[str, Any], pairs: Sequence[tuple[str, str]] | None = None) -> SecondLook:
    """Return the second look of a model, over the very `pairs` that its weights are over.

    Raises
    ------
    InputError
        If the extra is not installed.
    ModelError
        If the model has none, or a file of it is not as the manifest says.
    """
    if NEURAL not in manifest["files"]:
        raise ModelError(f"{folder}: this model was trained without a sentence encoder; leave --neural out, or train one with `tagger train --neural`")
    data, model, tokenizer = (read_part(folder, manifest, name) for name in (NEURAL, ENCODER, TOKENIZER))

    def made_of(table: dict[str, Any]) -> SecondLook:
        if not isinstance(table["encoder"], str) or not table["encoder"].isprintable():
            raise ValueError("the name of its encoder is none")
        look = look_of(table, Encoder(table["encoder"], model, tokenizer))
        if pairs is not None and look.pairs != tuple(pairs):
            raise ValueError("it is over other pairs of codes than the weights")
        return look

    return read_stored(data, folder / NEURAL, made_of)


def look_of(table: Mapping[str, Any], encoder: Encoder) -> SecondLook:
    """Return the second look that a stored table holds, over an encoder; ValueError where it holds none."""
    pairs = tuple((economy, model) for economy, model in json.loads(table["pairs"]))
    units = len(table["hidden_bias"])
    for name, shape in zip(ARRAYS, ((3 * encoder.dimensions, units), (units,), (units, len(pairs)), (len(pairs),)), strict=True):
        expect(name, table[name], shape)
    if not isinstance(table["kept"], float) or not 0 <= table["kept"] <= 10:
        raise ValueError(f"kept {table['kept']!r} is out of range (0 to 10)")
    return SecondLook(pairs, encoder, *(table[name] for name in ARRAYS), table["kept"]).unpacked()
