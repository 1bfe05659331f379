"""Who gave, ordered and bills the services."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from codes import npi, shapes, tax
from edits import about
from edits.paper import Line
from edits.registry import Case, Hit, claim, each, line
from edits.rules.addresses import facility
from models.page import Form

_P: Final = (Form.CMS1500,)
_I: Final = (Form.UB04,)
_QUALIFIERS: Final = frozenset({"0B", "1G", "G2", "LU", "N5", "SY", "X5", "ZZ"})
_REFERRING: Final = {"DN": "", "DK": "ordering", "DQ": "supervising"}
#: words of organisations whose services somebody in particular gave
_GROUP: Final = re.compile(
    r"\b(LLC|LLP|PLLC|PC|P C|PA|P A|INC|GROUP|CLINIC|ASSOCIATES|ASSOC|PARTNERS|PHYSICIANS)\b"
)
#: organisations that bill what nobody in particular gave
_SUPPLIERS: Final = re.compile(
    r"\b(LAB|LABS|LABORATORY|LABORATORIES|PHARMACY|AMBULANCE|EMS|TRANSPORT|TRANSPORTATION|SUPPLY"
    r"|SUPPLIES|EQUIPMENT|DME|IMAGING|HOSPICE|(SURGERY|SURGICAL) CENTER)\b"
)
#: rides, supplies and equipment (HCPCS sections): nobody in particular gives them
_SUPPLIED: Final = re.compile(r"[ABEKL]\d{4}")
#: pathology and laboratory, but for evocative and consultation codes
_LAB_FIRST, _LAB_LAST = 80047, 89398
#: a hospital's laboratory bills under the hospital's own certificate
_HOSPITAL: Final = frozenset({"19", "21", "22", "23"})
_AMBULANCE: Final = re.compile(r"054\d")


def _npis(case: Case) -> list[str]:
    if not about.is_1500(case):
        return ["56", *(f"{fl}.npi" for fl in (76, 77, 78, 79))]
    return ["17b", *(row.id("rendering_npi") for row in case.paper.rows()), "32a", "33a"]


def _role(field: str) -> str:
    """Whose number it is: the variant of the rules about NPIs."""
    roles = {
        "17b": "referring", "32a": "facility", "33a": "billing", "56": "billing",
        "76.npi": "attending", "77.npi": "operating", "78.npi": "other", "79.npi": "other",
    }  # fmt: skip
    return roles.get(field, "rendering")


def _number(rule: str, wrong: Callable[[str], bool], condition: str) -> None:
    """A rule about every NPI of a claim."""

    def check(case: Case, field: str) -> Hit | None:
        if not case.paper.has(field):
            return None
        return Hit((field,), _role(field)) if wrong(case.paper.value(field) or "") else None

    check.__doc__ = condition
    each(rule, _npis)(check)


_number("P004", lambda text: not npi.shaped(text), "An NPI has not ten figures.")
_number(
    "P005",
    lambda text: npi.shaped(text) and not npi.checks(text),
    "The check digit of an NPI is wrong (Luhn over 80840 and the number).",
)
_number(
    "P006",
    lambda text: npi.checks(text) and not npi.started(text),
    "An NPI does not start with 1 or 2.",
)


@claim("P001", forms=_P)
def referring_qualifier(case: Case) -> Hit | None:
    """Item 17 has a name, and its qualifier is missing or not DN, DK or DQ."""
    if not case.paper.has("17"):
        return None
    if not case.paper.has("17.qualifier"):
        return Hit(("17.qualifier",), "missing")
    return None if case.paper.value("17.qualifier") in _REFERRING else Hit(("17.qualifier",))


@claim("P002", forms=_P)
def referring_npi(case: Case) -> Hit | None:
    """Item 17 has a name, and item 17b is blank."""
    if case.paper.has("17b") or not case.paper.has("17"):
        return None
    return Hit(("17b",), _REFERRING.get(case.paper.value("17.qualifier") or "", ""))


@claim("P003", forms=_P)
def referring_name(case: Case) -> Hit | None:
    """Item 17b has an NPI, and item 17 is blank."""
    if case.paper.has("17") or not case.paper.has("17b"):
        return None
    return Hit(("17",), _REFERRING.get(case.paper.value("17.qualifier") or "", ""))


@claim("P007")
def billing_npi(case: Case) -> Hit | None:
    """The billing provider's NPI is missing."""
    field = about.billing_npi_field(case)
    return None if case.paper.has(field) else Hit((field,))


