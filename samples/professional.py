"""Made-up claims of doctors and suppliers: what stands on a CMS-1500."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from samples import codes, people
from samples.people import Address, Person
from samples.wording import Wording, money

_PAYERS = (
    "HARBOR HEALTH PLAN",
    "GREAT LAKES MUTUAL",
    "PRAIRIE STATES INSURANCE",
    "EVERGREEN BENEFIT FUND",
    "ATLANTIC LIFE AND HEALTH",
    "SUMMIT CARE PPO",
)
_PLANS = ("OPEN CHOICE", "PPO GOLD", "HMO PLUS", "STANDARD OPTION", "HIGH DEDUCTIBLE", "SELECT 500")
_PRACTICES = ("FAMILY MEDICINE", "MEDICAL GROUP LLC", "CLINIC", "IMAGING CENTER", "ORTHOPEDICS PC")
_NOTES = (
    "PATIENT FELL FROM LADDER AT HOME",
    "CORRECTED CLAIM UNITS CHANGED",
    "SECOND OPINION REQUESTED BY PLAN",
    "SEE ATTACHED RECORDS",
    "REPEAT PROCEDURE SAME DAY",
)
_TYPES = ("medicare", "medicaid", "tricare", "champva", "group", "group", "group", "feca", "other")
#: places of service: a hospital's bed, the patient's home
_INPATIENT, _HOME = "21", "12"
_DEGREES = ("MD", "DO", "PA", "NP", "DPM", "PT")
_OTHER_DATES = ("304", "454", "455", "444", "439")
#: years in which patients are born, by what they are to the insured
_BORN = {"self": (1944, 2004), "spouse": (1950, 1995), "child": (2005, 2022)}
_LINES = (1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6)


@dataclass(slots=True)
class _Making:
    """A claim in the making: chance, the program's habits, and what is printed so far."""

    rng: random.Random
    say: Wording
    today: dt.date
    page: dict[str, str]

    def sometimes(self, share: float) -> bool:
        return self.rng.random() < share


def claim(rng: random.Random, wording: Wording, today: dt.date) -> dict[str, str]:
    """What is printed on one form, by field id."""
    making = _Making(rng, wording, today, {})
    kind = rng.choice(_TYPES)
    _people(making, kind)
    service = today - dt.timedelta(days=rng.randint(22, 90))
    place = rng.choice(codes.PLACES)
    causes = _conditions(making, service, place)
    _referral(making)
    pointers = _diagnoses(making, causes)
    _provider(making, place)
    _lines(making, service, pointers, place)
    return making.page


def _people(m: _Making, kind: str) -> None:
    """Items 1 to 9d, 11 to 13, and the carrier."""
    rng, say, page = m.rng, m.say, m.page
    payer = "MEDICARE PART B" if kind == "medicare" else rng.choice(_PAYERS)
    lines = [payer, f"PO BOX {rng.randint(100, 99999)}", say.city_line(people.address(rng))]
    if m.sometimes(0.15):
        lines.insert(1, "CLAIMS DEPARTMENT")
    if not m.sometimes(0.08):
        page |= {f"carrier.{n}": say.text(t) for n, t in enumerate(lines, start=1)}
    page["1"] = kind
    page["1a"] = people.mbi(rng) if kind == "medicare" else _member_id(rng)
    home = people.address(rng)
    phone = say.phone(people.phone(rng))
    related = "self" if kind == "medicare" else rng.choice(("self", "self", "spouse", "child"))
    patient = people.person(rng, (1936, 1958) if kind == "medicare" else _BORN[related])
    insured = patient if related == "self" else people.person(rng, (1955, 1985))
    page |= {
        "2": say.name(patient),
        "3.birth_date": say.date(patient.born),
        "3.sex": patient.sex,
        "6": related,
        **_home(say, "5", home, phone),
    }
    if kind == "medicare":
        page["11"] = "NONE"
    else:
        _insured(m, insured, home if m.sometimes(0.8) else people.address(rng), phone)
    _other_plan(m, kind)
    on_file = rng.choice(("SIGNATURE ON FILE", "SIGNATURE ON FILE", "SOF"))
    page["12.signature"] = on_file
    page["12.date"] = say.date(m.today - dt.timedelta(days=rng.randint(1, 60)))
    if m.sometimes(0.9):
        page["13.signature"] = on_file


def _member_id(rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(rng.choice((0, 1, 3))))
    return letters + f"{rng.randrange(10**9):09d}" + rng.choice(("", "", "01", "A"))


def _home(say: Wording, item: str, home: Address, phone: str) -> dict[str, str]:
    return {
        f"{item}.street": say.text(home.street),
        f"{item}.city": say.text(home.city),
        f"{item}.state": home.state,
        f"{item}.zip": home.zip,
        f"{item}.phone": phone,
    }


