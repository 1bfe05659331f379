"""Fits the confidence of fields on held-out pages.

    python -m bench.calibrate OUT TRUTH [--to calibration.json] [--check OUT2 TRUTH2]

OUT holds readings and, beside each, what was known of its fields (`<scan>.features.json`, field
id to `Features.json()`), TRUTH the truth (see `bench.score`). Pages used here must have served
neither the readers' nor the kinds' making, nor be those that are reported: `--check` prints how
the fit does on others.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from bench.score import document, find_reading, outcomes
from extractors.confidence import Calibrator, Forest, Step
from extractors.features import NAMES, Features, by_hand, ceiling

Numbers: TypeAlias = NDArray[np.float64]

#: inputs that can only speak for a reading, and only against it, the more of them there is: what a
#: few hundred pages seem to say otherwise is chance
FOR = (
    "margin",
    "weakest",
    "log_ink",
    "legal",
    "shape",
    "checks",
    "less",
    "more",
    "support",
    "weight",
    "solid",
    "resolution",
    "registration",
    "settled",
    "parted",
    "rule_gap",
    "ink_gap",
)
AGAINST = (
    "swaps",
    "odd",
    "unread",
    "contact",
    "outside",
    "border",
    "eaten",
    "cut",
    "uneven",
    "open_around",
    "illegal_around",
)
#: trees, how much each may say, leaves of one, and the fewest fields that a leaf stands on
TREES, RATE, LEAVES, FEWEST = 250, 0.05, 15, 40
FOLDS = 5
#: fields on which the trees are compared with the library's
SAMPLE = 200
#: an isotonic step stands on at least so many fields
LEAST = 40
#: that of hands on so many
HANDS = 200
#: one-sided 95 %: how far the error rate may lie above what was seen
Z = 1.645
ERROR_RATES = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Row:
    """One field that was read.

    Attributes:
        scan: which.
        face: the type face, or the hand, that it is printed in.
        field: id.
        features: what was known of the reading.
        right: it is wholly right.
    """

    scan: str
    face: str
    field: str
    features: Features
    right: bool


def rows(out: Path, truths: Path) -> Iterator[Row]:
    """Every field read of which the features were kept.

    One read where nothing is printed is wrong, and so is one that was taken for dirt.
    """
    for path in sorted(truths.glob("*.json")):
        truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        kept = next(iter(sorted(out.glob(f"{path.stem}.*features.json"))), None)
        reading = find_reading(out, path.stem)
        if "fields" not in truth or kept is None or reading is None:
            continue
        known = json.loads(kept.read_text(encoding="utf-8"))
        right = {
            outcome.field
            for outcome in outcomes(path.stem, truth, document(reading, truth["form"]))
            if outcome.right and outcome.text is not None
        }
        face = truth.get("style", {}).get("font", path.stem)
        for name, features in known.items():
            yield Row(path.stem, face, name, Features(**features), name in right)


def _inputs(given: Sequence[Row], groups: Sequence[str]) -> Numbers:
    own = [[row.features.group == group for group in groups] for row in given]
    return np.hstack([np.array([row.features.vector() for row in given]), np.array(own, float)])


def _boosted(x: Numbers, y: Numbers) -> HistGradientBoostingClassifier:
    """Trees that are the same whenever they are fitted to the same."""
    ways = [int(name in FOR) - int(name in AGAINST) for name in NAMES]
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=FEWEST,
        l2_regularization=1.0,
        max_features=0.5,
        monotonic_cst=[*ways, *[0] * (x.shape[1] - len(ways))],
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1):  # the same sums in the same order, and no threads that wait
        model.fit(x, y)
    return model


def _forest(model: HistGradientBoostingClassifier, x: Numbers) -> tuple[Forest, float]:
    """(the trees of a fitted model as one table, its log-odds before any tree spoke).

    Raises:
        ValueError: they don't say what the model says of `x`.
    """
    trees = [found[0].nodes for found in model._predictors]  # noqa: SLF001 - no other way out
    nodes = np.concatenate([tree[:1] for tree in trees] + [tree[1:] for tree in trees])
    # roots first, then what is below them, tree by tree
    below = len(trees) + np.cumsum([0, *(len(tree) - 1 for tree in trees[:-1])])
    shift = np.concatenate(
        [below - 1, *(np.full(len(t) - 1, b - 1) for t, b in zip(trees, below, strict=True))]
    )
    leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    forest = Forest(
        trees=len(trees),
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64),
        left=np.where(leaf, own, nodes["left"] + shift).astype(np.int64),
        right=np.where(leaf, own, nodes["right"] + shift).astype(np.int64),
        value=np.where(leaf, nodes["value"], 0.0).astype(np.float64).round(7),
    )
    said: Numbers = model.decision_function(x)
    ours = np.array([forest.sum(row) for row in x])
    base = float(said[0] - ours[0])
    if not np.allclose(said, ours + base, atol=1e-4):
        raise ValueError(base)
    return forest, base


def isotonic(
    scores: Numbers, right: Numbers, *, least: int = LEAST, bound: bool = False
) -> tuple[Numbers, Numbers]:
    """Knots of a rising share of right readings over scores, by pooling violators.

    A block holds `least` fields or more; its share counts one field more, as right as the
    logistic model says that the block is, so that no block is certain. With `bound` it is the
    lower end of what so many fields leave open.
    """
    said = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    blocks: list[Numbers] = []  # sums of scores, of right, of fields, of what the model says

    def rate(block: Numbers) -> float:
        if bound:
            return 1 - upper(float(block[2] - block[1]), float(block[2]))
        return float((block[1] + block[3] / block[2]) / (block[2] + 1))

    for i in np.argsort(scores, kind="stable"):
        one = np.array([scores[i], right[i], 1.0, said[i]])
        if blocks and blocks[-1][2] < least:
            blocks[-1] = blocks[-1] + one
        else:
            blocks.append(one)
        while len(blocks) > 1 and blocks[-1][2] >= least and rate(blocks[-1]) <= rate(blocks[-2]):
            last = blocks.pop()
            blocks[-1] = blocks[-1] + last
    if len(blocks) > 1 and blocks[-1][2] < least:
        last = blocks.pop()
        blocks[-1] = blocks[-1] + last
    knots = np.array([b[0] / b[2] for b in blocks])
    return knots, np.maximum.accumulate(np.array([rate(b) for b in blocks]))


def _of_hands(scores: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """The step for what a hand wrote: a few hands say less of others than their fields would.

    Of fewer than two blocks it says nothing: 0.5.
    """
    if len(scores) < 2 * HANDS:
        return np.zeros(1), np.full(1, 0.5)
    return isotonic(scores, right, least=HANDS, bound=True)


def upper(wrong: float, n: float) -> float:
    """The upper end of Wilson's interval of an error rate."""
    p = wrong / n
    middle = p + Z * Z / (2 * n)
    return float((middle + Z * np.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))) / (1 + Z * Z / n))


