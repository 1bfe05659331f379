"""ZIP codes: five or nine figures, and the states that the first three belong to."""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

_SHAPE: Final = re.compile(r"\d{5}(-?\d{4})?", re.ASCII)


def shaped(text: str) -> bool:
    """Five figures, or nine with or without their hyphen."""
    return _SHAPE.fullmatch(text) is not None


@functools.cache
def _states() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    with (resources.files("codes") / "data" / "zips.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            states = frozenset(row["states"].split())
            for prefix in range(int(row["first"]), int(row["last"]) + 1):
                found[f"{prefix:03d}"] = states
    return MappingProxyType(found)


def states(zip_code: str) -> frozenset[str]:
    """The states that a ZIP code of these first three figures lies in; empty for none."""
    return _states().get(zip_code[:3], frozenset())


def fits(zip_code: str, state: str) -> bool:
    """Whether a ZIP code can lie in the state."""
    return state in states(zip_code)
