"""What people found when they looked at accepted fields again, held against the confidence.

    python -m bench.verdicts quality.csv [--tolerated 0.001]

`quality.csv` is what the desk's Quality page exports: one line a field that was looked at once
more, with the confidence that the reader had said and whether the field was right; no text. These
are the installation's own scans and printers, which no drawn page can stand for. The file has no
features of the readings, so that no new model can be fitted on it: it tells by how much, in
log-odds, the confidences of the one in use are too high or too low (`Shift`). `bench.calibrate`
may add that to its knots.

Only fields that the machine accepted count. Risky ones are drawn more often and weigh less
(`review.sampling.risk`).
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.quality import MACHINE
from review.rates import rate
from review.sampling import risk

BANDS: Final = (0.9, 0.98, 0.99, 0.995, 0.999, 1.000001)
#: log-odds: a pull towards no shift, as strong as one field that was looked at
_PULL: Final = 1.0
_FAR: Final = 10.0
_EDGE: Final = 1e-6


class VerdictsError(ValueError):
    """The file is not the Quality page's export."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One field that the machine accepted, and whether it was right.

    Attributes:
        weight: how many fields it stands for, in proportion.
    """

    form: str
    field: str
    confidence: float
    right: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Shift:
    """What makes the confidences come out.

    Attributes:
        fields: looked at.
        wrong: of those.
        expected: wrong ones that the confidences announce.
        log_odds: to be added to each; 0 where nothing was looked at.
    """

    fields: int
    wrong: int
    expected: float
    log_odds: float


def read(path: Path) -> list[Verdict]:
    """The verdicts of a file that the Quality page exported.

    Raises:
        VerdictsError: it is none.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return [
            Verdict(
                form=row["form"],
                field=row["field"],
                confidence=float(row["confidence"]),
                right=row["right"] == "1",
                weight=1 / risk(row["owner"], float(row["confidence"])),
            )
            for row in rows
            if row["owner"] == MACHINE
        ]
    except (KeyError, ValueError) as error:
        raise VerdictsError(f"{path} is not the Quality page's CSV") from error


def shift(verdicts: Sequence[Verdict]) -> Shift:
    """By how much all confidences are off, as one number: few are wrong, and more would be noise.

    The likeliest shift with a pull towards none (a logistic model with an intercept only), found
    by halving: the errors expected fall as the shift grows.
    """

    def slope(by: float) -> float:
        found = sum(v.weight * (v.right - _moved(v.confidence, by)) for v in verdicts)
        return found - _PULL * by / _FAR

    low, high = -_FAR, _FAR
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return Shift(
        fields=len(verdicts),
        wrong=sum(not v.right for v in verdicts),
        expected=sum(1 - v.confidence for v in verdicts),
        log_odds=(low + high) / 2 if verdicts else 0.0,
    )


def _moved(confidence: float, by: float) -> float:
    sure = min(max(confidence, _EDGE), 1 - _EDGE)
    return 1 / (1 + math.exp(-(math.log(sure / (1 - sure)) + by)))


def told(verdicts: Sequence[Verdict], tolerated: float) -> str:
    """A reliability table, the shift, and what it means for the dial."""
    lines = ["confidence   fields  wrong  expected   95 % interval of the error rate"]
    lower = 0.0
    for upper in BANDS:
        inside = [v for v in verdicts if lower <= v.confidence < upper]
        if inside:
            found = rate("", len(inside), sum(not v.right for v in inside))
            expected = sum(1 - v.confidence for v in inside)
            lines.append(
                f"{lower:.3f}-{min(upper, 1.0):.3f}{found.count:8d}{found.wrong:7d}{expected:10.2f}"
                f"   {100 * found.low:.3f} to {100 * found.high:.3f} %"
            )
        lower = upper
    by = shift(verdicts)
    total = sum(v.weight for v in verdicts)
    share = sum(v.weight for v in verdicts if not v.right) / total if total else 0.0
    lines.append(f"shift: {by.log_odds:+.2f} log-odds, of {by.fields} fields")
    lines.append(f"wrong: {by.wrong}, expected: {by.expected:.2f}")
    lines.append(f"of all accepted: {100 * share:.3f} %, tolerated: {100 * tolerated:.3f} %")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print what the verdicts say."""
    parser = argparse.ArgumentParser(prog="python -m bench.verdicts", description=__doc__)
    parser.add_argument("verdicts", type=Path)
    parser.add_argument("--tolerated", type=float, default=0.001)
    chosen = parser.parse_args(arguments)
    try:
        print(told(read(chosen.verdicts), chosen.tolerated))
    except (OSError, VerdictsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
