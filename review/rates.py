"""Shares with their intervals: how sure a measured error rate is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.quality import Sample

#: of a 95 % interval
_Z: Final = 1.959964
#: upper bounds of bands of confidence, as the calibration's reliability diagram has them
_BANDS: Final = (0.9, 0.98, 0.99, 0.995, 0.999, 1.000001)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that was measured.

    Attributes:
        name: of what.
        count: how many were looked at.
        wrong: how many of those were wrong.
        low: lower end of the 95 % interval (Wilson, 1927), 0 to 1.
        high: upper end.
    """

    name: str
    count: int
    wrong: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Wrong ones among those looked at, 0 where none was."""
        return self.wrong / self.count if self.count else 0.0


def rate(name: str, count: int, wrong: int) -> Rate:
    """A share and its 95 % interval by Wilson's score, which holds for few and for none too."""
    if count == 0:
        return Rate(name, 0, 0, 0.0, 1.0)
    share, square = wrong / count, _Z * _Z
    middle = share + square / (2 * count)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    scale = 1 + square / count
    low = max(0.0, (middle - half) / scale) if wrong else 0.0
    high = min(1.0, (middle + half) / scale) if wrong < count else 1.0
    return Rate(name, count, wrong, low, high)


def by(samples: Iterable[Sample], key: Callable[[Sample], str]) -> list[Rate]:
    """Error rates of groups of samples, the worst lower bound first."""
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[key(sample)].append(sample)
    rates = [
        rate(name, len(group), sum(not one.right for one in group))
        for name, group in groups.items()
    ]
    return sorted(rates, key=lambda r: (-r.low, -r.share, r.name))


@dataclass(frozen=True, slots=True)
class Band:
    """A band of confidence: what the reader said, and what was so."""

    upper: float
    said: float
    measured: Rate


def reliability(samples: Sequence[Sample]) -> list[Band]:
    """What the reader's confidence was worth, band by band: fields that the machine accepted."""
    found, lower = [], 0.0
    for upper in _BANDS:
        inside = [s for s in samples if lower <= s.confidence < upper]
        if inside:
            said = 1 - sum(s.confidence for s in inside) / len(inside)
            wrong = sum(not s.right for s in inside)
            found.append(Band(min(upper, 1.0), said, rate(f"{lower:g}", len(inside), wrong)))
        lower = upper
    return found
