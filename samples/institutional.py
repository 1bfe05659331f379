"""Made-up claims of hospitals: what stands on a UB-04, one page or more."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from samples import codes, people
from samples.wording import Wording, money

#: service lines on one page; the 23rd holds page numbers and totals
LINES = 22
_HOSPITALS = ("MEDICAL CENTER", "REGIONAL HEALTH", "MEMORIAL HOSP", "GENERAL HOSPITAL", "CLINIC")
_PAYERS = ("MEDICARE", "HARBOR HEALTH PLAN", "GREAT LAKES MUTUAL", "SUMMIT CARE PPO", "TRICARE")
_SECOND = ("PRAIRIE STATES SUPPL", "EVERGREEN BENEFIT")
_GROUPS = ("ACME CORP", "TEACHERS", "STATE WORKERS", "LOCAL 212")
_REMARKS = ("SECOND SUBMISSION", "AUTO ACCIDENT CLAIM", "RECORDS ATTACHED", "LATE ENTRY OF CHARGES")
_CONDITIONS = ("02", "07", "09", "17", "20", "44", "A6", "C1")
_OCCURRENCES = ("01", "05", "11", "A1", "24")
_VALUES = ("01", "37", "54", "A1", "D3")
_COLUMNS = "ABCDEFGHIJKLMNOPQ"


@dataclass(slots=True)
class _Making:
    """A claim in the making; `first` and `last` are the days it covers."""

    rng: random.Random
    say: Wording
    inpatient: bool
    first: dt.date
    last: dt.date
    page: dict[str, str]

    def sometimes(self, share: float) -> bool:
        return self.rng.random() < share


def _day(day: dt.date) -> str:
    return day.strftime("%m%d%y")


def claim(
    rng: random.Random, wording: Wording, today: dt.date, *, lines: int = 0
) -> tuple[dict[str, str], ...]:
    """What is printed on each page, by field id; `lines` 0 leaves their number to chance."""
    inpatient = rng.random() < 0.45
    first = today - dt.timedelta(days=rng.randint(15, 120))
    last = first + dt.timedelta(days=rng.randint(1, 9) if inpatient else 0)
    making = _Making(rng, wording, inpatient, first, last, {})
    _hospital(making)
    _stay(making)
    _payers(making)
    _diagnoses(making)
    _doctors(making)
    count = lines or rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 11, 15, 22))
    created = min(today, last + dt.timedelta(days=rng.randint(1, 9)))
    return _pages(making, _lines(making, count), created)


def _hospital(m: _Making) -> None:
    rng, say = m.rng, m.say
    name, place = people.person(rng).last, people.address(rng)
    area, digits = people.phone(rng)
    m.page |= {
        "1.1": say.text(f"{name} {rng.choice(_HOSPITALS)}")[:25].strip(),
        "1.2": say.text(place.street)[:25].strip(),
        "1.3": say.city_line(place)[:25].strip(),
        "1.4": area + digits,
        "3a": f"{rng.choice(('', '', 'V', 'AC'))}{rng.randint(10**6, 10**9)}",
        "5": say.tax(people.employer_number(rng)),
        "56": people.npi(rng),
        "81a.qual": "B3",
        "81a.code": rng.choice(codes.TAXONOMIES),
    }
    if m.sometimes(0.8):
        m.page["3b"] = f"{rng.randint(10**5, 10**7)}"
    if m.sometimes(0.12):
        other = people.address(rng)
        m.page |= {
            "2.1": say.text(f"{name} BILLING OFFICE")[:25].strip(),
            "2.2": say.text(other.street)[:25].strip(),
            "2.3": say.city_line(other)[:25].strip(),
        }


def _stay(m: _Making) -> None:
    """FL4 to FL41: the bill, the patient, the stay, the codes."""
    rng, say, page = m.rng, m.say, m.page
    patient, home = people.person(rng), people.address(rng)
    frequency = rng.choice("1111147")
    page |= {
        "4": f"0{'11' if m.inpatient else '13'}{frequency}",
        "6.from": _day(m.first),
        "6.thru": _day(m.last),
        "8b": say.name(patient)[:29].strip(),
        "9a": say.text(home.street),
        "9b": say.text(home.city),
        "9c": home.state,
        "9d": home.zip.replace("-", ""),
        "10": patient.born.strftime("%m%d%Y"),
        "11": patient.sex,
        "14": rng.choice("123"),
        "15": rng.choice("1245"),
        "17": rng.choice(("01", "01", "03", "06")) if frequency != "2" else "30",
    }
    if m.sometimes(0.15):
        page["8a"] = f"{rng.randint(10**6, 10**9)}"
    if m.inpatient:
        page |= {
            "12": _day(m.first),
            "13": f"{rng.randrange(24):02d}",
            "16": f"{rng.randrange(24):02d}",
        }
    if frequency == "7":
        page["64A"] = f"{rng.randrange(10**13):013d}"
    found = sorted(rng.sample(_CONDITIONS, rng.choice((0, 0, 1, 1, 2, 3))))
    page |= {str(18 + n): code for n, code in enumerate(found)}
    for column, code in enumerate(rng.sample(_OCCURRENCES, rng.choice((0, 1, 1, 2, 3)))):
        page |= {f"{31 + column}a.code": code, f"{31 + column}a.date": _day(m.first)}
        if code == "01":
            page["29"] = home.state
    if m.sometimes(0.15):
        page |= {"35a.code": "72", "35a.from": _day(m.first), "35a.thru": _day(m.last)}
    if m.sometimes(0.35):
        page["38"] = say.name(patient)
    days = (m.last - m.first).days
    values = [("80", Decimal(days))] if m.inpatient else []
    values += [
        (code, Decimal(rng.randint(400, 240000)) / 100)
        for code in rng.sample(_VALUES, rng.choice((0, 0, 1, 1, 2, 3, 5)))
    ]
    for place, (code, amount) in zip(
        (f"{c}{row}" for row in "ab" for c in (39, 40, 41)), values, strict=False
    ):
        page |= {f"{place}.code": code, f"{place}.amt": money(amount)}


def _payers(m: _Making) -> None:
    """FL50 to FL65: one payer, or two."""
    rng, page = m.rng, m.page
    first = rng.choice(_PAYERS)
    names = [first] + ([rng.choice(_SECOND)] if m.sometimes(0.25) else [])
    for row, payer in zip("ABC", names, strict=False):
        page |= {
            f"50{row}": payer,
            f"51{row}": f"{rng.randint(10000, 99999)}",
            f"52{row}": rng.choice("YYYI"),
            f"53{row}": "Y",
            f"58{row}": page["8b"],
            f"59{row}": "18",
            f"60{row}": people.mbi(rng) if payer == "MEDICARE" else _member(rng),
        }
        if m.sometimes(0.6) and payer != "MEDICARE":
            page |= {f"61{row}": rng.choice(_GROUPS), f"62{row}": f"{rng.randint(10000, 999999)}"}
    if len(names) > 1:
        page["54B"] = money(Decimal(rng.randint(1000, 90000)) / 100)
    if m.sometimes(0.1):
        page["55A"] = money(Decimal(rng.randint(1000, 900000)) / 100)
    if m.sometimes(0.3):
        page["63A"] = f"AUTH{rng.randrange(10**7):07d}"
    if m.sometimes(0.1):
        page["65A"] = page.get("61A", "ACME CORP")


def _member(rng: random.Random) -> str:
    return f"{rng.choice(('', 'X', 'Y', 'ZGP'))}{rng.randrange(10**9):09d}"


def _diagnoses(m: _Making) -> None:
    """FL66 to FL74."""
    rng, say, page = m.rng, m.say, m.page
    count = rng.choice((1, 2, 3, 4, 6, 9, 13, 18))
    found = codes.diagnoses(rng, count, page["11"])
    ids = ["67", *(f"67{c}" for c in _COLUMNS)][:count]
    page["66"] = "0"
    for field, code in zip(ids, found, strict=True):
        page[field] = say.diagnosis(code)
        if m.inpatient:
            page[f"{field}.poa"] = rng.choice("YYYYYNUW")
    if m.inpatient:
        page["69"] = say.diagnosis(found[0])
        if m.sometimes(0.7):
            page["71"] = f"{rng.randint(1, 989):03d}"
    else:
        reasons = codes.diagnoses(rng, rng.choice((1, 1, 2)), page["11"])
        page |= {f"70{c}": say.diagnosis(r) for c, r in zip("abc", reasons, strict=False)}
    if m.sometimes(0.2):
        page["72a"] = say.diagnosis(codes.external_cause(rng))
        if m.inpatient:
            page["72a.poa"] = rng.choice("YN")
    if m.inpatient and m.sometimes(0.7):
        for suffix in ("", "a", "b")[: rng.randint(1, 3)]:
            page |= {f"74{suffix}.code": codes.icd10pcs(rng), f"74{suffix}.date": _day(m.first)}


def _doctors(m: _Making) -> None:
    """FL76 to FL80."""
    rng, say, page = m.rng, m.say, m.page
    wanted = [("76", ""), *([("77", "")] if "74.code" in page else [])]
    if m.sometimes(0.12):
        wanted.append(("78", rng.choice(("DN", "82", "ZZ"))))
    for item, kind in wanted:
        who = people.person(rng, (1950, 1990))
        page |= {
            f"{item}.npi": people.npi(rng),
            f"{item}.last": say.text(who.last),
            f"{item}.first": say.text(who.first),
        }
        if kind:
            page[f"{item}.type"] = kind
        if m.sometimes(0.1):
            page |= {f"{item}.qual": "G2", f"{item}.id": f"{rng.randint(10**5, 10**7)}"}
    if m.sometimes(0.15):
        page["80.2"] = rng.choice(_REMARKS)


def _lines(m: _Making, count: int) -> list[dict[str, str]]:
    """FL42 to FL48 of each service line, revenue codes rising."""
    rng = m.rng
    rooms = [r for r in codes.REVENUE if r[0] in codes.ROOMS]
    others = [r for r in codes.REVENUE if r[0] not in codes.ROOMS]
    found = [rng.choice(rooms)] if m.inpatient else []
    found += sorted(rng.choice(others) for _ in range(count - len(found)))
    return [_line(m, code, words, room=code in codes.ROOMS) for code, words in found]


def _line(m: _Making, code: str, words: str, *, room: bool) -> dict[str, str]:
    rng = m.rng
    units = (m.last - m.first).days if room else rng.choice((1, 1, 1, 2, 3, 5, 12))
    charge = Decimal(rng.randint(800, 899999)) / 100
    line = {"42": code, "43": words, "46": str(units)}
    if room:
        rate = Decimal(rng.randint(400, 2900))
        charge = rate * units
        line["44"] = money(rate)
    elif not m.inpatient or m.sometimes(0.15):
        line["44"] = codes.procedure(rng) + "".join(codes.modifiers(rng)[:2])
        line["45"] = _day(m.first)
    if code == "0636" and m.sometimes(0.5):
        line["43"] = codes.ndc(rng).replace(" ", "")
    line["47"] = money(charge)
    if m.sometimes(0.08):
        line["48"] = money(Decimal(int(charge * rng.randint(1, 9) / 10)))
    return line


def _pages(m: _Making, lines: list[dict[str, str]], created: dt.date) -> tuple[dict[str, str], ...]:
    """Header and lines on each page; the totals stand on the last."""
    parts = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    pages = []
    for number, part in enumerate(parts, start=1):
        page = dict(m.page)
        for row, line in enumerate(part, start=1):
            page |= {f"{item}.{row}": text for item, text in line.items()}
        page |= {"43.23.page": str(number), "43.23.of": str(len(parts)), "45.23": _day(created)}
        if number == len(parts):
            page["42.23"] = "0001"
            page["47.23"] = money(sum((Decimal(x["47"]) for x in lines), Decimal(0)))
            uncovered = sum((Decimal(x.get("48", "0")) for x in lines), Decimal(0))
            if uncovered:
                page["48.23"] = money(uncovered)
        pages.append(page)
    return tuple(pages)
