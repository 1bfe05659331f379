"""Where the patient, the insured and the providers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from codes import places, states, zips
from edits import about
from edits.registry import Case, Hit, claim, each
from models.page import Form

_STATE_ZIP: Final = re.compile(r"(?:^|[ ,])([A-Z]{2})[ ,]+(\d[\d -]*)$")
#: a last line without a state: only a ZIP, or something like one
_ZIP: Final = re.compile(r"(\d[\d-]{3,})$")
_BOX: Final = re.compile(r"\b(?:P\.? ?O\.?|POST OFFICE) ?BOX\b\W*\w*")
#: a number, in words too, and a name
_STREET: Final = re.compile(r"\b(?:\d+[A-Z]?|ONE|TWO|THREE|FOUR|FIVE) [NESW]?\W*[A-Z]{2}")
_HOME: Final = frozenset({"", "US", "USA"})


@dataclass(frozen=True, slots=True)
class Place:
    """State and ZIP as printed; None where there is no such thing, and the fields they are in."""

    state: str | None
    state_field: str
    zip: str | None
    zip_field: str
    variant: str = ""


def _apart(case: Case, state: str, zip_: str) -> Place:
    """State and ZIP in fields of their own."""
    paper = case.paper
    return Place(
        (paper.value(state) or "") if paper.has(state) else None,
        state,
        paper.text(zip_) if paper.has(zip_) else None,
        zip_,
    )


def last_line(case: Case, item: str) -> str | None:
    """The field with city, state and ZIP of a block of lines: the lowest that ends in figures."""
    lines = (3, 2) if about.is_1500(case) else (3, 4, 2)
    for n in lines:
        if _STATE_ZIP.search(case.paper.text(f"{item}.{n}")):
            return f"{item}.{n}"
    return f"{item}.3" if case.paper.has(f"{item}.3") else None


def _block(case: Case, item: str, variant: str) -> Place | None:
    """State and ZIP at the end of a block of lines."""
    field = last_line(case, item)
    if field is None:
        return None
    text = case.paper.text(field)
    found = _STATE_ZIP.search(text)
    if found:
        return Place(found[1], field, found[2].strip(), field, variant)
    only = _ZIP.search(text)
    return Place(None, field, only[1] if only else None, field, variant)


def _foreign(case: Case) -> bool:
    """Whether FL9e names another country."""
    return not about.is_1500(case) and case.paper.text("9e") not in _HOME


def _place(case: Case, which: str) -> Place | None:
    """One of the claim's places."""
    if which == "patient":
        if about.is_1500(case):
            return _apart(case, "5.state", "5.zip")
        return None if _foreign(case) else _apart(case, "9c", "9d")
    if which == "insured":
        return _apart(case, "7.state", "7.zip")
    block = {"facility": "32", "billing": "33" if about.is_1500(case) else "1"}[which]
    return _block(case, block, which)


def _places(case: Case) -> Iterator[str]:
    yield "patient"
    if about.is_1500(case):
        yield from ("insured", "facility")
    yield "billing"


@claim("I020")
def patient_address(case: Case) -> Hit | None:
    """Street, city, state or ZIP of the patient is missing."""
    fields = (
        ("5.street", "5.city", "5.state", "5.zip")
        if about.is_1500(case)
        else ("9a", "9b", "9c", "9d")
    )
    missing = tuple(field for field in fields if not case.paper.has(field))
    return None if not missing or _foreign(case) else Hit(missing)


@each("I021", _places)
def state(case: Case, which: str) -> Hit | None:
    """A state is no USPS abbreviation."""
    place = _place(case, which)
    if place is None or place.state is None or states.known(place.state):
        return None
    return Hit((place.state_field,), place.variant)


@each("I022", _places)
def zip_code(case: Case, which: str) -> Hit | None:
    """A ZIP code has neither five nor nine figures; of providers, or there is none."""
    place = _place(case, which)
    if place is None:
        return None
    if place.zip is None:
        return Hit((place.zip_field,), place.variant) if place.variant else None
    plain = re.sub(r"[ -]", "", place.zip)
    return None if zips.shaped(plain) else Hit((place.zip_field,), place.variant)


@each("I023", _places)
def zip_in_state(case: Case, which: str) -> Hit | None:
    """A ZIP code does not lie in the state beside it."""
    place = _place(case, which)
    if place is None or not place.state or not place.zip or not states.known(place.state):
        return None
    plain = re.sub(r"[ -]", "", place.zip)
    if not zips.shaped(plain) or zips.fits(plain, place.state):
        return None
    return Hit(tuple(dict.fromkeys((place.state_field, place.zip_field))))


def _billing(case: Case) -> str:
    return "33" if about.is_1500(case) else "1"


@claim("P012")
def billing_provider(case: Case) -> Hit | None:
    """The billing provider's name is missing, or street or last line of the address."""
    item = _billing(case)
    if not case.paper.has(f"{item}.1"):
        return Hit((f"{item}.1",))
    missing = tuple(f"{item}.{n}" for n in (2, 3) if not case.paper.has(f"{item}.{n}"))
    return Hit(missing, "address") if missing else None


@claim("P013")
def post_office_box(case: Case) -> Hit | None:
    """The billing provider's address is a post office box and nothing else."""
    field = f"{_billing(case)}.2"
    text = case.paper.text(field)
    found = _BOX.search(text)
    return Hit((field,)) if found and not _STREET.search(_BOX.sub(" ", text)) else None


@claim("P014", forms=(Form.CMS1500,))
def facility(case: Case) -> Hit | None:
    """Item 32 lacks name or address while a service was given elsewhere than at home (12)."""
    missing = tuple(f"32.{n}" for n in (1, 3) if not case.paper.has(f"32.{n}"))
    if not missing:
        return None
    lines = [line.id("place_of_service") for line in case.paper.rows()]
    elsewhere = case.paper.some(lines, lambda value: value not in {"", places.HOME})
    return Hit(missing) if elsewhere else None


@claim("P015", forms=(Form.CMS1500,))
def facility_npi(case: Case) -> Hit | None:
    """Item 32 names another organisation than item 33, and item 32a is blank.

    The patient's own address is no organisation's.
    """
    paper = case.paper
    if paper.has("32a") or not paper.has("32.1"):
        return None
    if paper.has("32.2") and paper.text("32.2") == paper.text("5.street"):
        return None
    one, other = (re.sub(r"\W", "", paper.text(field)) for field in ("32.1", "33.1"))
    return Hit(("32a",)) if one != other else None
