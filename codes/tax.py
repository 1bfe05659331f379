"""Tax identifiers: employers' (EIN), social security (SSN) and individual taxpayers' (ITIN)."""

from __future__ import annotations

import re
from typing import Final

_NINE: Final = re.compile(r"\d{9}", re.ASCII)
#: first two figures that the IRS never gave to an employer
_NOT_ISSUED: Final = frozenset(
    {"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89",
     "96", "97"}
)  # fmt: skip
#: fourth and fifth figure of an ITIN
_ITIN_GROUPS: Final = frozenset({*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)})


def shaped(text: str) -> bool:
    """Nine figures."""
    return _NINE.fullmatch(text) is not None


def ein(text: str) -> bool:
    """Nine figures with a prefix that employers were given."""
    return shaped(text) and text[:2] not in _NOT_ISSUED


def ssn(text: str) -> bool:
    """Nine figures as the Social Security Administration gives them."""
    return (
        shaped(text)
        and text[:3] not in {"000", "666"}
        and text[0] != "9"
        and text[3:5] != "00"
        and text[5:] != "0000"
    )


def itin(text: str) -> bool:
    """Nine figures as the IRS gives them to people without an SSN."""
    return shaped(text) and text[0] == "9" and int(text[3:5]) in _ITIN_GROUPS
