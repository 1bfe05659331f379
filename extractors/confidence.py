"""Confidence: the probability that a field was read wholly right, calibrated on held-out pages.

Boosted trees over what is known of a reading, each input allowed to push one way only where it can
mean but one thing, then an isotonic step; both are fitted by `python -m bench.calibrate` and kept
in `data/calibration.json`. The dial is the error rate that is tolerated among accepted fields; the
file holds the confidence from which on that rate was kept, at the upper end of what the sample
leaves open.
"""

from __future__ import annotations

import bisect
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.features import NAMES, Features, by_hand
from models.errors import PaperclaimError

SCHEMA = "paperclaim/calibration/3"
#: what is tolerated where nothing else is set: wrong fields among accepted ones
ERROR_RATE = 0.001
#: a confidence is never nearer to 0 or 1 than this
_EDGE = 1e-4


class CalibrationError(PaperclaimError):
    """The calibration file is not one of ours."""

    code = "calibration.invalid"
    remedy = "Run `make calibrate`, or reinstall."


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees whose leaves add up, as one table of nodes, the trees' roots first.

    Attributes:
        trees: how many; node i < trees is the root of tree i.
        feature: of every node, which input it asks about.
        threshold: up to which value the answer is `left`.
        left, right: the next node; of a leaf, the leaf itself.
        value: of a leaf, what it adds; 0 elsewhere.
    """

    trees: int
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.float64]

    def sum(self, inputs: NDArray[np.float64]) -> float:
        """What all trees say together of one vector of inputs."""
        at = np.arange(self.trees)
        while True:
            lower = inputs[self.feature[at]] <= self.threshold[at]
            then = np.where(lower, self.left[at], self.right[at])
            if np.array_equal(then, at):
                return float(self.value[at].sum())
            at = then

    def json(self) -> dict[str, Any]:
        """What the file holds of it."""
        columns = ("feature", "threshold", "left", "right", "value")
        return {"trees": self.trees, **{name: getattr(self, name).tolist() for name in columns}}

    @classmethod
    def parse(cls, data: Mapping[str, Any], inputs: int) -> Forest:
        """The trees that a file holds.

        Raises:
            ValueError: nodes lead nowhere, or ask for an input that there is not.
        """
        forest = cls(
            trees=int(data["trees"]),
            feature=np.array(data["feature"], np.int64),
            threshold=np.array(data["threshold"], np.float64),
            left=np.array(data["left"], np.int64),
            right=np.array(data["right"], np.int64),
            value=np.array(data["value"], np.float64),
        )
        count = len(forest.feature)
        nodes = np.arange(count)
        onward = (forest.left >= nodes) & (forest.right >= nodes)
        known = (forest.feature >= 0) & (forest.feature < inputs)
        inside = (forest.left < count) & (forest.right < count)
        if not (0 < forest.trees <= count and np.all(onward & known & inside)):
            raise ValueError(count)
        return forest


@dataclass(frozen=True, slots=True)
class Step:
    """An isotonic step: from the trees' log-odds to a probability.

    Attributes:
        scores: of its knots, rising.
        rates: share of right readings at those, rising.
    """

    scores: tuple[float, ...]
    rates: tuple[float, ...]

    def at(self, score: float) -> float:
        """A straight line between knots, level beyond them."""
        at = bisect.bisect_left(self.scores, score)
        if at == 0:
            rate = self.rates[0]
        elif at == len(self.scores):
            rate = self.rates[-1]
        else:
            low, high = self.scores[at - 1], self.scores[at]
            share = (score - low) / (high - low)
            rate = self.rates[at - 1] + share * (self.rates[at] - self.rates[at - 1])
        return min(max(rate, _EDGE), 1 - _EDGE)

    def json(self) -> dict[str, Any]:
        """What the file holds of it."""
        return {"scores": list(self.scores), "rates": list(self.rates)}

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Step:
        """The step that a file holds.

        Raises:
            ValueError: it has no knots, or knots of no rate.
        """
        step = cls(tuple(map(float, data["scores"])), tuple(map(float, data["rates"])))
        if not 0 < len(step.scores) == len(step.rates):
            raise ValueError(len(step.scores))
        return step


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The fitted model.

    Attributes:
        groups: one input each, after those of `NAMES`: 1 for a field of that group.
        forest: the trees.
        base: log-odds before any tree spoke.
        printed, written: the step for what a printer set, and for what a hand wrote: hands that
            nobody saw differ more than type faces do.
        thresholds: (error rate, least confidence), error rates rising.
    """

    groups: tuple[str, ...]
    forest: Forest
    base: float
    printed: Step
    written: Step
    thresholds: tuple[tuple[float, float], ...]

    def inputs(self, features: Features) -> NDArray[np.float64]:
        """What the trees are asked about."""
        return np.array([*features.vector(), *(features.group == group for group in self.groups)])

    def score(self, features: Features) -> float:
        """The trees' log-odds, before the isotonic step."""
        return self.base + self.forest.sum(self.inputs(features))

    def confidence(self, features: Features) -> float:
        """The calibrated probability that the reading is wholly right."""
        return self.calibrated(self.score(features), features)

    def calibrated(self, score: float, features: Features) -> float:
        """The same, where the trees were asked before."""
        return (self.written if by_hand(features) else self.printed).at(score)

    def threshold(self, error_rate: float = ERROR_RATE) -> float:
        """The confidence from which on a field may be accepted.

        2.0, which nothing reaches, where the sample is too small or too bad to promise the rate.
        """
        promised = [least for rate, least in self.thresholds if rate <= error_rate]
        return promised[-1] if promised else 2.0

    def accepts(self, confidence: float, error_rate: float = ERROR_RATE) -> bool:
        """Whether no person needs to look at a field of that confidence."""
        return confidence >= self.threshold(error_rate)

    def json(self) -> dict[str, Any]:
        """What `calibration.json` holds."""
        return {
            "schema": SCHEMA,
            "names": list(NAMES),
            "groups": list(self.groups),
            "printed": self.printed.json(),
            "written": self.written.json(),
            "thresholds": [list(pair) for pair in self.thresholds],
            "base": self.base,
            "forest": self.forest.json(),
        }

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Calibrator:
        """The model that a calibration file holds.

        Raises:
            CalibrationError: it is of another version, or not one at all.
        """
        if data.get("schema") != SCHEMA or data.get("names") != list(NAMES):
            raise CalibrationError("The calibration was made for another version.")
        try:
            return cls(
                groups=tuple(map(str, data["groups"])),
                forest=Forest.parse(data["forest"], len(NAMES) + len(data["groups"])),
                base=float(data["base"]),
                printed=Step.parse(data["printed"]),
                written=Step.parse(data["written"]),
                thresholds=_pairs(data["thresholds"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CalibrationError("The calibration file is damaged.") from error


def _pairs(data: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(rate), float(least)) for rate, least in data)


@functools.cache
def calibrator() -> Calibrator:
    """The calibration that comes with the product.

    Raises:
        CalibrationError: it is of another version.
    """
    file = resources.files("extractors") / "data" / "calibration.json"
    return Calibrator.parse(json.loads(file.read_text(encoding="utf-8")))
