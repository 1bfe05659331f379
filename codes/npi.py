"""National Provider Identifiers: ten figures, the last a check digit."""

from __future__ import annotations

import re
from typing import Final

_TEN: Final = re.compile(r"\d{10}", re.ASCII)
#: what the prefix 80840 of a health card adds to the Luhn sum (45 CFR 162.406)
_PREFIX_SUM: Final = 24


def shaped(text: str) -> bool:
    """Ten figures."""
    return _TEN.fullmatch(text) is not None


def started(text: str) -> bool:
    """Starts as NPIs do: with 1, or 2, which is kept for later."""
    return text[:1] in {"1", "2"}


def checks(text: str) -> bool:
    """Ten figures whose check digit is right: Luhn over 80840 and the number."""
    if not shaped(text):
        return False
    total = _PREFIX_SUM
    for place, figure in enumerate(reversed(text)):
        part = int(figure) * (1 + place % 2)
        total += part // 10 + part % 10
    return total % 10 == 0


def valid(text: str) -> bool:
    """A number that could be an NPI in every way that shows on paper."""
    return started(text) and checks(text)
