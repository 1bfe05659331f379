"""Evidence that one field's text bears in itself: check digits, tables, calendars.

Each check is a log-odds: above 0 speaks for the text, below against it, 0 says nothing. It only
ever weighs between readings that the ink allows; a clear print has none to weigh against.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from codes import icd, npi, places, states, zips
from extractors.kinds import values
from models.plain import plain

#: years: older dates of service, onset or signature are hardly on a claim
OLD = 25
OLDEST_PERSON = 125


def _npi(text: str) -> float:
    """A wrong figure passes the check digit one time in ten; print hardly ever fails it."""
    return 3.0 if npi.valid(plain(text)) else -2.0


def _date(text: str) -> float:
    found = values.any_date(text, birth=False)
    if found is None:
        return -3.0
    today = values.here()
    return 2.0 if today.year - OLD <= found.year <= today.year + values.AHEAD else -1.0


def _birth_date(text: str) -> float:
    found = values.any_date(text, birth=True)
    if found is None:
        return -3.0
    today = values.here()
    return 2.0 if found <= today and today.year - found.year <= OLDEST_PERSON else -2.0


def _state(text: str) -> float:
    return 3.0 if states.known(plain(text)) else -2.0


def _zip(text: str) -> float:
    """Made-up ZIPs of no place are rare, but papers have them."""
    return 0.5 if zips.states(plain(text)) else -0.5


def _address_end(text: str) -> float:
    found = re.search(r"\b([A-Z]{2}),? +(\d{5})(?:[ -]?\d{4})?$", text.strip().upper())
    if not found:
        return 0.0
    place = 1.0 if zips.fits(found[2], found[1]) else -0.5
    return place + (1.5 if states.known(found[1]) else -1.0)


def _icd10cm(text: str) -> float:
    """A look-alike makes another code that exists one time in seventeen."""
    code = plain(text)
    if not icd.shaped(code):
        return 0.0
    if icd.exists(code):
        return 3.0
    return 0.0 if icd.header(code) else -2.0


def _icd10pcs(text: str) -> float:
    return 3.0 if icd.pcs_exists(plain(text)) else -2.0


def _place_of_service(text: str) -> float:
    return 2.0 if places.known(plain(text)) else -2.0


_CHECKS: Mapping[str, Callable[[str], float]] = MappingProxyType(
    {
        "address_end": _address_end,
        "birth_date": _birth_date,
        "date": _date,
        "icd10cm": _icd10cm,
        "icd10pcs": _icd10pcs,
        "npi": _npi,
        "place_of_service": _place_of_service,
        "state": _state,
        "zip": _zip,
    }
)


def check(name: str, text: str) -> float:
    """What the check of that name says of `text`, log-odds.

    Raises:
        KeyError: there is no such check.
    """
    return _CHECKS[name](text)
