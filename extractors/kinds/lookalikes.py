"""Characters that look alike, and what their neighbours say of which one it is.

The reader's own probability for a glyph's twin may be tiny, as it was trained on words: an `O`
in a run of figures is a zero whatever it says. So the twin gets a share of its probability.
"""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

#: marks that scratches, rules and dust leave: they may be nothing where no mark can stand
SPECKS = frozenset(".,'`~-_:;|\"*^!")
#: log-odds that such a mark is nothing
SPECK = -2.0

_TWINS = frozenset("OI")
_SIBLINGS = frozenset("SBZGQDL")

#: log weight of a character after two others, by class: `0` zero, `d` other figures, `t` and `s`
#: capitals that are figures' twins and siblings, `c` other capitals, `a` small letters,
#: `.` anything else and the edges
_IDENTIFIERS = {
    "dtd": -3.5, "0td": -3.5, "dt0": -3.5, "0t0": -3.5,
    ".td": -2.0, ".t0": -2.0, "dt.": -2.5, "0t.": -2.5,
    "ctd": -2.0, "std": -2.0, "ct0": -2.0, "st0": -2.0,
    "dtc": -1.5, "0tc": -1.5, "dts": -1.5, "0ts": -1.5,
    "dsd": -0.7, "0sd": -0.7, "ds0": -0.7, "0s0": -0.7,
    "c0c": -0.5, "t0c": -0.5, "c0t": -0.5, "s0c": -0.5, "c0s": -0.5, "s0s": -0.5,
}  # fmt: skip
_AFTER_LETTER = {"0": -3.5, "d": -3.0}
_AFTER_FIGURE = {"t": -2.0, "s": -1.0, "c": -0.5, "a": -0.5}
_CAPITALS = frozenset("tsc")
#: capitals after a small letter, and a small letter after two capitals, are rare
_CASE = 3.0
#: at what certainty of the reader (log-odds) a look-alike's share is what `lookalikes.csv` says,
#: in how far it falls beyond, and how much is the most
_SURE, _SLOPE, _SUREST = 2.0, 0.3, 5.0


@functools.cache
def lookalikes() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Per character as read: what may have been printed instead, with log-odds."""
    found: dict[str, list[tuple[str, float]]] = {}
    data = resources.files("extractors.kinds") / "data" / "lookalikes.csv"
    for row in csv.DictReader(data.read_text(encoding="utf-8").splitlines()):
        found.setdefault(row["read"], []).append((row["printed"], float(row["log_odds"])))
    return MappingProxyType({read: tuple(printed) for read, printed in found.items()})


def twin_odds(odds: float, probability: float) -> float:
    """Log-odds of a look-alike where the reader gave its character that probability.

    A reader that is torn tells nothing between the two; a sure one tells something.
    """
    held = min(max(probability, 0.5), 1 - 1e-6)
    sure = min(math.log(held / (1 - held)), _SUREST)
    return odds * (1 + _SLOPE * (sure - _SURE)) if odds > -_SURE else odds


@functools.cache
def char_class(char: str) -> str:
    """The class of a character, as the context weights know it; of ``""`` (an edge) too."""
    if char.isdigit():
        return "0" if char == "0" else "d"
    if char in _TWINS:
        return "t"
    if char in _SIBLINGS:
        return "s"
    if not char.isalpha():
        return "."
    return "c" if char.isupper() else "a"


@functools.cache
def context_weight(context: str, before: str, last: str, now: str) -> float:
    """Log weight of the classes of three characters in a row, under a kind's context."""
    if context == "id":
        return _IDENTIFIERS.get(before + last + now, 0.0)
    if context != "word":
        return 0.0
    weight = 0.0
    if last in "tsca" and now in _AFTER_LETTER:
        weight += _AFTER_LETTER[now]
    if last in "0d" and now in _AFTER_FIGURE:
        weight += _AFTER_FIGURE[now] - (1.0 if last == "0" and before == "." else 0.0)
    if last == "t" and before in "0d" and now == ".":
        weight -= 1.0
    if last == "t" and before == "." and now in "0d":
        weight -= 1.5
    if last == "a" and now in _CAPITALS:
        weight -= _CASE
    if before in _CAPITALS and last in _CAPITALS and now == "a":
        weight -= _CASE
    return weight
