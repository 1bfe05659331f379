"""Confidence: the probability that a field was read wholly right, calibrated on held-out pages.

A logistic model over what is known of a reading, then an isotonic step; both are fitted by
`python -m bench.calibrate` and kept in `data/calibration.json`. The dial is the error rate that
is tolerated among accepted fields; the file holds the confidence from which on that rate was kept,
at the upper end of what the sample leaves open.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from extractors.kinds.decode import Decoded
from extractors.kinds.table import kind_named
from extractors.kinds.words import oddest
from models.errors import PaperclaimError

SCHEMA = "paperclaim/calibration/1"
#: what is tolerated where nothing else is set: wrong fields among accepted ones
ERROR_RATE = 0.001
#: log-odds to the best other reading, under which a field counts as open
OPEN = 4.0
#: groups in which one letter alone is mostly none of the claim's
WORDY = frozenset({"text", "name", "signature", "identifier"})
#: a confidence is never nearer to 0 or 1 than this
_EDGE = 1e-4


class CalibrationError(PaperclaimError):
    """The calibration file is not one of ours."""

    code = "calibration.invalid"
    remedy = "Run `make calibrate`, or reinstall."


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a reading besides its text. All defaults say nothing.

    Attributes:
        group: the contract's kind, `choice` for check boxes.
        margin: log-odds to the best other reading, 0 to 20.
        weakest: smallest probability that the reader gave a character, 0 to 1.
        log_ink: log-probability of all characters.
        length: characters.
        swaps: characters that are look-alikes of what the reader had.
        legal: the text has a shape of its kind.
        shape: log weight of that shape: 0 the usual print, below it the rarer the less.
        checks: log-odds of the kind's own checks.
        odd: how unlike a word the oddest word is (`kinds.words.oddest`); 0 where none stands.
        agreement: of the second reader: 1, -1, 0 where it was not asked.
        support: of other fields: 1, -1, 0.
        height: of the ink, inches.
        weight: mean darkness of the ink, 0 to 1.
        contact: share of the ink's outline that touches rules or captions.
        outside: share of the ink outside the field's box.
        resolution: pixels an inch.
        registration: quality, 0 to 1.
        settled: reading it with and without the rules gave the same.
        border: the ink hugs the left or right edge of the field's box.
        eaten: right beside it, something as high was taken for the form's own print.
        cut: the ink runs into the edge of the paper or a dark patch.
        parted: the ink was one run with that of a field beside it.
        lines: lines of print.
        open_around: share of the page's other fields whose margin is under `OPEN`.
        illegal_around: share of the page's other fields that have no shape of their kind.
    """

    group: str
    margin: float = 20.0
    weakest: float = 1.0
    log_ink: float = 0.0
    length: int = 1
    swaps: int = 0
    legal: bool = True
    shape: float = 0.0
    checks: float = 0.0
    odd: float = 0.0
    agreement: float = 0.0
    support: int = 0
    height: float = 0.11
    weight: float = 0.8
    contact: float = 0.0
    outside: float = 0.0
    resolution: float = 300.0
    registration: float = 1.0
    settled: bool = True
    border: bool = False
    eaten: bool = False
    cut: bool = False
    parted: bool = False
    lines: int = 1
    open_around: float = 0.15
    illegal_around: float = 0.03

    @classmethod
    def of(cls, decoded: Decoded, group: str, support: int = 0) -> Features:
        """The part that the decode and the evidence know; `dataclasses.replace` adds the ink's."""
        best = decoded.candidates[0] if decoded.candidates else None
        return cls(
            group=group,
            margin=decoded.margin,
            weakest=best.weakest if best else 0.0,
            log_ink=best.log_ink if best else 0.0,
            length=len(decoded.text),
            swaps=best.swaps if best else 0,
            legal=decoded.legal,
            shape=best.shape if best else 0.0,
            checks=best.checks if best else 0.0,
            odd=_odd(decoded, group),
            agreement=decoded.agreement,
            support=support,
        )

    def json(self) -> dict[str, Any]:
        """For `bench.calibrate`; holds nothing of what is printed but its length."""
        return dataclasses.asdict(self)

    def vector(self) -> list[float]:
        """The inputs of the model, in the order of `NAMES`."""
        sure = _logit(self.weakest)
        agrees, differs = float(self.agreement > 0), float(self.agreement < 0)
        return [
            min(self.margin, 3.0),
            min(max(self.margin - 3.0, 0.0), 4.0),
            min(sure, 3.0),
            max(sure - 3.0, 0.0),
            math.log1p(-self.log_ink),
            math.log(max(self.length, 1)),
            float(min(self.swaps, 3)),
            float(not self.legal),
            min(-self.shape, 5.0),
            float(self.checks > 0),
            float(self.checks < 0),
            min(max(self.odd - 3.0, 0.0), 2.5),
            float(self.length == 1 and self.group in WORDY),
            agrees,
            differs,
            differs * min(self.margin, 5.0),
            float(self.support > 0),
            float(self.support < 0),
            min(abs(math.log(max(self.height, 0.02) / 0.11)), 2.0),
            self.weight,
            self.contact,
            self.outside,
            max(0.0, math.log(300.0 / max(self.resolution, 50.0))),
            self.registration,
            float(not self.settled),
            float(self.border),
            float(self.eaten),
            float(self.cut),
            float(self.parted),
            float(self.lines > 1),
            self.open_around,
            self.illegal_around,
        ]