def thresholds(confidence: Numbers, right: Numbers) -> list[tuple[float, float]]:
    """(error rate, least confidence that keeps it for sure), for those that can be kept."""
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    wrong = np.cumsum(1 - right[order])
    counts = np.arange(1, len(ranked) + 1)
    # fields of one confidence are accepted together
    last = np.append(ranked[:-1] != ranked[1:], [True])
    bounds = np.array([upper(float(w), float(n)) for w, n in zip(wrong, counts, strict=True)])
    found = []
    for rate in ERROR_RATES:
        kept = np.flatnonzero(last & (bounds <= rate))
        if len(kept):
            found.append((rate, float(ranked[kept[-1]])))
    return found


def _folds(given: Sequence[Row]) -> NDArray[np.int64]:
    """Fields of one face in one fold; faces that are as uneven, such as hands, in several."""
    uneven: dict[str, list[float]] = {}
    for row in given:
        uneven.setdefault(row.face, []).append(row.features.uneven)
    ranked = sorted(uneven, key=lambda face: (float(np.mean(uneven[face])), face))
    return np.array([ranked.index(row.face) % FOLDS for row in given])


def fit(given: Sequence[Row]) -> Calibrator:
    """The calibration of these fields.

    Raises:
        ValueError: they are fewer than two isotonic steps need, of one face, all right, or all
            wrong.
    """
    y = np.array([row.right for row in given], float)
    if len(y) < 2 * LEAST or len(np.unique(y)) < 2 or len({row.face for row in given}) < 2:
        raise ValueError(len(y))
    groups = tuple(sorted({row.features.group for row in given}))
    x = _inputs(given, groups)
    folds = _folds(given)
    held_out = np.zeros(len(y))
    for fold in np.unique(folds):
        # every field's score by trees that saw no field in its face, nor by its hand
        held = folds == fold
        model = _boosted(x[~held], y[~held])
        held_out[held] = model.decision_function(x[held])
    # what is held back whatever the trees say is none of what may be accepted
    free = np.array([ceiling(row.features) == 1.0 for row in given])
    written = np.array([by_hand(row.features) for row in given])
    forest, base = _forest(_boosted(x, y), x[:: max(1, len(x) // SAMPLE)])
    first = Calibrator(
        groups=groups,
        forest=forest,
        base=base,
        printed=Step(*map(tuple, isotonic(held_out[free & ~written], y[free & ~written]))),
        written=Step(*map(tuple, _of_hands(held_out[free & written], y[free & written]))),
        thresholds=(),
    )
    scored = zip(held_out, given, strict=True)
    confidence = np.array([first.calibrated(score, row.features) for score, row in scored])
    return dataclasses.replace(first, thresholds=tuple(thresholds(confidence[free], y[free])))


def reliability(confidence: Numbers, right: Numbers) -> list[tuple[float, float, float, int]]:
    """(from, mean confidence, share right, fields) of bins that are finer towards 1."""
    edges = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0001]
    found = []
    for low, high in itertools.pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            mean, share = float(confidence[inside].mean()), float(right[inside].mean())
            found.append((low, mean, share, int(inside.sum())))
    return found


def report(calibrator: Calibrator, given: Sequence[Row]) -> None:
    """Reliability by bins, and what the dial would accept and get wrong."""
    confidence = np.array(
        [min(calibrator.confidence(row.features), ceiling(row.features)) for row in given]
    )
    right = np.array([row.right for row in given], float)
    print(f"{len(given)} fields, {100 * right.mean():.2f} % right")
    print(f"{'from':>8s}{'said':>9s}{'right':>9s}{'fields':>8s}")
    for low, mean, share, n in reliability(confidence, right):
        print(f"{low:8.4f}{mean:9.4f}{share:9.4f}{n:8d}")
    print(f"{'dial':>8s}{'from':>9s}{'accept%':>9s}{'wrong':>7s}{'error':>9s}")
    for rate in ERROR_RATES:
        taken = confidence >= calibrator.threshold(rate)
        wrong = int((1 - right[taken]).sum())
        error = wrong / max(1, taken.sum())
        print(
            f"{rate:8.4f}{calibrator.threshold(rate):9.5f}{100 * taken.mean():9.2f}"
            f"{wrong:7d}{error:9.5f}"
        )
    print(f"{'group':>12s}{'fields':>8s}{'right%':>8s}{'said%':>8s}{'accept%':>9s}{'wrong':>7s}")
    least = calibrator.threshold()
    names = np.array([row.features.group for row in given])
    for name in np.unique(names):
        own = names == name
        taken = own & (confidence >= least)
        print(
            f"{name:>12s}{own.sum():8d}{100 * right[own].mean():8.2f}"
            f"{100 * confidence[own].mean():8.2f}{100 * taken.sum() / own.sum():9.2f}"
            f"{int((1 - right[taken]).sum()):7d}"
        )


def _lines(data: dict[str, Any]) -> str:
    """JSON with every list on a line of its own."""
    pairs = (
        f"{json.dumps(k)}: {_lines(v) if isinstance(v, dict) else json.dumps(v)}"
        for k, v in data.items()
    )
    return "{\n" + ",\n".join(pairs) + "\n}"


def main(arguments: list[str] | None = None) -> int:
    """Fit, write, report; exit 1 when there is nothing to fit."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--to", type=Path)
    parser.add_argument("--check", type=Path, nargs=2, metavar=("OUT", "TRUTH"))
    chosen = parser.parse_args(arguments)
    given = list(rows(chosen.out, chosen.truth))
    try:
        calibrator = fit(given)
    except ValueError:
        print(f"{len(given)} fields are too few, or all alike, to fit on.", file=sys.stderr)
        return 1
    report(calibrator, given)
    if chosen.check:
        print("\nOn pages that had no part in it:")
        report(calibrator, list(rows(*chosen.check)))
    if chosen.to:
        chosen.to.write_text(_lines(calibrator.json()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
