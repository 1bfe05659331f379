"""What tells a provider which claim a letter is about, with the least health information."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from letters.privacy import masked
from models.claim import TypedClaim, days_of
from models.page import Form
from models.reading import DocumentReading

_FORMS: Final = {
    Form.CMS1500: "CMS-1500",
    Form.CMS1500_0805: "CMS-1500 (08/05)",
    Form.UB04: "UB-04",
    Form.UB92: "UB-92",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Which claim a letter is about.

    Attributes:
        dcn: our control number.
        received: the day the paper arrived.
        form: its name.
        account: the provider's own number; where the claim has none, the patient's last name and
            first initial take its place in `patient`.
        patient: empty where there is an account number.
        services: first and last day of service, in words; empty where the claim has none.
    """

    dcn: str
    received: dt.date
    form: str
    account: str
    patient: str
    services: str

    def rows(self) -> list[tuple[str, str]]:
        """What stands in the letter, by its caption."""
        known = [
            ("Our claim number", self.dcn),
            ("Received", long_day(self.received)),
            ("Your patient account number", self.account),
            ("Patient", self.patient),
            ("Dates of service", self.services),
            ("Form", self.form),
        ]
        return [(caption, value) for caption, value in known if value]


def reference(dcn: str, received: dt.date, reading: DocumentReading) -> Reference:
    """Which claim a letter is about.

    Args:
        dcn: control number.
        received: the day the paper arrived.
        reading: the claim as it stands.
    """
    claim = reading.claim
    account = masked((claim and claim.patient_control_number) or "")
    name = claim.patient.name if claim else None
    patient = ""
    if not account and name and name.last:
        patient = f"{name.last}, {name.first[0]}." if name.first else name.last
    form = _FORMS.get(reading.form, "Claim form")
    return Reference(dcn, received, form, account, patient, _services(claim))


def _services(claim: TypedClaim | None) -> str:
    days = days_of(claim) if claim else []
    if not days:
        return ""
    first, last = long_day(days[0]), long_day(days[-1])
    return first if first == last else f"{first} to {last}"


def long_day(day: dt.date) -> str:
    """A day as letters have it: `November 23, 2026`."""
    return f"{day:%B} {day.day}, {day.year}"