def _insured(m: _Making, insured: Person, home: Address, phone: str) -> None:
    rng, say, page = m.rng, m.say, m.page
    page |= {
        "4": say.name(insured),
        **_home(say, "7", home, phone),
        "11": f"{rng.choice(('', 'G', 'GRP'))}{rng.randint(10000, 999999)}",
        "11a.birth_date": say.date(insured.born),
        "11a.sex": insured.sex,
        "11c": say.text(rng.choice(_PLANS)),
    }
    if m.sometimes(0.05):
        page |= {"11b.qualifier": "Y4", "11b": f"PC{rng.randint(10**6, 10**7)}"}


def _other_plan(m: _Making, kind: str) -> None:
    """Items 9 and 11d; an answer in 11d is not asked for by Medicare."""
    rng, say, page = m.rng, m.say, m.page
    other = kind != "medicare" and m.sometimes(0.25)
    if kind != "medicare" or m.sometimes(0.3):
        page["11d"] = "yes" if other else "no"
    if other:
        page |= {
            "9": say.name(people.person(rng, (1950, 1990))),
            "9a": f"{rng.choice(('', 'H', 'GRP'))}{rng.randint(100000, 999999)}",
            "9d": say.text(rng.choice(_PAYERS)),
        }


def _conditions(m: _Making, service: dt.date, place: str) -> bool:
    """Items 10 and 14 to 20; whether the claim is of an accident."""
    rng, say, page = m.rng, m.say, m.page
    cause = rng.choices(("", "10a", "10b", "10c"), (70, 3, 12, 12))[0]
    page |= {item: "yes" if item == cause else "no" for item in ("10a", "10b", "10c")}
    before = service - dt.timedelta(days=rng.randint(1, 40))
    if cause == "10b":
        page["10b.state"] = people.address(rng).state
    if cause or m.sometimes(0.2):
        page |= {"14.date": say.date(before), "14.qualifier": "431"}
    if cause or m.sometimes(0.12):
        page |= {
            "15.qualifier": "439" if cause else rng.choice(_OTHER_DATES[:4]),
            "15.date": say.date(before),
        }
    if m.sometimes(0.08):
        page["10d"] = rng.choice(("AA", "AB", "W2", "W3   AA"))
    for item, share in (("16", 0.1), ("18", 1.0 if place == _INPATIENT else 0.05)):
        if m.sometimes(share):
            page[f"{item}.from"] = say.date(service - dt.timedelta(days=rng.randint(0, 9)))
            page[f"{item}.to"] = say.date(service + dt.timedelta(days=rng.randint(11, 20)))
    if m.sometimes(0.2):
        page["19"] = rng.choice(_NOTES)
    page["20"] = "no"
    if m.sometimes(0.07):
        page |= {"20": "yes", "20.charges": money(Decimal(rng.randint(1500, 60000)) / 100)}
    return bool(cause)


def _referral(m: _Making) -> None:
    rng, say, page = m.rng, m.say, m.page
    if not m.sometimes(0.6):
        return
    who = people.person(rng, (1950, 1990))
    middle = f" {who.middle}" if who.middle and m.sometimes(0.4) else ""
    page |= {
        "17.qualifier": rng.choice(("DN", "DN", "DK", "DQ")),
        "17": say.text(f"{who.first}{middle} {who.last}") + f" {rng.choice(_DEGREES[:4])}",
        "17b": people.npi(rng),
    }
    if m.sometimes(0.2):
        page |= {
            "17a.qualifier": rng.choice(("1G", "G2", "0B")),
            "17a": f"{rng.choice('ABCDG')}{rng.randint(10000, 99999)}",
        }


def _diagnoses(m: _Making, accident: object) -> str:
    """Items 21 to 23; the letters that lines may point to."""
    rng, page = m.rng, m.page
    count = rng.choice((1, 1, 2, 2, 3, 4, 4, 5, 7, 9, 12))
    found = codes.diagnoses(rng, count, page["3.sex"])
    if accident and count > 1:
        found[-1] = codes.external_cause(rng)
    letters = codes.POINTERS[:count]
    page["21.indicator"] = "0"
    page |= {
        f"21.{letter}": m.say.diagnosis(code) for letter, code in zip(letters, found, strict=True)
    }
    if m.sometimes(0.1):
        page |= {
            "22.code": rng.choice("78"),
            "22.original_ref": f"{rng.randrange(10**13):013d}",
        }
    if m.sometimes(0.25):
        page["23"] = rng.choice(
            (f"PA{rng.randrange(10**8):08d}", f"{rng.randint(10, 99)}D{rng.randrange(10**7):07d}")
        )
    return letters


