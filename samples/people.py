"""Made-up people and places: nobody lives here, but the parts look as on real paper."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

_FEMALE = (
    "MARY ANNA LINDA SUSAN KAREN LISA NANCY BETTY SANDRA ASHLEY EMILY DONNA MICHELLE CAROL "
    "AMANDA MELISSA DEBORAH STEPHANIE REBECCA LAURA CYNTHIA AMY KATHLEEN ANGELA SHIRLEY BRENDA "
    "PAMELA NICOLE HEATHER SAMANTHA CHRISTINE RACHEL JANET OLIVIA QUINN ZOE XIMENA YVONNE VERA "
    "INES UNA WILMA FAITH GRETA"
).split()
_MALE = (
    "JAMES ROBERT JOHN MICHAEL DAVID WILLIAM RICHARD JOSEPH THOMAS CHARLES DANIEL MATTHEW "
    "ANTHONY MARK DONALD STEVEN PAUL ANDREW JOSHUA KENNETH KEVIN BRIAN GEORGE TIMOTHY RONALD "
    "EDWARD JASON JEFFREY RYAN JACOB GARY NICHOLAS ERIC JONATHAN STEPHEN LARRY JUSTIN SCOTT "
    "BRANDON FELIX XAVIER ZACHARY QUENTIN IVAN ULYSSES WADE"
).split()
_LAST = (
    "SMITH JOHNSON WILLIAMS BROWN JONES GARCIA MILLER DAVIS RODRIGUEZ MARTINEZ HERNANDEZ LOPEZ "
    "GONZALEZ WILSON ANDERSON TAYLOR MOORE JACKSON MARTIN LEE PEREZ THOMPSON WHITE HARRIS "
    "SANCHEZ CLARK RAMIREZ LEWIS ROBINSON WALKER YOUNG ALLEN KING WRIGHT SCOTT TORRES NGUYEN "
    "HILL FLORES GREEN ADAMS NELSON BAKER HALL RIVERA CAMPBELL MITCHELL CARTER ROBERTS O'BRIEN "
    "MCDONALD ZIMMERMAN QUIGLEY XIONG VASQUEZ UNDERWOOD FITZGERALD SMITH-JONES DE_LA_CRUZ KOWALSKI "
    "OUYANG YBARRA JEFFERS"
).split()
_STREETS = (
    "OAK MAPLE CEDAR PINE ELM WASHINGTON LAKE HILL WALNUT SPRING NORTH RIDGE CHURCH WILLOW MILL "
    "SUNSET RAILROAD JACKSON CHERRY HIGHLAND JOHNSON QUARRY FOX_HOLLOW JUNIPER VALLEY_VIEW"
).split()
_ENDINGS = "ST AVE RD DR LN CT BLVD STREET AVENUE ROAD LANE WAY PL TRAIL TERRACE PARKWAY".split()
#: cities with their state and one of their ZIP codes, so that addresses hold together
_CITIES = (
    ("SPRINGFIELD", "IL", "62704"),
    ("PEORIA", "IL", "61604"),
    ("COLUMBUS", "OH", "43215"),
    ("DAYTON", "OH", "45402"),
    ("AUSTIN", "TX", "78701"),
    ("EL PASO", "TX", "79901"),
    ("TULSA", "OK", "74103"),
    ("ALBANY", "NY", "12207"),
    ("BUFFALO", "NY", "14202"),
    ("PITTSBURGH", "PA", "15222"),
    ("SCRANTON", "PA", "18503"),
    ("TAMPA", "FL", "33602"),
    ("OCALA", "FL", "34471"),
    ("ATLANTA", "GA", "30303"),
    ("SAVANNAH", "GA", "31401"),
    ("BOISE", "ID", "83702"),
    ("SEATTLE", "WA", "98101"),
    ("SPOKANE", "WA", "99201"),
    ("PORTLAND", "OR", "97205"),
    ("DENVER", "CO", "80202"),
    ("PHOENIX", "AZ", "85004"),
    ("TUCSON", "AZ", "85701"),
    ("FRESNO", "CA", "93721"),
    ("OAKLAND", "CA", "94612"),
    ("LANSING", "MI", "48933"),
    ("MADISON", "WI", "53703"),
    ("DES MOINES", "IA", "50309"),
    ("OMAHA", "NE", "68102"),
    ("SAINT LOUIS", "MO", "63101"),
    ("NEWARK", "NJ", "07102"),
    ("BOSTON", "MA", "02108"),
    ("PROVIDENCE", "RI", "02903"),
    ("RICHMOND", "VA", "23219"),
    ("CHARLOTTE", "NC", "28202"),
    ("NASHVILLE", "TN", "37203"),
    ("LOUISVILLE", "KY", "40202"),
)
_SUFFIXES = ("JR", "SR", "II", "III")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up; upper case throughout, `sex` is M or F."""

    last: str
    first: str
    middle: str
    suffix: str
    sex: str
    born: dt.date


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody made up lives or works; the ZIP code is of the city."""

    street: str
    city: str
    state: str
    zip: str


def person(rng: random.Random, born: tuple[int, int] = (1936, 2020)) -> Person:
    """Somebody born in the years given."""
    sex = rng.choice("MF")
    day = dt.date(rng.randint(*born), 1, 1) + dt.timedelta(days=rng.randrange(365))
    return Person(
        last=rng.choice(_LAST).replace("_", " "),
        first=rng.choice(_FEMALE if sex == "F" else _MALE),
        middle=rng.choice("ABCDEFGHIJKLMNOPQRSTVWYZ") if rng.random() < 0.5 else "",
        suffix=rng.choice(_SUFFIXES) if sex == "M" and rng.random() < 0.06 else "",
        sex=sex,
        born=day,
    )


def address(rng: random.Random) -> Address:
    """An address; one ZIP code in six has its last four."""
    street = f"{rng.randint(1, 9999)} {rng.choice(_STREETS)} {rng.choice(_ENDINGS)}"
    if rng.random() < 0.2:
        street += f" {rng.choice(('APT', 'UNIT', 'STE', '#'))} {rng.randint(1, 40)}"
        street += rng.choice(("", "", "A", "B"))
    if rng.random() < 0.05:
        street = f"PO BOX {rng.randint(10, 99999)}"
    city, state, zip_code = rng.choice(_CITIES)
    if rng.random() < 0.17:
        zip_code += f"-{rng.randint(1000, 9999)}"
    return Address(street.replace("_", " "), city, state, zip_code)


def phone(rng: random.Random) -> tuple[str, str]:
    """An area code and seven digits."""
    area = f"{rng.randint(2, 9)}{rng.randint(0, 8)}{rng.randint(0, 9)}"
    return area, f"{rng.randint(200, 999)}{rng.randint(0, 9999):04d}"


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` pass the Luhn test (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def npi(rng: random.Random) -> str:
    """A National Provider Identifier whose check digit is right (80840 goes in front)."""
    body = f"{rng.choice('12')}{rng.randrange(10**8):08d}"
    return body + luhn_digit("80840" + body)


def tax_id(rng: random.Random) -> str:
    """Nine digits, as an employer's."""
    return f"{rng.randint(10, 99)}{rng.randrange(10**7):07d}"


def mbi(rng: random.Random) -> str:
    """A Medicare beneficiary identifier: its eleven places are of fixed kinds, no S L O I B Z."""
    letter, digit = "ACDEFGHJKMNPQRTUVWXY", "0123456789"
    kinds = ("123456789", letter, letter + digit, digit, letter, letter + digit, digit)
    return "".join(rng.choice(k) for k in (*kinds, letter, letter, digit, digit))
