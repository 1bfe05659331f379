"""Made-up claims: field id to the text printed there, as the truth files of scans have it.

A claim holds together (relations, dates, pointers, totals, check digits) unless faults are asked
for: then exactly those things are wrong, as a provider might get them wrong.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from models.page import Form
from samples import institutional, outdated, professional
from samples.people import luhn_digit
from samples.wording import Wording

#: what a claim may get wrong, by form; `no_X` leaves field X out
FAULTS: dict[Form, tuple[str, ...]] = {
    Form.CMS1500: (
        "no_1a", "no_2", "no_3.birth_date", "no_25", "no_33a", "no_31.signature", "no_28",
        "no_dos", "no_dx", "bad_npi", "bad_total", "no_1", "future_dos", "no_24.1.pointer",
    ),
    Form.CMS1500_0805: ("no_1a", "no_33a", "bad_npi"),
    Form.UB04: (
        "no_3a", "no_4", "no_5", "no_8b", "no_56", "no_60A", "no_67", "no_58A", "no_50A",
        "no_76.npi", "bad_npi", "bad_total", "no_dos", "no_17",
    ),
}  # fmt: skip
_FUTURE = dt.timedelta(days=400)


@dataclass(frozen=True, slots=True)
class MadeClaim:
    """A made-up claim.

    Attributes:
        form: which form it goes on.
        pages: by field id what is printed; one a page, a UB-04 may go on over more.
        faults: what is wrong with it.
    """

    form: Form
    pages: tuple[dict[str, str], ...]
    faults: tuple[str, ...] = ()


def make(
    form: Form,
    rng: random.Random,
    wording: Wording,
    *,
    today: dt.date,
    faults: tuple[str, ...] = (),
) -> MadeClaim:
    """A claim of services in the months before `today`.

    Raises:
        KeyError: `form` is not a claim form that we can fill in, or a fault is unknown.
    """
    unknown = set(faults) - set(FAULTS[form])
    if unknown:
        raise KeyError(*unknown)
    day = today + _FUTURE if "future_dos" in faults else today
    if form is Form.CMS1500:
        pages: tuple[dict[str, str], ...] = (professional.claim(rng, wording, day),)
    elif form is Form.CMS1500_0805:
        pages = (outdated.claim(rng, wording, day),)
    else:
        pages = institutional.claim(rng, wording, day)
    claim = MadeClaim(form, pages)
    for fault in faults:
        claim = _spoil(claim, fault)
    return replace(claim, faults=faults)


def _spoil(claim: MadeClaim, fault: str) -> MadeClaim:
    spoil = _SPOILERS.get(fault) or _without(fault.removeprefix("no_"))
    return replace(claim, pages=tuple(spoil(dict(page)) for page in claim.pages))


def _without(field: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda page: {k: v for k, v in page.items() if k != field}


def _no_service_dates(page: dict[str, str]) -> dict[str, str]:
    gone = {"24.1.from", "24.1.to", "6.from", "6.thru"}
    return {k: v for k, v in page.items() if k not in gone}


def _no_diagnoses(page: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in page.items() if not (k.startswith("21.") and k != "21.indicator")}


def _bad_npi(page: dict[str, str]) -> dict[str, str]:
    """The billing provider's NPI with a check digit that is off by one."""
    for field in ("33a", "56"):
        if field in page:
            body = page[field][:9]
            page[field] = body + str((int(luhn_digit("80840" + body)) + 1) % 10)
    return page


def _bad_total(page: dict[str, str]) -> dict[str, str]:
    for field in ("28", "47.23"):
        if field in page:
            whole, cents = page[field].split(".")
            page[field] = f"{int(whole) + 9}.{cents}"
    return page


_SPOILERS: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "no_dos": _no_service_dates,
    "no_dx": _no_diagnoses,
    "bad_npi": _bad_npi,
    "bad_total": _bad_total,
    "future_dos": lambda page: page,
}
