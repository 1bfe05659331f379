"""Fields to the typed claim: by meaning what the form says by place. Nothing is repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from edits import printed
from models.claim import (
    Address,
    Coded,
    Diagnosis,
    Identifier,
    InstitutionalClaim,
    InstitutionalLine,
    Insured,
    OutsideLab,
    Payer,
    Period,
    Person,
    ProfessionalClaim,
    ProfessionalLine,
    Provider,
    Related,
    Signature,
    Totals,
    TypedClaim,
)
from models.page import Form
from models.reading import FieldReading
from models.record import Record

_Part = TypeVar("_Part", bound=Record)


class _Sheet:
    """Normal forms by field id."""

    def __init__(self, fields: Mapping[str, FieldReading]) -> None:
        self.fields = fields

    def __call__(self, name: str) -> str | None:
        """The normal form of a field, None where there is none."""
        field = self.fields.get(name)
        return (field.value or None) if field else None

    def text(self, name: str) -> str | None:
        """What is printed, blanks made single: where words are no code."""
        field = self.fields.get(name)
        return (" ".join(field.text.split()) or None) if field else None

    def any(self, names: Iterable[str]) -> bool:
        """Whether anything is printed in one of the fields."""
        return any(name in self.fields for name in names)

    def last(self, name: str, pages: int) -> str | None:
        """The normal form on the last page that prints the field."""
        for page in range(pages, 0, -1):
            if (found := self(printed.on_page(name, page))) is not None:
                return found
        return None


def _some(part: _Part) -> _Part | None:
    """`part`, or None where nothing is in it."""
    return part if part.model_dump(exclude_none=True, exclude_defaults=True) else None


def _id(qualifier: str | None, value: str | None) -> list[Identifier]:
    return [Identifier(qualifier=qualifier, id=value)] if qualifier or value else []


def _provider_ids(text: str | None) -> tuple[str | None, list[Identifier]]:
    """Taxonomy (qualifier ZZ on paper) and other identifiers of items 32b and 33b."""
    qualifier, value = printed.qualified(text)
    return (value, []) if qualifier == "ZZ" else (None, _id(qualifier, value))


# ---- CMS-1500 ----------------------------------------------------------------------------------


def _organisation(sheet: _Sheet, item: str) -> Provider:
    """Item 32 or 33."""
    taxonomy, ids = _provider_ids(sheet(f"{item}b"))
    end = printed.last_line(sheet.text(f"{item}.3"))
    street = sheet.text(f"{item}.2")
    address = (end or Address()).model_copy(update={"street": street})
    return Provider(
        name=sheet.text(f"{item}.1"),
        npi=sheet(f"{item}a"),
        taxonomy=taxonomy,
        other_ids=ids,
        address=_some(address),
        phone=sheet(f"{item}.phone"),
    )


def _person(sheet: _Sheet, name: str, birth: str, sex: str, address: str) -> dict[str, Any]:
    """The parts of a person on a CMS-1500, by the ids of their fields."""
    where = Address(
        street=sheet.text(f"{address}.street"),
        city=sheet.text(f"{address}.city"),
        state=sheet(f"{address}.state"),
        zip=sheet(f"{address}.zip"),
    )
    return {
        "name": printed.name(sheet.text(name)),
        "birth_date": sheet(birth),
        "sex": sheet(sex),
        "address": _some(where),
        "phone": sheet(f"{address}.phone"),
    }


def _professional_payers(sheet: _Sheet) -> list[Payer]:
    carrier = [line for n in (1, 2, 3, 4) if (line := sheet.text(f"carrier.{n}"))]
    insured = Insured(
        **_person(sheet, "4", "11a.birth_date", "11a.sex", "7"),
        id=sheet("1a"),
        group=sheet("11"),
        plan=sheet.text("11c"),
        relationship=sheet("6"),
    )
    payers = [
        Payer(
            order="billed",
            name=carrier[0] if carrier else None,
            coverage=sheet("1"),
            address=carrier[1:],
            insured=insured,
            authorization=sheet("23"),
            original_reference=sheet("22.original_ref"),
        )
    ]
    if sheet.any(("9", "9a", "9d")):
        other = Insured(
            name=printed.name(sheet.text("9")), group=sheet("9a"), plan=sheet.text("9d")
        )
        payers.append(Payer(order="other", insured=other))
    return payers


def _professional_line(sheet: _Sheet, page: int, n: int) -> ProfessionalLine:
    def id_(column: str) -> str:
        return printed.on_page(f"24.{n}.{column}", page)

    def at(column: str) -> str | None:
        return sheet(id_(column))

    modifiers = [at(f"modifier{m}") for m in (1, 2, 3, 4)]
    return ProfessionalLine(
        page=page,
        number=n,
        dates=Period(start=at("from"), end=at("to")),
        place_of_service=at("place_of_service"),
        emergency=at("emg"),
        procedure=at("procedure"),
        modifiers=[m for m in modifiers if m],
        pointers=list(at("pointer") or ""),
        charge=at("charges"),
        units=at("units"),
        epsdt=at("epsdt"),
        epsdt_reason=at("epsdt_code"),
        rendering_npi=at("rendering_npi"),
        rendering_id=_some(Identifier(qualifier=at("id_qualifier"), id=at("rendering_id"))),
        supplemental=sheet.text(id_("supplemental")),
        drug=printed.drug(sheet.text(id_("supplemental"))),
    )


def _referring(sheet: _Sheet) -> Provider | None:
    return _some(
        Provider(
            name=sheet.text("17"),
            npi=sheet("17b"),
            qualifier=sheet("17.qualifier"),
            other_ids=_id(sheet("17a.qualifier"), sheet("17a")),
        )
    )


def _professional(fields: Mapping[str, FieldReading]) -> ProfessionalClaim:
    sheet = _Sheet(fields)
    pages = printed.pages(fields)
    lines = [
        _professional_line(sheet, page, n)
        for page in range(1, pages + 1)
        for n in range(1, printed.LINES + 1)
        if sheet.any(printed.on_page(f"24.{n}.{each}", page) for each in printed.LINE_COLUMNS)
    ]
    return ProfessionalClaim(
        patient=Person(**_person(sheet, "2", "3.birth_date", "3.sex", "5")),
        payers=_professional_payers(sheet),
        billing_provider=_organisation(sheet, "33"),
        facility=_some(_organisation(sheet, "32")),
        referring_provider=_referring(sheet),
        tax_id=sheet("25"),
        tax_id_type=sheet("25.type"),
        patient_control_number=sheet("26"),
        frequency=sheet("22.code"),
        icd_version=sheet("21.indicator"),
        diagnoses=[
            Diagnosis(position=letter, code=code)
            for letter in printed.POINTERS
            if (code := sheet(f"21.{letter}"))
        ],
        totals=Totals(charges=sheet.last("28", pages), paid=sheet.last("29", pages)),
        another_plan=sheet("11d"),
        related=Related(
            employment=sheet("10a"),
            auto_accident=sheet("10b"),
            auto_accident_state=sheet("10b.state"),
            other_accident=sheet("10c"),
        ),
        claim_codes=(sheet.text("10d") or "").upper().replace(",", " ").split(),
        property_claim=_some(Identifier(qualifier=sheet("11b.qualifier"), id=sheet("11b"))),
        patient_signature=Signature(text=sheet.text("12.signature"), date=sheet("12.date")),
        insured_signature=Signature(text=sheet.text("13.signature")),
        provider_signature=Signature(text=sheet.text("31.signature"), date=sheet("31.date")),
        onset=_some(Coded(code=sheet("14.qualifier"), date=sheet("14.date"))),
        other_date=_some(Coded(code=sheet("15.qualifier"), date=sheet("15.date"))),
        unable_to_work=_some(Period(start=sheet("16.from"), end=sheet("16.to"))),
        hospitalized=_some(Period(start=sheet("18.from"), end=sheet("18.to"))),
        additional_information=sheet.text("19"),
        outside_lab=OutsideLab(used=sheet("20"), charges=sheet("20.charges")),
        accept_assignment=sheet("27"),
        lines=lines,
    )


# ---- UB-04 -------------------------------------------------------------------------------------


def _institutional_line(sheet: _Sheet, page: int, n: int) -> InstitutionalLine:
    def at(column: str) -> str:
        return printed.on_page(f"{column}.{n}", page)

    code, modifiers, rate = printed.procedure(sheet(at("44")))
    if rate is None and printed.ROOM.fullmatch(sheet(at("42")) or ""):
        # a rate without its point: dollars, or dollars and cents, and no procedure in any case
        code, modifiers = None, []
    return InstitutionalLine(
        page=page,
        number=n,
        revenue_code=sheet(at("42")),
        description=sheet.text(at("43")),
        procedure=code,
        modifiers=modifiers,
        rate=rate,
        date=sheet(at("45")),
        units=sheet(at("46")),
        charge=sheet(at("47")),
        non_covered=sheet(at("48")),
        drug=printed.drug(sheet.text(at("43"))),
    )


def _institutional_payers(sheet: _Sheet) -> list[Payer]:
    payers = []
    for line, order in zip(printed.PAYER_LINES, ("primary", "secondary", "tertiary"), strict=True):
        if not sheet.any(f"{fl}{line}" for fl in (50, 51, 58, 60)):
            continue
        insured = Insured(
            name=printed.name(sheet.text(f"58{line}")),
            id=sheet(f"60{line}"),
            group=sheet(f"62{line}"),
            plan=sheet.text(f"61{line}"),
            relationship=sheet(f"59{line}"),
        )
        payers.append(
            Payer(
                order=order,
                name=sheet.text(f"50{line}"),
                id=sheet(f"51{line}"),
                insured=insured,
                release=sheet(f"52{line}"),
                assignment=sheet(f"53{line}"),
                paid=sheet(f"54{line}"),
                due=sheet(f"55{line}"),
                authorization=sheet(f"63{line}"),
                original_reference=sheet(f"64{line}"),
                provider_id=sheet(f"57{line}"),
                employer=sheet.text(f"65{line}"),
            )
        )
    return payers


def _institution(sheet: _Sheet, fl: str) -> Provider:
    """FL1 or FL2: the fourth line is a phone, or the city where the street takes two lines."""
    end, below = (printed.last_line(sheet.text(f"{fl}.{n}")) for n in (3, 4))
    street, phone = sheet.text(f"{fl}.2"), sheet.text(f"{fl}.4")
    if below and below.zip and not (end and end.zip):
        street = " ".join(text for n in (2, 3) if (text := sheet.text(f"{fl}.{n}"))) or None
        end, phone = below, None
    return Provider(
        name=sheet.text(f"{fl}.1"),
        address=_some((end or Address()).model_copy(update={"street": street})),
        phone=phone,
    )


def _physician(sheet: _Sheet, fl: str) -> Provider | None:
    """FL76 to FL79."""
    person = printed.person(sheet.text(f"{fl}.last"), sheet.text(f"{fl}.first"))
    return _some(
        Provider(
            name=person.text if person else None,
            person=person,
            npi=sheet(f"{fl}.npi"),
            qualifier=sheet(f"{fl}.type"),
            other_ids=_id(sheet(f"{fl}.qual"), sheet(f"{fl}.id")),
        )
    )


def _institutional_diagnoses(sheet: _Sheet) -> list[Diagnosis]:
    places = [("principal", "67")]
    places += [(letter, f"67{letter}") for letter in printed.OTHER_DIAGNOSES]
    places += [("admitting", "69")]
    places += [(f"reason {letter}", f"70{letter}") for letter in "abc"]
    places += [(f"cause {letter}", f"72{letter}") for letter in "abc"]
    return [
        Diagnosis(position=position, code=code, present_on_admission=sheet(f"{fl}.poa"))
        for position, fl in places
        if (code := sheet(fl))
    ]


def _coded(sheet: _Sheet, places: Iterable[str]) -> list[Coded]:
    """Codes with what belongs to them, in the order that the form is filled in."""
    found = []
    for place in places:
        period = Period(start=sheet(f"{place}.from"), end=sheet(f"{place}.thru"))
        coded = Coded(
            code=sheet(f"{place}.code"),
            date=sheet(f"{place}.date"),
            period=_some(period),
            amount=sheet(f"{place}.amt"),
        )
        if _some(coded):
            found.append(coded)
    return found


def _taxonomy(sheet: _Sheet) -> str | None:
    for row in "abcd":
        if sheet(f"81{row}.qual") == "B3":
            return sheet(f"81{row}.code")
    return None


def _frequency(bill_type: str | None) -> str | None:
    return bill_type[-1] if bill_type and len(bill_type) in {3, 4} else None


def _institutional(fields: Mapping[str, FieldReading]) -> InstitutionalClaim:
    sheet = _Sheet(fields)
    pages = printed.pages(fields)
    lines = [
        _institutional_line(sheet, page, n)
        for page in range(1, pages + 1)
        for n in range(1, printed.UB_LINES + 1)
        if sheet.any(printed.on_page(f"{fl}.{n}", page) for fl in printed.UB_COLUMNS)
    ]
    where = Address(
        street=sheet.text("9a"),
        city=sheet.text("9b"),
        state=sheet("9c"),
        zip=sheet("9d"),
        country=sheet("9e"),
    )
    billing = _institution(sheet, "1").model_copy(
        update={"npi": sheet("56"), "taxonomy": _taxonomy(sheet)}
    )
    return InstitutionalClaim(
        patient=Person(
            name=printed.name(sheet.text("8b")),
            birth_date=sheet("10"),
            sex=sheet("11"),
            address=_some(where),
        ),
        payers=_institutional_payers(sheet),
        billing_provider=billing,
        pay_to=_some(_institution(sheet, "2")),
        tax_id=sheet("5"),
        patient_control_number=sheet("3a"),
        frequency=_frequency(sheet("4")),
        icd_version=sheet("66"),
        diagnoses=_institutional_diagnoses(sheet),
        totals=Totals(charges=sheet.last("47.23", pages), non_covered=sheet.last("48.23", pages)),
        type_of_bill=sheet("4"),
        medical_record_number=sheet("3b"),
        patient_id=sheet("8a"),
        statement=Period(start=sheet("6.from"), end=sheet("6.thru")),
        admission_date=sheet("12"),
        admission_hour=sheet("13"),
        admission_type=sheet("14"),
        point_of_origin=sheet("15"),
        discharge_hour=sheet("16"),
        discharge_status=sheet("17"),
        condition_codes=[code for fl in printed.CONDITIONS if (code := sheet(fl))],
        accident_state=sheet("29"),
        occurrences=_coded(sheet, printed.OCCURRENCES),
        occurrence_spans=_coded(sheet, printed.SPANS),
        values=_coded(sheet, printed.VALUES),
        responsible_party=sheet.text("38"),
        drg=sheet("71"),
        procedures=_coded(sheet, printed.PROCEDURES),
        attending_provider=_physician(sheet, "76"),
        operating_provider=_physician(sheet, "77"),
        other_providers=[p for fl in ("78", "79") if (p := _physician(sheet, fl))],
        remarks=" ".join(t for n in (1, 2, 3, 4) if (t := sheet.text(f"80.{n}"))) or None,
        code_codes=[
            [sheet(f"81{row}.qual"), sheet(f"81{row}.code"), sheet.text(f"81{row}.value")]
            for row in "abcd"
            if sheet.any(f"81{row}.{part}" for part in ("qual", "code", "value"))
        ],
        creation_date=sheet.last("45.23", pages),
        lines=lines,
    )


_BUILDERS: dict[Form, Callable[[Mapping[str, FieldReading]], TypedClaim]] = {
    Form.CMS1500: _professional,
    Form.CMS1500_0805: _professional,
    Form.UB04: _institutional,
}


def build(form: Form, fields: Mapping[str, FieldReading]) -> TypedClaim | None:
    """The typed claim; None of a form that is not read field by field.

    Args:
        form: of the document.
        fields: by field id; a further page of a UB-04 has `#2`, `#3` after its ids.
    """
    builder = _BUILDERS.get(form)
    return builder(fields) if builder else None