@line("P008", forms=_P, sharper=("providers",))
def rendering_npi(case: Case, line: Line) -> Hit | None:
    """A line lacks the rendering NPI while the billing provider is a group.

    That is so by the roster, where other lines have one that is not the billing NPI, or, as a
    milder finding, where item 33 has the name of a group and it is no ride, supply or equipment.
    """
    if line.has("rendering_npi"):
        return None
    field = line.id("rendering_npi")
    billing = case.paper.value("33a")
    known = case.context.providers.find(billing) if case.context.providers and billing else None
    if known is not None:
        return Hit((field,)) if known.organisation else None
    for other in case.paper.lines():
        if other.has("rendering_npi") and other.value("rendering_npi") != billing:
            return Hit((field,))
    name = case.paper.text("33.1")
    group = _GROUP.search(name) and not _SUPPLIERS.search(name)
    given = group and not _SUPPLIED.fullmatch(line.value("procedure") or "")
    return Hit((field,), "name") if given else None


@line("P009", forms=_P)
def rendering_id(_case: Case, line: Line) -> Hit | None:
    """The shaded half of 24I has a qualifier and 24J no number, or the other way about."""
    parts = ("id_qualifier", "rendering_id")
    missing = [part for part in parts if not line.has(part)]
    return Hit((line.id(missing[0]),)) if len(missing) == 1 else None


def _qualifiers(case: Case) -> Iterator[tuple[str, str]]:
    """Fields with a qualifier, and whose it is."""
    yield "17a.qualifier", ""
    yield from ((line.id("id_qualifier"), "rendering") for line in case.paper.all_lines())
    yield from (("32b", "facility"), ("33b", "billing"))


@each("P010", _qualifiers, forms=_P)
def id_qualifier(case: Case, subject: tuple[str, str]) -> Hit | None:
    """The qualifier of an identifier is none of 0B 1G G2 LU N5 SY X5 ZZ."""
    field, variant = subject
    if not case.paper.has(field):
        return None
    value = case.paper.value(field) or ""
    return None if value[:2] in _QUALIFIERS else Hit((field,), variant)


def _taxonomies(case: Case) -> Iterator[tuple[str, str, str]]:
    """Qualifier's field, number's field and variant of what may be a taxonomy code."""
    if not about.is_1500(case):
        yield from ((f"81{row}.qual", f"81{row}.code", "billing") for row in "abcd")
        return
    yield "17a.qualifier", "17a", ""
    for each_line in case.paper.all_lines():
        yield each_line.id("id_qualifier"), each_line.id("rendering_id"), ""
    yield from (("32b", "32b", ""), ("33b", "33b", "billing"))


@each("P011", _taxonomies, sharper=("table:taxonomy",))
def taxonomy(case: Case, subject: tuple[str, str, str]) -> Hit | None:
    """A taxonomy code (ZZ, in FL81 B3) has not its shape, or is not in the loaded list."""
    qualifier, field, variant = subject
    sign = "ZZ" if about.is_1500(case) else "B3"
    if (case.paper.value(qualifier) or "")[:2] != sign or not case.paper.has(field):
        return None
    code = case.paper.value(field) or ""
    code = code[2:] if qualifier == field else code
    known = case.context.table("taxonomy")
    if shapes.taxonomy(code) and not known.lacks(code, about.first_day(case)):
        return None
    return Hit((field,), variant)


@claim("P016")
def tax_number(case: Case) -> Hit | None:
    """The tax number is missing or has not nine figures."""
    field = about.tax_field(case)
    if not case.paper.has(field):
        return Hit((field,), "missing")
    return None if tax.shaped(case.paper.value(field) or "") else Hit((field,))


@claim("P017", forms=_P)
def tax_type(case: Case) -> Hit | None:
    """Neither or both of the boxes SSN and EIN are marked in item 25."""
    if not case.paper.has("25.type"):
        return Hit(("25.type",))
    return None if case.paper.value("25.type") else Hit(("25.type",), "several")


@claim("P018")
def tax_issued(case: Case) -> Hit | None:
    """A tax number of nine figures can be no EIN, or where SSN is marked no SSN and no ITIN."""
    field = about.tax_field(case)
    number = case.paper.value(field) or ""
    if not tax.shaped(number):
        return None
    kind = case.paper.value("25.type") if about.is_1500(case) else "EIN"
    person = tax.ssn(number) or tax.itin(number)
    fine = {"EIN": tax.ein(number), "SSN": person}.get(kind or "", tax.ein(number) or person)
    return None if fine else Hit((field,))


