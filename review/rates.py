"""Shares with their intervals: how sure a measured error rate is."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.quality import MACHINE, Sample
from review.sampling import risk

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
        share: of wrong ones, each weighed by how likely it was to be looked at.
    """

    name: str
    count: int
    wrong: int
    low: float
    high: float
    share: float = 0.0


def rate(name: str, count: int, wrong: int) -> Rate:
    """A share and its 95 % interval by Wilson's score, which holds for few and for none too."""
    return _rate(name, (count, wrong), wrong / count if count else 0.0, count)


def _rate(name: str, counts: tuple[int, int], share: float, size: float) -> Rate:
    """A share measured on as much as `size` fields tell that are looked at all alike."""
    count, wrong = counts
    if count == 0:
        return Rate(name, 0, 0, 0.0, 1.0)
    square = _Z * _Z
    middle = share + square / (2 * size)
    half = _Z * math.sqrt(share * (1 - share) / size + square / (4 * size * size))
    scale = 1 + square / size
    low = max(0.0, (middle - half) / scale) if wrong else 0.0
    high = min(1.0, (middle + half) / scale) if wrong < count else 1.0
    return Rate(name, count, wrong, low, high, share)


def weighed(name: str, samples: Sequence[Sample]) -> Rate:
    """The error rate of all fields from those that were drawn, of which risky ones are too many.

    Each counts as many fields as it was drawn for (Horvitz and Thompson, 1952); the interval is
    that of as many fields as such a sum is worth (Kish, 1965).
    """
    weights = [1 / risk(sample.owner, sample.confidence) for sample in samples]
    wrong = sum(not sample.right for sample in samples)
    if not samples:
        return rate(name, 0, 0)
    total = sum(weights)
    share = sum(w for w, sample in zip(weights, samples, strict=True) if not sample.right) / total
    size = total * total / sum(w * w for w in weights)
    return _rate(name, (len(samples), wrong), share, size)


def drifted(samples: Sequence[Sample], since: dt.datetime, tolerated: float) -> Rate | None:
    """The machine's error rate since a day, where it is surely above what the dial tolerates."""
    young = [s for s in samples if s.owner == MACHINE and s.checked_at and s.checked_at >= since]
    found = weighed("machine", young)
    return found if found.low > tolerated else None


def by(samples: Iterable[Sample], key: Callable[[Sample], str]) -> list[Rate]:
    """Error rates of groups of samples, the worst lower bound first."""
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[key(sample)].append(sample)
    rates = [weighed(name, group) for name, group in groups.items()]
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
