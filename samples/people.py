"""Made-up people and places: nobody lives here, but the parts look as on real paper."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass
from importlib import resources
from typing import Any

#: words to make people of; cities have their state and one of their ZIP codes
_WORDS: dict[str, list[Any]] = json.loads(
    (resources.files("samples") / "data" / "people.json").read_text(encoding="utf-8")
)
#: first two digits of employers' numbers
_PREFIXES = (*range(10, 17), *range(20, 28), *range(30, 49), *range(50, 69), *range(71, 78))
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
        last=rng.choice(_WORDS["last"]),
        first=rng.choice(_WORDS["female" if sex == "F" else "male"]),
        middle=rng.choice("ABCDEFGHIJKLMNOPQRSTVWYZ") if rng.random() < 0.5 else "",
        suffix=rng.choice(_SUFFIXES) if sex == "M" and rng.random() < 0.06 else "",
        sex=sex,
        born=day,
    )


def address(rng: random.Random) -> Address:
    """An address; one ZIP code in six has its last four."""
    street = f"{rng.randint(1, 9999)} {rng.choice(_WORDS['streets'])} "
    street += rng.choice(_WORDS["endings"])
    if rng.random() < 0.2:
        street += f" {rng.choice(('APT', 'UNIT', 'STE', '#'))} {rng.randint(1, 40)}"
        street += rng.choice(("", "", "A", "B"))
    if rng.random() < 0.05:
        street = f"PO BOX {rng.randint(10, 99999)}"
    city, state, zip_code = rng.choice(_WORDS["cities"])
    if rng.random() < 0.17:
        zip_code += f"-{rng.randint(1000, 9999)}"
    return Address(street, city, state, zip_code)


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


def employer_number(rng: random.Random) -> str:
    """An employer's tax ID, nine digits, with a prefix that is given out."""
    return f"{rng.choice(_PREFIXES)}{rng.randrange(10**7):07d}"


def social_security_number(rng: random.Random) -> str:
    """Nine digits, no group of them all zeros, no area that is not given out."""
    area = rng.choice((rng.randint(1, 665), rng.randint(667, 899)))
    return f"{area:03d}{rng.randint(1, 99):02d}{rng.randint(1, 9999):04d}"


def mbi(rng: random.Random) -> str:
    """A Medicare beneficiary identifier: its eleven places are of fixed kinds, no S L O I B Z."""
    letter, digit = "ACDEFGHJKMNPQRTUVWXY", "0123456789"
    kinds = ("123456789", letter, letter + digit, digit, letter, letter + digit, digit)
    return "".join(rng.choice(k) for k in (*kinds, letter, letter, digit, digit))
