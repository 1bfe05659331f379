"""Measures in which ranges the values lie that the recogniser's heaviest layers are given.

    python -m bench.ranges LESSONS --to extractors/readers/data/ranges.json

on strips of `bench.lessons`: after the model was taught, before anything reads with it
(`extractors.readers.eight_bits`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from openvino import Core, Output

from bench.strips import shard
from extractors.readers.eight_bits import is_heavy
from extractors.readers.recogniser import HOW, cells, taught_model, tensors
from models.page import Pixels

#: shards that are looked at, and strips of each
_SHARDS, _STRIPS = 10, 30
#: of one strip's values, the share that may lie beyond either end; of strips, the percentage
_BEYOND, _RARE = 1e-4, 1.0
#: values of a strip that are enough
_ENOUGH = 20_000


def digest() -> str:
    """Which tensors the ranges are of: SHA-256 of their file."""
    return hashlib.sha256(tensors()).hexdigest()


def strips(folder: Path) -> list[Pixels]:
    """Some strips of a folder of lessons."""
    found: list[Pixels] = []
    chance = np.random.default_rng(0)
    paths = sorted(folder.glob("*.npz"))
    for path in paths[:: max(1, len(paths) // _SHARDS)][:_SHARDS]:
        parts = shard(path)
        found += [parts[i][0] for i in chance.permutation(len(parts))[:_STRIPS]]
    return found


def ranges(pictures: list[Pixels]) -> dict[str, list[float]]:
    """By name of what a heavy layer is given, the least and the most of it but for rare strips."""
    core = Core()
    model = core.read_model(taught_model())
    given: dict[str, Output] = {}
    for node in model.get_ordered_ops():
        if is_heavy(node):
            source = node.input_value(0)
            given[min(source.get_names())] = source
    model.add_outputs(list(given.values()))
    compiled = core.compile_model(model, "CPU", {**HOW, "INFERENCE_PRECISION_HINT": "f32"})
    least, most = defaultdict(list), defaultdict(list)
    for picture in pictures:
        told = compiled(cells([picture], picture.shape[1], 1))
        for name in given:
            values = told[name].ravel()
            values = values[:: max(1, values.size // _ENOUGH)]
            low, high = np.quantile(values, (_BEYOND, 1 - _BEYOND))
            least[name].append(float(low))
            most[name].append(float(high))
    return {
        name: [
            round(float(np.percentile(least[name], _RARE)), 4),
            round(float(np.percentile(most[name], 100 - _RARE)), 4),
        ]
        for name in sorted(given)
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.ranges", description=__doc__)
    parser.add_argument("lessons", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    found = ranges(strips(chosen.lessons))
    kept = {"of": digest(), "ranges": found}
    chosen.to.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} ranges")
    return 0


if __name__ == "__main__":
    sys.exit(main())
