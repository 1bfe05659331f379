"""The recogniser's graph run by PyTorch, so that it can learn.

Only the operators that PP-OCRv6 small uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from onnx import numpy_helper

Values = dict[str, Any]

#: axes of a convolution's weights
_CONV = 4


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


#: the least size of a tensor's values, where it is told from them
_SMALL = 0.01


def _size(value: torch.Tensor) -> torch.Tensor:
    """How large a tensor's values usually are: of weights by output, of others as a whole."""
    axes = tuple(range(1, value.ndim)) if value.ndim == _CONV else None
    mean = value.square().mean(dim=axes, keepdim=True) if axes else value.square().mean()
    return mean.sqrt().clamp_min(_SMALL)


class Network:
    """A model whose tensors learn, each in shares of its own size.

    Layers that normalised are folded into the weights beside them, whose sizes differ by
    thousands since: a step of one size for all, as Adam takes it, would spoil the small ones.

    Attributes:
        leaves: what is learned, by tensor: its values by their usual size.
    """

    def __init__(self, model: onnx.ModelProto, device: str = "cpu") -> None:
        self._input = model.graph.input[0].name
        self._nodes = [(n, _attributes(n)) for n in _gelus(list(model.graph.node))]
        makes = {name: node for node in model.graph.node for name in node.output}
        #: what each output's softmax is told
        self._logits = [makes[output.name].input[0] for output in model.graph.output]
        #: what nothing later asks for, by node
        self._done: list[list[str]] = [[] for _ in self._nodes]
        last = {name: i for i, (node, _) in enumerate(self._nodes) for name in node.input if name}
        for name, i in last.items():
            made = name in makes and makes[name].op_type != "Constant"
            if made and name not in self._logits:
                self._done[i].append(name)
        norms = [node for node, _ in self._nodes if node.op_type == "BatchNormalization"]
        counted = {name for node in norms for name in node.input[3:]}  # counted, not learned
        self._asked: dict[tuple[int, ...], list[bool]] = {}
        self._constants: Values = {}
        self._sizes: dict[str, torch.Tensor] = {}
        self.leaves: dict[str, torch.Tensor] = {}
        for tensor in model.graph.initializer:
            value = torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
            if not value.is_floating_point():  # shapes and places: asked for one by one
                self._constants[tensor.name] = value
            elif value.numel() > 1 and tensor.name not in counted:
                size = _size(value)
                self._sizes[tensor.name] = size.to(device)
                self.leaves[tensor.name] = (value / size).to(device)
            else:
                self._constants[tensor.name] = value.to(device)
        for node, a in self._nodes:
            if node.op_type == "Constant":
                value = torch.from_numpy(np.array(numpy_helper.to_array(a["value"])))
                on = device if value.is_floating_point() else "cpu"
                self._constants[node.output[0]] = value.to(on)

    def values(self, leaves: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The tensors that such leaves stand for."""
        return {name: leaf * self._sizes[name] for name, leaf in leaves.items()}

    def _needed(self, outputs: tuple[int, ...]) -> list[bool]:
        """Which nodes some outputs come of."""
        asked = {self._logits[i] for i in outputs}
        needed = []
        for node, _ in reversed(self._nodes):
            needed.append(bool(asked & set(node.output)))
            if needed[-1]:
                asked |= set(node.input)
        return needed[::-1]

    def __call__(self, planes: torch.Tensor, *outputs: int) -> list[torch.Tensor]:
        """What some outputs' softmax is told of (strips, 3, height, width): (strips, frames, n)."""
        if outputs not in self._asked:
            self._asked[outputs] = self._needed(outputs)
        values = {**self._constants, **self.values(self.leaves), self._input: planes}
        for (node, a), done, needed in zip(
            self._nodes, self._done, self._asked[outputs], strict=True
        ):
            if node.op_type != "Constant" and needed:
                given = [values[name] for name in node.input if name]
                values[node.output[0]] = OPERATORS[node.op_type](given, a)
            for name in done:
                values.pop(name, None)
        return [values[self._logits[i]] for i in outputs]
