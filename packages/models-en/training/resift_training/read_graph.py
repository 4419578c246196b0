"""The ONNX graph of the pair model: start_logits, end_logits, answerable_logit and, with the claim head, logit."""

from typing import Literal

import numpy as np
import onnx
import torch

from .encoder import _EMBEDDINGS, _RENAMED, Shape, Trunk
from .encoder_graph import hidden_states
from .graph import Graph, Precision
from .read_model import PairModel

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
BLOCK = 64


class StoredInt8(Graph):
    """Weights kept as int8 in blocks of 64 with a float16 scale each, multiplied out once when a session opens: fp32 compute."""

    def __init__(self) -> None:
        super().__init__("rows8")  # embedding tables as int8 rows

    def linear(self, x: str, weight: np.ndarray, bias: np.ndarray | None) -> str:
        out, width = weight.shape
        blocks = weight.T.reshape(width // BLOCK, BLOCK, out)
        scale = np.maximum(np.abs(blocks).max(axis=1, keepdims=True) / 127, 1e-6).astype(np.float16)
        codes = np.clip(np.rint(blocks / scale.astype(np.float32)), -127, 127).astype(np.int8)
        parts = [self.node("Cast", [self.constant(each, "w")], to=onnx.TensorProto.FLOAT) for each in (codes, scale)]
        whole = self.node("Reshape", [self.node("Mul", parts), self.constant([width, out])])
        product = self.node("MatMul", [x, whole])
        return product if bias is None else self.node("Add", [product, self.constant(bias, "b")])


def trunk_of(model: PairModel) -> Trunk:
    """The Hugging Face trunk as the plain trunk that the graph writer knows."""
    weights = model.trunk.state_dict()
    named = {ours: weights[theirs.removeprefix("bert.")] for theirs, ours in _EMBEDDINGS.items()}
    layers = model.trunk.config.num_hidden_layers
    for index in range(layers):
        for theirs, ours in _RENAMED.items():
            for part in ("weight", "bias"):
                named[f"layers.{index}.{ours}.{part}"] = weights[f"encoder.layer.{index}.{theirs}.{part}"]
    trunk = Trunk(Shape(layers=layers))
    trunk.load_state_dict(named)
    return trunk.eval()


def pair_graph(model: PairModel, precision: Precision | Literal["stored8"], claims: bool) -> onnx.ModelProto:
    """The trunk in `precision`, the heads in float32."""
    graph = StoredInt8() if precision == "stored8" else Graph(precision)
    hidden = hidden_states(graph, trunk_of(model), *INPUTS)
    heads = Graph("float32")
    heads.nodes, heads.initializers, heads._count = graph.nodes, graph.initializers, 10_000
    spans = heads.linear(hidden, array(model.span.weight), array(model.span.bias))
    start, end = heads.node("Split", [spans], 2, axis=-1)
    for name, value in (("start_logits", start), ("end_logits", end)):
        heads.node("Squeeze", [value, heads.constant([2])], [name])
    pooled = pooling(heads, hidden)
    outputs: dict[str, list[int | str]] = {
        "start_logits": ["batch", "seq"], "end_logits": ["batch", "seq"], "answerable_logit": ["batch"],
    }
    head(heads, pooled, model.answerable, "answerable_logit")
    if claims:
        head(heads, pooled, model.ground, "logit")
        outputs["logit"] = ["batch"]
    built = heads.model(INPUTS, outputs)
    onnx.checker.check_model(built, full_check=False)
    return built


def pooling(graph: Graph, hidden: str) -> str:
    """[CLS] beside the masked mean over all tokens."""
    first = graph.node("Gather", [hidden, graph.constant(np.int64(0))], axis=1)
    mask = graph.node("Cast", ["attention_mask"], to=onnx.TensorProto.FLOAT)
    weight = graph.node("Unsqueeze", [mask, graph.constant([2])])
    total = graph.node("ReduceSum", [graph.node("Mul", [hidden, weight]), graph.constant([1])], keepdims=0)
    mean = graph.node("Div", [total, graph.node("ReduceSum", [weight, graph.constant([1])], keepdims=0)])
    return graph.node("Concat", [first, mean], axis=-1)


def head(graph: Graph, pooled: str, module, name: str) -> None:
    inner = graph.node("Tanh", [graph.linear(pooled, array(module.inner.weight), array(module.inner.bias))])
    out = graph.linear(inner, array(module.out.weight), array(module.out.bias))
    graph.node("Squeeze", [out, graph.constant([1])], [name])


def array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().astype(np.float32)
