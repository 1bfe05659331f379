"""A made-up case: whom papers are about, what was done, what it cost."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal

from models import dcn
from samples import codes, people
from samples.people import Address, Person

_PLANS = (
    "PRAIRIE STATES INSURANCE", "EVERGREEN HEALTH PLAN", "LAKESHORE MUTUAL", "UNITY BENEFIT FUND",
    "NORTHERN PLAINS HEALTH", "BLUE HARBOR INSURANCE", "SUMMIT CARE PLAN", "MEDICARE",
    "STATE MEDICAID", "PIONEER LIFE AND HEALTH", "HARVEST HEALTH PARTNERS", "RIVERBEND HMO",
    "CORNERSTONE BENEFITS", "GREAT BASIN MUTUAL", "FIRST LIBERTY HEALTH PLAN",
)  # fmt: skip
_PLACES = (
    "RIVERSIDE", "LAKEVIEW", "HILLCREST", "OAK GROVE", "MERCY", "ST ANNE", "VALLEY", "EASTGATE",
    "MAPLE RIDGE", "SUNRISE", "COUNTY", "UNIVERSITY", "HARBOR", "CEDAR CREEK", "GOLDEN PLAINS",
)  # fmt: skip
_SORTS = {
    "provider": ("FAMILY MEDICINE", "MEDICAL GROUP", "ORTHOPEDICS", "CLINIC", "PHYSICIANS PC"),
    "facility": ("HOSPITAL", "MEDICAL CENTER", "SURGERY CENTER", "REGIONAL HOSPITAL"),
    "laboratory": ("LABORATORY", "DIAGNOSTICS", "CLINICAL LABS"),
    "supplier": ("MEDICAL SUPPLY", "HOME EQUIPMENT", "OXYGEN SERVICES"),
}
_DEGREES = ("MD", "DO", "NP", "PA-C", "DPM", "MD", "MD")


@dataclass(frozen=True, slots=True)
class Line:
    """A service: its day, code, words, and what became of its charge."""

    day: dt.date
    procedure: str
    words: str
    billed: Decimal
    allowed: Decimal
    paid: Decimal

    @property
    def share(self) -> Decimal:
        """What is left to the patient."""
        return self.allowed - self.paid


@dataclass(frozen=True, slots=True)
class Facts:
    """What papers about one case have in common.

    Attributes:
        authorization: its number, first and last day.
        claim_number: the payer's, of an earlier payer on an explanation of benefits.
        control_number: ours.
    """

    patient: Person
    member_id: str
    account: str
    doctor: Person
    degree: str
    npi: str
    tax_id: str
    organisation: str
    payer: str
    address: Address
    diagnoses: tuple[str, ...]
    lines: tuple[Line, ...]
    authorization: tuple[str, dt.date, dt.date]
    claim_number: str
    control_number: str
    phone: tuple[str, str] = field(default=("555", "0100000"))

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Days of service, first to last."""
        return tuple(sorted({line.day for line in self.lines}))


def make(rng: random.Random, today: dt.date = dt.date(2026, 9, 30)) -> Facts:
    """A case of the year before `today`."""
    patient = people.person(rng)
    first = today - dt.timedelta(days=rng.randrange(10, 360))
    lines = tuple(_line(rng, first) for _ in range(rng.randint(1, 6)))
    start = first - dt.timedelta(days=rng.randrange(20))
    end = max(line.day for line in lines) + dt.timedelta(days=rng.choice((14, 30, 60, 90, 180)))
    return Facts(
        patient=patient,
        member_id=_member(rng),
        account=_number(rng, rng.choice(("", "", "A", "AC", "P", "H"))),
        doctor=people.person(rng, (1950, 1995)),
        degree=rng.choice(_DEGREES),
        npi=people.npi(rng),
        tax_id=people.employer_number(rng),
        organisation=rng.choice(_PLACES),
        payer=rng.choice(_PLANS),
        address=people.address(rng),
        diagnoses=tuple(codes.diagnoses(rng, rng.randint(1, 3), patient.sex)),
        lines=tuple(sorted(lines, key=lambda line: line.day)),
        authorization=(_number(rng, rng.choice(("PA", "A", "AUTH", "", "RF"))), start, end),
        claim_number=_number(rng, rng.choice(("", "C", "CLM", "EC")), 12),
        control_number=dcn.make(first, rng.randrange(1, 999_999)),
        phone=people.phone(rng),
    )


def organisation(facts: Facts, sort: str) -> str:
    """A name for who writes the paper."""
    if sort == "payer":
        return facts.payer
    names = _SORTS[sort]
    return f"{facts.organisation} {names[int(facts.npi) % len(names)]}"


def _line(rng: random.Random, first: dt.date) -> Line:
    billed = Decimal(rng.randrange(2_000, 250_000)) / 100
    allowed = (billed * Decimal(rng.randrange(35, 95)) / 100).quantize(Decimal("0.01"))
    paid = (
        allowed * rng.choice((Decimal(1), Decimal("0.8"), Decimal("0.7"), Decimal(0)))
    ).quantize(Decimal("0.01"))
    return Line(
        day=first + dt.timedelta(days=rng.choice((0, 0, 0, 1, 2, 5))),
        procedure=codes.procedure(rng),
        words=rng.choice(codes.REVENUE)[1],
        billed=billed,
        allowed=allowed,
        paid=paid,
    )


def _number(rng: random.Random, before: str, most: int = 10) -> str:
    figures = rng.randint(6, most)
    return f"{before}{rng.randrange(10**figures):0{figures}d}"


def _member(rng: random.Random) -> str:
    if rng.random() < 0.25:
        return people.mbi(rng)
    return _number(rng, rng.choice(("XYZ", "W", "H", "ABC", "", "M", "QQT")), 11)
