"""Small sentence encoders in ONNX, of the two kinds that are published: one vector a token, or one a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

WORDS = ("[UNK]", "members", "share", "tools", "freely", "company", "sells", "wages", "upload", "clips", "viewers", "licence", "volunteers", "harvest")
DIMENSIONS = 8
TABLE = np.random.default_rng(0).normal(size=(len(WORDS), DIMENSIONS)).astype(np.float32)


def log_odds(look, vectors: np.ndarray) -> np.ndarray:
    """What a second look is to say of vectors of cases (n, 3d): the network written out."""
    return np.maximum(vectors @ look.hidden + look.hidden_bias, 0) @ look.out + look.out_bias


def made_encoder(folder: Path, *, whole: bool = False, kinds: bool = True, table: np.ndarray = TABLE, beside: str = "", after: tuple = ()) -> Path:
    """Write an encoder whose vectors are rows of `table`.

    `whole` gives their mean itself, `kinds` asks for token types, as BERT does; `beside` keeps the numbers in another file of that name; `after` are further
    nodes (operator, attributes) behind the vectors.
    """
    onnx = pytest.importorskip("onnx", reason="needs onnx, to make an encoder with")
    pytest.importorskip("onnxruntime", reason="needs the extra neural")
    tokenizers = pytest.importorskip("tokenizers", reason="needs the extra neural")
    helper, number = onnx.helper, onnx.TensorProto
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if kinds else [])]
    inputs = [helper.make_tensor_value_info(name, number.INT64, ["batch", "tokens"]) for name in names]
    constants = [onnx.numpy_helper.from_array(table, "table"), onnx.numpy_helper.from_array(np.array([2]), "last")]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    outputs = [helper.make_tensor_value_info("last_hidden_state", number.FLOAT, ["batch", "tokens", DIMENSIONS])]
    if whole:
        constants.append(onnx.numpy_helper.from_array(np.array([1]), "tokens_axis"))
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["there"], to=number.FLOAT),
            helper.make_node("Unsqueeze", ["there", "last"], ["mask"]),
            helper.make_node("Mul", ["last_hidden_state", "mask"], ["kept"]),
            helper.make_node("ReduceSum", ["kept", "tokens_axis"], ["sum"], keepdims=0),
            helper.make_node("ReduceSum", ["mask", "tokens_axis"], ["count"], keepdims=0),
            helper.make_node("Div", ["sum", "count"], ["sentence_embedding"]),
        ]
        outputs.append(helper.make_tensor_value_info("sentence_embedding", number.FLOAT, ["batch", DIMENSIONS]))
    for i, (operator, attributes) in enumerate(after):
        outputs = [onnx.ValueInfoProto(name=f"after{i}")]
        nodes.append(helper.make_node(operator, [nodes[-1].output[0]], [f"after{i}"], **attributes))
    if beside:
        constants[0].ClearField("raw_data")
        constants[0].data_location = onnx.TensorProto.EXTERNAL
        constants[0].external_data.add(key="location", value=beside)
    graph = helper.make_graph(nodes, "made", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token=WORDS[0]))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
