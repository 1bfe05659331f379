"""Evidence that one field's text bears in itself: check digits, tables, calendars.

Each check is a log-odds: above 0 speaks for the text, below against it, 0 says nothing. It only
ever weighs between readings that the ink allows; a clear print has none to weigh against.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import us

from extractors.kinds import values

#: years: older dates of service, onset or signature are hardly on a claim
OLD = 25
OLDEST_PERSON = 125


def _npi(text: str) -> float:
    """A wrong figure passes the check digit one time in ten; print hardly ever fails it."""
    figures = [int(c) for c in text if c.isdigit()]
    # Luhn over 80840 and the number, which adds 24 to the sum of its own figures
    doubled = [figure * 2 for figure in figures[-2::-2]]
    total = 24 + sum(figures[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)  # noqa: PLR2004
    return 3.0 if figures and figures[0] in {1, 2} and total % 10 == 0 else -2.0


def _date(text: str) -> float:
    found = values.any_date(text, birth=False)
    if found is None:
        return -3.0
    today = dt.datetime.now(tz=dt.UTC).date()
    return 2.0 if today.year - OLD <= found.year <= today.year + values.AHEAD else -1.0


def _birth_date(text: str) -> float:
    found = values.any_date(text, birth=True)
    if found is None:
        return -3.0
    today = dt.datetime.now(tz=dt.UTC).date()
    return 2.0 if found <= today and today.year - found.year <= OLDEST_PERSON else -2.0


@functools.cache
def _states() -> frozenset[str]:
    military = {"AA", "AE", "AP"}
    return frozenset({s.abbr for s in us.states.STATES_AND_TERRITORIES} | {"DC"} | military)


def _state(text: str) -> float:
    return 3.0 if text.strip().upper() in _states() else -2.0


def _address_end(text: str) -> float:
    found = re.search(r"\b([A-Z]{2}),? +\d{5}(?:[ -]?\d{4})?$", text.strip().upper())
    return _state(found[1]) / 2 if found else 0.0


def _nothing(_text: str) -> float:
    return 0.0


_CHECKS: Mapping[str, Callable[[str], float]] = MappingProxyType(
    {
        "address_end": _address_end,
        "birth_date": _birth_date,
        "date": _date,
        "hcpcs": _nothing,
        "icd10cm": _nothing,
        "icd10pcs": _nothing,
        "modifier": _nothing,
        "npi": _npi,
        "place_of_service": _nothing,
        "state": _state,
        "zip": _nothing,
    }
)


def check(name: str, text: str) -> float:
    """What the check of that name says of `text`, log-odds.

    Raises:
        KeyError: there is no such check.
    """
    return _CHECKS[name](text)
