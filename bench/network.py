"""The recogniser's graph run by PyTorch, so that its upper layers can learn.

Only the operators that PP-OCRv6 small uses. Tensors that `learning` names are leaves that a
gradient reaches; all others are constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from onnx import numpy_helper

Values = dict[str, Any]


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _same_upper(x: torch.Tensor, kernel: list[int], value: float) -> torch.Tensor:
    """Padded for strides of one, what is odd below and at the right."""
    down, across = (k - 1 for k in kernel)
    pad = (across // 2, across - across // 2, down // 2, down - down // 2)
    return F.pad(x, pad, value=value)


def _conv(given: list[Any], a: dict[str, Any]) -> torch.Tensor:
    x, weight, *bias = given
    padding: Any = tuple(a.get("pads", [0, 0, 0, 0])[:2])
    if a.get("auto_pad") == b"SAME_UPPER":
        x, padding = _same_upper(x, a["kernel_shape"], 0.0), 0
    return F.conv2d(
        x, weight, *(bias or [None]), stride=a["strides"], padding=padding, groups=a["group"]
    )


def _slice(given: list[Any], _: dict[str, Any]) -> Any:
    x, starts, ends, axes, *steps = given
    at = [slice(None)] * x.ndim
    step = steps[0].tolist() if steps else [1] * len(starts)
    for axis, start, end, by in zip(
        axes.tolist(), starts.tolist(), ends.tolist(), step, strict=True
    ):
        at[axis] = slice(start, end, by)
    return x[tuple(at)]


def _mean(given: list[Any], a: dict[str, Any]) -> torch.Tensor:
    return torch.mean(given[0], dim=list(a["axes"]), keepdim=bool(a.get("keepdims", 1)))


def _squeeze(given: list[Any], a: dict[str, Any]) -> torch.Tensor:
    x = given[0]
    for axis in sorted(a["axes"], reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(given: list[Any], a: dict[str, Any]) -> torch.Tensor:
    x = given[0]
    for axis in sorted(a["axes"]):
        x = x.unsqueeze(axis)
    return x


def _norm(given: list[Any], a: dict[str, Any]) -> torch.Tensor:
    x, weight, bias, mean, var = given
    return F.batch_norm(x, mean, var, weight, bias, training=False, eps=a["epsilon"])


def _reshape(given: list[Any], _: dict[str, Any]) -> torch.Tensor:
    x, shape = given
    wanted = [x.shape[i] if n == 0 else n for i, n in enumerate(shape.tolist())]
    return x.reshape(wanted)


OPERATORS: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "Identity": lambda x, _: x[0],
    "Add": lambda x, _: x[0] + x[1],
    "Sub": lambda x, _: x[0] - x[1],
    "Mul": lambda x, _: x[0] * x[1],
    "Div": lambda x, _: x[0] / x[1],
    "Pow": lambda x, _: x[0] ** x[1],
    "Sqrt": lambda x, _: torch.sqrt(x[0]),
    "Erf": lambda x, _: torch.erf(x[0]),
    "Gelu": lambda x, _: F.gelu(x[0]),
    "Relu": lambda x, _: torch.relu(x[0]),
    "Sigmoid": lambda x, _: torch.sigmoid(x[0]),
    "HardSigmoid": lambda x, a: torch.clamp(x[0] * a["alpha"] + a["beta"], 0, 1),
    "Softmax": lambda x, a: torch.softmax(x[0], a["axis"]),
    "MatMul": lambda x, _: torch.matmul(x[0], x[1]),
    "Transpose": lambda x, a: x[0].permute(*a["perm"]),
    "Concat": lambda x, a: torch.cat(list(x), dim=a["axis"]),
    "Shape": lambda x, _: torch.tensor(x[0].shape),
    "MaxPool": lambda x, a: F.max_pool2d(
        _same_upper(x[0], a["kernel_shape"], float("-inf")), a["kernel_shape"], a["strides"]
    ),
    "AveragePool": lambda x, a: F.avg_pool2d(x[0], a["kernel_shape"], a["strides"]),
    "BatchNormalization": _norm,
    "Conv": _conv,
    "ReduceMean": _mean,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
}


def _gelus(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The nodes with each x/c, erf, +1, times x, times 0.5 as one: a third of the time."""
    makes = {name: node for node in nodes for name in node.output}
    takes = {name: node for node in nodes for name in node.input}
    gone: set[str] = set()
    last: dict[str, onnx.NodeProto] = {}
    for erf in nodes:
        if erf.op_type == "Erf":
            divide, add = makes[erf.input[0]], takes[erf.output[0]]
            times = takes[add.output[0]]
            half = takes[times.output[0]]
            gone |= {node.name for node in (divide, erf, add, times)}
            last[half.name] = onnx.helper.make_node(
                "Gelu", divide.input[:1], half.output[:1], name=half.name
            )
    return [last.get(node.name, node) for node in nodes if node.name not in gone]


class Network:
    """A model's nodes, split where learning begins.

    Attributes:
        trunk: nodes that stay as they are.
        branch: nodes from the first that learns.
        learned: the branch's own tensors by name.
    """

    def __init__(self, model: onnx.ModelProto, branch: Iterable[onnx.NodeProto]) -> None:
        upper = {node.name for node in branch}
        self.trunk = _gelus([n for n in model.graph.node if n.name not in upper])
        self.branch = _gelus([n for n in model.graph.node if n.name in upper])
        self.input = model.graph.input[0].name
        used = {name for node in self.branch for name in node.input}
        for node in self.branch:  # running statistics are counted, not learned
            if node.op_type == "BatchNormalization":
                used -= set(node.input[3:5])
        self.constants: Values = {}
        self.learned: dict[str, torch.Tensor] = {}
        for tensor in model.graph.initializer:
            value = torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
            if tensor.name in used and value.is_floating_point() and value.numel() > 1:
                self.learned[tensor.name] = value
            else:
                self.constants[tensor.name] = value
        for node in model.graph.node:
            if node.op_type == "Constant":
                value = numpy_helper.to_array(_attributes(node)["value"])
                self.constants[node.output[0]] = torch.from_numpy(np.array(value))

    def run(self, nodes: list[onnx.NodeProto], known: Values) -> Values:
        """What the nodes make of what is known, added to it."""
        values = {**self.constants, **self.learned, **known}
        for node in nodes:
            if node.op_type == "Constant":
                continue
            given = [values[name] for name in node.input if name]
            values[node.output[0]] = OPERATORS[node.op_type](given, _attributes(node))
        return values
