"""Places of service: the CMS list, with the days from which newer ones count."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Final

_ALWAYS: Final = dt.date.min
#: first day of each code; codes older than the claims that may still come have no day
_SINCE: Final = MappingProxyType(
    {
        **{f"{code:02d}": _ALWAYS for code in (*range(1, 10), *range(11, 27))},
        **dict.fromkeys(("31", "32", "33", "34", "41", "42"), _ALWAYS),
        **{f"{code}": _ALWAYS for code in range(49, 58)},
        **dict.fromkeys(("60", "61", "62", "65", "71", "72", "81", "99"), _ALWAYS),
        "10": dt.date(2022, 1, 1),
        "27": dt.date(2023, 10, 1),
        "58": dt.date(2020, 1, 1),
        "66": dt.date(2024, 8, 1),
    }
)
HOME: Final = "12"
INPATIENT: Final = "21"
#: hospital, on its campus, its emergency room
HOSPITAL: Final = frozenset({"21", "22", "23"})


def known(code: str, on: dt.date | None = None) -> bool:
    """Whether `code` is on the list, on the day `on` where one is given."""
    since = _SINCE.get(code)
    return since is not None and (on is None or since <= on)
