"""How a practice's software words what it prints: dates, names, money, numbers."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from samples.codes import dotted
from samples.people import Address, Person

Separator: TypeAlias = Literal[" ", "/", "-", ""]


@dataclass(frozen=True, slots=True)
class Wording:
    """One program's habits.

    Attributes:
        dates: what stands between month, day and year.
        names: what stands between last, first and middle name.
        phones: what stands within the seven digits of a phone number.
        tax_dash: the employer's number as 12-3456789.
        points: diagnoses with their point.
        mixed: names and addresses in upper and lower case.
    """

    dates: Separator = " "
    names: Literal[", ", " ", ","] = ", "
    phones: Literal["-", "", " "] = "-"
    tax_dash: bool = False
    points: bool = False
    mixed: bool = False

    def date(self, day: dt.date, *, short: bool = False) -> str:
        """MM DD YYYY, or with two figures for the year."""
        year = "%y" if short else "%Y"
        return day.strftime(f"%m{self.dates}%d{self.dates}{year}")

    def text(self, words: str) -> str:
        """Words of names and addresses in this program's case."""
        return words.title() if self.mixed else words

    def name(self, who: Person) -> str:
        """Last, first, middle, as item 2 has it."""
        last = f"{who.last} {who.suffix}".strip()
        return self.text(self.names.join(p for p in (last, who.first, who.middle) if p))

    def city_line(self, place: Address) -> str:
        """City, state and ZIP code on one line."""
        return f"{self.text(place.city)} {place.state} {place.zip}"

    def phone(self, number: tuple[str, str]) -> str:
        """Area code and number, as between and after printed brackets."""
        area, digits = number
        return f"{area} {digits[:3]}{self.phones}{digits[3:]}"

    def tax(self, number: str) -> str:
        """A tax ID, with its dash or not."""
        return f"{number[:2]}-{number[2:]}" if self.tax_dash else number

    def diagnosis(self, code: str) -> str:
        """A diagnosis, with its point or not."""
        return dotted(code) if self.points else code


def money(amount: Decimal) -> str:
    """An amount as truth has it: dollars, point, two digits of cents."""
    return f"{amount:.2f}"


def random_wording(rng: random.Random) -> Wording:
    """Some program's habits, common ones often."""
    dates: tuple[Separator, ...] = (" ", " ", " ", " ", " ", " ", "/", "", "-")
    return Wording(
        dates=rng.choice(dates),
        names=rng.choice((", ", ", ", ", ", " ", ",")),
        phones=rng.choice(("-", "-", "", " ")),
        tax_dash=rng.random() < 0.4,
        points=rng.random() < 0.12,
        mixed=rng.random() < 0.1,
    )
