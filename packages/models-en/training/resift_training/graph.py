"""Building ONNX graphs by hand: one small writer with the operators an encoder needs, in float32 or int8."""
from __future__ import annotations

from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Precision = Literal["float32", "int8", "rows8"]
MICROSOFT = "com.microsoft"
OPSET = 17
BLOCK = 32


class Graph:
    """Nodes and initialisers; every method returns the name of its output."""

    def __init__(self, precision: Precision = "float32") -> None:
        self.precision = precision
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._count = 0

    def name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"

    def constant(self, value: NDArray[Any] | list[int], stem: str = "c") -> str:
        array = np.asarray(value, np.int64) if isinstance(value, list) else np.array(value, order="C")
        name = self.name(stem)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, operator: str, inputs: list[str], outputs: int | list[str] = 1, domain: str = "", **attributes: Any) -> Any:
        names = outputs if isinstance(outputs, list) else [self.name(operator.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def table(self, ids: str, weight: NDArray[np.float32]) -> str:
        """Rows of an embedding table, stored as int8 with one scale per row unless the graph is float32."""
        if self.precision == "float32":
            return self.node("Cast", [self.node("Gather", [self.constant(weight.astype(np.float16), "table"), ids])], to=TensorProto.FLOAT)
        scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float32)
        codes = np.clip(np.rint(weight / scale), -127, 127).astype(np.int8)
        rows = self.node("Cast", [self.node("Gather", [self.constant(codes, "table"), ids])], to=TensorProto.FLOAT)
        return self.node("Mul", [rows, self.node("Gather", [self.constant(scale, "scale"), ids])])

    def linear(self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        """x @ weight.T + bias for a PyTorch weight [out, in]."""
        if self.precision == "int8":
            codes, scale = columns_int8(weight)
            inputs = [x, self.constant(codes.T, "w"), self.constant(scale, "s"), self.constant(np.zeros(len(scale), np.int8), "z")]
            return self.node("DynamicQuantizeMatMul", inputs + ([] if bias is None else [self.constant(bias, "b")]), domain=MICROSOFT)
        if self.precision == "rows8" and weight.shape[1] % BLOCK == 0:
            return self._linear_rows8(x, weight, bias)
        half = self.node("Cast", [self.constant(weight.T.astype(np.float16), "w")], to=TensorProto.FLOAT)
        product = self.node("MatMul", [x, half])
        return product if bias is None else self.node("Add", [product, self.constant(bias, "b")])

    def _linear_rows8(self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        """8-bit weights in blocks of 32; activations are quantised per row, so neighbours and padding do not matter."""
        out, width = weight.shape
        blocks = weight.reshape(out, width // BLOCK, BLOCK)
        scale = np.maximum(np.abs(blocks).max(axis=2) / 127, 1e-12).astype(np.float32)
        codes = (np.clip(np.rint(blocks / scale[:, :, None]), -127, 127) + 128).astype(np.uint8)
        inputs = [x, self.constant(codes, "w"), self.constant(scale.reshape(-1), "s")]
        inputs += ["", "", self.constant(bias, "b")] if bias is not None else []
        attributes = {"K": width, "N": out, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        return self.node("MatMulNBits", inputs, domain=MICROSOFT, **attributes)

    def normalize(self, x: str, axis: int = -1) -> str:
        """L2 normalisation along the last axis."""
        squares = self.node("ReduceSumSquare", [x], axes=[axis], keepdims=1)
        return self.node("Div", [x, self.node("Max", [self.node("Sqrt", [squares]), self.constant(np.float32(1e-12))])])

    def model(self, inputs: list[str], outputs: dict[str, list[int | str]]) -> onnx.ModelProto:
        """The finished model: int64 inputs [batch, seq], float32 outputs."""
        ins = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "seq"]) for name in inputs]
        outs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
        graph = helper.make_graph(self.nodes, "resift", ins, outs, self.initializers)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="resift-training")


def columns_int8(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric int8 codes of a PyTorch weight [out, in], one scale per output."""
    scale = np.maximum(np.abs(weight).max(axis=1) / 127, 1e-12).astype(np.float32)
    return np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8), scale
