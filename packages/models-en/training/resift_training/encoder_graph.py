"""The ONNX graph of an encoder (CONTRACT.md, section 1), from the trunk's weights and the heads' tensors."""
from __future__ import annotations

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto

from .encoder import Trunk
from .graph import MICROSOFT, Graph, Precision

Heads = dict[str, torch.Tensor]
"""Optional tensors: `tokens.weight` [dt, width] (projection), `sentence.weight` [d, width], `importance.weight` [1, width], `importance.bias` [1]."""


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.detach().cpu().numpy().astype(np.float32)


def hidden_states(graph: Graph, trunk: Trunk, ids: str, mask: str, kinds: str | None = None) -> str:
    """Nodes from token ids to the last hidden states [b, s, width]."""
    weights = {name: _array(value) for name, value in trunk.state_dict().items()}
    length = graph.node("Gather", [graph.node("Shape", [ids]), graph.constant(np.int64(1))])
    place = graph.node("Range", [graph.constant(np.int64(0)), length, graph.constant(np.int64(1))])
    positions = weights["positions.weight"]
    if kinds is None:
        spots = graph.table(place, positions + weights["kinds.weight"][0])
    else:
        spots = graph.node("Add", [graph.table(place, positions), graph.table(kinds, weights["kinds.weight"])])
    x = graph.node("Add", [graph.table(ids, weights["words.weight"]), spots])
    x = graph.node("LayerNormalization", [x, graph.constant(weights["norm.weight"]), graph.constant(weights["norm.bias"])], axis=-1, epsilon=1e-12)
    if "widen.weight" in weights:
        x = graph.linear(x, weights["widen.weight"], weights["widen.bias"])
    padding = graph.node("Cast", [mask], to=TensorProto.INT32)
    for i in range(trunk.shape.layers):
        x = _layer(graph, weights, f"layers.{i}.", trunk.shape.heads, x, padding)
    return x


def _layer(graph: Graph, weights: dict[str, NDArray[np.float32]], at: str, heads: int, x: str, padding: str) -> str:
    joined = [np.concatenate([weights[f"{at}{name}.{part}"] for name in ("query", "key", "value")]) for part in ("weight", "bias")]
    q, k, v = graph.node("Split", [graph.linear(x, joined[0], joined[1])], 3, axis=-1)
    mixed = graph.node("MultiHeadAttention", [q, k, v, "", padding], domain=MICROSOFT, num_heads=heads)
    mixed = graph.linear(mixed, weights[f"{at}output.weight"], weights[f"{at}output.bias"])
    x = _add_norm(graph, weights, f"{at}norm_attention.", mixed, x)
    up = graph.node("Gelu", [graph.linear(x, weights[f"{at}up.weight"], weights[f"{at}up.bias"])], domain=MICROSOFT)
    down = graph.linear(up, weights[f"{at}down.weight"], weights[f"{at}down.bias"])
    return _add_norm(graph, weights, f"{at}norm_output.", down, x)


def _add_norm(graph: Graph, weights: dict[str, NDArray[np.float32]], at: str, x: str, skip: str) -> str:
    # Add and LayerNormalization: onnxruntime's fused SkipLayerNormalization measured five times slower.
    inputs = [graph.node("Add", [x, skip]), graph.constant(weights[f"{at}weight"]), graph.constant(weights[f"{at}bias"])]
    return graph.node("LayerNormalization", inputs, axis=-1, epsilon=1e-12)


def encoder_model(trunk: Trunk, heads: Heads, precision: Precision) -> onnx.ModelProto:
    """Inputs `input_ids`, `attention_mask`; outputs `token_vectors`, `sentence_vector`, and `token_weights` with an importance head."""
    graph = Graph(precision)
    hidden = hidden_states(graph, trunk, "input_ids", "attention_mask")
    flat = Graph("float32")  # the heads stay float32: they are small and set the precision of every score
    flat.nodes, flat.initializers, flat._count = graph.nodes, graph.initializers, 10_000
    tokens = flat.linear(hidden, _array(heads["tokens.weight"]), None) if "tokens.weight" in heads else hidden
    vectors = flat.normalize(tokens)
    flat.node("Identity", [vectors], ["token_vectors"])
    weight = flat.node("Unsqueeze", [flat.node("Cast", ["attention_mask"], to=TensorProto.FLOAT), flat.constant([2])])
    total = flat.node("ReduceSum", [flat.node("Mul", [hidden, weight]), flat.constant([1])], keepdims=0)
    mean = flat.node("Div", [total, flat.node("ReduceSum", [weight, flat.constant([1])], keepdims=0)])
    sentence = flat.linear(mean, _array(heads["sentence.weight"]), None) if "sentence.weight" in heads else mean
    flat.node("Identity", [flat.normalize(sentence)], ["sentence_vector"])
    size = heads["tokens.weight"].shape[0] if "tokens.weight" in heads else trunk.shape.width
    outputs: dict[str, list[int | str]] = {
        "token_vectors": ["batch", "seq", int(size)],
        "sentence_vector": ["batch", int(heads["sentence.weight"].shape[0]) if "sentence.weight" in heads else trunk.shape.width],
    }
    if "importance.weight" in heads:
        raw = flat.linear(hidden, _array(heads["importance.weight"]), _array(heads["importance.bias"]))
        flat.node("Squeeze", [flat.node("Softplus", [raw]), flat.constant([2])], ["token_weights"])
        outputs["token_weights"] = ["batch", "seq"]
    return flat.model(["input_ids", "attention_mask"], outputs)
