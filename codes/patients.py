"""Whom a diagnosis can be of: sex and age, and when being present on admission goes unsaid.

ICD-10-CM says so by chapters and categories (O is for mothers, P for newborns, N40 for men);
ages follow the groups of Medicare's code editor: newborn 0, child to 17, mother 9 to 64, adult
from 15. Short gestation (P07) and chronic disease of the newborn lung (P27) are told at any age:
chapter P is of what began around birth, "even if morbidity occurs later".
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

_LONGEST: Final = 7
#: chapters and categories exempt wholly or nearly so from saying present on admission (CMS):
#: sequelae, old infarction, delivery without trouble, congenital, external causes, factors
_EXEMPT: Final = (
    "B90", "B91", "B92", "B94", "E64", "I252", "I69", "O09", "O665", "O80", "O94", "P00", "Q",
    "R297", "V", "W", "X", "Y", "Z",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Limits:
    sex: str | None
    ages: tuple[int, int] | None


@functools.cache
def _limits() -> Mapping[str, _Limits]:
    """By the first characters of a code; a range of heads is spelt out."""
    found: dict[str, _Limits] = {}
    with (resources.files("codes") / "data" / "patients.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            ages = (int(row["youngest"]), int(row["oldest"])) if row["youngest"] else None
            for head in spread(row["codes"]):
                found[head] = _Limits(row["sex"] or None, ages)
    return MappingProxyType(found)


def spread(codes: str) -> list[str]:
    """`C51-C58` as its heads; anything else as it is."""
    first, dash, last = codes.partition("-")
    if not dash:
        return [first]
    kept = next(at for at, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
    width = len(first) - kept
    numbers = range(int(first[kept:]), int(last[kept:]) + 1)
    return [f"{first[:kept]}{number:0{width}d}" for number in numbers]


def heads() -> list[str]:
    """First characters of the diagnoses that are of some people only."""
    return list(_limits())


def _of(code: str) -> _Limits | None:
    """The limits of the longest head of a code that has any."""
    limits = _limits()
    for length in range(min(len(code), _LONGEST), 0, -1):
        if found := limits.get(code[:length]):
            return found
    return None


def diagnosis_sex(code: str) -> str | None:
    """`F` or `M` where a diagnosis is of that sex only."""
    found = _of(code)
    return found.sex if found else None


def diagnosis_ages(code: str) -> tuple[int, int] | None:
    """Youngest and oldest age in full years where a diagnosis is of some ages only."""
    found = _of(code)
    return found.ages if found else None


def poa_exempt(code: str) -> bool:
    """Whether a diagnosis needs not say that it was present on admission, as chapters go."""
    sequela = len(code) == _LONGEST and code[0] in "ST" and code[-1] == "S"
    return sequela or code.startswith(_EXEMPT)