def _provider(m: _Making, place_of_service: str) -> None:
    """Items 25 to 27 and 31 to 33b."""
    rng, say, page = m.rng, m.say, m.page
    doctor = people.person(rng, (1950, 1990))
    name = f"{rng.choice((doctor.last, 'NORTHSIDE', 'LAKEVIEW', 'TRI-COUNTY'))} "
    name += rng.choice(_PRACTICES)
    place, phone = people.address(rng), say.phone(people.phone(rng))
    own = rng.choice(("EIN", "EIN", "EIN", "SSN"))
    number = (people.employer_number if own == "EIN" else people.social_security_number)(rng)
    npi = people.npi(rng)
    letters = "".join(c for c in doctor.last if c.isalpha())[:4]
    accounts = (
        f"{letters}{rng.randint(1000, 9999)}",
        f"PT-{rng.randint(10000, 99999)}",
        f"{rng.randint(100000, 9999999)}",
    )
    signed = m.today - dt.timedelta(days=rng.randint(0, 9))
    page |= {
        "25": say.tax(number) if own == "EIN" else number,
        "25.type": own,
        "26": rng.choice(accounts),
        "27": "no" if m.sometimes(0.1) else "yes",
        "31.signature": say.text(f"{doctor.first} {doctor.last}") + f" {rng.choice(_DEGREES)}",
        "31.date": say.date(signed, short=m.sometimes(0.3)),
        "33.phone": phone,
        "33.1": say.text(name),
        "33.2": say.text(place.street),
        "33.3": say.city_line(place),
        "33a": npi,
    }
    if m.sometimes(0.2):
        page["33b"] = rng.choice((f"ZZ{codes.TAXONOMIES[0]}", f"G2A{rng.randint(10**6, 10**7)}"))
    if place_of_service != _HOME:
        other = m.sometimes(0.3)
        where = people.address(rng) if other else place
        page |= {
            "32.1": say.text(rng.choice(_PAYERS[:1]) + " CENTER" if other else name),
            "32.2": say.text(where.street),
            "32.3": say.city_line(where),
            "32a": people.npi(rng) if other else npi,
        }
        if m.sometimes(0.1):
            page["32b"] = f"G2{rng.randint(10**6, 10**7)}"


def _lines(m: _Making, service: dt.date, letters: str, place: str) -> None:
    """Item 24, and the totals in 28 and 29."""
    rng, page = m.rng, m.page
    count, total = rng.choice(_LINES), Decimal(0)
    rendering = people.npi(rng) if m.sometimes(0.6) else page["33a"]
    same_day = m.sometimes(0.8)
    taxonomy = rng.choice(codes.TAXONOMIES) if m.sometimes(0.15) else ""
    for number in range(1, count + 1):
        first = service + dt.timedelta(days=0 if same_day else rng.randint(0, 9))
        last = first + dt.timedelta(days=0 if same_day or m.sometimes(0.7) else 1)
        if last.month != first.month:
            last = first
        line = _line(m, letters, (first, last))
        line |= {"place_of_service": place, "rendering_npi": rendering}
        if taxonomy:
            line |= {"id_qualifier": "ZZ", "rendering_id": taxonomy}
        total += Decimal(line["charges"])
        page |= {f"24.{number}.{part}": text for part, text in line.items()}
    page["28"] = money(total)
    if m.sometimes(0.85):
        paid = rng.choice((0, 0, 0, 20, 35, 50)) if total > 50 else 0
        page["29"] = money(Decimal(paid))


def _line(m: _Making, letters: str, days: tuple[dt.date, dt.date]) -> dict[str, str]:
    rng, say = m.rng, m.say
    units = 2 if days[1] > days[0] else rng.choice((1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 10, 30))
    cents = 0 if m.sometimes(0.5) else rng.randrange(100)
    dollars = rng.choice((rng.randint(12, 99), rng.randint(100, 999), rng.randint(1000, 9999)))
    pointed = sorted(rng.sample(letters, min(len(letters), rng.randint(1, 4))))
    line = {
        "from": say.date(days[0], short=True),
        "to": say.date(days[1], short=True),
        "procedure": codes.procedure(rng),
        "pointer": "".join(pointed),
        "charges": money(Decimal(dollars) + Decimal(cents) / 100),
        "units": str(units),
    }
    found = codes.modifiers(rng)
    line |= {f"modifier{n}": modifier for n, modifier in enumerate(found, start=1)}
    if m.sometimes(0.06):
        line["emg"] = "Y"
    if m.sometimes(0.04):
        line["epsdt"] = rng.choice("YN")
    if m.sometimes(0.14):
        line["supplemental"] = codes.ndc(rng)
    return line