@claim("P019", needs=("providers",))
def known_provider(case: Case) -> Hit | None:
    """The billing provider's NPI is not in the roster, or not with this tax number."""
    field, other = about.billing_npi_field(case), about.tax_field(case)
    number = case.paper.value(field) or ""
    if not npi.valid(number) or case.context.providers is None:
        return None
    known = case.context.providers.find(number)
    if known is None:
        return Hit((field,), "unknown")
    taken = case.paper.value(other)
    return Hit((other, field)) if taken and known.tax_id and taken != known.tax_id else None


@claim("P020", forms=_P)
def provider_signature(case: Case) -> Hit | None:
    """Item 31 is not signed."""
    return None if case.paper.has("31.signature") else Hit(("31.signature",))


@claim("P021", forms=_P)
def provider_signature_date(case: Case) -> Hit | None:
    """The date in item 31 is no date, after the day of receipt, or before the last service."""
    if not case.paper.has("31.date"):
        return None
    signed = case.paper.date("31.date")
    if signed is None or signed > case.context.day:
        return Hit(("31.date",))
    last = about.last_day(case)
    return Hit(("31.date",), "early") if last and signed < last else None


@claim("P022", forms=_I)
def attending(case: Case) -> Hit | None:
    """FL76 lacks the attending provider's NPI or last name; an ambulance's bill needs none."""
    paper = case.paper
    missing = [part for part in ("npi", "last") if not paper.has(f"76.{part}")]
    if not missing:
        return None
    revenue = [line.value("42") or "" for line in paper.lines()]
    if revenue and all(_AMBULANCE.fullmatch(code) for code in revenue):
        return None
    return Hit(("76.npi",)) if missing[0] == "npi" else Hit(("76.last",), "name")


@claim("P023", forms=_I)
def operating(case: Case) -> Hit | None:
    """FL74 reports a procedure, and FL77 names no operating provider."""
    if case.paper.has("77.npi", "77.last"):
        return None
    return Hit(("77.npi",)) if case.paper.has("74.code") else None


@each("P024", lambda _case: ("76", "77", "78", "79"), forms=_I)
def second_id(case: Case, fl: str) -> Hit | None:
    """A second ID in FL76 to FL79 stands without its qualifier 0B, 1G, G2 or LU."""
    if not case.paper.has(f"{fl}.id"):
        return None
    fine = case.paper.value(f"{fl}.qual") in {"0B", "1G", "G2", "LU"}
    return None if fine else Hit((f"{fl}.qual",))


@each("P025", lambda _case: ("78", "79"), forms=_I)
def other_type(case: Case, fl: str) -> Hit | None:
    """FL78 or FL79 names a provider without saying DN, ZZ or 82."""
    if not case.paper.has(f"{fl}.npi", f"{fl}.last", f"{fl}.type"):
        return None
    return None if case.paper.value(f"{fl}.type") in {"DN", "ZZ", "82"} else Hit((f"{fl}.type",))


@claim("P026", forms=_P)
def outside_lab(case: Case) -> Hit | None:
    """Item 20 says outside laboratory, and its charge or item 32 is missing.

    The latter is P014's, where that fires.
    """
    if case.paper.value("20") != "yes":
        return None
    if not case.paper.number("20.charges"):
        return Hit(("20.charges",))
    if case.paper.has("32.1") or (case.context.profile.asks("P014") and facility(case)):
        return None
    return Hit(("32.1",), "facility")


def _laboratory(line: Line) -> bool:
    """Whether a line bills a laboratory's test: not its reading, and no hospital's."""
    code, modifiers = line.procedure()
    if not code or not shapes.cpt(code) or not code.isdigit():
        return False
    tested = _LAB_FIRST <= int(code) <= _LAB_LAST and not {"26", "90"} & set(modifiers)
    return tested and line.value("place_of_service") not in _HOSPITAL


@claim("P027", forms=_P)
def clia(case: Case) -> Hit | None:
    """A laboratory test is billed, and item 23 has no CLIA number of the shape 99D9999999."""
    number = case.paper.value("23") or ""
    if shapes.clia(number) or not any(_laboratory(line) for line in case.paper.lines()):
        return None
    return Hit(("23",)) if case.paper.has("23") else Hit(("23",), "missing")


@claim("P028", forms=_P, needs=("providers",))
def may_order(case: Case) -> Hit | None:
    """The roster knows the provider of item 17b, and that they may not order or refer."""
    number = case.paper.value("17b") or ""
    known = case.context.providers.find(number) if case.context.providers and number else None
    return Hit(("17b",)) if known is not None and not known.may_order else None