NAMES = (
    "margin to 3",
    "margin 3 to 7",
    "weakest to 3",
    "weakest from 3",
    "log ink",
    "log length",
    "swaps",
    "illegal",
    "rare",
    "checks for",
    "checks against",
    "odd words",
    "lone letter",
    "agrees",
    "differs",
    "differs by margin",
    "support",
    "contradiction",
    "odd height",
    "weight",
    "contact",
    "outside",
    "low resolution",
    "registration",
    "unsettled",
    "border",
    "eaten",
    "cut",
    "parted",
    "many lines",
    "open around",
    "illegal around",
)


def _odd(decoded: Decoded, group: str) -> float:
    if not kind_named(decoded.kind).words:
        return 0.0
    return oddest(decoded.text, initials=group in {"name", "signature"})


def _logit(probability: float) -> float:
    held = min(max(probability, 1e-3), 1 - 1e-4)
    return math.log(held / (1 - held))


def among_page(fields: Mapping[str, Features]) -> dict[str, Features]:
    """The fields of a page, each told how well the others were read: one ribbon, one scanner."""
    others = max(len(fields) - 1, 1)
    unsure = sum(f.margin < OPEN for f in fields.values())
    illegal = sum(not f.legal for f in fields.values())
    return {
        name: dataclasses.replace(
            f,
            open_around=(unsure - (f.margin < OPEN)) / others,
            illegal_around=(illegal - (not f.legal)) / others,
        )
        for name, f in fields.items()
    }


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The fitted model.

    Attributes:
        mean: of every input where it was fitted.
        scale: its standard deviation there.
        weights: of every input.
        groups: intercept of every group; `""` for one that was not in the sample.
        scores: of the isotonic step's knots, rising.
        rates: share of right readings at those, rising.
        thresholds: (error rate, least confidence), error rates rising.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    groups: dict[str, float]
    scores: tuple[float, ...]
    rates: tuple[float, ...]
    thresholds: tuple[tuple[float, float], ...]

    def score(self, features: Features) -> float:
        """The logistic model's log-odds, before the isotonic step."""
        total = self.groups.get(features.group, self.groups.get("", 0.0))
        inputs = zip(features.vector(), self.mean, self.scale, self.weights, strict=True)
        return total + sum((x - mean) / scale * weight for x, mean, scale, weight in inputs)

    def confidence(self, features: Features) -> float:
        """The calibrated probability that the reading is wholly right."""
        return self.calibrated(self.score(features))

    def calibrated(self, score: float) -> float:
        """The isotonic step: a straight line between knots, level beyond them."""
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
        return {"schema": SCHEMA, "names": list(NAMES), **dataclasses.asdict(self)}

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
                mean=tuple(map(float, data["mean"])),
                scale=tuple(map(float, data["scale"])),
                weights=tuple(map(float, data["weights"])),
                groups={str(k): float(v) for k, v in data["groups"].items()},
                scores=tuple(map(float, data["scores"])),
                rates=tuple(map(float, data["rates"])),
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
