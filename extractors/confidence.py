"""Confidence: the probability that a field was read wholly right, calibrated on held-out pages.

Boosted trees over what is known of a reading, each input allowed to push one way only where it can
mean but one thing, then an isotonic step; both are fitted by `python -m bench.calibrate` and kept
in `data/calibration.json`. The dial is the error rate that is tolerated among accepted fields; the
file holds the confidence from which on that rate was kept, at the upper end of what the sample
leaves open.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.kinds.decode import Decoded
from extractors.kinds.table import kind_named
from extractors.kinds.words import oddest
from forms.layout import WORDY
from models.errors import PaperclaimError

SCHEMA = "paperclaim/calibration/3"
#: what is tolerated where nothing else is set: wrong fields among accepted ones
ERROR_RATE = 0.001
#: log-odds to the best other reading, under which a field counts as open
OPEN = 4.0
#: quality of registration under which the print may lie a row off
LIES = 0.45
#: what may be hidden, and what is read in two ways, is no surer than that
_HIDDEN = 0.5
_UNSETTLED = 0.95
#: log-odds by which the second way is no rival any more
_BEHIND = 6.0
#: and by which the next best way to part a run is none; words may part anywhere
_DRAWN, _DRAWN_WORDS = 1.0, 3.0
#: inches: ink as high is a figure and a parenthesis in one
_BRACKETED = 0.15
#: share of a character's height: 401 of 403 made-up pages by hand are off by more, 780 of 789
#: in print by no more
_UNEVEN = 0.025
#: characters from which on a field tells how wide the page's print is; fields that tell it
_LONG = 3
_FEW = 5
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
        agreement: of the second reader: 1, -1, 0 where it was not asked; no input, but a ceiling.
        less, more: log-odds by which the first reader's branches bear the text out, each alone:
            of the one that does so less, and of the other (`extractors.branches`).
        unread: heights from a character that was read to ink that stands like one and was not
            (`extractors.readers.unread`).
        support: of other fields: 1, -1, 0.
        height: of the ink, inches.
        weight: mean darkness of the ink, 0 to 1.
        contact: share of the ink's outline that touches rules or captions.
        outside: share of the ink outside the field's box.
        resolution: pixels an inch.
        registration: quality, 0 to 1.
        settled: reading it with and without the rules gave the same.
        rival: log-odds to what the other of the two reads, 20 where that is the same; no input.
        border: the ink hugs the left or right edge of the field's box.
        eaten: right beside it, something as high was taken for the form's own print.
        lost: and that has the ink of a character, or one is part of other ink, or one beside it
            in its box is none of it; no input, but a ceiling.
        cut: the ink runs into the edge of the paper or a dark patch.
        solid: of a page of two tones, the share of its print, holes closed, that a threshold
            left, 0 to 1.
        uneven: how far the page's characters stand off their line, as a share of their height:
            hardly in print, always where a hand wrote.
        alike: a character that this hand writes like another (`extractors.habits`); no input, but
            a ceiling.
        over: what stands right after it makes no sense there: the print may go on in it; no
            input, but a ceiling.
        parted: of ink that was one run with that of a field beside it, the log-odds of where it
            was parted to the next best place, 0 to 20.
        rule_gap: inches to the next upright ruling line, 0.2 or less.
        ink_gap: inches to the next ink of another field, 0.2 or less.
        advance: inches of ink a character; no input, but what `stretch` is made from.
        stretch: log of that to the page's own: what is read with too few characters is wide.
        lines: lines of print.
        ruled: the scan shows the form's ruling lines.
        ub: the form is a UB-04.
        open_around: share of the page's other fields whose margin is under `OPEN`.
        illegal_around: share of the page's other fields that have no shape of their kind.
        partner: of ink that was one run with that of fields beside it, how surely theirs is read:
            the smallest probability of a character there, 0 where it has no shape of its kind.
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
    less: float = 10.0
    more: float = 10.0
    unread: float = 0.0
    support: int = 0
    height: float = 0.11
    weight: float = 0.8
    contact: float = 0.0
    outside: float = 0.0
    resolution: float = 300.0
    registration: float = 1.0
    settled: bool = True
    rival: float = 20.0
    border: bool = False
    eaten: bool = False
    lost: bool = False
    cut: bool = False
    solid: float = 1.0
    uneven: float = 0.0
    alike: bool = False
    over: bool = False
    parted: float = 20.0
    rule_gap: float = 0.2
    ink_gap: float = 0.2
    advance: float = 0.1
    stretch: float = 0.0
    lines: int = 1
    ruled: bool = True
    ub: bool = False
    open_around: float = 0.15
    illegal_around: float = 0.03
    partner: float = 1.0

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
        return [float(getattr(self, name)) for name in NAMES]


_NO_INPUTS = {"group", "agreement", "advance", "over", "lost", "alike", "rival"}
NAMES = tuple(f.name for f in dataclasses.fields(Features) if f.name not in _NO_INPUTS)


def _odd(decoded: Decoded, group: str) -> float:
    if not kind_named(decoded.kind).words:
        return 0.0
    return oddest(decoded.text, initials=group in {"name", "signature"})


def among_page(fields: Mapping[str, Features]) -> dict[str, Features]:
    """The fields of a page, each told how the others were read: one ribbon, one scanner."""
    others = max(len(fields) - 1, 1)
    unsure = sum(f.margin < OPEN for f in fields.values())
    illegal = sum(not f.legal for f in fields.values())
    advances = sorted(f.advance for f in fields.values() if f.length >= _LONG)
    usual = statistics.median(advances) if len(advances) >= _FEW else 0.0
    return {
        name: dataclasses.replace(
            f,
            open_around=(unsure - (f.margin < OPEN)) / others,
            illegal_around=(illegal - (not f.legal)) / others,
            stretch=_stretch(f.advance, usual),
        )
        for name, f in fields.items()
    }


def _stretch(advance: float, usual: float) -> float:
    if min(advance, usual) <= 0:
        return 0.0
    return min(max(math.log(advance / usual), -2.0), 2.0)


def by_hand(features: Features) -> bool:
    """Whether the page's characters stand as far off their line as no printer's do."""
    return features.uneven > _UNEVEN


def drawn(features: Features) -> bool:
    """Whether the run that a field was parted from may as well part elsewhere."""
    return features.parted < (_DRAWN_WORDS if features.group in WORDY else _DRAWN)


def ceiling(features: Features) -> float:
    """What the confidence of a field may at most be, however clearly it is read.

    A row that may be the one above, ink that goes on beyond the edge, in the next box or in what
    was taken for a caption, a character that reads otherwise when the rule is left in, one that
    this hand writes like another: nothing but the paper can settle these.
    """
    # of an NPI whose check digit is right no figure is hidden
    whole = features.group == "npi" and features.checks > 0
    hidden = features.over or ((features.cut or features.lost) and not whole)
    if features.registration < LIES or hidden:
        return _HIDDEN
    # a figure that runs into one of the form's parentheses looks like another
    bracketed = features.group == "phone" and features.height > _BRACKETED
    disputed = features.agreement <= 0 and features.less < 0
    unsettled = not features.settled and features.rival < _BEHIND and features.support <= 0
    # what the form repeats, the hand writes alike again
    alike = features.alike and not whole
    if unsettled or alike or drawn(features) or (bracketed and disputed):
        return _UNSETTLED
    return 1.0


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
