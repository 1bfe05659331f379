"""The typed claim: what both forms say, by meaning and not by place (docs/claim.md).

Dates are YYYY-MM-DD, money is a decimal string with cents, codes and identifiers are upper case
without spaces. None is what isn't printed or has no normal form; nothing is completed or
repaired. How sure the reader is stands with the fields of the reading, not here.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from models.record import Record

#: YYYY-MM-DD
Date: TypeAlias = str
#: a decimal with cents, such as `120.00`
Money: TypeAlias = str


class Name(Record):
    """A person's name as printed, and its parts where the print tells them apart."""

    text: str
    last: str | None = None
    first: str | None = None
    middle: str | None = None
    suffix: str | None = None


class Address(Record):
    """An address. `text` holds its last line where city, state and ZIP can't be told apart."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    text: str | None = None


class Identifier(Record):
    """An identifier that is no NPI, and the qualifier that says which kind."""

    qualifier: str | None = None
    id: str | None = None


class Person(Record):
    """A patient or an insured."""

    name: Name | None = None
    birth_date: Date | None = None
    sex: str | None = None
    address: Address | None = None
    phone: str | None = None


class Provider(Record):
    """A person or an organisation that gave, ordered or bills services.

    Attributes:
        qualifier: of a referring provider DN, DK or DQ; of FL78 and FL79 DN, ZZ or 82.
        person: the name in its parts, where the form prints a person.
    """

    name: str | None = None
    person: Name | None = None
    npi: str | None = None
    taxonomy: str | None = None
    other_ids: list[Identifier] = Field(default_factory=list)
    qualifier: str | None = None
    address: Address | None = None
    phone: str | None = None


class Period(Record):
    """From one day to another, both included."""

    start: Date | None = None
    end: Date | None = None


class Coded(Record):
    """A code or qualifier, and the day, period or amount that belongs to it."""

    code: str | None = None
    date: Date | None = None
    period: Period | None = None
    amount: Money | None = None


class Diagnosis(Record):
    """A diagnosis, without its point.

    Attributes:
        position: A to L on a CMS-1500; on a UB-04 `principal`, A to Q, `admitting`, `reason a`
            to `c`, `cause a` to `c`.
        present_on_admission: Y, N, U, W or 1.
    """

    position: str
    code: str
    present_on_admission: str | None = None


class Drug(Record):
    """An NDC with unit (F2, GR, ME, ML, UN) and quantity."""

    ndc: str
    unit: str | None = None
    quantity: str | None = None


class ProfessionalLine(Record):
    """A line of item 24; `page` counts the forms of the claim, from 1.

    `pointers` are letters of item 21, the first one primary.
    """

    page: int = 1
    number: int
    dates: Period
    place_of_service: str | None = None
    emergency: str | None = None
    procedure: str | None = None
    modifiers: list[str] = Field(default_factory=list)
    pointers: list[str] = Field(default_factory=list)
    charge: Money | None = None
    units: str | None = None
    epsdt: str | None = None
    epsdt_reason: str | None = None
    rendering_npi: str | None = None
    rendering_id: Identifier | None = None
    supplemental: str | None = None
    drug: Drug | None = None


class InstitutionalLine(Record):
    """A line of FL42 to FL48; `page` counts the pages of the claim, from 1."""

    page: int
    number: int
    revenue_code: str | None = None
    description: str | None = None
    procedure: str | None = None
    modifiers: list[str] = Field(default_factory=list)
    rate: Money | None = None
    date: Date | None = None
    units: str | None = None
    charge: Money | None = None
    non_covered: Money | None = None
    drug: Drug | None = None


class Insured(Person):
    """Who holds a coverage.

    Attributes:
        id: as on the card.
        group: policy, group or FECA number.
        plan: name of the plan or of the group.
        relationship: of the patient: `self`, `spouse`, `child`, `other`, or the code of FL59.
    """

    id: str | None = None
    group: str | None = None
    plan: str | None = None
    relationship: str | None = None


class Payer(Record):
    """A payer, and what the claim says to it.

    Attributes:
        order: `primary`, `secondary`, `tertiary` as on lines A, B, C of a UB-04; `billed` for the
            one a CMS-1500 goes to, `other` for another plan of item 9.
        coverage: the box of item 1.
        address: what the carrier block says below the name, a line each.
        original_reference: control number of the claim that this one replaces or voids.
    """

    order: Literal["billed", "other", "primary", "secondary", "tertiary"]
    name: str | None = None
    id: str | None = None
    coverage: str | None = None
    address: list[str] = Field(default_factory=list)
    insured: Insured
    release: str | None = None
    assignment: str | None = None
    paid: Money | None = None
    due: Money | None = None
    authorization: str | None = None
    original_reference: str | None = None
    provider_id: str | None = None
    employer: str | None = None


class Totals(Record):
    """Sums as printed, not as added up."""

    charges: Money | None = None
    non_covered: Money | None = None
    paid: Money | None = None


class Signature(Record):
    """What stands on a signature line, and the date beside it."""

    text: str | None = None
    date: Date | None = None


class Related(Record):
    """What item 10 says that the condition comes from; `yes`, `no` or None."""

    employment: str | None = None
    auto_accident: str | None = None
    auto_accident_state: str | None = None
    other_accident: str | None = None


class OutsideLab(Record):
    """Item 20."""

    used: str | None = None
    charges: Money | None = None


class Claim(Record):
    """What both forms have.

    Attributes:
        patient_control_number: item 26 or FL3a: the provider's own number.
        frequency: 1, 7, 8 ... : item 22, or the last character of FL4.
        tax_id_type: `EIN` or `SSN`; a UB-04 doesn't say.
    """

    patient: Person
    payers: list[Payer]
    billing_provider: Provider
    tax_id: str | None = None
    tax_id_type: str | None = None
    patient_control_number: str | None = None
    frequency: str | None = None
    icd_version: str | None = None
    diagnoses: list[Diagnosis] = Field(default_factory=list)
    totals: Totals


class ProfessionalClaim(Claim):
    """A CMS-1500."""

    form: Literal["cms1500"] = "cms1500"
    another_plan: str | None = None
    related: Related
    claim_codes: list[str] = Field(default_factory=list)
    property_claim: Identifier | None = None
    patient_signature: Signature
    insured_signature: Signature
    provider_signature: Signature
    onset: Coded | None = None
    other_date: Coded | None = None
    unable_to_work: Period | None = None
    hospitalized: Period | None = None
    referring_provider: Provider | None = None
    facility: Provider | None = None
    additional_information: str | None = None
    outside_lab: OutsideLab
    accept_assignment: str | None = None
    lines: list[ProfessionalLine] = Field(default_factory=list)


class InstitutionalClaim(Claim):
    """A UB-04, all its pages."""

    form: Literal["ub04"] = "ub04"
    type_of_bill: str | None = None
    medical_record_number: str | None = None
    patient_id: str | None = None
    pay_to: Provider | None = None
    statement: Period
    admission_date: Date | None = None
    admission_hour: str | None = None
    admission_type: str | None = None
    point_of_origin: str | None = None
    discharge_hour: str | None = None
    discharge_status: str | None = None
    condition_codes: list[str] = Field(default_factory=list)
    accident_state: str | None = None
    occurrences: list[Coded] = Field(default_factory=list)
    occurrence_spans: list[Coded] = Field(default_factory=list)
    values: list[Coded] = Field(default_factory=list)
    responsible_party: str | None = None
    drg: str | None = None
    procedures: list[Coded] = Field(default_factory=list)
    attending_provider: Provider | None = None
    operating_provider: Provider | None = None
    other_providers: list[Provider] = Field(default_factory=list)
    remarks: str | None = None
    code_codes: list[list[str | None]] = Field(default_factory=list)
    creation_date: Date | None = None
    lines: list[InstitutionalLine] = Field(default_factory=list)


#: the claim of either form; `form` says which
TypedClaim: TypeAlias = Annotated[
    ProfessionalClaim | InstitutionalClaim, Field(discriminator="form")
]


def days_of(claim: TypedClaim) -> list[dt.date]:
    """First and last days of service, in order; of a UB-04 those of its statement."""
    if isinstance(claim, InstitutionalClaim):
        periods = [claim.statement]
    else:
        periods = [line.dates for line in claim.lines]
    days = [day for period in periods for day in (period.start, period.end) if day]
    return sorted(map(dt.date.fromisoformat, days))
