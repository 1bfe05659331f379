"""The recogniser's heaviest layers in whole numbers of eight bits, where the processor can.

More than eight tenths of the model's time go into convolutions of single points, which are products
of matrices: with these in eight bits a strip takes a third less time than in bfloat16. What such a
layer is given lies in ranges that were measured on lessons (`bench.ranges`).
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from openvino import Model, Node, Output
from openvino import opset13 as ops

#: of what a layer is given and of its weights, how many values are told apart
_GIVEN, _WEIGHTS = 256, 255
#: the least that a range ends with
_LEAST = 1e-9
#: what Linux calls the instructions that multiply eight bits and lose nothing to overflow
_ABLE = frozenset(("avx512_vnni", "avx_vnni", "amx_int8"))
#: the model's names of what layers are given, to the least and the most of it
Ranges = dict[str, tuple[float, float]]


@functools.cache
def able() -> bool:
    """Whether this processor multiplies numbers of eight bits exactly."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    flags = next((line for line in told.splitlines() if line.startswith("flags")), "")
    return not _ABLE.isdisjoint(flags.split())


def file() -> Traversable:
    """The ranges that ship, and the digest of the tensors that they are of."""
    return resources.files("extractors") / "readers" / "data" / "ranges.json"


def ranges() -> Ranges:
    """Those that ship."""
    found: dict[str, list[float]] = json.loads(file().read_text(encoding="utf-8"))["ranges"]
    return {name: (low, high) for name, (low, high) in found.items()}


def is_heavy(node: Node) -> bool:
    """Whether a layer is a convolution of single points."""
    points = node.get_type_name() == "Convolution"
    return points and list(node.input_value(1).get_shape())[2:] == [1, 1]


def with_eight_bits(model: Model, known: Ranges) -> None:
    """Have every heavy layer whose range is known work with eight bits."""
    told: dict[tuple[str, int], Output] = {}
    for node in filter(is_heavy, model.get_ordered_ops()):
        given = node.input_value(0)
        name = next((n for n in given.get_names() if n in known), None)
        if name is None:
            continue
        source = given.get_node().get_friendly_name(), given.get_index()
        if source not in told:
            told[source] = _rounded(given, *with_zero(*known[name]), _GIVEN)
        node.input(0).replace_source_output(told[source])
        weights = node.input_value(1)
        most = np.abs(_constant(weights)).max(axis=(1, 2, 3), keepdims=True)
        most = np.maximum(most, _LEAST)
        node.input(1).replace_source_output(_rounded(weights, -most, most, _WEIGHTS))


def _constant(output: Output) -> NDArray[np.float32]:
    """A layer's weights, (outputs, inputs, 1, 1)."""
    node = output.get_node()
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    return np.asarray(node.get_data(), np.float32).reshape(list(output.get_shape()))


def with_zero(low: float, high: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A range moved so that 0 is one of its 256 steps: what layers are padded with stays 0."""
    low, high = min(low, 0.0), max(high, _LEAST)
    step = (high - low) / (_GIVEN - 1)
    below = round(-low / step) * step
    least, most = np.float32(-below), np.float32(high - low - below)
    return np.full((1, 1, 1, 1), least), np.full((1, 1, 1, 1), most)


def _rounded(
    values: Output, low: NDArray[np.float32], high: NDArray[np.float32], steps: int
) -> Output:
    """Values as the nearest of so many steps."""
    least, most = ops.constant(low), ops.constant(high)
    return ops.fake_quantize(values, least, most, least, most, steps).output(0)
